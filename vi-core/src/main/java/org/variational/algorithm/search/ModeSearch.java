package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.EvaluationCount;
import org.variational.chain.Metric;
import org.variational.density.LogDensity;
import org.variational.density.Matrices;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.family.GaussianDistribution;
import org.variational.random.RandomStreams;

/**
 * A search for the modes of a density of few coordinates, before anything is fitted to it.
 *
 * <p>Paths of L-BFGS start at draws from a first Gaussian stretched by a factor from 0.3 to 10, and at mirror images of
 * the modes known: with the sign of a coordinate or of a block changed, two coordinates of a block exchanged (in all
 * blocks of that length at once, as labels of groups are), or two blocks of one length. Mutable, for one thread.
 */
public final class ModeSearch {

    private static final int STRETCHED = 32;
    private static final int LANES = 64;
    private static final int SCANNED = 2048;
    private static final int EXCEEDING = 16;
    private static final double NEAREST = 0.3;
    private static final double FARTHEST = 10;
    private static final int MOST_IMAGES = 24;

    /** An image with a log density so far below that of its mode is not where another mode begins. */
    private static final double HOPELESS = 50;

    /** By so much, in every whitened coordinate, a path starts beside an image. */
    private static final double ASIDE = 0.5;

    private static final int PATH_STEPS = 150;
    private static final int MEMORY = 10;
    private static final double CLOSE_ENOUGH = 1e-6;
    private static final int MOST_MODES = 8;

    /** Ends that are no farther apart, in the scale of either, are one mode. */
    private static final double SAME = 0.5;

    /** Below this share, with 95 % certainty, is what a number of starts have not met, times that number. */
    private static final double RULE_OF_THREE = 3;

    /**
     * A mode.
     *
     * @param point where it is
     * @param covariance the inverse of the curvature there, as a path has seen it
     * @param logDensity the log density there
     * @param logMass the logarithm of its mass, as if it were Gaussian
     */
    public record Mode(double[] point, DMatrixRMaj covariance, double logDensity, double logMass) {

        private boolean isAt(double[] other, DMatrixRMaj otherCovariance) {
            return distance(other, covariance) <= SAME && distance(other, otherCovariance) <= SAME;
        }

        private double distance(double[] to, DMatrixRMaj scale) {
            DMatrixRMaj factor = factor(scale);
            double[] difference = new double[to.length];
            Arrays.setAll(difference, i -> to[i] - point[i]);
            double sum = 0;
            for (int i = 0; i < difference.length; i++) {
                for (int j = 0; j < i; j++) {
                    difference[i] -= factor.get(i, j) * difference[j];
                }
                difference[i] /= factor.get(i, i);
                sum += difference[i] * difference[i];
            }
            return Math.sqrt(sum);
        }
    }

