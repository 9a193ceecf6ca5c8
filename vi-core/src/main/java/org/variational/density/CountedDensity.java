package org.variational.density;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * A log density that counts the points at which it is evaluated, with and without gradient, and the evaluations that
 * whoever judges them reports to be of no use. Otherwise it is the density it counts for; it takes subsets of rows if
 * that one does.
 */
public sealed class CountedDensity implements LogDensity {

    private final LogDensity density;
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

    final void count(DMatrixRMaj points, @Nullable DMatrixRMaj gradient) {
        if (gradient == null) {
            values += points.numCols;
        } else {
            gradients += points.numCols;
        }
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
        rejected += points;
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
        count(points, gradient);
        density.evaluate(points, logDensity, gradient);
    }

    @Override
    public String implementation() {
        return density.implementation();
    }

    @Override
    public boolean hasGradient() {
        return density.hasGradient();
    }
}
