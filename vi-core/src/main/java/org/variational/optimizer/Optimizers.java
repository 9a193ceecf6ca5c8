package org.variational.optimizer;

/** The optimisers by name. */
public final class Optimizers {

    private Optimizers() {}

    /**
     * {@link Adam} with the given step size.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static Adam adam(double rate) {
        return Adam.of(rate);
    }

    /**
     * {@link Adam} dividing by the largest mean square so far.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static Adam amsGrad(double rate) {
        return Adam.of(rate).withMaximum();
    }

    /**
     * {@link RmsProp} in its averaged form.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static RmsProp rmsProp(double rate) {
        return RmsProp.of(rate);
    }

    /**
     * {@link AdaGrad} with the given step size.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static AdaGrad adaGrad(double rate) {
        return AdaGrad.of(rate);
    }

    /**
     * {@link Sgd} without momentum.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static Sgd sgd(double rate) {
        return Sgd.of(rate);
    }

    /**
     * {@link DistanceOverGradients} without weights.
     *
     * @return the optimiser
     */
    public static DistanceOverGradients doG() {
        return new DistanceOverGradients(false);
    }

    /**
     * {@link DistanceOverGradients} with weights.
     *
     * @return the optimiser
     */
    public static DistanceOverGradients doWG() {
        return new DistanceOverGradients(true);
    }

    /**
     * {@link Cocob} with {@code alpha = 100}.
     *
     * @return the optimiser
     */
    public static Cocob cocob() {
        return new Cocob(100);
    }

    /**
     * An optimiser that sees gradients no longer than a given Euclidean norm; longer ones are shortened to it.
     *
     * <p>Clipping biases: where gradients are skewed, as those of scales are, the mean of the clipped ones is not zero
     * where that of the gradients is, and the iterates settle elsewhere. Choose a norm that is seldom exceeded near the
     * optimum.
     *
     * @param optimizer the optimiser
     * @param maxNorm the norm, positive
     * @throws IllegalArgumentException if {@code maxNorm} is not positive and finite
     */
    public static Optimizer clipped(Optimizer optimizer, double maxNorm) {
        return new Clipped(optimizer, maxNorm);
    }

    /**
     * Steps on everything but the entropy, then the exact proximal step on the entropy: {@link ProximalEntropy}. For a
     * mean-field or full-rank Gaussian under reverse KL with the closed-form entropy estimator; the fit knows where the
     * scales are.
     *
     * @param inner SGD without momentum, DoG or DoWG
     * @return the optimiser
     * @throws IllegalArgumentException if {@code inner} has no single step size
     */
    public static ProximalEntropy proximalEntropy(Optimizer inner) {
        return ProximalEntropy.after(inner);
    }
}
