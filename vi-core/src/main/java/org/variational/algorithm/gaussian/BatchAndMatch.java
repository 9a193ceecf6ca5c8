package org.variational.algorithm.gaussian;

import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * Batch and match: the Gaussian whose scores match those of the target at a batch of draws, held near the current one.
 *
 * <p>With draws {@code z_b} of {@code N(m, S)} and scores {@code g_b}, an update minimises over {@code N(m', S')}
 * <pre>{@code mean_b |S'^-1 (z_b - m') + g_b|^2_S' + (2 / lambda) KL(N(m, S) || N(m', S'))}</pre>
 * in closed form. With {@code zbar}, {@code gbar}, {@code C} and {@code Gamma} the means and covariances (divisor B) of
 * draws and scores,
 * <pre>{@code
 * U = lambda Gamma + lambda / (1 + lambda) gbar gbar'
 * V = S + lambda C + lambda / (1 + lambda) (m - zbar) (m - zbar)'
 * S' U S' + S' = V
 * m' = m / (1 + lambda) + lambda / (1 + lambda) (S' gbar + zbar)
 * }</pre>
 * U and V have rank B + 1 beyond the known part, and the solution is found from singular values of D x (B + 1) matrices
 * in the coordinates in which S is the identity, never from U or V themselves: this is the low-rank form where B is
 * below D, and keeps the digits that a product of covariances loses where D + 1 scores determine a Gaussian with a
 * condition number of 1e6.
 *
 * <p><em>The optimum.</em> As lambda falls the average tends to the Gaussian with {@code E_q g = 0} and
 * {@code E_q g g' = S^-1}. It is the target if that is Gaussian. Otherwise it is not that of reverse KL, which has the
 * same first condition and {@code -E_q Hessian = S^-1} as second.
 *
 * <p><em>The step.</em> The scores of a Gaussian are linear in the point with a symmetric negative matrix, so that
 * {@code K = Z' G}, made of centred draws and scores, is symmetric. With {@code a = |K - K'| / |K + K'|} (1 if the
 * trace of K is not negative, or there are fewer than 4 draws), {@code a^2} estimates the share of the scores that no
 * Gaussian explains, whatever the coordinates, and {@code lambda = 1 / a^2}, up to the largest step, is where that
 * share weighs as much as the current Gaussian. For a Gaussian target lambda is at its largest from the first batch on
 * and D + 1 draws determine the answer; otherwise lambda is moderate at once, and in the stages after the first it is
 * at most 1, 1/2, 1/4, ...
 *
 * <p>An update costs O(D^3 + D^2 B). The batch size is {@code D + 1} unless set, within 4 and 512. Differs from the
 * paper in the choice of lambda, the stages, and the safeguards of {@link GaussianUpdates}.
 *
 * @see <a href="https://arxiv.org/abs/2402.14758">Cai, Modi, Pillaud-Vivien, Margossian, Gower, Blei and Saul (2024),
 *     Batch and match: black-box variational inference with a score-based divergence</a>
 */
public final class BatchAndMatch extends GaussianUpdates {

    private static final double LARGEST_STEP = 1e10;
    private static final int SMALLEST_DEFAULT_BATCH = 4;

    private BatchAndMatch(Settings settings) {
        super(settings);
    }

    /**
     * The algorithm with its defaults: batches of {@code D + 1} draws, within 4 and 512, lambda up to 1e10, tolerance
     * 0.02.
     */
    public static BatchAndMatch create() {
        return new BatchAndMatch(Settings.withStep(LARGEST_STEP));
    }

    /**
     * The same with another batch size.
     *
     * @param draws B, at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public BatchAndMatch withBatchSize(int draws) {
        return new BatchAndMatch(settings().batchSize(draws));
    }

    /**
     * The same with another largest step of the first stage.
     *
     * @param lambda the largest lambda, positive and at most 1e10
     * @return a new algorithm
     * @throws IllegalArgumentException if it is outside that range
     */
    public BatchAndMatch withLargestStep(double lambda) {
        return new BatchAndMatch(settings().step("largest step lambda", lambda, LARGEST_STEP));
    }

    /**
     * The same with another tolerance.
     *
     * @param tolerance the largest error of a mean, in standard deviations, and of a standard deviation, relative; 0 to
     *     go on until the budget is spent
     * @return a new algorithm
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public BatchAndMatch withTolerance(double tolerance) {
        return new BatchAndMatch(settings().tolerance(tolerance));
    }

    @Override
    String label() {
        double largest = settings().step();
        return "batch and match"
                + (largest == LARGEST_STEP ? "" : String.format(Locale.ROOT, ", lambda at most %s", largest));
    }

    @Override
    int defaultBatch(int dimension) {
        return Math.max(SMALLEST_DEFAULT_BATCH, Math.min(LARGEST_DEFAULT_BATCH, dimension + 1));
    }

    @Override
    @Nullable
    Move move(ScoreBatch batch, double largestStep) {
        return match(batch, Math.min(largestStep, 1 / asymmetry(batch)));
    }

    /** The update with a given lambda. */
    static @Nullable Move match(ScoreBatch batch, double lambda) {
        int d = batch.dimension();
        double share = lambda / (1 + lambda);
        double[] center = GaussianAlgebra.rowMeans(batch.eps());
        double[] gbar = GaussianAlgebra.rowMeans(batch.scores());
        GaussianAlgebra.Spectrum v =
                GaussianAlgebra.Spectrum.ofCrossProduct(rootOf(batch.eps(), center, lambda, share));
        if (v == null) {
            return null;
        }
        // V^(1/2), symmetric, as V = I + (root)(root)'
        DMatrixRMaj root = v.map(value -> Math.sqrt(1 + value));
        DMatrixRMaj turned = new DMatrixRMaj(d, batch.size() + 1);
        CommonOps_DDRM.mult(root, rootOf(batch.scores(), gbar, lambda, share), turned);
        GaussianAlgebra.Spectrum inner = GaussianAlgebra.Spectrum.ofCrossProduct(turned);
        if (inner == null) {
            return null;
        }
        DMatrixRMaj scaled = inner.scaled(value -> 1 / Math.sqrt(0.5 + Math.sqrt(0.25 + value)));
        DMatrixRMaj factor = new DMatrixRMaj(d, d);
        CommonOps_DDRM.mult(root, scaled, factor);
        DMatrixRMaj half = new DMatrixRMaj(d, 1);
        CommonOps_DDRM.multTransA(factor, DMatrixRMaj.wrap(d, 1, gbar), half);
        DMatrixRMaj shift = new DMatrixRMaj(d, 1);
        CommonOps_DDRM.mult(factor, half, shift);
        for (int i = 0; i < d; i++) {
            shift.data[i] = share * (shift.data[i] + center[i]);
        }
        return new Move(shift.data, factor, lambda);
    }

    /**
     * A D x (B + 1) matrix whose cross product is lambda times the covariance of the columns plus share times that of
     * their mean.
     */
    private static DMatrixRMaj rootOf(DMatrixRMaj columns, double[] mean, double lambda, double share) {
        int d = columns.numRows;
        int n = columns.numCols;
        double scale = Math.sqrt(lambda / n);
        DMatrixRMaj root = new DMatrixRMaj(d, n + 1);
        for (int i = 0; i < d; i++) {
            for (int b = 0; b < n; b++) {
                root.data[i * (n + 1) + b] = scale * (columns.data[i * n + b] - mean[i]);
            }
            root.data[i * (n + 1) + n] = Math.sqrt(share) * mean[i];
        }
        return root;
    }

    /** {@code |K - K'|^2 / |K + K'|^2}, at most 1; 1 where nothing says that the target is Gaussian. */
    static double asymmetry(ScoreBatch batch) {
        int n = batch.size();
        if (n < SMALLEST_DEFAULT_BATCH) {
            return 1;
        }
        DMatrixRMaj k = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransA(centred(batch.eps()), centred(batch.scores()), k);
        double trace = 0;
        double difference = 0;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            trace += k.data[i * n + i];
            for (int j = 0; j < n; j++) {
                double a = k.data[i * n + j];
                double b = k.data[j * n + i];
                difference += (a - b) * (a - b);
                sum += (a + b) * (a + b);
            }
        }
        double ratio = difference / sum;
        return trace < 0 && ratio < 1 ? ratio : 1;
    }

    private static DMatrixRMaj centred(DMatrixRMaj columns) {
        double[] means = GaussianAlgebra.rowMeans(columns);
        DMatrixRMaj result = columns.copy();
        for (int i = 0; i < columns.numRows; i++) {
            for (int b = 0; b < columns.numCols; b++) {
                result.data[i * columns.numCols + b] -= means[i];
            }
        }
        return result;
    }
}
