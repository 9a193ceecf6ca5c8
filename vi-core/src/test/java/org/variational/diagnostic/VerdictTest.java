package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.variational.diagnostic.Verdict.Code;
import org.variational.diagnostic.Verdict.Findings;
import org.variational.diagnostic.Verdict.Level;

class VerdictTest {

    private static final Findings NONE = Findings.NONE;

    private static Stop stop(Status status) {
        return new Stop(status, "why", 100, List.of("x[1]"), 0, null);
    }

    private static Verdict.Diagnostics evidence(Status status, double kHat) {
        return new Verdict.Diagnostics(
                stop(status),
                false,
                kHat,
                4000,
                0,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE);
    }

    private static List<Code> codes(Verdict verdict) {
        return verdict.reasons().stream().map(Verdict.Reason::code).toList();
    }

    @Test
    void aConvergedFitWithLightWeightsIsGood() {
        Verdict verdict = Verdict.of(evidence(Status.CONVERGED, 0.2));
        assertThat(verdict.level()).isEqualTo(Level.GOOD);
        assertThat(codes(verdict)).containsExactly(Code.CONVERGED, Code.K_HAT_LOW);
        assertThat(Verdict.of(evidence(Status.CONVERGED, Double.NEGATIVE_INFINITY))
                        .level())
                .isEqualTo(Level.GOOD);
    }

    @Test
    void heavierWeightsLowerTheLevel() {
        assertThat(Verdict.of(evidence(Status.CONVERGED, 0.55)).level()).isEqualTo(Level.REWEIGHT);
        Verdict heavy = Verdict.of(evidence(Status.CONVERGED, 0.75));
        assertThat(heavy.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(codes(heavy)).startsWith(Code.K_HAT_HIGH);
        assertThat(Verdict.of(evidence(Status.CONVERGED, Double.NaN)).level()).isEqualTo(Level.UNRELIABLE);
    }

    /** Between 0.5 and 0.7 the weights can be trusted, and may show that they are not needed. */
    @Test
    void weightsThatChangeLittleAreNotNeeded() {
        Verdict.Shift small = new Verdict.Shift(0, 0, 0.15, 0.15);
        Verdict.Shift uncertain = new Verdict.Shift(0, 0, 0.15, 0.25);
        assertThat(Verdict.of(new Verdict.Diagnostics(
                                stop(Status.CONVERGED),
                                false,
                                0.6,
                                4000,
                                0,
                                0,
                                0,
                                1000,
                                small,
                                Verdict.Heavier.UNKNOWN,
                                Verdict.Chains.UNKNOWN,
                                Verdict.MissedMode.NOTHING,
                                "",
                                NONE))
                        .level())
                .isEqualTo(Level.GOOD);
        assertThat(Verdict.of(new Verdict.Diagnostics(
                                stop(Status.CONVERGED),
                                false,
                                0.6,
                                4000,
                                0,
                                0,
                                0,
                                1000,
                                uncertain,
                                Verdict.Heavier.UNKNOWN,
                                Verdict.Chains.UNKNOWN,
                                Verdict.MissedMode.NOTHING,
                                "",
                                NONE))
                        .level())
                .isEqualTo(Level.REWEIGHT);
        assertThat(Verdict.of(new Verdict.Diagnostics(
                                stop(Status.CONVERGED),
                                false,
                                0.75,
                                4000,
                                0,
                                0,
                                0,
                                1000,
                                small,
                                Verdict.Heavier.UNKNOWN,
                                Verdict.Chains.UNKNOWN,
                                Verdict.MissedMode.NOTHING,
                                "",
                                NONE))
                        .level())
                .isEqualTo(Level.UNRELIABLE);
    }

    /** With 200 draws the threshold is 1 - 1 / log10(200) = 0.565. */
    @Test
    void theThresholdKnowsTheNumberOfDraws() {
        Verdict.Diagnostics few = new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.6,
                200,
                0,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE);
        assertThat(Verdict.of(few).level()).isEqualTo(Level.UNRELIABLE);
        assertThat(Verdict.of(evidence(Status.CONVERGED, 0.6)).level()).isEqualTo(Level.REWEIGHT);
    }

    @ParameterizedTest
    @EnumSource(Status.class)
    void onlyAPassedTestCanBeGood(Status status) {
        Level level = Verdict.of(evidence(status, 0.1)).level();
        assertThat(level == Level.GOOD).isEqualTo(status == Status.CONVERGED);
        if (status == Status.DIVERGED || status == Status.FAILED || status == Status.INVALID_MODEL) {
            assertThat(level).isEqualTo(Level.UNRELIABLE);
        }
    }

