package org.variational.algorithm.automatic;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.algorithm.search.Pathfinder;
import org.variational.chain.ChainCheck;
import org.variational.chain.HamiltonianChains;
import org.variational.chain.LaneMoments;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.divergence.Divergences;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Objective;
import org.variational.family.GaussianDistribution;
import org.variational.random.RandomStreams;

/**
 * The default: find a place, fit by reverse KL, look whether Markov chains stay with the fit, and follow them if they
 * do not.
 *
 * <ol>
 *   <li><b>Search.</b> {@link Pathfinder} from several starts; the Gaussian with the largest evidence lower bound of
 *       all paths is the first answer, and its place and scale are where the fit starts.
 *   <li><b>Fit.</b> {@link StochasticGradient}, for at most 800 steps or half the budget.
 *   <li><b>Check.</b> Short Markov chains start from draws of the fit. If no mean or standard deviation departs from
 *       the fit's by more than 0.1 and not by chance, in standard deviations or their logarithm, and not all of them
 *       together, and the chains do not remember where they were 12 transitions before, the fit is the answer.
 *   <li><b>Correct.</b> Otherwise the chains go on, and the answer becomes the Gaussian of the same family with the
 *       means and standard deviations of their points: the minimum of forward KL, where the fit was that of reverse KL.
 *       The chains run twice as long each time, until their moments agree with those of the time before and no
 *       coordinate remembers its place for half of it.
 * </ol>
 *
 * <p>The answer has converged if the chains have agreed with it, or with themselves after a correction: a test of the
 * answer and not only of the optimiser. It depends on the gradient alone, so that a constant added to the log density
 * changes nothing. The search is left out where a start with standard deviations is given or a coordinate is optimised;
 * check and correction where the budget of evaluations is below about 31,000, and the correction keeps optimised
 * coordinates as the fit left them.
 *
 * <p>Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2003.10374">Naesseth, Lindsten and Blei (2020), Markovian score climbing</a>, of
 *     which the correction is the closed form for Gaussians, with chains by gradients in place of importance resampling
 */
public final class AutomaticInference implements Algorithm<AutomaticInference.State> {

    private static final int PATHS = 8;

    /** With fewer evaluations, paths should end rather than be many. */
    private static final int PATHS_OF_SHORT_FITS = 4;

    private static final long SHORT_FIT = 10_000;

    /** The steps of the fit before its answer is better than that of the search. */
    private static final long SETTLING_STEPS = 64;

    private static final long MAX_FIT_STEPS = 800;
    private static final int LANES = 128;
    /** With fewer chains the errors are too large to see what matters. */
    private static final int FEWEST_LANES = 64;

    /** About the evaluations per chain that a check takes. */
    private static final int EVALUATIONS_OF_CHECK = 120;

    /** The part of the budget that a check may take. */
    private static final int PART_OF_CHECK = 4;

    private static final double MATERIAL = 0.1;
    private static final double AGREEMENT = 0.05;
    private static final int FIRST_LENGTH = 32;
    private static final int LAST_LENGTH = 256;

    private final StochasticGradient fitting = StochasticGradient.create();

    private AutomaticInference() {}

    /** The algorithm. */
    public static AutomaticInference create() {
        return new AutomaticInference();
    }

    @Override
    public String name() {
        return "automatic";
    }

    /** A part of the way, with what it has found so far. */
    private interface Stage {

        String label();

        /** Makes a step; returns what comes next, or this stage itself if it is not done. */
        Stage step();

        /** The answer so far, with the counts of this stage and those before. */
        Outcome answer();

        /** The density evaluations of this stage and those before. */
        long evaluations();

        /** Those of them that could not be used. */
        long rejected();

        /** Why the fit ends here; null while it goes on. */
        @Nullable
        Stop stop();

        /** The noisy loss of the last step; NaN if it has none. */
        double loss();
    }

    /** Everything a run remembers; mutable, for one thread. */
    public static final class State {
        private final Task task;
        private final Limits limits;
        private final int lanes;
        private Stage stage = new Nothing();
        private long steps;

