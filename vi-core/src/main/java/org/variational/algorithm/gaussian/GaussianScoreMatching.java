package org.variational.algorithm.gaussian;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;

/**
 * Gaussian score matching: for every draw the Gaussian nearest to the current one, in KL, whose score at the draw is
 * that of the target; the changes of mean and covariance are averaged over the batch.
 *
 * <p>For a draw z of {@code N(m, S)} with score g, let {@code a = g' S g}, {@code b = (m - z)' g},
 * {@code rho = (sqrt(1 + 4 (a + b^2)) - 1) / 2} and {@code e = S g - m + z}. Then
 * <pre>{@code
 * m' - m = (e - (m - z) (g' e) / (1 + rho + b)) / (1 + rho)
 * S' - S = (m - z) (m - z)' - (m' - z) (m' - z)'
 * }</pre>
 * and {@code -S'^-1 (z - m') = g} exactly. Batches and steps below 1 average such changes with the current Gaussian;
 * where the average is not positive definite the step is shortened.
 *
 * <p>Nothing but the batch and the averaging holds the update back, so that it suits targets that are nearly Gaussian.
 * As the step falls the average tends to a Gaussian at which the expected change is zero; that is the target if it is
 * Gaussian, and no named optimum otherwise. {@link BatchAndMatch} needs fewer gradients. An update costs O(D^3).
 *
 * @see <a href="https://arxiv.org/abs/2307.07849">Modi, Gower, Margossian, Yao, Blei and Saul (2023), Variational
 *     inference with Gaussian score matching</a>
 */
public final class GaussianScoreMatching extends GaussianUpdates {

    private static final double DEFAULT_STEP = 1;

    private GaussianScoreMatching(Settings settings) {
        super(settings);
    }

    /** The algorithm with its defaults: batches of 2 draws, step 1, tolerance 0.02. */
    public static GaussianScoreMatching create() {
        return new GaussianScoreMatching(Settings.withStep(DEFAULT_STEP));
    }

    /**
     * The same with another batch size.
     *
     * @param draws B, at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public GaussianScoreMatching withBatchSize(int draws) {
        return new GaussianScoreMatching(settings().batchSize(draws));
    }

    /**
     * The same with another step in the first stage.
     *
     * @param step the share of the average change that is made, positive and at most 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is outside that range
     */
    public GaussianScoreMatching withStep(double step) {
        return new GaussianScoreMatching(settings().step("step", step, 1));
    }

    /**
     * The same with another tolerance.
     *
     * @param tolerance the largest error of a mean, in standard deviations, and of a standard deviation, relative; 0 to
     *     go on until the budget is spent
     * @return a new algorithm
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public GaussianScoreMatching withTolerance(double tolerance) {
        return new GaussianScoreMatching(settings().tolerance(tolerance));
    }

    @Override
    String label() {
        return "Gaussian score matching"
                + (settings().step() == DEFAULT_STEP
                        ? ""
                        : ", step " + settings().step());
    }

    @Override
    int defaultBatch(int dimension) {
        return 2;
    }

    @Override
    @Nullable
    Move move(ScoreBatch batch, double largestStep) {
        int d = batch.dimension();
        int n = batch.size();
        double[] shift = new double[d];
        DMatrixRMaj covariance = CommonOps_DDRM.identity(d);
        double[] eps = new double[d];
        double[] score = new double[d];
        double[] change = new double[d];
        double weight = largestStep / n;
        for (int b = 0; b < n; b++) {
            for (int i = 0; i < d; i++) {
                eps[i] = batch.eps().data[i * n + b];
                score[i] = batch.scores().data[i * n + b];
            }
            change(eps, score, change);
            for (int i = 0; i < d; i++) {
                shift[i] += weight * change[i];
                for (int j = 0; j < d; j++) {
                    covariance.data[i * d + j] +=
                            weight * (eps[i] * eps[j] - (change[i] - eps[i]) * (change[j] - eps[j]));
                }
            }
        }
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(d, true);
        return cholesky.decompose(covariance) ? new Move(shift, cholesky.getT(null), largestStep) : null;
    }

    /** The change of the mean for one draw, in units of the Gaussian: m = 0, S = I. */
    private static void change(double[] eps, double[] score, double[] change) {
        double a = 0;
        double b = 0;
        double along = 0;
        for (int i = 0; i < eps.length; i++) {
            a += score[i] * score[i];
            b -= eps[i] * score[i];
            along += score[i] * (score[i] + eps[i]);
        }
        double rho = 0.5 * (Math.sqrt(1 + 4 * (a + b * b)) - 1);
        for (int i = 0; i < eps.length; i++) {
            change[i] = (score[i] + eps[i] + eps[i] * along / (1 + rho + b)) / (1 + rho);
        }
    }
}
