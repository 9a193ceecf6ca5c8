package org.variational;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No Java line of the checkout is longer than 120 columns; the formatter leaves strings and comments as they are. */
class LineWidthTest {

    private static final int WIDTH = 120;

    @Test
    void noLineIsTooLong() throws IOException {
        List<String> tooLong = new ArrayList<>();
        int[] files = new int[1];
        Files.walkFileTree(Path.of(".."), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return directory.endsWith("target") || directory.endsWith(".git")
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (file.toString().endsWith(".java")) {
                    files[0]++;
                    List<String> lines = Files.readAllLines(file);
                    for (int i = 0; i < lines.size(); i++) {
                        int columns =
                                lines.get(i).codePointCount(0, lines.get(i).length());
                        if (columns > WIDTH) {
                            tooLong.add(file + ":" + (i + 1) + " has " + columns);
                        }
                    }
                }
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(files[0]).isGreaterThan(500);
        assertThat(tooLong).isEmpty();
    }
}
