package org.variational.algorithm.fixeddraws;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.variational.density.Matrices;
import org.variational.family.GaussianDistribution;
import org.variational.family.LowRankGaussian;

/**
 * The Hessian H of a {@link FixedDrawObjective} at its minimum, in whitened coordinates, made to solve {@code H x = r}
 * many times.
 *
 * <p>Where memory allows, the Hessian of the log density is differenced once at every draw: {@code 2 D} gradients a
 * draw, after which products with H, for any family, cost no evaluations. With few parameters H is formed and its
 * eigenvalues looked at; with many, conjugate gradients are used. Rotations of the factor of a low-rank Gaussian are
 * left out, and any other direction in which F is flat does no harm unless the right-hand side points along it.
 */
final class OptimumCurvature {

    private static final long MAX_TABLE = 6_000_000;
    private static final int MAX_DENSE = 320;
    private static final double NEGATIVE = 1e-4;
    private static final double FLAT = 1e-7;
    private static final double DAMPING = 0.1;
    private static final double ALONG_FLAT = 1e-6;
    private static final double RESIDUAL = 1e-9;
    private static final double DIFFERENCED_RESIDUAL = 1e-5;
    private static final double USABLE_RESIDUAL = 1e-3;
    private static final int MAX_CONJUGATE_STEPS = 1000;

    private static final String SPENT = "the limits of the fit were reached before its curvature was known";
    private static final String UNREACHABLE =
            "the density could not be evaluated next to the draws, so that its curvature is not known";
    private static final String INDEFINITE =
            "the objective curves downwards in some direction, so that the point is not a minimum";
    private static final String UNDETERMINED = "the objective is flat in a direction that matters";

    private final FixedDrawObjective objective;
    private final double[] parameters;
    private final double[] gradient;
    private final Whitening whitening;
    private final boolean tabulated;
    /** Added to the curvature by the parameters of the covariance. */
    private final double damping;
    /** Where tabulated: row i of the Hessian of log p at every draw, D x N each. */
    private DMatrixRMaj[] rows = {};

    private DMatrixRMaj scores = new DMatrixRMaj(0, 0);
    private final DMatrixRMaj tangents;
    private final DMatrixRMaj images;
    private final double[] delta;
    private final double[] shifted;
    private double[] eigenvalues = {};
    private double[][] eigenvectors = {};
    private String failure = "";

    private OptimumCurvature(
            FixedDrawObjective objective, double[] parameters, double[] gradient, boolean tabulated, double damping) {
        this.objective = objective;
        this.parameters = parameters.clone();
        this.gradient = gradient.clone();
        this.whitening = Whitening.of(objective.member(parameters));
        this.tabulated = tabulated;
        this.damping = damping;
        int d = objective.family().dimension();
        int lanes = tabulated ? objective.draws() : 1;
        this.tangents = new DMatrixRMaj(d, lanes);
        this.images = new DMatrixRMaj(d, lanes);
        this.delta = new double[parameters.length];
        this.shifted = new double[parameters.length];
    }

    /**
     * @param parameters its minimum
     * @param gradient the gradient there
     * @param solves about how often {@link #solve} will be called
     * @return the curvature; look at {@link #failure()} first
     */
    static OptimumCurvature at(FixedDrawObjective objective, double[] parameters, double[] gradient, int solves) {
        long d = objective.family().dimension();
        // a solution takes a handful of products, a product as many gradients as a row of the table
        boolean tabulated = d <= 4L * solves && d * d * objective.draws() <= MAX_TABLE;
        OptimumCurvature curvature = new OptimumCurvature(objective, parameters, gradient, tabulated, 0);
        if (tabulated) {
            curvature.tabulate();
        }
        if (tabulated || parameters.length <= 4L * solves) {
            curvature.decompose();
        }
        return curvature;
    }

    /**
     * The same for estimates that must not wander off along directions in which F hardly curves. Members of the
     * low-rank family whose rank is more than the posterior needs differ in directions without effect; there the
     * curvature by the factor and the scales, but not that by the means, gets {@value #DAMPING} more. For other
     * families nothing is changed.
     */
    OptimumCurvature damped() {
        if (!(objective.family() instanceof LowRankGaussian) || !failure.isEmpty()) {
            return this;
        }
        OptimumCurvature damped = new OptimumCurvature(objective, parameters, gradient, tabulated, DAMPING);
        damped.rows = rows;
        damped.scores = scores;
        if (eigenvectors.length > 0) {
            damped.decompose();
        }
        return damped;
    }

    /** The curvature at a point that is not a minimum, of which nothing is to be had but the reason. */
    static OptimumCurvature unknown(FixedDrawObjective objective, double[] parameters, String reason) {
        OptimumCurvature curvature =
                new OptimumCurvature(objective, parameters, new double[parameters.length], false, 0);
        curvature.failure = reason;
        return curvature;
    }

    /** Why there is no answer, or empty. */
    String failure() {
        return failure;
    }

