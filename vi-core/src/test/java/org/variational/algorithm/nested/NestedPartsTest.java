package org.variational.algorithm.nested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Limits;
import org.variational.density.Interactions;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.NestedGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;
import org.variational.structure.Structure;

/** Each part on densities of which the answer is known. */
class NestedPartsTest {

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    /** One outer coordinate, then a chain of four and a hub. */
    private static final Interactions CHAIN_AND_HUB = Interactions.of(
                    6,
                    List.of(
                            new int[] {0, 1, 2},
                            new int[] {2, 3},
                            new int[] {3, 4},
                            new int[] {0, 3},
                            new int[] {0, 4},
                            new int[] {5, 1},
                            new int[] {5, 2},
                            new int[] {5, 3},
                            new int[] {5, 4}))
            .withScales(0);

    /** Between the inner coordinates 1 to 5. */
    private static final double[][] PRECISION = {
        {3, -1, 0, 0, 0.5}, {-1, 4, 1.5, 0, -0.3}, {0, 1.5, 5, 1, 0.2}, {0, 0, 1, 2, 0.4}, {0.5, -0.3, 0.2, 0.4, 6}
    };

    private static final double[] MEAN = {1, -2, 0.5, 3, -1};

    /** Normal given t, with mean {@code (1 + t) MEAN} and precision {@code PRECISION}; t itself is N(0.3, 0.5^2). */
    private static final LogDensity GAUSSIAN = LogDensities.of(6, (x, g) -> {
        double value = -2 * (x[0] - 0.3) * (x[0] - 0.3);
        g[0] = -4 * (x[0] - 0.3);
        for (int i = 0; i < 5; i++) {
            double row = 0;
            for (int j = 0; j < 5; j++) {
                row += PRECISION[i][j] * (x[1 + j] - (1 + x[0]) * MEAN[j]);
            }
            value -= 0.5 * row * (x[1 + i] - (1 + x[0]) * MEAN[i]);
            g[1 + i] = -row;
            g[0] += row * MEAN[i];
        }
        return value;
    });

    private static final double HALF_LOG_DETERMINANT = 0.5 * Math.log(CommonOps_DDRM.det(new DMatrixRMaj(PRECISION)));

    private final FactorPattern pattern;
    private final Evaluations evaluations;

    NestedPartsTest() {
        evaluations = evaluations(GAUSSIAN, CHAIN_AND_HUB);
        pattern = Objects.requireNonNull(evaluations.structure().pattern());
    }

    static Evaluations evaluations(LogDensity density, Interactions interactions) {
        ParameterLayout layout = ParameterLayout.unnamed(density.dimension());
        return new Evaluations(
                new GuardedDensity(density, CoordinateSplit.of(layout)),
                Structure.of(layout.coordinateNames(), interactions),
                Limits.ofEvaluations(Long.MAX_VALUE));
    }

    private static double[] given(double t) {
        return Arrays.stream(MEAN).map(m -> (1 + t) * m).toArray();
    }

