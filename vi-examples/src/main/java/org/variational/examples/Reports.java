package org.variational.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.variational.diagnostic.Verdict;
import org.variational.io.Csv;
import org.variational.io.FitJson;
import org.variational.io.FitReport;
import org.variational.posterior.Posterior;
import org.variational.posterior.Summary;

/** Prints reports and writes them to files. */
public final class Reports {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Reports() {}

    /**
     * Prints fits in the format asked for and writes their files, see {@link #writeFiles}. What is printed does not
     * depend on whether the files can be written.
     *
     * @param reports at least one
     * @param options the format and the directory
     * @param terminal where to print
     * @return {@link ExitCode#FAILED} if a file could not be written, else the worst of the fits
     */
    public static ExitCode deliver(List<FitReport> reports, RunOptions options, Terminal terminal) {
        String separator = "";
        for (FitReport report : reports) {
            if (options.format() == Format.JSON) {
                printJson(report, terminal);
            } else {
                terminal.out().print(separator + text(report));
                separator = "\n";
            }
        }
        terminal.out().flush();
        if (!writeFiles(reports, options, terminal)) {
            return ExitCode.FAILED;
        }
        return reports.stream().map(Reports::exitCode).max(ExitCode::compareTo).orElse(ExitCode.OK);
    }

    private static ExitCode exitCode(FitReport report) {
        return report.verdict().level() == Verdict.Level.UNRELIABLE ? ExitCode.NOT_TRUSTWORTHY : ExitCode.OK;
    }

    /**
     * Prints a fit as one line of JSON.
     *
     * @param report the fit
     * @param terminal where to print
     */
    public static void printJson(FitReport report, Terminal terminal) {
        terminal.out().print(FitJson.line(report) + "\n");
    }

    /**
     * Writes the files of fits if a directory is given: of one fit into the directory, of several each into a
     * subdirectory {@code MODEL-FAMILY-DIVERGENCE}.
     *
     * @param reports at least one
     * @param options the directory
     * @param terminal for messages
     * @return whether everything that was asked for was written
     */
    public static boolean writeFiles(List<FitReport> reports, RunOptions options, Terminal terminal) {
        Path out = options.out();
        if (out == null) {
            return true;
        }
        for (FitReport report : reports) {
            Path directory = reports.size() == 1
                    ? out
                    : out.resolve(report.model() + "-" + report.family() + "-" + report.divergence());
            if (!OutputFiles.tryWriting(directory, terminal, files -> write(report, files))) {
                return false;
            }
        }
        return true;
    }

    private static String text(FitReport report) {
        return report.family() + ", " + report.divergence() + "\n"
                + report.summary().toString().replace(System.lineSeparator(), "\n");
    }

    private static void write(FitReport report, OutputFiles files) throws IOException {
        files.write("draws.csv", draws(report.posterior()));
        files.write("summary.csv", summary(report.summary()));
        files.write("trace.csv", trace(report));
        ObjectNode provenance = JSON.valueToTree(report.provenance());
        provenance.put("elapsedSeconds", report.elapsedSeconds());
        files.write(
                "provenance.json",
                (JSON.writerWithDefaultPrettyPrinter()
                                        .writeValueAsString(provenance)
                                        .replace(System.lineSeparator(), "\n")
                                + "\n")
                        .getBytes(StandardCharsets.UTF_8));
    }

    /** One column per scalar and the log importance weight, one row per draw. */
    private static byte[] draws(Posterior posterior) {
        List<String> names = posterior.scalarNames();
        double[][] columns = new double[names.size() + 1][];
        String[] fields = new String[columns.length];
        for (int c = 0; c < names.size(); c++) {
            columns[c] = posterior.draws(names.get(c));
            fields[c] = names.get(c);
        }
        columns[names.size()] = posterior.logWeights();
        fields[names.size()] = ".log_weight";
        return Csv.bytes(csv -> {
            csv.writeRecord(fields);
            for (int s = 0; s < posterior.size(); s++) {
                for (int c = 0; c < columns.length; c++) {
                    fields[c] = Csv.number(columns[c][s]);
                }
                csv.writeRecord(fields);
            }
        });
    }

    private static byte[] summary(Summary summary) {
        return Csv.bytes(csv -> {
            csv.writeRecord("name", "mean", "sd", "q05", "q50", "q95", "mcse");
            for (Summary.Row row : summary.rows()) {
                csv.writeRecord(
                        row.name(),
                        Csv.number(row.mean()),
                        Csv.number(row.sd()),
                        Csv.number(row.q05()),
                        Csv.number(row.q50()),
                        Csv.number(row.q95()),
                        Csv.number(row.mcse()));
            }
        });
    }

    private static byte[] trace(FitReport report) {
        return Csv.bytes(csv -> {
            csv.writeRecord("iteration", "loss");
            List<Long> iterations = report.trace().iterations();
            for (int i = 0; i < iterations.size(); i++) {
                csv.writeRecord(
                        Long.toString(iterations.get(i)),
                        Csv.number(report.trace().losses().get(i)));
            }
        });
    }
}
