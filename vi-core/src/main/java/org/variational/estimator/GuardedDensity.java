package org.variational.estimator;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.CountedDensity;
import org.variational.density.Gradients;
import org.variational.density.LogDensity;
import org.variational.density.Matrices;
import org.variational.density.RowLogDensity;

/**
 * A log density from which nothing harmful comes out, whatever the user's code does.
 *
 * <p>The density sees copies: it may change or keep the arrays it is given. A lane is <em>rejected</em> if its value is
 * NaN or {@code +Infinity}, if a gradient entry is not finite while the value is, or if the density throws a {@link
 * RuntimeException} (the batch is then repeated lane by lane). A lane whose value is {@code -Infinity} is
 * <em>unsupported</em>: the target is zero there. Rejected lanes get the value NaN, and both kinds get the gradient 0.
 * Errors are passed on. A {@link CountedDensity} is told of all that could not be used, also of an exception at whose
 * points a repetition then gave values.
 *
 * <p>Holds scratch space and is not thread-safe.
 */
public final class GuardedDensity {
    private final LogDensity target;
    private final CoordinateSplit split;
    private final DMatrixRMaj points = new DMatrixRMaj(0, 0);
    private final DMatrixRMaj gradients = new DMatrixRMaj(0, 0);
    private double[] values = {};
    private int rejected;
    private int unsupported;
    private long evaluations;
    private @Nullable Rejection firstRejection;

    /**
     * Guards a target.
     *
     * @param split names its coordinates
     * @throws IllegalArgumentException if their dimensions differ
     */
    public GuardedDensity(LogDensity target, CoordinateSplit split) {
        if (target.dimension() != split.dimension()) {
            throw new IllegalArgumentException("the target has " + target.dimension() + " coordinates, its layout "
                    + split.dimension() + ": pass the layout that belongs to this target");
        }
        this.target = target;
        this.split = split;
    }

    /**
     * Evaluates the target at S points.
     *
     * @param at D x S, read only
     * @param logDensity overwritten, at least S long: finite, {@code -Infinity}, or NaN where rejected
     * @param gradient reshaped to D x S and overwritten, always finite; null where only values are wanted
     */
    public void evaluate(DMatrixRMaj at, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        evaluate(at, null, 0, logDensity, gradient);
    }

    /**
     * Evaluates the target at S points from some data rows, or from all.
     *
     * @param at D x S, read only
     * @param rows the rows of a {@link RowLogDensity}, or null for all
     * @param rowCount how many entries of {@code rows} count
     * @param logDensity overwritten, at least S long: finite, {@code -Infinity}, or NaN where rejected
     * @param gradient reshaped to D x S and overwritten, always finite; null where only values are wanted
     */
    public void evaluate(
            DMatrixRMaj at, int @Nullable [] rows, int rowCount, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        int lanes = at.numCols;
        rejected = 0;
        unsupported = 0;
        evaluations = 0;
        firstRejection = null;
        if (gradient != null) {
            gradient.reshape(split.dimension(), lanes);
        }
        if (values.length < lanes) {
            values = new double[lanes];
        }
        boolean whole;
        try {
            call(at, 0, lanes, rows, rowCount, gradient != null);
            whole = true;
        } catch (RuntimeException e) {
            count(e);
            whole = false;
        }
        if (whole) {
            System.arraycopy(values, 0, logDensity, 0, lanes);
            if (gradient != null) {
                System.arraycopy(gradients.data, 0, gradient.data, 0, split.dimension() * lanes);
            }
            judge(at, 0, lanes, logDensity, gradient);
        } else {
            for (int s = 0; s < lanes; s++) {
                evaluateOne(at, s, rows, rowCount, logDensity, gradient);
            }
        }
    }

