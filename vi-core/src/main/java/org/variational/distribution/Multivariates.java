package org.variational.distribution;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.constraint.Constraint;
import org.variational.constraint.Constraints;
import org.variational.expression.Expr;

/** Distributions of vectors and matrices. */
final class Multivariates {

    private static final double LOG_2PI = Math.log(2 * Math.PI);
    private static final double LOG_PI = Math.log(Math.PI);

    private Multivariates() {}

    /** What all have: a name, parameters, a size, and checks of data. */
    private abstract static class Joint implements Distribution {

        private final String name;
        private final int size;
        private final List<Expr> parameters;

        Joint(String name, int size, Expr... parameters) {
            this.name = name;
            this.size = size;
            this.parameters = List.of(parameters);
        }

        @Override
        public final String name() {
            return name;
        }

        @Override
        public final List<Expr> parameters() {
            return parameters;
        }

        @Override
        public final int size() {
            return size;
        }

        @Override
        public final boolean elementwise() {
            return false;
        }

        @Override
        public void checkObserved(String data, double[] values) {
            if (size == 0 || values.length % size != 0) {
                throw new IllegalArgumentException("data \"" + data + "\" has " + values.length + " numbers, but "
                        + name + " values have " + size + " elements each");
            }
            for (int i = 0; i < values.length; i++) {
                if (!Double.isFinite(values[i])) {
                    throw new IllegalArgumentException("data \"" + data + "\" is " + values[i] + " at row " + i / size
                            + ", element " + i % size + ", but " + name + " data must be finite");
                }
            }
        }

        /** Refuses data of which a draw, of a given shape, is not in the support. */
        final void requireSupport(String data, double[] values, int rows, int columns) {
            for (int from = 0; from < values.length; from += size) {
                try {
                    support().unconstrain(Arrays.copyOfRange(values, from, from + size), rows, columns);
                } catch (IllegalArgumentException outside) {
                    throw new IllegalArgumentException(
                            "data \"" + data + "\" at row " + from / size + ": " + outside.getMessage(), outside);
                }
            }
        }

        /** The value, refused if it does not have the size of a draw. */
        final Expr sized(Expr value) {
            if (value.size() != size) {
                throw new IllegalArgumentException(
                        name + " is a distribution of " + size + " elements, but the value is " + value.describe());
            }
            return value;
        }

        /** The value as a column, or as it is where row-wise, refused if it does not have the size of a draw. */
        final Expr column(Expr value) {
            return asColumn(sized(value));
        }

        @Override
        public final String toString() {
            return name + parameters;
        }
    }

    /** A global matrix of one row as a vector, so that it does not broadcast with vectors; anything else as it is. */
    private static Expr asColumn(Expr value) {
        return value.axis() == null && value.columns() != 1 ? value.reshape(value.size(), 1) : value;
    }

    private static Expr square(String name, String parameter, Expr matrix) {
        if (matrix.axis() != null || matrix.rows() != matrix.columns() || matrix.rows() == 0) {
            throw new IllegalArgumentException(
                    name + ": the " + parameter + " must be a square matrix, got " + matrix.describe());
        }
        return Univariate.finite(name, "each element of the " + parameter, matrix);
    }

    /** A normal vector; the subclass says how it is whitened. */
    private abstract static class Normal extends Joint implements LocationScale {

        final Expr location;

        Normal(String name, Expr location, Expr matrix) {
            super(name, matrix.rows(), location, matrix);
            this.location = asColumn(Univariate.finite(name, "each element of the location", location));
            if (location.size() != matrix.rows() && location.size() != 1) {
                throw new IllegalArgumentException(name + ": the location " + location.describe()
                        + " does not fit the matrix " + matrix.describe());
            }
        }

        @Override
        public final Constraint support() {
            return Constraints.real();
        }

        @Override
        public final Distribution standard() {
            return Symmetrics.Normal.STANDARD;
        }

        /** The deviation, a vector or one per row, with covariance turned to the identity. */
        abstract Expr whiten(Expr deviation);

        /** The logarithm of the determinant of the whitening matrix. */
        abstract Expr logDeterminant();

