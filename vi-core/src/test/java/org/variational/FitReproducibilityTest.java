package org.variational;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Same seed and inputs, same bits: for any number of threads, interpreted and compiled, on both kernel sets. */
class FitReproducibilityTest {

    /** Enough for every operation to run: lanes make the vectors, not rows. The interpreter is slow on vectors. */
    private static final int FEW_ROWS = 20;

    /** Enough for the rows to be divided among threads. */
    private static final int MANY_ROWS = 10_000;

    @ParameterizedTest
    @ValueSource(strings = {"plain", "vector"})
    void sameBitsInterpretedAndCompiled(String kernels) throws Exception {
        Process interpreted = start(kernels, List.of("-Xint"), FEW_ROWS, "1");
        Process compiled =
                start(kernels, List.of("-Xbatch", "-XX:CompileThresholdScaling=0.05"), FEW_ROWS, "1", "2", "4");
        List<String> cold = lines(interpreted);
        List<String> hot = lines(compiled);
        assertThat(cold).hasSize(1);
        assertThat(hot).hasSize(3).containsOnly(cold.get(0));
    }

    /** In one virtual machine, and in another one, which compiles at other times. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "vector"})
    void sameBitsForAnyNumberOfThreads(String kernels) throws Exception {
        Process one = start(kernels, List.of("-Xbatch"), MANY_ROWS, "2");
        Process other = start(kernels, List.of(), MANY_ROWS, "1", "2", "4");
        List<String> first = lines(one);
        List<String> more = lines(other);
        assertThat(first).hasSize(1);
        assertThat(more).hasSize(3).containsOnly(first.get(0));
    }

    private static Process start(String kernels, List<String> options, int rows, String... threads) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "-Dorg.variational.kernels=" + kernels,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                FitBits.class.getName(),
                Integer.toString(rows)));
        command.addAll(List.of(threads));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> lines(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.lines().toList();
    }
}
