package org.variational.algorithm.gaussian;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

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
     * The algorithm with its defaults: batches of {@code max(D + 1, 16)} draws, at most 512, step 0.25, tolerance 0.02.
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
