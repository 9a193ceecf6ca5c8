package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.variational.diagnostic.FitDiagnostics.Observed;
import org.variational.diagnostic.Verdict.Code;
import org.variational.diagnostic.Verdict.Level;

class VerdictTest {

    private static final Observed NONE = Observed.NONE;

    private static Stop stop(Status status) {
        return new Stop(status, "why", 100, List.of("x[1]"), 0, null);
    }

    /** Diagnostics of 4,000 draws with nothing else against them, to be changed part by part. */
    private static final class Changed {
        private final Stop stop;
        private final double kHat;
        private boolean drift;
        private int draws = 4000;
        private double effectiveSampleSize = 3000;
        private boolean alone;
        private int rejected;
        private int unsupported;
        private int nonFinite;
        private FitDiagnostics.Shift shift = FitDiagnostics.Shift.UNKNOWN;
        private FitDiagnostics.Heavier heavier = FitDiagnostics.Heavier.UNKNOWN;
        private FitDiagnostics.Chains chains = FitDiagnostics.Chains.UNKNOWN;
        private FitDiagnostics.MissedMode missedMode = FitDiagnostics.MissedMode.NONE;
        private List<String> worst = List.of();
        private String goal = "";
        private Observed findings = NONE;

        private Changed(Stop stop, double kHat) {
            this.stop = stop;
            this.kHat = kHat;
        }

        Changed drifting() {
            drift = true;
            return this;
        }

        Changed draws(int count) {
            draws = count;
            return this;
        }

        Changed worth(double independentDraws) {
            effectiveSampleSize = independentDraws;
            return this;
        }

        Changed judgedByWeightsAlone() {
            alone = true;
            return this;
        }

        Changed rejected(int count) {
            rejected = count;
            return this;
        }

        Changed unsupported(int count) {
            unsupported = count;
            return this;
        }

        Changed nonFinite(int count) {
            nonFinite = count;
            return this;
        }

        Changed shift(FitDiagnostics.Shift seen) {
            shift = seen;
            return this;
        }

        Changed heavier(FitDiagnostics.Heavier seen) {
            heavier = seen;
            return this;
        }

        Changed chains(FitDiagnostics.Chains seen) {
            chains = seen;
            return this;
        }

        Changed missedMode(FitDiagnostics.MissedMode seen) {
            missedMode = seen;
            return this;
        }

        Changed worst(String... names) {
            worst = List.of(names);
            return this;
        }

        Changed goal(String report) {
            goal = report;
            return this;
        }

        Changed findings(Observed seen) {
            findings = seen;
            return this;
        }

        FitDiagnostics build() {
            return new FitDiagnostics(
                    stop,
                    drift,
                    new FitDiagnostics.Weights(kHat, draws, effectiveSampleSize, shift, heavier, worst, alone),
                    new FitDiagnostics.Counts(4000, rejected, unsupported, nonFinite, 1000),
                    chains,
                    missedMode,
                    goal,
                    findings);
        }
    }

    private static Changed diagnostics(Stop stop, double kHat) {
        return new Changed(stop, kHat);
    }

    private static FitDiagnostics evidence(Status status, double kHat) {
        return diagnostics(stop(status), kHat).build();
    }

