package org.variational.diagnostic;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.density.Matrices;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.model.Model;
import org.variational.model.PointwiseLogLikelihood;
import org.variational.weights.ParetoSmoothing;

/**
 * Moves draws of the posterior towards the posterior without one observation, by importance-weighted moment matching.
 *
 * <p>The posterior without observation i is that with it divided by a function of a few combinations t of the
 * coordinates, and what it says about all else given t is the same. So only the moments of t are matched, those of the
 * moved draws to those under the weights, and all else is carried along by its regression on t. Covariances are tried
 * first, then scales, then the means alone, on at most a thousand draws, and kept if they lower k-hat. The final
 * weights are those of all draws against the mixture of moved and unmoved ones, half of each, which serves both the
 * likelihood and its reciprocal.
 *
 * @see <a href="https://arxiv.org/abs/1906.08850">Paananen, Piironen, Burkner, Vehtari (2021), Implicitly adaptive
 *     importance sampling</a>
 */
final class MomentMatchedLoo {

    /** Weights with heavier tails have no variance, and the term a bias. */
    static final double WORTH_MOVING = 0.5;

    /** The log density is evaluated at no more points than this and what the last observation takes. */
    private static final long MOST_EVALUATIONS = 2_000_000;

    private static final int SEARCH_DRAWS = 1000;
    private static final int MOST_MOVES = 20;
    private static final int LANES = 64;

    /** Which moments are matched beside the means. */
    private enum Moments {
        COVARIANCE,
        SCALES,
        MEANS
    }

    private final GuardedDensity density;
    private final PointwiseLogLikelihood likelihood;
    private final DMatrixRMaj points;
    private final double efficiency;
    private final ActiveCombinations combinations;
    private final DMatrixRMaj searched;
    private final double[] searchedLogDensity;
    private final double[] logDensity;
    private long evaluations;

    /** Points with the weights for the posterior without the observation. */
    private record Weighted(DMatrixRMaj points, double[] logLikelihood, ParetoSmoothing smoothing) {
        double kHat() {
            return smoothing.shape();
        }
    }

    /** The draws that are searched, after a move. */
    private record Moved(AffineMove move, Weighted weighted) {}

    /**
     * @param points draws of the posterior, D x S
     * @param efficiency the number of independent draws that they are worth over their number
     */
    MomentMatchedLoo(Model model, PointwiseLogLikelihood likelihood, DMatrixRMaj points, double efficiency) {
        CoordinateSplit split = CoordinateSplit.of(model.layout());
        this.density = new GuardedDensity(model.density(), split);
        this.likelihood = likelihood;
        this.points = points;
        this.efficiency = efficiency;
        int[] inferred = IntStream.range(0, split.inferredCount())
                .map(split::inferredIndex)
                .toArray();
        this.combinations = new ActiveCombinations(likelihood, points, efficiency * points.numCols, inferred);
        int stride = Math.max(1, points.numCols / SEARCH_DRAWS);
        int[] columns =
                IntStream.range(0, points.numCols / stride).map(k -> k * stride).toArray();
        this.searched = Matrices.selectColumns(points, columns);
        this.logDensity = evaluate(points);
        this.searchedLogDensity =
                IntStream.of(columns).mapToDouble(s -> logDensity[s]).toArray();
    }

    /**
     * The observation from moved draws.
     *
     * @param before what the unmoved draws say
     * @return null if no move lowers k-hat, or enough evaluations have been made
     */
    Loo.@Nullable Observation moved(int observation, Loo.Observation before) {
        if (evaluations > MOST_EVALUATIONS) {
            return null;
        }
        AffineMove move = search(observation);
        return move == null ? null : split(observation, move, before);
    }

    private @Nullable AffineMove search(int observation) {
        AffineMove start = combinations.start(observation);
        if (start == null) {
            return null;
        }
        Moved now = new Moved(start, weigh(observation, searched, searchedLogDensity));
        Moved next = better(observation, now);
        // at least one move: the draws searched may look good where all of them do not
        for (int moves = 1; next != null; moves++) {
            now = next;
            boolean enough = now.weighted.kHat() < WORTH_MOVING || moves == MOST_MOVES;
            next = enough ? null : better(observation, now);
            if (next == null) {
                return now.move;
            }
        }
        return null;
    }

    private @Nullable Moved better(int observation, Moved now) {
        for (Moments moments : Moments.values()) {
            AffineMove next = next(now, moments);
            if (next != null) {
                DMatrixRMaj at = next.apply(searched);
                Weighted then = weigh(observation, at, evaluate(at));
                if (then.kHat() < now.weighted.kHat()) {
                    return new Moved(next, then);
                }
            }
        }
        return null;
    }

