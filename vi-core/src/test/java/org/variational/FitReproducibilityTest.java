package org.variational;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Same seed and inputs, same bits: for any number of threads, interpreted and compiled, on both kernel sets. */
class FitReproducibilityTest {

    @ParameterizedTest
    @ValueSource(strings = {"plain", "vector"})
    void sameBitsInterpretedAndCompiledForAnyNumberOfThreads(String kernels) throws Exception {
        Process interpreted = start(kernels, List.of("-Xint"), "1");
        Process compiled = start(kernels, List.of("-Xbatch", "-XX:CompileThresholdScaling=0.05"), "1", "2", "4", "1");
        List<String> cold = lines(interpreted);
        List<String> hot = lines(compiled);
        assertThat(cold).hasSize(1);
        assertThat(hot).hasSize(4).containsOnly(cold.get(0));
    }

    @Test
    void sameBitsWithinOneVirtualMachine() {
        assertThat(FitBits.hash(1)).isEqualTo(FitBits.hash(1)).isEqualTo(FitBits.hash(4));
    }

    private static Process start(String kernels, List<String> options, String... threads) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "-Dorg.variational.kernels=" + kernels,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                FitBits.class.getName()));
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
