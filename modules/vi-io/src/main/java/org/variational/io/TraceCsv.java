package org.variational.io;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import org.variational.fit.LossTrace;

/** The loss over the iterations as CSV, with the columns {@code iteration} and {@code loss}. */
public final class TraceCsv {

    private static final List<String> COLUMNS = List.of("iteration", "loss");

    private TraceCsv() {}

    /**
     * Writes a trace; the writer is flushed and stays open.
     *
     * @param trace the losses; of a long trace they are means over blocks of iterations, of which the last is named
     * @param out where to
     * @throws IOException if it cannot be written
     */
    public static void write(LossTrace trace, Writer out) throws IOException {
        CsvTable.write(out, COLUMNS, table -> {
            for (int i = 0; i < trace.iterations().size(); i++) {
                table.row(trace.iterations().get(i), trace.losses().get(i));
            }
        });
    }

    /**
     * Writes a trace as a file in UTF-8, whole or not at all; see {@link AtomicFile}.
     *
     * @param trace the losses
     * @param file replaced if it is there
     * @throws IOException if it cannot be written
     */
    public static void write(LossTrace trace, Path file) throws IOException {
        AtomicFile.writeText(file, out -> write(trace, out));
    }
}