        private State(Task task, Limits limits) {
            this.task = task;
            this.limits = limits;
            long affordable = limits.budget().maxEvaluations() / PART_OF_CHECK / EVALUATIONS_OF_CHECK;
            long fitting =
                    ChainCheck.MAX_NUMBERS / task.objective().coordinates().inferredCount();
            this.lanes = (int) Math.min(LANES, Math.min(affordable, fitting));
        }

        private Stop stop(Status status, String reason, List<String> coordinates, long rejected) {
            return new Stop(status, reason, steps, coordinates, rejected, null);
        }
    }

    /** Before the start. */
    private static final class Nothing implements Stage {
        @Override
        public String label() {
            return "";
        }

        @Override
        public Stage step() {
            return this;
        }

        @Override
        public Outcome answer() {
            throw new IllegalStateException("there is no answer before the start");
        }

        @Override
        public long evaluations() {
            return 0;
        }

        @Override
        public long rejected() {
            return 0;
        }

        @Override
        public @Nullable Stop stop() {
            return null;
        }

        @Override
        public double loss() {
            return Double.NaN;
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        if (!task.objective().schedule().goal().equals(Divergences.reverseKl()) || task.minibatch() > 0) {
            throw new IllegalArgumentException(
                    "the automatic algorithm starts from reverse KL with all rows, and was asked for "
                            + task.objective().schedule().goal().name()
                            + (task.minibatch() > 0 ? " with minibatches of " + task.minibatch() : "")
                            + ": leave algorithm(...) out, and the stochastic gradient does that");
        }
        State state = new State(task, limits);
        boolean placed = task.start() != null && task.start().standardDeviation() != null;
        state.stage = placed || task.objective().coordinates().optimisedCount() > 0
                ? new Fit(state, task, null)
                : new Search(state);
        return state;
    }

    @Override
    public Report step(State s) {
        s.steps++;
        Stage made = s.stage;
        Stage next = made.step();
        double loss = made.loss();
        s.stage = next;
        return new Report(loss, next.evaluations(), next.rejected(), made.label(), next.stop());
    }

    @Override
    public Outcome result(State s) {
        return s.stage.answer();
    }

    /** Pathfinder, and of its Gaussians the one with the largest bound. */
    private final class Search implements Stage {
        private final State run;
        private final Pathfinder searching;
        private final Pathfinder.State paths;
        private Report report = new Report(Double.NaN, 0, 0, "", null);

        Search(State run) {
            this.run = run;
            boolean isShort = run.limits.budget().maxEvaluations() < SHORT_FIT;
            this.searching = Pathfinder.create().withPaths(isShort ? PATHS_OF_SHORT_FITS : PATHS);
            this.paths = searching.start(run.task, run.limits);
        }

        @Override
        public String label() {
            return "search";
        }

        private Optional<Pathfinder.Path> best() {
            return paths.paths().stream()
                    .filter(path -> path.failure().isEmpty())
                    .max(Comparator.comparingDouble(Pathfinder.Path::elbo));
        }

        @Override
        public Stage step() {
            report = searching.step(paths);
            if (report.stop() == null) {
                return this;
            }
            Task task = run.task;
            Task.Start place = best().map(path -> place(path.distribution())).orElse(task.start());
            Task placed = new Task(
                    task.model(),
                    task.target(),
                    task.layout(),
                    task.objective(),
                    task.approach(),
                    task.minibatch(),
                    place,
                    task.seed());
            return new Fit(run, placed, answer());
        }

        private static Task.Start place(GaussianDistribution gaussian) {
            return new Task.Start(gaussian.mean(), gaussian.standardDeviation());
        }

        @Override
        public Outcome answer() {
            Outcome all = searching.result(paths);
            return best().map(path -> Outcome.of(
                                    path.distribution().family(),
                                    path.distribution().parameters(),
                                    all.evaluations(),
                                    all.rejectedEvaluations())
                            .withTest("the best of the paths followed so far"))
                    .orElse(all);
        }

        @Override
        public long evaluations() {
            return report.evaluations();
        }

