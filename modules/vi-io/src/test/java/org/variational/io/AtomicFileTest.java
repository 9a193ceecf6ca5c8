package org.variational.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is whole or as it was. */
class AtomicFileTest {

    @TempDir
    private Path directory;

    @Test
    void anEarlierFileIsReplaced() throws IOException {
        Path file = Files.writeString(directory.resolve("a.txt"), "a longer text than the other");

        AtomicFile.writeText(file, out -> out.write("\u00e4"));

        assertThat(file).hasBinaryContent(new byte[] {(byte) 0xc3, (byte) 0xa4});
        assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void aFailureLeavesTheEarlierFileAndNothingElse() throws IOException {
        Path file = Files.writeString(directory.resolve("a.txt"), "before");

        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("interrupted");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("interrupted");

        assertThat(file).hasContent("before");
        assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void aDirectoryInTheWayIsLeftAlone() throws IOException {
        Path inTheWay = Files.createDirectories(directory.resolve("a.txt/kept"));

        assertThatThrownBy(() -> AtomicFile.writeText(directory.resolve("a.txt"), out -> out.write("x")))
                .isInstanceOf(IOException.class);

        assertThat(inTheWay).exists();
        assertThat(directory.toFile().list()).containsExactly("a.txt");
    }

    @Test
    void aRootIsNoFile() {
        assertThatThrownBy(() -> AtomicFile.writeText(directory.getRoot(), out -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the name of a file");
    }
}
