package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.normal;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.family.Families.fullRank;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** What README.md shows compiles, runs and is what there is. */
class DocumentationTest {

    private static final Path ROOT = Path.of("..");

    @Test
    void theModelOfTheReadmeRuns() {
        PrintStream console = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            // spotless:off
            // region model
            double[] effect = {28, 8, -3, 7, -1, 1, 18, 12};
            double[] error = {15, 10, 16, 11, 9, 11, 10, 18};

            ModelBuilder m = Model.named("eight-schools");
            Expr mu = m.parameter("mu", normal(0, 5));
            Expr tau = m.parameter("tau", halfCauchy(5)); // the prior's support gives the constraint
            Expr theta = m.parameter("theta", normal(mu, tau).nonCentered(), 8);
            Rows schools = m.rows(8);
            schools.observe("effect", normal(schools.of(theta), schools.data("error", error)), effect);
            Model model = m.build();

            Fit fit = VariationalInference.of(model)
                    .family(fullRank())
                    .minimise(reverseKl()) // or forwardKl(), renyi(0.5), your own
                    .seed(20260101)
                    .run();
            System.out.println(fit.summary()); // the verdict first
            double[] tauDraws = fit.posterior().draws("tau");
            // endregion
            // spotless:on
            assertThat(tauDraws).hasSize(fit.posterior().size()).doesNotContain(0);
            assertThat(printed.toString(StandardCharsets.UTF_8))
                    .startsWith("eight-schools: " + fit.verdict().level());
        } finally {
            System.setOut(console);
        }
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
        assertThat(blocks("README.md", "java")).containsExactly(region("model"), region("density"));
    }

    private static List<String> blocks(String file, String language) throws IOException {
        Matcher matcher = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve(file)));
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    /** The lines of this file between the marks, without their common indent. */
    private static String region(String name) throws IOException {
        List<String> lines =
                Files.readAllLines(Path.of("src/test/java/org/variational/examples/DocumentationTest.java"));
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
    void linksLeadToFiles() throws IOException {
        for (String file : new String[] {"README.md", "docs/command-line.md"}) {
            Path path = ROOT.resolve(file);
            Matcher matcher =
                    Pattern.compile("\\]\\(([^)]+)\\)|src=\"([^\"]+)\"").matcher(Files.readString(path));
            while (matcher.find()) {
                String link = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
                assertThat(path.resolveSibling(link)).exists();
            }
        }
    }
}
