package org.variational.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to a real process. Their default is restored first, since who starts the tests may ignore them. */
@EnabledOnOs(OS.LINUX)
class InterruptionTest {

    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    private Path directory;

    private Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT,TERM",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.variational.cli.terminal=" + directory.resolve("stderr"),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SlowElbo.class.getName(),
                "run"));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectOutput(directory.resolve("stdout").toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("stderr").toFile()))
                .start();
    }

    private String text(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    private void awaitMessage(Process process, String message) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!text("stderr").contains(message)) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as("expected \"%s\" in \"%s\"", message, text("stderr"))
                    .isTrue();
            Thread.sleep(20);
        }
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void theBestAnswerSoFarIsPrintedAndWritten(String signal) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Process process = start("slow", "--out", out.toString());
        try {
            awaitMessage(process, "slow: stage 1, iteration ");
            signal(process, signal);

            assertThat(exitCode(process)).isEqualTo(130);
        } finally {
            process.destroyForcibly();
        }
        assertThat(text("stderr")).contains("elbo: interrupted; ending with the best answer so far");
        assertThat(text("stdout"))
                .contains(": UNRELIABLE. Do not use the draws: ")
                .contains("\nLet the fit come to its end.\n")
                .contains("\nquantity ")
                .endsWith("\n\n--explain lists all findings of the verdict.\n");
        assertThat(Files.readAllLines(out.resolve("draws.csv"))).hasSize(201);
        assertThat(Files.readString(out.resolve("provenance.json"))).contains("\"CANCELLED\"");
        assertThat(out.resolve("summary.csv")).isNotEmptyFile();
        assertThat(out.resolve("trace.csv")).isNotEmptyFile();
    }

    @Test
    void theSecondInterruptionEndsAtOnce() throws IOException, InterruptedException {
        Process process = start("deaf");
        try {
            awaitMessage(process, "deaf: iteration 0,");
            signal(process, "INT");
            awaitMessage(process, "elbo: interrupted;");
            assertThat(process.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
            signal(process, "INT");

            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(130);
        } finally {
            process.destroyForcibly();
        }
        assertThat(text("stdout")).isEmpty();
    }
}
