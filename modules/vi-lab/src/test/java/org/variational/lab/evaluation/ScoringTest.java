package org.variational.lab.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Verdict;
import org.variational.distribution.Distributions;
import org.variational.expression.Expr;
import org.variational.family.Families;
import org.variational.fit.Fit;
import org.variational.fit.Provenance.Evaluations;
import org.variational.io.AtomicFile;
import org.variational.lab.evaluation.EvaluationTable.Result;
import org.variational.lab.evaluation.Mark.Outcome;
import org.variational.lab.evaluation.RandomTarget.Kind;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/** Scores, marks and tables. */
class ScoringTest {

    private static final String GOOD = "GOOD";
    private static final String UNRELIABLE = "UNRELIABLE";

    private static Attempt attempt(String verdict, double mean, double sd) {
        return attempt(verdict, new Scores(new Score(mean, 2 * mean, sd, 1 + sd), Score.NONE, Double.NaN));
    }

    private static Attempt attempt(String verdict, Scores scores) {
        Attempt.Spent spent = new Attempt.Spent(100, new Evaluations(300, 20), new Evaluations(40, 5));
        return new Attempt(verdict, List.of("CONVERGED"), "", scores, 0.3, spent, 0.5);
    }

    /** An answer with the same error everywhere but in what is given. */
    private static Attempt attempt(String verdict, double user, double effect, double rest) {
        Score other = new Score(rest, rest, rest, 1 + rest);
        return attempt(verdict, new Scores(other, new Score(user, user, rest, 1 + rest), effect));
    }

    private static Attempt failed() {
        return new Attempt(Attempt.FAILED, List.of(), "no start", Scores.NONE, Double.NaN, Attempt.Spent.NOTHING, 0.1);
    }

    @Test
    void errorsAreInStandardDeviationsOfTheReference() {
        Moments reference = Moments.exact(new double[] {1, -2}, new double[] {2, 0.5});
        Moments found = Moments.exact(new double[] {1.6, -2.2}, new double[] {2.2, 0.2});

        Score score = Score.of(found, reference);

        assertThat(score.rmsMeanError()).isCloseTo(Math.sqrt((0.3 * 0.3 + 0.4 * 0.4) / 2), within(1e-12));
        assertThat(score.maxMeanError()).isCloseTo(0.4, within(1e-12));
        assertThat(score.rmsSdError()).isCloseTo(Math.sqrt((0.1 * 0.1 + 0.6 * 0.6) / 2), within(1e-12));
        assertThat(score.worstSdFactor()).isCloseTo(2.5, within(1e-12));
    }

    @Test
    void aScoreOfNothingIsUnknown() {
        Moments reference = Moments.exact(new double[1], new double[] {1});

        Score score = Score.of(Moments.exact(new double[] {Double.NaN}, new double[] {Double.NaN}), reference);

        assertThat(score.rmsMeanError()).isNaN();
        assertThat(score.worstSdFactor()).isNaN();
    }

    @Test
    void theResolutionOfAReferenceIsThreeOfItsErrors() {
        Moments reference = new Moments(new double[2], new double[] {1, 2}, new double[] {0.01, 0.04});

        assertThat(reference.resolution()).isCloseTo(3 * Math.sqrt((1e-4 + 4e-4) / 2), within(1e-12));
    }

    @Test
    void someMomentsAreTakenFromTheirPlaces() {
        Moments some = new Moments(new double[] {1, 2, 3}, new double[] {4, 5, 6}, new double[] {7, 8, 9}).at(2, 0);

        assertThat(some.mean()).containsExactly(3, 1);
        assertThat(some.sd()).containsExactly(6, 4);
        assertThat(some.meanError()).containsExactly(9, 7);
    }

