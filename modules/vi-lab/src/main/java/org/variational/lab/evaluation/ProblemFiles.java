package org.variational.lab.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.variational.cli.UsageException;

/**
 * A folder with reference problems, read where it is: {@code data/}, {@code ref/} and {@code testvectors/}, each with
 * JSON files.
 */
final class ProblemFiles {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;

    private ProblemFiles(Path folder) {
        this.folder = folder;
    }

    /**
     * The folder given, or else the first {@code shared/problems} upwards from the working directory.
     *
     * @param given a folder, or null to search
     * @throws UsageException if there is none
     */
    static ProblemFiles in(@Nullable Path given) {
        if (given == null) {
            return nearby().orElseThrow(
                            () -> new UsageException("the reference problems are absent: there is no shared/problems"
                                    + " beside the checkout; name their folder, which holds data and ref,"
                                    + " with --problems DIR"));
        }
        if (!isOne(given)) {
            throw new UsageException("there are no reference problems in \"" + given
                    + "\": --problems needs the folder that holds data and ref");
        }
        return new ProblemFiles(given);
    }

    /** The first {@code shared/problems} upwards from the working directory. */
    static Optional<ProblemFiles> nearby() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path candidate = at.resolve("shared").resolve("problems");
            if (isOne(candidate)) {
                return Optional.of(new ProblemFiles(candidate));
            }
        }
        return Optional.empty();
    }

    private static boolean isOne(Path candidate) {
        return Files.isDirectory(candidate.resolve("data")) && Files.isDirectory(candidate.resolve("ref"));
    }

    /**
     * One file.
     *
     * @param kind the folder within the folder: {@code data}, {@code ref} or {@code testvectors}
     * @param name the name without extension
     * @throws UsageException if it cannot be read
     */
    JsonNode read(String kind, String name) {
        Path file = folder.resolve(kind).resolve(name + ".json");
        try {
            return MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new UsageException("cannot read " + file + " (" + e.getClass().getSimpleName()
                    + "): --problems needs the whole folder of reference problems");
        }
    }

    /** The data of a problem. */
    Data data(String name) {
        return new Data(read("data", name));
    }

    static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    /** Named data of one problem. */
    record Data(JsonNode root) {

        double number(String name) {
            return root.get(name).asDouble();
        }

        double[] numbers(String name) {
            return ProblemFiles.numbers(root.get(name));
        }

        int[] integers(String name) {
            JsonNode array = root.get(name);
            return IntStream.range(0, array.size())
                    .map(i -> array.get(i).asInt())
                    .toArray();
        }

        double[][] matrix(String name) {
            JsonNode rows = root.get(name);
            return IntStream.range(0, rows.size())
                    .mapToObj(i -> ProblemFiles.numbers(rows.get(i)))
                    .toArray(double[][]::new);
        }
    }
}
