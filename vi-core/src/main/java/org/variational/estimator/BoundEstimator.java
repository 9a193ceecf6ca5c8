package org.variational.estimator;

import java.util.List;

/** An estimator bound to a problem, with its scratch space. */
abstract class BoundEstimator {

    /** The estimator that was chosen, for reports. */
    abstract String name();

    /** How many numbers it keeps in the objective's state. */
    int memorySize() {
        return 0;
    }

    /** Fills the memory, zero on entry, with what it is before the first step. */
    void initialise(double[] memory) {}

    /** What a user must know about the estimates: stated biases. */
    List<String> notes() {
        return List.of();
    }

    /**
     * Adds the gradient by the family's parameters to {@code gradient}, which is zero on entry, and describes the step.
     */
    abstract Estimate estimate(Step step, double[] gradient);
}
