package org.variational.algorithm.nested;

import java.util.Arrays;
import java.util.List;
import org.variational.structure.Colouring;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;

/**
 * Averages of a log density, its gradient and its Hessian over a Gaussian of the inner coordinates, by three points of
 * Gauss-Hermite along each of some directions that are independent under the Gaussian.
 *
 * <p>The last coordinates in the order of elimination that have a colour to themselves, such as means of groups and
 * fixed effects, are shared: one move of such a coordinate takes all earlier ones along, as the Gaussian predicts them
 * from it. So a mean and the effects around it, which are known only by their sum, move in opposite directions, and the
 * sum stays. The others, given the shared ones, move alone and together with all of their colour.
 *
 * <p>This is exact to the order of three points where the log density is quadratic plus functions of single
 * coordinates, as for latent series and lattices, or of sums of one coordinate and shared ones that are known well.
 */
final class GaussianAverages {

    private static final double REACH = Math.sqrt(3);

    private final Evaluations evaluations;
    private final FactorPattern pattern;
    private final Curvature curvature;
    private final Colouring colouring;
    private final SparseCholesky algebra;
    private final int[] inner;
    /** The number of coordinates that are not shared; theirs are the first positions. */
    private final int own;

    GaussianAverages(Evaluations evaluations, FactorPattern pattern) {
        this.evaluations = evaluations;
        this.pattern = pattern;
        this.curvature = new Curvature(evaluations, pattern);
        this.colouring = evaluations.structure().colouring();
        this.algebra = new SparseCholesky(pattern);
        this.inner = evaluations.structure().inner();
        int first = inner.length;
        while (first > 0 && colouring.isAlone(pattern.node(first - 1))) {
            first--;
        }
        this.own = first == 0 ? inner.length : first;
    }

    /**
     * What the log density is on average.
     *
     * @param entries the average negative Hessian: the lower triangle of the permuted matrix
     * @param gradient the average gradient by the inner coordinates
     * @param logDensity the average log density
     * @param thirds by inner coordinate, the third derivative along it; for a shared one along its move, per unit of
     *     the coordinate
     * @param deviations the standard deviations of the inner coordinates; of those that are not shared, given these
     */
    record Averages(double[] entries, double[] gradient, double logDensity, double[] thirds, double[] deviations) {}

    /**
     * The averages over a Gaussian.
     *
     * @param mean a whole point, all coordinates
     * @param factor the factor of the precision of the inner coordinates
     */
    Averages around(double[] mean, double[] factor) {
        double[] covariances = ownCovariances(factor);
        double[] deviations = new double[inner.length];
        for (int position = 0; position < own; position++) {
            deviations[pattern.node(position)] = Math.sqrt(covariances[pattern.start(position)]);
        }
        double[][] moves = sharedMoves(factor);
        for (double[] move : moves) {
            for (int position = own; position < inner.length; position++) {
                int node = pattern.node(position);
                deviations[node] = Math.hypot(deviations[node], move[node]);
            }
        }
        return averages(evaluate(mean, deviations, moves), covariances, deviations, moves);
    }

    /**
     * By inner coordinate the fourth derivative along it, from what the curvature at the mean is less than on average;
     * 0 for shared coordinates.
     *
     * @param mean what the averages are around
     */
    double[] fourths(double[] mean, Averages averages) {
        double[] here = curvature.at(List.of(mean), List.of(averages.deviations()))[0];
        double[] fourths = new double[inner.length];
        for (int position = 0; position < own; position++) {
            int node = pattern.node(position);
            int entry = pattern.start(position);
            double deviation = averages.deviations()[node];
            fourths[node] = 2 * (here[entry] - averages.entries()[entry]) / (deviation * deviation);
        }
        return fourths;
    }

