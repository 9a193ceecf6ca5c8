package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.family.GaussianDistribution;
import org.variational.family.Mixture;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * Pathfinder: quasi-Newton paths to the modes, and on each path the Gaussian, of all that the inverse Hessian suggests
 * on the way, with the largest evidence lower bound.
 *
 * <p>Every path is a lane of {@link BatchedLbfgs}. After each of its steps the inverse Hessian H and the gradient g of
 * {@code -log p} at the point x suggest {@code N(x - H g, H)}, whose evidence lower bound is estimated from a few
 * draws, the same noise all along a path. When the paths have ended, the best few of each path are compared by more,
 * new draws. A Gaussian is full-rank if {@code 2 J >= D}, J the history, and a {@link
 * org.variational.family.LowRankScaleGaussian} of rank 2 J otherwise.
 *
 * <p>The answer of one path is its Gaussian. The answer of several is the {@link Mixture} of their Gaussians with equal
 * weights, and the importance weights of its draws are {@code p / (1/M sum of q_m)}, the balance heuristic. Stan
 * resamples draws of all paths by {@code p / q_m} with q_m the Gaussian of the path that made the draw: where two
 * Gaussians overlap, or one is much narrower than what it covers, these weights are more variable, and with unequal
 * numbers of usable draws their estimates depend on which path a draw came from.
 *
 * <p>Paths are dropped if they learn no curvature or none of their Gaussians has a finite bound; the verdict tells. The
 * fit has converged if every path that is used ended with a Newton decrement {@code g'Hg} of at most 1e-8: what is left
 * to be gained in log density, in nats, whatever the scales and constants of the density. Stan's tests of relative
 * change depend on a constant added to the log density.
 *
 * <p>Defaults are Stan's (4 paths, J = 5, 1000 iterations, 25 draws, starts in [-2, 2]^D), with the differences that
 * iterations count evaluations of the gradient, trial points included, and that only the best Gaussians get 25 draws
 * (decision 0008). All randomness comes from the task's seed; the objective's family and number of draws are not used.
 * Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2108.03782">Zhang, Carpenter, Gelman and Vehtari (2022), Pathfinder: parallel
 *     quasi-Newton variational inference</a>
 * @see <a href="https://doi.org/10.1080/01621459.2000.10473909">Owen and Zhou (2000), Safe and effective importance
 *     sampling</a>, for weights by the mixture
 */
public final class Pathfinder implements Algorithm<Pathfinder.State> {

    static final double TOLERANCE = 1e-8;
    private static final int SCREENING_DRAWS = 5;
    private static final int FINALISTS = 3;
    private static final long MAX_NUMBERS = 4_000_000;

    private final int paths;
    private final int history;
    private final int maxIterations;
    private final int elboDraws;
    private final double initialRange;

    private Pathfinder(int paths, int history, int maxIterations, int elboDraws, double initialRange) {
        this.paths = paths;
        this.history = history;
        this.maxIterations = maxIterations;
        this.elboDraws = elboDraws;
        this.initialRange = initialRange;
    }

    /** The algorithm with its defaults: 4 paths, a history of 5, 1000 iterations, 25 draws, starts in [-2, 2]^D. */
    public static Pathfinder create() {
        return new Pathfinder(4, 5, 1000, 25, 2);
    }

    /**
     * The same with another number of paths.
     *
     * @param count at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public Pathfinder withPaths(int count) {
        return new Pathfinder(atLeastOne("number of paths", count), history, maxIterations, elboDraws, initialRange);
    }

    /**
     * The same with another number of pairs of steps and changes of the gradient from which the inverse Hessian is
     * made.
     *
     * @param pairs J, at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public Pathfinder withHistory(int pairs) {
        return new Pathfinder(paths, atLeastOne("history", pairs), maxIterations, elboDraws, initialRange);
    }

    /**
     * The same with another number of iterations, each an evaluation of the gradient at one point of every path that
     * still moves.
     *
     * @param iterations at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public Pathfinder withMaxIterations(int iterations) {
        return new Pathfinder(paths, history, atLeastOne("number of iterations", iterations), elboDraws, initialRange);
    }

    /**
     * The same with another number of draws by which the best Gaussians of a path are compared.
     *
     * @param draws at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public Pathfinder withElboDraws(int draws) {
        return new Pathfinder(paths, history, maxIterations, atLeastOne("number of draws", draws), initialRange);
    }

    /**
     * The same with another box for the starts: uniform in [-r, r]^D, or around a given start in units of its standard
     * deviations, where it has them.
     *
     * @param range r, positive and finite
     * @return a new algorithm
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public Pathfinder withInitialRange(double range) {
        if (!(range > 0) || Double.isInfinite(range)) {
            throw new IllegalArgumentException("the initial range must be positive and finite, got " + range);
        }
        return new Pathfinder(paths, history, maxIterations, elboDraws, range);
    }

    private static int atLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("the " + what + " must be at least 1, got " + value);
        }
        return value;
    }

    @Override
    public String name() {
        return String.format(
                Locale.ROOT,
                "Pathfinder, %d %s, history %d, %d iterations, %d draws, range %s",
                paths,
                paths == 1 ? "path" : "paths",
                history,
                maxIterations,
                elboDraws,
                initialRange);
    }

    /**
     * What became of a path.
     *
     * @param distribution its best Gaussian; before a Gaussian with a finite bound was found, the unit Gaussian at its
     *     start
     * @param elbo the estimated evidence lower bound of that Gaussian; negative infinity if there was none
     * @param elboError the standard error of the estimate; NaN from a single draw or if there is none
     * @param end where the path ended or is now, D coordinates; a mode if it converged
     * @param logDensity the log density there
     * @param converged whether it ended at a mode
     * @param failure why it cannot be used, or empty
     */
    public record Path(
            GaussianDistribution distribution,
            double elbo,
            double elboError,
            double[] end,
            double logDensity,
            boolean converged,
            String failure) {}

    /** A Gaussian seen on a path. */
    private record Candidate(double[] parameters, double elbo, double elboError) {}

    /** The state of a run; mutable, for one thread. */
    public static final class State {
        private final NegativeLogDensity target;
        private final BatchedLbfgs search;
        private final VariationalFamily family;
        private final RandomStreams streams;
        private final List<double[]> starts;
        private final List<DMatrixRMaj> screening = new ArrayList<>();
        private final List<List<Candidate>> candidates = new ArrayList<>();
        private final int missing;
        private int iteration;
        private boolean searching = true;
        private int compared;

        private State(
                NegativeLogDensity target,
                BatchedLbfgs search,
                VariationalFamily family,
                RandomStreams streams,
                int missing) {
            this.target = target;
            this.search = search;
            this.family = family;
            this.streams = streams;
            this.missing = missing;
            this.starts = new ArrayList<>();
            int d = family.dimension();
            int draws = (int) Math.max(1, Math.min(SCREENING_DRAWS, MAX_NUMBERS / d));
            for (int s = 0; s < search.count(); s++) {
                starts.add(search.path(s).point());
                candidates.add(new ArrayList<>());
                screening.add(noise(streams.child("screening", s), d, draws));
            }
        }

        /** What became of the paths so far, in the order of their starts. */
        public List<Path> paths() {
            List<Path> result = new ArrayList<>();
            for (int s = 0; s < search.count(); s++) {
                BatchedLbfgs.Path path = search.path(s);
                List<Candidate> seen = candidates.get(s);
                double[] ones = new double[family.dimension()];
                Arrays.fill(ones, 1);
                Candidate best = seen.isEmpty()
                        ? new Candidate(
                                family.initialParameters(starts.get(s), ones), Double.NEGATIVE_INFINITY, Double.NaN)
                        : seen.get(0);
                String failure = "";
                if (!path.hasPairs()) {
                    failure = path.accepted() == 0 && path.state() == BatchedLbfgs.State.AT_MINIMUM
                            ? "the gradient is zero at its start, which tells nothing of the curvature"
                            : "no step lowered -log p, so that nothing is known of the curvature";
                } else if (seen.isEmpty()) {
                    failure = "the log density could not be evaluated, or is -Infinity, at draws from each of its"
                            + " Gaussians";
                }
                result.add(new Path(
                        (GaussianDistribution) family.member(best.parameters),
                        best.elbo,
                        best.elboError,
                        path.point(),
                        -path.value(),
                        path.state() == BatchedLbfgs.State.AT_MINIMUM,
                        failure));
            }
            return List.copyOf(result);
        }
    }

    private static DMatrixRMaj noise(RandomStreams streams, int dimension, int draws) {
        DMatrixRMaj noise = new DMatrixRMaj(dimension, draws);
        DrawScheme.independent().draws(dimension, streams).fill(0, noise);
        return noise;
    }

    @Override
    public State start(Task task, Limits limits) {
        ModeAlgorithms.requireGradientOfAllRows(task, "Pathfinder");
        LogDensity density = task.target();
        int d = density.dimension();
        VariationalFamily family = InverseBfgs.family(d, history);
        RandomStreams streams = RandomStreams.of(task.seed()).child("pathfinder", 0);
        NegativeLogDensity target =
                new NegativeLogDensity(density, task.objective().coordinates());
        DMatrixRMaj starts = ModeAlgorithms.find(task, target, streams, paths, initialRange, limits);
        BatchedLbfgs search = new BatchedLbfgs(target, starts, history, TOLERANCE);
        return new State(target, search, family, streams, paths - starts.numCols);
    }

    @Override
    public Report step(State s) {
        if (s.searching) {
            boolean moving = s.search.step();
            s.iteration++;
            screen(s);
            s.searching = moving && s.iteration < maxIterations;
        } else {
            compare(s, s.compared);
            s.compared++;
        }
        boolean done = !s.searching && s.compared == s.search.count();
        double best = Double.NEGATIVE_INFINITY;
        for (List<Candidate> seen : s.candidates) {
            best = seen.isEmpty() ? best : Math.max(best, seen.get(0).elbo);
        }
        return new Report(
                best == Double.NEGATIVE_INFINITY ? Double.NaN : -best,
                s.target.count(),
                s.searching ? "following paths" : "choosing on each path",
                done ? stop(s) : null);
    }

    /** Looks at the Gaussians that the last step of the paths suggests. */
    private void screen(State s) {
        List<Integer> lanes = new ArrayList<>();
        List<double[]> suggested = new ArrayList<>();
        List<DMatrixRMaj> noises = new ArrayList<>();
        for (int lane = 0; lane < s.search.count(); lane++) {
            BatchedLbfgs.Path path = s.search.path(lane);
            if (!path.stepped() || !path.hasPairs()) {
                continue;
            }
            double[] parameters = path.inverseHessian().gaussian(path.point(), path.gradient(), history);
            if (parameters != null) {
                lanes.add(lane);
                suggested.add(parameters);
                noises.add(s.screening.get(lane));
            }
        }
        List<Candidate> judged = judge(s, suggested, noises);
        for (int k = 0; k < judged.size(); k++) {
            List<Candidate> seen = s.candidates.get(lanes.get(k));
            if (judged.get(k).elbo > Double.NEGATIVE_INFINITY) {
                seen.add(judged.get(k));
                sort(seen);
                if (seen.size() > FINALISTS) {
                    seen.remove(FINALISTS);
                }
            }
        }
    }

    /** Compares the best Gaussians of a path by more draws, the same noise for all of them. */
    private void compare(State s, int lane) {
        List<Candidate> seen = s.candidates.get(lane);
        int d = s.family.dimension();
        int draws = (int) Math.max(1, Math.min(elboDraws, MAX_NUMBERS / d));
        DMatrixRMaj noise = noise(s.streams.child("elbo", lane), d, draws);
        List<double[]> finalists = seen.stream().map(Candidate::parameters).toList();
        List<Candidate> judged = new ArrayList<>();
        for (double[] finalist : finalists) {
            judged.addAll(judge(s, List.of(finalist), List.of(noise)));
        }
        judged.removeIf(candidate -> candidate.elbo == Double.NEGATIVE_INFINITY);
        seen.clear();
        seen.addAll(judged);
        sort(seen);
    }

    private static void sort(List<Candidate> candidates) {
        candidates.sort(Comparator.comparingDouble((Candidate candidate) -> -candidate.elbo));
    }

    /** Estimates evidence lower bounds, the draws of all Gaussians side by side. */
    private static List<Candidate> judge(State s, List<double[]> parameters, List<DMatrixRMaj> noises) {
        List<Candidate> judged = new ArrayList<>();
        int d = s.family.dimension();
        int total = noises.stream().mapToInt(noise -> noise.numCols).sum();
        if (total == 0) {
            return judged;
        }
        DMatrixRMaj points = new DMatrixRMaj(d, total);
        double[] ratios = new double[total];
        int from = 0;
        for (int k = 0; k < parameters.size(); k++) {
            DMatrixRMaj noise = noises.get(k);
            int draws = noise.numCols;
            DMatrixRMaj own = new DMatrixRMaj(d, draws);
            double[] logs = new double[draws];
            GaussianDistribution q = (GaussianDistribution) s.family.member(parameters.get(k));
            q.sample(noise, own);
            q.logDensity(own, logs);
            for (int i = 0; i < d; i++) {
                System.arraycopy(own.data, i * draws, points.data, i * total + from, draws);
            }
            System.arraycopy(logs, 0, ratios, from, draws);
            from += draws;
        }
        double[] values = new double[total];
        s.target.logDensity(points, values, null);
        from = 0;
        for (int k = 0; k < parameters.size(); k++) {
            int draws = noises.get(k).numCols;
            double mean = 0;
            for (int c = from; c < from + draws; c++) {
                ratios[c] = values[c] - ratios[c];
                mean += ratios[c] / draws;
            }
            double squares = 0;
            for (int c = from; c < from + draws; c++) {
                squares += (ratios[c] - mean) * (ratios[c] - mean);
            }
            judged.add(new Candidate(
                    parameters.get(k),
                    Double.isNaN(mean) ? Double.NEGATIVE_INFINITY : mean,
                    Math.sqrt(squares / (draws - 1) / draws)));
            from += draws;
        }
        return judged;
    }

    private Stop stop(State s) {
        List<Path> all = s.paths();
        List<Path> used = all.stream().filter(path -> path.failure.isEmpty()).toList();
        Status status = Status.CONVERGED;
        String reason;
        if (used.isEmpty()) {
            status = Status.DIVERGED;
            reason = "no path led to an approximation: " + all.get(0).failure
                    + "; check the model around the starting points, or give a starting point with start(...)";
        } else {
            long short_ = used.stream().filter(path -> !path.converged).count();
            reason = summary(used);
            if (short_ > 0) {
                status = s.iteration >= maxIterations ? Status.MAX_ITERATIONS : Status.STALLED;
                reason = String.format(
                        Locale.ROOT,
                        "%d of %d paths ended before they reached a mode (%s); %s",
                        short_,
                        used.size(),
                        status == Status.STALLED
                                ? "no acceptable step was found"
                                : "after " + maxIterations + " iterations",
                        reason);
            }
        }
        return new Stop(status, reason, s.iteration, List.of(), s.target.count().rejected(), null);
    }

    private static String summary(List<Path> used) {
        double lowest = used.stream().mapToDouble(Path::elbo).min().orElse(Double.NaN);
        double highest = used.stream().mapToDouble(Path::elbo).max().orElse(Double.NaN);
        return used.size() == 1
                ? String.format(Locale.ROOT, "evidence lower bound %.2f", highest)
                : String.format(
                        Locale.ROOT,
                        "evidence lower bounds of the %d paths from %.2f to %.2f",
                        used.size(),
                        lowest,
                        highest);
    }

    @Override
    public Outcome result(State s) {
        List<Path> all = s.paths();
        List<Path> used = all.stream().filter(path -> path.failure.isEmpty()).toList();
        List<Path> answer = used.isEmpty() ? all.subList(0, 1) : used;
        VariationalFamily family = s.family;
        double[] parameters = answer.get(0).distribution.parameters();
        if (answer.size() > 1) {
            // equal logits are equal weights
            family = Mixture.of(answer.size(), s.family);
            parameters = new double[family.parameterCount()];
            int at = answer.size();
            for (Path path : answer) {
                double[] own = path.distribution.parameters();
                System.arraycopy(own, 0, parameters, at, own.length);
                at += own.length;
            }
        }
        List<Verdict.Finding> findings = new ArrayList<>();
        if (!s.searching) {
            addFailures(s, all, used.size(), findings);
        }
        return Outcome.of(family, parameters, s.target.count())
                .withTest(used.isEmpty() ? "" : summary(used))
                .withFindings(findings);
    }

    private void addFailures(State s, List<Path> all, int used, List<Verdict.Finding> findings) {
        if (used == paths) {
            return;
        }
        @Nullable String first = null;
        for (Path path : all) {
            first = first == null && !path.failure.isEmpty() ? path.failure : first;
        }
        findings.add(new Verdict.Finding(
                Verdict.Code.FAILED_STARTS,
                used == 0 ? Verdict.Level.UNRELIABLE : Verdict.Level.REWEIGHTED,
                String.format(
                        Locale.ROOT,
                        "%d of %d paths are left out%s%s",
                        paths - used,
                        paths,
                        s.missing == 0
                                ? ""
                                : ", " + s.missing + " because no starting point with a finite log density was found",
                        first == null ? "" : ": " + first)));
    }
}