    private static List<Code> codes(Verdict verdict) {
        return verdict.findings().stream().map(Verdict.Finding::code).toList();
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
        assertThat(Verdict.of(evidence(Status.CONVERGED, 0.55)).level()).isEqualTo(Level.REWEIGHTED);
        Verdict heavy = Verdict.of(evidence(Status.CONVERGED, 0.75));
        assertThat(heavy.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(codes(heavy)).startsWith(Code.K_HAT_HIGH);
        assertThat(Verdict.of(evidence(Status.CONVERGED, Double.NaN)).level()).isEqualTo(Level.UNRELIABLE);
    }

    /** Between 0.5 and 0.7 the weights can be trusted, and may show that they are not needed. */
    @Test
    void weightsThatChangeLittleAreNotNeeded() {
        FitDiagnostics.Shift small = new FitDiagnostics.Shift(0, 0, 0.15, 0.15);
        FitDiagnostics.Shift uncertain = new FitDiagnostics.Shift(0, 0, 0.15, 0.25);
        assertThat(Verdict.of(diagnostics(stop(Status.CONVERGED), 0.6)
                                .shift(small)
                                .build())
                        .level())
                .isEqualTo(Level.GOOD);
        assertThat(Verdict.of(diagnostics(stop(Status.CONVERGED), 0.6)
                                .shift(uncertain)
                                .build())
                        .level())
                .isEqualTo(Level.REWEIGHTED);
        assertThat(Verdict.of(diagnostics(stop(Status.CONVERGED), 0.75)
                                .shift(small)
                                .build())
                        .level())
                .isEqualTo(Level.UNRELIABLE);
    }

    /** With 200 draws the threshold is 1 - 1 / log10(200) = 0.565. */
    @Test
    void theThresholdKnowsTheNumberOfDraws() {
        FitDiagnostics few = diagnostics(stop(Status.CONVERGED), 0.6).draws(200).build();
        assertThat(Verdict.of(few).level()).isEqualTo(Level.UNRELIABLE);
        assertThat(Verdict.of(evidence(Status.CONVERGED, 0.6)).level()).isEqualTo(Level.REWEIGHTED);
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
        Verdict verdict = Verdict.of(
                diagnostics(stop(Status.MAX_ITERATIONS), 0.1).drifting().build());
        assertThat(verdict.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(verdict.findings().get(0).code()).isEqualTo(Code.DRIFT);
        assertThat(verdict.findings().get(0).text()).contains("x[1]");
    }

    @Test
    void drawsThatCannotBeEvaluatedCount() {
        Verdict few =
                Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1).rejected(4).build());
        assertThat(few.level()).isEqualTo(Level.REWEIGHTED);
        assertThat(codes(few)).startsWith(Code.REJECTED_DRAWS);
        Verdict many =
                Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1).rejected(41).build());
        assertThat(many.level()).isEqualTo(Level.UNRELIABLE);
        Verdict outside = Verdict.of(
                diagnostics(stop(Status.CONVERGED), 0.1).unsupported(1).build());
        assertThat(outside.level()).isEqualTo(Level.REWEIGHTED);
        assertThat(codes(outside)).startsWith(Code.SUPPORT_MISMATCH);
        Verdict infinite =
                Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1).nonFinite(1).build());
        assertThat(infinite.level()).isEqualTo(Level.UNRELIABLE);
        Stop rejecting = new Stop(Status.CONVERGED, "why", 100, List.of(), 11, null);
        Verdict during = Verdict.of(diagnostics(rejecting, 0.1).build());
        assertThat(during.level()).isEqualTo(Level.REWEIGHTED);
        assertThat(codes(during)).startsWith(Code.REJECTED_EVALUATIONS);
    }

    @Test
    void shiftsAndUnreachedGoalsAskForWeights() {
        Verdict mean = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                .shift(new FitDiagnostics.Shift(0.2, 0, 0.3, 0))
                .build());
        assertThat(mean.level()).isEqualTo(Level.REWEIGHTED);
        assertThat(codes(mean)).startsWith(Code.WEIGHTS_MATTER);
        Verdict sd = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                .shift(new FitDiagnostics.Shift(0, 0.2, 0, 0.3))
                .build());
        assertThat(sd.level()).isEqualTo(Level.REWEIGHTED);
        Verdict goal = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                .goal("alpha was lowered")
                .build());
        assertThat(goal.level()).isEqualTo(Level.REWEIGHTED);
        assertThat(goal.toString()).isEqualTo(goal.headline()).startsWith("REWEIGHTED. You can use the draws");
        assertThat(goal.explain()).startsWith("REWEIGHTED").contains("GOAL_NOT_REACHED: alpha was lowered");
        assertThat(goal.advice()).isEqualTo("Nothing needs to be done.");
    }

    @Test
    void heavierTailsClearAHighKHatOnlyWhereTheAnswerIsSeenToBeRight() {
        FitDiagnostics.Shift small = new FitDiagnostics.Shift(0, 0, 0.1, 0.15);
        FitDiagnostics.Shift large = new FitDiagnostics.Shift(0.3, 0.1, 0.5, 0.3);
        assertThat(highKHat(new FitDiagnostics.Heavier(0.2, small)).level()).isEqualTo(Verdict.Level.GOOD);
        assertThat(highKHat(new FitDiagnostics.Heavier(0.2, small)).explain())
                .contains("K_HAT_HIGH: k-hat is 0.90, where importance weights need less than 0.70; but draws with")
                .contains("(k-hat 0.20)");
        assertThat(highKHat(new FitDiagnostics.Heavier(0.2, large)).level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(highKHat(new FitDiagnostics.Heavier(0.8, small)).level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(highKHat(FitDiagnostics.Heavier.UNKNOWN).level()).isEqualTo(Verdict.Level.UNRELIABLE);
    }

    private static Verdict highKHat(FitDiagnostics.Heavier heavier) {
        return Verdict.of(
                diagnostics(stop(Status.CONVERGED), 0.9).heavier(heavier).build());
    }

    @Test
    void aFaultyDensityIsUnreliable() {
        Verdict gradient = seen(0, new Observed("", "slope", "", List.of()));
        assertThat(gradient.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(gradient.explain()).contains("WRONG_GRADIENT: slope");
        Verdict random = seen(0, new Observed("twice", "", "", List.of()));
        assertThat(random.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(random.explain()).contains("NON_DETERMINISTIC: twice");
    }

    @Test
    void muchMassOutsideTheSupportIsUnreliableAndNamesACoordinate() {
        assertThat(seen(40, NONE).level()).isEqualTo(Level.REWEIGHTED);
        Verdict outside = seen(41, new Observed("", "", "sigma", List.of()));
        assertThat(outside.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(outside.headline())
                .startsWith(
                        "UNRELIABLE. Do not use the draws: the density is zero at 41 of 4000 draws, which differ most"
                                + " from the others in sigma, so that");
        assertThat(outside.advice()).isEqualTo("Declare the bounds of sigma, so that the library transforms it.");
    }

    private static Verdict seen(int unsupported, Observed findings) {
        return Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                .unsupported(unsupported)
                .findings(findings)
                .build());
    }

    /**
     * Where weights alone judge, draws worth nine tenths of their number are trusted whatever k-hat is, and a shift of
     * 0.03 is mended; where chains look too, neither holds.
     */
    @Test
    void weightsThatJudgeAloneMayBeSteady() {
        assertThat(level(diagnostics(stop(Status.CONVERGED), 1.2).worth(3600).judgedByWeightsAlone()))
                .isEqualTo(Level.GOOD);
        assertThat(level(diagnostics(stop(Status.CONVERGED), 1.2).worth(3599).judgedByWeightsAlone()))
                .isEqualTo(Level.UNRELIABLE);
        assertThat(level(diagnostics(stop(Status.CONVERGED), 1.2).worth(3990))).isEqualTo(Level.UNRELIABLE);
        FitDiagnostics.Shift little = new FitDiagnostics.Shift(0.04, 0.01, 0.05, 0.02);
        assertThat(level(diagnostics(stop(Status.CONVERGED), 0.2).shift(little).judgedByWeightsAlone()))
                .isEqualTo(Level.REWEIGHTED);
        assertThat(level(diagnostics(stop(Status.CONVERGED), 0.2).shift(little)))
                .isEqualTo(Level.GOOD);
    }

    private static Level level(Changed diagnostics) {
        return Verdict.of(diagnostics.build()).level();
    }

    /** Draws that need weights are usable only if the weights are reliable and worth 1,600 independent draws. */
    @Test
    void drawsThatNeedWeightsAreUnreliableWhereTheWeightsDoNotServe() {
        FitDiagnostics enough =
                diagnostics(stop(Status.CONVERGED), 0.6).worth(1600).build();
        assertThat(Verdict.needsWeights(enough)).isTrue();
        assertThat(Verdict.of(enough).level()).isEqualTo(Level.REWEIGHTED);
        Verdict few = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.6)
                .worth(1599)
                .worst("tau", "mu")
                .build());
        assertThat(few.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(codes(few)).startsWith(Code.WEIGHTS_UNUSABLE);
        assertThat(few.headline()).contains("worth only 1,599 independent ones").contains("most of all in tau, mu");
        Observed skipped =
                new Observed("", "", "", List.of(new Verdict.Finding(Code.NOT_EXAMINED, Level.REWEIGHTED, "left out")));
        FitDiagnostics high = diagnostics(stop(Status.CONVERGED), 0.9)
                .heavier(new FitDiagnostics.Heavier(0.2, new FitDiagnostics.Shift(0, 0, 0.1, 0.1)))
                .findings(skipped)
                .build();
        assertThat(Verdict.needsWeights(high)).isFalse();
        assertThat(codes(Verdict.of(high))).startsWith(Code.WEIGHTS_UNUSABLE);
        assertThat(Verdict.of(high).level()).isEqualTo(Level.UNRELIABLE);
    }

    @Test
    void aHighKHatNamesTheQuantitiesAtFault() {
        Verdict verdict = Verdict.of(
                diagnostics(stop(Status.CONVERGED), 0.85).worst("tau").build());
        assertThat(verdict.headline()).contains("(k-hat 0.85, where less than 0.70 is needed), most of all in tau.");
        assertThat(verdict.advice()).isEqualTo("Try a richer family, or another parameterisation of tau.");
    }

    @Test
    void chainsThatLeaveOrDoNotMixNameTheQuantity() {
        Verdict leave = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                .chains(new FitDiagnostics.Chains(0.5, 1.4, 1.2, "tau", ""))
                .build());
        assertThat(leave.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(leave.headline()).contains("tau is off by 1.40 standard deviations");
        Verdict near = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                .chains(new FitDiagnostics.Chains(0.3, 0.5, 0.4, "tau", ""))
                .build());
        assertThat(near.level()).isEqualTo(Level.REWEIGHTED);
        Verdict stuck = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.6)
                .chains(new FitDiagnostics.Chains(0.1, 0.1, 0, "mu", "log tau"))
                .build());
        assertThat(stuck.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(stuck.headline()).contains("hardly move in log tau");
        Verdict stay = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.6)
                .chains(new FitDiagnostics.Chains(0.1, 0.1, 0, "mu", ""))
                .build());
        assertThat(stay.level()).isEqualTo(Level.GOOD);
    }

    @Test
    void aMissedModeIsUnreliable() {
        Verdict verdict = Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                .missedMode(new FitDiagnostics.MissedMode(0.4, 2, 1.5, "mu[1]"))
                .build());
        assertThat(verdict.level()).isEqualTo(Level.UNRELIABLE);
        assertThat(codes(verdict)).startsWith(Code.MISSED_MODE);
        assertThat(verdict.headline()).contains("about 40 % of its mass, which differs most in mu[1]");
        assertThat(Verdict.of(diagnostics(stop(Status.CONVERGED), 0.1)
                                .missedMode(new FitDiagnostics.MissedMode(0.001, 0.01, 1.01, "mu[1]"))
                                .build())
                        .level())
                .isEqualTo(Level.GOOD);
    }

    /** Chains that stay clear a high k-hat, unless fewer draws had shown that the weights matter. */
    @Test
    void weightsThatTurnOutUnreliableAreNotForgotten() {
        FitDiagnostics more = diagnostics(stop(Status.CONVERGED), 0.9)
                .chains(new FitDiagnostics.Chains(0.1, 0.1, 0, "mu", ""))
                .build();
        assertThat(Verdict.of(more).level()).isEqualTo(Level.GOOD);
        assertThat(Verdict.afterDrawingOn(more).level()).isEqualTo(Level.UNRELIABLE);
        assertThat(codes(Verdict.afterDrawingOn(more))).startsWith(Code.WEIGHTS_UNUSABLE);
        FitDiagnostics reliable = diagnostics(stop(Status.CONVERGED), 0.1).build();
        assertThat(Verdict.afterDrawingOn(reliable)).isEqualTo(Verdict.of(reliable));
    }

    /** What to do belongs to what is wrong, and a caveat of usable draws is said. */
    @Test
    void theAdviceIsThatOfTheGravestFinding() {
        Verdict gradient = seen(41, new Observed("", "slope", "sigma", List.of()));
        assertThat(gradient.headline()).contains("slope");
        assertThat(gradient.advice()).startsWith("GradientCheck compares");
        Observed skipped = new Observed(
                "", "", "", List.of(new Verdict.Finding(Code.NOT_EXAMINED, Level.REWEIGHTED, "nobody looked", "look")));
        Verdict caveat = Verdict.of(
                diagnostics(stop(Status.CONVERGED), 0.1).findings(skipped).build());
        assertThat(caveat.level()).isEqualTo(Level.REWEIGHTED);
        assertThat(caveat.advice()).isEqualTo("But know that nobody looked. To change that, look.");
        Stop jargon = new Stop(Status.DIVERGED, "it ran away; worth 1.1 batches", 3, List.of(), 0, null);
        assertThat(Verdict.of(diagnostics(jargon, 0.1).build()).headline()).endsWith("it ran away.");
    }

    /** A few draws with constant weights are worth all of themselves. */
    @Test
    void fewDrawsWithEqualWeightsAreEnough() {
        Verdict verdict = Verdict.of(diagnostics(stop(Status.MAX_ITERATIONS), Double.NEGATIVE_INFINITY)
                .draws(200)
                .worth(200)
                .build());
        assertThat(verdict.level()).isEqualTo(Level.REWEIGHTED);
    }
}
