package org.variational.fit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.density.GuardedLayout;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.FitDiagnostics;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.Objective;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalDistribution;
import org.variational.posterior.Approximation;
import org.variational.posterior.MarginalKHat;
import org.variational.posterior.Posterior;
import org.variational.posterior.Resampling;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;

/** Draws from an answer, evaluates the density there, and says what can be said. */
final class Examination {

    private static final int ERROR_DRAWS = 256;
    private static final long MAX_NUMBERS = 4_000_000;

    /** Degrees of freedom of the heavier-tailed proposal. */
    private static final int TAIL_DEGREES = 5;

    /** Beyond this dimension few draws with Cauchy tails come near the posterior. */
    private static final int MAX_DIMENSION_FOR_MOMENTS = 20;

    /** The most draws that weighted draws are drawn on to, unless the fit itself has cost more evaluations. */
    private static final int AFFORDABLE_DRAWS = 64_000;

    /** The largest number of coordinates and quantities of all draws together. */
    private static final long MAX_NUMBERS_OF_DRAWS = 48_000_000;

    private static final int MOST_NAMED = 3;

    /** Told how far the examination is. */
    interface Listener {

        /** Takes note; what it throws ends the examination and is kept. */
        void examining(String phase, double fraction);

        /** What the listener threw, or null. */
        @Nullable
        RuntimeException failure();
    }

    private final Task task;
    private final Algorithm.Outcome outcome;
    private final Stop stop;
    private final Inspection inspection;
    private final Limits limits;
    private final Listener listener;
    private final Objective objective;
    private final CoordinateSplit split;
    private final List<Verdict.Finding> findings;
    private double @Nullable [] mainPart;

    Examination(
            Task task, Algorithm.Outcome outcome, Stop stop, Inspection inspection, Limits limits, Listener listener) {
        this.task = task;
        this.outcome = outcome;
        this.stop = stop;
        this.inspection = inspection;
        this.limits = limits;
        this.listener = listener;
        this.objective = task.objective();
        this.split = objective.coordinates();
        this.findings = new ArrayList<>(outcome.findings());
    }

