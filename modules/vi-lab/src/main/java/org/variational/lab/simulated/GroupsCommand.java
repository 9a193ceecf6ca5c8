package org.variational.lab.simulated;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.cli.ExitCode;
import org.variational.cli.HelpOption;
import org.variational.cli.UsageException;
import org.variational.fit.Fit;
import org.variational.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code elbo bench groups}: processor time of the default, with 1,000 draws, on varying intercepts, beside that of
 * glmmTMB where R has it. The first fit of a virtual machine is cold; the median of the later ones is warm.
 */
@Command(
        name = "groups",
        description =
                "Times the default on varying intercepts, ten rows a group, beside R's glmmTMB where it is there.",
        sortOptions = false)
public final class GroupsCommand implements Callable<Integer> {

    private static final int DRAWS = 1000;
    private static final long SEED = 20261130;
    private static final int WITHOUT_GLMMTMB = 3;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--groups",
            split = ",",
            defaultValue = "100,1000",
            description = "Numbers of groups; default ${DEFAULT-VALUE}.")
    private List<Integer> groups = List.of();

    @Option(names = "--effects", defaultValue = "1", description = "Fixed effects; default ${DEFAULT-VALUE}.")
    private int effects = 1;

    @Option(
            names = "--response",
            defaultValue = "poisson",
            description = "poisson or bernoulli; default ${DEFAULT-VALUE}.")
    private String response = "poisson";

    @Option(names = "--noncentred", description = "Declares the intercepts non-centred.")
    private boolean nonCentred;

    @Option(
            names = "--fits",
            defaultValue = "6",
            description = "Fits of each, with seeds from 1; at least 2; default ${DEFAULT-VALUE}.")
    private int fits = 2;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    /** The command. */
    public GroupsCommand() {}

    /** Processor seconds; NaN for a rival that is not there. */
    private record Times(double cold, double warm, double rival) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (fits < 2 || effects < 0 || groups.stream().anyMatch(j -> j < 2)) {
            throw new UsageException("--fits and --groups must be at least 2, and --effects at least 0");
        }
        VaryingIntercepts.Response kind = kind();
        PrintWriter out = spec.commandLine().getOut();
        out.println("processor seconds of a fit with " + DRAWS + " draws, and of glmmTMB");
        out.printf(
                Locale.ROOT,
                "%8s %8s %8s %8s %8s %8s  %s%n",
                "groups",
                "D",
                "cold",
                "warm",
                "glmmTMB",
                "ratio",
                "fits");
        boolean missing = false;
        for (int count : groups) {
            VaryingIntercepts problem = VaryingIntercepts.of(kind, count, effects, nonCentred, SEED);
            Model model = problem.model();
            List<String> verdicts = new ArrayList<>();
            Times times = times(problem, model, verdicts);
            missing |= Double.isNaN(times.rival);
            out.printf(
                    Locale.ROOT,
                    "%8d %8d %8.2f %8.2f %8s %8s  %s%n",
                    count,
                    model.dimension(),
                    times.cold,
                    times.warm,
                    shown(times.rival),
                    shown(times.warm / times.rival),
                    String.join(" ", verdicts));
            out.flush();
        }
        if (missing) {
            out.println("glmmTMB was not run: Rscript and its package are needed (Debian: r-cran-glmmtmb)");
        }
        return ExitCode.OK.value();
    }

    private VaryingIntercepts.Response kind() {
        return switch (response) {
            case "poisson" -> VaryingIntercepts.Response.POISSON;
            case "bernoulli" -> VaryingIntercepts.Response.BERNOULLI;
            default -> throw new UsageException("--response is poisson or bernoulli, got \"" + response + "\"");
        };
    }

    private static String shown(double seconds) {
        return Double.isNaN(seconds) ? "-" : String.format(Locale.ROOT, "%.2f", seconds);
    }

    private Times times(VaryingIntercepts problem, Model model, List<String> verdicts)
            throws IOException, InterruptedException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        double[] seconds = new double[fits];
        for (int seed = 1; seed <= fits; seed++) {
            long start = system.getProcessCpuTime();
            Fit fit = VariationalInference.of(model)
                    .seed(seed)
                    .posteriorDraws(DRAWS)
                    .run();
            seconds[seed - 1] = (system.getProcessCpuTime() - start) / 1e9;
            verdicts.add(fit.verdict().level().name());
        }
        double[] later = Arrays.copyOfRange(seconds, 1, fits);
        return new Times(seconds[0], median(later), rival(problem));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The median processor seconds of glmmTMB; NaN where it is not installed. */
    private double rival(VaryingIntercepts problem) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("groups");
        Path table = folder.resolve("table.csv");
        Path script = folder.resolve("glmmtmb.R");
        Path times = folder.resolve("times.txt");
        try (InputStream resource = GroupsCommand.class.getResourceAsStream("glmmtmb.R")) {
            Files.copy(Objects.requireNonNull(resource), script);
            Files.writeString(table, problem.table());
            Process process = started(new ProcessBuilder(
                            "Rscript",
                            "--vanilla",
                            script.toString(),
                            table.toString(),
                            response.equals("poisson") ? "poisson" : "binomial",
                            Integer.toString(fits))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectOutput(times.toFile()));
            if (process == null) {
                return Double.NaN;
            }
            int code = process.waitFor();
            if (code == WITHOUT_GLMMTMB) {
                return Double.NaN;
            }
            if (code != 0) {
                throw new IOException("glmmTMB failed: Rscript ended with exit code " + code);
            }
            return median(Files.readAllLines(times).stream()
                    .mapToDouble(line -> Double.parseDouble(line.strip()))
                    .toArray());
        } finally {
            for (Path file : List.of(table, script, times, folder)) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** The process; null where there is no Rscript. */
    private static @Nullable Process started(ProcessBuilder command) {
        try {
            return command.start();
        } catch (IOException noRscript) {
            return null;
        }
    }
}