        @Override
        public final Expr logDensity(Expr value) {
            Expr white = whiten(location.minus(column(value)));
            return white.square().times(-0.5).sum().plus(logDeterminant()).minus(0.5 * size() * LOG_2PI);
        }

        @Override
        public final Expr fromStandard(Expr standardised) {
            return location.plus(colour(column(standardised)));
        }

        /** The inverse of {@link #whiten}. */
        abstract Expr colour(Expr white);

        static Expr identity(int n) {
            double[][] identity = new double[n][n];
            for (int i = 0; i < n; i++) {
                identity[i][i] = 1;
            }
            return Expr.constant(identity);
        }

        static double[] standardDraw(RandomGenerator random, int n) {
            double[] z = new double[n];
            for (int i = 0; i < n; i++) {
                z[i] = random.nextGaussian();
            }
            return z;
        }
    }

    /** The normal vector {@code location + L z}. */
    static final class NormalCholesky extends Normal {

        private final Expr factor;

        NormalCholesky(Expr location, Expr factor) {
            super("multivariateNormal", location, square("multivariateNormal", "Cholesky factor", factor));
            this.factor = factor;
            double[] numbers = factor.declaredValues();
            int n = factor.rows();
            for (int i = 0; numbers != null && i < n; i++) {
                for (int j = i; j < n; j++) {
                    double entry = numbers[i * n + j];
                    if (j == i ? !(entry > 0) : entry != 0) {
                        throw new IllegalArgumentException(
                                "multivariateNormal: the Cholesky factor must be lower triangular with a positive"
                                        + " diagonal, but element (" + i + ", " + j + ") is " + entry);
                    }
                }
            }
        }

        @Override
        Expr whiten(Expr deviation) {
            return deviation.axis() == null
                    ? factor.solveLower(deviation)
                    : deviation.matmul(factor.solveLower(identity(size())).transpose());
        }

        @Override
        Expr colour(Expr white) {
            return white.axis() == null ? factor.matmul(white) : white.matmul(factor.transpose());
        }

        @Override
        Expr logDeterminant() {
            return factor.diagonal().log().sum().negate();
        }

        @Override
        public Sampler sampler() {
            int n = size();
            return (random, p, draw) -> {
                double[] z = standardDraw(random, n);
                for (int i = 0; i < n; i++) {
                    double x = p[0][p[0].length == 1 ? 0 : i];
                    for (int j = 0; j <= i; j++) {
                        x += p[1][i * n + j] * z[j];
                    }
                    draw[i] = x;
                }
            };
        }
    }

    /** The normal vector with a given inverse covariance matrix. */
    static final class NormalPrecision extends Normal {

        private static final String NAME = "multivariateNormalPrecision";

        private final Expr precision;

        NormalPrecision(Expr location, Expr precision) {
            super(NAME, location, square(NAME, "precision", precision));
            this.precision = precision;
            precision.cholesky(); // refuses declared numbers that are not symmetric and positive definite
        }

        /** The lower Cholesky factor of numbers, null if they are not positive definite. */
        private static @Nullable DMatrixRMaj factor(double[] precision, int n) {
            CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(n, true);
            return cholesky.decompose(new DMatrixRMaj(n, n, true, precision.clone())) ? cholesky.getT(null) : null;
        }

        @Override
        Expr whiten(Expr deviation) {
            Expr factor = precision.cholesky();
            return deviation.axis() == null ? factor.transpose().matmul(deviation) : deviation.matmul(factor);
        }

        @Override
        Expr colour(Expr white) {
            Expr factor = precision.cholesky();
            return white.axis() == null
                    ? factor.solveLowerTransposed(white)
                    : white.matmul(factor.solveLower(identity(size())));
        }

        @Override
        Expr logDeterminant() {
            return precision.cholesky().diagonal().log().sum();
        }

        @Override
        public Sampler sampler() {
            int n = size();
            return (random, p, draw) -> {
                DMatrixRMaj factor = factor(p[1], n);
                if (factor == null) {
                    Arrays.fill(draw, Double.NaN);
                    return;
                }
                double[] z = standardDraw(random, n);
                for (int i = n - 1; i >= 0; i--) {
                    double x = z[i];
                    for (int j = i + 1; j < n; j++) {
                        x -= factor.get(j, i) * z[j];
                    }
                    z[i] = x / factor.get(i, i);
                    draw[i] = p[0][p[0].length == 1 ? 0 : i] + z[i];
                }
            };
        }
    }

