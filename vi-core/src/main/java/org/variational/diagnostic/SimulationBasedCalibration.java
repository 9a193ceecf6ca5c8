package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Role;
import org.variational.expression.Data;
import org.variational.model.Model;
import org.variational.posterior.Posterior;
import org.variational.random.RandomStreams;

/**
 * Simulation-based calibration: parameters are drawn from the prior, data from the model given them, the data are
 * fitted, and the parameters must look like one more draw of the fit (Talts et al. 2018, arXiv 1804.06788; Yao et al.
 * 2018, arXiv 1802.02538).
 *
 * <pre>{@code
 * Calibration calibration = SimulationBasedCalibration.of(model)
 *         .replications(200)
 *         .run((m, seed) -> VariationalInference.of(m).seed(seed).run().posterior());
 * }</pre>
 *
 * <p>Beside the parameters and derived values the log likelihood of the simulated data is ranked, without which a fit
 * that returns the prior would pass (Modrak et al. 2023, arXiv 2211.02383). Draws of a fit are taken to be independent,
 * as those of an approximation are; draws of a Markov chain must be thinned first. Replication i draws from streams of
 * its own, so that the result does not depend on the number of threads.
 *
 * <p>Immutable; every method returns a copy with one choice changed.
 */
public final class SimulationBasedCalibration {

    /** The name under which the log likelihood is ranked. */
    public static final String LOG_LIKELIHOOD = "log likelihood";

    /** Fits the model with simulated data in it. */
    @FunctionalInterface
    public interface Fitter {
        /**
         * Fits a model.
         *
         * @param model the model, with the data of one replication
         * @param seed another for every replication
         * @return independent draws
         */
        Posterior fit(Model model, long seed);
    }

    private final Model model;
    private final List<String> observations;
    private final int replications;
    private final int draws;
    private final double level;
    private final long seed;
    private final int threads;

    private SimulationBasedCalibration(
            Model model, List<String> observations, int replications, int draws, double level, long seed, int threads) {
        this.model = model;
        this.observations = observations;
        this.replications = replications;
        this.draws = draws;
        this.level = level;
        this.seed = seed;
        this.threads = threads;
    }

    /**
     * A calibration of 100 replications, with ranks among 99 draws, at level 0.05, on one thread.
     *
     * @param model a model whose parameters all have proper priors
     * @param observations the names of the observations to simulate; none named means all. Data that are computed from
     *     an observation, such as its lagged values, stay as declared, so that such models cannot be calibrated this
     *     way
     * @throws IllegalArgumentException if the model has no observation, or not the ones named
     */
    public static SimulationBasedCalibration of(Model model, String... observations) {
        List<String> known = model.observations();
        List<String> wanted = observations.length == 0 ? known : List.of(observations);
        if (wanted.isEmpty() || !known.containsAll(wanted)) {
            throw new IllegalArgumentException("model \"" + model.name() + "\" has the observations " + known
                    + ", asked for were " + wanted + ": data can be simulated for observations alone");
        }
        return new SimulationBasedCalibration(model, List.copyOf(wanted), 100, 99, 0.05, 1, 1);
    }

    /**
     * With another number of replications M; errors of about {@code 1 / sqrt(M)} in a probability are seen.
     *
     * @throws IllegalArgumentException if it is below 10
     */
    public SimulationBasedCalibration replications(int count) {
        require(count >= 10, "replications must be at least 10, got " + count);
        return new SimulationBasedCalibration(model, observations, count, draws, level, seed, threads);
    }

    /**
     * With ranks among another number of draws, chosen at random from those of each fit.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public SimulationBasedCalibration draws(int count) {
        require(count >= 1, "draws must be at least 1, got " + count);
        return new SimulationBasedCalibration(model, observations, replications, count, level, seed, threads);
    }

    /**
     * With another error probability of each family of tests.
     *
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    public SimulationBasedCalibration level(double probability) {
        require(probability > 0 && probability < 1, "the level must be between 0 and 1, got " + probability);
        return new SimulationBasedCalibration(model, observations, replications, draws, probability, seed, threads);
    }

    /** With another seed. */
    public SimulationBasedCalibration seed(long value) {
        return new SimulationBasedCalibration(model, observations, replications, draws, level, value, threads);
    }