    /** The map that also gives the moved draws their moments under the weights; null if these have none. */
    private static @Nullable AffineMove next(Moved now, Moments moments) {
        DMatrixRMaj at = now.move.combine(now.weighted.points);
        int n = at.numRows;
        double[] equal = DrawMoments.equal(at.numCols);
        double[] weights = now.weighted.smoothing.weights();
        DMatrixRMaj is = factor(DrawMoments.covariance(at, equal));
        DMatrixRMaj wanted = factor(DrawMoments.covariance(at, weights));
        if (is == null || wanted == null) {
            return null;
        }
        DMatrixRMaj linear = CommonOps_DDRM.identity(n);
        if (moments == Moments.COVARIANCE) {
            CommonOps_DDRM.invert(is);
            CommonOps_DDRM.mult(wanted, is, linear);
        } else if (moments == Moments.SCALES) {
            for (int i = 0; i < n; i++) {
                linear.set(i, i, rowNorm(wanted, i) / rowNorm(is, i));
            }
        }
        return now.move.then(linear, DrawMoments.means(at, equal), DrawMoments.means(at, weights));
    }

    /** The standard deviation that a factor of a covariance says. */
    private static double rowNorm(DMatrixRMaj factor, int i) {
        double square = 0;
        for (int j = 0; j <= i; j++) {
            square += factor.get(i, j) * factor.get(i, j);
        }
        return Math.sqrt(square);
    }

    private static @Nullable DMatrixRMaj factor(DMatrixRMaj covariance) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(covariance.numRows, true);
        return cholesky.decompose(covariance) ? cholesky.getT(null) : null;
    }

    /** Half of the draws moved, half not; the proposal is the mixture of both. */
    private Loo.@Nullable Observation split(int observation, AffineMove move, Loo.Observation before) {
        int lanes = points.numCols;
        DMatrixRMaj mixed = move.apply(points);
        DMatrixRMaj others = move.invert(points);
        for (int at = 0; at < mixed.data.length; at++) {
            if (at % lanes % 2 == 0) {
                others.data[at] = mixed.data[at];
            } else {
                mixed.data[at] = points.data[at];
            }
        }
        // in even lanes the moved points, in odd ones those whose images are the unmoved points
        double[] ofOthers = evaluate(others);
        double[] logLikelihood = likelihood.evaluate(mixed, observation, observation + 1).data;
        double[] ratios = new double[lanes];
        for (int s = 0; s < lanes; s++) {
            double here = s % 2 == 0 ? ofOthers[s] : logDensity[s];
            double origin = s % 2 == 0 ? logDensity[s] : ofOthers[s];
            double mixture = logSum(here, origin - move.logDeterminant());
            ratios[s] = here - mixture - logLikelihood[s];
        }
        Weighted weighted = weighted(mixed, logLikelihood, ratios);
        if (!(weighted.kHat() < before.kHat())) {
            return null;
        }
        Loo.Term term = Loo.Term.of(weighted.smoothing, weighted.logLikelihood);
        return new Loo.Observation(
                term.elpd(), before.lpd(), weighted.kHat(), term.standardError(efficiency), before.kHat());
    }

    /** {@code log(exp(a) + exp(b))}; a where b is unknown, as nothing comes from where the density has no value. */
    private static double logSum(double a, double b) {
        return Double.isFinite(b) ? Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))) : a;
    }

    private Weighted weigh(int observation, DMatrixRMaj at, double[] logDensityThere) {
        double[] logLikelihood = likelihood.evaluate(at, observation, observation + 1).data;
        double[] ratios = new double[logLikelihood.length];
        Arrays.setAll(ratios, s -> logDensityThere[s] - searchedLogDensity[s] - logLikelihood[s]);
        return weighted(at, logLikelihood, ratios);
    }

    /** Draws at which something could not be evaluated get no weight. */
    private Weighted weighted(DMatrixRMaj at, double[] logLikelihood, double[] ratios) {
        for (int s = 0; s < ratios.length; s++) {
            if (!Double.isFinite(ratios[s])) {
                ratios[s] = Double.NEGATIVE_INFINITY;
                logLikelihood[s] = 0;
            }
        }
        return new Weighted(at, logLikelihood, ParetoSmoothing.of(ratios, efficiency));
    }

    /** The log density of the model, in batches whose intermediate values stay near the processor. */
    private double[] evaluate(DMatrixRMaj at) {
        int lanes = at.numCols;
        double[] values = new double[lanes];
        for (int from = 0; from < lanes; from += LANES) {
            int to = Math.min(lanes, from + LANES);
            double[] batch = new double[to - from];
            density.evaluate(CommonOps_DDRM.extract(at, 0, at.numRows, from, to), batch, null);
            System.arraycopy(batch, 0, values, from, batch.length);
        }
        evaluations += lanes;
        return values;
    }
}
