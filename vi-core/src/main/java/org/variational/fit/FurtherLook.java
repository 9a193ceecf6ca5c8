package org.variational.fit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.algorithm.search.MissedModeSearch;
import org.variational.chain.ChainCheck;
import org.variational.chain.Metric;
import org.variational.diagnostic.FitDiagnostics;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalDistribution;
import org.variational.posterior.Approximation;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;

/**
 * Markov chains from draws of an answer, and the search for modes that it misses: as far as gradients, budget, time and
 * memory permit, and with what is to be said where they do not.
 */
final class FurtherLook {

    private static final int CHAINS = 128;
    private static final long FEWEST_EVALUATIONS = 20_000;

    /** Beyond, the points of all chains take too much memory. */
    private static final long MAX_DIMENSION_OF_CHAINS = ChainCheck.MAX_NUMBERS / CHAINS;

    /** Beyond, the paths of the search do. */
    private static final int MAX_DIMENSION_OF_SEARCH = 10_000;

    private final Task task;
    private final Stop stop;
    private final Limits limits;
    private final Examination.Listener listener;
    private final Approximation approximation;
    private final CoordinateSplit split;
    private final List<Verdict.Finding> findings = new ArrayList<>();
    private FitDiagnostics.Chains chains = FitDiagnostics.Chains.UNKNOWN;
    private boolean weightsSuffice;
    private double @Nullable [] mainPart;
    private FitDiagnostics.MissedMode missedMode = FitDiagnostics.MissedMode.NONE;
    private Provenance.Evaluations ofSearch = Provenance.Evaluations.NONE;

    FurtherLook(Task task, Stop stop, Limits limits, Examination.Listener listener, Approximation approximation) {
        this.task = task;
        this.stop = stop;
        this.limits = limits;
        this.listener = listener;
        this.approximation = approximation;
        this.split = task.objective().coordinates();
    }

    FitDiagnostics.Chains chains() {
        return chains;
    }

    FitDiagnostics.MissedMode missedMode() {
        return missedMode;
    }

    /** Whether importance weights say more than chains would, so that none were run. */
    boolean weightsSuffice() {
        return weightsSuffice;
    }

    /** Where most of the mass lies, if that is elsewhere; otherwise null. */
    double @Nullable [] mainPart() {
        return mainPart;
    }

    List<Verdict.Finding> findings() {
        return findings;
    }

    /** What the search for missed modes has spent. */
    Provenance.Evaluations ofSearch() {
        return ofSearch;
    }

    /**
     * Runs chains and search, and finds what was left out of them.
     *
     * @param sampled whether the answer comes from importance sampling, so that chains see nothing that good weights
     *     do not
     */
    void look(VariationalDistribution q, double[] optimised, double meanLogDensity, boolean sampled) {
        if (stop.status() == Status.FAILED || stop.status() == Status.DIVERGED) {
            return;
        }
        if (!task.target().hasGradient()) {
            leftOut("the density has no gradient", Verdict.Level.REWEIGHTED, "give the density a gradient");
            return;
        }
        if (limits.budget().maxEvaluations() < FEWEST_EVALUATIONS) {
            leftOut(
                    "the evaluation budget is below " + FEWEST_EVALUATIONS,
                    Verdict.Level.REWEIGHTED,
                    "set evaluationBudget(...) to " + FEWEST_EVALUATIONS + " or more");
            return;
        }
        if (split.inferredCount() > MAX_DIMENSION_OF_CHAINS) {
            leftOut("there are more than " + MAX_DIMENSION_OF_CHAINS + " coordinates", Verdict.Level.GOOD, "");
            return;
        }
        weightsSuffice = sufficeFor(q) || (sampled && approximation.kHat() < Verdict.GOOD_K_HAT);
        if (!weightsSuffice) {
            runChains(q, optimised);
        }
        if (split.optimisedCount() > 0) {
            unsearched("some values are optimised");
        } else if (split.inferredCount() > MAX_DIMENSION_OF_SEARCH) {
            unsearched("there are more than " + MAX_DIMENSION_OF_SEARCH + " coordinates");
        } else if (!limits.ended()) {
            search(q, meanLogDensity);
        }
        if (limits.ended()) {
            leftOut(whyEnded(), Verdict.Level.REWEIGHTED, remedyOfEnd());
        }
    }

