package org.variational.lab.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.lab.LabRun;

/** {@code elbo evaluate} and {@code elbo calibrate}: output, files and exit codes. */
class EvaluationCommandsTest {

    private static final String SCHOOL_MEANS =
            "[0.290, 0.085, -0.093, 0.077, -0.168, -0.066, 0.366, 0.086, 4.411, 0.808]";
    private static final String SCHOOL_SDS = "[0.992, 0.933, 0.976, 0.927, 0.928, 0.940, 0.952, 0.973, 3.309, 1.174]";

    private static final String SCHOOL_USER_MEANS = "[6.15, 4.94, 3.91, 4.80, 3.61, 4.05, 6.32, 4.88, 4.41, 3.60]";
    private static final String SCHOOL_USER_SDS = "[5.62, 4.65, 5.28, 4.77, 4.61, 4.80, 5.00, 5.32, 3.31, 3.20]";

    @TempDir
    private Path directory;

    private static LabRun elbo(String... args) {
        return LabRun.of(args);
    }

    private static void assertRefused(LabRun result, String message) {
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains(message)
                .containsPattern("Try: elbo (evaluate|evaluate references|calibrate) --help\\R$");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evaluate P01",
                "evaluate --seeds 0",
                "evaluate --seeds many",
                "evaluate --threads 0",
                "evaluate --budget 0",
                "evaluate --family fullrank",
                "evaluate --divergence renyi",
                "evaluate references",
                "evaluate references level_100",
                "evaluate references level_100 --out nowhere",
                "evaluate references level_7 --out .",
                "evaluate references level_100 --draws 0 --out .",
                "calibrate --targets 0",
                "calibrate --threads -1",
                "calibrate --budget -5",
                "calibrate --seed one",
                "calibrate --family low-rank"
            })
    void aWrongCommandLineRunsNothing(String line) {
        assertRefused(elbo(line.split(" ")), "elbo: ");
    }

    @ParameterizedTest
    @CsvSource({
        "--only, P19, there is no problem \"P19\"",
        "--only, Q, there is no problem \"Q\"",
        "--only, eight_schools, did you mean P05_eight_schools_centered or P06_eight_schools_noncentered?",
        "--algorithm, stochastic-gradients, did you mean stochastic-gradient?",
        "--algorithm, default:2, the algorithm default is written default"
    })
    void refusalsNameWhatThereIs(String option, String value, String message) {
        assertRefused(elbo("evaluate", option, value), message);
    }

    @Test
    void aFolderWithoutProblemsIsRefused() {
        assertRefused(elbo("evaluate", "--problems", directory.toString()), "there are no reference problems in");
    }

    @Test
    void aFolderThatLacksAFileIsRefused() throws IOException {
        Files.createDirectories(directory.resolve("data"));
        Files.createDirectories(directory.resolve("ref"));

        assertRefused(elbo("evaluate", "--problems", directory.toString(), "--only", "P06"), "data/eight_schools.json");
    }

    @Test
    void aPlaceThatTakesNoFileIsRefusedBeforeTheFits() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertRefused(elbo("calibrate", "--targets", "1", "--out", file + "/table.csv"), "--out cannot be " + file);
    }

    @Test
    void aDirectoryIsNoFile() {
        assertRefused(elbo("calibrate", "--targets", "1", "--out", directory.toString()), "--out needs the name");
        assertRefused(elbo("calibrate", "--targets", "1", "--out", ""), "--out needs the name");
    }

    /** A problem that is made here, so that the test needs no folder. */
    @Test
    void aProblemIsFittedAndScored() throws IOException {
        Path problems = eightSchools();
        Path file = directory.resolve("results/evaluation.csv");

        LabRun result = elbo(
                "evaluate",
                "--problems",
                problems.toString(),
                "--only",
                "p06",
                "--seeds",
                "2",
                "--seed",
                "11",
                "--out",
                file.toString());

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        List<String> lines = result.out().lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(2)).startsWith("P06_eight_schools_noncentered ").containsPattern(" (MET|CAUGHT) ");
        assertThat(lines.get(3))
                .startsWith("median of 1 ")
                .containsPattern("(1 MET, 0|0 MET, 1) CAUGHT, 0 MISSED; strict: ");
        List<NamedCsvRecord> rows = rows(file);
        assertThat(rows).extracting(row -> row.getField("seed")).containsExactly("11", "12");
        assertThat(Double.parseDouble(rows.get(0).getField("rmsMeanError"))).isLessThan(0.15);
        assertThat(Double.parseDouble(rows.get(0).getField("userRmsMeanError"))).isPositive();
        assertThat(rows.get(0).getField("rmsMeanError"))
                .isNotEqualTo(rows.get(1).getField("rmsMeanError"));
        assertThat(Long.parseLong(rows.get(0).getField("answerGradients")))
                .isGreaterThanOrEqualTo(Long.parseLong(rows.get(0).getField("gradientEvaluations")));
    }

    /** Eight schools with the moments of the shared reference, rounded; the data are published. */
    private Path eightSchools() throws IOException {
        Path problems = directory.resolve("problems");
        Files.createDirectories(problems.resolve("data"));
        Files.createDirectories(problems.resolve("ref"));
        Files.writeString(
                problems.resolve("data/eight_schools.json"),
                "{\"J\": 8, \"y\": [28, 8, -3, 7, -1, 1, 18, 12], \"sigma\": [15, 10, 16, 11, 9, 11, 10, 18]}");
        Files.writeString(
                problems.resolve("ref/P06_eight_schools_noncentered.json"),
                "{%s, \"unconstrained\": {%s}}"
                        .formatted(moments(SCHOOL_USER_MEANS, SCHOOL_USER_SDS), moments(SCHOOL_MEANS, SCHOOL_SDS)));
        return problems;
    }

    private static String moments(String means, String sds) {
        return "\"mean\": %s, \"sd\": %s, \"mcse_mean\": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]".formatted(means, sds);
    }

    @Test
    void referencesAreComputedAndSayHow() throws IOException {
        LabRun result = elbo("evaluate", "references", "level_100", "--draws", "100", "--out", directory.toString());

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out()).startsWith("level_100: importance sampling of the outer parameters");
        assertThat(Files.readAllLines(directory.resolve("level_100.csv")))
                .startsWith("# elbo evaluate references level_100 --draws 100 --out DIR")
                .contains("kind,name,mean,sd,mean_error,sd_error");
    }

    @Test
    void aSimulatedProblemNeedsNoFolder() throws IOException {
        Path file = directory.resolve("growth.csv");

        LabRun result = elbo(
                "evaluate",
                "--problems",
                directory.resolve("nowhere").toString(),
                "--only",
                "n32",
                "--seeds",
                "1",
                "--budget",
                "1000",
                "--out",
                file.toString());

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("N32_growth_30 ");
        assertThat(rows(file).get(0).getField("meanEffectSdError")).isNotEqualTo("NaN");
    }

    @Test
    void largeProblemsAreFittedWhereTheyAreWanted() {
        List<String> usual = EvaluateCommand.selected(null, false);
        List<String> simulated = EvaluateCommand.selected(List.of("n"), false);

        assertThat(usual).contains("P18_nile_local_level", "N26_level_100").doesNotContain("N28_level_5000");
        assertThat(EvaluateCommand.selected(null, true)).containsAll(usual).contains("N28_level_5000");
        assertThat(simulated).contains("N26_level_100").doesNotContain("N28_level_5000", "P18_nile_local_level");
        assertThat(EvaluateCommand.selected(List.of("N28", "P"), false)).hasSize(19);
    }

    @Test
    void aFitThatIsRefusedEverywhereFails() throws IOException {
        LabRun result = elbo(
                "evaluate",
                "--problems",
                eightSchools().toString(),
                "--only",
                "P06",
                "--seeds",
                "2",
                "--family",
                "low-rank:40");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).contains("2 REFUSED").contains("CAUGHT");
        assertThat(result.err()).containsOnlyOnce("P06_eight_schools_noncentered: REFUSED: ");
    }

    @Test
    void aTargetThatIsRefusedIsToldWithItsSeed() {
        LabRun result = elbo("calibrate", "--targets", "1", "--seed", "46", "--family", "low-rank:5");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).startsWith("elbo: seed 46 (gaussian, 1 coordinates): REFUSED: ");
        assertThat(result.out().lines().reduce((a, b) -> b).orElseThrow()).matches("all +all +1 .* 1");
    }

    @Test
    void theSharedProblemsAreFoundBesideTheCheckout() {
        Path at = Path.of("").toAbsolutePath();
        while (at != null && !Files.isDirectory(at.resolve("shared/problems/ref"))) {
            at = at.getParent();
        }
        assumeTrue(at != null, "the reference problems are absent: no shared/problems beside the checkout");

        LabRun result = elbo("evaluate", "--only", "P17", "--seeds", "1");

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("P17_gehan_weibull");
    }

    @Test
    void calibrationCountsAndDoesNotDependOnThreads() throws IOException {
        Path one = directory.resolve("one.csv");
        Path two = directory.resolve("two.csv");

        LabRun single = elbo("calibrate", "--targets", "10", "--out", one.toString());
        LabRun both = elbo("calibrate", "--targets", "10", "--threads", "2", "--out", two.toString());

        assertThat(single.code()).isZero();
        assertThat(single.err()).isEmpty();
        assertThat(both.out()).isEqualTo(single.out());
        assertThat(single.out().lines().reduce((a, b) -> b).orElseThrow()).matches("all +all +10 .*");
        assertThat(withoutSeconds(two)).isEqualTo(withoutSeconds(one)).hasSize(10);
    }

    private static List<List<String>> withoutSeconds(Path file) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (NamedCsvRecord row : rows(file)) {
            rows.add(row.getFields().subList(0, row.getFieldCount() - 1));
        }
        return rows;
    }

    private static List<NamedCsvRecord> rows(Path file) throws IOException {
        return CsvReader.builder().ofNamedCsvRecord(file).stream().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"evaluate", "calibrate", "matrix"})
    void theManualNamesEveryOption(String command) throws IOException {
        String manual = Files.readString(Path.of("../../docs/command-line.md"));
        String section = manual.substring(manual.indexOf("## " + command));
        Matcher options =
                Pattern.compile("--[a-z]+").matcher(elbo(command, "--help").out());
        int count = 0;
        while (options.find()) {
            count++;
            if (!options.group().equals("--help")) {
                assertThat(section).containsPattern("`" + options.group() + "[ `]");
            }
        }
        assertThat(count).isGreaterThan(5);
    }
}
