package org.variational.distribution;

import org.variational.constraint.Constraint;

/**
 * What a model says about a parameter before data: a {@link Distribution}, one restricted to a constraint, one declared
 * non-centred, or a flat density.
 */
public sealed interface Prior permits Distribution, Prior.Restricted, Prior.NonCentered, Prior.Flat {

    /** The constraint the parameter is transformed by. */
    Constraint support();

    /** The shape of one draw of a joint distribution is fixed; elementwise priors take the declared shape. */
    default boolean elementwise() {
        return true;
    }

    /**
     * A distribution restricted to a constraint <em>without renormalising</em>: the density inside is unchanged, so it
     * no longer integrates to one. For a fixed truncation this shifts the log density, and the evidence, by a constant;
     * where the distribution's parameters are unknown, renormalisation matters: use a truncated distribution instead.
     */
    record Restricted(Distribution distribution, Constraint support) implements Prior {
        @Override
        public boolean elementwise() {
            return distribution.elementwise();
        }
    }

    /**
     * A location-scale distribution whose standardised value is inferred: the parameter is {@code location + scale * z}
     * with z from the standard member, which decouples it from its location and scale.
     */
    record NonCentered(LocationScale distribution) implements Prior {
        @Override
        public Constraint support() {
            return distribution.standard().support();
        }
    }

    /** The improper density that is 1 on the whole support. */
    record Flat(Constraint support) implements Prior {
        /** The flat density on another support. */
        public Flat on(Constraint constraint) {
            return new Flat(constraint);
        }
    }
}
