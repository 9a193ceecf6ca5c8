package org.variational.optimizer;

/**
 * A gradient step on everything but the entropy, then the exact proximal step on the entropy of a location-scale
 * family.
 *
 * <p>The entropy of {@code z = mu + L eps} is {@code sum_i log L_ii} and a constant. With a step size {@code gamma} the
 * proximal step is {@code L_ii = (L_ii + sqrt(L_ii^2 + 4 gamma)) / 2}: it keeps scales positive whatever the gradient,
 * and does not need the entropy's gradient, which explodes as a scale goes to 0. Parameters are the scales themselves,
 * not their logarithms, and the gradient given must leave the entropy out.
 *
 * <p>It needs one step size for all parameters: {@link Sgd} without momentum and {@link DistanceOverGradients} have
 * one.
 *
 * @see <a href="https://proceedings.mlr.press/v119/domke20a.html">Domke (2020), Provable smoothness guarantees for
 *     black-box variational inference</a>
 */
public final class ProximalEntropy implements Optimizer {

    private final Optimizer inner;
    private final int[] scales;

    private ProximalEntropy(Optimizer inner, int[] scales) {
        this.inner = inner;
        this.scales = scales;
    }

    /**
     * The proximal step after the steps of another optimiser.
     *
     * @param inner {@link Sgd} without momentum, or {@link DistanceOverGradients}
     * @param scales the positions of the scales {@code L_ii} among the parameters; copied
     * @throws IllegalArgumentException if {@code inner} has no single step size, or a position is negative
     */
    public static ProximalEntropy after(Optimizer inner, int... scales) {
        boolean single = inner instanceof DistanceOverGradients || (inner instanceof Sgd sgd && sgd.momentum() == 0);
        if (!single) {
            throw new IllegalArgumentException(
                    "the proximal entropy step needs one step size for all parameters, which " + inner.name()
                            + " has not: use SGD without momentum, DoG or DoWG");
        }
        for (int scale : scales) {
            if (scale < 0) {
                throw new IllegalArgumentException("the position of a scale must not be negative, got " + scale);
            }
        }
        return new ProximalEntropy(inner, scales.clone());
    }

    /**
     * The same for scales at other positions.
     *
     * @param positions the positions of the scales among the parameters; copied
     * @return a new optimiser
     */
    public ProximalEntropy at(int... positions) {
        return after(inner, positions);
    }

    @Override
    public String name() {
        return inner.name() + " with proximal entropy steps";
    }

    @Override
    public OptimizerState start(double[] parameters) {
        for (int scale : scales) {
            if (scale >= parameters.length || !(parameters[scale] > 0)) {
                throw new IllegalArgumentException("parameter " + scale + " must be a positive scale, but there are "
                        + parameters.length + " parameters"
                        + (scale < parameters.length ? " and it is " + parameters[scale] : ""));
            }
        }
        return inner.start(parameters);
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        inner.step(parameters, gradient, scale, state);
        double size =
                inner instanceof Sgd sgd ? scale * sgd.rate().at(state.steps()) : DistanceOverGradients.lastStep(state);
        for (int i : scales) {
            double x = parameters[i];
            double root = Math.sqrt(x * x + 4 * size);
            // for x < 0 the sum would cancel
            parameters[i] = x >= 0 ? 0.5 * (x + root) : 2 * size / (root - x);
        }
    }
}
