package org.variational.optimizer;

/**
 * Step sizes from the distance travelled over the gradients seen, with nothing to tune: DoG and its weighted form DoWG.
 *
 * <p>With {@code r} the largest distance from the start so far, at least {@code first (1 + ||x_0||)}:
 * <ul>
 *   <li>DoG: {@code v += ||g||^2}, step size {@code r / sqrt(v)};
 *   <li>DoWG: {@code v += r^2 ||g||^2}, step size {@code r^2 / sqrt(v)}.
 * </ul>
 * One size serves all parameters, so they should be of one scale; and the last iterate needs averaging.
 *
 * @param weighted whether gradients are weighted by the distance (DoWG)
 * @param firstDistance how far the first step goes relative to {@code 1 + ||x_0||}: small against the unknown distance
 *     to the optimum; 1e-6 where nothing is known, more in coordinates with a known scale
 * @param largestStep the largest step size; infinite where nothing is known, 1 in coordinates with a curvature of about
 *     1
 * @see <a href="https://arxiv.org/abs/2302.12022">Ivgi, Hinder and Carmon (2023), DoG is SGD's best friend</a>
 * @see <a href="https://arxiv.org/abs/2305.16284">Khaled, Mishchenko and Jin (2023), DoWG unleashed</a>
 */
public record DistanceOverGradients(boolean weighted, double firstDistance, double largestStep) implements Optimizer {

    private static final double SMALL_DISTANCE = 1e-6;
    private static final int DISTANCE = 0;
    private static final int SUM = 1;
    private static final int LAST = 2;
    private static final int START = 0;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if {@code firstDistance} is not positive and finite, or {@code largestStep} not
     *     positive
     */
    public DistanceOverGradients {
        Checks.positive("first distance", firstDistance);
        if (!(largestStep > 0)) {
            throw new IllegalArgumentException("largest step must be positive, got " + largestStep);
        }
    }

    /**
     * Step sizes of any size that begin with a distance of 1e-6.
     *
     * @param weighted whether gradients are weighted by the distance (DoWG)
     */
    public DistanceOverGradients(boolean weighted) {
        this(weighted, SMALL_DISTANCE, Double.POSITIVE_INFINITY);
    }

    @Override
    public String name() {
        return weighted ? "DoWG" : "DoG";
    }

    @Override
    public OptimizerState start(double[] parameters) {
        OptimizerState state = new OptimizerState(parameters.length, 3, 1);
        double square = 0;
        for (double x : parameters) {
            square += x * x;
        }
        state.scalars[DISTANCE] = firstDistance * (1 + Math.sqrt(square));
        System.arraycopy(parameters, 0, state.vectors[START], 0, parameters.length);
        return state;
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        Checks.sameLength(parameters, gradient, state);
        state.nextStep();
        double[] start = state.vectors[START];
        double travelled = 0;
        double slope = 0;
        for (int i = 0; i < parameters.length; i++) {
            double away = parameters[i] - start[i];
            travelled += away * away;
            slope += gradient[i] * gradient[i];
        }
        double r = Math.max(state.scalars[DISTANCE], Math.sqrt(travelled));
        state.scalars[DISTANCE] = r;
        state.scalars[SUM] += weighted ? r * r * slope : slope;
        if (state.scalars[SUM] == 0) {
            return;
        }
        double size = scale * Math.min(largestStep, (weighted ? r * r : r) / Math.sqrt(state.scalars[SUM]));
        state.scalars[LAST] = size;
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] -= size * gradient[i];
        }
    }

    /** The size of the last step. */
    static double lastStep(OptimizerState state) {
        return state.scalars[LAST];
    }
}
