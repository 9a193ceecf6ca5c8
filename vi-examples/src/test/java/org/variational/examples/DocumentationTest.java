package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.family.Families.fullRank;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Diagnosis;
import org.variational.diagnostic.Verdict;
import org.variational.fit.Fit;
import org.variational.model.Model;

/** What README.md and the guides show compiles, runs and is what there is. */
class DocumentationTest {

    private static final Path ROOT = Path.of("..");
    private static final Path SOURCES = Path.of("src/test/java/org/variational/examples");

    /** Numbers, which depend on the machine. */
    private static final Pattern NUMBER = Pattern.compile("-?[0-9][0-9.,]*(e[+-][0-9]+)?");

    @Test
    void theFirstProgramOfTheReadmePrintsWhatIsShownBelowIt() throws IOException {
        requireOutput("README.md", () -> Coaching.main(new String[0]));
    }

    @Test
    void theProgramWithManyGroupsPrintsWhatIsShownBelowIt() throws IOException {
        assertThat(blocks("docs/howto/many-groups.md", "java")).containsExactly(program("ManyGroups.java"));
        requireOutput("docs/howto/many-groups.md", () -> ManyGroups.main(new String[0]));
    }

    /** The first output of a page is that of a program, but for what depends on the machine. */
    private static void requireOutput(String page, Runnable program) throws IOException {
        PrintStream console = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(console);
        }
        List<String> printed =
                bytes.toString(StandardCharsets.UTF_8).strip().lines().toList();
        List<String> shown = blocks(page, "text").get(0).strip().lines().toList();

        assertThat(shape(shown)).isEqualTo(shape(printed));
        for (int row = shown.indexOf("") + 2; row < shown.size(); row++) {
            String[] there = shown.get(row).split(" +");
            String[] here = printed.get(row).split(" +");
            // means of two sets of draws, each with its Monte-Carlo error, in the last column
            double error = Math.hypot(number(there[6]), number(here[6]));
            assertThat(number(there[1])).as(there[0]).isCloseTo(number(here[1]), within(5 * error));
        }
    }

    /** A program of this package, without its package. */
    private static String program(String file) throws IOException {
        String program = Files.readString(SOURCES.resolve(file));
        return program.substring(program.indexOf("import"));
    }

    private static double number(String text) {
        return Double.parseDouble(text);
    }

    /** Lines without their numbers and the blanks beside these. */
    private static List<String> shape(List<String> lines) {
        return lines.stream()
                .map(line -> NUMBER.matcher(line).replaceAll("#").replaceAll(" +", " "))
                .toList();
    }

    @Test
    void theChoicesOfTheReadmeRun() {
        Model model = EightSchools.model();
        // spotless:off
        // region choices
        Fit fit = VariationalInference.of(model)
                .family(fullRank()) // or meanField(), lowRank(5), mixture(3), ...
                .minimise(reverseKl()) // or forwardKl(), renyi(0.5), your own
                .seed(20260101)
                .run();
        // endregion
        // spotless:on
        assertThat(fit.provenance().options())
                .containsEntry("family", "full-rank Gaussian")
                .containsEntry("divergence", "reverse KL");
        assertThat(fit.summary("tau").rows()).hasSize(1);
    }

    /** A Gaussian with standard deviations 1 and 2; the fit's tolerance is 0.02. */
    @Test
    void theDensityOfTheReadmeRuns() {
        // spotless:off
        // region density
        LogDensity density = LogDensities.of(2, (x, gradient) -> {
            gradient[0] = -x[0];
            gradient[1] = -x[1] / 4;
            return -x[0] * x[0] / 2 - x[1] * x[1] / 8;
        });
        Fit fit = VariationalInference.of(density).run();
        // endregion
        // spotless:on
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1, within(0.06));
        assertThat(fit.distribution().standardDeviation()[1]).isCloseTo(2, within(0.12));
    }

    @Test
    void theReadmeShowsTheseSnippets() throws IOException {
        assertThat(blocks("README.md", "java"))
                .containsExactly(program("Coaching.java"), region("choices"), region("density"));
    }

    private static List<String> blocks(String file, String language) throws IOException {
        Matcher matcher = Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
                .matcher(Files.readString(ROOT.resolve(file)));
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) {
            if (matcher.group(1).equals(language)) {
                blocks.add(matcher.group(2));
            }
        }
        return blocks;
    }

    /** The lines of this file between the marks, without their common indent. */
    private static String region(String name) throws IOException {
        List<String> lines = Files.readAllLines(SOURCES.resolve("DocumentationTest.java"));
        int start = lines.stream().map(String::strip).toList().indexOf("// region " + name);
        String indent = lines.get(start).substring(0, lines.get(start).indexOf('/'));
        return lines.subList(start + 1, lines.size()).stream()
                .takeWhile(line -> !line.strip().equals("// endregion"))
                .map(line -> line.isEmpty() ? "\n" : line.substring(indent.length()) + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void theReadmeListsEveryExample() throws IOException {
        Matcher matcher =
                Pattern.compile("(?m)^\\| `([a-z-]+)` \\|").matcher(Files.readString(ROOT.resolve("README.md")));
        List<String> listed = new ArrayList<>();
        while (matcher.find()) {
            listed.add(matcher.group(1));
        }

        assertThat(listed)
                .containsExactlyElementsOf(
                        Examples.all().stream().map(Example::name).toList());
    }

    @Test
    void theCodesOfTheVerdictAndOfTheDoctorAreExplained() throws IOException {
        assertThat(codes("docs/verdict.md", "(?m)^\\| ([A-Z_]+) \\|"))
                .containsExactlyInAnyOrderElementsOf(names(Verdict.Code.values()));
        assertThat(codes("docs/model-doctor.md", "`([A-Z_]{5,})`"))
                .containsExactlyInAnyOrderElementsOf(names(Diagnosis.Code.values()));
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }

    private static List<String> codes(String file, String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(ROOT.resolve(file)))
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
    }

    @Test
    void linksLeadToFiles() throws IOException {
        for (Path path : pages()) {
            Matcher matcher =
                    Pattern.compile("\\]\\(([^)]+)\\)|src=\"([^\"]+)\"").matcher(Files.readString(path));
            while (matcher.find()) {
                String link = (matcher.group(1) == null ? matcher.group(2) : matcher.group(1)).replaceAll("#.*", "");
                if (!link.startsWith("http")) {
                    assertThat(path.resolveSibling(link)).as("link in " + path).exists();
                }
            }
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
                                    .map(ROOT::resolve),
                            docs.filter(path -> path.toString().endsWith(".md")))
                    .toList();
        }
    }
}
