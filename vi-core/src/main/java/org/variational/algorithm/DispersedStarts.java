package org.variational.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.VariationalDistribution;
import org.variational.random.RandomStreams;

/**
 * A search for parts of the posterior that an approximation does not know of, such as other modes.
 *
 * <p>Paths of L-BFGS start far from the approximation: half of them where fits start, half at draws of it stretched by a
 * factor from 3 to 30. Where a path ends in a mode away from the approximation, short Markov chains start; if half of them do not come to it,
 * they have found another part. Its mass, relative to what the approximation covers, follows from the mean log density and the
 * log determinant of the covariance of both, as if both were Gaussian with independent coordinates:
 * <pre>{@code
 *   delta = E_other[log p] - E_q[log p] + (log |C_other| - log |C_q|) / 2
 * }</pre>
 * and what leaving it out does to means and standard deviations follows from its mass and place. A spike of the density that
 * chains cannot leave has a tiny covariance, and so no mass.
 */
final class DispersedStarts {

    private static final int PATHS = 8;
    private static final int PATH_STEPS = 200;
    private static final int MEMORY = 6;
    private static final double CLOSE_ENOUGH = 1e-6;
    private static final int LANES = 32;
    private static final int TRANSITIONS = 12;
    private static final int MOST_PLACES = 3;
    private static final double NEAREST = 3;
    private static final double FARTHEST = 30;
    private static final double USUAL_RANGE = 2;

    /** A place whose mean differs from the approximation's by no more, in any coordinate, is the same place. */
    private static final double SAME = 1;

    private final LogDensity density;
    private final CoordinateSplit split;
    private final double[] optimised;
    private final double[] mean;
    private final double[] sd;
    private final double logDensityOfApproximation;
    private final RandomStreams streams;
    private final BooleanSupplier ended;
    private long evaluations;

    /**
     * @param density the density, of inferred coordinates only
     * @param split its coordinates
     * @param q the approximation of the inferred ones
     * @param optimised the values of the others, which stay
     * @param meanLogDensity the mean of the log density over draws of the approximation
     * @param streams the source of randomness
     * @param ended becomes true when the search is to end
     */
    DispersedStarts(
            LogDensity density,
            CoordinateSplit split,
            VariationalDistribution q,
            double[] optimised,
            double meanLogDensity,
            RandomStreams streams,
            BooleanSupplier ended) {
        this.density = density;
        this.split = split;
        this.optimised = optimised;
        this.mean = q.mean();
        this.sd = q.standardDeviation();
        this.logDensityOfApproximation = meanLogDensity;
        this.streams = streams;
        this.ended = ended;
    }

    long evaluations() {
        return evaluations;
    }

    /**
     * Searches.
     *
     * @return what leaving out the gravest part found does, or {@link Verdict.Elsewhere#NOTHING}
     */
    Verdict.Elsewhere search() {
        Verdict.Elsewhere gravest = Verdict.Elsewhere.NOTHING;
        int place = 0;
        for (Mode mode : modes()) {
            if (ended.getAsBoolean()) {
                break;
            }
            Verdict.Elsewhere found = look(mode, place++);
            if (found.gravity() > gravest.gravity()) {
                gravest = found;
            }
        }
        return gravest;
    }

    /** A mode away from the approximation. */
    private record Mode(double[] point, double[] sd, double logDensity) {}

    /** Modes that differ from the approximation and from each other, those of the highest density first. */
    private List<Mode> modes() {
        int d = mean.length;
        DMatrixRMaj starts = new DMatrixRMaj(d, PATHS);
        RandomGenerator random = streams.generator("elsewhere", 0);
        for (int s = 0; s < PATHS; s++) {
            double stretch = NEAREST * Math.pow(FARTHEST / NEAREST, random.nextDouble());
            for (int i = 0; i < d; i++) {
                starts.data[i * PATHS + s] = s % 2 == 0
                        ? USUAL_RANGE * (2 * random.nextDouble() - 1)
                        : mean[i] + stretch * sd[i] * random.nextGaussian();
            }
        }
        NegativeLogDensity target = new NegativeLogDensity(density, split);
        BatchedLbfgs search = new BatchedLbfgs(target, starts, MEMORY, CLOSE_ENOUGH);
        for (int step = 0; step < PATH_STEPS && !ended.getAsBoolean() && search.step(); step++) {
            // a step of every path
        }
        evaluations += target.evaluations();
        List<Mode> found = new ArrayList<>();
        for (int s = 0; s < PATHS; s++) {
            BatchedLbfgs.Path path = search.path(s);
            if (path.state() == BatchedLbfgs.State.AT_MINIMUM && path.hasPairs()) {
                double[] scale = path.inverseHessian().diagonal();
                Arrays.setAll(scale, i -> Math.sqrt(scale[i]));
                found.add(new Mode(path.point(), scale, -path.value()));
            }
        }
        found.sort(Comparator.comparingDouble(Mode::logDensity).reversed());
        List<Mode> kept = new ArrayList<>();
        for (Mode mode : found) {
            if (distance(mode.point, mean) > SAME
                    && kept.stream().allMatch(other -> distance(mode.point, other.point) > SAME)
                    && kept.size() < MOST_PLACES) {
                kept.add(mode);
            }
        }
        return kept;
    }

