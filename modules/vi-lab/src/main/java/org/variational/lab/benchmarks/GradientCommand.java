package org.variational.lab.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.variational.cli.FormatOption;
import org.variational.cli.HelpOption;
import org.variational.kernel.Kernels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Times value and gradient of every {@link Problem}: on vector kernels with one thread and with two, on plain kernels,
 * and as a plain loop over one point. The variants of a problem run one after the other, each in a fresh virtual
 * machine, and this is repeated; the median of the rounds is printed, so that ratios compare neighbours in time.
 */
@Command(name = "gradient", description = "Times one log density with its gradient, per problem and draw.")
final class GradientCommand implements Callable<Integer> {

    private record Variant(String kernels, int threads) {}

    private record Measurement(double micros, double bytes) {}

    @Option(names = "--problem", description = "Only problems whose name contains this text.", defaultValue = "")
    private String wanted = "";

    @Option(names = "--lanes", description = "Points evaluated at once; default ${DEFAULT-VALUE}.", defaultValue = "8")
    private int lanes = 8;

    @Option(names = "--rounds", description = "Repetitions; default ${DEFAULT-VALUE}.", defaultValue = "1")
    private int rounds = 1;

    @Option(
            names = "--seconds",
            description = "Seconds of warm-up and of measurement, each; default ${DEFAULT-VALUE}.",
            defaultValue = "3")
    private int seconds = 3;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private FormatOption format;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws RunnerException, IOException {
        if (lanes < 1 || rounds < 1 || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--lanes, --rounds and --seconds must be at least 1");
        }
        List<Problem> problems = Arrays.stream(Problem.values())
                .filter(problem -> problem.title().contains(wanted))
                .toList();
        if (problems.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no problem contains \"" + wanted + "\"; there are "
                            + Arrays.stream(Problem.values())
                                    .map(Problem::title)
                                    .toList());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (format.isText()) {
            out.printf(
                    Locale.ROOT,
                    "%-24s %-11s %7s %5s %12s %12s %8s %10s%n",
                    "problem",
                    "kernels",
                    "threads",
                    "lanes",
                    "us per draw",
                    "plain us",
                    "ratio",
                    "bytes");
            out.flush();
        }
        for (Problem problem : problems) {
            report(problem, out);
        }
        return 0;
    }

    private void report(Problem problem, PrintWriter out) throws RunnerException, IOException {
        boolean looped = problem.plain() != null;
        Variant loop = new Variant("loop", 1);
        List<Variant> variants = new ArrayList<>();
        if (looped) {
            variants.add(loop);
        }
        if (Kernels.vector().isPresent()) {
            variants.add(new Variant("vector", 1));
            variants.add(new Variant("vector", 2));
        }
        variants.add(new Variant("plain", 1));
        Map<Variant, List<Measurement>> measured = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Variant variant : variants) {
                measured.computeIfAbsent(variant, v -> new ArrayList<>()).add(measure(problem, variant));
            }
        }
        Double plain = looped ? median(measured.getOrDefault(loop, List.of()), false) : null;
        for (Variant variant : variants) {
            if (!variant.equals(loop)) {
                double micros = median(measured.getOrDefault(variant, List.of()), false) / lanes;
                double bytes = median(measured.getOrDefault(variant, List.of()), true);
                print(problem, variant, micros, plain, bytes, out);
            }
        }
    }

    private static double median(List<Measurement> measurements, boolean bytes) {
        double[] sorted = measurements.stream()
                .mapToDouble(m -> bytes ? m.bytes() : m.micros())
                .sorted()
                .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
    }

    private Measurement measure(Problem problem, Variant variant) throws RunnerException {
        Options options = new OptionsBuilder()
                .include(GradientBenchmark.class.getName() + ".evaluate")
                .param("problem", problem.title())
                .param("kernels", variant.kernels())
                .param("threads", String.valueOf(variant.threads()))
                .param("lanes", String.valueOf(lanes))
                .forks(1)
                .warmupIterations(seconds)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(seconds)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend("--add-modules", "jdk.incubator.vector", "-Xmx2g")
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        RunResult result = new Runner(options).runSingle();
        Result<?> bytes = null;
        for (Map.Entry<String, ?> entry : result.getSecondaryResults().entrySet()) {
            if (entry.getKey().endsWith("gc.alloc.rate.norm") && entry.getValue() instanceof Result<?> found) {
                bytes = found;
            }
        }
        return new Measurement(result.getPrimaryResult().getScore(), bytes == null ? Double.NaN : bytes.getScore());
    }

    private void print(
            Problem problem, Variant variant, double micros, @Nullable Double plain, double bytes, PrintWriter out)
            throws IOException {
        if (!format.isText()) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("problem", problem.title());
            line.put("lanes", lanes);
            line.put("threads", variant.threads());
            line.put("kernels", variant.kernels());
            line.put("microsPerDraw", micros);
            line.put("plainMicros", plain);
            line.put("ratio", plain == null ? null : plain / micros);
            line.put("bytesPerEvaluation", Math.round(bytes));
            out.println(new ObjectMapper().writeValueAsString(line));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%-24s %-11s %7d %5d %12.3f %12s %8s %10d%n",
                    problem.title(),
                    variant.kernels(),
                    variant.threads(),
                    lanes,
                    micros,
                    plain == null ? "-" : String.format(Locale.ROOT, "%.3f", plain),
                    plain == null ? "-" : String.format(Locale.ROOT, "%.2f", plain / micros),
                    Math.round(bytes));
        }
        out.flush();
    }
}
