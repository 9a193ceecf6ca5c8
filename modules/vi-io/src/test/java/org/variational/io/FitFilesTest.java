package org.variational.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.variational.VariationalInference;
import org.variational.density.LogDensities;
import org.variational.diagnostic.Verdict;
import org.variational.family.Families;
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
        assertThat(table("draws.csv").get(0).getHeader()).isEqualTo(names);
    }

    @Test
    void rawDrawsHaveTheirLogWeights() throws IOException {
        StringWriter out = new StringWriter();
        DrawsCsv.write(fit.approximation(), out);
        List<NamedCsvRecord> written =
                CsvReader.builder().ofNamedCsvRecord(out.toString()).stream().toList();
        assertThat(written.get(0).getHeader()).hasSize(3).last().isEqualTo(".log_weight");
        assertThat(written.stream()
                        .mapToDouble(row -> Double.parseDouble(row.getField(".log_weight")))
                        .toArray())
                .isEqualTo(fit.approximation().logWeights());
        Path file = parent.resolve("raw.csv");
        DrawsCsv.write(fit.approximation(), file);
        assertThat(file).hasContent(out.toString());
    }

    /**
     * After draws were chosen by weight, files, JSON and summary speak of the chosen draws. The target is a Gaussian in
     * three dimensions with unit variances and the correlations -0.33, of which the mean-field optimum has standard
     * deviations of 0.823: 20,000 draws show that their weights matter, and their k-hat, which tends to 0.49 with a
     * standard deviation of about 0.06, stays below 0.7 (it is at most 0.65 for the seeds 0 to 59, all REWEIGHTED).
     */
    @Test
    void filesOfAReweightedFitSpeakOfTheSameDraws() throws IOException {
        double r = -0.33;
        double shared = r / (1 + 2 * r);
        Fit reweighted = VariationalInference.of(LogDensities.of(3, (x, gradient) -> {
                    double sum = x[0] + x[1] + x[2];
                    double value = 0;
                    for (int i = 0; i < 3; i++) {
                        gradient[i] = (shared * sum - x[i]) / (1 - r);
                        value += x[i] * gradient[i] / 2;
                    }
                    return value;
                }))
                .family(Families.meanField())
                .posteriorDraws(20_000)
                .seed(3)
                .run();
        assertThat(reweighted.verdict().level()).isEqualTo(Verdict.Level.REWEIGHTED);
        Path files = parent.resolve("reweighted");
        FitFiles.write(reweighted, files);
        double[] draws = CsvReader.builder().ofNamedCsvRecord(files.resolve("draws.csv")).stream()
                .mapToDouble(row -> Double.parseDouble(row.getField("x[0]")))
                .toArray();
        assertThat(draws).isEqualTo(reweighted.posterior().draws("x[0]"));
        double mean = Arrays.stream(draws).average().orElseThrow();
        double sd =
                Math.sqrt(Arrays.stream(draws).map(x -> (x - mean) * (x - mean)).sum() / (draws.length - 1));
        NamedCsvRecord summary = CsvReader.builder().ofNamedCsvRecord(files.resolve("summary.csv")).stream()
                .findFirst()
                .orElseThrow();
        assertThat(Double.parseDouble(summary.getField("mean"))).isCloseTo(mean, within(1e-12));
        assertThat(Double.parseDouble(summary.getField("sd"))).isCloseTo(sd, within(1e-12));
        JsonNode json = new ObjectMapper().readTree(FitJson.line(FitReport.of(reweighted)));
        assertThat(json.get("verdict").asText()).isEqualTo("REWEIGHTED");
        assertThat(json.get("parameters").get(0).get("sd").asDouble()).isCloseTo(sd, within(1e-12));
        // the sd of the target is 1, and 4,000 independent draws or more give it with an error of about 0.02, heavy
        // weights included
        assertThat(sd).isBetween(0.91, 1.09);
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
