package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Matrices;
import org.variational.model.Model;
import org.variational.posterior.Posterior;
import org.variational.random.RandomStreams;
import org.variational.weights.WeightedSample;

/**
 * Compares observed data with data replicated from the prior or the posterior: test statistics, and how many
 * observations lie within their predictive intervals (Gelman, Meng and Stern 1996).
 *
 * <pre>{@code
 * PredictiveCheck.Result result = PredictiveCheck.posterior(model, "y", fit.posterior())
 *         .statistic("zeros", y -> Arrays.stream(y).filter(v -> v == 0).count())
 *         .run();
 * }</pre>
 *
 * <p>The mean, standard deviation, minimum and maximum are always among the statistics. A posterior p-value is not
 * uniform even if the model is right: the data have been used to find the posterior, so that it is drawn towards one
 * half.
 *
 * <p>Immutable; every method returns a copy with one choice changed.
 */
public final class PredictiveCheck {

    private static final double[] INTERVALS = {0.5, 0.9};

    private final Model model;
    private final String observation;
    private final DMatrixRMaj points;
    private final double[] weights;
    /** The number of independent draws that an equally weighted one is worth. */
    private final double worth;

    private final Map<String, ToDoubleFunction<double[]>> statistics;
    private final long seed;

    private PredictiveCheck(
            Model model,
            String observation,
            DMatrixRMaj points,
            double[] weights,
            double worth,
            Map<String, ToDoubleFunction<double[]>> statistics,
            long seed) {
        this.model = model;
        this.observation = observation;
        this.points = points;
        this.weights = weights;
        this.worth = worth;
        this.statistics = statistics;
        this.seed = seed;
    }

    /**
     * A check against the posterior, whose draws count equally; its errors allow for what they are worth.
     *
     * @param observation the name of observed data
     * @param posterior draws of its parameters
     * @throws IllegalArgumentException if there is no such observation, or the draws have another dimension
     */
    public static PredictiveCheck posterior(Model model, String observation, Posterior posterior) {
        double worth = posterior.effectiveSampleSize() / posterior.size();
        return of(model, observation, posterior.unconstrained(), worth, 1);
    }

    /**
     * A check against the prior.
     *
     * @param model a model with proper priors
     * @param observation the name of observed data
     * @param draws the number of draws, at least 1
     * @param seed determines all random numbers
     * @throws IllegalArgumentException if there is no such observation, or {@code draws} is not positive
     * @throws IllegalStateException if the prior cannot be drawn
     */
    public static PredictiveCheck prior(Model model, String observation, int draws, long seed) {
        return of(
                model,
                observation,
                model.priorDraws(draws, RandomStreams.of(seed).generator("prior check", 0)),
                1,
                seed);
    }

    private static PredictiveCheck of(Model model, String observation, DMatrixRMaj points, double worth, long seed) {
        if (!model.observations().contains(observation)) {
            throw new IllegalArgumentException("model \"" + model.name() + "\" has no observation \"" + observation
                    + "\"; it has " + model.observations());
        }
        if (points.numRows != model.dimension()) {
            throw new IllegalArgumentException("the draws have " + points.numRows + " coordinates, model \""
                    + model.name() + "\" has " + model.dimension());
        }
        Map<String, ToDoubleFunction<double[]>> statistics = new LinkedHashMap<>();
        statistics.put("mean", StatUtils::mean);
        statistics.put("sd", y -> Math.sqrt(StatUtils.variance(y)));
        statistics.put("min", StatUtils::min);
        statistics.put("max", StatUtils::max);
        double[] equal = new double[points.numCols];
        Arrays.fill(equal, 1);
        return new PredictiveCheck(model, observation, points, equal, worth, statistics, seed);
    }

    /**
     * With importance weights, such as those of {@link org.variational.weights.ParetoSmoothing}.
     *
     * @param given one per draw, not negative, finite, not all zero; need not be normalised
     * @throws IllegalArgumentException if there are more or fewer, or a weight is not as stated
     */
    public PredictiveCheck weights(double[] given) {
        WeightedSample.of(new double[points.numCols], given);
        return new PredictiveCheck(model, observation, points, given.clone(), worth, statistics, seed);
    }

