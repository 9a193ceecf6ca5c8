package org.variational.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.density.ParameterLayout;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;
import org.variational.weights.WeightedSample;

/**
 * Draws from {@code q = N(0, 1)} in each of two coordinates for the target {@code p = N(1/2, 0.9^2) x N(0, 1)}, offset
 * by a constant in the log density.
 */
class ReweightingTest {
    private static final double SHIFT = 0.5;
    private static final double SCALE = 0.9;
    private static final double OFFSET = -765.4;

    private static DMatrixRMaj normals(String purpose, int repeat, int draws) {
        RandomGenerator random = RandomStreams.of(11).generator(purpose, repeat);
        DMatrixRMaj points = new DMatrixRMaj(2, draws);
        Arrays.setAll(points.data, i -> random.nextGaussian());
        return points;
    }

    private static Posterior posterior(DMatrixRMaj points) {
        int draws = points.numCols;
        double[] logP = new double[draws];
        double[] logQ = new double[draws];
        for (int s = 0; s < draws; s++) {
            double x = points.data[s];
            double y = points.data[draws + s];
            double z = (x - SHIFT) / SCALE;
            logP[s] = OFFSET - 0.5 * (z * z + y * y) - Math.log(SCALE);
            logQ[s] = -0.5 * (x * x + y * y);
        }
        return Posterior.of(ParameterLayout.unnamed(2), points, logP, logQ);
    }

    /**
     * Errors of 400 independent estimates divided by their standard errors have mean 0 and variance 1: the mean of 400
     * has a standard error of 1/20, their mean square one of sqrt(2 / 400). The tolerances of 5 of them have a
     * false-alarm rate below 6e-7 each; to the second, 0.1 is added for the bias of order 1 / ESS of a ratio and its
     * estimated error.
     */
    @Test
    void standardErrorsOfWeightedExpectationsAreThoseOfRepeatedEstimates() {
        int repeats = 400;
        double[] truth = {SHIFT, SHIFT * SHIFT + SCALE * SCALE, 0, 1};
        double[] sum = new double[truth.length];
        double[] square = new double[truth.length];
        for (int r = 0; r < repeats; r++) {
            Posterior posterior = posterior(normals("errors", r, 1000));
            Expectation[] found = {
                posterior.expectation("x[0]"),
                posterior.expectation(x -> x[0] * x[0]),
                posterior.expectation(posterior.draws("x[1]")),
                posterior.expectation(x -> x[1] * x[1])
            };
            for (int j = 0; j < truth.length; j++) {
                double z = (found[j].value() - truth[j]) / found[j].standardError();
                sum[j] += z / repeats;
                square[j] += z * z / repeats;
            }
        }
        for (int j = 0; j < truth.length; j++) {
            assertThat(sum[j]).isCloseTo(0, within(5 / Math.sqrt(repeats)));
            assertThat(square[j]).isCloseTo(1, within(5 * Math.sqrt(2.0 / repeats) + 0.1));
        }
    }

    @Test
    void expectationsAreThoseOfTheWeightedSample() {
        Posterior posterior = posterior(normals("sample", 0, 2000));
        WeightedSample sample = WeightedSample.of(posterior.draws("x[0]"), posterior.weights());
        Expectation mean = posterior.expectation("x[0]");
        assertThat(mean.value()).isEqualTo(sample.mean());
        assertThat(mean.standardError()).isEqualTo(sample.meanError());
        assertThat(mean.effectiveSampleSize())
                .isCloseTo(Math.pow(sample.standardDeviation() / sample.meanError(), 2), within(1e-9));
        assertThat(mean.draws()).isEqualTo(2000);
        assertThat(mean.isReliable()).isTrue();
        assertThat(posterior.effectiveSampleSize()).isCloseTo(sample.effectiveSampleSize(), within(1e-9));
        assertThat(posterior.kHat())
                .isEqualTo(ParetoSmoothing.of(posterior.logWeights()).shape());
    }

    /** Adding a constant to a function or to the log density, and multiplying the function, changes no k-hat. */
    @ParameterizedTest
    @ValueSource(doubles = {-3, 100, 1e4})
    void theShapeOfAFunctionDoesNotDependOnItsOriginOrScale(double offset) {
        Posterior posterior = posterior(normals("origin", 0, 2000));
        Expectation plain = posterior.expectation("x[0]");
        Expectation moved = posterior.expectation(x -> offset - 7 * x[0]);
        assertThat(moved.kHat()).isCloseTo(plain.kHat(), within(1e-6));
        assertThat(moved.effectiveSampleSize()).isCloseTo(plain.effectiveSampleSize(), within(1e-6));
        assertThat(moved.value()).isCloseTo(offset - 7 * plain.value(), within(1e-9));
    }

