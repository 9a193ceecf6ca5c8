package org.variational.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.variational.algorithm.search.NegativeLogDensity;
import org.variational.algorithm.search.PathVisit;
import org.variational.density.Matrices;
import org.variational.diagnostic.Diagnosis.Check;
import org.variational.diagnostic.Diagnosis.Code;
import org.variational.diagnostic.Diagnosis.Finding;
import org.variational.diagnostic.Diagnosis.Level;
import org.variational.diagnostic.Diagnosis.Stage;
import org.variational.random.RandomStreams;

/**
 * Looks at the scales of the coordinates where a Gaussian fits best on the way up: conditional standard deviations from
 * the curvature, and the directions in which the density does not fall.
 *
 * <p>The place is the point of a path of limited-memory BFGS with the largest estimated evidence lower bound, as for
 * the start of a fit, because a mode of a hierarchical model need not exist. Curvatures are differences of gradients. A
 * direction is called undetermined not for its curvature, which says nothing away from a mode, but if the log density
 * falls by less than 1 on at least one side of it over the distance {@link #FAR}.
 */
final class ScaleStage {

    /** A standard deviation beyond this, or below its inverse, is extreme for a fit that starts at 1. */
    private static final double EXTREME = 1e4;

    private static final double FAR = 1e4;
    private static final double VERY_FAR = 1e8;
    private static final double FALL = 1;
    private static final int BOUND_DRAWS = 4;

    /** The difference step in standard deviations, and what it may be off by before it is taken again. */
    private static final double STEP = 1e-3;

    private static final double STEP_TOLERANCE = 50;

    /** An eigenvalue of the Hessian with unit diagonal below which a combination is hardly determined. */
    private static final double SINGULAR = 1e-6;

    private static final int MOST_DIRECTIONS = 8;

    /** The share of a direction's largest entry from which a coordinate is named. */
    private static final double NAMED = 0.1;

    private static final int MOST_NAMED = 6;
    private static final int BATCH = 32;

    private final ModelDoctor.Subject subject;
    private final int dimension;
    private final int[] coordinates;
    private final List<Finding> findings = new ArrayList<>();
    private double[] place;
    private double level;
    private double[] step;

    private ScaleStage(ModelDoctor.Subject subject, double[] place) {
        this.subject = subject;
        this.dimension = place.length;
        this.coordinates = subject.coordinates();
        this.place = place;
        this.step = new double[dimension];
    }

    /**
     * Makes the stage.
     *
     * @param subject what is examined
     * @param usable D x U, points with finite value and gradient
     * @param values the log densities there
     * @param effort how long to climb
     */
    static Stage of(ModelDoctor.Subject subject, DMatrixRMaj usable, double[] values, ModelDoctor.Effort effort) {
        if (!subject.density().hasGradient()) {
            return ModelDoctor.skipped(
                    Check.SCALES, "the density has no gradient, from whose differences scales are found");
        }
        int best = 0;
        for (int s = 1; s < values.length; s++) {
            best = values[s] > values[best] ? s : best;
        }
        ScaleStage stage = new ScaleStage(subject, Matrices.column(usable, best));
        stage.level = values[best];
        List<String> without = stage.withoutInfluence(usable);
        stage.climb(effort);
        double[][] curvature = stage.curvature();
        double[] scales = scales(curvature);
        boolean[] improper = stage.coordinatesFallOff(scales, without);
        stage.judge(scales, improper);
        stage.combinations(curvature, scales, improper);
        return ModelDoctor.made(Check.SCALES, stage.note(scales), stage.findings);
    }

