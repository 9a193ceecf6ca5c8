package org.variational.fit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.algorithm.search.MissedModeSearch;
import org.variational.chain.ChainCheck;
import org.variational.chain.Metric;
import org.variational.density.GuardedLayout;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Objective;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalDistribution;
import org.variational.posterior.Posterior;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;

/** Draws from an answer, evaluates the density there, and says what can be said. */
final class Examination {

    private static final int ERROR_DRAWS = 256;
    private static final int CHAINS = 128;
    private static final long FEWEST_EVALUATIONS_TO_LOOK_FURTHER = 20_000;

    /** Beyond, the points of all chains take too much memory. */
    private static final long MAX_DIMENSION_TO_LOOK_FURTHER = ChainCheck.MAX_NUMBERS / CHAINS;

    /** Beyond, the paths of a search elsewhere do. */
    private static final int MAX_DIMENSION_TO_SEARCH = 10_000;

    private static final long MAX_NUMBERS = 4_000_000;

    /** Degrees of freedom of the heavier-tailed proposal. */
    private static final int TAIL_DEGREES = 5;

    /** Beyond this dimension few draws with Cauchy tails come near the posterior. */
    private static final int MAX_DIMENSION_FOR_MOMENTS = 20;

    private final Task task;
    private final Algorithm.Outcome outcome;
    private final Stop stop;
    private final Inspection inspection;
    private final Limits limits;
    private final Objective objective;
    private final CoordinateSplit split;
    private long furtherEvaluations;

    Examination(Task task, Algorithm.Outcome outcome, Stop stop, Inspection inspection, Limits limits) {
        this.task = task;
        this.outcome = outcome;
        this.stop = stop;
        this.inspection = inspection;
        this.limits = limits;
        this.objective = task.objective();
        this.split = objective.coordinates();
    }

    Fit fit(int count, long gradientsOfFit, LossTrace trace, Map<String, String> options, Supplier<Duration> elapsed) {
        VariationalDistribution q = distribution(outcome.parameters());
        double[] optimised = optimised(outcome.parameters());
        boolean evaluates = stop.status() != Status.CANCELLED && stop.status() != Status.TIME_LIMIT;
        ImportanceSampler evaluation = new ImportanceSampler(task, optimised, evaluates, limits);
        ImportanceSample draws = evaluation.draw(q, count);
        double[] bound = draws.elbo(q);
        Posterior posterior = Posterior.of(task.layout(), draws.points, draws.logDensity, draws.logApproximation);
        double kHat = Double.NaN;
        Verdict.Shift shift = Verdict.Shift.UNKNOWN;
        if (draws.sufficeForKHat()) {
            double[] logWeights = Arrays.copyOf(posterior.logWeights(), draws.evaluated);
            ParetoSmoothing smoothed = ParetoSmoothing.of(logWeights);
            kHat = smoothed.shape();
            if (smoothed.isReliable()) {
                shift = draws.shift(q, smoothed.weights()).worse(draws.shift(posterior, smoothed.weights()));
            }
        }
        Verdict.Heavier heavier = Verdict.Heavier.UNKNOWN;
        if (kHat >= Verdict.GOOD_K_HAT && q instanceof GaussianDistribution gaussian) {
            heavier = heavier(gaussian, evaluation.drawHeavier(gaussian, count, TAIL_DEGREES));
        }
        Verdict.Chains chains = Verdict.Chains.UNKNOWN;
        Verdict.MissedMode elsewhere = Verdict.MissedMode.NOTHING;
        if (mayLookFurther(draws)) {
            chains = chains(q, optimised, posterior);
            boolean searchable = split.optimisedCount() == 0 && split.inferredCount() <= MAX_DIMENSION_TO_SEARCH;
            elsewhere = !searchable ? elsewhere : elsewhere(q, draws.meanLogDensity());
        }
        Stop end = stop;
        if (stop.converged()
                && objective.schedule().goal().needsTargetVariance()
                && q instanceof GaussianDistribution gaussian
                && gaussian.family().dimension() <= MAX_DIMENSION_FOR_MOMENTS) {
            end = unlessWithoutMinimum(gaussian, evaluation.drawHeavier(gaussian, count, 1));
        }
        end = new Stop(
                end.status(),
                end.reason(),
                end.iteration(),
                end.coordinates(),
                task.target().rejectedEvaluations(),
                end.cause());
        long evaluations =
                inspection.evaluations() + outcome.evaluations() + evaluation.evaluations() + furtherEvaluations;
        Verdict verdict = Verdict.of(new Verdict.Diagnostics(
                end,
                !outcome.drifting().isEmpty(),
                kHat,
                draws.evaluated,
                draws.rejected,
                draws.unsupported,
                posterior.nonFiniteDraws(),
                evaluations,
                shift,
                heavier,
                chains,
                elsewhere,
                outcome.goalReport(),
                new Verdict.Findings(
                        inspection.nonDeterminism(), inspection.gradient(), draws.unsupportedBy(), findings())));
        Map<String, String> settings = new LinkedHashMap<>(options);
        settings.put("estimator", objective.estimatorName());
        String version = Examination.class.getPackage().getImplementationVersion();
        Provenance provenance = new Provenance(
                version == null ? "development" : version,
                Runtime.version().toString(),
                task.target().implementation(),
                task.model(),
                split.dimension(),
                task.seed(),
                settings,
                stop.iteration(),
                evaluations,
                gradientsOfFit,
                elapsed.get());
        return new Fit(
                verdict,
                end,
                bound[0],
                bound[1],
                kHat,
                outcome.family(),
                Arrays.copyOf(outcome.parameters(), outcome.family().parameterCount()),
                optimised,
                posterior,
                fitErrors(),
                trace,
                provenance);
    }

