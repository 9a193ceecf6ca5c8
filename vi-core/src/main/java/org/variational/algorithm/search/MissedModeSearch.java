package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.chain.HamiltonianChains;
import org.variational.chain.LaneMoments;
import org.variational.chain.Metric;
import org.variational.density.LogDensity;
import org.variational.density.Matrices;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.FitDiagnostics;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.random.RandomStreams;

/**
 * A search for parts of the posterior that an approximation does not know of, such as other modes.
 *
 * <p>All happens in the approximation's own coordinates, in which it is standard normal. Paths of L-BFGS start at draws
 * from it stretched by a factor from 0.3 to 10, and where, of many more such draws, the density exceeds the
 * approximation's most. Where a path ends in a mode away from the approximation, short Markov chains start; if half of
 * them do not come to it, halfway and at the end, they have found another part. Its mass, relative to what the approximation covers, follows
 * from the mean log density and the log determinant of the covariance of both, as if both were Gaussian, the other one
 * with independent coordinates:
 * <pre>{@code
 *   delta = E_other[log p] - E_q[log p] + sum over i of log sd_other,i
 * }</pre>
 * and what leaving it out does to means and standard deviations follows from its mass and place. A spike of the density
 * that chains cannot leave has a tiny covariance, and so no mass. A narrower mode of many dimensions shows near the
 * middle of the approximation, if it is near, and is met by chance only if it is far.
 */
public final class MissedModeSearch {

    private static final int STRETCHED = 24;
    private static final int EXCEEDING = 8;
    private static final int SCANNED = 2048;
    private static final int SCAN_LANES = 64;
    private static final int PATH_STEPS = 200;
    private static final int MEMORY = 6;
    private static final double CLOSE_ENOUGH = 1e-6;
    private static final int LANES = 32;
    private static final int TRANSITIONS = 12;
    private static final int MOST_PLACES = 3;
    private static final double NEAREST = 0.3;
    private static final double FARTHEST = 10;
    private static final long MAX_NUMBERS = 4_000_000;

    /** A place whose mean is no farther from the approximation's, in its standard deviations, is the same place. */
    private static final double SAME = 1.5;

    /** A density that exceeds what is expected by no more than this factor's logarithm is what was expected. */
    private static final double EXPECTED = Math.log(4);

    private final CoordinateSplit split;
    private final CoordinateSplit plain;
    private final WhitenedDensity density;
    private final double[] mean;
    private final double[] sd;
    private final double logDensityOfApproximation;
    private final BiConsumer<DMatrixRMaj, double[]> expected;
    private final RandomStreams streams;
    private final BooleanSupplier ended;
    private double @Nullable [] mainPart;

    /** Relative to the approximation: above 0 it has more than half of the mass of the two. */
    private double logMassOfMainPart;

    /**
     * Prepares the search.
     *
     * @param density the density, of inferred coordinates only
     * @param split its coordinates
     * @param metric the scale of the approximation
     * @param sd its standard deviations
     * @param meanLogDensity the mean of the log density over its draws
     * @param expected writes the log density that the approximation lets expect at points, {@code log q} and the log
     *     evidence: where the density is no larger, nothing is missed
     * @param streams the source of randomness
     * @param ended becomes true when the search is to end
     */
    public MissedModeSearch(
            LogDensity density,
            CoordinateSplit split,
            Metric metric,
            double[] mean,
            double[] sd,
            double meanLogDensity,
            BiConsumer<DMatrixRMaj, double[]> expected,
            RandomStreams streams,
            BooleanSupplier ended) {
        this.split = split;
        this.plain = CoordinateSplit.of(ParameterLayout.unnamed(mean.length));
        this.density = new WhitenedDensity(density, split, metric, mean);
        this.mean = mean;
        this.sd = sd;
        this.logDensityOfApproximation = meanLogDensity;
        this.expected = expected;
        this.streams = streams;
        this.ended = ended;
    }

    /** The density evaluations so far. */
    public long evaluations() {
        return density.evaluations();
    }

    /**
     * Searches.
     *
     * @param progress told of the share done, from 0 to 1
     * @return what leaving out the gravest part found does, or {@link FitDiagnostics.MissedMode#NONE}
     */
    public FitDiagnostics.MissedMode search(DoubleConsumer progress) {
        FitDiagnostics.MissedMode gravest = FitDiagnostics.MissedMode.NONE;
        int place = 0;
        for (Mode mode : modes(progress)) {
            if (ended.getAsBoolean()) {
                break;
            }
            progress.accept(0.5 + 0.5 * place / MOST_PLACES);
            FitDiagnostics.MissedMode found = look(mode, place++);
            if (found.gravity() > gravest.gravity()) {
                gravest = found;
            }
        }
        return gravest;
    }