        @Override
        public long rejected() {
            return report.rejectedEvaluations();
        }

        @Override
        public @Nullable Stop stop() {
            return null;
        }

        @Override
        public double loss() {
            return report.loss();
        }
    }

    /** The stochastic gradient. */
    private final class Fit implements Stage {
        private final State run;
        private final StochasticGradient.State fit;
        private final @Nullable Outcome found;
        private final long evaluationsBefore;
        private final long rejectedBefore;
        private Report report = new Report(Double.NaN, 0, 0, "", null);
        private long steps;

        /**
         * @param placed the task with the place to start
         * @param found the answer of the search, or null if there was none
         */
        Fit(State run, Task placed, @Nullable Outcome found) {
            this.run = run;
            this.fit = fitting.start(placed, run.limits);
            this.found = found;
            this.evaluationsBefore = found == null ? 0 : found.evaluations();
            this.rejectedBefore = found == null ? 0 : found.rejectedEvaluations();
        }

        @Override
        public String label() {
            return "fit";
        }

        @Override
        public Stage step() {
            report = fitting.step(fit);
            steps++;
            Stop stop = report.stop();
            boolean checked = run.lanes >= FEWEST_LANES
                    && MomentProjection.serves(run.task.objective().family());
            long half = run.limits.budget().maxEvaluations() / 2;
            if (stop == null && (!checked || (steps < MAX_FIT_STEPS && evaluations() < half))) {
                return this;
            }
            boolean broken = stop != null && stop.status() != Status.CONVERGED && stop.status() != Status.STALLED;
            if (!broken && checked) {
                return new Check(run, answer());
            }
            // without a check the fit goes on until its own test is passed
            return this;
        }

        @Override
        public Outcome answer() {
            Outcome answer = found != null && steps < SETTLING_STEPS ? found : fitting.result(fit);
            return answer.withCounts(evaluations(), rejected());
        }

        @Override
        public long evaluations() {
            return evaluationsBefore + report.evaluations();
        }

        @Override
        public long rejected() {
            return rejectedBefore + report.rejectedEvaluations();
        }

        @Override
        public @Nullable Stop stop() {
            Stop stop = report.stop();
            return stop == null
                    ? null
                    : new Stop(
                            stop.status(),
                            stop.reason(),
                            run.steps,
                            stop.coordinates(),
                            rejectedBefore + stop.rejectedEvaluations(),
                            stop.cause());
        }

        @Override
        public double loss() {
            return report.loss();
        }
    }

    /** Chains from draws of the fit. */
    private static final class Check implements Stage {
        private final State run;
        private final Outcome fit;
        private final ChainCheck check;
        private @Nullable Stop stop;

        Check(State run, Outcome fit) {
            this.run = run;
            this.fit = fit;
            Objective objective = run.task.objective();
            CoordinateSplit split = objective.coordinates();
            this.check = new ChainCheck(
                    new GuardedDensity(run.task.target(), split),
                    split,
                    objective.distribution(fit.parameters()),
                    objective.optimisedValues(fit.parameters()),
                    run.lanes,
                    RandomStreams.of(run.task.seed()).child("check", 0));
        }

        @Override
        public String label() {
            return "check";
        }

        @Override
        public Stage step() {
            if (!check.step()) {
                return this;
            }
            if (check.departure().material(MATERIAL) || check.unmixed() >= 0) {
                return new Correct(run, answer(), check.chains(), check.moments());
            }
            stop = run.stop(
                    Status.CONVERGED,
                    String.format(
                            Locale.ROOT,
                            "Markov chains from the approximation stayed with it: no mean or standard deviation,"
                                    + " nor all together, is"
                                    + " seen to be off by more than %.2g",
                            MATERIAL),
                    List.of(),
                    rejected());
            return this;
        }

        @Override
        public Outcome answer() {
            return fit.withCounts(evaluations(), rejected());
        }

        @Override
        public long evaluations() {
            return fit.evaluations() + check.chains().evaluations();
        }

        @Override
        public long rejected() {
            return fit.rejectedEvaluations() + check.chains().rejected();
        }

