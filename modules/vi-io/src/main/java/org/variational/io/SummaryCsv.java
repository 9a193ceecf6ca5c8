package org.variational.io;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import org.variational.posterior.Summary;

/**
 * Summaries as CSV: a row for each scalar with its name, mean, standard deviation, quantiles at 0.05, 0.5 and 0.95, and
 * the Monte-Carlo standard error of the mean.
 */
public final class SummaryCsv {

    private static final List<String> COLUMNS = List.of("name", "mean", "sd", "q05", "q50", "q95", "mcse");

    private SummaryCsv() {}

    /**
     * Writes a summary; the writer is flushed and stays open.
     *
     * @param summary the rows; its heading is left out
     * @param out where to
     * @throws IOException if it cannot be written
     */
    public static void write(Summary summary, Writer out) throws IOException {
        CsvTable.write(out, COLUMNS, table -> summary.rows()
                .forEach(row ->
                        table.row(row.name(), row.mean(), row.sd(), row.q05(), row.q50(), row.q95(), row.mcse())));
    }

    /**
     * Writes a summary as a file in UTF-8, whole or not at all; see {@link AtomicFile}.
     *
     * @param summary the rows; its heading is left out
     * @param file replaced if it is there
     * @throws IOException if it cannot be written
     */
    public static void write(Summary summary, Path file) throws IOException {
        AtomicFile.writeText(file, out -> write(summary, out));
    }
}
