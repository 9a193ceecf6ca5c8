package org.variational.optimizer;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Everything an {@link Optimizer} remembers from step to step: moments, distances, the number of steps taken.
 *
 * <p>A state is mutable, belongs to one run and one thread, and can be copied or serialised: a run that goes on from a
 * copy takes the same steps, to the bit.
 */
public final class OptimizerState implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int length;
    private long steps;

    /** Per-run numbers; what each means is the optimiser's business. */
    final double[] scalars;

    /** Per-parameter numbers, each as long as the parameter vector. */
    final double[][] vectors;

    OptimizerState(int length, int scalarCount, int vectorCount) {
        this.length = length;
        this.scalars = new double[scalarCount];
        this.vectors = new double[vectorCount][length];
    }

    private OptimizerState(OptimizerState other) {
        this.length = other.length;
        this.steps = other.steps;
        this.scalars = other.scalars.clone();
        this.vectors = new double[other.vectors.length][];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = other.vectors[i].clone();
        }
    }

    /**
     * The number of parameters this state was started for.
     *
     * @return the length of the parameter vector
     */
    public int length() {
        return length;
    }

    /**
     * The number of steps taken.
     *
     * @return a count from 0
     */
    public long steps() {
        return steps;
    }

    /** Counts a step and returns its number, from 1. */
    long nextStep() {
        return ++steps;
    }

    /**
     * An independent copy.
     *
     * @return a state that takes the same steps as this one
     */
    public OptimizerState copy() {
        return new OptimizerState(this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OptimizerState that
                && that.length == length
                && that.steps == steps
                && Arrays.equals(that.scalars, scalars)
                && Arrays.deepEquals(that.vectors, vectors);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(steps) + Arrays.hashCode(scalars);
    }
}