    private double distance(double[] a, double[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]) / sd[i]);
        }
        return largest;
    }

    /** The chains that are still nearer to their mode than to the approximation. */
    private int[] staying(DMatrixRMaj points, Mode mode) {
        double[] toMode = new double[LANES];
        double[] toApproximation = new double[LANES];
        for (int i = 0; i < mean.length; i++) {
            for (int s = 0; s < LANES; s++) {
                double x = points.data[i * LANES + s];
                toMode[s] += square((x - mode.point[i]) / mode.sd[i]);
                toApproximation[s] += square((x - mean[i]) / sd[i]);
            }
        }
        return IntStream.range(0, LANES)
                .filter(s -> toMode[s] < toApproximation[s])
                .toArray();
    }

    private static double square(double x) {
        return x * x;
    }

    private Verdict.Elsewhere look(Mode mode, int place) {
        int d = mean.length;
        DMatrixRMaj starts = new DMatrixRMaj(d, LANES);
        for (int i = 0; i < d; i++) {
            Arrays.fill(starts.data, i * LANES, (i + 1) * LANES, mode.point[i]);
        }
        HamiltonianChains chains = new HamiltonianChains(
                new GuardedDensity(density, split),
                split,
                optimised,
                Metric.of(mode.sd),
                starts,
                streams.child("elsewhere", place));
        LaneMoments moments = new LaneMoments(mean, sd, LANES);
        double[] logDensities = new double[LANES];
        for (int t = 0; t < 2 * TRANSITIONS && !ended.getAsBoolean(); t++) {
            chains.transition(t < TRANSITIONS);
            if (t >= TRANSITIONS) {
                moments.add(chains.points());
                for (int s = 0; s < LANES; s++) {
                    logDensities[s] += chains.logDensity(s) / TRANSITIONS;
                }
            }
        }
        evaluations += chains.evaluations();
        if (moments.count() < TRANSITIONS) {
            return Verdict.Elsewhere.NOTHING;
        }
        int[] staying = staying(chains.points(), mode);
        if (staying.length < LANES / 2) {
            return Verdict.Elsewhere.NOTHING;
        }
        LaneMoments.Moments other = moments.moments(staying);
        double logDensity = 0;
        for (int s : staying) {
            logDensity += logDensities[s] / staying.length;
        }
        if (distance(other.mean(), mean) <= SAME) {
            return Verdict.Elsewhere.NOTHING;
        }
        double logMass = logDensity - logDensityOfApproximation;
        for (int i = 0; i < d; i++) {
            logMass += Math.log(other.sd()[i] / sd[i]);
        }
        double share = 1 / (1 + Math.exp(-logMass));
        double square = 0;
        double widest = 0;
        int worst = 0;
        for (int i = 0; i < d; i++) {
            double away = (other.mean()[i] - mean[i]) / sd[i];
            double ratio = other.sd()[i] / sd[i];
            double variance = 1 - share + share * ratio * ratio + share * (1 - share) * away * away;
            square += share * share * away * away / variance;
            if (Math.sqrt(variance) > widest) {
                widest = Math.sqrt(variance);
                worst = i;
            }
        }
        return Double.isNaN(square) || Double.isNaN(widest)
                ? Verdict.Elsewhere.NOTHING
                : new Verdict.Elsewhere(share, Math.sqrt(square / d), widest, split.name(split.inferredIndex(worst)));
    }
}