    @Test
    void driftNamesTheCoordinate() {
        Verdict verdict = Verdict.of(new Verdict.Diagnostics(
                stop(Status.MAX_ITERATIONS),
                true,
                0.1,
                4000,
                0,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(verdict.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(verdict.reasons().get(0).code()).isEqualTo(Code.DRIFT);
        assertThat(verdict.reasons().get(0).text()).contains("x[1]");
    }

    @Test
    void drawsThatCannotBeEvaluatedCount() {
        Verdict few = Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                4,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(few.level()).isEqualTo(Level.REWEIGHT);
        assertThat(codes(few)).startsWith(Code.REJECTED_DRAWS);
        Verdict many = Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                41,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(many.level()).isEqualTo(Level.UNRELIABLE);
        Verdict outside = Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                0,
                1,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(outside.level()).isEqualTo(Level.REWEIGHT);
        assertThat(codes(outside)).startsWith(Code.SUPPORT_MISMATCH);
        Verdict infinite = Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                0,
                0,
                1,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(infinite.level()).isEqualTo(Level.UNRELIABLE);
        Stop rejecting = new Stop(Status.CONVERGED, "why", 100, List.of(), 11, null);
        Verdict during = Verdict.of(new Verdict.Diagnostics(
                rejecting,
                false,
                0.1,
                4000,
                0,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(during.level()).isEqualTo(Level.REWEIGHT);
        assertThat(codes(during)).startsWith(Code.REJECTED_EVALUATIONS);
    }

    @Test
    void shiftsAndUnreachedGoalsAskForWeights() {
        Verdict mean = Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                0,
                0,
                0,
                1000,
                new Verdict.Shift(0.2, 0, 0.3, 0),
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(mean.level()).isEqualTo(Level.REWEIGHT);
        assertThat(codes(mean)).startsWith(Code.WEIGHTS_MATTER);
        Verdict sd = Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                0,
                0,
                0,
                1000,
                new Verdict.Shift(0, 0.2, 0, 0.3),
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
        assertThat(sd.level()).isEqualTo(Level.REWEIGHT);
        Verdict goal = Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                0,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "alpha was lowered",
                NONE));
        assertThat(goal.level()).isEqualTo(Level.REWEIGHT);
        assertThat(goal.toString()).startsWith("REWEIGHT").contains("GOAL_NOT_REACHED: alpha was lowered");
    }

    @Test
    void heavierTailsClearAHighKHatOnlyWhereTheAnswerIsSeenToBeRight() {
        Verdict.Shift small = new Verdict.Shift(0, 0, 0.1, 0.15);
        Verdict.Shift large = new Verdict.Shift(0.3, 0.1, 0.5, 0.3);
        assertThat(highKHat(new Verdict.Heavier(0.2, small)).level()).isEqualTo(Verdict.Level.GOOD);
        assertThat(highKHat(new Verdict.Heavier(0.2, small)).toString())
                .contains("K_HAT_HIGH: k-hat 0.90 is not below 0.70 (4000 draws), but draws with heavier tails")
                .contains("(k-hat 0.20)");
        assertThat(highKHat(new Verdict.Heavier(0.2, large)).level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(highKHat(new Verdict.Heavier(0.8, small)).level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(highKHat(Verdict.Heavier.UNKNOWN).level()).isEqualTo(Verdict.Level.UNRELIABLE);
    }

    private static Verdict highKHat(Verdict.Heavier heavier) {
        return Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.9,
                4000,
                0,
                0,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                heavier,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                NONE));
    }

    @Test
    void aFaultyDensityIsUnreliable() {
        Verdict gradient = seen(0, new Findings("", "slope", "", List.of()));
        assertThat(gradient.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(gradient.toString()).contains("WRONG_GRADIENT: slope");
        Verdict random = seen(0, new Findings("twice", "", "", List.of()));
        assertThat(random.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(random.toString()).contains("NON_DETERMINISTIC: twice");
    }

    @Test
    void muchMassOutsideTheSupportIsUnreliableAndNamesACoordinate() {
        assertThat(seen(40, NONE).level()).isEqualTo(Level.REWEIGHT);
        Verdict outside = seen(41, new Findings("", "", "sigma", List.of()));
        assertThat(outside.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(outside.toString())
                .contains("zero at 41 of 4000 draws, which differ most from the others in sigma, so that");
    }

    private static Verdict seen(int unsupported, Findings findings) {
        return Verdict.of(new Verdict.Diagnostics(
                stop(Status.CONVERGED),
                false,
                0.1,
                4000,
                0,
                unsupported,
                0,
                1000,
                Verdict.Shift.UNKNOWN,
                Verdict.Heavier.UNKNOWN,
                Verdict.Chains.UNKNOWN,
                Verdict.MissedMode.NOTHING,
                "",
                findings));
    }
}
