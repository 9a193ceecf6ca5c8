package org.variational.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A directory that files are written to, each whole or not at all: under another name first, to the disk, then moved to
 * its own, so that an earlier file of that name stays intact until then.
 */
public final class OutputFiles {

    private final Path directory;

    private OutputFiles(Path directory) {
        this.directory = directory;
    }

    /** Writes files. */
    @FunctionalInterface
    public interface Task {
        /**
         * Writes.
         *
         * @param files the directory
         * @throws IOException if something cannot be written
         */
        void write(OutputFiles files) throws IOException;
    }

    /**
     * Makes a directory and writes files into it; says on {@code err} what could not be written.
     *
     * @param directory made with its parents if it is not there
     * @param terminal for the message
     * @param task writes the files
     * @return whether everything was written
     */
    public static boolean tryWriting(Path directory, Terminal terminal, Task task) {
        try {
            Files.createDirectories(directory);
            task.write(new OutputFiles(directory));
            return true;
        } catch (IOException e) {
            terminal.err()
                    .println("elbo: cannot write to " + directory + ": " + reason(e)
                            + "; the result is printed all the same");
            terminal.err().flush();
            return false;
        }
    }

    /**
     * Writes one file.
     *
     * @throws IOException if it cannot be written
     */
    public void write(String name, byte[] content) throws IOException {
        Path temporary =
                directory.resolve("." + name + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(
                    temporary,
                    directory.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
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
