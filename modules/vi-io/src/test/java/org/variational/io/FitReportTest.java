package org.variational.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout.Role;
import org.variational.diagnostic.Evidence;
import org.variational.diagnostic.Verdict;
import org.variational.posterior.Summary;

/** Numbers that JSON cannot carry. */
class FitReportTest {

    private static FitReport report(Verdict.Level level, double elbo, double error, Summary.Row... rows) {
        Verdict verdict = new Verdict(
                level,
                List.of(new Verdict.Finding(
                        Verdict.Code.K_HAT_UNKNOWN, level, "nothing is known", "look at the density")));
        return new FitReport(
                "model",
                new FitReport.Method("full-rank", "reverse-kl", "algorithm"),
                verdict,
                new Evidence.Bound(elbo, error),
                new Summary(List.of(), List.of(rows)),
                1,
                Map.of("seed", 1L));
    }

    private static List<String> sentences(FitReport report) {
        return report.findings().stream()
                .map(finding -> finding.code() + ": " + finding.text())
                .toList();
    }

    private static Summary.Row row(String name, double mean, double mcse) {
        return new Summary.Row(name, Role.INFERRED, mean, 1, -1, 0, 1, mcse);
    }

    @Test
    void aNumberThatIsNotFiniteIsNullWithAReason() throws IOException {
        FitReport report = report(
                Verdict.Level.UNRELIABLE,
                Double.NEGATIVE_INFINITY,
                Double.NaN,
                row("a", 0.25, Double.NaN),
                row("b", Double.POSITIVE_INFINITY, Double.NaN));

        JsonNode json = new ObjectMapper().readTree(FitJson.line(report));

        assertThat(json.get("elbo").isNull()).isTrue();
        assertThat(json.get("elboStandardError").isNull()).isTrue();
        assertThat(json.get("parameters").get(0).get("mean").asDouble()).isEqualTo(0.25);
        assertThat(json.get("parameters").get(0).get("mcse").isNull()).isTrue();
        assertThat(json.get("parameters").get(1).get("mean").isNull()).isTrue();
        assertThat(sentences(report))
                .hasSize(5)
                .contains("K_HAT_UNKNOWN: nothing is known")
                .anyMatch(reason -> reason.startsWith("NOT_FINITE: elbo is -Infinity"))
                .anyMatch(reason -> reason.startsWith("NOT_FINITE: elboStandardError is NaN"))
                .anyMatch(reason -> reason.startsWith("NOT_FINITE: mean of b, "))
                .anyMatch(reason -> reason.startsWith("NOT_FINITE: mcse of a, b, "));
        assertThat(json.get("findings")).hasSize(5);
        assertThat(json.get("findings").get(0).get("code").asText()).isEqualTo("K_HAT_UNKNOWN");
        assertThat(json.get("findings").get(0).get("level").asText()).isEqualTo("UNRELIABLE");
        assertThat(json.get("findings").get(0).get("text").asText()).isEqualTo("nothing is known");
        assertThat(json.get("findings").get(1).get("level").asText()).isEmpty();
        assertThat(json.get("findings").get(0).get("remedy").asText()).isEqualTo("look at the density");
    }

    @Test
    void oneDrawIsTheReasonWhereThereIsOne() throws IOException {
        FitReport report = report(
                Verdict.Level.UNRELIABLE,
                Double.NaN,
                Double.NaN,
                new Summary.Row("a", Role.INFERRED, 0.25, Double.NaN, 0.25, 0.25, 0.25, Double.NaN));

        JsonNode json = new ObjectMapper().readTree(FitJson.line(report));

        assertThat(json.get("parameters").get(0).get("sd").isNull()).isTrue();
        assertThat(json.get("parameters").get(0).get("mcse").isNull()).isTrue();
        assertThat(sentences(report))
                .contains(
                        "NOT_FINITE: elbo is NaN, because it takes two draws or more",
                        "NOT_FINITE: sd of a, because it takes two draws or more",
                        "NOT_FINITE: mcse of a, because it takes two draws or more");
    }

    @Test
    void manyNamesAreCounted() {
        Summary.Row[] rows = new Summary.Row[8];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row("x[" + i + "]", 0, Double.NaN);
        }

        assertThat(sentences(report(Verdict.Level.GOOD, 0, 1, rows)))
                .anyMatch(reason -> reason.contains("x[4] and 3 more, "))
                .noneMatch(reason -> reason.contains("x[5]"));
    }

    @Test
    void finiteNumbersNeedNoReason() {
        assertThat(sentences(report(Verdict.Level.GOOD, -1, 0.1, row("a", 0, 0.1))))
                .containsExactly("K_HAT_UNKNOWN: nothing is known");
    }
}
