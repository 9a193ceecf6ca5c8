package org.variational.algorithm;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Objective;
import org.variational.family.VariationalDistribution;
import org.variational.random.RandomStreams;

/**
 * The default: fit by reverse KL, look whether Markov chains stay there, and follow them if they do not.
 *
 * <ol>
 *   <li><b>Fit.</b> {@link StochasticGradient} from a multi-start search, for at most 800 steps.
 *   <li><b>Check.</b> Short Markov chains start from draws of the fit. If no mean or standard deviation departs from the fit's by
 *       more than 0.1 beyond the errors, the fit is the answer.
 *   <li><b>Correct.</b> Otherwise the chains go on, and the answer becomes the Gaussian of the same family with the means and
 *       standard deviations of their points: the minimum of forward KL, where the fit was that of reverse KL. The chains run twice
 *       as long each time, until their moments agree with those of the time before.
 * </ol>
 *
 * <p>The answer has converged if the chains have agreed with it, or with themselves after a correction: a test of the answer
 * and not only of the optimiser. It depends on the gradient alone, so that a constant added to the log density changes nothing.
 * What the check costs is bounded: about 20 evaluations of 128 points with gradient in a dimension of 10, 30 in one of 100, times 6.
 *
 * <p>Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2003.10374">Naesseth, Lindsten and Blei (2020), Markovian score climbing</a>, of which
 *     the correction is the closed form for Gaussians, with chains by gradients in place of importance resampling
 */
public final class AutomaticInference implements Algorithm<AutomaticInference.State> {

    private static final long MAX_FIT_STEPS = 800;
    private static final int LANES = 128;
    private static final int FEWEST_LANES = 16;
    private static final int LEAPFROGS_OF_CHECK = 120;
    private static final double MATERIAL = 0.1;
    private static final int FIRST_LENGTH = 32;
    private static final int LAST_LENGTH = 256;

    private final StochasticGradient fitting;

    private AutomaticInference(StochasticGradient fitting) {
        this.fitting = fitting;
    }

    /**
     * The algorithm.
     *
     * @return the algorithm
     */
    public static AutomaticInference create() {
        return new AutomaticInference(StochasticGradient.create());
    }

    @Override
    public String name() {
        return "automatic";
    }

    private enum Phase {
        FIT("fit"),
        CHECK("check"),
        CORRECT("correct");

        private final String label;

        Phase(String label) {
            this.label = label;
        }
    }

    /** Everything a run remembers; mutable, for one thread. */
    public static final class State {
        private final Task task;
        private final StochasticGradient.State fit;
        private final int lanes;
        private Phase phase = Phase.FIT;
        private long steps;
        private double loss;
        private Outcome answer;
        private @Nullable ChainCheck check;
        private @Nullable MomentProjection projection;
        private LaneMoments.@Nullable Moments before;
        private int length = FIRST_LENGTH;

        private State(Task task, StochasticGradient.State fit, int lanes, Outcome answer) {
            this.task = task;
            this.fit = fit;
            this.lanes = lanes;
            this.answer = answer;
        }

        private long chainEvaluations() {
            return check == null ? 0 : check.chains().evaluations();
        }

        private long chainRejections() {
            return check == null ? 0 : check.chains().rejected();
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        StochasticGradient.State fit = fitting.start(task, limits);
        long affordable = limits.budget().maxEvaluations() / 4 / LEAPFROGS_OF_CHECK;
        return new State(task, fit, (int) Math.min(LANES, affordable), fitting.result(fit));
    }

    @Override
    public Report step(State s) {
        s.steps++;
        Phase phase = s.phase;
        s.loss = Double.NaN;
        Stop stop =
                switch (phase) {
                    case FIT -> fit(s);
                    case CHECK -> check(s);
                    case CORRECT -> correct(s);
                };
        return new Report(
                s.loss,
                s.answer.evaluations() + s.chainEvaluations(),
                s.answer.rejectedEvaluations() + s.chainRejections(),
                phase.label,
                stop);
    }

    private @Nullable Stop fit(State s) {
        Report report = fitting.step(s.fit);
        s.loss = report.loss();
        Stop stop = report.stop();
        if (stop == null && s.steps < MAX_FIT_STEPS) {
            return null;
        }
        s.answer = fitting.result(s.fit);
        boolean broken = stop != null && stop.status() != Status.CONVERGED && stop.status() != Status.STALLED;
        if (broken || s.lanes < FEWEST_LANES || !MomentProjection.serves(s.answer.family())) {
            return stop;
        }
        Objective objective = s.task.objective();
        CoordinateSplit split = objective.coordinates();
        VariationalDistribution q = objective.distribution(s.answer.parameters());
        s.check = new ChainCheck(
                new GuardedDensity(s.task.target(), split),
                split,
                q,
                objective.optimisedValues(s.answer.parameters()),
                s.lanes,
                RandomStreams.of(s.task.seed()).child("check", 0));
        s.phase = Phase.CHECK;
        return null;
    }

    private @Nullable Stop check(State s) {
        if (!s.check.step()) {
            return null;
        }
        ChainCheck.Departure departure = s.check.departure();
        if (departure.certain() <= MATERIAL && s.check.remembered() < 0) {
            return stop(s, Status.CONVERGED, String.format(
                    Locale.ROOT,
                    "Markov chains from the approximation stayed with it: no mean or standard deviation is off by more than %.2g"
                            + " beyond the errors",
                    MATERIAL), List.of());
        }
        s.phase = Phase.CORRECT;
        s.before = s.check.moments();
        next(s);
        return null;
    }

    private static void next(State s) {
        s.projection = new MomentProjection(
                s.answer.family(), s.answer.parameters(), s.check.chains().points().numCols, s.length);
    }

    private @Nullable Stop correct(State s) {
        s.check.chains().transition(false);
        if (!s.projection.add(s.check.chains().points())) {
            return null;
        }
        LaneMoments.Moments now = s.projection.moments();
        ChainCheck.Departure trend = ChainCheck.Departure.between(s.before, now);
        s.before = now;
        double[] parameters = s.projection.project();
        s.answer = s.answer.with(parameters, s.projection.replicates(parameters));
        int remembered = s.projection.remembered();
        if (trend.certain() <= MATERIAL / 2 && remembered < 0) {
            return stop(s, Status.CONVERGED, String.format(
                    Locale.ROOT,
                    "corrected to the moments of %d Markov chains, which agree with those of the transitions before to %.2g"
                            + " beyond the errors",
                    s.check.chains().points().numCols,
                    MATERIAL / 2), List.of());
        }
        s.length *= 2;
        if (s.length > LAST_LENGTH) {
            CoordinateSplit split = s.task.objective().coordinates();
            String name = split.name(split.inferredIndex(remembered < 0 ? trend.worst() : remembered));
            return stop(s, Status.STALLED, String.format(
                    Locale.ROOT,
                    "the Markov chains that correct the fit were still moving in %s after %d transitions: the posterior has"
                            + " parts that they hardly reach",
                    name,
                    2 * LAST_LENGTH), List.of(name));
        }
        next(s);
        return null;
    }

    private static Stop stop(State s, Status status, String reason, List<String> coordinates) {
        return new Stop(
                status,
                reason,
                s.steps,
                coordinates,
                s.answer.rejectedEvaluations() + s.chainRejections(),
                null);
    }

    @Override
    public Outcome result(State s) {
        Outcome answer = s.phase == Phase.FIT ? fitting.result(s.fit) : s.answer;
        return answer.withCounts(
                answer.evaluations() + s.chainEvaluations(), answer.rejectedEvaluations() + s.chainRejections());
    }
}
