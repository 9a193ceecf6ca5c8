package org.variational.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.math3.special.Gamma;
import org.junit.jupiter.api.Test;

/** Kernels give the same bits interpreted and compiled, on both sets, and compiled they allocate nothing. */
class InterpretedAndCompiledTest {

    /** The probe itself allocates some hundred bytes, spread over its calls; one vector would be forty and more. */
    private static final int ALLOCATION_OF_THE_PROBE = 8;

    @Test
    void sameBitsAndNoGarbage() throws Exception {
        Process compiled = start("-Xbatch", "-XX:CompileThresholdScaling=0.05", "1500");
        Process interpreted = start("-Xint", "-Xshare:auto", "1");
        List<String[]> cold = read(interpreted);
        List<String[]> hot = read(compiled);
        assertThat(hot).hasSize(2 * KernelOperations.ALL.size()).hasSameSizeAs(cold);
        for (int i = 0; i < hot.size(); i++) {
            assertThat(String.join(" ", List.of(hot.get(i)).subList(0, 3)))
                    .isEqualTo(String.join(" ", List.of(cold.get(i)).subList(0, 3)));
        }
        assertThat(hot).allSatisfy(line -> assertThat(Integer.parseInt(line[3]))
                .as("bytes allocated by each call of %s, %s", line[1], line[0])
                .isLessThanOrEqualTo(ALLOCATION_OF_THE_PROBE));
    }

    private static Process start(String flag, String other, String calls) throws IOException, URISyntaxException {
        String classPath = Stream.of(KernelBits.class, Kernels.class, Gamma.class)
                .map(InterpretedAndCompiledTest::location)
                .distinct()
                .collect(Collectors.joining(System.getProperty("path.separator")));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        flag,
                        other,
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        classPath,
                        KernelBits.class.getName(),
                        calls)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String[]> read(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.lines().map(line -> line.split(" ")).toList();
    }
}
