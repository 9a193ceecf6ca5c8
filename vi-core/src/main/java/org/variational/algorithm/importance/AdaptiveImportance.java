package org.variational.algorithm.importance;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.density.Matrices;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.Mixture;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.weights.LogWeights;
import org.variational.weights.ParetoSmoothing;

/**
 * Adaptive multiple importance sampling: a mixture of multivariate t distributions with 5 degrees of freedom that comes
 * closer to a density with every batch of draws from it, until its own draws have weights that can be relied on.
 *
 * <p>In every step draws are made from the mixture q_t and the density p is evaluated there. All draws so far, of all
 * mixtures, get the weights
 * <pre>{@code
 *   w(x) = p(x) / sum over t of n_t q_t(x)
 * }</pre>
 * with n_t the number of draws from q_t. To these weighted points the next mixture is fitted by expectation
 * maximisation. Weights worth fewer than 3 (D + 1) draws are raised to a power below 1 at which they are worth that
 * many, and scale matrices are held to their earlier values as if these were known from D + 1 draws, so that no
 * mixture collapses onto a few draws. A component with less than a thousandth of the mass is left out. One or two are
 * added, up to 16, where the density exceeds the mixture most, if that raises the mean log likelihood by more than
 * as many parameters gain by chance.
 *
 * <p>The goal is reached when draws of one mixture alone, made after it was fitted, have a Pareto shape below 0.35
 * and are worth the wanted number of draws; all that a {@link Result} says rests on these. The bound is below 0.5 since
 * the first shape of several that is low is so by chance too often. A mixture is kept as long as what it still needs
 * costs less than what a better one is predicted to cost.
 *
 * <p>The number of evaluations grows with the dimension and with how far the density is from a t distribution. For a
 * goal of 1000 (300) effective draws from a start with the right place and scale, means over Gaussian, heavy-tailed,
 * skewed, twisted, funnel-shaped and multimodal densities were 1300 (400) evaluations in one dimension, 1900 (700) in
 * two, 3400 (1600) in five and 6400 (3100) in ten; a Gaussian takes 1200, 1400, 2100 and 3500 for 1000, and the worst
 * funnel in ten dimensions took 23,000. Nothing but values is evaluated. What no draw comes near, such as a mode
 * without a component nearby or the far ends of a thin arc, is not found, and the weights do not show that it is
 * missing.
 *
 * <p>The result follows from the density, the starts, the goal and the streams alone. Mutable, for one thread.
 *
 * @see <a href="https://doi.org/10.1111/j.1467-9469.2011.00756.x">Cornuet, Marin, Mira and Robert (2012), Adaptive
 *     multiple importance sampling</a>, arXiv:0907.1254
 * @see <a href="https://doi.org/10.1016/j.jeconom.2012.06.011">Hoogerheide, Opschoor and van Dijk (2012), A class of
 *     adaptive importance sampling weighted EM algorithms</a>, for new components where the weights are largest
 */
public final class AdaptiveImportance {

    /** A shape of the weights of some draws below this promises one below 0.5 of others. */
    private static final double RELIABLE = 0.35;

    private static final int DRAWS_PER_COORDINATE = 40;

    /** The most points evaluated together. */
    private static final int LANES = 64;

    private static final int MIXTURES_OF_A_SIZE = 6;

    /** A step that only adds draws makes at most so many times as many. */
    private static final int LARGEST_STEP = 10;

    /** More than the predicted number of draws, which is uncertain. */
    private static final double MARGIN = 1.1;

    /** The part of what a new mixture promises on the draws it was fitted to that is believed. */
    private static final double BELIEVED = 0.7;

    /** A mixture whose draws are worth more than this does not need more components. */
    private static final double CLOSE = 0.9;

    private static final int FEWEST_EVALUATIONS = 10;

    /** A log density of which values are known, up to a constant. */
    @FunctionalInterface
    public interface Target {
        /**
         * Writes the log density at S points.
         *
         * @param points D x S, read only; S is at most 64
         * @param logDensity S numbers to be filled; {@code -Infinity} where the density is zero. NaN and
         *     {@code +Infinity} count as rejected and are taken for zero
         */
        void evaluate(DMatrixRMaj points, double[] logDensity);
    }

    /**
     * A component of the first mixture.
     *
     * @param mean D finite numbers, such as a mode
     * @param covariance D x D, positive definite, such as the inverse curvature there; it becomes the scale matrix, so
     *     that the component is wider than a Gaussian with this covariance
     * @param weight its share, positive; relative to those of the others
     */
    public record Component(double[] mean, DMatrixRMaj covariance, double weight) {

        /**
         * Copies and checks.
         *
         * @throws IllegalArgumentException if a number is not finite or a shape, the covariance or the weight is not as
         *     stated
         */
        public Component {
            mean = mean.clone();
            covariance = covariance.copy();
            for (int i = 0; i < mean.length; i++) {
                if (!Double.isFinite(mean[i])) {
                    throw new IllegalArgumentException(
                            "the mean of a component must be finite, but coordinate " + i + " is " + mean[i]);
                }
            }
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException(
                        "the weight of a component must be positive and finite, got " + weight);
            }
            FullRankGaussian.of(mean.length).parametersOf(mean, covariance);
        }

