package org.variational.lab.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class GaussiansCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = new CommandLine(new Bench());
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @Test
    void jsonHasALinePerFitWithTheStatedKeys() throws Exception {
        assertThat(run("gaussians", "--dimensions", "2,4", "--seeds", "2", "--format", "json"))
                .isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(4);
        for (String line : lines) {
            JsonNode node = new ObjectMapper().readTree(line);
            List<String> keys = new ArrayList<>();
            node.fieldNames().forEachRemaining(keys::add);
            assertThat(keys).containsExactly("dimension", "algorithm", "seed", "gradientEvaluations", "forwardKl");
            assertThat(node.get("gradientEvaluations").asLong()).isBetween(3L, 20L);
            assertThat(node.get("forwardKl").asDouble()).isLessThan(0.01);
        }
    }

    @Test
    void textHasARowPerDimensionAndAlgorithm() {
        assertThat(run(
                        "gaussians",
                        "--dimensions",
                        "3",
                        "--seeds",
                        "2",
                        "--algorithms",
                        "batch-and-match,natural-gradient,score-matching",
                        "--evaluations",
                        "3000"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(4);
        assertThat(out.toString()).contains("batch-and-match").contains("natural-gradient");
    }

    @Test
    void whatIsNotKnownIsAUsageError() {
        assertThat(run("gaussians", "--algorithms", "magic")).isEqualTo(2);
        assertThat(err.toString()).contains("unknown algorithm magic");
        assertThat(run("gaussians", "--format", "xml")).isEqualTo(2);
        assertThat(run("gaussians", "--seeds", "0")).isEqualTo(2);
    }
}
