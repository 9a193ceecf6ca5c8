package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.variational.density.Interactions;
import org.variational.density.Matrices;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;

/**
 * What every continuous family must keep. A new family is one line in {@link #families()}.
 *
 * <p>Monte-Carlo checks allow 6 standard errors, which a normal average exceeds with probability 2e-9: about 1e-5 for
 * the several thousand averages of a run. Streams are fixed, so that a pass is permanent.
 */
class VariationalFamilyContractTest {
    private static final double STANDARD_ERRORS = 6;
    private static final int DRAWS = 40_000;
    private static final int LANES = 50;

    private static List<VariationalFamily> families() {
        return List.of(
                MeanFieldGaussian.of(1),
                MeanFieldGaussian.of(2),
                MeanFieldGaussian.of(7),
                FullRankGaussian.of(1),
                FullRankGaussian.of(2),
                FullRankGaussian.of(6),
                LowRankGaussian.of(1),
                LowRankGaussian.of(2),
                LowRankGaussian.of(6, 3),
                LowRankGaussian.of(4, 4),
                LowRankScaleGaussian.of(1, 1),
                LowRankScaleGaussian.of(2, 1),
                LowRankScaleGaussian.of(6, 3),
                LowRankScaleGaussian.of(4, 4),
                SparseGaussian.of(Interactions.of(1, List.of())),
                SparseGaussian.of(Interactions.of(2, List.of(new int[] {0, 1}))),
                // a scale that acts with all, a chain, and one with a chord
                SparseGaussian.of(Interactions.of(
                        6, List.of(new int[] {0, 1, 2}, new int[] {0, 2, 3}, new int[] {0, 4, 5}, new int[] {1, 5}))),
                nested(MeanFieldGaussian.of(1), 1, 4, List.of()),
                nested(MultivariateStudentT.of(1, 9), 5, 4, List.of(new int[] {0, 1, 2}, new int[] {0, 3, 4})),
                nested(Mixture.of(2, FullRankGaussian.of(2)), 5, 3, List.of(new int[] {0, 1}, new int[] {1, 2, 3})),
                nested(MultivariateStudentT.of(2, 8), 5, 3, List.of(new int[] {0, 1, 2, 3, 4})),
                ConditionallyStructuredGaussian.of(1, new int[] {0}, new int[0][]),
                ConditionallyStructuredGaussian.of(2, new int[] {1}, new int[][] {{0}}),
                ConditionallyStructuredGaussian.of(5, new int[] {0, 3}, new int[][] {{0, 1}, {1}, {}}),
                BlockGaussian.of(List.of(new BlockGaussian.Block(1, false))),
                BlockGaussian.of(List.of(new BlockGaussian.Block(1, true), new BlockGaussian.Block(1, false))),
                BlockGaussian.of(List.of(
                        new BlockGaussian.Block(2, false),
                        new BlockGaussian.Block(1, true),
                        new BlockGaussian.Block(2, true),
                        new BlockGaussian.Block(1, false))),
                MeanFieldStudentT.of(1, 5),
                MeanFieldStudentT.of(2, 6.5),
                MeanFieldStudentT.of(4, 30),
                MultivariateStudentT.of(1, 5),
                MultivariateStudentT.of(2, 6.5),
                MultivariateStudentT.of(4, 9),
                Mixture.of(1, MeanFieldGaussian.of(1)),
                Mixture.of(3, MeanFieldGaussian.of(1)),
                Mixture.of(2, FullRankGaussian.of(2)),
                Mixture.of(3, MeanFieldGaussian.of(4)),
                Mixture.of(2, MultivariateStudentT.of(3, 8)),
                CouplingFlow.of(1),
                CouplingFlow.of(2, 4, 5),
                CouplingFlow.of(5, 6, 4));
    }

    /**
     * Inner coordinates of which some act together, with one or two outer ones among them, the first and the fourth;
     * as many nodes along each axis.
     */
    private static NestedGaussian nested(VariationalFamily outerFamily, int inner, int along, List<int[]> terms) {
        int k = outerFamily.dimension();
        double[][] points = new double[k == 1 ? along : along * along][k];
        for (int n = 0; n < points.length; n++) {
            for (int a = 0; a < k; a++) {
                int place = a == 0 ? n % along : n / along;
                // not quite a lattice, around the means of the start
                points[n][a] = means(4)[3 * a] + 1.1 * (place - 0.5 * (along - 1)) + 0.1 * Math.sin(3 * n + a);
            }
        }
        double[][] whitening = k == 1 ? new double[][] {{1.3}} : new double[][] {{1.2, 0.3}, {-0.2, 0.9}};
        FactorPattern pattern = Objects.requireNonNull(
                FactorPattern.of(Interactions.of(inner, terms).related(), new int[0], 100));
        int[] outer = k == 1 ? new int[] {0} : new int[] {0, 3};
        return NestedGaussian.of(new NestedGaussian.Nodes(outerFamily, outer, points, whitening), pattern);
    }

