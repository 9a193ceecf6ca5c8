package org.variational.algorithm.search;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.LowRankScaleGaussian;
import org.variational.family.VariationalFamily;

/**
 * The inverse Hessian that limited-memory BFGS knows: a diagonal A updated by J pairs of steps s and changes of the
 * gradient y, all with {@code s'y > 0}.
 *
 * <p>With S and Y (D x J) the pairs in order, R the upper triangle of {@code S'Y} and E its diagonal,
 * <pre>{@code
 * H = A + [AY  S] [ 0       -R^-1                  ] [AY  S]'
 *                 [ -R^-T    R^-T (E + Y'AY) R^-1  ]
 * }</pre>
 * which is what the J rank-two updates {@code H <- (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y} make of A (Byrd, Nocedal
 * and Schnabel (1994)). It is positive definite, and never formed unless {@code 2 J >= D}.
 *
 * @see <a href="https://arxiv.org/abs/2108.03782">Zhang, Carpenter, Gelman and Vehtari (2022), Pathfinder: parallel
 *     quasi-Newton variational inference</a>
 * @see <a href="https://doi.org/10.1007/BF01582063">Byrd, Nocedal and Schnabel (1994), Representations of quasi-Newton
 *     matrices and their use in limited memory methods</a>
 */
final class InverseBfgs {

    /** The smallest cosine of the angle between a step and the change of the gradient. */
    private static final double SMALLEST_COSINE = 1e-12;

    private static final double SMALLEST_DIAGONAL = 1e-20;
    private static final double LARGEST_DIAGONAL = 1e20;

    private final double[] diagonal;
    private final double[][] steps;
    private final double[][] changes;

    /**
     * @param diagonal A, D positive numbers; copied
     * @param steps the steps, oldest first; the arrays are kept and must not change
     * @param changes as many changes of the gradient
     */
    InverseBfgs(double[] diagonal, List<double[]> steps, List<double[]> changes) {
        this.diagonal = diagonal.clone();
        this.steps = steps.toArray(double[][]::new);
        this.changes = changes.toArray(double[][]::new);
    }

    /**
     * Whether a pair may be used: {@code s'y > 1e-12 |s| |y|}. Pathfinder asks for {@code y'y <= 1e12 s'y}, which
     * depends on the unit of the coordinates and refuses every posterior whose standard deviations are below 1e-6.
     */
    static boolean accepts(double[] step, double[] change) {
        double curvature = BatchedLbfgs.dot(step, change);
        double sizes = Math.sqrt(BatchedLbfgs.dot(step, step)) * Math.sqrt(BatchedLbfgs.dot(change, change));
        return curvature > SMALLEST_COSINE * sizes && Double.isFinite(sizes);
    }

    /**
     * The diagonal after one more pair, {@code 1/a_i <- (y'Ay / a_i + y_i^2 - (y'Ay / s'A^-1 s) (s_i / a_i)^2) / s'y}:
     * that of the BFGS update of the Hessian {@code A^-1} scaled by {@code y'Ay / s'y} (Gilbert and Lemarechal (1989)).
     */
    static double[] updatedDiagonal(double[] diagonal, double[] step, double[] change) {
        double curvature = BatchedLbfgs.dot(step, change);
        double scaledChange = 0;
        double scaledStep = 0;
        for (int i = 0; i < step.length; i++) {
            scaledChange += change[i] * diagonal[i] * change[i];
            scaledStep += step[i] / diagonal[i] * step[i];
        }
        double[] updated = diagonal.clone();
        for (int i = 0; i < step.length; i++) {
            double ratio = step[i] / diagonal[i];
            double inverse =
                    (scaledChange / diagonal[i] + change[i] * change[i] - scaledChange / scaledStep * ratio * ratio)
                            / curvature;
            double entry = 1 / inverse;
            if (entry > SMALLEST_DIAGONAL && entry < LARGEST_DIAGONAL) {
                updated[i] = entry;
            }
        }
        return updated;
    }

