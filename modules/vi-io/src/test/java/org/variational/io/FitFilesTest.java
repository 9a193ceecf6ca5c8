package org.variational.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.variational.VariationalInference;
import org.variational.density.LogDensities;
import org.variational.fit.Fit;
import org.variational.posterior.Summary;

/** What is written of a fit reads back as what the fit says. */
class FitFilesTest {

    @TempDir
    private static Path parent;

    private static Path directory;
    private static Fit fit;

    @BeforeAll
    static void write() throws IOException {
        fit = VariationalInference.of(LogDensities.of(2, (x, gradient) -> {
                    gradient[0] = -x[0];
                    gradient[1] = -x[1] / 4;
                    return -x[0] * x[0] / 2 - x[1] * x[1] / 8;
                }))
                .posteriorDraws(200)
                .run();
        directory = parent.resolve("made/here");
        FitFiles.write(fit, directory);
    }

    private static List<NamedCsvRecord> table(String file) throws IOException {
        return CsvReader.builder().ofNamedCsvRecord(directory.resolve(file)).stream()
                .toList();
    }

    private static double[] column(String file, String name) throws IOException {
        return table(file).stream()
                .mapToDouble(row -> Double.parseDouble(row.getField(name)))
                .toArray();
    }

    @Test
    void everyDrawReadsBackExactly() throws IOException {
        List<String> names = fit.posterior().scalarNames();
        assertThat(names).hasSize(2);
        for (String name : names) {
            assertThat(column("draws.csv", name))
                    .hasSize(200)
                    .isEqualTo(fit.posterior().draws(name));
        }
        assertThat(column("draws.csv", ".log_weight")).isEqualTo(fit.posterior().logWeights());
        assertThat(table("draws.csv").get(0).getHeader()).hasSize(3).startsWith(names.toArray(String[]::new));
    }

    @Test
    void everyRowOfTheSummaryReadsBackExactly() throws IOException {
        List<Summary.Row> rows = fit.summary().rows();
        List<NamedCsvRecord> written = table("summary.csv");
        assertThat(written).hasSameSizeAs(rows);
        for (int i = 0; i < rows.size(); i++) {
            Summary.Row row = rows.get(i);
            assertThat(written.get(i).getFields())
                    .containsExactly(
                            row.name(),
                            Double.toString(row.mean()),
                            Double.toString(row.sd()),
                            Double.toString(row.q05()),
                            Double.toString(row.q50()),
                            Double.toString(row.q95()),
                            Double.toString(row.mcse()));
        }
    }

    @Test
    void everyLossReadsBackExactly() throws IOException {
        assertThat(column("trace.csv", "loss"))
                .isEqualTo(fit.trace().losses().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray());
        assertThat(column("trace.csv", "iteration"))
                .isEqualTo(fit.trace().iterations().stream()
                        .mapToDouble(Long::doubleValue)
                        .toArray());
    }

    @Test
    void theProvenanceIsThatOfTheReportAndTheTime() throws IOException {
        JsonNode written = new ObjectMapper().readTree(Files.readString(directory.resolve("provenance.json")));
        JsonNode line = new ObjectMapper().readTree(FitJson.line(FitReport.of(fit)));

        assertThat(written.get("elapsedSeconds").asDouble()).isPositive();
        assertThat(written.size()).isEqualTo(line.get("provenance").size() + 1);
        line.get("provenance").properties().forEach(entry -> assertThat(written.get(entry.getKey()))
                .isEqualTo(entry.getValue()));
        assertThat(line.get("family").asText())
                .isEqualTo(fit.provenance().options().get("family"));
    }

    @Test
    void namesCanBeChosen() throws IOException {
        JsonNode line =
                new ObjectMapper().readTree(FitJson.line(FitReport.of(fit).named("mine", "yours")));

        assertThat(line.get("family").asText()).isEqualTo("mine");
        assertThat(line.get("divergence").asText()).isEqualTo("yours");
    }
}
