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

    private static Approximation approximation(DMatrixRMaj points) {
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
        return Approximation.of(ParameterLayout.unnamed(2), points, logP, logQ);
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
            Approximation approximation = approximation(normals("errors", r, 1000));
            Expectation[] found = {
                approximation.expectation("x[0]"),
                approximation.expectation(x -> x[0] * x[0]),
                approximation.expectation(approximation.draws("x[1]")),
                approximation.expectation(x -> x[1] * x[1])
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
        Approximation approximation = approximation(normals("sample", 0, 2000));
        WeightedSample sample = WeightedSample.of(approximation.draws("x[0]"), approximation.weights());
        Expectation mean = approximation.expectation("x[0]");
        assertThat(mean.value()).isEqualTo(sample.mean());
        assertThat(mean.standardError()).isEqualTo(sample.meanError());
        assertThat(mean.effectiveSampleSize())
                .isCloseTo(Math.pow(sample.standardDeviation() / sample.meanError(), 2), within(1e-9));
        assertThat(mean.draws()).isEqualTo(2000);
        assertThat(mean.isReliable()).isTrue();
        assertThat(approximation.effectiveSampleSize()).isCloseTo(sample.effectiveSampleSize(), within(1e-9));
        assertThat(approximation.kHat())
                .isEqualTo(ParetoSmoothing.of(approximation.logWeights()).shape());
    }

    /** Adding a constant to a function or to the log density, and multiplying the function, changes no k-hat. */
    @ParameterizedTest
    @ValueSource(doubles = {-3, 100, 1e4})
    void theShapeOfAFunctionDoesNotDependOnItsOriginOrScale(double offset) {
        Approximation approximation = approximation(normals("origin", 0, 2000));
        Expectation plain = approximation.expectation("x[0]");
        Expectation moved = approximation.expectation(x -> offset - 7 * x[0]);
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
        Approximation approximation = Approximation.of(ParameterLayout.unnamed(2), points, logP, new double[4000]);
        Expectation grows = approximation.expectation(x -> Math.exp(0.4 * x[0] * x[0] / 2));
        assertThat(approximation.kHat()).isCloseTo(0.3, within(0.35));
        assertThat(grows.kHat()).isGreaterThan(approximation.kHat() + 0.15).isCloseTo(0.7, within(0.35));
        assertThat(approximation.expectation("x[1]").kHat()).isCloseTo(approximation.kHat(), within(0.2));
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
            Approximation approximation = Approximation.of(ParameterLayout.unnamed(2), points, logP, new double[2000]);
            List<MarginalKHat> shapes = approximation.marginalKHats();
            assertThat(shapes).extracting(MarginalKHat::name).containsExactly("x[0]", "x[1]");
            first += (shapes.get(0).ofVariance() - approximation.kHat()) / 20;
            second += (shapes.get(1).ofVariance() - approximation.kHat()) / 20;
            assertThat(shapes.get(0).largest())
                    .isEqualTo(Math.max(shapes.get(0).ofMean(), shapes.get(0).ofVariance()));
            assertThat(approximation.expectation("x[0]").kHat())
                    .isEqualTo(Math.max(approximation.kHat(), shapes.get(0).ofMean()));
        }
        assertThat(first).isBetween(0.05, 0.4);
        assertThat(second).isLessThan(first - 0.05);
    }

    @Test
    void aScalarThatDoesNotVaryHasNoMarginalShape() {
        DMatrixRMaj points = normals("fixed", 0, 500);
        Arrays.fill(points.data, 500, 1000, 3);
        assertThat(approximation(points).marginalKHats().get(1))
                .isEqualTo(new MarginalKHat("x[1]", Double.NaN, Double.NaN));
    }

    @Test
    void constantWeightsLeaveTheDrawsAsTheyAre() {
        DMatrixRMaj points = normals("constant", 0, 1000);
        double[] logP = new double[1000];
        Arrays.fill(logP, 3);
        Approximation approximation = Approximation.of(ParameterLayout.unnamed(2), points, logP, new double[1000]);
        assertThat(approximation.kHat()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(approximation.hasReliableWeights()).isTrue();
        assertThat(approximation.weights()).containsOnly(approximation.weights()[0]);
        Expectation mean = approximation.expectation("x[0]");
        WeightedSample equal = WeightedSample.of(approximation.draws("x[0]"));
        // a sum of a thousand numbers of which the mean size is about one, in another order
        double rounding = 1000 * 0x1p-53;
        assertThat(mean.value()).isCloseTo(equal.mean(), within(rounding));
        assertThat(mean.standardError()).isCloseTo(equal.meanError(), within(rounding));
        assertThat(mean.kHat()).isFinite().isLessThan(0.3);
        assertThat(mean.isReliable()).isTrue();
        Expectation constant = approximation.expectation(x -> 0.1);
        assertThat(constant.value()).isEqualTo(0.1);
        assertThat(constant.standardError()).isZero();
        assertThat(constant.kHat()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(constant.effectiveSampleSize()).isCloseTo(1000, within(1e-8));
    }

    /** Draws of unknown density change nothing, and those of density zero count as such. */
    @Test
    void unknownWeightsAreLeftOut() {
        DMatrixRMaj points = normals("unknown", 0, 1000);
        Approximation all = approximation(points);
        double[] logP = Arrays.copyOf(all.logDensity(), 1200);
        double[] logQ = Arrays.copyOf(all.logApproximation(), 1200);
        Arrays.fill(logP, 1000, 1200, Double.NaN);
        DMatrixRMaj more = new DMatrixRMaj(2, 1200);
        for (int i = 0; i < 2; i++) {
            System.arraycopy(points.data, i * 1000, more.data, i * 1200, 1000);
            Arrays.fill(more.data, i * 1200 + 1000, (i + 1) * 1200, Double.NaN);
        }
        Approximation padded = Approximation.of(ParameterLayout.unnamed(2), more, logP, logQ);
        assertThat(padded.kHat()).isEqualTo(all.kHat());
        assertThat(Arrays.copyOf(padded.weights(), 1000)).isEqualTo(all.weights());
        assertThat(Arrays.copyOfRange(padded.weights(), 1000, 1200)).containsOnly(0);
        assertThat(padded.expectation("x[0]")).isEqualTo(all.expectation("x[0]"));

        Arrays.fill(logP, 1000, 1200, Double.NEGATIVE_INFINITY);
        Approximation outside = Approximation.of(ParameterLayout.unnamed(2), more, logP, logQ);
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
            Approximation approximation =
                    Approximation.of(ParameterLayout.unnamed(2), normals("none", 0, 200), logP, new double[200]);
            assertThat(approximation.weights()).containsOnly(0).hasSize(200);
            assertThat(approximation.kHat()).isNaN();
            assertThat(approximation.hasReliableWeights()).isFalse();
            assertThat(approximation.effectiveSampleSize()).isZero();
            Expectation expectation = approximation.expectation("x[0]");
            assertThat(expectation.value()).isNaN();
            assertThat(expectation.isReliable()).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> approximation.resampled(Resampling.WITH_REPLACEMENT, 10, 1))
                    .withMessageContaining("no draw has an importance weight");
        }
    }

    /**
     * Resampled draws have the moments and quantiles of the target, and errors that allow for what they are worth: five
     * errors of the weighted sample, and as much again for the choice of 4,000 draws.
     */
    @Test
    void theSummaryOfResampledDrawsIsThatOfTheTarget() {
        Approximation approximation = approximation(normals("summary", 0, 4000));
        Posterior posterior =
                approximation.resampled(Resampling.WITH_REPLACEMENT, 4000, 5).posterior();
        Summary summary = Summary.of(List.of("REWEIGHTED"), posterior, new double[2]);
        Summary.Row row = summary.row("x[0]");
        WeightedSample sample = WeightedSample.of(approximation.draws("x[0]"), approximation.weights());
        assertThat(row.mean()).isCloseTo(SHIFT, within(10 * sample.meanError()));
        assertThat(row.sd()).isCloseTo(SCALE, within(10 * sample.standardDeviationError()));
        // The quantiles of a normal distribution at 5 % and 95 %.
        assertThat(row.q05()).isCloseTo(SHIFT - 1.6448536 * SCALE, within(10 * sample.quantileError(0.05)));
        assertThat(row.q50()).isCloseTo(SHIFT, within(10 * sample.quantileError(0.5)));
        assertThat(row.q95()).isCloseTo(SHIFT + 1.6448536 * SCALE, within(10 * sample.quantileError(0.95)));
        assertThat(row.mcse())
                .isCloseTo(Math.hypot(sample.meanError(), sample.standardDeviation() / Math.sqrt(4000)), within(1e-12));
        assertThat(posterior.effectiveSampleSize()).isEqualTo(approximation.effectiveSampleSize());
        assertThat(posterior.toString()).contains("worth " + Math.round(posterior.effectiveSampleSize()));
    }

    /**
     * The stated error of a resampled mean is that of repeated estimates, or more: the mean square of 400 errors in
     * units of the stated one is at most 1, plus five of its standard errors.
     */
    @Test
    void errorsOfResampledMeansCoverThoseOfRepeatedEstimates() {
        int repeats = 400;
        double square = 0;
        for (int r = 0; r < repeats; r++) {
            Posterior posterior = approximation(normals("resampled errors", r, 1000))
                    .resampled(Resampling.WITH_REPLACEMENT, 500, r)
                    .posterior();
            Summary.Row row = Summary.of(List.of(), posterior, new double[2]).row("x[0]");
            double z = (row.mean() - SHIFT) / row.mcse();
            square += z * z / repeats;
        }
        assertThat(square).isBetween(0.3, 1 + 5 * Math.sqrt(2.0 / repeats));
    }

    @Test
    void misuseIsRefused() {
        Approximation approximation = approximation(normals("misuse", 0, 100));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> approximation.expectation(new double[99]))
                .withMessage("there are 100 draws, but 99 values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> approximation.expectation(x -> Math.log(x[0])))
                .withMessageMatching("the value at draw \\d+ is NaN, and .*");
        assertThatIllegalArgumentException().isThrownBy(() -> approximation.expectation("y"));
    }

    /** A density that is infinite at a draw, or a q that is zero there, is a weight that nobody knows. */
    @Test
    void infiniteWeightsAreUnknown() {
        Approximation approximation = approximation(normals("infinite", 0, 100));
        double[] infinite = approximation.logDensity();
        infinite[5] = Double.POSITIVE_INFINITY;
        Approximation other = Approximation.of(
                ParameterLayout.unnamed(2), approximation.unconstrained(), infinite, approximation.logApproximation());
        assertThat(other.logWeights()[5]).isNaN();
        assertThat(other.weights()[5]).isZero();
        assertThat(other.knownWeights()).isEqualTo(99);
    }

    @Test
    void weightsAreCopied() {
        Approximation approximation = approximation(normals("copied", 0, 100));
        double before = approximation.weights()[0];
        approximation.weights()[0] = 99;
        assertThat(approximation.weights()[0]).isEqualTo(before);
    }
}
