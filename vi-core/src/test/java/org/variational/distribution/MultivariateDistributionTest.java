package org.variational.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.lkjCholesky;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.multivariateNormalPrecision;
import static org.variational.distribution.Distributions.normal;
import static org.variational.expression.Evaluations.elements;
import static org.variational.expression.Evaluations.points;
import static org.variational.expression.Evaluations.requireAgreement;
import static org.variational.expression.Evaluations.requireClose;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.MultivariateNormalDistribution;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.special.Gamma;
import org.junit.jupiter.api.Test;
import org.variational.constraint.Constraints;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/** Distributions of vectors and matrices: log densities, gradients, integrals and draws. */
class MultivariateDistributionTest {

    private static final int DRAWS = 20_000;
    private static final double[] NOTHING = {};
    private static final double[][] FACTOR = {{1.5, 0, 0}, {-0.5, 2, 0}, {1, 0.3, 0.8}};
    private static final double[] LOCATION = {1, -2, 0.5};
    private static final double[][] VALUES = {{0, 0, 0}, {1, -2, 3}, {-4, 1, 0.5}};

    private static RealMatrix covariance() {
        RealMatrix factor = new Array2DRowRealMatrix(FACTOR);
        return factor.multiply(factor.transpose());
    }

    private static RealMatrix inverse(RealMatrix matrix) {
        return new LUDecomposition(matrix).getSolver().getInverse();
    }

    private static LocationScale[] normals() {
        return new LocationScale[] {
            multivariateNormal(Expr.constant(LOCATION), Expr.constant(FACTOR)),
            multivariateNormalPrecision(
                    Expr.constant(LOCATION), Expr.constant(inverse(covariance()).getData()))
        };
    }