    /** The covariances of the coordinates that are not shared, given those that are; no more than on the pattern. */
    private double[] ownCovariances(double[] factor) {
        double[] conditional = factor.clone();
        for (int column = 0; column < inner.length; column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                if (pattern.row(entry) >= own) {
                    conditional[entry] = pattern.row(entry) == column ? 1 : 0;
                }
            }
        }
        double[] covariances = new double[pattern.entries()];
        algebra.selectedInverse(conditional, 1, covariances);
        return covariances;
    }

    /** By shared coordinate, how all inner ones move with one standard deviation of what later ones leave of it. */
    private double[][] sharedMoves(double[] factor) {
        double[][] moves = new double[inner.length - own][inner.length];
        for (int s = 0; s < moves.length; s++) {
            double[] x = new double[inner.length];
            x[own + s] = 1;
            algebra.solveTransposed(factor, 1, x);
            for (int position = 0; position < x.length; position++) {
                moves[s][pattern.node(position)] = x[position];
            }
        }
        return moves;
    }

    /** For each direction a point on each side, and the mean as the last point. */
    private Evaluations.Batch evaluate(double[] mean, double[] deviations, double[][] moves) {
        Evaluations.Batch batch = evaluations.batch();
        double[] reach = deviations.clone();
        Arrays.setAll(reach, i -> REACH * reach[i]);
        for (int colour = 0; colour < colouring.count(); colour++) {
            if (!isShared(colour)) {
                curvature.addColour(batch, colour, mean, reach);
            }
        }
        for (double[] move : moves) {
            for (int sign = 1; sign >= -1; sign -= 2) {
                double[] moved = mean.clone();
                for (int i = 0; i < move.length; i++) {
                    moved[inner[i]] += sign * REACH * move[i];
                }
                batch.add(moved);
            }
        }
        batch.add(mean);
        batch.evaluate();
        return batch;
    }

    private boolean isShared(int colour) {
        for (int position = own; position < inner.length; position++) {
            if (colouring.colour(pattern.node(position)) == colour) {
                return true;
            }
        }
        return false;
    }

    private Averages averages(Evaluations.Batch batch, double[] covariances, double[] deviations, double[][] moves) {
        int d = inner.length;
        int centre = batch.size() - 1;
        double[] here = new double[d];
        batch.innerGradient(centre, here);
        double[] gradient = here.clone();
        double logDensity = batch.logDensity(centre);
        double[] thirds = new double[d];
        double[][] slopes = new double[colouring.count()][d];
        double[][] sharedSlopes = new double[moves.length][d];
        double[] up = new double[d];
        double[] down = new double[d];
        int lane = 0;
        for (int direction = 0; lane < centre; lane += 2) {
            batch.innerGradient(lane, up);
            batch.innerGradient(lane + 1, down);
            logDensity += (batch.logDensity(lane) + batch.logDensity(lane + 1) - 2 * batch.logDensity(centre)) / 6;
            boolean shared = lane >= centre - 2 * moves.length;
            while (!shared && isShared(direction)) {
                direction++;
            }
            int s = (lane - centre) / 2 + moves.length;
            double[] slope = shared ? sharedSlopes[s] : slopes[direction];
            double bent = 0;
            for (int i = 0; i < d; i++) {
                double second = up[i] + down[i] - 2 * here[i];
                gradient[i] += second / 6;
                slope[i] = (down[i] - up[i]) / 2;
                if (shared) {
                    bent += second * moves[s][i] / 3;
                } else if (colouring.colour(i) == direction) {
                    thirds[i] = second / (3 * deviations[i] * deviations[i]);
                }
            }
            if (shared) {
                int node = pattern.node(own + s);
                thirds[node] = bent / Math.pow(moves[s][node], 3);
            }
            direction++;
        }
        double[] taken = deviations.clone();
        Arrays.setAll(taken, i -> REACH * taken[i]);
        double[] entries = curvature.entries(slopes, taken);
        addShared(entries, sharedSlopes, moves);
        return new Averages(entries, gradient, logDensity - coupling(entries, covariances), thirds, deviations);
    }

    /** What pairs of coordinates that moved apart contribute, taken as quadratic. */
    private double coupling(double[] entries, double[] covariances) {
        double coupling = 0;
        for (int column = 0; column < own; column++) {
            for (int entry = pattern.start(column) + 1; entry < pattern.end(column); entry++) {
                coupling += entries[entry] * covariances[entry];
            }
        }
        return coupling;
    }

    /**
     * Sets the entries in the rows of shared coordinates, of which the products with the moves are known: {@code B V =
     * Y} with the part of V by the shared coordinates upper triangular.
     */
    private void addShared(double[] entries, double[][] slopes, double[][] moves) {
        int shared = moves.length;
        double[][] left = new double[inner.length][shared];
        for (int position = 0; position < inner.length; position++) {
            for (int s = 0; s < shared; s++) {
                left[position][s] = slopes[s][pattern.node(position)] / REACH;
            }
        }
        for (int column = 0; column < own; column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                int row = pattern.row(entry);
                for (int s = 0; s < shared && row < own; s++) {
                    left[row][s] -= entries[entry] * moves[s][pattern.node(column)];
                    left[column][s] -= row == column ? 0 : entries[entry] * moves[s][pattern.node(row)];
                }
            }
        }
        for (int column = 0; column < own; column++) {
            solve(left[column], moves);
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                int row = pattern.row(entry);
                if (row >= own) {
                    entries[entry] = curvature.isEntry(entry) ? left[column][row - own] : 0;
                    for (int s = 0; s < shared; s++) {
                        left[row][s] -= entries[entry] * moves[s][pattern.node(column)];
                    }
                }
            }
        }
        for (int position = own; position < inner.length; position++) {
            solve(left[position], moves);
        }
        for (int column = own; column < inner.length; column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                int row = pattern.row(entry);
                entries[entry] = curvature.isEntry(entry) ? (left[row][column - own] + left[column][row - own]) / 2 : 0;
            }
        }
    }

    /** Solves {@code x V = y} in place, with V the upper triangle of the moves of shared coordinates. */
    private void solve(double[] x, double[][] moves) {
        for (int s = 0; s < x.length; s++) {
            for (int t = 0; t < s; t++) {
                x[s] -= x[t] * moves[s][pattern.node(own + t)];
            }
            x[s] /= moves[s][pattern.node(own + s)];
        }
    }
}