    /**
     * For log w = a e^2 / 2, a in (0, 1), the weights have the shape a, and w exp(b e^2 / 2) the shape a + b: a
     * function that grows where the weights do has a higher k-hat, by 0.4 here, of which one run's standard deviation
     * is 0.1.
     */
    @Test
    void aFunctionThatGrowsWithTheWeightsIsLessReliableThanTheyAre() {
        DMatrixRMaj points = normals("grows", 0, 4000);
        double[] logP = new double[4000];
        Arrays.setAll(logP, s -> 0.3 * points.data[s] * points.data[s] / 2);
        Posterior posterior = Posterior.of(ParameterLayout.unnamed(2), points, logP, new double[4000]);
        Expectation grows = posterior.expectation(x -> Math.exp(0.4 * x[0] * x[0] / 2));
        assertThat(posterior.kHat()).isCloseTo(0.3, within(0.35));
        assertThat(grows.kHat()).isGreaterThan(posterior.kHat() + 0.15).isCloseTo(0.7, within(0.35));
        assertThat(posterior.expectation("x[1]").kHat()).isCloseTo(posterior.kHat(), within(0.2));
    }

    /**
     * A q of half the target's sd in the first coordinate has weights exp(3/8 e^2): shape 3/4, and in that coordinate
     * also 3/4 with larger terms far out; exact in the second, where large values and large weights do not go together.
     * The mean over 20 runs of differences of about 0.1 each; the standard deviation of one difference is below 0.1.
     */
    @Test
    void theScalarWithTheLightTailsHasTheHighestShape() {
        double first = 0;
        double second = 0;
        for (int r = 0; r < 20; r++) {
            DMatrixRMaj points = normals("marginal", r, 2000);
            double[] logP = new double[2000];
            for (int s = 0; s < 2000; s++) {
                double e = points.data[s];
                logP[s] = 0.375 * e * e;
                points.data[s] = 0.5 * e;
            }
            Posterior posterior = Posterior.of(ParameterLayout.unnamed(2), points, logP, new double[2000]);
            List<MarginalKHat> shapes = posterior.marginalKHats();
            assertThat(shapes).extracting(MarginalKHat::name).containsExactly("x[0]", "x[1]");
            first += (shapes.get(0).ofVariance() - posterior.kHat()) / 20;
            second += (shapes.get(1).ofVariance() - posterior.kHat()) / 20;
            assertThat(shapes.get(0).largest())
                    .isEqualTo(Math.max(shapes.get(0).ofMean(), shapes.get(0).ofVariance()));
            assertThat(posterior.expectation("x[0]").kHat())
                    .isEqualTo(Math.max(posterior.kHat(), shapes.get(0).ofMean()));
        }
        assertThat(first).isBetween(0.05, 0.4);
        assertThat(second).isLessThan(first - 0.05);
    }

    @Test
    void aScalarThatDoesNotVaryHasNoMarginalShape() {
        DMatrixRMaj points = normals("fixed", 0, 500);
        Arrays.fill(points.data, 500, 1000, 3);
        assertThat(posterior(points).marginalKHats().get(1))
                .isEqualTo(new MarginalKHat("x[1]", Double.NaN, Double.NaN));
    }