    /** What the algorithm has found, and what was not looked at. */
    private List<Verdict.Reason> findings() {
        List<Verdict.Reason> findings = new ArrayList<>(outcome.findings());
        RuntimeException ofDensity = task.target().firstException();
        if (ofDensity != null) {
            findings.add(new Verdict.Reason(
                    Verdict.Code.REJECTED_EVALUATIONS,
                    Verdict.Level.GOOD,
                    "the density threw an exception in " + task.target().exceptions()
                            + " evaluations, which were left out or repeated; the first was " + ofDensity));
        }
        if (task.layout() instanceof GuardedLayout guarded && guarded.firstException() != null) {
            findings.add(new Verdict.Reason(
                    Verdict.Code.NON_FINITE_DRAWS,
                    Verdict.Level.REWEIGHT,
                    "the layout threw an exception at points whose quantities are left NaN; the first was "
                            + guarded.firstException()));
        }
        if (isShort()) {
            findings.add(new Verdict.Reason(
                    Verdict.Code.NOT_EXAMINED,
                    Verdict.Level.REWEIGHT,
                    "with an evaluation budget below " + FEWEST_EVALUATIONS_TO_LOOK_FURTHER
                            + " neither Markov chains nor a search elsewhere have looked at the answer"));
        }
        return findings;
    }

    private boolean isShort() {
        return limits.budget().maxEvaluations() < FEWEST_EVALUATIONS_TO_LOOK_FURTHER;
    }

    /** Chains and starts elsewhere need gradients, and evaluations that neither time nor budget forbid. */
    private boolean mayLookFurther(ImportanceSample draws) {
        return task.target().hasGradient()
                && stop.status() != Status.CANCELLED
                && stop.status() != Status.TIME_LIMIT
                && stop.status() != Status.FAILED
                && stop.status() != Status.DIVERGED
                && draws.evaluated - draws.rejected - draws.unsupported >= ImportanceSample.FEWEST_FOR_K_HAT
                && !isShort()
                && split.inferredCount() <= MAX_DIMENSION_TO_LOOK_FURTHER;
    }

    private Verdict.Chains chains(VariationalDistribution q, double[] optimised, Posterior posterior) {
        ChainCheck check = new ChainCheck(
                new GuardedDensity(task.target(), split),
                split,
                q,
                optimised,
                CHAINS,
                RandomStreams.of(task.seed()).child("examination", 0));
        QuantityMoments quantities = new QuantityMoments(task.layout(), split, optimised, posterior, check.lanes());
        boolean done = false;
        while (!done && !limits.ended()) {
            done = check.step();
            if (check.counts()) {
                quantities.add(check.chains().points());
            }
        }
        furtherEvaluations += check.chains().evaluations();
        if (!done) {
            return Verdict.Chains.UNKNOWN;
        }
        int slowest = check.unmixed();
        String unmixed = slowest < 0 ? "" : split.name(split.inferredIndex(slowest));
        ChainCheck.Departure ofCoordinates = check.departure();
        ChainCheck.Departure ofQuantities = quantities.departure();
        boolean onUsersScale = ofQuantities.certain() > ofCoordinates.certain();
        return new Verdict.Chains(
                Math.max(ofCoordinates.onAverage(), ofQuantities.onAverage()),
                Math.max(ofCoordinates.largest(), ofQuantities.largest()),
                Math.max(ofCoordinates.certain(), ofQuantities.certain()),
                onUsersScale
                        ? quantities.name(ofQuantities.worst())
                        : split.name(split.inferredIndex(ofCoordinates.worst())),
                unmixed);
    }

