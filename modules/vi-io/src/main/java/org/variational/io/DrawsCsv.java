package org.variational.io;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.variational.posterior.Approximation;
import org.variational.posterior.Posterior;

/**
 * Draws as CSV: a row for each draw, a column for each scalar under its name such as {@code theta[0]}. Draws of a
 * posterior can be used as they are; those of an approximation have a last column {@code .log_weight}, the log
 * importance weight, not normalised, {@code NaN} where it is unknown.
 */
public final class DrawsCsv {

    private static final String LOG_WEIGHT = ".log_weight";

    private DrawsCsv() {}

    /**
     * Writes draws of a posterior; the writer is flushed and stays open.
     *
     * @param posterior the draws
     * @param out where to
     * @throws IOException if they cannot be written
     */
    public static void write(Posterior posterior, Writer out) throws IOException {
        List<String> names = posterior.scalarNames();
        write(names, names.stream().map(posterior::draws).toList(), out);
    }

    /**
     * Writes raw draws of an approximation with their log weights; the writer is flushed and stays open.
     *
     * @param approximation the draws
     * @param out where to
     * @throws IOException if they cannot be written
     */
    public static void write(Approximation approximation, Writer out) throws IOException {
        List<String> names = new ArrayList<>(approximation.scalarNames());
        List<double[]> columns = new ArrayList<>();
        names.forEach(name -> columns.add(approximation.draws(name)));
        names.add(LOG_WEIGHT);
        columns.add(approximation.logWeights());
        write(names, columns, out);
    }

    private static void write(List<String> names, List<double[]> columns, Writer out) throws IOException {
        CsvTable.write(out, names, table -> {
            Object[] row = new Object[columns.size()];
            for (int s = 0; s < columns.get(0).length; s++) {
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

    /**
     * Writes raw draws of an approximation with their log weights as a file in UTF-8, whole or not at all; see {@link
     * AtomicFile}.
     *
     * @param approximation the draws
     * @param file replaced if it is there
     * @throws IOException if it cannot be written
     */
    public static void write(Approximation approximation, Path file) throws IOException {
        AtomicFile.writeText(file, out -> write(approximation, out));
    }
}