    /** Coordinates with gradient exactly 0 at every usable point. */
    private List<String> withoutInfluence(DMatrixRMaj usable) {
        DMatrixRMaj gradient = new DMatrixRMaj(dimension, usable.numCols);
        subject.density().evaluate(usable, new double[usable.numCols], gradient);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < subject.split().inferredCount(); i++) {
            int d = subject.split().inferredIndex(i);
            boolean zero = true;
            for (int s = 0; s < usable.numCols; s++) {
                zero &= gradient.get(d, s) == 0;
            }
            if (zero) {
                names.add(subject.name(d));
            }
        }
        if (!names.isEmpty()) {
            findings.add(new Finding(
                    Code.NO_INFLUENCE,
                    Level.FAIL,
                    names,
                    List.of(),
                    "the gradient with respect to " + some(names) + " is 0 at all " + usable.numCols
                            + " points: the density does not depend on it, so that its posterior is improper; use it,"
                            + " give it a proper prior, or remove it"));
        }
        return names;
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size())))
                + (names.size() > MOST_NAMED ? ", ... (" + names.size() + " in all)" : "");
    }

    /** Goes where a Gaussian fits best on the way up. */
    private void climb(ModelDoctor.Effort effort) {
        List<PathVisit> visits = new ArrayList<>();
        double[] ones = new double[dimension];
        Arrays.fill(ones, 1);
        visits.add(new PathVisit(place, ones));
        visits.addAll(PathVisit.along(
                new NegativeLogDensity(subject.density(), subject.split()),
                new DMatrixRMaj(dimension, 1, true, place.clone()),
                effort.steps(),
                () -> false));
        RandomGenerator random = RandomStreams.of(effort.seed()).generator("examined scales", 0);
        DMatrixRMaj noise = new DMatrixRMaj(dimension, BOUND_DRAWS);
        for (int k = 0; k < noise.data.length; k++) {
            noise.data[k] = random.nextGaussian();
        }
        DMatrixRMaj points = new DMatrixRMaj(dimension, 1 + BOUND_DRAWS);
        double[] values = new double[1 + BOUND_DRAWS];
        double largest = Double.NEGATIVE_INFINITY;
        double[] start = place;
        for (PathVisit visit : visits) {
            if (runAway(visit.point(), start)) {
                continue;
            }
            double bound = 0;
            for (int d = 0; d < dimension; d++) {
                double sd = Math.sqrt(visit.inverseCurvature()[d]);
                bound += Math.log(sd);
                points.set(d, 0, visit.point()[d]);
                for (int s = 0; s < BOUND_DRAWS; s++) {
                    points.set(d, 1 + s, visit.point()[d] + sd * noise.get(d, s));
                }
            }
            subject.density().evaluate(points, values, null);
            for (int s = 0; s < BOUND_DRAWS; s++) {
                bound += values[1 + s] / BOUND_DRAWS;
            }
            if (bound > largest) {
                largest = bound;
                place = visit.point();
                level = values[0];
                for (int d = 0; d < dimension; d++) {
                    step[d] = STEP * Math.sqrt(visit.inverseCurvature()[d]);
                }
            }
        }
        if (largest == Double.NEGATIVE_INFINITY) {
            Arrays.fill(step, STEP);
        }
    }

    /**
     * Whether a path has gone so far that the search for directions without a fall is better made from where it began.
     */
    private static boolean runAway(double[] point, double[] start) {
        return IntStream.range(0, point.length).anyMatch(d -> !(Math.abs(point[d] - start[d]) <= FAR));
    }

    /** The Hessian of {@code -log p} in the chosen coordinates, as differenced; NaN where it could not be. */
    private double[][] curvature() {
        int count = coordinates.length;
        double[][] hessian = new double[count][count];
        columns(IntStream.range(0, count).toArray(), hessian);
        double[] scales = scales(hessian);
        int[] again = IntStream.range(0, count)
                .filter(k -> Double.isFinite(scales[k]) && step[coordinates[k]] > STEP_TOLERANCE * STEP * scales[k])
                .toArray();
        for (int k : again) {
            step[coordinates[k]] = STEP * scales[k];
        }
        columns(again, hessian);
        return hessian;
    }

    private void columns(int[] wanted, double[][] hessian) {
        for (int from = 0; from < wanted.length; from += BATCH) {
            int count = Math.min(BATCH, wanted.length - from);
            DMatrixRMaj points = new DMatrixRMaj(dimension, 2 * count);
            for (int d = 0; d < dimension; d++) {
                Arrays.fill(points.data, d * 2 * count, (d + 1) * 2 * count, place[d]);
            }
            for (int k = 0; k < count; k++) {
                int d = coordinates[wanted[from + k]];
                points.set(d, 2 * k, place[d] + step[d]);
                points.set(d, 2 * k + 1, place[d] - step[d]);
            }
            DMatrixRMaj gradient = new DMatrixRMaj(dimension, 2 * count);
            subject.density().evaluate(points, new double[2 * count], gradient);
            for (int k = 0; k < count; k++) {
                int d = coordinates[wanted[from + k]];
                double width = points.get(d, 2 * k) - points.get(d, 2 * k + 1);
                for (int j = 0; j < coordinates.length; j++) {
                    hessian[j][wanted[from + k]] =
                            (gradient.get(coordinates[j], 2 * k + 1) - gradient.get(coordinates[j], 2 * k)) / width;
                }
            }
        }
    }

    /** Conditional standard deviations; NaN where the log density does not bend down. */
    private static double[] scales(double[][] curvature) {
        return IntStream.range(0, curvature.length)
                .mapToDouble(k -> curvature[k][k] > 0 ? 1 / Math.sqrt(curvature[k][k]) : Double.NaN)
                .toArray();
    }

    /** Whether the log density falls on both sides of the place within a distance along each of some directions. */
    private boolean[] falls(List<double[]> directions, double distance) {
        boolean[] falls = new boolean[directions.size()];
        Arrays.fill(falls, true);
        for (int from = 0; from < directions.size(); from += BATCH) {
            int count = Math.min(BATCH, directions.size() - from);
            DMatrixRMaj points = new DMatrixRMaj(dimension, 2 * count);
            for (int k = 0; k < count; k++) {
                double[] direction = directions.get(from + k);
                for (int d = 0; d < dimension; d++) {
                    points.set(d, 2 * k, place[d] + distance * direction[d]);
                    points.set(d, 2 * k + 1, place[d] - distance * direction[d]);
                }
            }
            double[] values = new double[2 * count];
            subject.density().evaluate(points, values, null);
            for (int k = 0; k < count; k++) {
                falls[from + k] = !holds(values[2 * k]) && !holds(values[2 * k + 1]);
            }
        }
        return falls;
    }

    /** A value that is not a number, or {@code +Infinity}, says nothing. */
    private boolean holds(double value) {
        return Double.isFinite(value) && value > level - FALL;
    }

    /** Finds the coordinates along which the density does not fall. */
    private boolean[] coordinatesFallOff(double[] scales, List<String> known) {
        List<double[]> axes = new ArrayList<>();
        for (int d : coordinates) {
            double[] axis = new double[dimension];
            axis[d] = 1;
            axes.add(axis);
        }
        boolean[] near = falls(axes, FAR);
        boolean[] far = falls(axes, VERY_FAR);
        boolean[] improper = new boolean[coordinates.length];
        List<String> names = new ArrayList<>();
        List<String> wide = new ArrayList<>();
        for (int k = 0; k < coordinates.length; k++) {
            String name = subject.name(coordinates[k]);
            improper[k] = !near[k];
            if (near[k] || known.contains(name)) {
                continue;
            }
            if (!far[k]) {
                names.add(name);
            } else if (!(scales[k] > EXTREME)) {
                wide.add(name);
            }
        }
        if (!names.isEmpty()) {
            findings.add(new Finding(
                    Code.IMPROPER,
                    Level.FAIL,
                    names,
                    at(),
                    String.format(
                            Locale.ROOT,
                            "the log density does not fall by %.0f within %.0e of %s along %s: the posterior is"
                                    + " improper, or the data put no bound on it (separation); give it a proper prior",
                            FALL,
                            VERY_FAR,
                            ModelDoctor.Subject.describe(at()),
                            some(names))));
        }
        if (!wide.isEmpty()) {
            findings.add(new Finding(
                    Code.EXTREME_SCALE,
                    Level.WARN,
                    wide,
                    at(),
                    String.format(
                            Locale.ROOT,
                            "the log density does not fall by %.0f within %.0e along %s: give a narrower prior, or"
                                    + " rescale",
                            FALL,
                            FAR,
                            some(wide))));
        }
        return improper;
    }

    private List<Double> at() {
        return Arrays.stream(place).boxed().toList();
    }

    private void judge(double[] scales, boolean[] improper) {
        int[] known = IntStream.range(0, scales.length)
                .filter(k -> Double.isFinite(scales[k]) && !improper[k])
                .boxed()
                .sorted(Comparator.comparingDouble(k -> scales[k]))
                .mapToInt(Integer::intValue)
                .toArray();
        List<String> small = new ArrayList<>();
        List<String> large = new ArrayList<>();
        for (int k = 0; k < scales.length; k++) {
            if (scales[k] < 1 / EXTREME) {
                small.add(subject.name(coordinates[k]));
            } else if (scales[k] > EXTREME && !improper[k]) {
                large.add(subject.name(coordinates[k]));
            }
        }
        extreme(small, "below 1e-4", "multiply the parameter, or measure its predictor in larger units");
        extreme(large, "above 1e4", "divide the parameter, or measure its predictor in smaller units");
        if (known.length > 1) {
            int first = known[0];
            int last = known[known.length - 1];
            if (scales[last] > EXTREME * scales[first]) {
                findings.add(new Finding(
                        Code.SCALE_RATIO,
                        Level.WARN,
                        List.of(subject.name(coordinates[first]), subject.name(coordinates[last])),
                        at(),
                        String.format(
                                Locale.ROOT,
                                "the conditional standard deviation of %s is %.3g, that of %s %.3g: standardise the"
                                        + " predictors, or declare parameters in units in which they are near 1",
                                subject.name(coordinates[first]),
                                scales[first],
                                subject.name(coordinates[last]),
                                scales[last])));
            }
        }
    }

    private void extreme(List<String> names, String how, String remedy) {
        if (!names.isEmpty()) {
            findings.add(new Finding(
                    Code.EXTREME_SCALE,
                    Level.WARN,
                    names,
                    at(),
                    "the conditional standard deviation of " + some(names) + " is " + how
                            + " on the unconstrained scale: " + remedy + ", so that it is near 1"));
        }
    }

    /** Looks at the combinations of coordinates that the Hessian hardly determines. */
    private void combinations(double[][] curvature, double[] scales, boolean[] improper) {
        int[] used = IntStream.range(0, scales.length)
                .filter(k -> Double.isFinite(scales[k]) && !improper[k])
                .toArray();
        if (used.length < 2) {
            return;
        }
        DMatrixRMaj scaled = new DMatrixRMaj(used.length, used.length);
        for (int i = 0; i < used.length; i++) {
            for (int j = 0; j < used.length; j++) {
                double both = (curvature[used[i]][used[j]] + curvature[used[j]][used[i]]) / 2;
                scaled.set(i, j, both * scales[used[i]] * scales[used[j]]);
                if (!Double.isFinite(scaled.get(i, j))) {
                    return;
                }
            }
        }
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(used.length, true, true);
        if (!eigen.decompose(scaled)) {
            return;
        }
        int[] order = IntStream.range(0, used.length)
                .filter(k -> Math.abs(eigen.getEigenvalue(k).getReal()) < SINGULAR)
                .limit(MOST_DIRECTIONS)
                .toArray();
        List<double[]> directions = new ArrayList<>();
        for (int k : order) {
            directions.add(direction(eigen.getEigenVector(k).data, used, scales));
        }
        boolean[] falls = falls(directions, FAR);
        for (int k = 0; k < order.length; k++) {
            double[] direction = directions.get(k);
            List<String> names = named(direction);
            findings.add(
                    falls[k]
                            ? new Finding(
                                    Code.STRONG_CORRELATION,
                                    Level.WARN,
                                    names,
                                    at(),
                                    "the combination " + combination(direction)
                                            + " is more than a thousand times less determined than its terms given the"
                                            + " others: centre the predictors, or declare the well-determined"
                                            + " combinations as parameters")
                            : new Finding(
                                    Code.IMPROPER,
                                    Level.FAIL,
                                    names,
                                    at(),
                                    String.format(
                                            Locale.ROOT,
                                            "the log density does not fall by %.0f within %.0e along the combination"
                                                    + " %s: the data determine other combinations alone; fix one of"
                                                    + " these parameters, make them sum to zero, or give them proper"
                                                    + " priors",
                                            FALL,
                                            FAR,
                                            combination(direction))));
        }
    }

    private double[] direction(double[] eigenvector, int[] used, double[] scales) {
        double[] direction = new double[dimension];
        double squares = 0;
        for (int i = 0; i < used.length; i++) {
            double entry = eigenvector[i] * scales[used[i]];
            direction[coordinates[used[i]]] = entry;
            squares += entry * entry;
        }
        for (int d = 0; d < dimension; d++) {
            direction[d] /= Math.sqrt(squares);
        }
        return direction;
    }

    /** The coordinates with a share in a direction, largest first. */
    private int[] leading(double[] direction) {
        double largest = Arrays.stream(direction).map(Math::abs).max().orElse(0);
        return IntStream.range(0, dimension)
                .filter(d -> Math.abs(direction[d]) >= NAMED * largest)
                .boxed()
                .sorted(Comparator.comparingDouble(d -> -Math.abs(direction[d])))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private List<String> named(double[] direction) {
        return Arrays.stream(leading(direction)).mapToObj(subject::name).toList();
    }

    private String combination(double[] direction) {
        StringBuilder text = new StringBuilder();
        int[] leading = leading(direction);
        for (int k = 0; k < Math.min(MOST_NAMED, leading.length); k++) {
            double entry = direction[leading[k]];
            text.append(k == 0 ? (entry < 0 ? "-" : "") : entry < 0 ? " - " : " + ")
                    .append(String.format(Locale.ROOT, "%.2f %s", Math.abs(entry), subject.name(leading[k])));
        }
        return text.append(leading.length > MOST_NAMED ? " + ..." : "").toString();
    }

    private String note(double[] scales) {
        double[] known = Arrays.stream(scales).filter(Double::isFinite).sorted().toArray();
        String looked = String.format(
                Locale.ROOT,
                "%d of %d coordinates",
                coordinates.length,
                subject.split().inferredCount());
        return known.length == 0
                ? looked + ", none of which bends down"
                : String.format(
                        Locale.ROOT,
                        "%s, conditional standard deviations from %.3g to %.3g%s",
                        looked,
                        known[0],
                        known[known.length - 1],
                        known.length < scales.length ? ", " + (scales.length - known.length) + " without" : "");
    }
}