    private void requirePrecision(double[] entries, double tolerance) {
        for (int column = 0; column < 5; column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                double exact = PRECISION[pattern.node(pattern.row(entry))][pattern.node(column)];
                assertThat(entries[entry]).isCloseTo(exact, within(tolerance));
            }
        }
    }

    /** Differences of a linear gradient are exact up to rounding, 1e-15 over steps of 1e-4. */
    @Test
    void theCurvatureOfAQuadraticIsExact() {
        Curvature curvature = new Curvature(evaluations, pattern);
        double[] ones = {1, 1, 1, 1, 1};
        double[][] entries =
                curvature.at(List.of(new double[6], new double[] {1, 5, -3, 2, 0.1, 7}), List.of(ones, ones));
        requirePrecision(entries[0], 1e-9);
        requirePrecision(entries[1], 1e-9);
        assertThat(evaluations.count())
                .isEqualTo(new EvaluationCount(
                        4L * evaluations.structure().colouring().count(), 0));
    }

    @Test
    void theModeOfAGaussianIsFoundWithItsMarginal() {
        ConditionalSolver solver = new ConditionalSolver(evaluations, pattern);
        List<double[]> outers = List.of(new double[] {-1.5}, new double[] {0.3}, new double[] {4});
        List<double[]> starts = List.of(new double[5], new double[] {9, 9, -9, 9, 9}, new double[5]);
        List<Conditional> found = solver.solve(outers, starts);
        for (int p = 0; p < 3; p++) {
            double t = outers.get(p)[0];
            Conditional conditional = Objects.requireNonNull(found.get(p));
            assertThat(conditional.inner()).containsExactly(given(t), within(1e-6));
            double expected = -2 * (t - 0.3) * (t - 0.3) + 2.5 * LOG_TWO_PI - HALF_LOG_DETERMINANT;
            assertThat(conditional.logMarginal()).isCloseTo(expected, within(1e-7));
        }
    }

    @Test
    void searchAndNodesOfAGaussian() {
        ConditionalSolver solver = new ConditionalSolver(evaluations, pattern);
        Conditional start = Objects.requireNonNull(
                solver.solve(List.of(new double[] {-3}), List.of(new double[5])).get(0));
        OuterSearch.Mode mode = Objects.requireNonNull(new OuterSearch(solver, start).climb());
        assertThat(mode.centre().outer()[0]).isCloseTo(0.3, within(0.03));
        assertThat(mode.deviations()[0]).isCloseTo(0.5, within(1e-3));
        List<Conditional> nodes = new NodeLayout(solver, mode).nodes();
        double low = nodes.stream().mapToDouble(n -> n.outer()[0]).min().orElse(0);
        double high = nodes.stream().mapToDouble(n -> n.outer()[0]).max().orElse(0);
        // a fall of 14 is sqrt 28 standard deviations away, and the first node beyond ends the walk
        assertThat((0.3 - low) / 0.5).isBetween(Math.sqrt(28) - 0.1, Math.sqrt(28) + 0.8);
        assertThat((high - 0.3) / 0.5).isBetween(Math.sqrt(28) - 0.1, Math.sqrt(28) + 0.8);
        double[][] places = new double[nodes.size()][1];
        double[] logMarginals = new double[nodes.size()];
        for (int j = 0; j < places.length; j++) {
            places[j][0] =
                    (nodes.get(j).outer()[0] - mode.centre().outer()[0]) / mode.deviations()[0] * mode.axes()[0][0];
            logMarginals[j] = nodes.get(j).logMarginal();
        }
        OuterMixture.Fitted fitted = OuterMixture.of(mode, places, logMarginals);
        VariationalDistribution q = fitted.family().member(fitted.parameters());
        double[] logDensity = new double[1];
        for (double t = -1.2; t < 1.8; t += 0.07) {
            q.logDensity(new DMatrixRMaj(1, 1, true, t), logDensity);
            double exact = -2 * (t - 0.3) * (t - 0.3) - 0.5 * LOG_TWO_PI + Math.log(2);
            // a mixture of kernels every .3 sd ripples by 1e-9; what lies beyond the nodes has 1e-5 of the mass
            assertThat(logDensity[0]).isCloseTo(exact, within(1e-3));
        }
    }

    /** A Gaussian is its own variational optimum, without a bend. */
    @Test
    void refinementLeavesAGaussianAsItIs() {
        ConditionalSolver solver = new ConditionalSolver(evaluations, pattern);
        Conditional node = Objects.requireNonNull(
                solver.solve(List.of(new double[] {1}), List.of(new double[5])).get(0));
        Conditional refined = new VariationalRefinement(evaluations, pattern)
                .refine(List.of(node))
                .get(0);
        assertThat(refined.inner()).containsExactly(node.inner(), within(1e-7));
        assertThat(refined.factor()).containsExactly(node.factor(), within(1e-7));
        assertThat(refined.bends()).containsOnly(new double[5], within(1e-7));
        assertThat(refined.logMarginal()).isCloseTo(node.logMarginal(), within(1e-7));
    }

    private static final double[] COUNTS = {0, 1, 4};

    /** Independent counts with log rates {@code b} and prior N(0, 1), beside a scale that nothing depends on. */
    private static LogDensity counts() {
        return LogDensities.of(4, (x, g) -> {
            double value = -0.5 * x[0] * x[0];
            g[0] = -x[0];
            for (int i = 0; i < 3; i++) {
                double rate = Math.exp(x[1 + i]);
                value += COUNTS[i] * x[1 + i] - rate - 0.5 * x[1 + i] * x[1 + i];
                g[1 + i] = COUNTS[i] - rate - x[1 + i];
            }
            return value;
        });
    }

    private static Evaluations ofCounts() {
        List<int[]> pairs = new ArrayList<>();
        for (int i = 1; i < 4; i++) {
            pairs.add(new int[] {0, i});
        }
        return evaluations(counts(), Interactions.of(4, pairs).withScales(0));
    }

    private static Conditional nodeOfCounts(Evaluations ofCounts, FactorPattern apart) {
        return Objects.requireNonNull(new ConditionalSolver(ofCounts, apart)
                .solve(List.of(new double[1]), List.of(new double[3]))
                .get(0));
    }

    /**
     * The optimum solves {@code y - m - exp(m + v / 2) = 0} and {@code 1 / v = 1 + exp(m + v / 2)}, and the third
     * derivative k, in deviations, makes the variance larger by {@code k^2 / 2}. Of the rate, three points take v^3 /
     * 120 from its mean and their secant v^2 / 20 from its slope, to lowest order; twice that is allowed.
     */
    @Test
    void refinementFindsTheVariationalOptimum() {
        Evaluations ofCounts = ofCounts();
        FactorPattern apart = Objects.requireNonNull(ofCounts.structure().pattern());
        Conditional node = nodeOfCounts(ofCounts, apart);
        Conditional refined =
                new VariationalRefinement(ofCounts, apart).refine(List.of(node)).get(0);
        for (int i = 0; i < 3; i++) {
            double m = 0;
            double v = 1;
            for (int step = 0; step < 500; step++) {
                double expected = Math.exp(m + v / 2);
                m += 0.5 * (COUNTS[i] - m - expected) / (1 + expected);
                v = 0.5 * v + 0.5 / (1 + expected);
            }
            int column = apart.position(i);
            double mode = node.inner()[i];
            double rate = Math.exp(m + v / 2);
            double k = -rate * Math.pow(v, 1.5);
            assertThat(refined.inner()[i]).isCloseTo(m, within(v * v * v / 60 * rate));
            assertThat(Math.abs(m - mode)).isGreaterThan(v * v * v / 20 * rate);
            double precision = Math.pow(refined.factor()[apart.start(column)], 2);
            assertThat(precision).isCloseTo(1 / v / (1 + k * k / 2), within(v * v / 10 * rate));
            // the third derivative is that of -exp: to the left
            assertThat(refined.bends()[column]).isNegative();
        }
    }

    /**
     * Against quadrature: the evidence, of which the bound alone misses {@code k^2 / 12} and more, and the weights of
     * each count, whose variance a Gaussian with the optimal moments leaves at about {@code k^2 / 6}: a tenth of that
     * is allowed, and of the evidence the next term, {@code k^4 / 24} or so.
     */
    @Test
    void refinementGivesTheShapeOfTheNextOrder() {
        Evaluations ofCounts = ofCounts();
        FactorPattern apart = Objects.requireNonNull(ofCounts.structure().pattern());
        Conditional refined = new VariationalRefinement(ofCounts, apart)
                .refine(List.of(nodeOfCounts(ofCounts, apart)))
                .get(0);
        NestedGaussian family = NestedGaussian.of(
                new NestedGaussian.Nodes(
                        MeanFieldGaussian.of(1), new int[] {0}, new double[1][1], new double[][] {{1}}),
                apart);
        double[] parameters = new double[family.parameterCount()];
        double[] node = family.nodeParameters(refined.inner(), refined.factor(), refined.bends(), refined.tails());
        System.arraycopy(node, 0, parameters, 2, node.length);
        NestedGaussian.Member q = family.member(parameters);
        DMatrixRMaj point = new DMatrixRMaj(4, 1);
        DMatrixRMaj parts = new DMatrixRMaj(4, 1);
        double evidence = 0;
        double slack = 0;
        for (int i = 0; i < 3; i++) {
            int column = apart.position(i);
            double deviation = 1 / refined.factor()[apart.start(column)];
            double k = -Math.exp(refined.inner()[i] + deviation * deviation / 2) * Math.pow(deviation, 3);
            double integral = 0;
            double squares = 0;
            double step = deviation / 50;
            for (int n = -600; n <= 600; n++) {
                point.zero();
                point.data[1 + i] = refined.inner()[i] + n * step;
                q.logDensityParts(point, new int[] {-1, 0, 1, 2}, parts);
                double b = point.data[1 + i];
                double p = Math.exp(COUNTS[i] * b - Math.exp(b) - 0.5 * b * b);
                integral += p * step;
                squares += p * p / Math.exp(parts.data[i]) * step;
            }
            assertThat(squares / (integral * integral) - 1).isBetween(0.0, k * k / 60);
            evidence += Math.log(integral);
            slack += Math.pow(k, 4) / 24;
        }
        assertThat(refined.logMarginal()).isCloseTo(evidence, within(slack));
    }

    // ---------------------------------------------------------------- kernels

    /**
     * Draws of N(0, 2^2 I) weighted to N(1, I) in two dimensions: the kernels have the mean of the target, and with
     * the wide part, 5 % with twice the covariance, 1.05 times its variance and what kernels of several widths add.
     */
    @Test
    void kernelsHaveTheMomentsOfTheWeightedDraws() {
        var random = RandomStreams.of(4).generator("kernels", 0);
        double[][] draws = new double[4000][2];
        double[] logWeights = new double[draws.length];
        for (int s = 0; s < draws.length; s++) {
            for (int a = 0; a < 2; a++) {
                draws[s][a] = 2 * random.nextGaussian();
                logWeights[s] += draws[s][a] * draws[s][a] / 8 - (draws[s][a] - 1) * (draws[s][a] - 1) / 2;
            }
        }
        OuterMixture.Fitted fitted = Objects.requireNonNull(OuterKernels.of(draws, logWeights));
        VariationalDistribution q = fitted.family().member(fitted.parameters());
        for (int a = 0; a < 2; a++) {
            // a standard error of .03 from 1,200 effective draws
            assertThat(q.mean()[a]).isCloseTo(1, within(0.12));
            assertThat(q.standardDeviation()[a]).isBetween(0.95, 1.3);
        }
    }

    @Test
    void drawsOnALineHaveNoKernels() {
        double[][] draws = new double[50][2];
        for (int s = 0; s < draws.length; s++) {
            draws[s][0] = s;
            draws[s][1] = s;
        }
        assertThat(OuterKernels.of(draws, new double[50])).isNull();
    }

    /** One draw has nearly all of the weight: the power that leaves a tenth is found, and the order stays. */
    @Test
    void weightsAreTemperedUntilATenthOfTheDrawsCounts() {
        double[] logWeights = new double[100];
        Arrays.setAll(logWeights, s -> -s);
        logWeights[99] = Double.NaN;
        double[] weights = OuterKernels.tempered(logWeights);
        double worth = 1 / Arrays.stream(weights).map(w -> w * w).sum();
        assertThat(worth).isCloseTo(10, within(1e-6));
        assertThat(weights[0]).isGreaterThan(weights[1]);
        assertThat(weights[99]).isZero();
        assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
    }
}