    /**
     * Whether importance weights have judged the answer better than chains could: these move in steps of one shape,
     * that of the covariance, and hardly reach the narrow parts of an answer that is not a Gaussian.
     */
    private boolean sufficeFor(VariationalDistribution q) {
        boolean steady = ParetoSmoothing.areSteady(approximation.effectiveSampleSize(), approximation.knownWeights());
        return !(q instanceof GaussianDistribution) && (steady || approximation.hasReliableWeights());
    }

    /** What has ended the fit or its examination. */
    String whyEnded() {
        if (stop.status() == Status.CANCELLED || limits.cancelled()) {
            return "the fit was cancelled";
        }
        return listener.failure() == null ? "the time was up" : "the listener threw an exception";
    }

    /** What to do about {@link #whyEnded()}. */
    String remedyOfEnd() {
        if (stop.status() == Status.CANCELLED || limits.cancelled()) {
            return "let the fit come to its end";
        }
        return listener.failure() == null ? "allow more time with timeLimit(...)" : "mend the listener";
    }

    private void leftOut(String why, Verdict.Level level, String remedy) {
        findings.add(new Verdict.Finding(
                Verdict.Code.NOT_EXAMINED,
                level,
                "neither Markov chains nor a search for missed modes have looked at the answer to their end, as " + why,
                remedy));
    }

    private void unsearched(String why) {
        findings.add(new Verdict.Finding(
                Verdict.Code.NOT_EXAMINED, Verdict.Level.GOOD, "missed modes were not searched for, as " + why));
    }

    private void runChains(VariationalDistribution q, double[] optimised) {
        ChainCheck check = new ChainCheck(
                new GuardedDensity(task.target(), split),
                split,
                q,
                optimised,
                CHAINS,
                RandomStreams.of(task.seed()).child("examination", 0));
        QuantityMoments quantities = new QuantityMoments(task.layout(), split, optimised, approximation, check.lanes());
        boolean done = false;
        while (!done && !limits.ended()) {
            listener.examining("Markov chains", check.fraction());
            done = check.step();
            if (check.counts()) {
                quantities.add(check.chains().points());
            }
        }
        if (!done || task.target().cutShort()) {
            return;
        }
        int slowest = check.unmixed();
        String unmixed = slowest < 0 ? "" : split.name(split.inferredIndex(slowest));
        ChainCheck.Departure ofCoordinates = check.departure();
        ChainCheck.Departure ofQuantities = quantities.departure();
        boolean onUsersScale = ofQuantities.certain() > ofCoordinates.certain();
        chains = new FitDiagnostics.Chains(
                Math.max(ofCoordinates.onAverage(), ofQuantities.onAverage()),
                Math.max(ofCoordinates.largest(), ofQuantities.largest()),
                Math.max(ofCoordinates.certain(), ofQuantities.certain()),
                onUsersScale
                        ? quantities.name(ofQuantities.worst())
                        : split.name(split.inferredIndex(ofCoordinates.worst())),
                unmixed);
    }

    private void search(VariationalDistribution q, double meanLogDensity) {
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        for (int i = 0; i < mean.length; i++) {
            if (!Double.isFinite(mean[i]) || !(sd[i] > 0) || Double.isInfinite(sd[i])) {
                return;
            }
        }
        double logEvidence = ParetoSmoothing.of(approximation.logWeights()).logMean();
        MissedModeSearch search = new MissedModeSearch(
                task.target(),
                split,
                Metric.of(q),
                mean,
                sd,
                meanLogDensity,
                (points, logDensity) -> {
                    q.logDensity(points, logDensity);
                    for (int s = 0; s < points.numCols; s++) {
                        logDensity[s] += logEvidence;
                    }
                },
                RandomStreams.of(task.seed()),
                limits::ended);
        Provenance.Evaluations before = Provenance.Evaluations.of(task.target());
        missedMode = search.search(share -> listener.examining("search for missed modes", share));
        ofSearch = Provenance.Evaluations.of(task.target()).minus(before);
        mainPart = search.mainPart();
        listener.examining("search for missed modes", 1);
    }
}
