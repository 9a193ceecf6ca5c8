package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.random.RandomStreams;

/**
 * Laplace's approximation: the Gaussian at the highest mode found, with the inverse of the Hessian of {@code -log p}
 * there as its covariance.
 *
 * <p>The mode is the best end of several quasi-Newton paths, lanes of {@link BatchedLbfgs}, improved by one Newton step
 * with the Hessian. On the unconstrained scale the Jacobians of the transforms are part of the density, so that this
 * mode is not that of the density on the user's scale.
 *
 * <p>The Hessian comes from central differences of the gradient, two lanes a coordinate, 2 D gradients in all, and is
 * symmetrised. With steps of {@code eps^(1/4) = 1.2e-4} conditional standard deviations {@code 1 / sqrt(Hessian[i,i])}
 * its relative error is {@code 2e-9 f''''} by truncation (f'''' in the unit of these deviations) and at most 1e-8 by
 * rounding, where the gradient itself is right to 1e4 units in the last place; the conditional standard deviations are
 * first those of the quasi-Newton path, and a coordinate for which these were off by more than a factor of 10 is
 * differenced again.
 *
 * <p>The fit has converged if the best path ended with a Newton decrement {@code g'Hg} of at most 1e-8 (the search goes
 * on to 1e-14 where rounding lets it) and the Hessian, scaled to a unit diagonal, is positive definite by more than 10
 * times its own asymmetry, which shows its error. Where it is not, the answer has the covariance that the quasi-Newton
 * path suggests, and the verdict names the coordinates of the direction in which the density does not curve down.
 * Another mode that holds a part of the mass is reported too.
 *
 * <p>All randomness, that of the starts, comes from the task's seed; the objective's family and number of draws are not
 * used. Immutable and thread-safe.
 *
 * @see <a href="https://doi.org/10.1080/01621459.1986.10478240">Tierney and Kadane (1986), Accurate approximations for
 *     posterior moments and marginal densities</a>
 */
public final class Laplace implements Algorithm<Laplace.State> {

    /** The largest dimension: beyond it 2 D gradients and a D x D factorisation cost more than a variational fit. */
    public static final int MAX_DIMENSION = 2000;

    private static final double TOLERANCE = 1e-8;
    /** Ends the search: the Hessian is to be that at the mode, and changes in proportion to the distance from it. */
    private static final double FINE_TOLERANCE = 1e-14;

    private static final int MEMORY = 10;
    private static final double RANGE = 2;
    private static final double STEP = 1.2e-4;
    private static final double WRONG_STEP = 10;
    private static final int COLUMNS = 32;
    private static final double ROUNDING = 10;
    private static final double OTHER_MODE = 0.01;
    private static final double LARGE_OTHER_MODE = 0.1;
    private static final int NAMED = 5;

    private final int starts;
    private final int maxIterations;

    private Laplace(int starts, int maxIterations) {
        this.starts = starts;
        this.maxIterations = maxIterations;
    }

    /** The algorithm with its defaults: 4 starts, 1000 iterations. */
    public static Laplace create() {
        return new Laplace(4, 1000);
    }

