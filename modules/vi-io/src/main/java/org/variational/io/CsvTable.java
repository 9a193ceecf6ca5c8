package org.variational.io;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;

/**
 * A table that is written as CSV, row by row: a header, commas, quotes where needed, and {@code \n} at the end of
 * lines. Numbers read back exactly, in R and pandas too; those that are not finite are {@code Inf}, {@code -Inf} and
 * {@code NaN}.
 */
public final class CsvTable {

    private final CsvWriter csv;
    private final String[] fields;

    private CsvTable(CsvWriter csv, int columns) {
        this.csv = csv;
        this.fields = new String[columns];
    }

    /** Adds the rows of a table. */
    @FunctionalInterface
    public interface Rows {

        /**
         * Adds them, in order.
         *
         * @param table where to
         * @throws IOException if they cannot be written
         */
        void addTo(CsvTable table) throws IOException;
    }

    /**
     * Writes a table; the writer is flushed and stays open.
     *
     * @param out where to
     * @param columns the names of the columns, at least one
     * @param rows adds the rows
     * @throws IOException if it cannot be written
     */
    public static void write(Writer out, List<String> columns, Rows rows) throws IOException {
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("a table needs at least one column, got none");
        }
        try {
            CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out);
            csv.writeRecord(columns);
            rows.addTo(new CsvTable(csv, columns.size()));
            csv.flush();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Writes a table as a file in UTF-8, whole or not at all; see {@link AtomicFile}.
     *
     * @param file replaced if it is there
     * @param columns the names of the columns, at least one
     * @param rows adds the rows
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, List<String> columns, Rows rows) throws IOException {
        AtomicFile.writeText(file, out -> write(out, columns, rows));
    }

    /**
     * Adds a row.
     *
     * @param values texts and numbers, one a column
     * @throws IllegalArgumentException if there are more or fewer values than columns, or one is neither
     */
    public void row(Object... values) {
        if (values.length != fields.length) {
            throw new IllegalArgumentException(
                    "expected a value for each of " + fields.length + " columns, got " + values.length);
        }
        for (int c = 0; c < values.length; c++) {
            fields[c] = field(values[c]);
        }
        csv.writeRecord(fields);
    }

    private static String field(Object value) {
        if (value instanceof Double number) {
            return number.isInfinite() ? (number > 0 ? "Inf" : "-Inf") : number.toString();
        }
        if (value instanceof String || value instanceof Integer || value instanceof Long) {
            return value.toString();
        }
        throw new IllegalArgumentException(
                "expected a String, Integer, Long or Double as the value of a column, got " + value);
    }
}