    Fit fit(int count, long gradientsOfFit, LossTrace trace, Map<String, String> options, Supplier<Duration> elapsed) {
        VariationalDistribution q = distribution(outcome.parameters());
        double[] optimised = optimised(outcome.parameters());
        boolean evaluates = stop.status() != Status.CANCELLED && stop.status() != Status.TIME_LIMIT;
        ImportanceSampler sampler = new ImportanceSampler(task, optimised, evaluates, limits, listener::examining);
        // diagnostics do not depend on how many draws are wanted
        ImportanceSample draws =
                sampler.draw(q, outcome.draws(), Math.max(count, Driver.defaultDraws(split.dimension())));
        Approximation approximation = approximation(draws);
        List<String> worst = approximation.kHat() >= Verdict.GOOD_K_HAT ? worst(approximation) : List.of();
        FitDiagnostics.Heavier heavier = FitDiagnostics.Heavier.UNKNOWN;
        if (approximation.kHat() >= Verdict.GOOD_K_HAT && q instanceof GaussianDistribution gaussian) {
            heavier = heavier(gaussian, sampler.drawHeavier(gaussian, draws.size(), TAIL_DEGREES));
        }
        FurtherLook further = new FurtherLook(task, stop, limits, listener, approximation);
        if (draws.evaluated < draws.size()) {
            findings.add(new Verdict.Finding(
                    Verdict.Code.NOT_EXAMINED,
                    Verdict.Level.UNRELIABLE,
                    further.whyEnded()
                            + " before the answer had been examined, so that nothing is known about its error",
                    further.remedyOfEnd()));
        } else if (draws.usable() >= Approximation.FEWEST_FOR_K_HAT) {
            boolean sampled =
                    outcome.findings().stream().anyMatch(finding -> finding.code() == Verdict.Code.MODES_SEARCHED);
            further.look(q, optimised, draws.meanLogDensity(), sampled);
            findings.addAll(further.findings());
            mainPart = further.mainPart();
        }
        if (split.optimisedCount() > 0 && !stop.converged()) {
            findings.add(new Verdict.Finding(
                    Verdict.Code.NOT_CONVERGED,
                    Verdict.Level.UNRELIABLE,
                    "the optimised values have not converged, and importance weights cannot mend them",
                    "let the fit come to its end, or allow it more"));
        }
        Stop end = stop;
        if (stop.converged()
                && objective.schedule().goal().needsTargetVariance()
                && q instanceof GaussianDistribution gaussian
                && gaussian.family().dimension() <= MAX_DIMENSION_FOR_MOMENTS) {
            end = unlessWithoutMinimum(gaussian, sampler.drawHeavier(gaussian, draws.size(), 1));
        }
        addExceptions(draws.rejected > 0);
        FitDiagnostics diagnostics = new FitDiagnostics(
                counted(end),
                !outcome.drifting().isEmpty(),
                weights(draws, approximation, q, heavier, worst, further.weightsSuffice()),
                counts(draws, approximation),
                further.chains(),
                further.missedMode(),
                outcome.goalReport(),
                new FitDiagnostics.Observed(
                        inspection.nonDeterminism(), inspection.gradient(), draws.unsupportedBy(), findings));
        boolean needsWeights = Verdict.needsWeights(diagnostics);
        if (needsWeights) {
            draws = drawnOn(draws, sampler, q);
            approximation = approximation(draws);
            diagnostics = diagnostics.with(
                    weights(draws, approximation, q, heavier, worst, further.weightsSuffice()),
                    counts(draws, approximation));
        }
        RuntimeException failure = listener.failure();
        if (failure != null) {
            end = new Stop(
                    Status.FAILED,
                    "an exception of the listener ended the examination: " + failure,
                    stop.iteration(),
                    List.of(),
                    stop.rejectedEvaluations(),
                    failure);
        }
        diagnostics = diagnostics.with(counted(end));
        Verdict verdict = needsWeights ? Verdict.afterDrawingOn(diagnostics) : Verdict.of(diagnostics);
        Posterior posterior = verdict.level() == Verdict.Level.REWEIGHTED
                ? approximation
                        .resampled(Resampling.WITH_REPLACEMENT, count, task.seed())
                        .posterior()
                : approximation.unweighted(count);
        Map<String, String> settings = new LinkedHashMap<>(options);
        settings.put("estimator", objective.estimatorName());
        Provenance provenance = new Provenance(
                Provenance.Software.running(task.target().implementation()),
                task.model(),
                split.dimension(),
                task.seed(),
                settings,
                new Provenance.Cost(
                        stop.iteration(),
                        task.target().evaluations(),
                        gradientsOfFit,
                        Provenance.Evaluations.of(task.target()).minus(further.ofSearch()),
                        further.ofSearch(),
                        elapsed.get()));
        return new Fit(
                verdict,
                counted(end),
                new Fit.Fitted(
                        outcome.family(),
                        Arrays.copyOf(outcome.parameters(), outcome.family().parameterCount()),
                        optimised,
                        verdict.level() == Verdict.Level.REWEIGHTED ? errorsOfOptimised() : fitErrors()),
                draws.elbo(q),
                approximation,
                posterior,
                trace,
                provenance);
    }

    /** Where most of the mass lies, if {@link #fit} has seen that it is elsewhere; otherwise null. */
    double @Nullable [] mainPart() {
        return mainPart;
    }

    private Approximation approximation(ImportanceSample draws) {
        return Approximation.of(task.layout(), draws.points, draws.logDensity, draws.logApproximation);
    }

    private FitDiagnostics.Weights weights(
            ImportanceSample draws,
            Approximation approximation,
            VariationalDistribution q,
            FitDiagnostics.Heavier heavier,
            List<String> worst,
            boolean alone) {
        if (!draws.sufficeForKHat()) {
            return FitDiagnostics.Weights.UNKNOWN;
        }
        double kHat = approximation.kHat();
        double[] weights = approximation.weights();
        FitDiagnostics.Shift shift = approximation.hasReliableWeights()
                ? draws.shift(q, weights).worse(draws.shift(approximation, weights))
                : FitDiagnostics.Shift.UNKNOWN;
        return new FitDiagnostics.Weights(
                kHat, approximation.knownWeights(), approximation.effectiveSampleSize(), shift, heavier, worst, alone);
    }

    /** The quantities whose own terms have the heaviest tails. */
    private static List<String> worst(Approximation approximation) {
        if ((long) approximation.scalarNames().size() * approximation.size() > MAX_NUMBERS) {
            return List.of();
        }
        return approximation.marginalKHats().stream()
                .filter(shape -> Double.isFinite(shape.largest()))
                .sorted(Comparator.comparingDouble(MarginalKHat::largest).reversed())
                .limit(MOST_NAMED)
                .map(MarginalKHat::name)
                .toList();
    }

    /** The stop with all evaluations that could not be used, those of the examination included. */
    private Stop counted(Stop end) {
        return new Stop(
                end.status(),
                end.reason(),
                end.iteration(),
                end.coordinates(),
                task.target().rejectedEvaluations(),
                end.cause());
    }

