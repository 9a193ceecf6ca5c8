package org.variational.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A directory for the files of a run. It is tried before the run, so that nothing is computed in vain. */
public final class OutputDirectory {

    private final Path directory;

    private OutputDirectory(Path directory) {
        this.directory = directory;
    }

    /** Writes files. */
    @FunctionalInterface
    public interface Task {
        /**
         * Writes.
         *
         * @param directory where to
         * @throws IOException if something cannot be written
         */
        void writeTo(Path directory) throws IOException;
    }

    /**
     * Makes a directory and tries it with an empty file.
     *
     * @param directory made with its parents if it is not there
     * @throws UsageException if it cannot be made, is no directory, or nothing can be written to it
     */
    public static OutputDirectory at(Path directory) {
        if (directory.toString().isEmpty()) {
            throw new UsageException(
                    "--out needs the name of a directory, got an empty one; . is the current directory");
        }
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, ".elbo", ".tmp"));
        } catch (IOException e) {
            throw new UsageException("--out cannot be " + directory + ": " + reason(e));
        }
        return new OutputDirectory(directory);
    }

    /**
     * Writes files; says on standard error what could not be written.
     *
     * @return whether everything was written
     */
    public boolean tryWriting(Terminal terminal, Task task) {
        try {
            task.writeTo(directory);
            return true;
        } catch (IOException e) {
            terminal.err()
                    .println("elbo: cannot write to " + directory + ": " + reason(e)
                            + "; the result is printed all the same");
            terminal.err().flush();
            return false;
        }
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "access denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "there is a file of that name, not a directory";
        }
        if (e instanceof NoSuchFileException) {
            return "no file or directory can be made there";
        }
        if (e instanceof FileSystemException system && system.getReason() != null) {
            return system.getReason();
        }
        return e.toString();
    }
}
