package org.variational.lab.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.density.LogDensity;
import org.variational.lab.evaluation.RandomTarget.Kind;
import org.variational.random.RandomStreams;
import org.variational.weights.WeightedSample;

/** The random targets: moments against draws made in another way, gradients against differences. */
class RandomTargetTest {

    private static final int DRAWS = 200_000;

    /**
     * Standard errors allowed. Two-sided, a normal variable is beyond with probability 7e-6; about 100 are compared.
     */
    private static final double ALLOWED = 4.5;

    private static RandomGenerator random(long index) {
        return RandomStreams.of(20261125).generator("test", index);
    }

    /**
     * Compares the mean, the covariance and, by {@code E[grad log p] = 0} (Stein), the density with draws.
     */
    private static void check(Shape shape, Function<RandomGenerator, double[]> sampler) {
        int dimension = shape.dimension();
        RandomGenerator random = random(dimension);
        double[][] draws = new double[dimension][DRAWS];
        double[][] slopes = new double[dimension][DRAWS];
        double[] gradient = new double[dimension];
        for (int s = 0; s < DRAWS; s++) {
            double[] z = sampler.apply(random);
            shape.evaluate(z, gradient);
            for (int d = 0; d < dimension; d++) {
                draws[d][s] = z[d];
                slopes[d][s] = gradient[d];
            }
        }
        double[] mean = shape.mean();
        DMatrixRMaj covariance = shape.covariance();
        for (int i = 0; i < dimension; i++) {
            assertMean(draws[i], mean[i]);
            assertMean(slopes[i], 0);
            for (int j = 0; j <= i; j++) {
                double[] products = new double[DRAWS];
                for (int s = 0; s < DRAWS; s++) {
                    products[s] = (draws[i][s] - mean[i]) * (draws[j][s] - mean[j]);
                }
                assertMean(products, covariance.get(i, j));
            }
        }
        for (int s = 0; s < 20; s++) {
            int lane = s;
            checkGradient(
                    shape::evaluate,
                    IntStream.range(0, dimension)
                            .mapToDouble(d -> draws[d][lane])
                            .toArray(),
                    1e-5);
        }
    }