    @Test
    void aMarkIsMetByTheMedianSeedIfNoGoodOneIsTwiceOff() {
        Mark close = Mark.of("P01_kidiq_interaction");

        assertThat(close.judge(List.of(attempt(GOOD, 0.05, 0.1)))).isEqualTo(Outcome.MET);
        assertThat(close.judge(List.of(attempt(GOOD, 0.01, 0.01), attempt(GOOD, 0.02, 0.02), attempt(GOOD, 0.1, 0.2))))
                .isEqualTo(Outcome.MET);
        assertThat(close.judge(
                        List.of(attempt(GOOD, 0.01, 0.01), attempt(GOOD, 0.02, 0.02), attempt(GOOD, 0.11, 0.01))))
                .isEqualTo(Outcome.MISSED);
        assertThat(close.judge(
                        List.of(attempt(GOOD, 0.01, 0.01), attempt(GOOD, 0.02, 0.02), attempt(UNRELIABLE, 3, 0.01))))
                .isEqualTo(Outcome.MET);
        assertThat(close.judge(List.of(attempt(GOOD, 0.01, 0.01), attempt(GOOD, 0.02, 0.02), failed())))
                .isEqualTo(Outcome.MET);
    }

    @Test
    void aMissedMarkIsCaughtIfNoFitThatExceedsItIsCalledGood() {
        Mark close = Mark.of("P17_gehan_weibull");

        assertThat(close.judge(List.of(attempt(UNRELIABLE, 0.06, 0)))).isEqualTo(Outcome.CAUGHT);
        assertThat(close.judge(List.of(attempt("REWEIGHTED", 0, 0.11), failed())))
                .isEqualTo(Outcome.CAUGHT);
        assertThat(close.judge(List.of(attempt(GOOD, 0.06, 0)))).isEqualTo(Outcome.MISSED);
        assertThat(close.judge(List.of(attempt(UNRELIABLE, 9, 0), attempt(UNRELIABLE, 9, 0), attempt(GOOD, 0, 0.15))))
                .isEqualTo(Outcome.MISSED);
    }

    @Test
    void marksAreWiderWhereThePosteriorIsHarder() {
        assertThat(Mark.of("P06_x")).isEqualTo(new Mark(0.15, 0.25, Double.POSITIVE_INFINITY, 2, 0));
        assertThat(Mark.of("P18_x")).isEqualTo(Mark.of("P06_x"));
        for (String funnel : new String[] {"P05_x", "P08_x"}) {
            Mark mark = Mark.of(funnel);
            assertThat(mark).isEqualTo(new Mark(0.15, 0.25, Double.POSITIVE_INFINITY, 1, 0));
            assertThat(mark.judge(List.of(attempt(GOOD, 0.1, 0.1), attempt(GOOD, 0.1, 0.1), attempt(GOOD, 0.16, 0))))
                    .isEqualTo(Outcome.MISSED);
        }
    }

    @Test
    void aMarkHoldsOnBothScalesAndForTheMeanEffect() {
        Mark mark = Mark.of("N01_x");

        assertThat(mark).isEqualTo(new Mark(0.05, 0.05, 0.05, 2, 0.95));
        assertThat(mark.judge(List.of(attempt(GOOD, 0.05, 0.05, 0.05)))).isEqualTo(Outcome.MET);
        assertThat(mark.judge(List.of(attempt(GOOD, 0.06, 0.01, 0.01)))).isEqualTo(Outcome.MISSED);
        assertThat(mark.judge(List.of(attempt(GOOD, 0.01, 0.06, 0.01)))).isEqualTo(Outcome.MISSED);
        assertThat(mark.judge(List.of(attempt(UNRELIABLE, 0.01, 0.06, 0.01)))).isEqualTo(Outcome.CAUGHT);
        assertThat(Mark.of("P01_x").judge(List.of(attempt(GOOD, 0.06, Double.NaN, 0.01))))
                .isEqualTo(Outcome.MISSED);
    }

    @Test
    void aStrictMarkNeedsNineteenUsableAnswersOfTwenty() {
        Mark mark = Mark.strict("P05_x").orElseThrow();
        List<Attempt> attempts = new ArrayList<>(Collections.nCopies(18, attempt(GOOD, 0.01, 0.01)));
        attempts.add(attempt("REWEIGHTED", 0.02, 0.02));
        attempts.add(attempt(UNRELIABLE, 0.9, 0.9));

        assertThat(mark.judge(attempts)).isEqualTo(Outcome.MET);

        attempts.set(0, attempt(UNRELIABLE, 0.01, 0.01));
        assertThat(mark.judge(attempts)).isEqualTo(Outcome.CAUGHT);
        assertThat(Mark.of("P05_x").judge(attempts)).isEqualTo(Outcome.MET);
    }