    private Verdict.MissedMode elsewhere(VariationalDistribution q, double meanLogDensity) {
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        for (int i = 0; i < mean.length; i++) {
            if (!Double.isFinite(mean[i]) || !(sd[i] > 0) || Double.isInfinite(sd[i])) {
                return Verdict.MissedMode.NOTHING;
            }
        }
        MissedModeSearch search = new MissedModeSearch(
                task.target(),
                split,
                Metric.of(q),
                mean,
                sd,
                meanLogDensity,
                RandomStreams.of(task.seed()),
                limits::ended);
        Verdict.MissedMode found = search.search();
        furtherEvaluations += search.evaluations();
        return found;
    }

    private VariationalDistribution distribution(double[] parameters) {
        return outcome.family()
                .member(Arrays.copyOf(parameters, outcome.family().parameterCount()));
    }

    private double[] optimised(double[] parameters) {
        return Arrays.copyOfRange(parameters, outcome.family().parameterCount(), parameters.length);
    }

    private static Verdict.Heavier heavier(GaussianDistribution q, ImportanceSample draws) {
        ImportanceSample.Tails tails = draws.tails(q);
        if (tails == null) {
            return Verdict.Heavier.UNKNOWN;
        }
        ParetoSmoothing weights = tails.weights();
        return new Verdict.Heavier(
                Math.max(weights.shape(), tails.ofSquares()),
                weights.isReliable() ? draws.shift(q, weights.weights()) : Verdict.Shift.UNKNOWN);
    }

    /**
     * The end of a fit by a divergence that needs the target's variance: the one given, unless draws with the tails of
     * a Cauchy distribution, whose weights are well-behaved, show that the variance is an average without a limit.
     */
    private Stop unlessWithoutMinimum(GaussianDistribution q, ImportanceSample draws) {
        ImportanceSample.Tails tails = draws.tails(q);
        if (tails == null
                || !(tails.weights().shape() < Verdict.GOOD_K_HAT)
                || tails.ofSquares() < ParetoSmoothing.threshold(draws.evaluated)) {
            return stop;
        }
        return new Stop(
                Status.DIVERGED,
                String.format(
                        Locale.ROOT,
                        "the tails of the posterior are so heavy that it seems to have no variance (k-hat of"
                                + " squared distances"
                                + " %.2f), and %s then has no minimum: use reverse KL, or a Student-t family",
                        tails.ofSquares(),
                        objective.schedule().goal().name()),
                stop.iteration(),
                stop.coordinates(),
                stop.rejectedEvaluations(),
                null);
    }

    /**
     * The Monte-Carlo error that the fit itself leaves in the mean of every scalar: every replicate of the answer makes
     * draws from the same noise, and the means of their quantities are compared.
     */
    private double[] fitErrors() {
        ParameterLayout layout = task.layout();
        int size = layout.quantities().stream()
                .mapToInt(ParameterLayout.Quantity::size)
                .sum();
        double[] errors = new double[size];
        List<double[]> replicates = outcome.replicates();
        int n = replicates.size();
        if (n < 2) {
            Arrays.fill(errors, Double.NaN);
            return errors;
        }
        int lanes = (int) Math.max(1, Math.min(ERROR_DRAWS, MAX_NUMBERS / (split.dimension() + size + 1)));
        DMatrixRMaj noise = new DMatrixRMaj(distribution(outcome.parameters()).noiseDimension(), lanes);
        DrawScheme.independent()
                .draws(noise.numRows, RandomStreams.of(task.seed()).child("error", 0))
                .fill(0, noise);
        DMatrixRMaj inferred = new DMatrixRMaj(split.inferredCount(), lanes);
        DMatrixRMaj points = new DMatrixRMaj(split.dimension(), lanes);
        DMatrixRMaj values = new DMatrixRMaj(size, lanes);
        double[] mean = new double[size];
        double[] square = new double[size];
        for (int b = 0; b < n; b++) {
            double[] parameters = replicates.get(b);
            distribution(parameters).sample(noise, inferred);
            split.join(inferred, optimised(parameters), points);
            layout.quantitiesAt(points, values);
            for (int j = 0; j < size; j++) {
                double average = 0;
                for (int s = 0; s < lanes; s++) {
                    average += values.data[j * lanes + s] / lanes;
                }
                double before = average - mean[j];
                mean[j] += before / (b + 1);
                square[j] += before * (average - mean[j]);
            }
        }
        for (int j = 0; j < size; j++) {
            errors[j] = Math.sqrt(square[j] / (n - 1) / n);
        }
        return errors;
    }
}
