package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.posterior.Posterior;
import org.variational.random.RandomStreams;

/** The calibration passes exact posteriors and catches wrong ones; its tests err as often as they say. */
class SimulationBasedCalibrationTest {

    private static final int N = 4;
    private static final int DRAWS = 400;

    /** Of which the posterior is normal with variance {@code 1 / (1 + N)} and mean {@code sum y / (1 + N)}. */
    private static Model model() {
        ModelBuilder m = Model.named("conjugate");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.observe("y", normal(mu, Expr.constant(1)), new double[N]);
        return m.build();
    }

    private static Posterior posterior(Model model, double mean, double sd, long seed) {
        RandomGenerator random = RandomStreams.of(seed).generator("exact", 0);
        DMatrixRMaj draws = new DMatrixRMaj(1, DRAWS);
        for (int s = 0; s < DRAWS; s++) {
            draws.data[s] = mean + sd * random.nextGaussian();
        }
        return Posterior.of(model.layout(), draws, new double[DRAWS]);
    }

    private static double exactMean(Model model) {
        return Arrays.stream(model.data().get("y").data).sum() / (1 + N);
    }

    private static final double EXACT_SD = 1 / Math.sqrt(1 + N);

    private static Posterior exact(Model model, long seed) {
        return posterior(model, exactMean(model), EXACT_SD, seed);
    }

    private static SimulationBasedCalibration calibration() {
        return SimulationBasedCalibration.of(model(), "y").replications(100);
    }

    /** False alarms with probability at most 2 x 0.05 over seeds; this seed is fixed. */
    @Test
    void theExactPosteriorPasses() {
        Calibration calibration = calibration().run(SimulationBasedCalibrationTest::exact);
        assertThat(calibration.passed()).as(calibration.toString()).isTrue();
        assertThat(calibration.quantities())
                .extracting(Calibration.Quantity::name)
                .containsExactly("mu", SimulationBasedCalibration.LOG_LIKELIHOOD);
        // the squared deviations have mean 1/12 and standard deviation 1/sqrt(180): 4.9 standard errors
        assertThat(calibration.quantity("mu").spread()).isCloseTo(1, within(4.9 * 12 / Math.sqrt(180 * 100)));
        assertThat(calibration.quantity("mu").ranks()).hasSize(100).allMatch(rank -> rank >= 0 && rank <= 99);
    }

    /**
     * Half the standard deviation puts 41 % of true values beyond the 5 % tails; chance does so with probability below
     * 1e-9.
     */
    @Test
    void aStandardDeviationTooSmallIsCaught() {
        Calibration calibration = calibration().run((m, seed) -> posterior(m, exactMean(m), EXACT_SD / 2, seed));
        Calibration.Quantity mu = calibration.quantity("mu");
        assertThat(mu.uniformity()).as(calibration.toString()).isLessThan(0.001);
        assertThat(mu.spread()).isGreaterThan(1.3);
        assertThat(mu.direction()).isEqualTo(Calibration.Direction.NONE);
        assertThat(calibration.rejected()).contains(mu);
        assertThat(calibration.toString()).startsWith("calibration not passed").contains("mu");
    }

    @Test
    void aStandardDeviationTooLargeIsCaught() {
        Calibration calibration = calibration().run((m, seed) -> posterior(m, exactMean(m), 2 * EXACT_SD, seed));
        assertThat(calibration.quantity("mu").uniformity())
                .as(calibration.toString())
                .isLessThan(0.01);
        assertThat(calibration.quantity("mu").spread()).isLessThan(0.7);
    }

    @Test
    void aBiasedMeanIsCaughtWithItsDirection() {
        for (double sign : new double[] {-1, 1}) {
            Calibration calibration =
                    calibration().run((m, seed) -> posterior(m, exactMean(m) + sign * EXACT_SD * 0.8, EXACT_SD, seed));
            Calibration.Quantity mu = calibration.quantity("mu");
            assertThat(mu.symmetry()).as(calibration.toString()).isLessThan(0.001);
            assertThat(mu.direction())
                    .isEqualTo(sign < 0 ? Calibration.Direction.TOO_LOW : Calibration.Direction.TOO_HIGH);
        }
    }

    /** Ranks of parameters are uniform for the prior; those of the likelihood are not. */
    @Test
    void theLogLikelihoodCatchesAFitThatReturnsThePrior() {
        Calibration calibration = calibration().run((m, seed) -> posterior(m, 0, 1, seed));
        assertThat(calibration.quantity("mu").uniformity())
                .as(calibration.toString())
                .isGreaterThan(0.05);
        assertThat(calibration
                        .quantity(SimulationBasedCalibration.LOG_LIKELIHOOD)
                        .uniformity())
                .isLessThan(0.001);
    }

