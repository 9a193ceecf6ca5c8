package org.variational.lab.evaluation;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.variational.examples.OutputFiles;
import org.variational.examples.Terminal;
import org.variational.examples.UsageException;

/** A file that a table is written to, as often as it grows: whole each time, or nowhere if none is wanted. */
final class TableFile {

    private final @Nullable Path file;
    private boolean written = true;

    private TableFile(@Nullable Path file) {
        this.file = file;
    }

    /**
     * A file.
     *
     * @param file its name, or null if none is wanted
     * @throws UsageException if it cannot be the name of a file
     */
    static TableFile at(@Nullable Path file) {
        if (file != null && (file.toString().isEmpty() || file.getFileName() == null || Files.isDirectory(file))) {
            throw new UsageException("--out needs the name of a file, got \"" + file + "\"");
        }
        return new TableFile(file);
    }

    /** Writes the table; what cannot be written is said once and not tried again. */
    void write(byte[] table, Terminal terminal) {
        if (file == null || !written) {
            return;
        }
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent();
        Path name = absolute.getFileName();
        if (directory == null || name == null) {
            throw new AssertionError(file + " was found to be the name of a file");
        }
        written = OutputFiles.tryWriting(directory, terminal, files -> files.write(name.toString(), table));
    }

    /** Whether everything that was to be written is. */
    boolean isWritten() {
        return written;
    }
}