    @Test
    void constantWeightsLeaveTheDrawsAsTheyAre() {
        DMatrixRMaj points = normals("constant", 0, 1000);
        double[] logP = new double[1000];
        Arrays.fill(logP, 3);
        Posterior posterior = Posterior.of(ParameterLayout.unnamed(2), points, logP, new double[1000]);
        assertThat(posterior.kHat()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(posterior.hasReliableWeights()).isTrue();
        assertThat(posterior.weights()).containsOnly(posterior.weights()[0]);
        Expectation mean = posterior.expectation("x[0]");
        WeightedSample equal = WeightedSample.of(posterior.draws("x[0]"));
        assertThat(mean.value()).isCloseTo(equal.mean(), within(1e-15));
        assertThat(mean.standardError()).isCloseTo(equal.meanError(), within(1e-15));
        assertThat(mean.kHat()).isFinite().isLessThan(0.3);
        assertThat(mean.isReliable()).isTrue();
        Expectation constant = posterior.expectation(x -> 0.1);
        assertThat(constant.value()).isEqualTo(0.1);
        assertThat(constant.standardError()).isZero();
        assertThat(constant.kHat()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(constant.effectiveSampleSize()).isCloseTo(1000, within(1e-8));
    }

    /** Draws of unknown density change nothing, and those of density zero count as such. */
    @Test
    void unknownWeightsAreLeftOut() {
        DMatrixRMaj points = normals("unknown", 0, 1000);
        Posterior all = posterior(points);
        double[] logP = Arrays.copyOf(all.logDensity(), 1200);
        double[] logQ = Arrays.copyOf(all.logApproximation(), 1200);
        Arrays.fill(logP, 1000, 1200, Double.NaN);
        DMatrixRMaj more = new DMatrixRMaj(2, 1200);
        for (int i = 0; i < 2; i++) {
            System.arraycopy(points.data, i * 1000, more.data, i * 1200, 1000);
            Arrays.fill(more.data, i * 1200 + 1000, (i + 1) * 1200, Double.NaN);
        }
        Posterior padded = Posterior.of(ParameterLayout.unnamed(2), more, logP, logQ);
        assertThat(padded.kHat()).isEqualTo(all.kHat());
        assertThat(Arrays.copyOf(padded.weights(), 1000)).isEqualTo(all.weights());
        assertThat(Arrays.copyOfRange(padded.weights(), 1000, 1200)).containsOnly(0);
        assertThat(padded.expectation("x[0]")).isEqualTo(all.expectation("x[0]"));
        assertThat(Summary.weighted(List.of(), padded, new double[2]).rows())
                .isEqualTo(Summary.weighted(List.of(), all, new double[2]).rows());

        Arrays.fill(logP, 1000, 1200, Double.NEGATIVE_INFINITY);
        Posterior outside = Posterior.of(ParameterLayout.unnamed(2), more, logP, logQ);
        assertThat(outside.expectation("x[0]").draws()).isEqualTo(1200);
        assertThat(outside.kHat())
                .isEqualTo(ParetoSmoothing.of(outside.logWeights()).shape());
    }

    @Test
    void withoutAnyWeightNothingIsKnown() {
        double[] unknown = new double[200];
        Arrays.fill(unknown, Double.NaN);
        double[] zero = new double[200];
        Arrays.fill(zero, Double.NEGATIVE_INFINITY);
        for (double[] logP : new double[][] {unknown, zero}) {
            Posterior posterior =
                    Posterior.of(ParameterLayout.unnamed(2), normals("none", 0, 200), logP, new double[200]);
            assertThat(posterior.weights()).containsOnly(0).hasSize(200);
            assertThat(posterior.kHat()).isNaN();
            assertThat(posterior.hasReliableWeights()).isFalse();
            assertThat(posterior.effectiveSampleSize()).isZero();
            Expectation expectation = posterior.expectation("x[0]");
            assertThat(expectation.value()).isNaN();
            assertThat(expectation.isReliable()).isFalse();
            assertThat(Summary.weighted(List.of(), posterior, new double[2])
                            .row("x[0]")
                            .mean())
                    .isNaN();
        }
    }

    @Test
    void theWeightedSummaryIsThatOfTheTargetWhateverTheErrorOfTheFit() {
        Posterior posterior = posterior(normals("summary", 0, 4000));
        Summary summary = Summary.weighted(List.of("REWEIGHT"), posterior, new double[] {9, 9});
        Summary.Row row = summary.row("x[0]");
        Expectation mean = posterior.expectation("x[0]");
        WeightedSample sample = WeightedSample.of(posterior.draws("x[0]"), posterior.weights());
        assertThat(row.mean()).isEqualTo(mean.value()).isCloseTo(SHIFT, within(5 * mean.standardError()));
        assertThat(row.sd()).isCloseTo(SCALE, within(5 * sample.standardDeviationError()));
        // The quantiles of a normal distribution at 5 % and 95 %.
        assertThat(row.q05()).isCloseTo(SHIFT - 1.6448536 * SCALE, within(5 * sample.quantileError(0.05)));
        assertThat(row.q50()).isCloseTo(SHIFT, within(5 * sample.quantileError(0.5)));
        assertThat(row.q95()).isCloseTo(SHIFT + 1.6448536 * SCALE, within(5 * sample.quantileError(0.95)));
        assertThat(row.mcse()).isEqualTo(mean.standardError());
        assertThat(summary.heading()).hasSize(2).first().isEqualTo("REWEIGHT");
        assertThat(summary.heading().get(1))
                .startsWith("with importance weights: effective sample size")
                .endsWith("of 4000 draws");
    }

    @Test
    void misuseIsRefused() {
        Posterior posterior = posterior(normals("misuse", 0, 100));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> posterior.expectation(new double[99]))
                .withMessage("there are 100 draws, but 99 values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> posterior.expectation(x -> Math.log(x[0])))
                .withMessageMatching("the value at draw \\d+ is NaN, and .*");
        assertThatIllegalArgumentException().isThrownBy(() -> posterior.expectation("y"));
        double[] infinite = posterior.logDensity();
        infinite[5] = Double.POSITIVE_INFINITY;
        Posterior impossible = Posterior.of(
                ParameterLayout.unnamed(2), posterior.unconstrained(), infinite, posterior.logApproximation());
        assertThatIllegalArgumentException()
                .isThrownBy(impossible::weights)
                .withMessageContaining("log weight 5 is +Infinity");
    }

    @Test
    void weightsAreCopied() {
        Posterior posterior = posterior(normals("copied", 0, 100));
        double before = posterior.weights()[0];
        posterior.weights()[0] = 99;
        assertThat(posterior.weights()[0]).isEqualTo(before);
    }
}
