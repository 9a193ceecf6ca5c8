package org.variational.divergence;

import java.util.function.DoubleUnaryOperator;
import org.variational.weights.LogWeights;

/**
 * A discrepancy between an approximation q and a target p, to be minimised over q: a rule that turns the log weights
 * {@code lw_s = log p(z_s) - log q(z_s)} of a batch of draws into a value and the coefficients of its gradient.
 *
 * <p>With the path score {@code h_s = grad_z log p(z_s) - grad_z log q(z_s)} (q's parameters held fixed) and J_s the
 * derivative of draw s by q's parameters, the gradient of the value is, in two forms of the same expectation,
 * <pre>
 *   path form    - sum_s c_s J_s' h_s
 *   score form     sum_s b_s d log q(z_s) / d lambda
 * </pre>
 * and only the coefficients c and b depend on the divergence. For {@code E_q[f(w)]} they are
 * {@code c = a w^2 f''(w)} and {@code b = a (f(w) - w f'(w))}, where a is the draw's base weight; always
 * {@code db / d lw = -c} with the other draws held fixed. Constants added to all b do not matter.
 *
 * <p>A divergence of one's own is a lambda for {@link #evaluate}, or one of the factories:
 * <pre>{@code
 *   Divergence triangular = Divergence.f(                                   // (w - 1)^2 / (w + 1)
 *           w -> (w - 1) * (w - 1) / (w + 1),
 *           w -> (w - 1) * (w + 3) / ((w + 1) * (w + 1)),
 *           w -> 8 / ((w + 1) * (w + 1) * (w + 1)));
 * }</pre>
 * It then works with every family, estimator and optimiser.
 *
 * <p>Implementations are immutable and thread-safe. The target is rarely normalised, so that a divergence should depend
 * on the log weights up to a constant only, apart from its value.
 */
@FunctionalInterface
public interface Divergence {

    /** How the coefficients of one draw depend on the other draws of the batch. */
    enum Coupling {
        /**
         * Not at all, up to a constant in the score form: the gradient is unbiased and draws may depend on each other.
         */
        OWN_DRAW,
        /** Through normalised weights or ranks: the gradient has a bias of order 1 / S. */
        SELF_NORMALISED,
        /** Through a bound on groups of draws: unbiased for that bound, if the draws of a group are independent. */
        GROUPED
    }

    /** Which side of the log evidence log Z the expected value bounds. */
    enum Bound {
        /** The value is minus a lower bound on log Z. */
        LOWER,
        /** The value is an upper bound on log Z. */
        UPPER,
        /** The value is a divergence, or no bound at all. */
        NONE
    }

    /**
     * Computes the value and the coefficients of its gradient in both forms.
     *
     * <p>Coefficients must be finite, else the step cannot be used; those of draws of weight zero are multiplied by
     * nothing in the path form.
     *
     * @param weights the log weights of the S draws
     * @param path overwritten with c, S numbers; all 0 where {@link #hasPathForm()} is false
     * @param score overwritten with b, S numbers; all 0 where {@link #hasScoreForm()} is false
     * @return the value to be minimised; {@code +Infinity} where the divergence is infinite
     */
    double evaluate(LogWeights weights, double[] path, double[] score);

    /** The name used in reports, such as {@code "reverse KL"}. */
    default String name() {
        return "user-defined divergence";
    }

    /** How the coefficients depend on the other draws; {@link Coupling#SELF_NORMALISED} unless overridden. */
    default Coupling coupling() {
        return Coupling.SELF_NORMALISED;
    }

    /**
     * The side of log Z that the value bounds.
     *
     * @return the bound, {@link Bound#NONE} unless overridden
     */
    default Bound bound() {
        return Bound.NONE;
    }

    /**
     * The number K of draws in a group of a {@link Coupling#GROUPED} divergence. Groups are consecutive draws, and S
     * must be a multiple of K.
     *
     * @return K, or 0 where the whole batch is one group
     */
    default int groupSize() {
        return 0;
    }

    /**
     * The smallest S for which the divergence makes sense.
     *
     * @return at least 1
     */
    default int minimumDraws() {
        return 1;
    }

    /**
     * Whether the path coefficients describe the gradient; false for total variation, whose f'' vanishes almost
     * everywhere.
     *
     * @return true unless overridden
     */
    default boolean hasPathForm() {
        return true;
    }

    /**
     * Whether the score coefficients describe the gradient.
     *
     * @return true unless overridden
     */
    default boolean hasScoreForm() {
        return true;
    }

    /**
     * Whether the gradient is linear in log p, so that an unbiased estimate of log p (a minibatch) keeps it unbiased.
     * True for reverse KL alone, also to a power of the target.
     *
     * @return false unless overridden
     */
    default boolean isLinearInLogDensity() {
        return false;
    }

    /**
     * Whether this is reverse KL to the target itself, and not to a power of it: what algorithms minimise that do not
     * evaluate a divergence.
     *
     * @return false unless overridden
     */
    default boolean isReverseKl() {
        return false;
    }

    /**
     * Whether the divergence of a Gaussian has a minimum only if the target has a variance: it is an average over the
     * target, or over something wider, of squared distances.
     *
     * @return false unless overridden
     */
    default boolean needsTargetVariance() {
        return false;
    }

    /**
     * The power t of the target: the log weights are formed as {@code t log p - log q}.
     *
     * @return 1 unless tempered
     */
    default double targetPower() {
        return 1;
    }

    /**
     * The divergence of which this is the tempered version, whatever the power.
     *
     * @return this unless tempered
     */
    default Divergence untempered() {
        return this;
    }

    /**
     * The derivative of the evidence, or of the bound on it that the value is, by the log weights: non-negative numbers
     * that sum to 1. Optimised coordinates, which are learnt and not inferred, follow {@code sum_s e_s grad log
     * p(z_s)}.
     *
     * <p>By default the self-normalised weights, which give the gradient of log Z.
     *
     * @param weights the log weights of the S draws
     * @param output overwritten, S numbers
     */
    default void evidenceWeights(LogWeights weights, double[] output) {
        weights.softmax(1, output);
    }

    /**
     * The f-divergence {@code E_q[f(p / q)]}.
     *
     * <p>The target's normalising constant is estimated from the same draws (weights are divided by their mean), which
     * leaves a bias of order 1 / S. The functions are asked for ratios between {@code exp(-300)} and S: smaller ratios
     * are taken as {@code exp(-300)}, so that a limit at 0 is reached without 0 times infinity.
     *
     * @param f convex with f(1) = 0
     * @param fPrime the derivative of f
     * @param fSecond the second derivative of f
     */
    static Divergence f(DoubleUnaryOperator f, DoubleUnaryOperator fPrime, DoubleUnaryOperator fSecond) {
        return new GeneralF("f-divergence", f, fPrime, fSecond);
    }
}
