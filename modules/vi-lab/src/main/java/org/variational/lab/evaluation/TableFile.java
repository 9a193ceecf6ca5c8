package org.variational.lab.evaluation;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.variational.cli.OutputDirectory;
import org.variational.cli.Terminal;
import org.variational.cli.UsageException;
import org.variational.io.AtomicFile;

/** A file that a table is written to, as often as it grows: whole each time, or nowhere if none is wanted. */
final class TableFile {

    private final @Nullable OutputDirectory directory;
    private final String name;
    private boolean written = true;

    private TableFile(@Nullable OutputDirectory directory, String name) {
        this.directory = directory;
        this.name = name;
    }

    /**
     * A file, whose directory is made and tried at once.
     *
     * @param file its name, or null if none is wanted
     * @throws UsageException if it cannot be the name of a file, or none can be written there
     */
    static TableFile at(@Nullable Path file) {
        if (file == null) {
            return new TableFile(null, "");
        }
        Path name = file.getFileName();
        Path directory = file.toAbsolutePath().getParent();
        if (name == null || directory == null || name.toString().isEmpty() || Files.isDirectory(file)) {
            throw new UsageException("--out needs the name of a file, got \"" + file + "\"");
        }
        return new TableFile(OutputDirectory.at(directory), name.toString());
    }

    /** Writes the table; what cannot be written is said once and not tried again. */
    void write(AtomicFile.Text table, Terminal terminal) {
        if (directory != null && written) {
            written = directory.tryWriting(terminal, folder -> AtomicFile.writeText(folder.resolve(name), table));
        }
    }

    /** Whether everything that was to be written is. */
    boolean isWritten() {
        return written;
    }
}