    /** A copy of the diagonal A. */
    double[] diagonal() {
        return diagonal.clone();
    }

    /** The product {@code H v}, by the two loops over the pairs. */
    double[] times(double[] vector) {
        double[] q = vector.clone();
        double[] weights = new double[steps.length];
        for (int k = steps.length - 1; k >= 0; k--) {
            weights[k] = BatchedLbfgs.dot(steps[k], q) / BatchedLbfgs.dot(steps[k], changes[k]);
            add(-weights[k], changes[k], q);
        }
        for (int i = 0; i < q.length; i++) {
            q[i] *= diagonal[i];
        }
        for (int k = 0; k < steps.length; k++) {
            double beta = BatchedLbfgs.dot(changes[k], q) / BatchedLbfgs.dot(steps[k], changes[k]);
            add(weights[k] - beta, steps[k], q);
        }
        return q;
    }

    private static void add(double scale, double[] from, double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] += scale * from[i];
        }
    }

    /**
     * The family of {@link #gaussian}: all Gaussians if {@code 2 memory >= dimension}, else a scale of rank 2 memory.
     */
    static VariationalFamily family(int dimension, int memory) {
        return 2L * memory >= dimension
                ? FullRankGaussian.of(dimension)
                : LowRankScaleGaussian.of(dimension, 2 * memory);
    }

    /**
     * The parameters, in {@link #family}, of the Gaussian with covariance H whose mean is a Newton step from a point.
     *
     * @param point where the pairs have led
     * @param gradient the gradient of {@code -log p} there
     * @param memory the largest number of pairs J
     * @return the parameters; null if rounding has left H not positive definite or not finite
     */
    double @org.jspecify.annotations.Nullable [] gaussian(double[] point, double[] gradient, int memory) {
        int d = point.length;
        double[] mean = times(gradient);
        for (int i = 0; i < d; i++) {
            mean[i] = point[i] - mean[i];
        }
        double[] parameters;
        try {
            parameters = family(d, memory) instanceof LowRankScaleGaussian sparse
                    ? sparseParameters(sparse, mean)
                    : FullRankGaussian.of(d).parametersOf(mean, dense());
        } catch (IllegalArgumentException notPositiveDefinite) {
            return null;
        }
        for (double parameter : parameters) {
            if (!Double.isFinite(parameter)) {
                return null;
            }
        }
        return parameters;
    }

    /** H as a D x D matrix. */
    DMatrixRMaj dense() {
        int d = diagonal.length;
        DMatrixRMaj h = core();
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                h.data[i * d + j] *= Math.sqrt(diagonal[i]) * Math.sqrt(diagonal[j]);
            }
        }
        return h;
    }

    /** {@code A^-1/2 H A^-1/2 = I + F G F'}, F of {@link #factor()}, G of {@link #middle}, D x D. */
    private DMatrixRMaj core() {
        int d = diagonal.length;
        DMatrixRMaj result = CommonOps_DDRM.identity(d);
        if (steps.length > 0) {
            DMatrixRMaj factor = factor();
            DMatrixRMaj left = new DMatrixRMaj(d, 2 * steps.length);
            CommonOps_DDRM.mult(factor, middle(factor), left);
            CommonOps_DDRM.multAddTransB(left, factor, result);
        }
        return result;
    }

    /** {@code F = [A^1/2 Y  A^-1/2 S]}, D x 2J. */
    private DMatrixRMaj factor() {
        int j = steps.length;
        DMatrixRMaj factor = new DMatrixRMaj(diagonal.length, 2 * j);
        for (int i = 0; i < diagonal.length; i++) {
            double root = Math.sqrt(diagonal[i]);
            for (int k = 0; k < j; k++) {
                factor.set(i, k, root * changes[k][i]);
                factor.set(i, j + k, steps[k][i] / root);
            }
        }
        return factor;
    }

    /** The 2J x 2J matrix in the middle. */
    private DMatrixRMaj middle(DMatrixRMaj factor) {
        int j = steps.length;
        DMatrixRMaj inverse = new DMatrixRMaj(j, j);
        DMatrixRMaj inner = new DMatrixRMaj(j, j);
        for (int a = 0; a < j; a++) {
            for (int b = 0; b < j; b++) {
                double sum = 0;
                for (int i = 0; i < diagonal.length; i++) {
                    sum += factor.get(i, a) * factor.get(i, b);
                }
                inner.set(a, b, sum + (a == b ? BatchedLbfgs.dot(steps[a], changes[a]) : 0));
                inverse.set(a, b, a <= b ? BatchedLbfgs.dot(steps[a], changes[b]) : 0);
            }
        }
        invertUpper(inverse);
        DMatrixRMaj half = new DMatrixRMaj(j, j);
        CommonOps_DDRM.mult(inner, inverse, half);
        DMatrixRMaj corner = new DMatrixRMaj(j, j);
        CommonOps_DDRM.multTransA(inverse, half, corner);
        DMatrixRMaj middle = new DMatrixRMaj(2 * j, 2 * j);
        for (int a = 0; a < j; a++) {
            for (int b = 0; b < j; b++) {
                middle.set(a, j + b, -inverse.get(a, b));
                middle.set(j + b, a, -inverse.get(a, b));
                middle.set(j + a, j + b, 0.5 * (corner.get(a, b) + corner.get(b, a)));
            }
        }
        return middle;
    }

    private static void invertUpper(DMatrixRMaj r) {
        CommonOps_DDRM.transpose(r);
        org.ejml.dense.row.decomposition.TriangularSolver_DDRM.invertLower(r.data, r.numRows);
        CommonOps_DDRM.transpose(r);
    }

    /** By {@code F = Q T} with Q orthonormal, and the eigenvectors of {@code I + T G T'}. */
    private double[] sparseParameters(LowRankScaleGaussian family, double[] mean) {
        int d = diagonal.length;
        int rank = 2 * steps.length;
        double[] scale = new double[d];
        Arrays.setAll(scale, i -> Math.sqrt(diagonal[i]));
        DMatrixRMaj directions = new DMatrixRMaj(d, rank);
        double[] stretches = new double[rank];
        if (rank > 0) {
            DMatrixRMaj factor = factor();
            DMatrixRMaj middle = middle(factor);
            QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(d, rank);
            if (!qr.decompose(factor.copy())) {
                throw new IllegalArgumentException("the pairs have no QR decomposition");
            }
            DMatrixRMaj orthonormal = qr.getQ(null, true);
            DMatrixRMaj triangle = qr.getR(null, true);
            DMatrixRMaj half = new DMatrixRMaj(rank, rank);
            DMatrixRMaj small = CommonOps_DDRM.identity(rank);
            CommonOps_DDRM.mult(triangle, middle, half);
            CommonOps_DDRM.multAddTransB(half, triangle, small);
            EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(rank, true, true);
            if (!eigen.decompose(small)) {
                throw new IllegalArgumentException("the inverse Hessian has no eigenvalues");
            }
            DMatrixRMaj vectors = new DMatrixRMaj(rank, rank);
            for (int k = 0; k < rank; k++) {
                double square = eigen.getEigenvalue(k).getReal();
                if (!(square > 0)) {
                    throw new IllegalArgumentException("the inverse Hessian is not positive definite");
                }
                stretches[k] = Math.sqrt(square);
                CommonOps_DDRM.insert(eigen.getEigenVector(k), vectors, 0, k);
            }
            CommonOps_DDRM.mult(orthonormal, vectors, directions);
        }
        return family.parametersOf(mean, scale, directions, stretches);
    }

    /** The Gaussian of {@link #gaussian}. */
    static GaussianDistribution member(VariationalFamily family, double[] parameters) {
        return (GaussianDistribution) family.member(parameters);
    }
}