        /** The component with the moments of a Gaussian. */
        public static Component of(GaussianDistribution gaussian, double weight) {
            return new Component(gaussian.mean(), gaussian.covariance(), weight);
        }

        @Override
        public double[] mean() {
            return mean.clone();
        }

        @Override
        public DMatrixRMaj covariance() {
            return covariance.copy();
        }
    }

    /**
     * What is wanted, and what it may cost.
     *
     * @param effectiveDraws the number of independent draws that those of the last mixture are to be worth, at least 1
     * @param evaluations the most evaluations of the density, at least 10
     */
    public record Goal(int effectiveDraws, long evaluations) {

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if one is too small
         */
        public Goal {
            if (effectiveDraws < 1) {
                throw new IllegalArgumentException(
                        "the number of effective draws must be at least 1, got " + effectiveDraws);
            }
            if (evaluations < FEWEST_EVALUATIONS) {
                throw new IllegalArgumentException(
                        "the number of evaluations must be at least " + FEWEST_EVALUATIONS + ", got " + evaluations);
            }
        }
    }

    /**
     * What the draws of the last mixture say.
     *
     * @param distribution the mixture
     * @param points its draws, D x S
     * @param logWeights {@code log p - log q} at the draws; {@code -Infinity} where the density is zero
     * @param logEvidence the logarithm of the integral of the density; {@code -Infinity} if all weights are zero
     * @param logEvidenceError its standard error, by the variance of the weights
     * @param effectiveSampleSize what the draws are worth, {@code (sum w)^2 / sum w^2}
     * @param kHat the Pareto shape of the weights; NaN if unknown
     * @param evaluations the evaluations made, for all mixtures
     * @param rejected those of them that gave NaN or {@code +Infinity}
     * @param reached whether the goal is reached
     */
    public record Result(
            Mixture.Member distribution,
            DMatrixRMaj points,
            double[] logWeights,
            double logEvidence,
            double logEvidenceError,
            double effectiveSampleSize,
            double kHat,
            long evaluations,
            long rejected,
            boolean reached) {

        /** The weights of the draws, with sum 1. */
        public double[] weights() {
            double total = LogWeights.logSumExp(logWeights);
            double[] weights = new double[logWeights.length];
            for (int s = 0; s < weights.length; s++) {
                weights[s] = Math.exp(logWeights[s] - total);
            }
            return weights;
        }

        /** The mean of the density, by weight. */
        public double[] mean() {
            return cloud().mean();
        }

        /** The covariance of the density, by weight; D x D. */
        public DMatrixRMaj covariance() {
            Cloud cloud = cloud();
            return cloud.covariance(cloud.mean());
        }

        private Cloud cloud() {
            return new Cloud(points, weights(), logWeights);
        }

        /**
         * The mixture moved and stretched so that its mean and covariance are those of the density.
         *
         * @throws IllegalArgumentException if the weighted draws have no positive definite covariance
         */
        public Mixture.Member matched() {
            return new StudentMixture(distribution)
                    .matched(mean(), covariance())
                    .member();
        }

        /**
         * What one of several parts of the draws says, with the same mixture.
         *
         * @param number which part, from 0
         * @param parts how many there are, at most as many as draws
         */
        public Result part(int number, int parts) {
            int[] chosen = IntStream.range(0, logWeights.length)
                    .filter(s -> s % parts == number)
                    .toArray();
            return of(
                    distribution,
                    Matrices.selectColumns(points, chosen),
                    Arrays.stream(chosen).mapToDouble(s -> logWeights[s]).toArray(),
                    evaluations,
                    rejected,
                    reached);
        }

        private static Result of(
                Mixture.Member distribution,
                DMatrixRMaj points,
                double[] logWeights,
                long evaluations,
                long rejected,
                boolean reached) {
            int count = logWeights.length;
            double worth = PooledDraws.worth(logWeights);
            return new Result(
                    distribution,
                    points,
                    logWeights,
                    LogWeights.logSumExp(logWeights) - Math.log(count),
                    Math.sqrt((count / worth - 1) / (count - 1)),
                    worth,
                    ParetoSmoothing.of(logWeights).shape(),
                    evaluations,
                    rejected,
                    reached);
        }
    }

    private final Target target;
    private final Goal goal;
    private final RandomStreams streams;
    private final PooledDraws draws = new PooledDraws();
    private StudentMixture mixture;
    private int mixtures;
    private int batchesOfMixture;
    private int next;
    private long evaluations;
    private long rejected;
    private boolean reached;

    private AdaptiveImportance(Target target, List<Component> starts, Goal goal, RandomStreams streams) {
        this.target = target;
        this.goal = goal;
        this.streams = streams;
        this.mixture = new StudentMixture(starts.stream()
                .map(start -> new StudentMixture.Part(start.weight, start.mean, start.covariance))
                .toList());
        this.next = batch();
    }

    /**
     * A sampler about to make its first step.
     *
     * @param target the density
     * @param starts the components of the first mixture, at least one, of one dimension
     * @param goal what is wanted
     * @param streams the source of randomness
     * @throws IllegalArgumentException if there is no component, or dimensions differ
     */
    public static AdaptiveImportance of(Target target, List<Component> starts, Goal goal, RandomStreams streams) {
        if (starts.isEmpty()) {
            throw new IllegalArgumentException("adaptive importance sampling starts from at least one component");
        }
        int dimension = starts.get(0).mean.length;
        for (Component start : starts) {
            if (start.mean.length != dimension) {
                throw new IllegalArgumentException(
                        "all components must have one dimension, got " + dimension + " and " + start.mean.length);
            }
        }
        return new AdaptiveImportance(target, starts, goal, streams);
    }

    /**
     * Makes all steps.
     *
     * @return what came out, whether the goal is reached or not
     * @throws IllegalArgumentException as {@link #of}
     */
    public static Result run(Target target, List<Component> starts, Goal goal, RandomStreams streams) {
        AdaptiveImportance sampler = of(target, starts, goal, streams);
        boolean more = true;
        while (more) {
            more = sampler.step();
        }
        return sampler.result();
    }

    /** Batches grow, so that a density that is hard to fit is not fitted anew too often. */
    private int batch() {
        return DRAWS_PER_COORDINATE * (mixture.member().family().dimension() + 1) * (1 + mixtures / MIXTURES_OF_A_SIZE);
    }

    /**
     * Makes a step: draws, and another mixture if they show that it pays.
     *
     * @return whether another step is to follow: false once the goal is reached or the evaluations are spent
     */
    public boolean step() {
        if (ended()) {
            return false;
        }
        draw();
        double[] logWeights = draws.ownLogWeights();
        double worth = PooledDraws.worth(logWeights);
        double ofDraw = worth / logWeights.length;
        boolean reliable = ParetoSmoothing.of(logWeights).shape() < RELIABLE;
        reached = reliable && worth >= goal.effectiveDraws;
        if (!ended() && draws.haveWeight()) {
            double missing = (goal.effectiveDraws - worth) * logWeights.length / worth;
            choose(ofDraw, reliable ? missing : Double.POSITIVE_INFINITY);
        }
        return !ended();
    }

    /** Whether the goal is reached, or what is left does not pay for a batch. */
    private boolean ended() {
        return reached || (evaluations > 0 && goal.evaluations - evaluations < batch());
    }

    /**
     * Keeps the mixture or replaces it.
     *
     * @param worthOfDraw what a draw from it is worth
     * @param missing the draws from it that are still needed
     */
    private void choose(double worthOfDraw, double missing) {
        // no mixture has draws that are worth more than 1, so that the fit can often be spared
        boolean kept = missing * BELIEVED <= goal.effectiveDraws;
        StudentMixture other = kept ? mixture : MixtureFit.of(draws.cloud(), mixture, worthOfDraw < CLOSE);
        if (kept || missing * BELIEVED * draws.worthOfDraw(other) <= goal.effectiveDraws) {
            next = (int) Math.max(batch(), Math.min(LARGEST_STEP * (double) batch(), MARGIN * missing));
            return;
        }
        mixture = other;
        batchesOfMixture = 0;
        mixtures++;
        next = batch();
    }

    private void draw() {
        int count = (int) Math.min(next, goal.evaluations - evaluations);
        DMatrixRMaj noise = new DMatrixRMaj(mixture.member().noiseDimension(), count);
        DrawScheme.independent()
                .draws(noise.numRows, streams.child("mixture", mixtures))
                .fill(batchesOfMixture++, noise);
        DMatrixRMaj points = new DMatrixRMaj(mixture.member().family().dimension(), count);
        mixture.member().sample(noise, points);
        draws.add(mixture, points, evaluate(points));
    }

    private double[] evaluate(DMatrixRMaj points) {
        double[] logDensity = new double[points.numCols];
        for (int from = 0; from < logDensity.length; from += LANES) {
            int lanes = Math.min(LANES, logDensity.length - from);
            DMatrixRMaj some = CommonOps_DDRM.extract(points, 0, points.numRows, from, from + lanes);
            double[] values = new double[lanes];
            target.evaluate(some, values);
            System.arraycopy(values, 0, logDensity, from, lanes);
        }
        evaluations += logDensity.length;
        for (int s = 0; s < logDensity.length; s++) {
            if (!(logDensity[s] < Double.POSITIVE_INFINITY)) {
                logDensity[s] = Double.NEGATIVE_INFINITY;
                rejected++;
            }
        }
        return logDensity;
    }

    /** The evaluations of the density so far. */
    public long evaluations() {
        return evaluations;
    }

    /** Those of them that could not be used. */
    public long rejected() {
        return rejected;
    }

    /**
     * What the draws of the last mixture say.
     *
     * @throws IllegalStateException before the first step
     */
    public Result result() {
        if (evaluations == 0) {
            throw new IllegalStateException("there is no result before the first step");
        }
        return Result.of(
                draws.last().member(), draws.ownPoints(), draws.ownLogWeights(), evaluations, rejected, reached);
    }
}