    private void evaluateOne(
            DMatrixRMaj at,
            int s,
            int @Nullable [] rows,
            int rowCount,
            double[] logDensity,
            @Nullable DMatrixRMaj gradient) {
        try {
            call(at, s, 1, rows, rowCount, gradient != null);
        } catch (RuntimeException e) {
            count(e);
            reject(at, s, "the target threw " + e + " at draw " + s, e, logDensity, gradient);
            return;
        }
        logDensity[s] = values[0];
        if (gradient != null) {
            for (int i = 0; i < split.dimension(); i++) {
                gradient.data[i * at.numCols + s] = gradients.data[i];
            }
        }
        judge(at, s, s + 1, logDensity, gradient);
    }

    private void call(DMatrixRMaj at, int first, int lanes, int @Nullable [] rows, int rowCount, boolean withGradient) {
        int d = split.dimension();
        evaluations += lanes;
        points.reshape(d, lanes);
        for (int i = 0; i < d; i++) {
            System.arraycopy(at.data, i * at.numCols + first, points.data, i * lanes, lanes);
        }
        Arrays.fill(values, 0, lanes, Double.NaN);
        if (withGradient) {
            gradients.reshape(d, lanes);
            Arrays.fill(gradients.data, 0, d * lanes, Double.NaN);
        }
        DMatrixRMaj wanted = withGradient ? gradients : null;
        if (rows == null) {
            target.evaluate(points, values, wanted);
        } else {
            ((RowLogDensity) target).evaluateRows(rows.clone(), rowCount, points, values, wanted);
        }
        if (withGradient) {
            Gradients.requireFilled(gradients, d, lanes);
        }
    }

    private void count(RuntimeException thrown) {
        if (target instanceof CountedDensity counted) {
            counted.reject(thrown);
        }
    }

    /** Looks through the lanes from {@code from} to {@code to}. */
    private void judge(DMatrixRMaj at, int from, int to, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        for (int s = from; s < to; s++) {
            double value = logDensity[s];
            if (Double.isNaN(value) || value == Double.POSITIVE_INFINITY) {
                reject(at, s, "log density is " + value + " at draw " + s, null, logDensity, gradient);
            } else if (value == Double.NEGATIVE_INFINITY) {
                unsupported++;
                clear(gradient, s);
            }
        }
        if (gradient == null) {
            return;
        }
        for (int i = 0; i < split.dimension(); i++) {
            for (int s = from; s < to; s++) {
                double entry = gradient.data[i * at.numCols + s];
                if (!Double.isFinite(entry)) {
                    String coordinate = "gradient row " + i + " (\"" + split.name(i) + "\")";
                    reject(at, s, coordinate + " is " + entry + " at draw " + s, null, logDensity, gradient);
                }
            }
        }
    }

    private void reject(
            DMatrixRMaj at,
            int s,
            String description,
            @Nullable RuntimeException cause,
            double[] logDensity,
            @Nullable DMatrixRMaj gradient) {
        if (target instanceof CountedDensity counted && counted.cutShort()) {
            // left out after the end of the fit, and no fault of the density
            logDensity[s] = Double.NaN;
            clear(gradient, s);
            return;
        }
        rejected++;
        if (cause == null && target instanceof CountedDensity counted) {
            counted.reject(1);
        }
        logDensity[s] = Double.NaN;
        clear(gradient, s);
        if (firstRejection == null) {
            firstRejection = new Rejection(description, Matrices.column(at, s), cause);
        }
    }

    private static void clear(@Nullable DMatrixRMaj gradient, int s) {
        if (gradient != null) {
            for (int i = 0; i < gradient.numRows; i++) {
                gradient.data[i * gradient.numCols + s] = 0;
            }
        }
    }

    /**
     * The rejected lanes of the last evaluation.
     *
     * @return from 0 to S
     */
    public int rejected() {
        return rejected;
    }

    /**
     * The lanes of the last evaluation at which the target is zero.
     *
     * @return from 0 to S
     */
    public int unsupported() {
        return unsupported;
    }

    /**
     * How many points the target was given in the last evaluation, repetitions included.
     *
     * @return at least S
     */
    public long evaluations() {
        return evaluations;
    }

    /**
     * The first rejection of the last evaluation.
     *
     * @return the rejection, or null if there was none
     */
    public @Nullable Rejection firstRejection() {
        return firstRejection;
    }
}
