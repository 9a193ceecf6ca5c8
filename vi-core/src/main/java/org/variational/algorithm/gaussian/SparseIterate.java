package org.variational.algorithm.gaussian;

import java.util.Arrays;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.variational.algorithm.Task;
import org.variational.estimator.GuardedDensity;
import org.variational.family.SparseGaussian;
import org.variational.random.NormalDraws;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;
import org.variational.structure.SparseFactor;

/**
 * A Gaussian with a sparse precision {@code Lambda = L L'}: its mean, the precision where it has entries, and L.
 *
 * <p>Draws come in antithetic pairs. With {@code r = g + Lambda (z - m)}, zero at a Gaussian target that has been
 * reached, the odd parts of r give the expected slopes {@code E_q[Hessian of log p] + Lambda} by
 * {@link SteinRegression}, the even parts {@code E_q r = E_q g}.
 */
final class SparseIterate extends GaussianIterate {

    /** A new precision lies between these multiples of the old one. */
    private static final double LEAST_RATIO = 0.3;

    private static final double LARGEST_RATIO = 4;
    private static final int MOST_HALVINGS = 20;
    private static final int LANES = 3;

    private final SparseGaussian family;
    private final FactorPattern pattern;
    private final SparseCholesky cholesky;
    private final SteinRegression regression;
    private final NormalDraws draws;
    private final DMatrixRMaj noise;
    private final DMatrixRMaj points;
    private final DMatrixRMaj gradients;
    private final double[] values;
    private double[] mean;
    private double[] precision;
    private double[] factor;
    private int pairs;
    private double mismatch;
    /** D x pairs: displacements from the mean, and the odd parts of r there. */
    private double[] odd = {};

    private double[] field = {};
    private double[] meanField = {};

    /**
     * A Gaussian at a place, with independent coordinates.
     *
     * @param batchSize the draws of a batch, an even number
     */
    SparseIterate(
            SparseGaussian family, SteinRegression regression, Task.Start place, NormalDraws draws, int batchSize) {
        int d = family.dimension();
        this.family = family;
        this.pattern = family.pattern();
        this.cholesky = new SparseCholesky(pattern);
        this.regression = regression;
        this.draws = draws;
        this.noise = new DMatrixRMaj(d, batchSize);
        this.points = new DMatrixRMaj(d, batchSize);
        this.gradients = new DMatrixRMaj(d, batchSize);
        this.values = new double[batchSize];
        this.mean = place.mean();
        this.precision = new double[pattern.entries()];
        this.factor = new double[pattern.entries()];
        adopt(family.initialParameters(mean, Objects.requireNonNull(place.standardDeviation())));
    }

    @Override
    void draw(long index, GuardedDensity target) {
        int d = family.dimension();
        int lanes = noise.numCols;
        draws.fill(index, noise);
        SparseFactor root = new SparseFactor(pattern, factor);
        System.arraycopy(noise.data, 0, points.data, 0, d * lanes);
        root.solveTransposed(points.data, lanes);
        double[] displacements = points.data.clone();
        for (int at = 0; at < d * lanes; at++) {
            points.data[at] += mean[at / lanes];
        }
        target.evaluate(points, values, gradients);
        // in units of the Gaussian, as the mismatch is measured: L^-1 g + eps
        root.solve(gradients.data, lanes);
        for (int at = 0; at < d * lanes; at++) {
            gradients.data[at] += noise.data[at];
        }
        keepPairs(displacements, lanes);
        root.multiply(field, pairs);
        root.multiply(meanField, 1);
    }

    /** Splits what is known at the pairs that can be used into its odd parts, and the mean of its even parts. */
    private void keepPairs(double[] displacements, int lanes) {
        int d = family.dimension();
        int[] kept = new int[lanes / 2];
        pairs = 0;
        for (int s = 0; s < lanes; s += 2) {
            if (Double.isFinite(values[s]) && Double.isFinite(values[s + 1])) {
                kept[pairs++] = s;
            }
        }
        odd = new double[d * pairs];
        field = new double[d * pairs];
        meanField = new double[d];
        double squares = 0;
        for (int i = 0, to = 0; i < d; i++) {
            for (int p = 0; p < pairs; p++, to++) {
                int at = i * lanes + kept[p];
                double first = gradients.data[at];
                double second = gradients.data[at + 1];
                odd[to] = displacements[at];
                field[to] = 0.5 * (first - second);
                meanField[i] += 0.5 * (first + second) / pairs;
                squares += first * first + second * second;
            }
        }
        mismatch = squares / (2 * pairs);
    }