    /**
     * Where a part lies that has most of the mass.
     *
     * @return the mean of the largest part that has been met, if it has more than half of the mass; otherwise null
     */
    public double @Nullable [] mainPart() {
        return mainPart == null ? null : mainPart.clone();
    }

    /** A mode, in the approximation's coordinates. */
    private record Mode(double[] point, double[] sd, double logDensity) {}

    /** Modes that differ from the approximation and from each other, those of the highest density first. */
    private List<Mode> modes(DoubleConsumer progress) {
        NegativeLogDensity target = new NegativeLogDensity(density, plain);
        BatchedLbfgs search = new BatchedLbfgs(target, starts(), MEMORY, CLOSE_ENOUGH);
        boolean moving = true;
        for (int step = 0; step < PATH_STEPS && moving && !ended.getAsBoolean(); step++) {
            moving = search.step();
            progress.accept(0.5 * step / PATH_STEPS);
        }
        List<Mode> found = new ArrayList<>();
        for (int s = 0; s < search.count(); s++) {
            BatchedLbfgs.Path path = search.path(s);
            if (path.state() == BatchedLbfgs.State.AT_MINIMUM && path.hasPairs()) {
                double[] scale = path.inverseHessian().diagonal();
                Arrays.setAll(scale, i -> Math.sqrt(scale[i]));
                found.add(new Mode(path.point(), scale, -path.value()));
            }
        }
        found.sort(Comparator.comparingDouble(Mode::logDensity).reversed());
        double[] origin = new double[mean.length];
        List<Mode> kept = new ArrayList<>();
        for (Mode mode : found) {
            if (distance(mode.point, origin) > SAME
                    && kept.stream().allMatch(other -> distance(mode.point, other.point) > SAME)
                    && kept.size() < MOST_PLACES) {
                kept.add(mode);
            }
        }
        return kept;
    }

    /** Where paths start. */
    private DMatrixRMaj starts() {
        RandomGenerator random = streams.generator("elsewhere", 0);
        List<double[]> starts = new ArrayList<>(exceeding(random));
        for (int s = 0; s < STRETCHED; s++) {
            starts.add(Matrices.column(stretched(random, 1), 0));
        }
        return Matrices.ofColumns(starts);
    }

    /** Of many stretched draws, those where the log density exceeds that of the approximation most. */
    private List<double[]> exceeding(RandomGenerator random) {
        int d = mean.length;
        int lanes = (int) Math.max(1, Math.min(SCAN_LANES, MAX_NUMBERS / d));
        double[] excess = new double[EXCEEDING];
        Arrays.fill(excess, Double.NEGATIVE_INFINITY);
        double[][] kept = new double[EXCEEDING][];
        double[] values = new double[lanes];
        for (int from = 0; from < SCANNED && !ended.getAsBoolean(); from += lanes) {
            DMatrixRMaj y = stretched(random, lanes);
            density.evaluate(y, values, null);
            for (int s = 0; s < lanes; s++) {
                double over = values[s];
                for (int i = 0; i < d; i++) {
                    over += 0.5 * square(y.data[i * lanes + s]);
                }
                int lowest = IntStream.range(0, EXCEEDING)
                        .boxed()
                        .min(Comparator.comparingDouble(k -> excess[k]))
                        .orElseThrow();
                if (over > excess[lowest]) {
                    excess[lowest] = over;
                    kept[lowest] = Matrices.column(y, s);
                }
            }
        }
        return Arrays.stream(kept).filter(point -> point != null).toList();
    }