        @Override
        public @Nullable Stop stop() {
            return stop;
        }

        @Override
        public double loss() {
            return Double.NaN;
        }
    }

    /** Chains that go on, and the Gaussian with their moments. */
    private static final class Correct implements Stage {
        private final State run;
        private final HamiltonianChains chains;
        private final long evaluationsBefore;
        private final long rejectedBefore;
        private Outcome corrected;
        private MomentProjection projection;
        private LaneMoments.Moments earlier;
        private int length = FIRST_LENGTH;
        private @Nullable Stop stop;

        Correct(State run, Outcome fit, HamiltonianChains chains, LaneMoments.Moments earlier) {
            this.run = run;
            this.chains = chains;
            this.evaluationsBefore = fit.evaluations() - chains.evaluations();
            this.rejectedBefore = fit.rejectedEvaluations() - chains.rejected();
            this.corrected = fit;
            this.earlier = earlier;
            this.projection = projection();
        }

        private MomentProjection projection() {
            int own = corrected.family().parameterCount();
            return new MomentProjection(
                    corrected.family(), Arrays.copyOf(corrected.parameters(), own), chains.points().numCols, length);
        }

        @Override
        public String label() {
            return "correct";
        }

        private String name(int inferred) {
            CoordinateSplit split = run.task.objective().coordinates();
            return split.name(split.inferredIndex(inferred));
        }

        /** Parameters of the family, followed by the optimised coordinates as the fit left them. */
        private double[] withOptimised(double[] parameters) {
            double[] whole = corrected.parameters().clone();
            System.arraycopy(parameters, 0, whole, 0, parameters.length);
            return whole;
        }

        @Override
        public Stage step() {
            chains.transition(false);
            if (!projection.add(chains.points())) {
                return this;
            }
            LaneMoments.Moments now = projection.moments();
            ChainCheck.Departure change = ChainCheck.Departure.between(earlier, now);
            int unmixed = projection.unmixed();
            earlier = now;
            int runaway = projection.runaway();
            if (runaway >= 0) {
                String name = name(runaway);
                stop = run.stop(
                        Status.DIVERGED,
                        "the Markov chains that correct the fit run away in " + name
                                + ": the density does not fall off in"
                                + " that direction, so that the posterior is improper or the parameter is not"
                                + " identified;"
                                + " give it a proper prior",
                        List.of(name),
                        rejected());
                return this;
            }
            double[] parameters = projection.project();
            corrected = corrected.with(
                    withOptimised(parameters),
                    projection.replicates(parameters).stream()
                            .map(this::withOptimised)
                            .toList());
            if (change.certain() <= AGREEMENT && unmixed < 0) {
                stop = run.stop(
                        Status.CONVERGED,
                        String.format(
                                Locale.ROOT,
                                "corrected to the moments of %d Markov chains, which agree with those of the"
                                        + " transitions before"
                                        + " to %.2g beyond the errors",
                                chains.points().numCols,
                                AGREEMENT),
                        List.of(),
                        rejected());
                return this;
            }
            length *= 2;
            if (length > LAST_LENGTH) {
                String name = name(unmixed < 0 ? change.worst() : unmixed);
                stop = run.stop(
                        Status.STALLED,
                        String.format(
                                Locale.ROOT,
                                "the Markov chains that correct the fit were still moving in %s after %d"
                                        + " transitions: the"
                                        + " posterior has parts that they hardly reach; another parameterisation,"
                                        + " such as a"
                                        + " non-centred one, may help",
                                name,
                                2 * LAST_LENGTH),
                        List.of(name),
                        rejected());
                return this;
            }
            projection = projection();
            return this;
        }

        @Override
        public Outcome answer() {
            return corrected.withCounts(evaluations(), rejected());
        }

        @Override
        public long evaluations() {
            return evaluationsBefore + chains.evaluations();
        }

        @Override
        public long rejected() {
            return rejectedBefore + chains.rejected();
        }

        @Override
        public @Nullable Stop stop() {
            return stop;
        }

        @Override
        public double loss() {
            return Double.NaN;
        }
    }
}