    private static DMatrixRMaj factor(DMatrixRMaj covariance) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(covariance.numRows, true);
        if (!cholesky.decompose(covariance.copy())) {
            throw new IllegalArgumentException("the covariance of a mode is not positive definite");
        }
        return cholesky.getT(null);
    }

    private final Metric metric;
    private final WhitenedDensity density;
    private final NegativeLogDensity target;
    private final BatchedLbfgs search;
    private final List<GaussianDistribution> known;
    private final int stretched;
    private int steps;

    /**
     * Chooses the starts.
     *
     * @param density the density, of inferred coordinates only
     * @param split its coordinates
     * @param layout their blocks
     * @param around the first Gaussian
     * @param known Gaussians at the modes that are known
     * @param streams the source of randomness
     */
    public ModeSearch(
            LogDensity density,
            CoordinateSplit split,
            ParameterLayout layout,
            GaussianDistribution around,
            List<GaussianDistribution> known,
            RandomStreams streams) {
        this.metric = Metric.of(around);
        this.known = known;
        this.density = new WhitenedDensity(density, split, metric, around.mean());
        int d = around.mean().length;
        this.target = new NegativeLogDensity(this.density, CoordinateSplit.of(ParameterLayout.unnamed(d)));
        RandomGenerator random = streams.generator("stretched", 0);
        List<double[]> starts = new ArrayList<>();
        for (int s = 0; s < STRETCHED; s++) {
            starts.add(stretched(random, d));
        }
        this.stretched = starts.size();
        starts.addAll(exceeding(random, d));
        starts.addAll(images(layout, around.mean()));
        this.search = new BatchedLbfgs(target, Matrices.ofColumns(starts), MEMORY, CLOSE_ENOUGH);
    }

    private static double[] stretched(RandomGenerator random, int d) {
        double stretch = NEAREST * Math.pow(FARTHEST / NEAREST, random.nextDouble());
        double[] start = new double[d];
        Arrays.setAll(start, i -> stretch * random.nextGaussian());
        return start;
    }

    private double[] logDensity(List<double[]> points) {
        double[] values = new double[points.size()];
        for (int from = 0; from < values.length; from += LANES) {
            int lanes = Math.min(LANES, values.length - from);
            double[] some = new double[lanes];
            target.logDensity(Matrices.ofColumns(points.subList(from, from + lanes)), some, null);
            System.arraycopy(some, 0, values, from, lanes);
        }
        return values;
    }

    /** Of many stretched draws, those where the density exceeds that of the first Gaussian most. */
    private List<double[]> exceeding(RandomGenerator random, int d) {
        List<double[]> scanned = new ArrayList<>();
        for (int s = 0; s < SCANNED; s++) {
            scanned.add(stretched(random, d));
        }
        double[] excess = logDensity(scanned);
        for (int s = 0; s < SCANNED; s++) {
            for (double y : scanned.get(s)) {
                excess[s] += 0.5 * y * y;
            }
        }
        return IntStream.range(0, SCANNED)
                .filter(s -> Double.isFinite(excess[s]))
                .boxed()
                .sorted(Comparator.comparingDouble(s -> -excess[s]))
                .limit(EXCEEDING)
                .map(scanned::get)
                .toList();
    }

    /** The mirror images of known modes where the density is not much smaller, in whitened coordinates. */
    private List<double[]> images(ParameterLayout layout, double[] mean) {
        List<double[]> promising = new ArrayList<>();
        for (GaussianDistribution mode : known) {
            double[] center = mode.mean();
            List<double[]> candidates = new ArrayList<>(List.of(center));
            candidates.addAll(images(layout.blocks(), center));
            candidates.replaceAll(point -> whitened(point, mean));
            double[] values = logDensity(candidates);
            for (int s = 1; s < values.length && promising.size() < MOST_IMAGES; s++) {
                if (values[s] > values[0] - HOPELESS) {
                    double[] start = candidates.get(s);
                    // a path that starts at a mode learns nothing of its curvature
                    Arrays.setAll(start, i -> start[i] + ASIDE);
                    promising.add(start);
                }
            }
        }
        return promising;
    }

    private double[] whitened(double[] point, double[] mean) {
        int d = point.length;
        DMatrixRMaj factor = new DMatrixRMaj(d, d);
        metric.push(CommonOps_DDRM.identity(d), factor);
        double[] y = new double[d];
        for (int i = 0; i < d; i++) {
            y[i] = point[i] - mean[i];
            for (int j = 0; j < i; j++) {
                y[i] -= factor.get(i, j) * y[j];
            }
            y[i] /= factor.get(i, i);
        }
        return y;
    }

    private static List<double[]> images(List<ParameterLayout.Block> blocks, double[] point) {
        List<double[]> images = new ArrayList<>();
        for (ParameterLayout.Block block : blocks) {
            int end = block.offset() + block.length();
            for (int i = block.offset(); i < end; i++) {
                images.add(flipped(point, i, i + 1));
            }
            if (block.length() > 1) {
                images.add(flipped(point, block.offset(), end));
            }
        }
        images.add(flipped(point, 0, point.length));
        List<Integer> lengths =
                blocks.stream().map(ParameterLayout.Block::length).distinct().toList();
        for (int length : lengths) {
            List<Integer> offsets = blocks.stream()
                    .filter(block -> block.length() == length)
                    .map(ParameterLayout.Block::offset)
                    .toList();
            for (int a = 0; a < offsets.size(); a++) {
                for (int b = 0; b < a; b++) {
                    images.add(exchanged(point, offsets.get(a), offsets.get(b), length));
                }
            }
            for (int i = 0; i < length; i++) {
                for (int j = 0; j < i; j++) {
                    double[] image = point;
                    for (int offset : offsets) {
                        image = exchanged(image, offset + i, offset + j, 1);
                    }
                    images.add(image);
                }
            }
        }
        return images;
    }

    private static double[] flipped(double[] point, int from, int to) {
        double[] image = point.clone();
        for (int i = from; i < to; i++) {
            image[i] = -image[i];
        }
        return image;
    }

    private static double[] exchanged(double[] point, int a, int b, int length) {
        double[] image = point.clone();
        System.arraycopy(point, a, image, b, length);
        System.arraycopy(point, b, image, a, length);
        return image;
    }

    /** Moves all paths; returns whether one still moves. */
    public boolean step() {
        steps++;
        return search.step() && steps < PATH_STEPS;
    }

    /** The density evaluations so far. */
    public EvaluationCount count() {
        return new EvaluationCount(density.evaluations(), target.count().rejected());
    }

    /**
     * What was found.
     *
     * @param modes modes that were not known, those of the largest mass first, at most 8
     * @param knowledge what is known about others, in a sentence
     */
    public record Found(List<Mode> modes, String knowledge) {}

    /** What has been found so far. */
    public Found found() {
        List<Mode> modes = new ArrayList<>();
        int[] visits = new int[known.size() + search.count()];
        int arrived = 0;
        for (int s = 0; s < search.count(); s++) {
            BatchedLbfgs.Path path = search.path(s);
            Mode mode = path.state() == BatchedLbfgs.State.AT_MINIMUM && path.hasPairs() ? mode(path) : null;
            if (mode == null) {
                continue;
            }
            int which = place(mode, modes);
            if (which == known.size() + modes.size()) {
                modes.add(mode);
            }
            if (s < stretched) {
                visits[which]++;
                arrived++;
            }
        }
        int once = (int) Arrays.stream(visits).filter(count -> count == 1).count();
        modes.sort(Comparator.comparingDouble(Mode::logMass).reversed());
        return new Found(List.copyOf(modes.subList(0, Math.min(MOST_MODES, modes.size()))), knowledge(arrived, once));
    }

    /** The number of the known or new mode that a mode is, the next number if it is none of them. */
    private int place(Mode mode, List<Mode> modes) {
        for (int k = 0; k < known.size(); k++) {
            if (mode.isAt(known.get(k).mean(), known.get(k).covariance())) {
                return k;
            }
        }
        int k = 0;
        while (k < modes.size() && !mode.isAt(modes.get(k).point, modes.get(k).covariance)) {
            k++;
        }
        return known.size() + k;
    }

    private static String knowledge(int arrived, int once) {
        if (arrived == 0) {
            return "no path of the search for modes came to its end";
        }
        return once == 0
                ? String.format(
                        Locale.ROOT,
                        "of %d random starts none ended in a place that no other came to, so that fewer than %.0f %% of"
                                + " such starts would end somewhere new (with 95 %% certainty)",
                        arrived,
                        Math.min(100, 100 * RULE_OF_THREE / arrived))
                : String.format(
                        Locale.ROOT,
                        "of %d random starts %d ended in a place that no other came to, so that about %.0f %% of such"
                                + " starts would end somewhere new",
                        arrived,
                        once,
                        100.0 * once / arrived);
    }

    /** A path's end in the density's own coordinates; null where rounding has spoilt the curvature. */
    private @Nullable Mode mode(BatchedLbfgs.Path path) {
        int d = path.point().length;
        DMatrixRMaj point = new DMatrixRMaj(d, 1);
        density.place(new DMatrixRMaj(d, 1, true, path.point()), point);
        DMatrixRMaj half = new DMatrixRMaj(d, d);
        metric.push(path.inverseHessian().dense(), half);
        CommonOps_DDRM.transpose(half);
        DMatrixRMaj covariance = new DMatrixRMaj(d, d);
        metric.push(half, covariance);
        double logMass = -path.value() + 0.5 * d * Math.log(2 * Math.PI);
        if (!DecompositionFactory_DDRM.chol(d, true).decompose(covariance.copy())) {
            return null;
        }
        DMatrixRMaj factor = factor(covariance);
        for (int i = 0; i < d; i++) {
            logMass += Math.log(factor.get(i, i));
        }
        return new Mode(point.data.clone(), covariance, -path.value(), logMass);
    }
}