    /**
     * With one more statistic.
     *
     * @param name its name; one that is known is replaced
     * @param statistic a number from data in row-major order; gets arrays of its own
     */
    public PredictiveCheck statistic(String name, ToDoubleFunction<double[]> statistic) {
        Map<String, ToDoubleFunction<double[]>> more = new LinkedHashMap<>(statistics);
        more.put(name, statistic);
        return new PredictiveCheck(model, observation, points, weights, worth, more, seed);
    }

    /** With another seed of the replicated data. */
    public PredictiveCheck seed(long value) {
        return new PredictiveCheck(model, observation, points, weights, worth, statistics, value);
    }

    /**
     * What was found for one statistic.
     *
     * @param name the statistic
     * @param observed its value for the observed data
     * @param mean its weighted mean over replicated data
     * @param standardDeviation its weighted standard deviation over replicated data
     * @param pValue the probability that replicated data give a larger value, ties counting half
     * @param error the Monte-Carlo standard error of {@code pValue}, never 0
     * @param dropped the number of replicated data sets for which the statistic was not finite, which are left out
     */
    public record Test(
            String name,
            double observed,
            double mean,
            double standardDeviation,
            double pValue,
            double error,
            int dropped) {

        /** The probability of a value as far out on its side, twice. */
        public double twoSided() {
            return Math.min(1, 2 * Math.min(pValue, 1 - pValue));
        }
    }

    /**
     * How many observed values lie within their own central predictive intervals.
     *
     * @param probability of the intervals
     * @param covered the fraction of observed values inside; for discrete data more than {@code probability} is usual
     * @param error what independent values would leave to chance, {@code sqrt(probability (1 - probability) / N)}
     * @param outside the positions of the values outside
     */
    public record Coverage(double probability, double covered, double error, List<Integer> outside) {}

