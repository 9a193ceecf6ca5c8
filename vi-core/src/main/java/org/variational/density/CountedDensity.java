package org.variational.density;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * A log density that counts the points at which it is evaluated, with and without gradient, and the evaluations that
 * whoever judges them reports to be of no use. Otherwise it is the density it counts for; it takes subsets of rows if
 * that one does.
 *
 * <p>A density of the user's own that is so slow that one call would take longer than a twentieth of a second is given
 * fewer points at a time, and none after {@link #endWhen the end}: the lanes left out are NaN, and are neither counted
 * nor reported. So a fit outlives its limits by little more than one point, once the
 * density is known to be slow.
 */
public sealed class CountedDensity implements LogDensity {

    private static final double LONGEST_CALL_NANOS = 5e7;

    private final LogDensity density;
    private BooleanSupplier ended = () -> false;
    private final Pace ofValues = new Pace();
    private final Pace ofGradients = new Pace();

    private boolean cutShort;
    private long values;
    private long gradients;
    private long rejected;
    private long exceptions;
    private @Nullable RuntimeException firstException;

    private CountedDensity(LogDensity density) {
        this.density = density;
    }

    /**
     * Counts for a density, from 0.
     *
     * @param density the density, of which only the returned object should be used from now on
     * @return a {@link RowLogDensity} if {@code density} is one
     */
    public static CountedDensity of(LogDensity density) {
        return density instanceof RowLogDensity rows ? new WithRows(rows) : new CountedDensity(density);
    }

    private static final class WithRows extends CountedDensity implements RowLogDensity {

        private final RowLogDensity density;

        WithRows(RowLogDensity density) {
            super(density);
            this.density = density;
        }

        @Override
        public int rowCount() {
            return density.rowCount();
        }

        @Override
        public void evaluateRows(
                int[] rows, int count, DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
            count(points, gradient);
            density.evaluateRows(rows, count, points, logDensity, gradient);
        }
    }

    /**
     * Sets what ends the evaluation of a slow density.
     *
     * @param end becomes true when no further point is to be evaluated, and stays so
     */
    public void endWhen(BooleanSupplier end) {
        this.ended = end;
    }

    /** Whether points have been left out since the end. */
    public boolean cutShort() {
        return cutShort;
    }

    final void count(DMatrixRMaj points, @Nullable DMatrixRMaj gradient) {
        if (gradient == null) {
            values += points.numCols;
        } else {
            gradients += points.numCols;
        }
    }

    /** The points evaluated so far, with gradient or without. */
    public long evaluations() {
        return values + gradients;
    }

    /** The points evaluated without gradient so far, those of subsets of rows included. */
    public long valueEvaluations() {
        return values;
    }

    /** The points evaluated with gradient so far, those of subsets of rows included. */
    public long gradientEvaluations() {
        return gradients;
    }

    /**
     * Counts evaluations that gave NaN, {@code +Infinity}, or a gradient that is not finite.
     *
     * @param points how many
     */
    public void reject(int points) {
        rejected += cutShort ? 0 : points;
    }

    /**
     * Counts an evaluation that ended in an exception, whatever came of a repetition.
     *
     * @param thrown the exception
     */
    public void reject(RuntimeException thrown) {
        rejected++;
        exceptions++;
        if (firstException == null) {
            firstException = thrown;
        }
    }

    /** The evaluations reported to be of no use so far; a batch that ended in an exception counts as one. */
    public long rejectedEvaluations() {
        return rejected;
    }

    /** How many of the rejected evaluations ended in an exception. */
    public long exceptions() {
        return exceptions;
    }

    /** The first exception reported; null if there was none. */
    public @Nullable RuntimeException firstException() {
        return firstException;
    }

    @Override
    public int dimension() {
        return density.dimension();
    }

    @Override
    public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        double nanosPerPoint = pace(gradient).nanosPerPoint();
        if (density.implementation().equals(OWN_CODE) && nanosPerPoint * points.numCols > LONGEST_CALL_NANOS) {
            evaluateInParts(points, logDensity, gradient);
        } else {
            call(points, logDensity, gradient);
        }
    }

    private Pace pace(@Nullable DMatrixRMaj gradient) {
        return gradient == null ? ofValues : ofGradients;
    }

    /** The time of a point, by the fastest of the last calls: neither a pause nor one cheap call counts for long. */
    private static final class Pace {

        private final double[] last = new double[8];
        private int calls;

        void add(double nanosPerPoint) {
            last[Math.floorMod(calls++, last.length)] = nanosPerPoint;
        }

        /** 0 before the first call. */
        double nanosPerPoint() {
            double least = calls == 0 ? 0 : Double.POSITIVE_INFINITY;
            for (int k = 0; k < Math.min(calls, last.length); k++) {
                least = Math.min(least, last[k]);
            }
            return least;
        }
    }

    private void call(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        count(points, gradient);
        int lanes = points.numCols;
        long start = System.nanoTime();
        density.evaluate(points, logDensity, gradient);
        pace(gradient).add((double) (System.nanoTime() - start) / lanes);
    }

    private void evaluateInParts(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        int lanes = points.numCols;
        int d = points.numRows;
        for (int from = 0; from < lanes; ) {
            double nanosPerPoint = pace(gradient).nanosPerPoint();
            int count = (int) Math.max(1, Math.min(lanes - from, LONGEST_CALL_NANOS / nanosPerPoint));
            if (ended.getAsBoolean()) {
                cutShort = true;
                leaveOut(from, lanes, logDensity, gradient);
                return;
            }
            DMatrixRMaj part = new DMatrixRMaj(d, count);
            DMatrixRMaj slopes = gradient == null ? null : new DMatrixRMaj(d, count);
            double[] found = new double[count];
            for (int i = 0; i < d; i++) {
                System.arraycopy(points.data, i * lanes + from, part.data, i * count, count);
            }
            call(part, found, slopes);
            System.arraycopy(found, 0, logDensity, from, count);
            if (gradient != null && slopes != null) {
                Gradients.requireFilled(slopes, d, count);
                for (int i = 0; i < d; i++) {
                    System.arraycopy(slopes.data, i * count, gradient.data, i * lanes + from, count);
                }
            }
            from += count;
        }
    }

    private static void leaveOut(int from, int lanes, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        Arrays.fill(logDensity, from, lanes, Double.NaN);
        if (gradient != null) {
            for (int i = 0; i < gradient.numRows; i++) {
                Arrays.fill(gradient.data, i * lanes + from, (i + 1) * lanes, Double.NaN);
            }
        }
    }

    @Override
    public String implementation() {
        return density.implementation();
    }

    @Override
    public @Nullable Interactions interactions() {
        return density.interactions();
    }

    /** Counts each point as an evaluation without gradient. */
    @Override
    public @Nullable LogDensityParts parts(int[] setOf) {
        LogDensityParts known = density.parts(setOf);
        return known == null ? null : new CountedParts(known);
    }

    private final class CountedParts implements LogDensityParts {

        private final LogDensityParts counted;

        CountedParts(LogDensityParts counted) {
            this.counted = counted;
        }

        @Override
        public int count() {
            return counted.count();
        }

        @Override
        public void evaluate(DMatrixRMaj points, DMatrixRMaj parts) {
            CountedDensity.this.count(points, null);
            counted.evaluate(points, parts);
        }
    }

    @Override
    public boolean hasGradient() {
        return density.hasGradient();
    }
}
