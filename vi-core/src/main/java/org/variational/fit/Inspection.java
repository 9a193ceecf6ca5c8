package org.variational.fit;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Task;
import org.variational.density.GradientCheck;
import org.variational.density.LogDensity;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.Stratified;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * A look at a user's own density before it is fitted: whether it gives the same value twice, and whether its gradient
 * is that of its values.
 *
 * <p>Two draws from the approximation at the start are looked at, and of the gradient all coordinates or a random
 * choice of them, so that about a hundred evaluations of two lanes are made however many coordinates there are. A
 * compiled model is not looked at.
 *
 * @param nonDeterminism what two evaluations gave, or empty if they agree
 * @param gradient the worst mismatch of the gradient, or empty
 * @param evaluations the density evaluations made
 */
record Inspection(String nonDeterminism, String gradient, long evaluations) {

    private static final int POINTS = 2;
    private static final int MAX_COORDINATES = 24;

    /** What another order of summation may change in a value, relatively. */
    private static final double SAME = 1e-10;

    private static final Inspection NONE = new Inspection("", "", 0);

    /**
     * Looks at the density around a start.
     *
     * @param task what is fitted
     * @param start the answer at the start
     * @param ended becomes true when no further evaluation is to be made
     */
    static Inspection of(Task task, Algorithm.Outcome start, BooleanSupplier ended) {
        LogDensity target = task.target();
        int ofFamily = start.family().parameterCount();
        VariationalDistribution q = start.family().member(Arrays.copyOf(start.parameters(), ofFamily));
        if (!target.implementation().equals(LogDensity.OWN_CODE)
                || !(q instanceof VariationalDistribution.Reparameterised || q instanceof Stratified)) {
            return NONE;
        }
        CoordinateSplit split = task.objective().coordinates();
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), POINTS);
        DrawScheme.independent()
                .draws(q.noiseDimension(), RandomStreams.of(task.seed()).child("inspection", 0))
                .fill(0, noise);
        DMatrixRMaj inferred = new DMatrixRMaj(split.inferredCount(), POINTS);
        q.sample(noise, inferred);
        DMatrixRMaj points = new DMatrixRMaj(split.dimension(), POINTS);
        split.join(inferred, Arrays.copyOfRange(start.parameters(), ofFamily, start.parameters().length), points);

        Watched density = new Watched(target, split, ended);
        String difference = difference(density, points);
        String mismatch = "";
        if (difference.isEmpty() && target.hasGradient()) {
            mismatch = GradientCheck.compare(
                            density, task.layout(), points, coordinates(task.seed(), split.dimension()))
                    .worst()
                    .map(GradientCheck.Mismatch::describe)
                    .orElse("");
        }
        return new Inspection(difference, mismatch, density.evaluations);
    }

    private static String difference(LogDensity density, DMatrixRMaj points) {
        double[] first = new double[POINTS];
        double[] second = new double[POINTS];
        density.evaluate(points, first, null);
        density.evaluate(points, second, null);
        for (int s = 0; s < POINTS; s++) {
            double change = Math.abs(first[s] - second[s]);
            if (Double.isFinite(change) && change > SAME * (1 + Math.abs(first[s]))) {
                return String.format(
                        Locale.ROOT,
                        "the log density gave %s and then %s at the same point: it must be a function of the point"
                                + " alone",
                        first[s],
                        second[s]);
            }
        }
        return "";
    }

    /** All coordinates, or distinct random ones. */
    private static int[] coordinates(long seed, int dimension) {
        int[] all = new int[dimension];
        Arrays.setAll(all, d -> d);
        int count = Math.min(dimension, MAX_COORDINATES);
        if (count < dimension) {
            RandomGenerator random = RandomStreams.of(seed).generator("inspection coordinates", 0);
            for (int k = 0; k < count; k++) {
                int other = random.nextInt(k, dimension);
                int swapped = all[k];
                all[k] = all[other];
                all[other] = swapped;
            }
        }
        return Arrays.copyOf(all, count);
    }

    /** A density that may misbehave and take long: what cannot be used, or comes after the end, is NaN. */
    private static final class Watched implements LogDensity {

        private final GuardedDensity density;
        private final CoordinateSplit split;
        private final BooleanSupplier ended;
        private long evaluations;

        Watched(LogDensity target, CoordinateSplit split, BooleanSupplier ended) {
            this.density = new GuardedDensity(target, split);
            this.split = split;
            this.ended = ended;
        }

        @Override
        public int dimension() {
            return split.dimension();
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
            if (ended.getAsBoolean()) {
                Arrays.fill(logDensity, 0, points.numCols, Double.NaN);
                return;
            }
            density.evaluate(points, logDensity, gradient);
            evaluations += density.evaluations();
        }
    }
}