    @TestFactory
    Stream<DynamicContainer> contract() {
        return families().stream().map(family -> {
            String name =
                    family.name() + ", D = " + family.dimension() + ", " + family.parameterCount() + " parameters";
            List<DynamicTest> tests = new ArrayList<>();
            if (family.dimension() <= 2) {
                add(tests, "density integrates to one", family, VariationalFamilyContractTest::densityIntegratesToOne);
            }
            add(tests, "draws follow the density", family, VariationalFamilyContractTest::drawsFollowTheDensity);
            add(tests, "draws obey Stein's identity", family, VariationalFamilyContractTest::drawsObeySteinsIdentity);
            add(
                    tests,
                    "parameter score has mean zero",
                    family,
                    VariationalFamilyContractTest::parameterScoreHasMeanZero);
            add(
                    tests,
                    "moments are those of the draws",
                    family,
                    VariationalFamilyContractTest::momentsAreThoseOfTheDraws);
            add(
                    tests,
                    "point score is the derivative",
                    family,
                    VariationalFamilyContractTest::pointScoreIsTheDerivative);
            add(
                    tests,
                    "parameter score is the derivative",
                    family,
                    VariationalFamilyContractTest::parameterScoreIsTheDerivative);
            if (member(family) instanceof VariationalDistribution.Reparameterised) {
                add(
                        tests,
                        "path gradient is the derivative",
                        family,
                        VariationalFamilyContractTest::pathGradientIsTheDerivative);
            }
            if (member(family) instanceof VariationalDistribution.ClosedFormEntropy) {
                add(tests, "entropy and its gradient", family, VariationalFamilyContractTest::entropyAndItsGradient);
            }
            add(tests, "lanes equal single points", family, VariationalFamilyContractTest::lanesEqualSinglePoints);
            add(
                    tests,
                    "start has the moments asked for",
                    family,
                    VariationalFamilyContractTest::startHasTheMomentsAskedFor);
            add(
                    tests,
                    "saved and restored to the bit",
                    family,
                    VariationalFamilyContractTest::savedAndRestoredToTheBit);
            add(tests, "arguments are not touched", family, VariationalFamilyContractTest::argumentsAreNotTouched);
            add(tests, "misuse is refused", family, VariationalFamilyContractTest::misuseIsRefused);
            return DynamicContainer.dynamicContainer(name, tests);
        });
    }

    private static void add(
            List<DynamicTest> tests, String name, VariationalFamily family, Consumer<VariationalFamily> check) {
        tests.add(DynamicTest.dynamicTest(name, () -> check.accept(family)));
    }

    // ---------------------------------------------------------------- fixtures

    private static double[] means(int d) {
        double[] means = new double[d];
        Arrays.setAll(means, i -> 0.7 * i - 0.4);
        return means;
    }

    private static double[] deviations(int d) {
        double[] deviations = new double[d];
        Arrays.setAll(deviations, i -> 0.5 + 0.35 * (i % 3));
        return deviations;
    }