    @Test
    void problemsWithStructureHaveAStricterMark() {
        assertThat(Mark.strict("P13_x")).contains(new Mark(0.08, 0.08, 0.05, 2, 0.95));
        assertThat(Mark.strict("N07_x")).contains(Mark.of("N07_x"));
        assertThat(Mark.strict("P01_x")).isEmpty();
    }

    @Test
    void aMedianCountsWhatIsMissingAsWorst() {
        List<Double> values = List.of(3.0, Double.NaN, 1.0);

        assertThat(Medians.of(values, x -> x)).isEqualTo(3);
        assertThat(Medians.of(List.of(1.0, 2.0, 4.0, 9.0), x -> x)).isEqualTo(3);
        assertThat(Medians.worst(values, x -> x)).isInfinite();
    }

    /**
     * A normal target and an approximation that is where it was put: its moments are known, and so is what weights make
     * of it.
     */
    @Test
    void anAnswerIsReadAsItsVerdictSays() {
        LogDensity target = LogDensities.of(1, (x, gradient) -> {
            gradient[0] = -x[0];
            return -0.5 * x[0] * x[0];
        });
        VariationalInference placed = VariationalInference.of(target)
                .family(Families.fullRank())
                .start(new double[] {0.3}, new double[] {1.2})
                .posteriorDraws(20_000);
        Fit unfinished = placed.maxIterations(0).run();
        Fit finished = placed.run();

        Moments weighted = Estimate.of(unfinished);
        Moments plain = Estimate.of(finished);

        assertThat(unfinished.verdict().level()).isEqualTo(Verdict.Level.REWEIGHTED);
        // Five standard errors of a weighted mean of 20,000 draws, whose effective number is above 15,000.
        assertThat(weighted.mean()[0]).isCloseTo(0, within(5 / Math.sqrt(15_000)));
        assertThat(weighted.sd()[0]).isCloseTo(1, within(5 / Math.sqrt(30_000)));
        assertThat(finished.verdict().level()).isEqualTo(Verdict.Level.GOOD);
        assertThat(plain.mean()).isEqualTo(finished.distribution().mean());
        assertThat(plain.sd()).isEqualTo(finished.distribution().standardDeviation());
    }

    @Test
    void bothScalesAreScored() {
        ModelBuilder m = Model.named("scale");
        m.parameter("tau", Distributions.logNormal(0, 0.5));
        Fit fit = VariationalInference.of(m.build())
                .posteriorDraws(20_000)
                .seed(1)
                .run();
        double mean = Math.exp(0.125);
        double sd = mean * Math.sqrt(Math.expm1(0.25));
        Reference reference = new Reference(
                new int[] {0},
                Moments.exact(new double[1], new double[] {0.5}),
                List.of("tau"),
                Moments.exact(new double[] {mean}, new double[] {sd}));

        Scores scores = Scores.of(fit, reference);

        // Five standard errors of moments of 20,000 draws; those of a log-normal's sd are 1.7 times as large.
        assertThat(scores.coordinates().rmsMeanError()).isLessThan(5 / Math.sqrt(20_000));
        assertThat(scores.quantities().rmsMeanError())
                .isLessThan(5 / Math.sqrt(20_000))
                .isPositive();
        assertThat(scores.quantities().rmsSdError()).isLessThan(5 * 1.7 / Math.sqrt(40_000));
        assertThat(scores.meanEffect()).isNaN();
        assertThat(scores.worse(Score::rmsMeanError))
                .isEqualTo(Math.max(
                        scores.coordinates().rmsMeanError(), scores.quantities().rmsMeanError()));
    }

    @Test
    void theMeanEffectIsScoredByItsStandardDeviation() {
        ModelBuilder m = Model.named("effects");
        Expr effect = m.parameter("effect", Distributions.normal(0, 1), 4);
        m.derived("mean_effect", effect.mean());
        Fit fit = VariationalInference.of(m.build())
                .posteriorDraws(20_000)
                .seed(1)
                .run();
        Reference reference = new Reference(
                new int[0],
                Moments.exact(new double[0], new double[0]),
                List.of("mean_effect"),
                Moments.exact(new double[1], new double[] {1}));

        Scores scores = Scores.of(fit, reference);

        assertThat(scores.meanEffect()).isCloseTo(0.5, within(5 * 0.5 / Math.sqrt(40_000)));
        assertThat(scores.coordinates()).isEqualTo(Score.NONE);
    }

