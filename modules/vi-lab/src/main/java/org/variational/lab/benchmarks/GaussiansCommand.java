package org.variational.lab.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.algorithm.gaussian.BatchAndMatch;
import org.variational.algorithm.gaussian.BuresWasserstein;
import org.variational.algorithm.gaussian.GaussianScoreMatching;
import org.variational.algorithm.gaussian.NaturalGradient;
import org.variational.cli.FormatOption;
import org.variational.cli.HelpOption;
import org.variational.density.CountedDensity;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.Objective;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.GaussianKl;
import org.variational.random.RandomStreams;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Counts the gradient evaluations, one per point, after which the full-rank fit of a random Gaussian is within a
 * forward KL of 0.01 and stays there. The target has mean N(0, I) and covariance A A' with A a D x D matrix of standard
 * normals; the fit starts at a mean uniform in [0, 0.1] and the identity.
 */
@Command(
        name = "gaussians",
        description = "Counts gradient evaluations until the fit of a random Gaussian has a forward KL below 0.01.")
final class GaussiansCommand implements Callable<Integer> {

    private static final double ENOUGH = 0.01;

    private static final Map<String, Algorithm<?>> ALGORITHMS = algorithms();

    private static Map<String, Algorithm<?>> algorithms() {
        Map<String, Algorithm<?>> all = new LinkedHashMap<>();
        all.put("batch-and-match", BatchAndMatch.create());
        all.put("score-matching", GaussianScoreMatching.create());
        all.put("natural-gradient", NaturalGradient.create());
        all.put("bures-wasserstein", BuresWasserstein.create());
        return all;
    }

    /** The count is null if the divergence was not below the bound at the end. */
    private record Result(@Nullable Long gradientEvaluations, double forwardKl) {}

    @Option(
            names = "--dimensions",
            split = ",",
            description = "Dimensions D; default ${DEFAULT-VALUE}.",
            defaultValue = "4,16,64,256")
    private List<Integer> dimensions = List.of();

    @Option(names = "--seeds", description = "Targets per dimension; default ${DEFAULT-VALUE}.", defaultValue = "10")
    private int seeds = 10;

    @Option(
            names = "--algorithms",
            split = ",",
            description =
                    "batch-and-match, score-matching, natural-gradient, bures-wasserstein; default ${DEFAULT-VALUE}.",
            defaultValue = "batch-and-match")
    private List<String> algorithms = List.of();

    @Option(
            names = "--evaluations",
            description = "Gradient evaluations after which a fit is given up; default ${DEFAULT-VALUE}.",
            defaultValue = "20000")
    private long evaluations = 20_000;

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
    public Integer call() throws JsonProcessingException {
        if (seeds < 1 || evaluations < 1 || dimensions.stream().anyMatch(d -> d < 1)) {
            throw new ParameterException(
                    spec.commandLine(), "--dimensions, --seeds and --evaluations must be at least 1");
        }
        for (String name : algorithms) {
            if (!ALGORITHMS.containsKey(name)) {
                throw new ParameterException(
                        spec.commandLine(), "unknown algorithm " + name + "; there are " + ALGORITHMS.keySet());
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (format.isText()) {
            out.printf(
                    Locale.ROOT,
                    "%5s  %-18s %8s %8s %8s %8s %14s%n",
                    "D",
                    "algorithm",
                    "D + 1",
                    "median",
                    "least",
                    "most",
                    "largest KL");
        }
        for (int dimension : dimensions) {
            for (String name : algorithms) {
                measure(dimension, name, out);
            }
        }
        return 0;
    }

    private void measure(int dimension, String name, PrintWriter out) throws JsonProcessingException {
        List<Double> counts = new ArrayList<>();
        double largest = 0;
        for (int seed = 0; seed < seeds; seed++) {
            Result result = fit(dimension, seed, Objects.requireNonNull(ALGORITHMS.get(name)));
            Long count = result.gradientEvaluations();
            counts.add(count == null ? Double.POSITIVE_INFINITY : count);
            largest = Math.max(largest, result.forwardKl());
            if (!format.isText()) {
                Map<String, @Nullable Object> line = new LinkedHashMap<>();
                line.put("dimension", dimension);
                line.put("algorithm", name);
                line.put("seed", seed);
                line.put("gradientEvaluations", count);
                line.put("forwardKl", result.forwardKl());
                out.println(new ObjectMapper().writeValueAsString(line));
                out.flush();
            }
        }
        if (format.isText()) {
            double[] sorted =
                    counts.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
            out.printf(
                    Locale.ROOT,
                    "%5d  %-18s %8d %8s %8s %8s %14.2g%n",
                    dimension,
                    name,
                    dimension + 1,
                    shown(median),
                    shown(sorted[0]),
                    shown(sorted[sorted.length - 1]),
                    largest);
            out.flush();
        }
    }

    private static String shown(double count) {
        return Double.isInfinite(count) ? "never" : String.format(Locale.ROOT, "%.0f", count);
    }

    private <S> Result fit(int d, int seed, Algorithm<S> algorithm) {
        RandomGenerator random = RandomStreams.of(seed).generator("target", d);
        DMatrixRMaj root = new DMatrixRMaj(d, d);
        Arrays.setAll(root.data, i -> random.nextGaussian());
        DMatrixRMaj covariance = new DMatrixRMaj(d, d);
        CommonOps_DDRM.multTransB(root, root, covariance);
        double[] mean = new double[d];
        double[] start = new double[d];
        for (int i = 0; i < d; i++) {
            mean[i] = random.nextGaussian();
            start[i] = 0.1 * random.nextDouble();
        }
        double[] ones = new double[d];
        Arrays.fill(ones, 1);
        FullRankGaussian family = FullRankGaussian.of(d);
        FullRankGaussian.Member truth = family.member(family.parametersOf(mean, covariance));
        CountedDensity target = CountedDensity.of(new GaussianDensity(truth));
        ParameterLayout layout = ParameterLayout.unnamed(d);
        Task task = new Task(
                "Gaussian",
                target,
                layout,
                Objective.of(target, layout, family).build(),
                null,
                0,
                new Task.Start(start, ones),
                seed);
        S state = algorithm.start(task, Limits.ofEvaluations(Long.MAX_VALUE));
        Long first = null;
        double atFirst = Double.POSITIVE_INFINITY;
        Algorithm.Report report;
        do {
            report = algorithm.step(state);
            double kl = GaussianKl.divergence(truth, (GaussianDistribution)
                    family.member(algorithm.result(state).parameters()));
            if (!(kl < ENOUGH)) {
                first = null;
                atFirst = kl;
            } else if (first == null) {
                first = target.gradientEvaluations();
                atFirst = kl;
            }
        } while (report.stop() == null && target.gradientEvaluations() < evaluations);
        return new Result(first, atFirst);
    }

    /** The log density of a Gaussian of the full-rank family. */
    private record GaussianDensity(FullRankGaussian.Member truth) implements LogDensity {
        @Override
        public int dimension() {
            return truth.family().dimension();
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
            truth.logDensity(points, logDensity);
            if (gradient != null) {
                truth.pointScore(points, gradient);
            }
        }
    }
}