    private DMatrixRMaj stretched(RandomGenerator random, int lanes) {
        DMatrixRMaj y = new DMatrixRMaj(mean.length, lanes);
        for (int s = 0; s < lanes; s++) {
            double stretch = NEAREST * Math.pow(FARTHEST / NEAREST, random.nextDouble());
            for (int at = s; at < y.data.length; at += lanes) {
                y.data[at] = stretch * random.nextGaussian();
            }
        }
        return y;
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += square(a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    private static double square(double x) {
        return x * x;
    }

    /** The chains that are still nearer to their mode than to the approximation. */
    private static int[] staying(DMatrixRMaj y, Mode mode) {
        double[] toMode = new double[LANES];
        double[] toApproximation = new double[LANES];
        for (int i = 0; i < y.numRows; i++) {
            for (int s = 0; s < LANES; s++) {
                double at = y.data[i * LANES + s];
                toMode[s] += square((at - mode.point[i]) / mode.sd[i]);
                toApproximation[s] += square(at);
            }
        }
        return IntStream.range(0, LANES)
                .filter(s -> toMode[s] < toApproximation[s])
                .toArray();
    }

    private FitDiagnostics.MissedMode look(Mode mode, int place) {
        int d = mean.length;
        DMatrixRMaj starts = new DMatrixRMaj(d, LANES);
        for (int i = 0; i < d; i++) {
            Arrays.fill(starts.data, i * LANES, (i + 1) * LANES, mode.point[i]);
        }
        HamiltonianChains chains = new HamiltonianChains(
                new GuardedDensity(density, plain),
                plain,
                new double[0],
                Metric.of(mode.sd),
                starts,
                streams.child("elsewhere", place));
        double[] ones = new double[d];
        Arrays.fill(ones, 1);
        LaneMoments whitened = new LaneMoments(new double[d], ones, LANES);
        LaneMoments moments = new LaneMoments(mean, sd, LANES);
        DMatrixRMaj x = new DMatrixRMaj(d, LANES);
        double[] logDensities = new double[LANES];
        for (int t = 0; t < 2 * TRANSITIONS && !ended.getAsBoolean(); t++) {
            chains.transition(t < TRANSITIONS);
            if (t == TRANSITIONS - 1 && staying(chains.points(), mode).length < LANES / 2) {
                return FitDiagnostics.MissedMode.NONE;
            }
            if (t >= TRANSITIONS) {
                whitened.add(chains.points());
                density.place(chains.points(), x);
                moments.add(x);
                for (int s = 0; s < LANES; s++) {
                    logDensities[s] += chains.logDensity(s) / TRANSITIONS;
                }
            }
        }
        int[] staying = staying(chains.points(), mode);
        if (moments.count() < TRANSITIONS || staying.length < LANES / 2) {
            return FitDiagnostics.MissedMode.NONE;
        }
        if (isExpected(chains, x, staying)) {
            return FitDiagnostics.MissedMode.NONE;
        }
        double logMass = -logDensityOfApproximation;
        for (int s : staying) {
            logMass += logDensities[s] / staying.length;
        }
        LaneMoments.Moments inOwn = whitened.moments(staying);
        for (double scale : inOwn.sd()) {
            logMass += Math.log(scale);
        }
        if (distance(inOwn.mean(), new double[d]) <= SAME) {
            return FitDiagnostics.MissedMode.NONE;
        }
        LaneMoments.Moments there = moments.moments(staying);
        if (logMass > logMassOfMainPart) {
            logMassOfMainPart = logMass;
            mainPart = there.mean().clone();
        }
        return effect(1 / (1 + Math.exp(-logMass)), there);
    }

    /** Whether the density is about as large as the approximation lets expect at most chains. */
    private boolean isExpected(HamiltonianChains chains, DMatrixRMaj x, int[] staying) {
        double[] logExpected = new double[LANES];
        density.place(chains.points(), x);
        expected.accept(x, logExpected);
        long more = Arrays.stream(staying)
                .filter(s -> !(chains.logDensity(s) <= logExpected[s] + EXPECTED))
                .count();
        return 2 * more < staying.length;
    }

    /** What a part with a share of the mass does to the moments of the approximation. */
    private FitDiagnostics.MissedMode effect(double share, LaneMoments.Moments other) {
        int d = mean.length;
        double shift = 0;
        double widest = 0;
        int worst = 0;
        for (int i = 0; i < d; i++) {
            double away = (other.mean()[i] - mean[i]) / sd[i];
            double variance = 1 - share + share * square(other.sd()[i] / sd[i]) + share * (1 - share) * square(away);
            shift += square(share * away) / variance / d;
            if (Math.sqrt(variance) > widest) {
                widest = Math.sqrt(variance);
                worst = i;
            }
        }
        return Double.isNaN(shift) || Double.isNaN(widest)
                ? FitDiagnostics.MissedMode.NONE
                : new FitDiagnostics.MissedMode(
                        share, Math.sqrt(shift), widest, split.name(split.inferredIndex(worst)));
    }
}