    @Test
    void weightedDrawsThatAreNotFiniteHaveNoMoments() {
        DMatrixRMaj draws = new DMatrixRMaj(2, 3, true, 1, 2, 4, 0, Double.POSITIVE_INFINITY, 0);

        Moments moments = Estimate.ofDraws(draws, new double[] {2, 1, 1});

        assertThat(moments.mean()[0]).isCloseTo(2, within(1e-12));
        assertThat(moments.sd()[0]).isCloseTo(Math.sqrt(1.5), within(1e-12));
        assertThat(moments.mean()[1]).isNaN();
    }

    @Test
    void aRefusedFitIsToldFromAFailedOne() {
        LogDensity nowhere = LogDensities.of(2, (x, gradient) -> Double.NaN);
        Reference reference = Reference.ofCoordinates(Moments.exact(new double[2], new double[] {1, 1}));

        Attempt none = Attempt.of(VariationalInference.of(nowhere), reference);
        Attempt refused = Attempt.of(VariationalInference.of(nowhere).family(Families.lowRank(5)), reference);

        assertThat(none.verdict()).isEqualTo(Attempt.FAILED);
        assertThat(none.hasAnswer()).isFalse();
        assertThat(refused.verdict()).isEqualTo(Attempt.REFUSED);
        assertThat(refused.message()).contains("5");
        assertThat(refused.scores()).isEqualTo(Scores.NONE);
    }

    @Test
    void theEvaluationHasARowPerProblemAndSeed() throws IOException {
        EvaluationTable table = new EvaluationTable();
        table.add(new Result("P01_kidiq", 5, 434, 0.03, 7, List.of(attempt(GOOD, 0.02, 0.05), failed())));
        table.add(new Result("P05_schools", 10, 8, 0.03, 7, List.of(attempt(UNRELIABLE, 0.5, 0.5), failed())));

        List<NamedCsvRecord> rows = rows(table::writeCsv);

        assertThat(rows.get(0).getHeader())
                .containsExactly(
                        "problem",
                        "seed",
                        "dimension",
                        "rows",
                        "rmsMeanError",
                        "maxMeanError",
                        "rmsSdError",
                        "userRmsMeanError",
                        "userMaxMeanError",
                        "userRmsSdError",
                        "meanEffectSdError",
                        "kHat",
                        "verdict",
                        "gradientEvaluations",
                        "answerGradients",
                        "answerValues",
                        "searchGradients",
                        "searchValues",
                        "seconds");
        assertThat(rows).extracting(row -> row.getField("seed")).containsExactly("7", "8", "7", "8");
        assertThat(rows.get(0).getFields())
                .startsWith("P01_kidiq", "7", "5", "434", "0.02", "0.04", "0.05", "NaN", "NaN", "NaN", "NaN")
                .endsWith("0.3", "GOOD", "100", "300", "20", "40", "5", "0.5");
        assertThat(rows.get(1).getFields())
                .startsWith("P01_kidiq", "8", "5", "434", "NaN")
                .endsWith("NaN", "FAILED", "0", "0", "0", "0", "0", "0.1");
        assertThat(table.hasAnswer()).isTrue();
    }

    @Test
    void aLineHasBothScalesTheMeanEffectAndTheEvaluations() {
        String heading = EvaluationTable.heading();
        String line = EvaluationTable.line(
                new Result("N01_poisson", 103, 1000, 0.03, 1, List.of(attempt(GOOD, 0.041, 0.012, 0.023))));

        assertThat(heading.lines()).hasSize(2);
        assertThat(heading).contains("user's", "effect", "answer", "search", "strict");
        assertThat(line.strip().split("\\s+"))
                .containsSubsequence("0.023", "0.041", "0.041", "0.023", "0.023", "0.012", "0.30")
                .containsSubsequence("300", "20", "40", "0.50", "MET", "MET", "1", GOOD);
    }

