package org.variational.io;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.variational.posterior.Posterior;

/**
 * Draws as CSV: a row for each draw, a column for each scalar under its name such as {@code theta[0]}, and last
 * {@code .log_weight}, the log importance weight, not normalised, {@code -Inf} where the density could not be
 * evaluated.
 */
public final class DrawsCsv {

    private static final String LOG_WEIGHT = ".log_weight";

    private DrawsCsv() {}

    /**
     * Writes draws; the writer is flushed and stays open.
     *
     * @param posterior the draws
     * @param out where to
     * @throws IOException if they cannot be written
     */
    public static void write(Posterior posterior, Writer out) throws IOException {
        List<String> names = new ArrayList<>(posterior.scalarNames());
        List<double[]> columns = new ArrayList<>();
        names.forEach(name -> columns.add(posterior.draws(name)));
        names.add(LOG_WEIGHT);
        columns.add(posterior.logWeights());
        CsvTable.write(out, names, table -> {
            Object[] row = new Object[columns.size()];
            for (int s = 0; s < posterior.size(); s++) {
                for (int c = 0; c < row.length; c++) {
                    row[c] = columns.get(c)[s];
                }
                table.row(row);
            }
        });
    }

    /**
     * Writes draws as a file in UTF-8, whole or not at all; see {@link AtomicFile}.
     *
     * @param posterior the draws
     * @param file replaced if it is there
     * @throws IOException if it cannot be written
     */
    public static void write(Posterior posterior, Path file) throws IOException {
        AtomicFile.writeText(file, out -> write(posterior, out));
    }
}