    @Override
    boolean isUsable() {
        return size() >= regression.fewestDraws() && 4 * size() >= noise.numCols && Double.isFinite(mismatch);
    }

    @Override
    int size() {
        return 2 * pairs;
    }

    @Override
    double mismatch() {
        return mismatch;
    }

    @Override
    int fewestMatched() {
        return regression.draws();
    }

    @Override
    double move(double largestStep) {
        double[] slopes = new double[pattern.entries()];
        if (!regression.slopes(odd, field, pairs, slopes)) {
            return Double.NaN;
        }
        double step = largestStep;
        for (int halvings = 0; halvings < MOST_HALVINGS; halvings++, step *= 0.5) {
            if (moveBy(step, slopes)) {
                return step;
            }
        }
        return Double.NaN;
    }

    /** Makes a step if its precision is within the bounds, and its shift one standard deviation on average at most. */
    private boolean moveBy(double step, double[] slopes) {
        double[] lanes = new double[LANES * slopes.length];
        for (int entry = 0; entry < slopes.length; entry++) {
            double moved = precision[entry] - step * slopes[entry];
            lanes[LANES * entry] = moved;
            lanes[LANES * entry + 1] = moved - LEAST_RATIO * precision[entry];
            lanes[LANES * entry + 2] = LARGEST_RATIO * precision[entry] - moved;
        }
        boolean[] positive = new boolean[LANES];
        cholesky.factor(lanes, LANES, positive);
        if (!(positive[0] && positive[1] && positive[2])) {
            return false;
        }
        double[] newFactor = new double[slopes.length];
        Arrays.setAll(newFactor, entry -> lanes[LANES * entry]);
        SparseFactor root = new SparseFactor(pattern, newFactor);
        double[] shift = meanField.clone();
        root.solve(shift, 1);
        double squares = Arrays.stream(shift).map(x -> step * step * x * x).sum();
        root.solveTransposed(shift, 1);
        double[] to = mean.clone();
        Arrays.setAll(to, i -> mean[i] + step * shift[i]);
        if (!(squares <= to.length) || !Arrays.stream(to).allMatch(Double::isFinite)) {
            return false;
        }
        mean = to;
        factor = newFactor;
        for (int entry = 0; entry < slopes.length; entry++) {
            precision[entry] -= step * slopes[entry];
        }
        return true;
    }

    @Override
    void narrow() {
        for (int entry = 0; entry < factor.length; entry++) {
            factor[entry] *= 2;
            precision[entry] *= 4;
        }
    }

    @Override
    double[] parameters() {
        return family.parametersOf(mean, factor);
    }

    @Override
    void adopt(double[] parameters) {
        int d = family.dimension();
        mean = Arrays.copyOf(parameters, d);
        factor = Arrays.copyOfRange(parameters, d, d + pattern.entries());
        for (int j = 0; j < d; j++) {
            factor[pattern.start(j)] = Math.exp(factor[pattern.start(j)]);
        }
        precision = square(pattern, factor);
    }

    /** {@code L L'} where it may have entries. */
    private static double[] square(FactorPattern pattern, double[] factor) {
        double[] square = new double[factor.length];
        for (int j = 0; j < pattern.size(); j++) {
            for (int a = pattern.start(j); a < pattern.end(j); a++) {
                int entry = pattern.start(pattern.row(a));
                for (int b = a; b < pattern.end(j); b++, entry++) {
                    while (pattern.row(entry) < pattern.row(b)) {
                        entry++;
                    }
                    square[entry] += factor[a] * factor[b];
                }
            }
        }
        return square;
    }
}
