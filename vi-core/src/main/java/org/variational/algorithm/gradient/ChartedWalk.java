package org.variational.algorithm.gradient;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.variational.optimizer.Optimizer;
import org.variational.optimizer.OptimizerState;
import org.variational.random.RandomStreams;

/**
 * The iterates of a descent: variational parameters, moved by an optimiser in the local coordinates of a {@link Chart}.
 * Mutable, for one thread.
 */
final class ChartedWalk {

    /** Squared gradients that have fallen by this factor are held against an optimiser that adds them up. */
    private static final double LARGE_FALL = 16;

    private final Chart chart;
    private final Optimizer optimizer;
    private final boolean tuningFree;
    private final @Nullable Chart whitened;
    private final double[] shown;
    private final double[] parameters;
    private final double[] gradient;
    private final double[] local;
    private final double[] travelled;
    private final double[] before;
    private final double[] candidate;
    private OptimizerState optimizerState;
    private double squares;

    ChartedWalk(StepPlan plan, double[] start) {
        this.chart = plan.chart();
        this.optimizer = plan.optimizer();
        this.tuningFree = plan.tuningFree();
        this.whitened = plan.whitened();
        this.shown = new double[start.length];
        this.parameters = start.clone();
        int n = start.length;
        this.gradient = new double[n];
        this.local = new double[n];
        this.travelled = new double[n];
        this.before = new double[n];
        this.candidate = new double[n];
        chart.locate(parameters, travelled);
        this.optimizerState = optimizer.start(travelled);
    }

    /** The current iterate; not to be changed. */
    double[] parameters() {
        return parameters;
    }

    /** Where the gradient by the parameters is written before {@link #move}. */
    double[] gradient() {
        return gradient;
    }

    /**
     * Takes a step unless it leads to a number that is not finite.
     *
     * @param scale the factor on the optimiser's step size
     * @param streams the source of randomness, should the chart need draws
     * @param step the number of the step
     * @param signal shown the gradient in units of the member's own scales
     * @return whether the step was taken
     */
    boolean move(double scale, RandomStreams streams, long step, GradientSignal signal) {
        int n = parameters.length;
        chart.refresh(parameters, streams, step);
        chart.pull(parameters, gradient, local);
        for (double g : local) {
            if (!Double.isFinite(g)) {
                return false;
            }
        }
        if (whitened == null) {
            signal.add(local);
        } else {
            whitened.pull(parameters, gradient, shown);
            signal.add(shown);
        }
        System.arraycopy(travelled, 0, before, 0, n);
        optimizer.step(travelled, local, scale, optimizerState);
        for (int i = 0; i < n; i++) {
            local[i] = travelled[i] - before[i];
        }
        chart.limit(local);
        System.arraycopy(parameters, 0, candidate, 0, n);
        chart.move(candidate, local);
        for (double x : candidate) {
            if (!Double.isFinite(x)) {
                System.arraycopy(before, 0, travelled, 0, n);
                return false;
            }
        }
        for (int i = 0; i < n; i++) {
            travelled[i] = before[i] + local[i];
        }
        System.arraycopy(candidate, 0, parameters, 0, n);
        return true;
    }

    /** Goes on from other parameters, with an optimiser in its first state. */
    void restart(double[] from) {
        double[] to = Arrays.copyOf(from, from.length);
        System.arraycopy(to, 0, parameters, 0, to.length);
        chart.locate(parameters, travelled);
        forget();
    }

    /** Puts the optimiser back into its first state, at the same place. */
    void forget() {
        optimizerState = optimizer.start(travelled);
        squares = 0;
    }

    /**
     * Begins again at the same place if the local coordinates no longer fit it, or if step sizes found from much larger
     * gradients are to be found anew.
     *
     * @param meanSquare the mean squared norm of the last gradients
     */
    void refit(double meanSquare) {
        squares = Math.max(squares, meanSquare);
        boolean fallen = tuningFree && squares > LARGE_FALL * meanSquare;
        if (fallen || chart.outgrown(travelled)) {
            chart.locate(parameters, travelled);
            forget();
        }
    }
}