    /** Parameters with nothing special about them. */
    private static double[] parameters(VariationalFamily family) {
        double[] parameters = family.initialParameters(means(family.dimension()), deviations(family.dimension()));
        RandomGenerator random = RandomStreams.of(17).generator("parameters", family.parameterCount());
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] += 0.3 * random.nextGaussian();
        }
        return parameters;
    }

    private static VariationalDistribution member(VariationalFamily family) {
        return family.member(parameters(family));
    }

    private static DMatrixRMaj noise(VariationalDistribution q, long batch, int lanes) {
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), lanes);
        DrawScheme.independent().draws(q.noiseDimension(), RandomStreams.of(23)).fill(batch, noise);
        return noise;
    }

    private static DMatrixRMaj draws(VariationalDistribution q, DMatrixRMaj noise) {
        DMatrixRMaj points = new DMatrixRMaj(q.family().dimension(), noise.numCols);
        q.sample(noise, points);
        return points;
    }

    private static double[] logDensity(VariationalDistribution q, DMatrixRMaj points) {
        double[] values = new double[points.numCols];
        q.logDensity(points, values);
        return values;
    }

    private static double[] weights(int lanes) {
        double[] weights = new double[lanes];
        RandomGenerator random = RandomStreams.of(29).generator("weights", lanes);
        Arrays.setAll(weights, s -> random.nextGaussian());
        return weights;
    }

    /** Running means and standard errors of a vector of statistics, of which every draw gives one value. */
    private static final class Averages {
        private final double[] sum;
        private final double[] squares;
        private long count;

        Averages(int size) {
            sum = new double[size];
            squares = new double[size];
        }

        void add(double[] values) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += values[i];
                squares[i] += values[i] * values[i];
            }
            count++;
        }

        double mean(int i) {
            return sum[i] / count;
        }

        double variance(int i) {
            return squares[i] / count - mean(i) * mean(i);
        }

        double standardError(int i) {
            return Math.sqrt(variance(i) / count);
        }

        void assertMean(int i, double expected, String what) {
            assertThat(mean(i)).as(what).isCloseTo(expected, within(STANDARD_ERRORS * standardError(i) + 1e-12));
        }
    }

    private static void forEachBatch(VariationalDistribution q, Consumer<DMatrixRMaj> use) {
        NormalDraws source = DrawScheme.independent().draws(q.noiseDimension(), RandomStreams.of(31));
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), LANES);
        DMatrixRMaj points = new DMatrixRMaj(q.family().dimension(), LANES);
        for (int batch = 0; batch < DRAWS / LANES; batch++) {
            source.fill(batch, noise);
            q.sample(noise, points);
            use.accept(points);
        }
    }

    /** Central differences of a function of a vector. */
    private static double[] differences(ToDoubleFunction<double[]> f, double[] at, double step) {
        double[] slopes = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            double[] moved = at.clone();
            moved[i] = at[i] + step;
            double up = f.applyAsDouble(moved);
            moved[i] = at[i] - step;
            slopes[i] = (up - f.applyAsDouble(moved)) / (2 * step);
        }
        return slopes;
    }

    private static void assertClose(double[] actual, double[] expected) {
        double scale = 1;
        for (double value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        // step 1e-5: truncation of order 1e-10 and cancellation of order 1e-11, both relative to the largest slope
        assertThat(actual).containsExactly(expected, within(1e-7 * scale));
    }

    // ---------------------------------------------------------------- densities and draws

    /** Trapezoidal rule in u with z = centre + sd sinh(u), which converges geometrically and reaches heavy tails. */
    private static void densityIntegratesToOne(VariationalFamily family) {
        int d = family.dimension();
        VariationalDistribution q = member(family);
        double[] centre = q.mean();
        double[] sd = q.standardDeviation();
        int n = d == 1 ? 2001 : 401;
        double limit = 10;
        double step = 2 * limit / (n - 1);
        DMatrixRMaj points = new DMatrixRMaj(d, n);
        double integral = 0;
        for (int a = 0; a < (d == 1 ? 1 : n); a++) {
            double ua = -limit + a * step;
            for (int b = 0; b < n; b++) {
                double ub = -limit + b * step;
                points.set(d - 1, b, centre[d - 1] + sd[d - 1] * Math.sinh(ub));
                if (d == 2) {
                    points.set(0, b, centre[0] + sd[0] * Math.sinh(ua));
                }
            }
            double[] logs = logDensity(q, points);
            for (int b = 0; b < n; b++) {
                double jacobian = sd[d - 1] * Math.cosh(-limit + b * step) * step;
                if (d == 2) {
                    jacobian *= sd[0] * Math.cosh(ua) * step;
                }
                integral += Math.exp(logs[b]) * jacobian;
            }
        }
        assertThat(integral).isCloseTo(1, within(1e-6));
    }

    /**
     * E_q[r / (q + r)] + E_r[r / (q + r)] = 1 for any densities q and r: values of q against its draws, in any
     * dimension, by averages of numbers between 0 and 1. Here r is a Gaussian with q's spread, at q's mean and beside
     * it.
     */
    private static void drawsFollowTheDensity(VariationalFamily family) {
        int d = family.dimension();
        VariationalDistribution q = member(family);
        double[] sd = q.standardDeviation();
        for (double shift : new double[] {0, 0.8, -0.8}) {
            double[] centre = q.mean();
            Arrays.setAll(centre, i -> centre[i] + shift * sd[i] / Math.sqrt(d));
            VariationalDistribution r =
                    MeanFieldGaussian.of(d).member(MeanFieldGaussian.of(d).initialParameters(centre, sd));
            Averages[] shares = {new Averages(1), new Averages(1)};
            for (int k = 0; k < 2; k++) {
                Averages share = shares[k];
                forEachBatch(k == 0 ? q : r, points -> {
                    double[] logQ = logDensity(q, points);
                    double[] logR = logDensity(r, points);
                    for (int s = 0; s < LANES; s++) {
                        share.add(new double[] {1 / (1 + Math.exp(logQ[s] - logR[s]))});
                    }
                });
            }
            double error = Math.hypot(shares[0].standardError(0), shares[1].standardError(0));
            assertThat(shares[0].mean(0) + shares[1].mean(0)).isCloseTo(1, within(STANDARD_ERRORS * error));
            assertThat(shares[0].mean(0)).as("overlap of q and r").isGreaterThan(0.01);
        }
    }

    /** E_q[score_i] = 0 and E_q[(z_j - m_j) score_i] = -1 if i = j, else 0. */
    private static void drawsObeySteinsIdentity(VariationalFamily family) {
        int d = family.dimension();
        VariationalDistribution q = member(family);
        double[] centre = q.mean();
        Averages averages = new Averages(d + d * d);
        DMatrixRMaj scores = new DMatrixRMaj(d, LANES);
        forEachBatch(q, points -> {
            q.pointScore(points, scores);
            for (int s = 0; s < LANES; s++) {
                double[] values = new double[d + d * d];
                for (int i = 0; i < d; i++) {
                    values[i] = scores.get(i, s);
                    for (int j = 0; j < d; j++) {
                        values[d + i * d + j] = scores.get(i, s) * (points.get(j, s) - centre[j]);
                    }
                }
                averages.add(values);
            }
        });
        for (int i = 0; i < d; i++) {
            averages.assertMean(i, 0, "E[score " + i + "]");
            for (int j = 0; j < d; j++) {
                averages.assertMean(d + i * d + j, i == j ? -1 : 0, "E[(z" + j + " - m) score " + i + "]");
            }
        }
    }

    private static void parameterScoreHasMeanZero(VariationalFamily family) {
        VariationalDistribution q = member(family);
        int batches = DRAWS / LANES;
        Averages averages = new Averages(family.parameterCount());
        double[] weights = new double[LANES];
        Arrays.fill(weights, 1.0 / LANES);
        forEachBatch(q, points -> {
            double[] gradient = new double[family.parameterCount()];
            q.addParameterScore(points, weights, gradient);
            averages.add(gradient);
        });
        assertThat(averages.count).isEqualTo(batches);
        for (int i = 0; i < family.parameterCount(); i++) {
            averages.assertMean(i, 0, "E[score by parameter " + i + "]");
        }
    }

    private static void momentsAreThoseOfTheDraws(VariationalFamily family) {
        int d = family.dimension();
        VariationalDistribution q = member(family);
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        Averages averages = new Averages(2 * d);
        forEachBatch(q, points -> {
            for (int s = 0; s < LANES; s++) {
                double[] values = new double[2 * d];
                for (int i = 0; i < d; i++) {
                    double away = (points.get(i, s) - mean[i]) / sd[i];
                    values[i] = away;
                    values[d + i] = away * away;
                }
                averages.add(values);
            }
        });
        // a flow's moments are themselves averages, over 4096 draws, and a nested Gaussian's over 4096 Sobol points,
        // of which no more is known than that they are no worse than independent ones
        boolean averages4096 = family instanceof CouplingFlow || family instanceof NestedGaussian;
        double own = averages4096 ? Math.sqrt(1 + DRAWS / 4096.0) : 1;
        for (int i = 0; i < d; i++) {
            assertThat(averages.mean(i))
                    .as("mean of coordinate " + i)
                    .isCloseTo(0, within(own * STANDARD_ERRORS * averages.standardError(i)));
            assertThat(averages.mean(d + i))
                    .as("variance of coordinate " + i)
                    .isCloseTo(1, within(own * STANDARD_ERRORS * averages.standardError(d + i)));
        }
    }

    // ---------------------------------------------------------------- derivatives

    private static void pointScoreIsTheDerivative(VariationalFamily family) {
        int d = family.dimension();
        VariationalDistribution q = member(family);
        DMatrixRMaj points = draws(q, noise(q, 1, 7));
        DMatrixRMaj scores = new DMatrixRMaj(d, 7);
        q.pointScore(points, scores);
        for (int s = 0; s < 7; s++) {
            double[] expected = differences(
                    z -> logDensity(q, new DMatrixRMaj(d, 1, true, z))[0], Matrices.column(points, s), 1e-5);
            assertClose(Matrices.column(scores, s), expected);
        }
    }

    private static void parameterScoreIsTheDerivative(VariationalFamily family) {
        for (int lanes : new int[] {1, 7}) {
            VariationalDistribution q = member(family);
            DMatrixRMaj points = draws(q, noise(q, 2, lanes));
            double[] weights = weights(lanes);
            double[] gradient = new double[family.parameterCount()];
            Arrays.fill(gradient, 2.5);
            q.addParameterScore(points, weights, gradient);
            Arrays.setAll(gradient, i -> gradient[i] - 2.5);
            double[] expected = differences(
                    parameters -> {
                        double[] logs = logDensity(family.member(parameters), points);
                        double total = 0;
                        for (int s = 0; s < lanes; s++) {
                            total += weights[s] * logs[s];
                        }
                        return total;
                    },
                    q.parameters(),
                    1e-5);
            assertClose(gradient, expected);
        }
    }

    private static void pathGradientIsTheDerivative(VariationalFamily family) {
        VariationalDistribution.Reparameterised q = (VariationalDistribution.Reparameterised) member(family);
        for (int lanes : new int[] {1, 7}) {
            DMatrixRMaj noise = noise(q, 3, lanes);
            DMatrixRMaj points = draws(q, noise);
            DMatrixRMaj vectors = new DMatrixRMaj(family.dimension(), lanes);
            vectors.setData(weights(family.dimension() * lanes));
            double[] gradient = new double[family.parameterCount()];
            Arrays.fill(gradient, -1.5);
            q.addPathGradient(noise, points, vectors, gradient);
            Arrays.setAll(gradient, i -> gradient[i] + 1.5);
            double[] expected = differences(
                    parameters -> {
                        DMatrixRMaj moved = draws(family.member(parameters), noise);
                        double total = 0;
                        for (int i = 0; i < moved.getNumElements(); i++) {
                            total += vectors.data[i] * moved.data[i];
                        }
                        return total;
                    },
                    q.parameters(),
                    1e-5);
            assertClose(gradient, expected);
        }
    }

    private static void entropyAndItsGradient(VariationalFamily family) {
        VariationalDistribution.ClosedFormEntropy q = (VariationalDistribution.ClosedFormEntropy) member(family);
        Averages surprise = new Averages(1);
        forEachBatch(q, points -> {
            for (double value : logDensity(q, points)) {
                surprise.add(new double[] {-value});
            }
        });
        surprise.assertMean(0, q.entropy(), "entropy");
        double[] gradient = new double[family.parameterCount()];
        Arrays.fill(gradient, 0.25);
        q.addEntropyGradient(-3, gradient);
        Arrays.setAll(gradient, i -> (gradient[i] - 0.25) / -3);
        assertClose(
                gradient,
                differences(
                        parameters -> ((VariationalDistribution.ClosedFormEntropy) family.member(parameters)).entropy(),
                        q.parameters(),
                        1e-5));
    }

    // ---------------------------------------------------------------- lanes, states, misuse

    private static void lanesEqualSinglePoints(VariationalFamily family) {
        int d = family.dimension();
        VariationalDistribution q = member(family);
        for (int lanes : new int[] {7, 64}) {
            DMatrixRMaj noise = noise(q, 4, lanes);
            DMatrixRMaj points = draws(q, noise);
            double[] logs = logDensity(q, points);
            DMatrixRMaj scores = new DMatrixRMaj(d, lanes);
            q.pointScore(points, scores);
            for (int s = 0; s < lanes; s++) {
                DMatrixRMaj oneNoise = new DMatrixRMaj(noise.numRows, 1, true, Matrices.column(noise, s));
                DMatrixRMaj onePoint = draws(q, oneNoise);
                assertThat(onePoint.data).isEqualTo(Matrices.column(points, s));
                assertThat(logDensity(q, onePoint)[0]).isEqualTo(logs[s]);
                DMatrixRMaj oneScore = new DMatrixRMaj(d, 1);
                q.pointScore(onePoint, oneScore);
                assertThat(oneScore.data).isEqualTo(Matrices.column(scores, s));
            }
        }
    }

    private static void startHasTheMomentsAskedFor(VariationalFamily family) {
        int d = family.dimension();
        VariationalDistribution q = family.member(family.initialParameters(means(d), deviations(d)));
        // the moments of a flow are averages over 4096 antithetic draws: the mean is exact, a deviation good to 1.1 %
        double tolerance = family instanceof CouplingFlow ? 6 / Math.sqrt(2.0 * 4096) : 1e-12;
        for (int i = 0; i < d; i++) {
            assertThat(q.mean()[i]).isCloseTo(means(d)[i], within(1e-12));
            assertThat(q.standardDeviation()[i] / deviations(d)[i]).isCloseTo(1, within(tolerance));
        }
    }

    private static void savedAndRestoredToTheBit(VariationalFamily family) {
        VariationalDistribution q = member(family);
        FamilyShape shape = FamilyShape.of(family);
        VariationalFamily restored = shape.family();
        assertThat(restored).isNotSameAs(family).hasSameClassAs(family);
        assertThat(FamilyShape.of(restored)).isEqualTo(shape);
        assertThat(restored.name()).isEqualTo(family.name());
        VariationalDistribution again = restored.member(q.parameters());
        assertThat(again.parameters()).isEqualTo(q.parameters()).isEqualTo(parameters(family));
        assertThat(again.family()).isSameAs(restored);
        DMatrixRMaj noise = noise(q, 5, 7);
        assertThat(draws(again, noise).data).isEqualTo(draws(q, noise).data);
        assertThat(logDensity(again, draws(q, noise))).isEqualTo(logDensity(q, draws(q, noise)));
    }

    private static void argumentsAreNotTouched(VariationalFamily family) {
        double[] parameters = parameters(family);
        VariationalDistribution q = family.member(parameters);
        Arrays.fill(parameters, Double.NaN);
        DMatrixRMaj noise = noise(q, 6, 7);
        DMatrixRMaj points = draws(q, noise);
        DMatrixRMaj noiseBefore = noise.copy();
        DMatrixRMaj pointsBefore = points.copy();
        double[] weights = weights(7);
        double[] logs = logDensity(q, points);
        q.pointScore(points, new DMatrixRMaj(family.dimension(), 7));
        q.addParameterScore(points, weights, new double[family.parameterCount()]);
        if (q instanceof VariationalDistribution.Reparameterised path) {
            DMatrixRMaj vectors = pointsBefore.copy();
            path.addPathGradient(noise, points, vectors, new double[family.parameterCount()]);
            assertThat(vectors.data).isEqualTo(pointsBefore.data);
        }
        q.mean()[0] = Double.NaN;
        q.standardDeviation()[0] = Double.NaN;
        q.parameters()[0] = Double.NaN;
        assertThat(noise.data).isEqualTo(noiseBefore.data);
        assertThat(points.data).isEqualTo(pointsBefore.data);
        assertThat(weights).isEqualTo(weights(7));
        assertThat(logDensity(q, points)).isEqualTo(logs);
        assertThat(q.mean()[0]).isFinite();
    }

    private static void misuseIsRefused(VariationalFamily family) {
        int d = family.dimension();
        int n = family.parameterCount();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.member(new double[n + 1]))
                .withMessageContaining(String.valueOf(n))
                .withMessageContaining(String.valueOf(n + 1));
        double[] bad = new double[n];
        bad[n - 1] = Double.NaN;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.member(bad))
                .withMessageContaining("parameter " + (n - 1))
                .withMessageContaining("NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.initialParameters(new double[d], new double[d]))
                .withMessageContaining("positive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.initialParameters(new double[d + 1], deviations(d)));
        VariationalDistribution q = member(family);
        DMatrixRMaj points = new DMatrixRMaj(d, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> q.sample(new DMatrixRMaj(q.noiseDimension() + 1, 3), points))
                .withMessageContaining(q.noiseDimension() + " x S");
        assertThatIllegalArgumentException().isThrownBy(() -> q.sample(new DMatrixRMaj(q.noiseDimension(), 4), points));
        assertThatIllegalArgumentException().isThrownBy(() -> q.logDensity(points, new double[2]));
        assertThatIllegalArgumentException().isThrownBy(() -> q.pointScore(points, new DMatrixRMaj(d, 2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> q.addParameterScore(points, new double[3], new double[n + 1]));
        assertThatThrownBy(() -> q.addParameterScore(points, new double[2], new double[n]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weights");
    }
}
