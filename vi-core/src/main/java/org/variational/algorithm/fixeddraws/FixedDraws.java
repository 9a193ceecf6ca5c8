package org.variational.algorithm.fixeddraws;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.algorithm.search.Initialisation;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Rejection;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * Fixed draws (sample-average approximation): the evidence lower bound over draws whose noise never changes is a smooth
 * function, which Newton's method maximises to the last digit; then fresh sets of draws say how far that optimum is
 * from the one for all draws.
 *
 * <p>The steps are
 * <ol>
 *   <li>Newton's method with conjugate gradients in a trust region, until a full Newton step s is no longer than the
 *       tolerance in the norm of the Hessian, {@code sqrt(s' H s)}, in which a mean's shift by a conditional standard
 *       deviation is 1;
 *   <li>for each of {@value #FRESH_SETS} fresh sets of N draws, one Newton step to what would have been the optimum for
 *       them, {@code lambda_r = lambda - H^-1 grad F_r(lambda)}. The optimum and these are as many nearly independent
 *       estimates, whatever the dependence of the draws within a set. The answer is their mean, its Monte-Carlo error
 *       their standard deviation divided by the root of their number;
 *   <li>if the error of a mean, in standard deviations, or of the logarithm of a standard deviation is larger than
 *       allowed, twice as many draws, from the first step on;
 *   <li>if asked for, the covariance by {@link LinearResponse}, with which the answer is a full-rank Gaussian of the
 *       same mean.
 * </ol>
 *
 * <p>It minimises reverse KL over mean-field, low-rank, block and full-rank Gaussians, and needs the gradient of the
 * density. Draws are antithetic, with matched moments, unless set. A family that couples K coordinates needs more than
 * K draws of free choice: with fewer the objective has no minimum. Nothing looks at values of the objective, so that a
 * constant added to the log density changes nothing.
 *
 * @see <a href="https://arxiv.org/abs/2304.05527">Giordano, Ingram and Broderick (2024), Black box variational
 *     inference with a deterministic objective</a>, who use independent draws and the sandwich {@code H^-1 S H^-1 / (N
 *     - 1)} for the error, which does not hold for draws that depend on each other
 */
public final class FixedDraws implements Algorithm<FixedDraws.State> {

    private static final int DEFAULT_MOST_DRAWS = 1280;
    private static final double DEFAULT_TOLERANCE = 1e-3;
    private static final double DEFAULT_ERROR = 0.05;
    private static final int FRESH_SETS = 7;
    private static final int FEWEST_SETS = 4;
    /** The spread of single sets beyond which one Newton step does not reach their optimum. */
    private static final double LARGEST_SPREAD = 0.5;

    private static final int MAX_HALVINGS = 40;
    private static final double RUNAWAY = 27;
    private static final double MATERIAL_CORRECTION = 0.1;

    private final int draws;
    private final int mostDraws;
    private final FixedNoise source;
    private final double tolerance;
    private final double error;
    private final boolean linearResponse;

    private FixedDraws(
            int draws, int mostDraws, FixedNoise source, double tolerance, double error, boolean linearResponse) {
        this.draws = draws;
        this.mostDraws = mostDraws;
        this.source = source;
        this.tolerance = tolerance;
        this.error = error;
        this.linearResponse = linearResponse;
    }

    /**
     * The algorithm with its defaults: 20 draws, more where the family needs them, doubled up to 1,280 until the
     * Monte-Carlo error is at most 0.05; antithetic pairs with matched moments; tolerance 1e-3; no linear response.
     */
    public static FixedDraws create() {
        return new FixedDraws(
                0,
                DEFAULT_MOST_DRAWS,
                new FixedNoise(DrawScheme.antithetic(), true),
                DEFAULT_TOLERANCE,
                DEFAULT_ERROR,
                false);
    }

    /**
     * The same with another number of draws.
     *
     * @param first the number to begin with, at least 2
     * @param most the number beyond which it is not doubled, at least {@code first}
     * @return a new algorithm
     * @throws IllegalArgumentException if a number is out of range
     */
    public FixedDraws withDraws(int first, int most) {
        if (first < 2 || most < first) {
            throw new IllegalArgumentException(
                    "the first number of draws must be at least 2 and the most at least the first, got " + first
                            + " and " + most);
        }
        return new FixedDraws(first, most, source, tolerance, error, linearResponse);
    }

    /**
     * The same with draws that depend on each other in another way.
     *
     * @param scheme such as {@code DrawScheme.sobol()}
     * @param momentMatched whether the mean of every set is made 0 and its covariance, or where there are too few draws
     *     for that the variances, 1
     * @return a new algorithm
     */
    public FixedDraws withDrawScheme(DrawScheme scheme, boolean momentMatched) {
        FixedNoise other = new FixedNoise(Objects.requireNonNull(scheme, "scheme"), momentMatched);
        return new FixedDraws(draws, mostDraws, other, tolerance, error, linearResponse);
    }

    /**
     * The same with another tolerance for the optimum of fixed draws.
     *
     * @param newTolerance the length of the last Newton step in the norm of the Hessian, positive; the error left is of
     *     the order of its square
     * @return a new algorithm
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public FixedDraws withTolerance(double newTolerance) {
        if (!(newTolerance > 0) || Double.isInfinite(newTolerance)) {
            throw new IllegalArgumentException("the tolerance must be positive and finite, got " + newTolerance);
        }
        return new FixedDraws(draws, mostDraws, source, newTolerance, error, linearResponse);
    }

    /**
     * The same with another Monte-Carlo error.
     *
     * @param largest what is allowed of a mean, in standard deviations, and of the logarithm of a standard deviation;
     *     positive, infinity to accept the first number of draws
     * @return a new algorithm
     * @throws IllegalArgumentException if it is not positive
     */
    public FixedDraws withMonteCarloError(double largest) {
        if (!(largest > 0)) {
            throw new IllegalArgumentException("the Monte-Carlo error allowed must be positive, got " + largest);
        }
        return new FixedDraws(draws, mostDraws, source, tolerance, largest, linearResponse);
    }

    /**
     * The same with an answer that has the covariance by {@link LinearResponse}.
     *
     * @return a new algorithm, which serves up to {@link LinearResponse#MAX_DIMENSION} coordinates
     */
    public FixedDraws withLinearResponse() {
        return new FixedDraws(draws, mostDraws, source, tolerance, error, true);
    }

    @Override
    public String name() {
        return "fixed draws"
                + (draws > 0 ? ", " + draws + " to " + mostDraws : "")
                + (source.scheme() == DrawScheme.antithetic()
                        ? ""
                        : ", " + source.scheme().label())
                + (source.matched() ? "" : ", moments not matched")
                + String.format(Locale.ROOT, ", tolerance %s, Monte-Carlo error %s", tolerance, error)
                + (linearResponse ? ", linear response" : "");
    }

    /** The state of a run; mutable, for one thread. */
    public static final class State {
        private final Task task;
        private final Meter meter;
        private final VariationalFamily family;
        private final GaussianDistribution origin;
        private final int most;
        private int draws;
        private TrustRegionNewton newton;
        private FixedDrawObjective objective;
        private @Nullable OptimumCurvature curvature;
        private @Nullable OptimumCurvature damped;
        private final List<double[]> estimates = new ArrayList<>();
        private int nextSet;
        private long iteration;
        private VariationalFamily answerFamily;
        private double[] answer;
        private List<double[]> replicates = List.of();
        private List<String> drifting = List.of();
        private String test = "";
        private final List<Verdict.Finding> findings = new ArrayList<>();

        private State(
                Task task,
                Meter meter,
                GaussianDistribution origin,
                int draws,
                int most,
                FixedDrawObjective objective,
                TrustRegionNewton newton) {
            this.task = task;
            this.meter = meter;
            this.family = origin.family();
            this.origin = origin;
            this.draws = draws;
            this.most = most;
            this.objective = objective;
            this.newton = newton;
            this.answerFamily = family;
            this.answer = newton.parameters();
        }
    }

    /** Refuses what Newton's method on fixed draws cannot serve. */
    static void checkServed(LogDensity target, CoordinateSplit split, VariationalFamily family) {
        if (!Whitening.serves(family)) {
            throw new IllegalArgumentException("fixed draws and linear response serve mean-field, low-rank, block and"
                    + " full-rank Gaussians, but the family is " + family.name()
                    + ": choose one of these, or the stochastic gradient algorithm");
        }
        if (split.optimisedCount() > 0) {
            throw new IllegalArgumentException("fixed draws and linear response are for inferred coordinates, but \""
                    + split.name(split.optimisedIndex(0))
                    + "\" is optimised: give it a prior, or use the stochastic gradient algorithm");
        }
        if (target.dimension() != family.dimension()) {
            throw new IllegalArgumentException("the density has " + target.dimension() + " coordinates, the family "
                    + family.dimension() + ": pass a fit of this density");
        }
        if (!target.hasGradient()) {
            throw new IllegalArgumentException(
                    "fixed draws and linear response need the gradient of the log density, which gives values only:"
                            + " supply a gradient, or use the stochastic gradient algorithm");
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        VariationalFamily family = task.objective().family();
        checkServed(task.target(), task.objective().coordinates(), family);
        if (!task.objective().schedule().isReverseKl()) {
            throw new IllegalArgumentException(
                    "fixed draws minimise reverse KL to the target itself, but the divergence"
                            + " is " + task.objective().schedule().name()
                            + ": use reverseKl(), or the stochastic gradient algorithm");
        }
        if (task.minibatch() > 0) {
            throw new IllegalArgumentException("fixed draws need all data rows in every evaluation, but minibatches of "
                    + task.minibatch() + " were set: leave them out, or use the stochastic gradient algorithm");
        }
        if (linearResponse && family.dimension() > LinearResponse.MAX_DIMENSION) {
            throw new IllegalArgumentException(
                    "a linear-response covariance is for up to " + LinearResponse.MAX_DIMENSION
                            + " coordinates, but there are " + family.dimension()
                            + ": leave withLinearResponse() out, and ask LinearResponse for the functions that matter");
        }
        int first = draws > 0 ? draws : source.defaultDraws(family);
        source.check(family, first);
        Initialisation search =
                new Initialisation(task, RandomStreams.of(task.seed()).generator("start", 0), limits);
        Task.Start place = search.find();
        Meter meter = new Meter(limits);
        meter.add(search.count());
        return begin(task, meter, place, first);
    }

    /** Starts Newton's method where all draws can be evaluated, with smaller scales if need be. */
    private State begin(Task task, Meter meter, Task.Start place, int first) {
        VariationalFamily family = task.objective().family();
        double[] mean = place.mean();
        double[] sd = Objects.requireNonNull(place.standardDeviation());
        GaussianDistribution origin = FixedDrawObjective.member(family, family.initialParameters(mean, sd));
        FixedDrawObjective objective = objective(task, meter, origin, first, 0);
        for (int halving = 0; halving <= MAX_HALVINGS; halving++) {
            TrustRegionNewton newton = new TrustRegionNewton(objective, tolerance, family.initialParameters(mean, sd));
            if (newton.begin()) {
                return new State(task, meter, origin, first, Math.max(first, mostDraws), objective, newton);
            }
            Status limit = meter.reached();
            if (limit != null) {
                throw FitException.beforeStart(limit, meter.budget(), meter.count(), meter.firstRejection());
            }
            for (int i = 0; i < sd.length; i++) {
                sd[i] /= 2;
            }
        }
        Rejection rejection = meter.firstRejection();
        throw new FitException(
                new Stop(
                        Status.INVALID_MODEL,
                        "the density could not be evaluated at all draws around the starting point"
                                + (rejection == null ? "" : ": " + rejection),
                        0,
                        List.of(),
                        meter.count().rejected(),
                        rejection == null ? null : rejection.cause()),
                rejection == null ? null : rejection.point());
    }

    private FixedDrawObjective objective(Task task, Meter meter, GaussianDistribution q, int count, int set) {
        return new FixedDrawObjective(
                new GuardedDensity(task.target(), task.objective().coordinates()),
                q.family(),
                source.set(RandomStreams.of(task.seed()), q, count, set),
                meter);
    }

    @Override
    public Report step(State s) {
        s.iteration++;
        double loss = s.newton.value();
        String phase = s.draws + " draws";
        Stop stop;
        if (s.curvature == null || s.damped == null) {
            TrustRegionNewton.Result result = s.newton.iterate();
            loss = result == TrustRegionNewton.Result.REJECTED ? Double.NaN : s.newton.value();
            stop = afterNewton(s, result);
        } else {
            phase += ", fresh set " + s.nextSet;
            stop = s.nextSet <= FRESH_SETS ? refine(s, s.damped) : conclude(s, s.curvature);
        }
        return new Report(loss, s.meter.count(), phase, stop);
    }

    private @Nullable Stop afterNewton(State s, TrustRegionNewton.Result result) {
        s.answer = s.newton.parameters();
        s.test = String.format(
                Locale.ROOT, "with %d draws the last Newton step has the length %.2g", s.draws, s.newton.lastStep());
        switch (result) {
            case MOVED:
                return runaway(s);
            case CONVERGED:
                int solves = FRESH_SETS + (linearResponse ? s.family.dimension() : 0);
                s.curvature = OptimumCurvature.at(s.objective, s.answer, s.newton.gradient(), solves);
                s.damped = s.curvature.damped();
                s.estimates.clear();
                s.estimates.add(s.answer.clone());
                s.nextSet = 1;
                return null;
            case STALLED:
                return stop(
                        s,
                        Status.STALLED,
                        "no step, however small, improves the bound further: it may have a jump there, as at an"
                                + " undeclared bound of a parameter",
                        List.of());
            default:
                return null;
        }
    }

    /** Ends a fit that runs away: no minimum exists in the direction of some coordinate. */
    private static @Nullable Stop runaway(State s) {
        GaussianDistribution q = s.objective.member(s.answer);
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        double[] firstMean = s.origin.mean();
        double[] firstSd = s.origin.standardDeviation();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < mean.length; i++) {
            double shift = Math.log(Math.abs(mean[i] - firstMean[i]) / Math.max(firstSd[i], sd[i]));
            if (Math.abs(Math.log(sd[i] / firstSd[i])) > RUNAWAY || shift > RUNAWAY) {
                names.add(s.task.objective().coordinates().name(i));
            }
        }
        if (names.isEmpty()) {
            return null;
        }
        s.drifting = names;
        return stop(
                s,
                Status.DIVERGED,
                "the approximation runs away or collapses in " + String.join(", ", names)
                        + ": the posterior may be improper or unbounded there",
                names);
    }

    private static Stop stop(State s, Status status, String reason, List<String> names) {
        Rejection rejection = s.meter.firstRejection();
        return new Stop(
                status,
                reason,
                s.iteration,
                names,
                s.meter.count().rejected(),
                rejection == null || status == Status.CONVERGED ? null : rejection.cause());
    }

    /** One Newton step to the optimum of a fresh set of draws. */
    private @Nullable Stop refine(State s, OptimumCurvature curvature) {
        if (!curvature.failure().isEmpty()) {
            return s.meter.exhausted() ? null : unknownError(s, curvature.failure());
        }
        double[] optimum = s.newton.parameters();
        GaussianDistribution q = s.objective.member(optimum);
        FixedDrawObjective fresh = objective(s.task, s.meter, q, s.draws, s.nextSet++);
        int n = optimum.length;
        double[] gradient = new double[n];
        double[] right = new double[n];
        double[] step = new double[n];
        if (!fresh.evaluate(optimum, gradient)) {
            return null;
        }
        curvature.whitening().pull(gradient, right);
        if (curvature.solve(right, step)) {
            curvature.whitening().push(step, gradient);
            for (int k = 0; k < n; k++) {
                gradient[k] = optimum[k] - gradient[k];
            }
            s.estimates.add(gradient);
        }
        return null;
    }

    private static Stop unknownError(State s, String why) {
        return stop(s, Status.STALLED, "the Monte-Carlo error of the optimum is not known: " + why, List.of());
    }

    /** The answer, if its error is small enough; more draws, if it is not. */
    private @Nullable Stop conclude(State s, OptimumCurvature curvature) {
        int sets = s.estimates.size();
        if (sets < FEWEST_SETS) {
            return unknownError(
                    s,
                    "the density could not be evaluated at draws of " + (FRESH_SETS + 1 - sets) + " of " + FRESH_SETS
                            + " fresh sets");
        }
        double[] mean = new double[s.answer.length];
        for (double[] estimate : s.estimates) {
            FixedDrawObjective.addScaled(1.0 / sets, estimate, mean);
        }
        double spread = FixedNoise.spread(s.family, s.estimates);
        double reached = spread / Math.sqrt(sets);
        s.test = String.format(
                Locale.ROOT,
                "with %d draws the Monte-Carlo error of the optimum is %.2g standard deviations, %s allowed",
                s.draws,
                reached,
                error);
        boolean accurate = reached <= error && (spread <= LARGEST_SPREAD || Double.isInfinite(error));
        if (!accurate && 2 * s.draws <= s.most) {
            return withTwiceTheDraws(s);
        }
        s.answer = mean;
        s.replicates = List.copyOf(s.estimates);
        warnOfFewDraws(s);
        if (linearResponse && !correct(s, curvature) && s.meter.exhausted()) {
            return null;
        }
        return accurate
                ? stop(
                        s,
                        Status.CONVERGED,
                        String.format(
                                Locale.ROOT,
                                "the optimum for %d fixed draws was reached, and its Monte-Carlo error is at most %.2g"
                                        + " standard deviations",
                                s.draws,
                                reached),
                        List.of())
                : stop(
                        s,
                        Status.STALLED,
                        "the optimum was reached, but with the largest number of draws allowed it is not accurate"
                                + " enough",
                        List.of());
    }

    private @Nullable Stop withTwiceTheDraws(State s) {
        s.draws *= 2;
        double[] from = s.newton.parameters();
        s.objective = objective(s.task, s.meter, s.objective.member(from), s.draws, 0);
        s.newton = new TrustRegionNewton(s.objective, tolerance, from);
        s.curvature = null;
        if (!s.newton.begin()) {
            return stop(
                    s,
                    Status.STALLED,
                    "the density could not be evaluated at some of " + s.draws
                            + " draws around the optimum for half as many",
                    List.of());
        }
        return null;
    }

    private void warnOfFewDraws(State s) {
        int coupled = FixedNoise.coupled(s.family);
        if (coupled > 1 && source.degrees(s.draws) < 2 * coupled) {
            s.findings.add(new Verdict.Finding(
                    Verdict.Code.FEW_DRAWS,
                    Verdict.Level.REWEIGHTED,
                    String.format(
                            Locale.ROOT,
                            "%d draws hardly determine a %s of dimension %d: use at least %d",
                            s.draws,
                            s.family.name(),
                            s.family.dimension(),
                            source.drawsFor(2 * coupled))));
        }
    }

    /** Puts the covariance by linear response in place of the family's own; false if there is none. */
    private static boolean correct(State s, OptimumCurvature curvature) {
        LinearResponse response = LinearResponse.at(s.objective, s.newton.parameters(), curvature);
        GaussianDistribution fitted = s.objective.member(s.answer);
        Optional<FullRankGaussian.Member> corrected = response.corrected(fitted.mean());
        if (corrected.isEmpty()) {
            s.findings.add(new Verdict.Finding(
                    Verdict.Code.LINEAR_RESPONSE,
                    Verdict.Level.REWEIGHTED,
                    "there is no covariance by linear response, and the one of the " + s.family.name()
                            + " is given instead: " + response.problem()));
            return false;
        }
        double[] before = fitted.standardDeviation();
        double[] after = corrected.get().standardDeviation();
        double largest = 0;
        for (int i = 0; i < before.length; i++) {
            largest = Math.max(largest, Math.abs(after[i] / before[i] - 1));
        }
        if (largest > MATERIAL_CORRECTION) {
            s.findings.add(new Verdict.Finding(
                    Verdict.Code.LINEAR_RESPONSE,
                    Verdict.Level.GOOD,
                    String.format(
                            Locale.ROOT,
                            "linear response changes a standard deviation of the %s by up to %.0f %%",
                            s.family.name(),
                            100 * largest)));
        }
        double[] parameters = corrected.get().parameters();
        List<double[]> replicates = new ArrayList<>();
        for (double[] estimate : s.estimates) {
            double[] replicate = parameters.clone();
            System.arraycopy(s.objective.member(estimate).mean(), 0, replicate, 0, before.length);
            replicates.add(replicate);
        }
        s.answerFamily = corrected.get().family();
        s.answer = parameters;
        s.replicates = replicates;
        return true;
    }

    @Override
    public Outcome result(State s) {
        return Outcome.of(s.answerFamily, s.answer.clone(), s.meter.count())
                .withReplicates(s.replicates)
                .withDrifting(s.drifting)
                .withTest(s.test)
                .withFindings(List.copyOf(s.findings));
    }
}
