package org.variational.io;

import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files that are written whole or not at all: under another name in the same directory first, to the disk, then moved
 * to their own, so that an earlier file of that name stays intact until then.
 */
public final class AtomicFile {

    private static final AtomicLong NUMBER = new AtomicLong();

    private AtomicFile() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes it; the stream is closed afterwards.
         *
         * @param out where to
         * @throws IOException if it cannot be written
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes the content of a text file. */
    @FunctionalInterface
    public interface Text {

        /**
         * Writes it; the writer is flushed and closed afterwards.
         *
         * @param out where to
         * @throws IOException if it cannot be written
         */
        void writeTo(Writer out) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @param file replaced if it is there; its directory must exist
     * @param content writes the content; if it throws, nothing is left behind
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, Content content) throws IOException {
        Path name = file.getFileName();
        if (name == null) {
            throw new IOException("expected the name of a file, got " + file);
        }
        Path temporary = file.resolveSibling(
                "." + name + "." + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Writes a text file in UTF-8.
     *
     * @param file replaced if it is there; its directory must exist
     * @param text writes the content; if it throws, nothing is left behind
     * @throws IOException if it cannot be written
     */
    public static void writeText(Path file, Text text) throws IOException {
        write(file, out -> {
            Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            text.writeTo(writer);
            writer.flush();
        });
    }
}