    /**
     * With several fits at a time; the fitting function must then be thread-safe.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public SimulationBasedCalibration threads(int count) {
        require(count >= 1, "threads must be at least 1, got " + count);
        return new SimulationBasedCalibration(model, observations, replications, draws, level, seed, count);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * Makes the calibration with a function that needs no seed. If all its fits use the same random numbers, their
     * errors repeat in every replication: better use the seed that {@link #run(Fitter)} offers.
     *
     * @param fit fits a model
     * @return what was found
     * @throws IllegalArgumentException if fewer than half of the replications can be fitted, or a fit has too few draws
     * @throws IllegalStateException if the prior cannot be drawn, or the thread is interrupted
     */
    public Calibration run(Function<Model, Posterior> fit) {
        return run((simulated, ignored) -> fit.apply(simulated));
    }

    /**
     * Makes the calibration. A replication whose data cannot be simulated, or whose fit throws a {@link
     * RuntimeException}, is left out and reported; leaving out fits that are hard makes the rest look better than it
     * is.
     *
     * @param fit fits a model
     * @return what was found
     * @throws IllegalArgumentException if fewer than half of the replications can be fitted, or a fit has too few draws
     * @throws IllegalStateException if the prior cannot be drawn, or the thread is interrupted
     */
    public Calibration run(Fitter fit) {
        model.priorDraws(1, RandomStreams.of(seed).generator("calibration prior", 0));
        List<Callable<Outcome>> jobs = new ArrayList<>();
        for (int i = 0; i < replications; i++) {
            int replication = i;
            jobs.add(() -> replicate(replication, fit));
        }
        List<Outcome> outcomes = threads == 1 ? inTurn(jobs) : inParallel(jobs);
        List<Placement> placements = new ArrayList<>();
        List<Calibration.Failure> failures = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome.placement() != null) {
                placements.add(outcome.placement());
            } else if (outcome.failure() != null) {
                failures.add(outcome.failure());
            }
        }
        if (placements.size() < (replications + 1) / 2) {
            RuntimeException first = failures.get(0).reason();
            throw new IllegalArgumentException(
                    failures.size() + " of " + replications + " replications could not be fitted, the first because of "
                            + first + ": calibrate a model and an algorithm that work on most data sets from the prior",
                    first);
        }
        return judge(placements, failures);
    }

    /** Where the true value of each scalar lies in one replication. */
    private record Placement(Map<String, Integer> ranks, Map<String, Double> probabilities) {}

    private record Outcome(@Nullable Placement placement, Calibration.@Nullable Failure failure) {}

    private static List<Outcome> inTurn(List<Callable<Outcome>> jobs) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Callable<Outcome> job : jobs) {
            try {
                outcomes.add(job.call());
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        return outcomes;
    }

    private List<Outcome> inParallel(List<Callable<Outcome>> jobs) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Outcome> outcomes = new ArrayList<>();
            for (Future<Outcome> future : pool.invokeAll(jobs)) {
                outcomes.add(future.get());
            }
            return outcomes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the calibration was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private Outcome replicate(int replication, Fitter fit) {
        RandomStreams streams = RandomStreams.of(seed).child("calibration", replication);
        DMatrixRMaj truth = model.priorDraws(1, streams.generator("prior", 0));
        Model simulated;
        Posterior posterior;
        try {
            RandomGenerator random = streams.generator("data", 0);
            Data data = Data.declared();
            for (String observation : observations) {
                data = data.with(observation, model.predict(observation, truth, random).data);
            }
            simulated = model.with(data);
            posterior = fit.fit(simulated, streams.generator("fit", 0).nextLong());
        } catch (RuntimeException e) {
            return new Outcome(null, new Calibration.Failure(replication, e));
        }
        return new Outcome(place(simulated, truth, posterior, streams.generator("ranks", 0)), null);
    }

    private Placement place(Model simulated, DMatrixRMaj truth, Posterior posterior, RandomGenerator random) {
        int size = posterior.size();
        require(
                size >= draws,
                "ranks among " + draws + " draws need fits with at least as many, got " + size
                        + ": ask for more draws of the fit, or set draws(...) to fewer");
        int[] chosen = chosen(size, random);
        Placement placement = new Placement(new LinkedHashMap<>(), new LinkedHashMap<>());
        ParameterLayout layout = simulated.layout();
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        layout.quantitiesAt(truth, values);
        int row = 0;
        for (ParameterLayout.Quantity quantity : layout.quantities()) {
            for (String name : quantity.scalarNames()) {
                double value = values.data[row++];
                if (quantity.role() != Role.OPTIMISED) {
                    place(name, value, posterior.draws(name), chosen, random, placement);
                }
            }
        }
        place(
                LOG_LIKELIHOOD,
                logLikelihood(simulated, truth)[0],
                logLikelihood(simulated, posterior.unconstrained()),
                chosen,
                random,
                placement);
        return placement;
    }

    private double[] logLikelihood(Model simulated, DMatrixRMaj points) {
        double[] sums = new double[points.numCols];
        for (String observation : observations) {
            DMatrixRMaj terms = simulated.pointwiseLogLikelihood(observation, points);
            for (int k = 0; k < terms.data.length; k++) {
                sums[k % points.numCols] += terms.data[k];
            }
        }
        return sums;
    }

    /** Distinct positions, at random. */
    private int[] chosen(int size, RandomGenerator random) {
        int[] all = new int[size];
        Arrays.setAll(all, s -> s);
        for (int k = 0; k < draws; k++) {
            int other = random.nextInt(k, size);
            int swapped = all[k];
            all[k] = all[other];
            all[other] = swapped;
        }
        return Arrays.copyOf(all, draws);
    }

    private static void place(
            String name, double value, double[] fitted, int[] chosen, RandomGenerator random, Placement placement) {
        int rank = 0;
        int ties = 0;
        for (int s : chosen) {
            rank += fitted[s] < value ? 1 : 0;
            ties += fitted[s] == value ? 1 : 0;
        }
        double below = 0;
        for (double draw : fitted) {
            below += draw < value ? 1 : draw == value ? 0.5 : 0;
        }
        placement.ranks().put(name, rank + (ties == 0 ? 0 : random.nextInt(ties + 1)));
        placement.probabilities().put(name, below / fitted.length);
    }

    private Calibration judge(List<Placement> placements, List<Calibration.Failure> failures) {
        int count = placements.size();
        RankUniformity test =
                new RankUniformity(count, draws + 1, RandomStreams.of(seed).generator("calibration test", 0));
        List<String> names = List.copyOf(placements.get(0).ranks().keySet());
        List<List<Integer>> ranks = new ArrayList<>();
        List<List<Double>> probabilities = new ArrayList<>();
        double[] uniform = new double[names.size()];
        double[] symmetric = new double[names.size()];
        for (int k = 0; k < names.size(); k++) {
            String name = names.get(k);
            List<Integer> ofRanks =
                    placements.stream().map(p -> p.ranks().get(name)).toList();
            List<Double> ofProbabilities =
                    placements.stream().map(p -> p.probabilities().get(name)).toList();
            ranks.add(ofRanks);
            probabilities.add(ofProbabilities);
            uniform[k] =
                    test.pValue(ofRanks.stream().mapToInt(Integer::intValue).toArray());
            symmetric[k] = SymmetryTest.of(ofProbabilities.stream()
                            .mapToDouble(Double::doubleValue)
                            .toArray())
                    .pValue();
        }
        double[] uniformity = Holm.adjusted(uniform);
        double[] symmetry = Holm.adjusted(symmetric);
        List<Calibration.Quantity> quantities = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            double mean = 0;
            double spread = 0;
            for (double p : probabilities.get(k)) {
                mean += p / count;
                spread += 12 * (p - 0.5) * (p - 0.5) / count;
            }
            Calibration.Direction direction = symmetry[k] >= level
                    ? Calibration.Direction.NONE
                    : mean > 0.5 ? Calibration.Direction.TOO_LOW : Calibration.Direction.TOO_HIGH;
            quantities.add(new Calibration.Quantity(
                    names.get(k), ranks.get(k), probabilities.get(k), uniformity[k], symmetry[k], direction, spread));
        }
        return new Calibration(quantities, count, draws, level, failures);
    }
}
