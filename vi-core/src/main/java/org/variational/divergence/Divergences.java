package org.variational.divergence;

/** The divergences that are ready to use, for static import. */
public final class Divergences {
    private Divergences() {}

    /**
     * The reverse Kullback-Leibler divergence {@code KL(q, p)}, whose value is minus the evidence lower bound.
     *
     * @return the divergence
     */
    public static Divergence reverseKl() {
        return ReverseKl.INSTANCE;
    }

    /**
     * The forward Kullback-Leibler divergence {@code KL(p, q)}, by self-normalised weights.
     *
     * @return the divergence
     */
    public static Divergence forwardKl() {
        return ForwardKl.INSTANCE;
    }
}
