package org.variational.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.variational.fit.Fit;

/**
 * A fit as files in a directory: {@code draws.csv} ({@link DrawsCsv}), {@code summary.csv} ({@link SummaryCsv}),
 * {@code trace.csv} ({@link TraceCsv}) and {@code provenance.json} ({@link FitJson#provenance}).
 */
public final class FitFiles {

    private FitFiles() {}

    /**
     * Writes the files, each whole or not at all; see {@link AtomicFile}.
     *
     * @param fit what is written
     * @param directory made with its parents if it is not there
     * @throws IOException if a file cannot be written; those before it, in the order above, are there
     */
    public static void write(Fit fit, Path directory) throws IOException {
        Files.createDirectories(directory);
        DrawsCsv.write(fit.posterior(), directory.resolve("draws.csv"));
        SummaryCsv.write(fit.summary(), directory.resolve("summary.csv"));
        TraceCsv.write(fit.trace(), directory.resolve("trace.csv"));
        AtomicFile.writeText(directory.resolve("provenance.json"), out -> out.write(FitJson.provenance(fit)));
    }
}