    Whitening whitening() {
        return whitening;
    }

    private void tabulate() {
        int d = objective.family().dimension();
        int lanes = objective.draws();
        double[] unused = new double[parameters.length];
        if (!objective.evaluate(parameters, unused)) {
            failure = UNREACHABLE;
            return;
        }
        scores = objective.scores().copy();
        DMatrixRMaj points = objective.points().copy();
        double[] sd = objective.member(parameters).standardDeviation();
        double[] values = new double[lanes];
        DMatrixRMaj above = new DMatrixRMaj(d, lanes);
        DMatrixRMaj below = new DMatrixRMaj(d, lanes);
        rows = new DMatrixRMaj[d];
        for (int i = 0; i < d; i++) {
            if (objective.meter().exhausted()) {
                failure = SPENT;
                return;
            }
            double step = FixedDrawObjective.DIFFERENCE * sd[i];
            boolean hasAbove = differenced(points, i, step, values, above);
            boolean hasBelow = differenced(points, i, -step, values, below);
            if (!hasAbove && !hasBelow) {
                failure = UNREACHABLE;
                return;
            }
            double width = hasAbove && hasBelow ? 2 * step : step;
            double[] upper = hasAbove ? above.data : scores.data;
            double[] lower = hasBelow ? below.data : scores.data;
            DMatrixRMaj row = new DMatrixRMaj(d, lanes);
            for (int at = 0; at < d * lanes; at++) {
                row.data[at] = (upper[at] - lower[at]) / width;
            }
            rows[i] = row;
        }
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < i; j++) {
                for (int s = 0; s < lanes; s++) {
                    double mean = 0.5 * (rows[i].data[j * lanes + s] + rows[j].data[i * lanes + s]);
                    rows[i].data[j * lanes + s] = mean;
                    rows[j].data[i * lanes + s] = mean;
                }
            }
        }
    }

    private boolean differenced(DMatrixRMaj points, int i, double step, double[] values, DMatrixRMaj gradients) {
        int lanes = points.numCols;
        double[] kept = Matrices.row(points, i);
        for (int at = i * lanes; at < (i + 1) * lanes; at++) {
            points.data[at] += step;
        }
        objective.target().evaluate(points, values, gradients);
        objective.meter().add(objective.target());
        System.arraycopy(kept, 0, points.data, i * lanes, lanes);
        return objective.target().rejected() == 0 && objective.target().unsupported() == 0;
    }

    /** The product of H with a vector; false, and a failure, if it could not be had. */
    private boolean product(double[] vector, double[] product) {
        if (tabulated) {
            tabulatedProduct(vector, product);
        } else if (!differencedProduct(vector, product)) {
            return false;
        }
        for (int k = objective.family().dimension(); k < product.length; k++) {
            product[k] += damping * vector[k];
        }
        return true;
    }

    private boolean differencedProduct(double[] vector, double[] product) {
        if (objective.meter().exhausted()) {
            failure = SPENT;
            return false;
        }
        if (!objective.hessianProduct(parameters, gradient, whitening, vector, product)) {
            failure = UNREACHABLE;
            return false;
        }
        return true;
    }

    /**
     * {@code -(1/N) sum_n (J_n' H_n J_n v + d(J_n' g_n))  - d(entropy gradient)}, where the derivatives d of the
     * family's own functions are differences, and the mean, by which they do not depend, is left out lest it cost
     * digits.
     */
    private void tabulatedProduct(double[] vector, double[] product) {
        int d = objective.family().dimension();
        int lanes = objective.draws();
        whitening.push(vector, delta);
        double step = FixedDrawObjective.DIFFERENCE / FixedDrawObjective.norm(vector);
        double[] sum = new double[parameters.length];
        double[] change = new double[parameters.length];
        GaussianDistribution above = centred(step);
        GaussianDistribution below = centred(-step);
        DMatrixRMaj noise = objective.noise();
        above.sample(noise, tangents);
        above.addPathGradient(noise, tangents, scores, change);
        below.sample(noise, images);
        for (int k = 0; k < change.length; k++) {
            change[k] = -change[k];
        }
        below.addPathGradient(noise, images, scores, change);
        for (int i = 0, at = 0; i < d; i++) {
            for (int end = at + lanes; at < end; at++) {
                tangents.data[at] = delta[i] + (tangents.data[at] - images.data[at]) / (2 * step);
            }
        }
        Arrays.fill(images.data, 0, d * lanes, 0);
        for (int i = 0; i < d; i++) {
            double[] row = rows[i].data;
            for (int k = 0, at = 0; k < d; k++) {
                for (int s = 0, from = i * lanes; s < lanes; s++, at++, from++) {
                    images.data[at] += row[at] * tangents.data[from];
                }
            }
        }
        GaussianDistribution here = centred(0);
        here.sample(noise, tangents);
        here.addPathGradient(noise, tangents, images, sum);
        double[] entropy = new double[parameters.length];
        above.addEntropyGradient(1, entropy);
        below.addEntropyGradient(-1, entropy);
        for (int k = 0; k < sum.length; k++) {
            sum[k] = -(sum[k] - change[k] / (2 * step)) / lanes - entropy[k] / (2 * step);
        }
        whitening.pull(sum, product);
        whitening.removeRotations(product);
    }

    /** The member at {@code step} along {@code delta}, moved to mean 0. */
    private GaussianDistribution centred(double step) {
        for (int k = 0; k < shifted.length; k++) {
            shifted[k] = k < objective.family().dimension() ? 0 : parameters[k] + step * delta[k];
        }
        return objective.member(shifted);
    }

    private void decompose() {
        int n = parameters.length;
        if (!failure.isEmpty() || n > MAX_DENSE) {
            return;
        }
        DMatrixRMaj hessian = new DMatrixRMaj(n, n);
        double[] unit = new double[n];
        double[] column = new double[n];
        for (int j = 0; j < n; j++) {
            Arrays.fill(unit, 0);
            unit[j] = 1;
            whitening.removeRotations(unit);
            if (FixedDrawObjective.norm(unit) < FLAT) {
                continue;
            }
            if (!product(unit, column)) {
                return;
            }
            for (int i = 0; i < n; i++) {
                hessian.data[i * n + j] += 0.5 * column[i];
                hessian.data[j * n + i] += 0.5 * column[i];
            }
        }
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
        if (!eigen.decompose(hessian)) {
            failure = "the eigenvalues of the Hessian could not be computed";
            return;
        }
        eigenvalues = new double[n];
        eigenvectors = new double[n][];
        double largest = 0;
        for (int k = 0; k < n; k++) {
            eigenvalues[k] = eigen.getEigenvalue(k).getReal();
            eigenvectors[k] = Arrays.copyOf(eigen.getEigenVector(k).data, n);
            largest = Math.max(largest, eigenvalues[k]);
        }
        for (int k = 0; k < n; k++) {
            if (eigenvalues[k] < -NEGATIVE * Math.max(1, largest)) {
                failure = INDEFINITE;
            }
            if (eigenvalues[k] < FLAT * largest) {
                eigenvalues[k] = 0;
            }
        }
    }

    /**
     * Solves {@code H x = right}, both in whitened coordinates and without their part along rotations.
     *
     * @param right changed in place: loses that part
     * @param x overwritten
     * @return false if there is no solution; {@link #failure()} then says why
     */
    boolean solve(double[] right, double[] x) {
        if (!failure.isEmpty()) {
            return false;
        }
        whitening.removeRotations(right);
        return eigenvectors.length > 0 ? solveDense(right, x) : solveByConjugateGradients(right, x);
    }

    private boolean solveDense(double[] right, double[] x) {
        Arrays.fill(x, 0);
        double along = 0;
        for (int k = 0; k < eigenvalues.length; k++) {
            double part = FixedDrawObjective.dot(eigenvectors[k], right);
            if (eigenvalues[k] == 0) {
                along += part * part;
            } else {
                FixedDrawObjective.addScaled(part / eigenvalues[k], eigenvectors[k], x);
            }
        }
        if (along > ALONG_FLAT * FixedDrawObjective.dot(right, right)) {
            failure = UNDETERMINED;
            return false;
        }
        return true;
    }

    private boolean solveByConjugateGradients(double[] right, double[] x) {
        int n = right.length;
        Arrays.fill(x, 0);
        double[] residual = right.clone();
        double[] conjugate = right.clone();
        double[] image = new double[n];
        double square = FixedDrawObjective.dot(residual, residual);
        double norm = Math.sqrt(square);
        double goal = norm * (tabulated ? RESIDUAL : DIFFERENCED_RESIDUAL);
        for (int iteration = 0; Math.sqrt(square) > goal; iteration++) {
            if (iteration == Math.min(2 * n + 10, MAX_CONJUGATE_STEPS)) {
                return accept(square, norm, UNDETERMINED);
            }
            if (!product(conjugate, image)) {
                return false;
            }
            double curvature = FixedDrawObjective.dot(conjugate, image);
            double ahead = FixedDrawObjective.dot(conjugate, conjugate);
            if (curvature <= FLAT * ahead) {
                return accept(square, norm, curvature < -NEGATIVE * ahead ? INDEFINITE : UNDETERMINED);
            }
            double length = square / curvature;
            FixedDrawObjective.addScaled(length, conjugate, x);
            FixedDrawObjective.addScaled(-length, image, residual);
            double next = FixedDrawObjective.dot(residual, residual);
            for (int k = 0; k < n; k++) {
                conjugate[k] = residual[k] + next / square * conjugate[k];
            }
            square = next;
        }
        return true;
    }

    /** A solution that cannot be improved serves if little is missing. */
    private boolean accept(double square, double norm, String otherwise) {
        if (Math.sqrt(square) <= USABLE_RESIDUAL * norm) {
            return true;
        }
        failure = otherwise;
        return false;
    }
}
