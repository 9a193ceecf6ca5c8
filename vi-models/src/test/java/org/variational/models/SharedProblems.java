package org.variational.models;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * The reference problems' files, read where they are: under the folder that the system property {@code elbo.shared} names,
 * or else under the first {@code shared} folder found upwards from the working directory. Tests are skipped without it.
 */
final class SharedProblems {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private SharedProblems() {}

    private static Path folder() {
        String given = System.getProperty("elbo.shared");
        if (given != null) {
            return Path.of(given, "problems");
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path candidate = at.resolve("shared").resolve("problems");
            if (Files.isDirectory(candidate)) {
                return candidate;
            }
        }
        return Path.of("shared", "problems");
    }

    /** The file of the given name within the folder of problems; skips the test where it is absent. */
    static JsonNode read(String folder, String name) {
        Path file = folder().resolve(folder).resolve(name + ".json");
        if (!Files.isReadable(file)) {
            return abort("the reference problems are absent: no " + folder + "/" + name + ".json; name the folder that "
                    + "holds problems/ with -Delbo.shared=...");
        }
        try {
            return MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The data of a problem. */
    static Problem data(String name) {
        return new Problem(read("data", name));
    }

    static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    /** Named data of one problem. */
    record Problem(JsonNode root) {

        double number(String name) {
            return root.get(name).asDouble();
        }

        double[] numbers(String name) {
            return SharedProblems.numbers(root.get(name));
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
                    .mapToObj(i -> SharedProblems.numbers(rows.get(i)))
                    .toArray(double[][]::new);
        }
    }
}
