package org.variational.algorithm.fixeddraws;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * The covariance that a Gaussian approximation implies by how its mean responds to a change of the posterior.
 *
 * <p>Tilting the posterior to {@code p(theta) exp(t'theta)} moves its mean by {@code Cov(theta) t}. The approximation,
 * fitted anew, moves its mean by {@code J H^-1 J' t}, where H is the Hessian of the negative evidence lower bound by
 * the family's parameters eta at their optimum and {@code J = d E_q[theta] / d eta}. So {@code J H^-1 J'} estimates the
 * covariance: exactly for a Gaussian posterior, whatever the family, where the mean-field family's own variances are
 * too small.
 *
 * <p>It is defined at an optimum only. The bound is taken over fixed draws, and before anything else the fit is moved
 * to the optimum for these draws by Newton's method; {@link #moved()} says how far that was. J has the term by the mean
 * of the draws too, without which the covariance is off by its Monte-Carlo error. Where the Hessian is not positive
 * definite, there is no answer, and {@link #problem()} says so.
 *
 * <p>Holds scratch space and the density: for one thread.
 *
 * @see <a href="https://arxiv.org/abs/1709.02536">Giordano, Broderick and Jordan (2018), Covariances, robustness and
 *     variational Bayes</a>
 * @see <a href="https://arxiv.org/abs/2304.05527">Giordano, Ingram and Broderick (2024), Black box variational
 *     inference with a deterministic objective</a>, whose responses are those of the mean-field family
 */
public final class LinearResponse {

    /** The largest dimension for which a covariance matrix is formed. */
    public static final int MAX_DIMENSION = 1000;

    private static final double TOLERANCE = 1e-3;
    private static final int MAX_ITERATIONS = 100;
    private static final Limits NONE = Limits.ofEvaluations(Long.MAX_VALUE);

    private final FixedDrawObjective objective;
    private final double[] parameters;
    private final OptimumCurvature curvature;
    private final double moved;
    private final DMatrixRMaj meanNoise;
    private String failure = "";

    private LinearResponse(
            FixedDrawObjective objective, double[] parameters, OptimumCurvature curvature, double moved) {
        this.objective = objective;
        this.parameters = parameters.clone();
        this.curvature = curvature;
        this.moved = moved;
        this.meanNoise = meanOf(objective.noise());
    }

    /**
     * The response of a fit of a log density.
     *
     * @param target the log density, with gradient
     * @param layout its coordinates, all inferred
     * @param fit the fitted Gaussian, in the target's coordinates
     * @param draws the number of fixed draws; 0 for a number by the family
     * @param seed the seed of the draws
     * @return the response; whether there is one is said by {@link #problem()}
     * @throws IllegalArgumentException if the density has no gradient, the family no coordinates to work in, the
     *     dimensions differ, coordinates are optimised rather than inferred, or there are too few draws for the family
     */
    public static LinearResponse of(
            LogDensity target, ParameterLayout layout, GaussianDistribution fit, int draws, long seed) {
        return of(target, layout, fit, draws, seed, NONE);
    }

    /**
     * The response of a fit within a larger fit, which counts its evaluations and may end it.
     *
     * @param task the target and the seed
     * @param fit the fitted Gaussian
     * @param draws the number of fixed draws; 0 for a number by the family
     * @param limits looked at between evaluations
     * @return the response; whether there is one is said by {@link #problem()}
     * @throws IllegalArgumentException as {@link #of(LogDensity, ParameterLayout, GaussianDistribution, int, long)}
     */
    public static LinearResponse of(Task task, GaussianDistribution fit, int draws, Limits limits) {
        return of(task.target(), task.layout(), fit, draws, task.seed(), limits);
    }

    private static LinearResponse of(
            LogDensity target, ParameterLayout layout, GaussianDistribution fit, int draws, long seed, Limits limits) {
        Objects.requireNonNull(limits, "limits");
        VariationalFamily family = fit.family();
        CoordinateSplit split = CoordinateSplit.of(layout);
        FixedDraws.checkServed(target, split, family);
        FixedNoise source = new FixedNoise(DrawScheme.antithetic(), true);
        int count = draws > 0 ? draws : source.defaultDraws(family);
        source.check(family, count);
        RandomStreams streams = RandomStreams.of(seed).child("linear response", 0);
        FixedDrawObjective objective = new FixedDrawObjective(
                new GuardedDensity(target, split), family, source.set(streams, fit, count, 0), new Meter(limits));
        TrustRegionNewton newton = new TrustRegionNewton(objective, TOLERANCE, fit.parameters());
        String unreached = polish(newton, objective.meter());
        double[] optimum = newton.parameters();
        double moved = distance(fit, objective.member(optimum));
        int solves = Math.min(family.dimension(), MAX_DIMENSION);
        // without an optimum there is nothing to be known of the curvature at it
        OptimumCurvature curvature = unreached.isEmpty()
                ? OptimumCurvature.at(objective, optimum, newton.gradient(), solves)
                : OptimumCurvature.unknown(objective, optimum, unreached);
        return new LinearResponse(objective, optimum, curvature, moved);
    }

    /** The response at an optimum already found. */
    static LinearResponse at(FixedDrawObjective objective, double[] optimum, OptimumCurvature curvature) {
        return new LinearResponse(objective, optimum, curvature, 0);
    }

    /** Moves to the optimum; says why it was not reached, or nothing. */
    private static String polish(TrustRegionNewton newton, Meter meter) {
        if (!newton.begin()) {
            return "the density could not be evaluated at draws from the fit"
                    + (meter.firstRejection() == null ? "" : ": " + meter.firstRejection());
        }
        for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
            switch (newton.iterate()) {
                case CONVERGED:
                    return "";
                case SPENT:
                    return "the limits of the fit were reached before the optimum was";
                case STALLED:
                    return "no optimum was found near the fit";
                default:
                    break;
            }
        }
        return "no optimum was found near the fit within " + MAX_ITERATIONS + " Newton iterations";
    }

    /** The largest change of a mean in standard deviations, or of a logarithm of a standard deviation. */
    static double distance(GaussianDistribution from, GaussianDistribution to) {
        double[] mean = to.mean();
        double[] sd = to.standardDeviation();
        double[] oldMean = from.mean();
        double[] oldSd = from.standardDeviation();
        double largest = 0;
        for (int i = 0; i < mean.length; i++) {
            largest = Math.max(largest, Math.abs(mean[i] - oldMean[i]) / sd[i]);
            largest = Math.max(largest, Math.abs(Math.log(sd[i] / oldSd[i])));
        }
        return largest;
    }

    private static DMatrixRMaj meanOf(DMatrixRMaj noise) {
        DMatrixRMaj mean = new DMatrixRMaj(noise.numRows, 1);
        for (int i = 0, at = 0; i < noise.numRows; i++) {
            for (int s = 0; s < noise.numCols; s++, at++) {
                mean.data[i] += noise.data[at] / noise.numCols;
            }
        }
        return mean;
    }

    /**
     * Why there is no answer.
     *
     * @return a sentence without a full stop; empty if nothing stood in the way so far
     */
    public String problem() {
        return failure.isEmpty() ? curvature.failure() : failure;
    }

    /**
     * How far the optimum for the fixed draws is from the fit: the largest change of a mean, in standard deviations, or
     * of the logarithm of a standard deviation. It is the Monte-Carlo error of the fit and of the draws where the fit
     * has converged under reverse KL; a large number says that the response is that of another approximation.
     *
     * @return a number of at least 0, up to where the search ended if no optimum was found
     */
    public double moved() {
        return moved;
    }

    /**
     * The density evaluations made so far.
     *
     * @return the points evaluated
     */
    public long evaluations() {
        return objective.meter().count().made();
    }

    /**
     * Those of the evaluations that could not be used.
     *
     * @return at most {@link #evaluations()}
     */
    public long rejectedEvaluations() {
        return objective.meter().count().rejected();
    }

    /**
     * The covariance of all coordinates.
     *
     * @return a new symmetric positive definite D x D matrix; empty if there is none, which {@link #problem()} explains
     * @throws IllegalArgumentException if the dimension is larger than {@link #MAX_DIMENSION}
     */
    public Optional<DMatrixRMaj> covariance() {
        int d = objective.family().dimension();
        if (d > MAX_DIMENSION) {
            throw new IllegalArgumentException("a linear-response covariance of " + d + " coordinates takes " + d
                    + " solutions of a linear system and a matrix of that size; the limit is " + MAX_DIMENSION
                    + ". Ask for the standard deviations of the functions that matter by standardDeviation(slope)");
        }
        DMatrixRMaj covariance = new DMatrixRMaj(d, d);
        double[] unit = new double[d];
        for (int j = 0; j < d; j++) {
            Arrays.fill(unit, 0);
            unit[j] = 1;
            double[] column = respond(unit);
            if (column.length == 0) {
                return Optional.empty();
            }
            for (int i = 0; i < d; i++) {
                covariance.data[i * d + j] += 0.5 * column[i];
                covariance.data[j * d + i] += 0.5 * column[i];
            }
        }
        return Optional.of(covariance);
    }

    /**
     * The standard deviation of a function of the coordinates with the given slope at the mean,
     * {@code sqrt(slope' J H^-1 J' slope)}: one linear system, at any dimension.
     *
     * @param slope D numbers, the gradient of the function
     * @return the standard deviation; empty if there is none, which {@link #problem()} explains
     * @throws IllegalArgumentException if the length is wrong or a number is not finite
     */
    public OptionalDouble standardDeviation(double[] slope) {
        int d = objective.family().dimension();
        if (slope.length != d) {
            throw new IllegalArgumentException("the slope has one entry for each of the " + d + " coordinates, but "
                    + slope.length + " were given");
        }
        for (int i = 0; i < d; i++) {
            if (!Double.isFinite(slope[i])) {
                throw new IllegalArgumentException("slope[" + i + "] must be finite, got " + slope[i]);
            }
        }
        double[] response = respond(slope);
        if (response.length == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(Math.sqrt(Math.max(0, FixedDrawObjective.dot(slope, response))));
    }

    /**
     * The Gaussian with a mean of choice and this covariance.
     *
     * @param mean D numbers, such as the mean of the fit
     * @return a member of the full-rank family; empty if there is no covariance, which {@link #problem()} explains
     * @throws IllegalArgumentException if the dimension is larger than {@link #MAX_DIMENSION}, or not that of the mean
     */
    public Optional<FullRankGaussian.Member> corrected(double[] mean) {
        Optional<DMatrixRMaj> covariance = covariance();
        if (covariance.isEmpty()) {
            return Optional.empty();
        }
        FullRankGaussian family = FullRankGaussian.of(objective.family().dimension());
        if (!isPositiveDefinite(covariance.get())) {
            failure = "the covariance by linear response is not positive definite";
            return Optional.empty();
        }
        return Optional.of(family.member(family.parametersOf(mean, covariance.get())));
    }

    private static boolean isPositiveDefinite(DMatrixRMaj matrix) {
        return !MatrixFeatures_DDRM.hasUncountable(matrix) && MatrixFeatures_DDRM.isPositiveDefinite(matrix);
    }

    /** {@code J H^-1 J' slope}, or nothing. */
    private double[] respond(double[] slope) {
        if (!problem().isEmpty()) {
            return new double[0];
        }
        int n = parameters.length;
        double[] right = new double[n];
        double[] x = new double[n];
        meanGradient(slope, right);
        curvature.whitening().pull(right, x);
        System.arraycopy(x, 0, right, 0, n);
        if (!curvature.solve(right, x)) {
            return new double[0];
        }
        double[] delta = new double[n];
        curvature.whitening().push(x, delta);
        return meanChange(delta);
    }

    /** {@code J' slope}: draws are linear in their noise, so that their mean is the draw of the mean noise. */
    private void meanGradient(double[] slope, double[] gradient) {
        int d = slope.length;
        DMatrixRMaj point = new DMatrixRMaj(d, 1);
        GaussianDistribution q = shifted(new double[parameters.length], 0);
        q.sample(meanNoise, point);
        q.addPathGradient(meanNoise, point, new DMatrixRMaj(d, 1, true, slope), gradient);
    }

    /** {@code J delta}. */
    private double[] meanChange(double[] delta) {
        int d = objective.family().dimension();
        double largest = 0;
        for (int k = d; k < delta.length; k++) {
            largest = Math.max(largest, Math.abs(delta[k]));
        }
        double[] change = Arrays.copyOf(delta, d);
        if (largest > 0) {
            double step = FixedDrawObjective.DIFFERENCE / largest;
            DMatrixRMaj above = new DMatrixRMaj(d, 1);
            DMatrixRMaj below = new DMatrixRMaj(d, 1);
            shifted(delta, step).sample(meanNoise, above);
            shifted(delta, -step).sample(meanNoise, below);
            for (int i = 0; i < d; i++) {
                change[i] += (above.data[i] - below.data[i]) / (2 * step);
            }
        }
        return change;
    }

    /** The member at {@code step} along {@code delta}, with mean 0. */
    private GaussianDistribution shifted(double[] delta, double step) {
        int d = objective.family().dimension();
        double[] at = new double[parameters.length];
        for (int k = d; k < at.length; k++) {
            at[k] = parameters[k] + step * delta[k];
        }
        return objective.member(at);
    }
}