    @Test
    void threadsDoNotChangeTheResult() {
        SimulationBasedCalibration few = calibration().replications(20).seed(5);
        Calibration one = few.run(SimulationBasedCalibrationTest::exact);
        assertThat(few.threads(3).run(SimulationBasedCalibrationTest::exact)).isEqualTo(one);
        assertThat(few.seed(6).run(SimulationBasedCalibrationTest::exact)).isNotEqualTo(one);
    }

    @Test
    void failuresAreReportedAndTooManyEndIt() {
        Calibration calibration = calibration().replications(20).run((m, seed) -> {
            if (exactMean(m) > 0.6) {
                throw new ArithmeticException("too high");
            }
            return exact(m, seed);
        });
        assertThat(calibration.failures()).isNotEmpty();
        assertThat(calibration.replications() + calibration.failures().size()).isEqualTo(20);
        assertThat(calibration.passed()).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> calibration().replications(10).run(m -> {
                    throw new ArithmeticException("never");
                }))
                .withMessageContaining("10 of 10")
                .withMessageContaining("never");
    }

    @Test
    void misuseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SimulationBasedCalibration.of(model(), "z"))
                .withMessageContaining("[y]");
        assertThatIllegalArgumentException().isThrownBy(() -> calibration().replications(9));
        assertThatIllegalArgumentException().isThrownBy(() -> calibration().draws(0));
        assertThatIllegalArgumentException().isThrownBy(() -> calibration().level(1));
        assertThatIllegalArgumentException().isThrownBy(() -> calibration().threads(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> calibration().draws(DRAWS + 1).run(SimulationBasedCalibrationTest::exact))
                .withMessageContaining("got " + DRAWS);
        ModelBuilder m = Model.named("flat");
        Expr mu = m.parameter("mu", flat());
        m.observe("y", normal(mu, Expr.constant(1)), new double[N]);
        assertThatIllegalStateException()
                .isThrownBy(() -> SimulationBasedCalibration.of(m.build()).run(SimulationBasedCalibrationTest::exact))
                .withMessageContaining("flat prior");
    }

    // ---- the tests it makes -----------------------------------------------------------------------------------------

    /**
     * With 2000 repetitions the rejections at 5 % have standard error 0.0049; the bound of five gives 6e-7 false
     * alarms.
     */
    @Test
    void theUniformityTestErrsAsOftenAsItSays() {
        RandomGenerator random = RandomStreams.of(11).generator("uniform", 0);
        RankUniformity test = new RankUniformity(60, 100, random);
        int rejected = 0;
        int[] ranks = new int[60];
        for (int b = 0; b < 2000; b++) {
            Arrays.setAll(ranks, i -> random.nextInt(100));
            rejected += test.pValue(ranks) <= 0.05 ? 1 : 0;
        }
        assertThat(rejected / 2000.0).isCloseTo(0.05, within(5 * 0.0049));
    }

    /** Discrete, so that it errs at most as often as it says; the same bound above, and not far below. */
    @Test
    void theSymmetryTestErrsAtMostAsOftenAsItSays() {
        RandomGenerator random = RandomStreams.of(12).generator("symmetric", 0);
        int rejected = 0;
        double[] p = new double[60];
        for (int b = 0; b < 2000; b++) {
            Arrays.setAll(p, i -> random.nextDouble());
            rejected += SymmetryTest.of(p).pValue() <= 0.05 ? 1 : 0;
        }
        assertThat(rejected / 2000.0).isBetween(0.02, 0.05 + 5 * 0.0049);
    }

    /** All 2^12 walks. */
    @Test
    void theWalkReachesAsOftenAsEnumerated() {
        int n = 12;
        for (int m = 0; m <= n + 1; m++) {
            int reached = 0;
            for (int signs = 0; signs < 1 << n; signs++) {
                int walk = 0;
                int largest = 0;
                for (int k = 0; k < n; k++) {
                    walk += (signs >> k & 1) == 1 ? 1 : -1;
                    largest = Math.max(largest, Math.abs(walk));
                }
                reached += largest >= m ? 1 : 0;
            }
            assertThat(SymmetryTest.reaches(n, m)).isCloseTo(reached / (double) (1 << n), within(1e-15));
        }
    }

    /** The two-sample test's 5 % value is 1.358 sqrt(2 / n); on mirror images it rejects 11 %. */
    @Test
    void theTwoSampleTestWouldRejectTwiceAsOften() {
        int n = 1000;
        int critical = (int) Math.ceil(1.358 * Math.sqrt(2.0 / n) * n);
        assertThat(SymmetryTest.reaches(n, critical)).isBetween(0.10, 0.12);
    }

    @Test
    void holmRaisesByTheNumberOfHypothesesLeft() {
        assertThat(Holm.adjusted(new double[] {0.04, 0.01, 0.03}))
                .usingComparatorWithPrecision(1e-15)
                .containsExactly(0.06, 0.03, 0.06);
        assertThat(Holm.adjusted(new double[] {0.9, 0.8})).containsExactly(1, 1);
        assertThat(Holm.adjusted(new double[0])).isEmpty();
    }
}