    @Test
    void theLastLineHasTheMediansOfTheProblems() {
        EvaluationTable table = new EvaluationTable();
        for (int k = 1; k <= 3; k++) {
            table.add(new Result("P0" + k + "_x", k, 10 * k, 0.03, 1, List.of(attempt(GOOD, 0.02 * k, 0.03))));
        }
        table.add(new Result("P04_x", 9, 90, 0.03, 1, List.of(attempt(UNRELIABLE, 1, 1))));
        table.add(new Result("P05_x", 9, 90, 0.03, 1, List.of(failed())));

        String last = table.lastLine();

        assertThat(last).startsWith("median of 5").containsOnlyOnce("\n");
        // 0.02, 0.04, 0.06, 1 and nothing; their largest errors are twice as large.
        assertThat(last.split("\\s+")).contains("0.060", "0.120", "30");
        assertThat(last)
                .contains("2 MET, 2 CAUGHT, 1 MISSED; strict: 0 MET, 1 CAUGHT, 0 MISSED; ")
                .endsWith("1 FAILED, 3 GOOD, 1 UNRELIABLE\n");
        assertThat(EvaluationTable.line(new Result("P05_x", 9, 90, 0.03, 1, List.of(failed()))))
                .contains("CAUGHT")
                .contains("1 FAILED");
    }

    @Test
    void wrongAndRightFitsAreCounted() {
        CalibrationTable table = new CalibrationTable();
        table.add(row(Kind.GAUSSIAN, 2, attempt(GOOD, 0.1, 0.1)));
        table.add(row(Kind.GAUSSIAN, 2, attempt(UNRELIABLE, 0.02, 0.02)));
        table.add(row(Kind.GAUSSIAN, 5, attempt(GOOD, 0.3, 0.3)));
        table.add(row(Kind.FUNNEL, 5, attempt(GOOD, 0.51, 0)));
        table.add(row(Kind.FUNNEL, 5, attempt(GOOD, 0, 1.1)));
        table.add(row(Kind.FUNNEL, 5, attempt("REWEIGHTED", 2, 0)));
        table.add(row(Kind.FUNNEL, 5, attempt(GOOD, Double.NaN, Double.NaN)));
        table.add(row(Kind.FUNNEL, 5, failed()));

        assertThat(table.count(row -> true)).isEqualTo(new CalibrationTable.Counts(8, 4, 3, 2, 1));
        assertThat(table.count(row -> row.kind() == Kind.GAUSSIAN))
                .isEqualTo(new CalibrationTable.Counts(3, 0, 0, 2, 1));
        List<String> lines = table.text()
                .lines()
                .map(line -> line.replaceAll(" +", " ").strip())
                .toList();
        assertThat(lines.get(0))
                .isEqualTo("class D targets wrong GOOD % right UNRELIABLE % GOOD REWEIGHTED UNRELIABLE FAILED");
        assertThat(lines)
                .contains("gaussian 2 2 0 0 - 2 1 50.0 1 0 1 0")
                .contains("funnel all 5 4 3 75.0 0 0 - 3 1 0 1")
                .contains("all 5 6 4 3 75.0 0 0 - 4 1 0 1")
                .endsWith("all all 8 4 3 75.0 2 1 50.0 5 1 1 1");
    }

    private static CalibrationTable.Row row(Kind kind, int dimension, Attempt attempt) {
        return new CalibrationTable.Row(kind, dimension, 1, attempt);
    }

    @Test
    void theCalibrationHasARowPerTarget() throws IOException {
        CalibrationTable table = new CalibrationTable();
        table.add(row(Kind.ILL_CONDITIONED, 2, attempt(GOOD, 0.1, 0.5)));

        List<NamedCsvRecord> rows = rows(table::writeCsv);

        assertThat(rows.get(0).getHeader())
                .containsExactly(
                        "class",
                        "dimension",
                        "seed",
                        "rmsMeanError",
                        "maxMeanError",
                        "rmsSdError",
                        "worstSdFactor",
                        "kHat",
                        "verdict",
                        "findings",
                        "gradientEvaluations",
                        "seconds");
        assertThat(rows.get(0).getFields())
                .containsExactly(
                        "ill-conditioned",
                        "2",
                        "1",
                        "0.1",
                        "0.2",
                        "0.5",
                        "1.5",
                        "0.3",
                        "GOOD",
                        "CONVERGED",
                        "100",
                        "0.5");
    }

    private static List<NamedCsvRecord> rows(AtomicFile.Text csv) throws IOException {
        StringWriter out = new StringWriter();
        csv.writeTo(out);
        return CsvReader.builder().ofNamedCsvRecord(out.toString()).stream().toList();
    }
}
