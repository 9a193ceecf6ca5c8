package org.variational.algorithm.gaussian;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Task;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.Objective;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;

/**
 * Natural gradient descent on reverse KL in the precision, with a second-order term that keeps it positive definite.
 *
 * <p>With {@code P = S^-1}, the expected score {@code gbar} and the expected Hessian {@code H} under {@code N(m, S)},
 * and a step eta,
 * <pre>{@code
 * G = P + H
 * P' = P - eta G + (eta^2 / 2) G S G
 * m' = m + eta P'^-1 gbar
 * }</pre>
 * {@code P'} is positive definite for every G, since {@code 1 - x + x^2 / 2 >= 1/2}. Hessians are not needed: by
 * Stein's identity, with draws {@code z = m + L eps} and {@code r = eps + L' g}, {@code L' G L = E eps r'} and {@code
 * L' gbar = E r}. Both estimates have r as a factor, so that their noise is zero at a Gaussian target that has been
 * reached.
 *
 * <p>The optimum is that of reverse KL: {@code E_q g = 0} and {@code -E_q Hessian = S^-1}. An update costs O(D^3 + D^2
 * B).
 *
 * <p>A {@link SparseGaussian} keeps its pattern: {@code P' = P - eta G}, with G where the Hessian has entries, from
 * regressions of {@code g + P (z - m)} on {@code z - m} over antithetic pairs, each coordinate on itself and those that
 * it acts together with. Eta is halved until {@code P' - 0.3 P} and {@code 4 P - P'} are positive definite, and the
 * shift of the mean is at most one standard deviation on average. A batch has four draws for each coefficient of the
 * largest regression, and 16 more: few where coordinates have few neighbours, whatever D. Least squares are corrected
 * for their bias (the jackknife), so that the optimum is that of reverse KL with small batches too.
 *
 * @see <a href="https://arxiv.org/abs/2002.10060">Lin, Schmidt and Khan (2020), Handling the positive-definite
 *     constraint in the Bayesian learning rule</a>
 */
public final class NaturalGradient extends GaussianUpdates {

    private static final double DEFAULT_STEP = 0.25;
    private static final int SMALLEST_DEFAULT_BATCH = 16;

    private NaturalGradient(Settings settings) {
        super(settings);
    }

    /**
     * The algorithm with its defaults: batches of {@code max(D + 1, 16)} draws, at most 512, or as many as the pattern
     * of a sparse Gaussian takes; step 0.25, tolerance 0.02.
     */
    public static NaturalGradient create() {
        return new NaturalGradient(Settings.withStep(DEFAULT_STEP));
    }

    /**
     * The same with another batch size.
     *
     * @param draws B, at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public NaturalGradient withBatchSize(int draws) {
        return new NaturalGradient(settings().batchSize(draws));
    }

    /**
     * The same with another step in the first stage.
     *
     * @param step eta, positive and at most 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is outside that range
     */
    public NaturalGradient withStep(double step) {
        return new NaturalGradient(settings().step("step", step, 1));
    }

    /**
     * The same with another tolerance.
     *
     * @param tolerance the largest error of a mean, in standard deviations, and of a standard deviation, relative; 0 to
     *     go on until the budget is spent
     * @return a new algorithm
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public NaturalGradient withTolerance(double tolerance) {
        return new NaturalGradient(settings().tolerance(tolerance));
    }

    @Override
    String label() {
        return "natural gradient"
                + (settings().step() == DEFAULT_STEP
                        ? ""
                        : ", step " + settings().step());
    }

    @Override
    int defaultBatch(int dimension) {
        return Math.max(SMALLEST_DEFAULT_BATCH, Math.min(LARGEST_DEFAULT_BATCH, dimension + 1));
    }

    @Override
    boolean serves(VariationalFamily family) {
        return super.serves(family) || family instanceof SparseGaussian;
    }

    @Override
    String served() {
        return super.served() + " or sparse()";
    }

    @Override
    public int batchSize(Objective objective) {
        return objective.family() instanceof SparseGaussian family
                ? batchSize(regression(objective, family))
                : super.batchSize(objective);
    }

    private int batchSize(SteinRegression regression) {
        int asked = settings().batchSize();
        if (asked == 0) {
            return regression.draws();
        }
        if (asked < regression.fewestDraws()) {
            throw new IllegalArgumentException("natural gradient for this sparse Gaussian needs at least "
                    + regression.fewestDraws() + " draws in a batch, as it regresses gradients on all coordinates that"
                    + " act together, but withBatchSize(" + asked + ") was asked for: leave it out, or raise it");
        }
        return asked + asked % 2;
    }

    @Override
    GaussianIterate iterate(Objective objective, Task.Start place, RandomStreams streams) {
        if (objective.family() instanceof SparseGaussian family) {
            SteinRegression regression = regression(objective, family);
            NormalDraws draws = DrawScheme.antithetic().draws(family.dimension(), streams);
            return new SparseIterate(family, regression, place, draws, batchSize(regression));
        }
        return super.iterate(objective, place, streams);
    }

    private static SteinRegression regression(Objective objective, SparseGaussian family) {
        return new SteinRegression(family.pattern(), withinPattern(objective.coordinates(), family.pattern()));
    }

    /** Whether the family of an objective is a sparse Gaussian with an entry wherever two coordinates act together. */
    public static boolean suitsPattern(Objective objective) {
        Interactions known = objective.coordinates().interactions();
        return objective.family() instanceof SparseGaussian family
                && (known == null || missing(known.related(), family.pattern()) == null);
    }

    /** Which coordinates act together; where that is not known, all whose pair has an entry in the pattern. */
    private static Adjacency withinPattern(CoordinateSplit coordinates, FactorPattern pattern) {
        Interactions known = coordinates.interactions();
        if (known == null) {
            return SteinRegression.entries(pattern);
        }
        int[] missing = missing(known.related(), pattern);
        if (missing != null) {
            throw new IllegalArgumentException("natural gradient needs a sparse Gaussian whose precision has an entry"
                    + " wherever two coordinates act together, but \"" + coordinates.name(missing[0]) + "\" and \""
                    + coordinates.name(missing[1]) + "\" do and have none: use sparse(), or StochasticGradient for this"
                    + " pattern");
        }
        return known.related();
    }

    /** Two related coordinates without an entry in the pattern; null if there are none. */
    private static int @Nullable [] missing(Adjacency related, FactorPattern pattern) {
        for (int j = 0; j < pattern.size(); j++) {
            for (int other : related.neighbours(pattern.node(j))) {
                int position = pattern.position(other);
                if (pattern.entry(Math.max(j, position), Math.min(j, position)) < 0) {
                    return new int[] {pattern.node(j), other};
                }
            }
        }
        return null;
    }

    @Override
    @Nullable
    Move move(ScoreBatch batch, double largestStep) {
        GaussianAlgebra.Spectrum curvature = GaussianAlgebra.Spectrum.of(batch.curvatureMismatch());
        if (curvature == null) {
            return null;
        }
        DMatrixRMaj factor = curvature.scaled(value -> {
            double x = largestStep * value;
            return 1 / Math.sqrt(1 - x + 0.5 * x * x);
        });
        double[] shift = GaussianAlgebra.times(factor, GaussianAlgebra.transposedTimes(factor, batch.meanMismatch()));
        for (int i = 0; i < shift.length; i++) {
            shift[i] *= largestStep;
        }
        return new Move(shift, factor, largestStep);
    }
}