    /**
     * What a check found.
     *
     * @param observation the name of the observed data
     * @param draws the number of draws
     * @param effectiveDraws what they are worth with their weights
     * @param tests one per statistic
     * @param coverages of 50 % and of 90 % intervals
     */
    public record Result(
            String observation, int draws, double effectiveDraws, List<Test> tests, List<Coverage> coverages) {

        /**
         * The statistics whose observed value is surprising at a level, by Holm's correction over all statistics;
         * p-values are taken two standard errors nearer to one half than they are.
         *
         * @param level the error probability over all statistics
         */
        public List<Test> surprising(double level) {
            double[] cautious = tests.stream()
                    .mapToDouble(test -> Math.min(1, test.twoSided() + 4 * test.error()))
                    .toArray();
            double[] adjusted = Holm.adjusted(cautious);
            return IntStream.range(0, tests.size())
                    .filter(k -> adjusted[k] < level)
                    .mapToObj(tests::get)
                    .toList();
        }

        /**
         * The test of a statistic.
         *
         * @throws IllegalArgumentException if there is none of this name
         */
        public Test test(String name) {
            return tests.stream()
                    .filter(test -> test.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("there is no statistic \"" + name + "\"; there are "
                            + tests.stream().map(Test::name).toList()));
        }

        /** A line per statistic and interval. */
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(String.format(
                    Locale.ROOT,
                    "\"%s\" against %d replicated data sets (worth %.0f)%n%-12s %12s %12s %12s %8s %8s",
                    observation,
                    draws,
                    effectiveDraws,
                    "statistic",
                    "observed",
                    "replicated",
                    "sd",
                    "p",
                    "error"));
            for (Test test : tests) {
                text.append(String.format(
                        Locale.ROOT,
                        "%n%-12s %12.5g %12.5g %12.5g %8.4f %8.4f",
                        test.name(),
                        test.observed(),
                        test.mean(),
                        test.standardDeviation(),
                        test.pValue(),
                        test.error()));
            }
            for (Coverage coverage : coverages) {
                text.append(String.format(
                        Locale.ROOT,
                        "%n%.0f %% intervals hold %.1f %% of the observed values (chance alone: +- %.1f)",
                        100 * coverage.probability(),
                        100 * coverage.covered(),
                        100 * coverage.error()));
            }
            return text.toString();
        }
    }

    /**
     * Replicates the data and compares.
     *
     * @throws IllegalArgumentException if a statistic is not finite for the observed data or for any replicated data,
     *     or the observation has no values
     */
    public Result run() {
        RandomGenerator random = RandomStreams.of(seed).generator("predictive check", 0);
        DMatrixRMaj replicated = model.predict(observation, points, random);
        double[] observed = observed();
        if (observed.length == 0) {
            throw new IllegalArgumentException("observation \"" + observation + "\" has no values to compare");
        }
        List<Test> tests = new ArrayList<>();
        statistics.forEach((name, statistic) -> tests.add(test(name, statistic, observed, replicated)));
        List<Coverage> coverages = new ArrayList<>();
        for (double probability : INTERVALS) {
            coverages.add(coverage(probability, observed, replicated));
        }
        double effective =
                worth * WeightedSample.of(new double[points.numCols], weights).effectiveSampleSize();
        return new Result(observation, points.numCols, effective, List.copyOf(tests), List.copyOf(coverages));
    }

    private double[] observed() {
        DMatrixRMaj values = model.data().get(observation);
        return values == null ? new double[0] : values.data;
    }

    private Test test(String name, ToDoubleFunction<double[]> statistic, double[] observed, DMatrixRMaj replicated) {
        double target = statistic.applyAsDouble(observed.clone());
        int kept = 0;
        double[] values = new double[replicated.numCols];
        double[] keptWeights = new double[replicated.numCols];
        for (int s = 0; s < replicated.numCols; s++) {
            double[] data = new double[replicated.numRows];
            for (int i = 0; i < data.length; i++) {
                data[i] = replicated.data[i * replicated.numCols + s];
            }
            double value = statistic.applyAsDouble(data);
            if (Double.isFinite(value)) {
                values[kept] = value;
                keptWeights[kept++] = weights[s];
            }
        }
        if (!Double.isFinite(target) || kept == 0) {
            throw new IllegalArgumentException("statistic \"" + name + "\" is " + target
                    + " for the observed data and finite for " + kept + " of " + replicated.numCols
                    + " replicated data sets: choose one that is defined for all data");
        }
        double[] of = Arrays.copyOf(values, kept);
        double[] weight = Arrays.copyOf(keptWeights, kept);
        WeightedSample sample = WeightedSample.of(of, weight);
        double[] larger = Arrays.stream(of)
                .map(value -> value > target ? 1 : value == target ? 0.5 : 0)
                .toArray();
        double p = WeightedSample.of(larger, weight).mean();
        // one success and one failure more keep the error of an event never seen from being 0
        double effective = worth * sample.effectiveSampleSize();
        double shrunk = (p * effective + 1) / (effective + 2);
        double error = Math.sqrt(shrunk * (1 - shrunk) / effective);
        return new Test(name, target, sample.mean(), sample.standardDeviation(), p, error, replicated.numCols - kept);
    }

    private Coverage coverage(double probability, double[] observed, DMatrixRMaj replicated) {
        List<Integer> outside = new ArrayList<>();
        for (int i = 0; i < observed.length; i++) {
            WeightedSample sample = finite(Matrices.row(replicated, i));
            if (observed[i] < sample.quantile((1 - probability) / 2)
                    || observed[i] > sample.quantile((1 + probability) / 2)) {
                outside.add(i);
            }
        }
        return new Coverage(
                probability,
                1 - (double) outside.size() / observed.length,
                Math.sqrt(probability * (1 - probability) / observed.length),
                List.copyOf(outside));
    }

    private WeightedSample finite(double[] values) {
        double[] clipped = new double[values.length];
        double[] used = weights.clone();
        for (int s = 0; s < values.length; s++) {
            if (Double.isNaN(values[s])) {
                used[s] = 0;
            } else {
                clipped[s] = Math.max(-Double.MAX_VALUE / 4, Math.min(Double.MAX_VALUE / 4, values[s]));
            }
        }
        return WeightedSample.of(clipped, used);
    }
}