    private static void assertMean(double[] values, double expected) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        double error = Math.sqrt(squares) / values.length;
        assertThat(mean).isCloseTo(expected, within(ALLOWED * error + 1e-12));
    }

    @FunctionalInterface
    private interface Density {
        double evaluate(double[] point, double[] gradient);
    }

    /** Central differences with a step h err by about h^2 of the third derivative and 1e-16 / h of the value. */
    private static void checkGradient(Density density, double[] point, double step) {
        double[] gradient = new double[point.length];
        double value = density.evaluate(point.clone(), gradient);
        for (int d = 0; d < point.length; d++) {
            double h = step * (1 + Math.abs(point[d]));
            double[] moved = point.clone();
            double[] unused = new double[point.length];
            moved[d] = point[d] + h;
            double above = density.evaluate(moved, unused);
            moved[d] = point[d] - h;
            double below = density.evaluate(moved, unused);
            double slope = (above - below) / (2 * h);
            assertThat(gradient[d])
                    .isCloseTo(slope, within(1e-5 * (1 + Math.abs(slope)) + 1e-14 * Math.abs(value) / h));
        }
    }

    private static double[] normals(int count, RandomGenerator random) {
        return IntStream.range(0, count).mapToDouble(i -> random.nextGaussian()).toArray();
    }

    private static double chiSquared(int degrees, RandomGenerator random) {
        return Arrays.stream(normals(degrees, random)).map(x -> x * x).sum();
    }

    @Test
    void normal() {
        check(Shapes.normal(3), random -> normals(3, random));
    }

    /** Ten degrees of freedom, so that products of two coordinates have a finite variance of their squares. */
    @Test
    void studentT() {
        check(Shapes.studentT(3, 10), random -> {
            double scale = Math.sqrt(10 / chiSquared(10, random));
            return Arrays.stream(normals(3, random)).map(x -> scale * x).toArray();
        });
    }

    @Test
    void marginals() {
        Shape shape = Shapes.product(List.of(
                new Marginal.StudentT(10),
                new Marginal.LogGamma(3),
                new Marginal.SkewNormal(-4),
                new Marginal.SkewNormal(1.5),
                new Marginal.SinhArcsinh(0.8, 0.7),
                new Marginal.SinhArcsinh(-0.5, 1.4)));
        check(shape, random -> new double[] {
            random.nextGaussian() * Math.sqrt(10 / chiSquared(10, random)),
            Math.log(random.nextExponential() + random.nextExponential() + random.nextExponential()),
            skewNormal(-4, random),
            skewNormal(1.5, random),
            Math.sinh((asinh(random.nextGaussian()) + 0.8) / 0.7),
            Math.sinh((asinh(random.nextGaussian()) - 0.5) / 1.4)
        });
    }

    /**
     * What is known without draws: the sinh-arcsinh distribution without skew and with normal tails is standard normal.
     */
    @Test
    void theMomentsOfAMarginalByQuadratureAreExact() {
        Marginal normal = new Marginal.SinhArcsinh(0, 1);
        assertThat(normal.mean()).isCloseTo(0, within(1e-12));
        assertThat(normal.variance()).isCloseTo(1, within(1e-12));
    }

    private static double asinh(double x) {
        return Math.log(x + Math.sqrt(x * x + 1));
    }

    /** {@code delta |a| + sqrt(1 - delta^2) b} for standard normal a and b. */
    private static double skewNormal(double slant, RandomGenerator random) {
        double delta = slant / Math.sqrt(1 + slant * slant);
        return delta * Math.abs(random.nextGaussian()) + Math.sqrt(1 - delta * delta) * random.nextGaussian();
    }

    /** A narrow spread, so that products of two coordinates have a moderate kurtosis. */
    @Test
    void funnel() {
        check(Shapes.funnel(3, 0.6), random -> {
            double v = 0.6 * random.nextGaussian();
            double sd = Math.exp(v / 2);
            return new double[] {v, sd * random.nextGaussian(), sd * random.nextGaussian()};
        });
    }

    @Test
    void mixture() {
        double[][] centres = {{0, 3}, {-4, 1}, {2, 2}};
        double[] sds = {1, 0.5, 2};
        check(Shapes.mixture(new double[] {0.5, 0.1, 0.4}, centres, sds), random -> {
            double u = random.nextDouble();
            int k = u < 0.5 ? 0 : u < 0.6 ? 1 : 2;
            return new double[] {
                centres[k][0] + sds[k] * random.nextGaussian(), centres[k][1] + sds[k] * random.nextGaussian()
            };
        });
    }

    @Test
    void twisted() {
        check(Shapes.twisted(new double[] {0.8, 0, -0.4}), random -> {
            double[] e = normals(4, random);
            double bent = e[0] * e[0] - 1;
            return new double[] {e[0], e[1] + 0.8 * bent, e[2], e[3] - 0.4 * bent};
        });
    }

    @Test
    void normalGamma() {
        check(Shapes.normalGamma(3, 12, 7), random -> {
            double sigma = Math.sqrt(7 / chiSquared(12, random));
            return new double[] {sigma * random.nextGaussian(), sigma * random.nextGaussian(), Math.log(sigma)};
        });
    }

    @Test
    void aMovedShapeHasTheMomentsAndTheDensityOfItsMap() {
        Shape shape = Shapes.twisted(new double[] {0.7});
        DMatrixRMaj map = new DMatrixRMaj(2, 2, true, 2, -1, 0.5, 3);
        MovedShape moved = new MovedShape(shape, map, new double[] {10, -20}, 1234);
        RandomGenerator random = random(99);
        double[][] draws = new double[2][DRAWS];
        for (int s = 0; s < DRAWS; s++) {
            double[] x = {random.nextGaussian(), random.nextGaussian()};
            x[1] += 0.7 * (x[0] * x[0] - 1);
            draws[0][s] = 10 + 2 * x[0] - x[1];
            draws[1][s] = -20 + 0.5 * x[0] + 3 * x[1];
        }
        for (int d = 0; d < 2; d++) {
            WeightedSample sample = WeightedSample.of(draws[d]);
            assertThat(moved.moments().mean()[d]).isCloseTo(sample.mean(), within(ALLOWED * sample.meanError()));
            assertThat(moved.moments().sd()[d])
                    .isCloseTo(sample.standardDeviation(), within(ALLOWED * sample.standardDeviationError()));
        }
        DMatrixRMaj z = new DMatrixRMaj(2, 2, true, 0.3, -1, 2, 0.4);
        DMatrixRMaj x = new DMatrixRMaj(2, 2);
        CommonOps_DDRM.mult(map, z, x);
        for (int s = 0; s < 2; s++) {
            x.add(0, s, 10);
            x.add(1, s, -20);
        }
        double[] values = new double[2];
        moved.evaluate(x, values, null);
        for (int s = 0; s < 2; s++) {
            double direct = shape.evaluate(new double[] {z.get(0, s), z.get(1, s)}, new double[2]);
            assertThat(values[s]).isCloseTo(direct + 1234, within(1e-9));
        }
    }

    /** Against draws from the prior, weighted by the likelihood of the estimates, which is bounded. */
    @Test
    void aHierarchyHasTheMomentsOfWeightedPriorDraws() {
        Hierarchy hierarchy = new Hierarchy(new double[] {8, -6, 3}, new double[] {6, 4, 8});
        RandomGenerator random = random(7);
        double[][] draws = new double[5][DRAWS];
        double[] weights = new double[DRAWS];
        for (int s = 0; s < DRAWS; s++) {
            double mu = 5 * random.nextGaussian();
            double tau = 5 * Math.abs(Math.tan(Math.PI * (random.nextDouble() - 0.5)));
            double logLikelihood = 0;
            for (int i = 0; i < 3; i++) {
                double theta = mu + tau * random.nextGaussian();
                double z = (hierarchy.y()[i] - theta) / hierarchy.error()[i];
                logLikelihood -= 0.5 * z * z;
                draws[i][s] = theta;
            }
            draws[3][s] = mu;
            draws[4][s] = Math.log(tau);
            weights[s] = Math.exp(logLikelihood);
        }
        assertMoments(hierarchy.moments(), draws, weights);
        for (int s = 0; s < 20; s++) {
            double[] point = new double[5];
            for (int d = 0; d < 5; d++) {
                point[d] = draws[d][s];
            }
            checkGradient(hierarchy.density()::evaluate, point, 1e-6);
        }
    }

    /** The density of a hierarchy is prior times likelihood: differences of it, against both written out. */
    @Test
    void aHierarchyHasItsDensity() {
        Hierarchy hierarchy = new Hierarchy(new double[] {8, -6, 3}, new double[] {6, 4, 8});
        double[][] points = {{1, 2, 3, 0.5, -1}, {-4, 0, 2, -1, 1.3}};
        double[] values = new double[2];
        double[] written = new double[2];
        for (int k = 0; k < 2; k++) {
            double[] u = points[k];
            values[k] = hierarchy.density().evaluate(u.clone(), new double[5]);
            double tau = Math.exp(u[4]);
            written[k] = -u[3] * u[3] / 50 + Math.log(tau / (1 + tau * tau / 25));
            for (int i = 0; i < 3; i++) {
                written[k] -= Math.log(tau) + Math.pow((u[i] - u[3]) / tau, 2) / 2;
                written[k] -= Math.pow((hierarchy.y()[i] - u[i]) / hierarchy.error()[i], 2) / 2;
            }
        }
        assertThat(values[0] - values[1]).isCloseTo(written[0] - written[1], within(1e-10));
    }

    /** Against draws from the prior, weighted by the likelihood. */
    @Test
    void smallRegressionsHaveTheMomentsOfWeightedPriorDraws() {
        for (int dimension = 1; dimension <= 2; dimension++) {
            for (boolean counts : new boolean[] {false, true}) {
                double[][] x = {{1, 0.5}, {1, -0.3}, {1, 1.1}, {1, -0.8}, {1, 0.1}};
                double[][] predictors = new double[5][];
                for (int i = 0; i < 5; i++) {
                    predictors[i] = Arrays.copyOfRange(x[i], 2 - dimension, 2);
                }
                double[] y = counts ? new double[] {2, 0, 3, 1, 1} : new double[] {1, 0, 1, 0, 0};
                SmallRegression regression = new SmallRegression(predictors, y, counts);
                RandomGenerator random = random(17);
                double[][] draws = new double[dimension][DRAWS];
                double[] weights = new double[DRAWS];
                for (int s = 0; s < DRAWS; s++) {
                    for (int d = 0; d < dimension; d++) {
                        draws[d][s] = 2.5 * random.nextGaussian();
                    }
                    weights[s] = 1;
                    for (int i = 0; i < 5; i++) {
                        double eta = 0;
                        for (int d = 0; d < dimension; d++) {
                            eta += predictors[i][d] * draws[d][s];
                        }
                        weights[s] *= counts
                                ? Math.exp(y[i] * eta - Math.exp(eta))
                                : 1 / (1 + Math.exp(y[i] == 1 ? -eta : eta));
                    }
                }
                assertMoments(regression.moments(), draws, weights);
            }
        }
    }

    private static void assertMoments(Moments exact, double[][] draws, double[] weights) {
        for (int d = 0; d < draws.length; d++) {
            WeightedSample sample = WeightedSample.of(draws[d], weights);
            assertThat(sample.effectiveSampleSize()).isGreaterThan(1000);
            assertThat(exact.mean()[d]).isCloseTo(sample.mean(), within(ALLOWED * sample.meanError()));
            assertThat(exact.sd()[d])
                    .isCloseTo(sample.standardDeviation(), within(ALLOWED * sample.standardDeviationError()));
        }
    }

    /** A correlation of 0.99, the mass far from the middle of the first grid and much narrower than its cells. */
    @Test
    void theGridFindsANarrowMass() {
        Moments moments = GridMoments.of(
                new MovedShape(
                        Shapes.normal(2),
                        new DMatrixRMaj(2, 2, true, 0.01, 0, 0.099, 0.0141),
                        new double[] {7, -11},
                        0),
                25);

        assertThat(moments.mean()[0]).isCloseTo(7, within(1e-8));
        assertThat(moments.mean()[1]).isCloseTo(-11, within(1e-8));
        assertThat(moments.sd()[0]).isCloseTo(0.01, within(1e-8));
        assertThat(moments.sd()[1]).isCloseTo(Math.hypot(0.099, 0.0141), within(1e-8));
    }

    @Test
    void seedsGoThroughAllClassesAndDimensions() {
        assertThat(RandomTarget.CELLS).isEqualTo(45);
        Set<String> cells = new HashSet<>();
        for (long seed = 1_000_001; seed < 1_000_001 + RandomTarget.CELLS; seed++) {
            RandomTarget target = RandomTarget.of(seed);
            cells.add(target.kind() + " " + target.density().dimension());
            assertThat(target.moments().dimension()).isEqualTo(target.density().dimension());
        }
        assertThat(cells).hasSize(RandomTarget.CELLS);
        assertThat(RandomTarget.of(1).kind()).isEqualTo(Kind.GAUSSIAN);
        assertThat(RandomTarget.of(1).density().dimension()).isEqualTo(1);
    }

    @Test
    void aSeedGivesTheSameTargetAndAnotherAnother() {
        for (long seed = 1; seed <= RandomTarget.CELLS; seed++) {
            Moments once = RandomTarget.of(seed).moments();
            assertThat(RandomTarget.of(seed).moments().mean()).isEqualTo(once.mean());
            assertThat(RandomTarget.of(seed).moments().sd()).isEqualTo(once.sd());
            assertThat(RandomTarget.of(seed + RandomTarget.CELLS).moments().sd())
                    .isNotEqualTo(once.sd());
        }
    }

    /**
     * Near the mean, in units of each coordinate's own; the density is finite there and its slopes those of its values.
     */
    @Test
    void everyTargetHasTheGradientOfItsValues() {
        for (long seed = 1; seed <= 2L * RandomTarget.CELLS; seed++) {
            RandomTarget target = RandomTarget.of(seed);
            Moments moments = target.moments();
            LogDensity density = target.density();
            int dimension = density.dimension();
            RandomGenerator random = random(seed);
            double[] direction = normals(dimension, random);
            double[] point = moments.mean().clone();
            double h = 1e-6;
            DMatrixRMaj points = new DMatrixRMaj(dimension, 3);
            for (int d = 0; d < dimension; d++) {
                point[d] += 0.1 / Math.sqrt(dimension) * moments.sd()[d] * random.nextGaussian();
                direction[d] *= moments.sd()[d] / Math.sqrt(dimension);
                for (int s = 0; s < 3; s++) {
                    points.set(d, s, point[d] + (s - 1) * h * direction[d]);
                }
            }
            double[] values = new double[3];
            DMatrixRMaj gradient = new DMatrixRMaj(dimension, 3);
            density.evaluate(points, values, gradient);
            double slope = 0;
            double size = 0;
            for (int d = 0; d < dimension; d++) {
                slope += gradient.get(d, 1) * direction[d];
                size += Math.abs(gradient.get(d, 1) * direction[d]);
            }
            assertThat(moments.mean()).doesNotContain(Double.NaN);
            assertThat(Arrays.stream(moments.sd()).min().orElseThrow()).isPositive();
            // Values up to 1e4 and more carry a rounding error of 1e-12, which the step divides.
            double rounding = 1e-15 * Math.abs(values[1]) / h;
            assertThat((values[2] - values[0]) / (2 * h))
                    .as("seed %d, %s in %d dimensions", seed, target.kind(), dimension)
                    .isCloseTo(slope, within(1e-4 * size + 10 * rounding + 1e-6));
        }
    }
}
