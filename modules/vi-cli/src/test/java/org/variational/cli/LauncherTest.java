package org.variational.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code elbo} of the checkout. It is run from a copy, in a directory that looks like a checkout: in the
 * real one it could start a build in the middle of the one that runs this test.
 */
class LauncherTest {

    private static final Path SCRIPT = Path.of("../../elbo");
    private static final String NOTICE = "WARNING: Using incubator modules: jdk.incubator.vector";
    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    private Path checkout;

    @BeforeEach
    void makeACheckout() throws IOException {
        assumeTrue(Files.isExecutable(SCRIPT), "there is no script elbo: this is not a checkout");
        assumeTrue(isInstalled("bash"), "there is no bash");
        Files.copy(SCRIPT, checkout.resolve("elbo"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createFile(checkout.resolve("pom.xml"));
        for (String module :
                List.of("vi-core", "vi-models", "vi-examples", "modules/vi-io", "modules/vi-lab", ".mvn")) {
            Files.createDirectories(checkout.resolve(module));
        }
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** What a build leaves: here a jar that names the class path of this test. */
    private void build() throws IOException {
        Path target = checkout.resolve("modules/vi-cli/target");
        Files.createDirectories(target.resolve("lib"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        new JarOutputStream(Files.newOutputStream(target.resolve("lib/path.jar")), manifest).close();
        Files.createFile(target.resolve("elbo.stamp"));
    }

    /** A program of this name, found before any other. */
    private void stub(String name, String... lines) throws IOException {
        Path bin = Files.createDirectories(checkout.resolve("bin"));
        Path file = Files.writeString(bin.resolve(name), "#!/usr/bin/env bash\n" + String.join("\n", lines) + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Process start(String name, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(checkout.toFile())
                .redirectOutput(checkout.resolve(name + ".out").toFile())
                .redirectError(checkout.resolve(name + ".err").toFile());
        builder.environment().remove("ELBO_JAVA_OPTS");
        if (Files.isDirectory(checkout.resolve("bin"))) {
            builder.environment().remove("JAVA_HOME");
            builder.environment()
                    .merge("PATH", "", (path, none) -> checkout.resolve("bin") + File.pathSeparator + path);
        } else {
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        }
        return builder.start();
    }

    private static int exitCode(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> lines(String file) throws IOException {
        return Files.readAllLines(checkout.resolve(file));
    }

    /** The filter ends after Java, by a moment. */
    private List<String> settled(String file, int count) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (lines(file).size() < count && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        return lines(file);
    }

    @Test
    void theNoticeOfJavaIsLeftOutAndNothingElse() throws IOException, InterruptedException {
        build();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        assertThat(exitCode(start("java", java, "--add-modules", "jdk.incubator.vector", "--version")))
                .isZero();
        assertThat(lines("java.err")).containsExactly(NOTICE);

        assertThat(exitCode(start("version", "./elbo", "--version"))).isZero();
        assertThat(lines("version.out"))
                .containsExactlyElementsOf(
                        CommandLineTest.elbo("--version").out().lines().toList());
        assertThat(exitCode(start("lst", "./elbo", "lst"))).isEqualTo(2);
        assertThat(settled("lst.err", 2))
                .containsExactlyElementsOf(
                        CommandLineTest.elbo("lst").err().lines().toList());
        // by now the filter of the first run has ended too
        assertThat(lines("version.err")).isEmpty();
    }

    /** Each builds what it needs of the others' modules. */
    @Test
    void twoModulesAreNotBuiltAtTheSameTime() throws IOException, InterruptedException {
        assumeTrue(isInstalled("flock"), "there is no flock");
        stub("mvn", "mkdir busy || echo >>overlaps", "echo >>builds", "sleep 0.5", "rmdir busy");
        stub("java", "exit 0");
        Files.createDirectories(checkout.resolve("modules/vi-cli"));

        List<Process> processes = new ArrayList<>();
        processes.add(start("list", "./elbo", "list"));
        processes.add(start("matrix", "./elbo", "matrix"));
        for (Process process : processes) {
            assertThat(exitCode(process)).isZero();
        }

        assertThat(lines("builds")).hasSize(2);
        assertThat(checkout.resolve("overlaps")).doesNotExist();
    }
}
