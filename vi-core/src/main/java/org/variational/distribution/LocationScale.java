package org.variational.distribution;

import org.variational.expression.Expr;

/**
 * A distribution of {@code location + scale * z}, with z from a standard member without parameters of these two kinds.
 */
public interface LocationScale extends Distribution {

    /** The distribution of z. */
    Distribution standard();

    /**
     * The value that a standardised value stands for: {@code location + scale * z}, or {@code location + L z} for a
     * joint one.
     */
    Expr fromStandard(Expr standardised);

    /** This distribution as a prior whose standardised value is inferred. */
    default Prior.NonCentered nonCentered() {
        return new Prior.NonCentered(this);
    }
}
