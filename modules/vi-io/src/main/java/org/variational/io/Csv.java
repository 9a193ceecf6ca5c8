package org.variational.io;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Tables as CSV: a header row, commas, quotes where needed, and {@code \n} at the end of lines. */
public final class Csv {

    private Csv() {}

    /** Writes the header and the rows. */
    @FunctionalInterface
    public interface Rows {
        /**
         * Writes.
         *
         * @param csv where to
         * @throws IOException if it cannot be written
         */
        void write(CsvWriter csv) throws IOException;
    }

    /**
     * A table in memory.
     *
     * @param rows writes it
     */
    public static byte[] bytes(Rows rows) {
        Writer text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
            rows.write(csv);
        } catch (IOException e) {
            throw new AssertionError("writing to memory does not fail", e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * A number as R and pandas read it, exactly.
     *
     * @param value any number
     * @return its digits, or {@code Inf}, {@code -Inf}, {@code NaN}
     */
    public static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "Inf" : "-Inf";
        }
        return Double.toString(value);
    }
}