    /** {@code Gamma(sum of a) / product of Gamma(a[k]) times the product of x[k]^(a[k] - 1)}. */
    static final class Dirichlet extends Joint {

        private final Expr concentration;

        Dirichlet(Expr concentration) {
            super(
                    "dirichlet",
                    concentration.size(),
                    Univariate.positive("dirichlet", "each concentration", concentration));
            this.concentration = asColumn(concentration);
            if (concentration.size() == 0) {
                throw new IllegalArgumentException("dirichlet needs at least one concentration");
            }
        }

        @Override
        public Constraint support() {
            return Constraints.simplex();
        }

        @Override
        public void checkObserved(String data, double[] values) {
            super.checkObserved(data, values);
            requireSupport(data, values, size(), 1);
        }

        @Override
        public Expr logDensity(Expr value) {
            return concentration
                    .minus(1)
                    .times(column(value).log())
                    .sum()
                    .plus(concentration.sum().lgamma())
                    .minus(concentration.lgamma().sum());
        }

        @Override
        public Sampler sampler() {
            int n = size();
            return (random, p, draw) -> {
                double largest = Double.NEGATIVE_INFINITY;
                for (int k = 0; k < n; k++) {
                    draw[k] = Draws.logGamma(random, p[0][k]);
                    largest = Math.max(largest, draw[k]);
                }
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    draw[k] = Math.exp(draw[k] - largest);
                    sum += draw[k];
                }
                for (int k = 0; k < n; k++) {
                    draw[k] /= sum;
                }
            };
        }
    }

    /**
     * The distribution of the Cholesky factor of a correlation matrix with density proportional to
     * {@code det(correlation)^(shape - 1)}.
     */
    static final class LkjCholesky extends Joint {

        private final int n;
        private final Expr shape;

        LkjCholesky(int n, Expr shape) {
            super("lkjCholesky", n * n, Univariate.positive("lkjCholesky", "shape", shape));
            this.n = n;
            this.shape = shape;
            if (n < 1 || shape.size() != 1) {
                throw new IllegalArgumentException(
                        "lkjCholesky needs a positive number of rows and a scalar shape, got " + n + " and "
                                + shape.describe());
            }
        }

        @Override
        public Constraint support() {
            return Constraints.choleskyCorrelation();
        }

        @Override
        public void checkObserved(String data, double[] values) {
            super.checkObserved(data, values);
            requireSupport(data, values, n, n);
        }

        @Override
        public Expr logDensity(Expr value) {
            Expr logDiagonal = sized(value).diagonal().log();
            double[] after = new double[n];
            double[] free = new double[n];
            for (int i = 1; i < n; i++) {
                after[i] = n - i - 3;
                free[i] = 2;
            }
            Expr powers = shape.times(Expr.constant(free)).plus(Expr.constant(after));
            Expr density = powers.times(logDiagonal).sum();
            for (int k = 1; k < n; k++) {
                Expr half = shape.plus(0.5 * (n - 1 - k));
                density = density.plus(shape.plus(0.5 * (n - 1)).lgamma())
                        .minus(half.lgamma())
                        .minus(0.5 * k * LOG_PI);
            }
            return density;
        }

        /** Canonical partial correlations are independent, and beta distributed on (-1, 1). */
        @Override
        public Sampler sampler() {
            return (random, p, draw) -> {
                for (int i = 0; i < n; i++) {
                    double left = 1;
                    for (int j = 0; j < i; j++) {
                        double b = p[0][0] + 0.5 * (n - 2 - j);
                        double partial = 2 * Draws.beta(random, b, b) - 1;
                        draw[i * n + j] = left * partial;
                        left *= Math.sqrt((1 - partial) * (1 + partial));
                    }
                    draw[i * n + i] = left;
                    for (int j = i + 1; j < n; j++) {
                        draw[i * n + j] = 0;
                    }
                }
            };
        }
    }
}
