package org.variational.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.examples.Example;
import org.variational.examples.Examples;
import org.variational.kernel.Kernels;

/** What the command line promises: output, files and exit codes. */
class CommandLineTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXPLAIN_HINT = "--explain lists all findings of the verdict.\n";

    @TempDir
    private Path directory;

    /** What a run gave. */
    record Result(int code, String out, String err) {
        JsonNode json() {
            try {
                return JSON.readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Result elbo(String... args) {
        return elbo(false, args);
    }

    private static Result elbo(boolean interactive, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Elbo.run(new Terminal(new PrintWriter(out), new PrintWriter(err), interactive), List.of(), args);
        return new Result(code, out.toString(), err.toString());
    }

    @Test
    void listNamesEveryExampleAndEveryCommandOnALine() {
        Result result = elbo("list");

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        List<String> expected = new ArrayList<>();
        expected.add("Examples \\(elbo run NAME\\):");
        for (Example example : Examples.all()) {
            expected.add("  " + example.name() + " +" + Pattern.quote(example.description()));
        }
        expected.add("");
        expected.add("Commands \\(elbo COMMAND --help\\):");
        for (String command : List.of("list", "run", "evaluate", "calibrate", "matrix", "bench")) {
            expected.add("  " + command + " +[A-Z].*\\.");
        }
        List<String> lines = result.out().lines().toList();
        assertThat(lines).hasSameSizeAs(expected);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).matches(expected.get(i));
        }
    }

    @Test
    void helpNamesEveryCommand() {
        Result result = elbo("--help");

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("list ", "run ", "evaluate ", "calibrate ", "matrix ", "bench ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evaluate --seeds 2", "matrix", "bench gradient --help"})
    void aCommandOfAnAbsentModuleSaysWhereItIs(String line) {
        Result result = elbo(line.split(" "));

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("is in the module vi-lab").contains("./elbo " + line.split(" ")[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V"})
    void theVersionIsThatOfTheLibraryOfJavaAndOfTheKernels(String option) {
        Result result = elbo(option);

        assertThat(result.code()).isZero();
        List<String> lines = result.out().lines().toList();
        assertThat(lines).hasSize(3);
        // a number where the library is a jar, as behind the launcher
        assertThat(lines.get(0)).matches("elbo (development|\\d+\\.\\d+.*)");
        assertThat(lines.get(1)).isEqualTo("Java " + Runtime.version());
        assertThat(lines.get(2)).isEqualTo("kernels " + Kernels.preferred().name());
    }

    @Test
    void namesAreDistinctLowerCaseWords() {
        List<String> names = Examples.all().stream().map(Example::name).toList();

        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z]+(-[a-z]+)*"));
    }

    @Test
    void jsonHasExactlyThePromisedKeysInOrder() {
        Result result = elbo("run", "eight-schools", "--format", "json");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).endsWith("}\n").containsOnlyOnce("\n");
        JsonNode json = result.json();
        assertThat(names(json))
                .containsExactly(
                        "model",
                        "family",
                        "divergence",
                        "algorithm",
                        "verdict",
                        "findings",
                        "elbo",
                        "elboStandardError",
                        "parameters",
                        "provenance");
        assertThat(json.get("model").asText()).isEqualTo("eight-schools");
        assertThat(json.get("family").asText()).isEqualTo("automatic");
        assertThat(json.get("divergence").asText()).isEqualTo("automatic");
        assertThat(json.get("algorithm").asText()).isNotEmpty();
        assertThat(json.get("verdict").asText()).isIn("GOOD", "REWEIGHTED", "UNRELIABLE");
        assertThat(json.get("findings")).isNotEmpty();
        for (JsonNode finding : json.get("findings")) {
            assertThat(names(finding)).containsExactly("code", "level", "text", "remedy");
            assertThat(finding).allMatch(JsonNode::isTextual);
            assertThat(finding.get("code").asText()).matches("[A-Z_]+");
            assertThat(finding.get("text").asText()).isNotEmpty();
        }
        // the gravest finding comes first, and is what the verdict rests on
        assertThat(json.get("findings").get(0).get("level")).isEqualTo(json.get("verdict"));
        assertThat(json.get("elbo").isDouble()).isTrue();
        assertThat(json.get("elboStandardError").asDouble()).isPositive();
        List<String> parameters = new ArrayList<>();
        for (JsonNode parameter : json.get("parameters")) {
            assertThat(names(parameter)).containsExactly("name", "mean", "sd", "q05", "q50", "q95", "mcse");
            assertThat(parameter.get("q05").asDouble())
                    .isLessThan(parameter.get("q50").asDouble());
            assertThat(parameter.get("q50").asDouble())
                    .isLessThan(parameter.get("q95").asDouble());
            parameters.add(parameter.get("name").asText());
        }
        assertThat(parameters).hasSize(10).startsWith("mu", "tau", "theta[A]").endsWith("theta[H]");
        assertThat(json.get("provenance").get("seed").asLong()).isEqualTo(1);
        assertThat(result.code()).isEqualTo(json.get("verdict").asText().equals("UNRELIABLE") ? 3 : 0);
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws IOException {
        Path first = directory.resolve("a/first");
        Path second = directory.resolve("second");
        String[] run = {"run", "count", "--seed", "-7", "--draws", "150", "--format", "json", "--out"};

        Result one = elbo(with(run, first.toString()));
        Result two = elbo(with(run, second.toString()));
        Result other = elbo("run", "count", "--seed", "8", "--draws", "150", "--format", "json");

        assertThat(one.out()).isEqualTo(two.out()).isNotEqualTo(other.out());
        for (String file : new String[] {"draws.csv", "summary.csv", "trace.csv"}) {
            assertThat(first.resolve(file)).hasSameBinaryContentAs(second.resolve(file));
        }
        assertThat(fileNames(first)).containsExactly("draws.csv", "provenance.json", "summary.csv", "trace.csv");
    }

    private static String[] with(String[] args, String last) {
        String[] all = java.util.Arrays.copyOf(args, args.length + 1);
        all[args.length] = last;
        return all;
    }

    private static List<String> fileNames(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void filesSayWhatIsPrinted() throws IOException {
        Result result = elbo(
                "run",
                "survival",
                "--family",
                "mean-field",
                "--draws",
                "300",
                "--format",
                "json",
                "--out",
                directory.toString());

        JsonNode json = result.json();
        List<NamedCsvRecord> draws = table("draws.csv");
        List<NamedCsvRecord> summary = table("summary.csv");
        assertThat(draws).hasSize(300);
        assertThat(draws.get(0).getHeader()).containsExactly("intercept", "effect", "shape", "times_longer");
        assertThat(summary).hasSameSizeAs(json.get("parameters"));
        for (int i = 0; i < summary.size(); i++) {
            JsonNode parameter = json.get("parameters").get(i);
            String name = parameter.get("name").asText();
            assertThat(summary.get(i).getField("name")).isEqualTo(name);
            for (String column : new String[] {"mean", "sd", "q05", "q50", "q95", "mcse"}) {
                assertThat(Double.parseDouble(summary.get(i).getField(column)))
                        .isEqualTo(parameter.get(column).asDouble());
            }
            double mean = draws.stream()
                    .mapToDouble(row -> Double.parseDouble(row.getField(name)))
                    .average()
                    .orElseThrow();
            assertThat(mean).isCloseTo(parameter.get("mean").asDouble(), within(1e-12));
        }
        long before = 0;
        for (NamedCsvRecord row : table("trace.csv")) {
            long iteration = Long.parseLong(row.getField("iteration"));
            assertThat(iteration).isGreaterThan(before);
            Double.parseDouble(row.getField("loss"));
            before = iteration;
        }
        JsonNode provenance = JSON.readTree(Files.readString(directory.resolve("provenance.json")));
        assertThat(before).isEqualTo(provenance.get("iterations").asLong());
        assertThat(provenance.get("elapsedSeconds").asDouble()).isPositive();
        assertThat(json.get("family").asText()).isEqualTo("mean-field");
        assertThat(json.get("provenance").has("elapsedSeconds")).isFalse();
    }

    private static org.assertj.core.data.Offset<Double> within(double offset) {
        return org.assertj.core.api.Assertions.within(offset);
    }

    private List<NamedCsvRecord> table(String file) throws IOException {
        return CsvReader.builder().ofNamedCsvRecord(directory.resolve(file)).stream()
                .toList();
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsRefusedBeforeTheFit() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertRefused(elbo("run", "survival", "--out", file.toString()), "--out cannot be " + file + ": there is a");
        assertRefused(elbo("run", "survival", "--out", file.resolve("below").toString()), "--out cannot be ");
        assertThat(file).isEmptyFile();
    }

    /** A directory of another user, or on a disk that is mounted for reading only: what counts is a file made there. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aDirectoryThatTakesNoFileIsRefused() {
        assertRefused(elbo("run", "survival", "--out", "/proc"), "--out cannot be /proc: ");
        assertRefused(elbo("run", "survival", "--out", "/proc/nowhere"), "no file or directory can be made there");
    }

    @Test
    void tryingADirectoryLeavesNothingInIt() throws IOException {
        Path made = directory.resolve("made/by/the/run");

        OutputDirectory.at(made);

        assertThat(made).isEmptyDirectory();
    }

    @Test
    void anEarlierFileStaysWholeWhereItCannotBeReplaced() throws IOException {
        Path inTheWay = Files.createDirectories(directory.resolve("summary.csv/kept"));

        Result result = elbo("run", "survival", "--draws", "150", "--out", directory.toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(inTheWay).exists();
        assertThat(fileNames(directory)).containsExactly("draws.csv", "summary.csv");
    }

    @Test
    void textIsThreeLinesAndATable() {
        Result result = elbo("run", "survival", "--draws", "150", "--divergence", "forward-kl");

        List<String> lines = result.out().lines().toList();
        assertThat(lines.get(0)).matches("survival: (GOOD|REWEIGHTED|UNRELIABLE)\\. .*\\.");
        assertThat(lines.get(1)).startsWith("150 draws");
        assertThat(lines.get(2)).endsWith(".");
        assertThat(lines.get(3)).isEmpty();
        assertThat(lines.get(4)).startsWith("quantity ");
        assertThat(result.out()).contains("times_longer").doesNotContain("\r");
    }

    /** The findings are those of the JSON, below the text that there is without the option. */
    @ParameterizedTest
    @ValueSource(strings = {"150", "4000"})
    void explainAddsAllFindingsBelowTheTable(String draws) {
        String brief = elbo("run", "survival", "--draws", draws).out();
        Result explained = elbo("run", "survival", "--draws", draws, "--explain");
        JsonNode json =
                elbo("run", "survival", "--draws", draws, "--format", "json").json();

        StringBuilder findings = new StringBuilder(json.get("verdict").asText() + "\n");
        for (JsonNode finding : json.get("findings")) {
            String code = finding.get("code").asText();
            String remedy = finding.get("remedy").asText();
            assertThat(brief).doesNotContain(code);
            findings.append("  " + code + ": " + finding.get("text").asText());
            findings.append(remedy.isEmpty() ? "\n" : "; " + remedy + "\n");
        }
        String table = brief.replace("\n" + EXPLAIN_HINT, "");
        assertThat(explained.out()).isEqualTo(table + "\n" + findings);
    }

    /** Independent coordinates do not fit a regression whose predictors are correlated. */
    @Test
    void anUnreliableRunMentionsExplain() {
        Result unreliable = elbo("run", "count", "--family", "mean-field");
        Result usable = elbo("run", "survival", "--draws", "150");

        assertThat(unreliable.code()).isEqualTo(3);
        assertThat(unreliable.out()).startsWith("count: UNRELIABLE").endsWith("\n\n" + EXPLAIN_HINT);
        assertThat(usable.code()).isZero();
        assertThat(usable.out()).doesNotContain("--explain");
    }

    @Test
    void progressGoesToATerminalsErrorStreamOnly() {
        Result piped = elbo(false, "run", "survival", "--draws", "150");
        Result watched = elbo(true, "run", "survival", "--draws", "150");

        assertThat(piped.err()).isEmpty();
        assertThat(watched.err()).contains("survival: nested, iteration 1").endsWith("\r");
        assertThat(watched.out()).isEqualTo(piped.out());
        assertThat(watched.code()).isEqualTo(piped.code());
    }

    @ParameterizedTest
    @CsvSource({
        "eight-school, did you mean eight-schools?",
        "eigth-schools, did you mean eight-schools?",
        "regression, did you mean linear-regression or logistic-regression?",
        "zzz, there is no example \"zzz\" (elbo list shows them)",
        "matrix, there is no example \"matrix\"; it is a command: elbo matrix"
    })
    void anUnknownExampleIsRefusedWithNearNames(String name, String message) {
        assertRefused(elbo("run", name), message);
    }

    @ParameterizedTest
    @CsvSource({
        "lst, there is no command \"lst\"; did you mean list? (there are list, ",
        "rnu eight-schools, there is no command \"rnu\"; did you mean run?",
        "calibrat --seed 3, did you mean calibrate?",
        "survival, there is no command \"survival\"; it is an example: elbo run survival",
        "run survival --famly mean-field, there is no option --famly; did you mean --family?",
        "--verson, there is no option --verson; did you mean --version?",
        "run survival again, \"again\" is too much",
        "run survival --seed one, expected a whole number; got \"one\"",
        "run survival --draws 1e3, expected a whole number; got \"1e3\"",
        "run survival --draws 3000000000, expected a number from -2147483648 to 2147483647; got 3000000000"
    })
    void anUnknownWordIsRefusedWithWhatThereIs(String line, String message) {
        assertRefused(elbo(line.split(" ")), message.replace("; got", ", got"));
    }

    /** None of the numbers is refused in the words of a parser. */
    @ParameterizedTest
    @CsvSource({
        "--divergence, renyi, abc, ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, nan, ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, NaN, ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, '', ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, ' 1', ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, 1e999, ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, 1d, ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, 0x1p3, ALPHA a number such as 2 or 0.5",
        "--divergence, renyi, 1:2, ALPHA a number such as 2 or 0.5",
        "--divergence, alpha, Infinity, ALPHA a number such as 2 or 0.5",
        "--divergence, cubo, abc, ORDER a number such as 2 or 0.5",
        "--divergence, importance-weighted, abc, DRAWS a whole number from 1 to 1000",
        "--divergence, importance-weighted, 1e99, DRAWS a whole number from 1 to 1000",
        "--divergence, importance-weighted, '', DRAWS a whole number from 1 to 1000",
        "--family, low-rank, 3000000000, RANK a whole number from 1 to 1000",
        "--family, low-rank, two, RANK a whole number from 1 to 1000",
        "--family, low-rank, 0.5, RANK a whole number from 1 to 1000",
        "--family, mixture, nan, COMPONENTS a whole number from 1 to 1000",
        "--family, mixture, 1001, COMPONENTS a whole number from 1 to 1000",
        "--family, student-t, abc, DEGREES a number such as 2 or 0.5",
        "--family, mean-field-student-t, -inf, DEGREES a number such as 2 or 0.5"
    })
    void aNumberThatIsNoneIsRefusedInOurWords(String option, String name, String number, String expected) {
        String argument = expected.split(" ")[0];
        assertRefused(
                elbo("run", "survival", option, name + ":" + number),
                "elbo: the " + option.substring(2) + " " + name + ":" + argument + " needs "
                        + expected.substring(argument.length() + 1) + " for " + argument + ", got \"" + number + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "walk",
                "run",
                "run survival extra",
                "run survival --seed one",
                "run survival --seed",
                "run survival --draws 0",
                "run survival --draws -3",
                "run survival --draws 1000001",
                "run survival --draws many",
                "run survival --format xml",
                "run survival --family meanfield",
                "run survival --family full-rank:2",
                "run survival --divergence renyi",
                "run survival --divergence renyi:half",
                "run survival --divergence renyi:Infinity",
                "run survival --family low-rank",
                "run survival --family low-rank:1.5",
                "run survival --family low-rank:0",
                "run survival --family low-rank:4",
                "run survival --family student-t:-1",
                "run survival --nonsense",
                "run two-directions --family full-rank",
                "run two-directions --divergence forward-kl",
                "list everything"
            })
    void aWrongCommandLineRunsNothing(String line) {
        assertRefused(elbo(line.isEmpty() ? new String[0] : line.split(" ")), "elbo: ");
    }

    private static void assertRefused(Result result, String message) {
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains(message)
                .containsPattern("Try: elbo( run| list)? --help\\R$")
                .doesNotContain("Exception", "For input");
    }

    @Test
    void anEmptyDirectoryNameIsRefused() {
        assertRefused(elbo("run", "survival", "--out", ""), "--out needs the name of a directory");
    }

    @Test
    void refusalsNameWhatThereIs() {
        assertThat(elbo("run", "survival", "--family", "mean-fild").err())
                .contains("did you mean mean-field?")
                .contains("full-rank");
        assertThat(elbo("run", "survival", "--divergence", "renyi:half").err())
                .contains("renyi:ALPHA")
                .contains("half");
    }

    /** Some of these take thousands of iterations. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--family low-rank:1",
                "--family mean-field-student-t:5",
                "--family student-t:5",
                "--family mixture:2",
                "--family flow",
                "--divergence jeffreys",
                "--divergence jensen-shannon",
                "--divergence hellinger",
                "--divergence chi-squared",
                "--divergence alpha:0.5",
                "--divergence renyi:0.5",
                "--divergence cubo:2",
                "--divergence importance-weighted:8",
                "--divergence tail-adaptive"
            })
    void everyChoiceRunsAndIsReportedUnderItsName(String choice) {
        String[] words = choice.split(" ");
        Result result = elbo("run", "survival", "--format", "json", words[0], words[1]);

        assertThat(result.code()).isIn(0, 3);
        assertThat(result.json().get(words[0].substring(2)).asText()).isEqualTo(words[1]);
    }

    @Test
    void helpSucceedsAndNamesTheChoices() {
        Result result = elbo("run", "--help");

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("mean-field", "full-rank", "reverse-kl", "forward-kl", "--seed", "--out");
    }

    /** What the manual says of a code is what a run that ends with it has met. */
    @Test
    void exitCodesAreThoseOfTheManual() throws IOException {
        Map<Integer, String> manual = new LinkedHashMap<>();
        Matcher rows = Pattern.compile("^\\| (\\d+) \\| (.*) \\|$", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("../../docs/command-line.md")));
        while (rows.find()) {
            manual.put(Integer.valueOf(rows.group(1)), rows.group(2));
        }
        assertThat(manual.keySet())
                .containsExactlyElementsOf(
                        Stream.of(ExitCode.values()).map(ExitCode::value).toList());

        Set<String> seen = new LinkedHashSet<>();
        for (String run : List.of("survival", "eight-schools", "count --family mean-field")) {
            Result result = elbo(("run " + run + " --format json").split(" "));
            String verdict = result.json().get("verdict").asText();
            assertThat(manual.get(result.code())).containsPattern("\\b" + verdict + "\\b");
            seen.add(verdict);
        }
        assertThat(seen).containsExactlyInAnyOrder("GOOD", "REWEIGHTED", "UNRELIABLE");
        assertThat(manual.get(elbo("run", "nothing").code())).contains("the command line is wrong");
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThat(manual.get(elbo("run", "survival", "--out", file.toString()).code()))
                .contains("nothing can be written to `--out`");
        Files.createDirectories(directory.resolve("draws.csv/in/the/way"));
        assertThat(manual.get(elbo("run", "survival", "--draws", "150", "--out", directory.toString())
                        .code()))
                .contains("failed")
                .contains("a file or the output could not be written");
        // InterruptionTest ends runs with it
        assertThat(manual.get(ExitCode.INTERRUPTED.value())).contains("interrupted");
    }

    @Test
    void outputThatCannotBeWrittenFails() {
        StringWriter err = new StringWriter();

        int code =
                Elbo.run(new Terminal(new PrintWriter(new FullDisk()), new PrintWriter(err), false), List.of(), "list");

        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("could not be written");
    }

    /** Where nothing more can be written. */
    private static final class FullDisk extends Writer {
        @Override
        public void write(char[] buffer, int offset, int length) throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public void flush() throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public void close() {}
    }
}