    private static double[] flat(double[][] matrix) {
        return Arrays.stream(matrix).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] draws(Distribution distribution) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20260101);
        double[][] parameters = distribution.parameters().stream()
                .map(p -> elements(p, NOTHING))
                .toArray(double[][]::new);
        double[] all = new double[DRAWS * distribution.size()];
        double[] draw = new double[distribution.size()];
        Sampler sampler = distribution.sampler();
        for (int i = 0; i < DRAWS; i++) {
            sampler.draw(random, parameters, draw);
            System.arraycopy(draw, 0, all, i * draw.length, draw.length);
        }
        distribution.checkObserved("draws", all);
        return all;
    }

    @Test
    void normalDensityOfVectorsAndRows() {
        MultivariateNormalDistribution known =
                new MultivariateNormalDistribution(LOCATION, covariance().getData());
        Expr rows = Expr.data("y", RowAxis.of("rows", 3), 3, flat(VALUES));
        for (LocationScale distribution : normals()) {
            double[] byRow = elements(distribution.logDensity(rows), NOTHING);
            for (int t = 0; t < 3; t++) {
                double expected = Math.log(known.density(VALUES[t]));
                double found = elements(distribution.logDensity(Expr.constant(VALUES[t])), NOTHING)[0];
                requireClose("vector", found, expected, 1e-12);
                requireClose("row", byRow[t], expected, 1e-12);
            }
        }
    }

    /** With everything unknown: value, location and matrix, for a vector and for rows. */
    @Test
    void normalGradients() {
        Expr value = Expr.coordinates("value", 0, 2, 1);
        Expr location = Expr.coordinates("location", 2, 2, 1);
        Expr free = Expr.coordinates("factor", 4, 3, 1);
        Expr factor = Constraints.choleskyCovariance().constrain(free, 2, 2);
        Expr precision = factor.matmul(factor.transpose());
        Expr rows = Expr.data("y", RowAxis.of("rows", 2), 2, new double[] {0.3, -1, 2, 0.7});
        double[][] points = points(9, 7, -1, 1, 3);
        requireAgreement(
                multivariateNormal(location, factor).logDensity(value),
                u -> new double[] {logDensity(u, u[0], u[1], false)},
                points,
                1e-12);
        requireAgreement(
                multivariateNormalPrecision(location, precision).logDensity(value),
                u -> new double[] {logDensity(u, u[0], u[1], true)},
                points,
                1e-12);
        requireAgreement(
                multivariateNormal(location, factor).logDensity(rows),
                u -> new double[] {logDensity(u, 0.3, -1, false), logDensity(u, 2, 0.7, false)},
                points,
                1e-12);
        requireAgreement(
                multivariateNormalPrecision(location, precision).logDensity(rows),
                u -> new double[] {logDensity(u, 0.3, -1, true), logDensity(u, 2, 0.7, true)},
                points,
                1e-12);
    }

    /** The log density of two elements by the formula, with covariance, or precision, {@code L L'}. */
    private static double logDensity(double[] u, double x, double y, boolean precision) {
        double a = Math.exp(u[4]);
        double b = u[5];
        double c = Math.exp(u[6]);
        double dx = x - u[2];
        double dy = y - u[3];
        double first = precision ? a * dx + b * dy : dx / a;
        double second = precision ? c * dy : (dy - b * first) / c;
        double logDeterminant = (precision ? 1 : -1) * (u[4] + u[6]);
        return -0.5 * (first * first + second * second) + logDeterminant - Math.log(2 * Math.PI);
    }

    @Test
    void aDrawAtAPrecisionThatIsNotPositiveDefiniteIsNaN() {
        Distribution normal = multivariateNormalPrecision(
                Expr.constant(new double[2]), Expr.constant(new double[][] {{1, 0}, {0, 1}}));
        double[] draw = {5, 5};
        normal.sampler().draw(new java.util.SplittableRandom(1), new double[][] {{0, 0}, {1, 2, 2, 1}}, draw);
        assertThat(draw).containsOnly(Double.NaN);
        normal.sampler().draw(new java.util.SplittableRandom(1), new double[][] {{0, 0}, {1, 0.5, 0.5, 1}}, draw);
        assertThat(Arrays.stream(draw)).allMatch(Double::isFinite);
        double[][] indefinite = {{1, 2}, {2, 1}};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multivariateNormalPrecision(Expr.constant(0), Expr.constant(indefinite)))
                .withMessageContaining("definite");
    }

    @Test
    void normalLocationAndScaleUndoStandardising() {
        Expr z = Expr.constant(new double[] {0.3, -1, 2});
        Expr rows = Expr.data("z", RowAxis.of("rows", 2), 3, new double[] {0.3, -1, 2, 1, 1, 1});
        for (LocationScale distribution : normals()) {
            Expr x = distribution.fromStandard(z);
            double joint = elements(distribution.logDensity(x), NOTHING)[0];
            double standard =
                    Arrays.stream(elements(normal(0, 1).logDensity(z), NOTHING)).sum();
            requireClose("density", joint + Math.log(1.5 * 2 * 0.8), standard, 1e-13);
            double[] byRow = elements(distribution.fromStandard(rows), NOTHING);
            double[] single = elements(x, NOTHING);
            for (int i = 0; i < 3; i++) {
                requireClose("row", byRow[i], single[i], 1e-14);
            }
        }
    }

    /** Six standard errors for each of 2 x (3 + 6) numbers: false alarms below 1e-7. */
    @Test
    void normalDrawsHaveTheirMeanAndCovariance() {
        RealMatrix covariance = covariance();
        for (LocationScale distribution : normals()) {
            double[] draws = draws(distribution);
            for (int i = 0; i < 3; i++) {
                double mean = 0;
                for (int s = 0; s < DRAWS; s++) {
                    mean += draws[3 * s + i] / DRAWS;
                }
                double sd = Math.sqrt(covariance.getEntry(i, i));
                assertThat(Math.abs(mean - LOCATION[i])).isLessThan(6 * sd / Math.sqrt(DRAWS));
                for (int j = 0; j <= i; j++) {
                    double product = 0;
                    for (int s = 0; s < DRAWS; s++) {
                        product += (draws[3 * s + i] - LOCATION[i]) * (draws[3 * s + j] - LOCATION[j]) / DRAWS;
                    }
                    double cij = covariance.getEntry(i, j);
                    double variance = covariance.getEntry(i, i) * covariance.getEntry(j, j) + cij * cij;
                    assertThat(Math.abs(product - cij)).isLessThan(6 * Math.sqrt(variance / DRAWS));
                }
            }
        }
    }

    @Test
    void dirichletDensityAndGradient() {
        Expr concentration = Expr.coordinates("concentration", 2, 3, 1);
        Expr simplex = Constraints.simplex().constrain(Expr.coordinates("u", 0, 2, 1), 3, 1);
        requireAgreement(
                dirichlet(concentration).logDensity(simplex),
                u -> {
                    double first = 1 / (1 + 2 * Math.exp(-u[0]));
                    double second = (1 - first) / (1 + Math.exp(-u[1]));
                    double[] x = {first, second, 1 - first - second};
                    double density = Gamma.logGamma(u[2] + u[3] + u[4]);
                    for (int k = 0; k < 3; k++) {
                        density += (u[2 + k] - 1) * Math.log(x[k]) - Gamma.logGamma(u[2 + k]);
                    }
                    return new double[] {density};
                },
                points(9, 5, 0.4, 3, 5),
                1e-12);
        Expr rows = Expr.data("shares", RowAxis.of("rows", 2), 2, new double[] {0.2, 0.8, 0.5, 0.5});
        double[] byRow = elements(dirichlet(2, 3).logDensity(rows), NOTHING);
        requireClose("row 0", byRow[0], new BetaDistribution(2, 3).logDensity(0.2), 1e-12);
        requireClose("row 1", byRow[1], new BetaDistribution(2, 3).logDensity(0.5), 1e-12);
        assertThat(elements(dirichlet(4).logDensity(Expr.constant(new double[] {1})), NOTHING)[0])
                .isZero();
    }

    /** Kolmogorov and Smirnov for each marginal, false alarms 1e-6. */
    private static void requireBeta(
            double[] draws, int size, int element, double scale, double shift, double a, double b) {
        double[] values = new double[DRAWS];
        for (int s = 0; s < DRAWS; s++) {
            values[s] = shift + scale * draws[s * size + element];
        }
        Arrays.sort(values);
        BetaDistribution marginal = new BetaDistribution(a, b);
        double largest = 0;
        for (int i = 0; i < DRAWS; i++) {
            double p = marginal.cumulativeProbability(values[i]);
            largest = Math.max(largest, Math.max(p - (double) i / DRAWS, (i + 1.0) / DRAWS - p));
        }
        assertThat(largest * Math.sqrt(DRAWS)).isLessThan(2.7);
    }

    @Test
    void dirichletDrawsHaveBetaMarginals() {
        double[] concentration = {0.3, 2, 5};
        double[] draws = draws(dirichlet(concentration));
        for (int k = 0; k < 3; k++) {
            requireBeta(draws, 3, k, 1, 0, concentration[k], 7.3 - concentration[k]);
        }
    }

    /**
     * Each correlation r of three has {@code (r + 1) / 2} beta distributed with both parameters {@code shape + 1/2}.
     */
    @Test
    void correlationDrawsHaveBetaMarginals() {
        double[] factors = draws(lkjCholesky(3, 2));
        double[] correlations = new double[3 * DRAWS];
        for (int s = 0; s < DRAWS; s++) {
            double[] l = Arrays.copyOfRange(factors, 9 * s, 9 * s + 9);
            correlations[3 * s] = l[3];
            correlations[3 * s + 1] = l[6];
            correlations[3 * s + 2] = l[6] * l[3] + l[7] * l[4];
        }
        for (int k = 0; k < 3; k++) {
            requireBeta(correlations, 3, k, 0.5, 0.5, 2.5, 2.5);
        }
    }

    /**
     * By the formula for two rows, where the density of the one correlation is {@code (1 - r^2)^(shape - 1) / B(1/2,
     * shape)}.
     */
    @Test
    void correlationDensityAndGradient() {
        Expr factor = Constraints.choleskyCorrelation().constrain(Expr.coordinates("u", 0, 1, 1), 2, 2);
        requireAgreement(
                lkjCholesky(2, Expr.coordinates("shape", 1, 1, 1)).logDensity(factor),
                u -> {
                    double r = Math.tanh(u[0]);
                    double logBeta = Gamma.logGamma(0.5) + Gamma.logGamma(u[1]) - Gamma.logGamma(u[1] + 0.5);
                    return new double[] {(u[1] - 1) * Math.log1p(-r * r) - logBeta};
                },
                points(9, 2, 0.3, 2, 6),
                1e-12);
    }

    @Test
    void mixturesOfVectors() {
        Distribution mixture = mixture(
                Expr.constant(new double[] {0.25, 0.75}),
                multivariateNormal(Expr.constant(0), Expr.constant(FACTOR)),
                multivariateNormal(Expr.constant(LOCATION), Expr.constant(FACTOR)));
        Expr rows = Expr.data("y", RowAxis.of("rows", 3), 3, flat(VALUES));
        double[] byRow = elements(mixture.logDensity(rows), NOTHING);
        RealMatrix covariance = covariance();
        for (int t = 0; t < 3; t++) {
            double expected = 0.25
                            * new MultivariateNormalDistribution(new double[3], covariance.getData()).density(VALUES[t])
                    + 0.75 * new MultivariateNormalDistribution(LOCATION, covariance.getData()).density(VALUES[t]);
            requireClose("row " + t, byRow[t], Math.log(expected), 1e-12);
        }
        assertThat(draws(mixture)).hasSize(3 * DRAWS).doesNotContain(Double.NaN);
    }

    @Test
    void misfitsAreRefused() {
        Expr two = Expr.constant(new double[] {1, 2});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multivariateNormal(two, Expr.constant(FACTOR)))
                .withMessageContaining("location");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multivariateNormal(two, Expr.constant(new double[][] {{1, 0.5}, {0, 1}})))
                .withMessageContaining("(0, 1) is 0.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multivariateNormal(two, two))
                .withMessageContaining("square");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multivariateNormalPrecision(two, Expr.constant(new double[][] {{1, 0.5}, {0.4, 1}})))
                .withMessageContaining("symmetric");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multivariateNormalPrecision(two, Expr.constant(new double[][] {{1, 2}, {2, 1}})))
                .withMessageContaining("positive definite");
        assertThatIllegalArgumentException().isThrownBy(() -> dirichlet(1, 0)).withMessageContaining("concentration");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dirichlet(1, 1).logDensity(Expr.constant(1)))
                .withMessageContaining("2 elements");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dirichlet(1, 1).checkObserved("shares", new double[] {0.5, 0.5, 0.5, 0.6}))
                .withMessageContaining("row 1")
                .withMessageContaining("sum to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> normals()[0].checkObserved("y", new double[] {1, 2, 3, 4}))
                .withMessageContaining("3 elements");
        assertThatIllegalArgumentException().isThrownBy(() -> lkjCholesky(0, 1)).withMessageContaining("rows");
    }
}
