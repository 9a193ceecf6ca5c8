package org.variational.optimizer;

/**
 * A rule that turns the gradient of a loss into a step.
 *
 * <p>An optimiser is an immutable configuration, thread-safe and shared freely; what changes during a run is in the
 * {@link OptimizerState} that {@link #start} makes. Step sizes, averaging and the decision to stop are separate parts.
 *
 * <p>An optimiser never sees a gradient that is not finite: the algorithm that drives it leaves such steps out.
 */
public interface Optimizer {

    /**
     * The name used in reports and provenance, with the settings that matter.
     *
     * @return such as {@code "Adam(rate 0.01)"}
     */
    String name();

    /**
     * The state of a run about to start.
     *
     * @param parameters where the run starts; read only
     * @return a state for vectors of that length
     */
    OptimizerState start(double[] parameters);

    /**
     * Takes one step down the gradient.
     *
     * @param parameters the parameters, changed in place
     * @param gradient the gradient of the loss at {@code parameters}, finite; read only
     * @param scale a positive factor on the step size, 1 for the configured one; algorithms lower it from stage to
     *     stage
     * @param state the run's state, changed in place
     * @throws IllegalArgumentException if the lengths do not agree
     */
    void step(double[] parameters, double[] gradient, double scale, OptimizerState state);
}