    /** Exceptions of the user's code, which have been survived. */
    private void addExceptions(boolean atDraws) {
        RuntimeException ofDensity = task.target().firstException();
        if (ofDensity != null) {
            findings.add(new Verdict.Finding(
                    Verdict.Code.REJECTED_EVALUATIONS,
                    atDraws ? Verdict.Level.REWEIGHTED : Verdict.Level.GOOD,
                    "the density threw an exception in " + task.target().exceptions()
                            + " evaluations, which were left out or repeated: " + ofDensity,
                    "mend the density, or return -Infinity where it is zero"));
        }
        if (task.layout() instanceof GuardedLayout guarded && guarded.firstException() != null) {
            findings.add(new Verdict.Finding(
                    Verdict.Code.NON_FINITE_DRAWS,
                    Verdict.Level.REWEIGHTED,
                    "the layout threw an exception at points whose quantities are left NaN: "
                            + guarded.firstException(),
                    "mend the layout"));
        }
    }

    private FitDiagnostics.Counts counts(ImportanceSample draws, Approximation approximation) {
        return new FitDiagnostics.Counts(
                draws.evaluated,
                draws.rejected,
                draws.unsupported,
                approximation.nonFiniteDraws(),
                task.target().evaluations());
    }

    /**
     * More draws, until the weighted ones are worth enough: by what the weights so far predict and half as much again,
     * at most {@link #AFFORDABLE_DRAWS} or as many as the fit has made evaluations, and no more than its budget.
     */
    private ImportanceSample drawnOn(ImportanceSample draws, ImportanceSampler sampler, VariationalDistribution q) {
        int scalars = task.layout().quantities().stream()
                .mapToInt(ParameterLayout.Quantity::size)
                .sum();
        long affordable = Math.min(limits.budget().maxEvaluations(), Math.max(AFFORDABLE_DRAWS, outcome.evaluations()));
        long most = Math.min(affordable, MAX_NUMBERS_OF_DRAWS / (split.dimension() + scalars));
        ImportanceSample more = draws;
        double worth = worth(more);
        while (worth > 0 && worth < Verdict.FEWEST_EFFECTIVE_DRAWS && more.size() < most && !limits.ended()) {
            double factor = Math.max(1.5, 1.1 * Verdict.FEWEST_EFFECTIVE_DRAWS / worth);
            more = sampler.extend(more, q, outcome.draws(), (int) Math.min(most, Math.ceil(factor * more.size())));
            worth = worth(more);
        }
        return more;
    }

    private static double worth(ImportanceSample draws) {
        double[] logWeights = new double[draws.size()];
        Arrays.setAll(logWeights, s -> draws.logDensity[s] - draws.logApproximation[s]);
        return ParetoSmoothing.of(logWeights).effectiveSampleSize();
    }

    private VariationalDistribution distribution(double[] parameters) {
        return outcome.family()
                .member(Arrays.copyOf(parameters, outcome.family().parameterCount()));
    }

    private double[] optimised(double[] parameters) {
        return Arrays.copyOfRange(parameters, outcome.family().parameterCount(), parameters.length);
    }

    private static FitDiagnostics.Heavier heavier(GaussianDistribution q, ImportanceSample draws) {
        ImportanceSample.Tails tails = draws.tails(q);
        if (tails == null) {
            return FitDiagnostics.Heavier.UNKNOWN;
        }
        ParetoSmoothing weights = tails.weights();
        return new FitDiagnostics.Heavier(
                Math.max(weights.shape(), tails.ofSquares()),
                weights.isReliable() ? draws.shift(q, weights.weights()) : FitDiagnostics.Shift.UNKNOWN);
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
                        "the tails of the posterior are so heavy that it seems to have no variance (k-hat of squared"
                                + " distances %.2f), and %s then has no minimum: use reverse KL, or a Student-t"
                                + " family",
                        tails.ofSquares(),
                        objective.schedule().goal().name()),
                stop.iteration(),
                stop.coordinates(),
                stop.rejectedEvaluations(),
                null);
    }

    /** Those of weighted draws: they represent the posterior whatever the fit has wrong, save in optimised values. */
    private double[] errorsOfOptimised() {
        double[] errors = fitErrors();
        int at = 0;
        for (ParameterLayout.Quantity quantity : task.layout().quantities()) {
            if (quantity.role() != ParameterLayout.Role.OPTIMISED) {
                Arrays.fill(errors, at, at + quantity.size(), 0);
            }
            at += quantity.size();
        }
        return errors;
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
            // a single one is an answer that no random number has touched
            Arrays.fill(errors, n == 1 ? 0 : Double.NaN);
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
