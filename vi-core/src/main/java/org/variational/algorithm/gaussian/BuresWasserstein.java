package org.variational.algorithm.gaussian;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * Forward-backward steps on reverse KL in the Bures-Wasserstein geometry of Gaussians: a gradient step on the expected
 * log density, then a proximal step on the entropy, in closed form.
 *
 * <p>With the expected score {@code gbar} and the expected Hessian {@code H} under {@code N(m, S)}, and a step eta,
 * <pre>{@code
 * m' = m + eta gbar,   M = I + eta H,   T = M S M
 * S' = (T + 2 eta I + (T (T + 4 eta I))^(1/2)) / 2
 * }</pre>
 * The target's covariance is the fixed point only while {@code eta} times the largest eigenvalue of {@code -H} is below
 * 1, and the right eta has the units of a variance. The step of this class is therefore the dimensionless product of
 * eta and the largest absolute eigenvalue of H, estimated from the same batch. Expectations are estimated as in {@link
 * NaturalGradient}.
 *
 * <p>The optimum is that of reverse KL. Steps are not invariant under changes of coordinates, so that the number of
 * updates grows with the condition number of the target; {@link BatchAndMatch} and {@link NaturalGradient} do not have
 * this weakness. An update costs O(D^3 + D^2 B).
 *
 * @see <a href="https://arxiv.org/abs/2304.05398">Diao, Balasubramanian, Chewi and Salim (2023), Forward-backward
 *     Gaussian variational inference via JKO in the Bures-Wasserstein space</a>
 */
public final class BuresWasserstein extends GaussianUpdates {

    private static final double DEFAULT_STEP = 0.5;
    private static final double LARGEST_STEP = 0.9;
    private static final int SMALLEST_DEFAULT_BATCH = 16;

    private BuresWasserstein(Settings settings) {
        super(settings);
    }

    /**
     * The algorithm with its defaults: batches of {@code max(D + 1, 16)} draws, at most 512, step 0.5, tolerance 0.02.
     */
    public static BuresWasserstein create() {
        return new BuresWasserstein(Settings.withStep(DEFAULT_STEP));
    }

    /**
     * The same with another batch size.
     *
     * @param draws B, at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public BuresWasserstein withBatchSize(int draws) {
        return new BuresWasserstein(settings().batchSize(draws));
    }

    /**
     * The same with another step in the first stage.
     *
     * @param step the product of eta and the largest absolute eigenvalue of H, positive and at most 0.9
     * @return a new algorithm
     * @throws IllegalArgumentException if it is outside that range
     */
    public BuresWasserstein withStep(double step) {
        return new BuresWasserstein(settings().step("step", step, LARGEST_STEP));
    }

    /**
     * The same with another tolerance.
     *
     * @param tolerance the largest error of a mean, in standard deviations, and of a standard deviation, relative; 0 to
     *     go on until the budget is spent
     * @return a new algorithm
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public BuresWasserstein withTolerance(double tolerance) {
        return new BuresWasserstein(settings().tolerance(tolerance));
    }

    @Override
    String label() {
        return "Bures-Wasserstein"
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
        int d = batch.dimension();
        DMatrixRMaj inverse = new DMatrixRMaj(d, d);
        if (!CommonOps_DDRM.invert(batch.factor(), inverse)) {
            return null;
        }
        DMatrixRMaj standardised = batch.curvatureMismatch();
        CommonOps_DDRM.addEquals(standardised, -1, CommonOps_DDRM.identity(d));
        DMatrixRMaj half = new DMatrixRMaj(d, d);
        CommonOps_DDRM.multTransA(inverse, standardised, half);
        DMatrixRMaj hessian = new DMatrixRMaj(d, d);
        CommonOps_DDRM.mult(half, inverse, hessian);
        GaussianAlgebra.Spectrum curvature = GaussianAlgebra.Spectrum.of(hessian);
        if (curvature == null) {
            return null;
        }
        double largest = 0;
        for (double value : curvature.values()) {
            largest = Math.max(largest, Math.abs(value));
        }
        double eta = largestStep / largest;
        if (!Double.isFinite(eta)) {
            return null;
        }
        DMatrixRMaj moved = new DMatrixRMaj(d, d);
        CommonOps_DDRM.mult(curvature.map(value -> 1 + eta * value), batch.factor(), moved);
        GaussianAlgebra.Spectrum forward = GaussianAlgebra.Spectrum.ofCrossProduct(moved);
        if (forward == null) {
            return null;
        }
        DMatrixRMaj root =
                forward.scaled(value -> Math.sqrt(0.5 * (value + 2 * eta + Math.sqrt(value * (value + 4 * eta)))));
        DMatrixRMaj factor = new DMatrixRMaj(d, d);
        CommonOps_DDRM.mult(inverse, root, factor);
        double[] shift = GaussianAlgebra.times(inverse, GaussianAlgebra.transposedTimes(inverse, batch.meanMismatch()));
        for (int i = 0; i < d; i++) {
            shift[i] *= eta;
        }
        return new Move(shift, factor, largestStep);
    }
}