    /**
     * The same with another number of starts.
     *
     * @param count at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public Laplace withStarts(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of starts must be at least 1, got " + count);
        }
        return new Laplace(count, maxIterations);
    }

    /**
     * The same with another number of iterations of the search for the mode, each an evaluation of the gradient at one
     * point of every path that still moves.
     *
     * @param iterations at least 1
     * @return a new algorithm
     * @throws IllegalArgumentException if it is less than 1
     */
    public Laplace withMaxIterations(int iterations) {
        if (iterations < 1) {
            throw new IllegalArgumentException("the number of iterations must be at least 1, got " + iterations);
        }
        return new Laplace(starts, iterations);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "Laplace, %d starts, %d iterations", starts, maxIterations);
    }

    private static boolean isAtMode(BatchedLbfgs.Path path) {
        return path.hasPairs() && path.decrement() <= TOLERANCE;
    }

    /** The state of a run; mutable, for one thread. */
    public static final class State {
        private final Task task;
        private final NegativeLogDensity target;
        private final BatchedLbfgs search;
        private final FullRankGaussian family;
        private int iteration;
        private boolean searching = true;
        private BatchedLbfgs.Path best;
        private double[] steps = {};
        private final DMatrixRMaj hessian = new DMatrixRMaj(0, 0);
        private final boolean[] flat;
        private int[] columns = {};
        private int next;
        private boolean again;
        private double @Nullable [] answer;
        private final List<Verdict.Finding> findings = new ArrayList<>();

        private State(Task task, NegativeLogDensity target, BatchedLbfgs search) {
            this.task = task;
            this.target = target;
            this.search = search;
            int d = task.target().dimension();
            this.family = FullRankGaussian.of(d);
            this.flat = new boolean[d];
            this.best = search.path(0);
            choose();
        }

        /** The lowest of the paths at a mode, or else of all. */
        private void choose() {
            for (int s = 0; s < search.count(); s++) {
                BatchedLbfgs.Path path = search.path(s);
                boolean ended = isAtMode(path);
                boolean bestEnded = isAtMode(best);
                if (ended == bestEnded ? path.value() < best.value() : ended) {
                    best = path;
                }
            }
        }

        private String name(int coordinate) {
            return task.objective().coordinates().name(coordinate);
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        ModeAlgorithms.requireGradientOfAllRows(task, "Laplace");
        int d = task.target().dimension();
        if (d > MAX_DIMENSION) {
            throw new IllegalArgumentException(
                    "Laplace needs the D x D Hessian, 2 D gradients and D^3 operations, and serves"
                            + " up to " + MAX_DIMENSION + " coordinates, but there are " + d
                            + ": use Pathfinder, or StochasticGradient with lowRank() or meanField()");
        }
        NegativeLogDensity target =
                new NegativeLogDensity(task.target(), task.objective().coordinates());
        RandomStreams streams = RandomStreams.of(task.seed()).child("laplace", 0);
        DMatrixRMaj points = ModeAlgorithms.find(task, target, streams, starts, RANGE, limits);
        return new State(task, target, new BatchedLbfgs(target, points, MEMORY, FINE_TOLERANCE));
    }

    @Override
    public Report step(State s) {
        Stop stop = null;
        if (s.searching) {
            boolean moving = s.search.step();
            s.iteration++;
            s.choose();
            if (!moving || s.iteration >= maxIterations) {
                s.searching = false;
                beginDifferences(s);
            }
        } else {
            stop = difference(s) ? finish(s) : null;
        }
        return new Report(
                s.best.value(),
                s.target.count(),
                s.searching ? "looking for modes" : "differencing the gradient",
                stop);
    }

    private static void beginDifferences(State s) {
        double[] diagonal = s.best.inverseHessian().diagonal();
        int d = diagonal.length;
        s.steps = new double[d];
        Arrays.setAll(s.steps, i -> STEP * Math.sqrt(diagonal[i]));
        s.columns = IntStream.range(0, d).toArray();
        s.hessian.reshape(d, d);
    }

    /** Differences the next few columns; returns whether all are done. */
    private static boolean difference(State s) {
        double[] mode = s.best.point();
        double[] atMode = s.best.gradient();
        int d = mode.length;
        int count = Math.min(COLUMNS, s.columns.length - s.next);
        DMatrixRMaj points = new DMatrixRMaj(d, 2 * count);
        for (int i = 0; i < d; i++) {
            Arrays.fill(points.data, i * 2 * count, (i + 1) * 2 * count, mode[i]);
        }
        for (int c = 0; c < count; c++) {
            int column = s.columns[s.next + c];
            points.add(column, 2 * c, s.steps[column]);
            points.add(column, 2 * c + 1, -s.steps[column]);
        }
        double[] values = new double[2 * count];
        DMatrixRMaj gradients = new DMatrixRMaj(d, 2 * count);
        s.target.evaluate(points, values, gradients);
        for (int c = 0; c < count; c++) {
            int column = s.columns[s.next + c];
            double width = points.get(column, 2 * c) - points.get(column, 2 * c + 1);
            boolean usable = Double.isFinite(values[2 * c]) && Double.isFinite(values[2 * c + 1]);
            for (int i = 0; i < d; i++) {
                double difference = gradients.get(i, 2 * c) - gradients.get(i, 2 * c + 1);
                s.hessian.set(i, column, usable ? difference / width : Double.NaN);
            }
            // what a straight gradient would make zero is rounding, or curvature beyond the second order
            double up = gradients.get(column, 2 * c) - atMode[column];
            double down = atMode[column] - gradients.get(column, 2 * c + 1);
            s.flat[column] = !(usable && up + down > ROUNDING * Math.abs(up - down));
        }
        s.next += count;
        if (s.next < s.columns.length) {
            return false;
        }
        if (s.again) {
            return true;
        }
        s.again = true;
        s.next = 0;
        s.columns = Arrays.stream(s.columns).filter(i -> rescale(s, i)).toArray();
        return s.columns.length == 0;
    }

    /** Sets a new step where the old one was far from what the Hessian asks for. */
    private static boolean rescale(State s, int column) {
        double wanted = STEP / Math.sqrt(Math.abs(s.hessian.get(column, column)));
        double ratio = wanted / s.steps[column];
        if (!Double.isFinite(wanted) || (ratio < WRONG_STEP && ratio > 1 / WRONG_STEP)) {
            return false;
        }
        s.steps[column] = wanted;
        return true;
    }

    private Stop finish(State s) {
        Curvature curvature = new Curvature(s.hessian, s.flat);
        Status status = Status.CONVERGED;
        String reason = String.format(
                Locale.ROOT,
                "the search ended at a mode with log density %.4g and Newton decrement %.1g, where the Hessian is"
                        + " positive definite",
                -s.best.value(),
                s.best.decrement());
        List<String> coordinates = List.of();
        if (!isAtMode(s.best)) {
            boolean limited = s.best.state() == BatchedLbfgs.State.MOVING;
            status = limited ? Status.MAX_ITERATIONS : Status.STALLED;
            reason = limited
                    ? "no mode was reached within " + maxIterations + " iterations"
                    : "no acceptable step was found on the way to a mode";
        }
        DMatrixRMaj covariance = curvature.inverse();
        if (covariance == null) {
            coordinates =
                    Arrays.stream(curvature.worst(NAMED)).mapToObj(s::name).toList();
            String text =
                    "the log density does not curve down in every direction at the mode, or could not be evaluated"
                            + " beside it; the direction is mostly that of "
                            + String.join(", ", coordinates)
                            + ": declare proper priors, or fit by another algorithm";
            status = status == Status.CONVERGED ? Status.STALLED : status;
            reason = status == Status.STALLED ? text : reason + "; " + text;
            s.findings.add(new Verdict.Finding(Verdict.Code.NOT_POSITIVE_DEFINITE, Verdict.Level.UNRELIABLE, text));
        } else {
            double[] gradient = s.best.gradient();
            double[] mean = s.best.point();
            for (int i = 0; i < mean.length; i++) {
                for (int j = 0; j < mean.length; j++) {
                    mean[i] -= covariance.get(i, j) * gradient[j];
                }
            }
            s.answer = s.family.parametersOf(mean, covariance);
            addOtherModes(s, s.family.member(s.answer));
        }
        return new Stop(
                status, reason, s.iteration, coordinates, s.target.count().rejected(), null);
    }

    /** Reports another mode that holds a part of the mass, by the curvature that its path has seen. */
    private static void addOtherModes(State s, GaussianDistribution answer) {
        double[] height = new double[1];
        double largest = 0;
        double logDensity = 0;
        DMatrixRMaj mode = new DMatrixRMaj(s.family.dimension(), 1, true, answer.mean());
        answer.logDensity(mode, height);
        double atMode = height[0];
        double own = -s.best.value() + answer.entropy();
        for (int k = 0; k < s.search.count(); k++) {
            BatchedLbfgs.Path path = s.search.path(k);
            if (path == s.best || !isAtMode(path)) {
                continue;
            }
            answer.logDensity(new DMatrixRMaj(s.family.dimension(), 1, true, path.point()), height);
            double[] there = approximation(s, path);
            // beyond one standard deviation it is not the same mode
            if (there != null && atMode - height[0] > 0.5) {
                double odds = Math.exp(-path.value() + s.family.member(there).entropy() - own);
                double share = Double.isInfinite(odds) ? 1 : odds / (1 + odds);
                if (share > largest) {
                    largest = share;
                    logDensity = -path.value();
                }
            }
        }
        if (largest > OTHER_MODE) {
            s.findings.add(new Verdict.Finding(
                    Verdict.Code.MISSED_MODE,
                    largest > LARGE_OTHER_MODE ? Verdict.Level.UNRELIABLE : Verdict.Level.REWEIGHTED,
                    String.format(
                            Locale.ROOT,
                            "another start has found a mode with log density %.4g (%.4g here) and about %.0f %% of the"
                                    + " mass, which the approximation does not cover: use Pathfinder, or a mixture",
                            logDensity,
                            -s.best.value(),
                            100 * largest)));
        }
    }

    /** The parameters by a path's own inverse Hessian; null if rounding has left it not positive definite. */
    private static double @Nullable [] approximation(State s, BatchedLbfgs.Path path) {
        try {
            return s.family.parametersOf(path.point(), path.inverseHessian().dense());
        } catch (IllegalArgumentException notPositiveDefinite) {
            return null;
        }
    }

    @Override
    public Outcome result(State s) {
        double[] parameters = s.answer == null ? approximation(s, s.best) : s.answer;
        if (parameters == null) {
            double[] sd = s.best.inverseHessian().diagonal();
            Arrays.setAll(sd, i -> Math.sqrt(sd[i]));
            parameters = s.family.initialParameters(s.best.point(), sd);
        }
        return Outcome.of(s.family, parameters, s.target.count())
                .withTest(String.format(Locale.ROOT, "the Newton decrement was last %.2g", s.best.decrement()))
                .withFindings(List.copyOf(s.findings));
    }
}
