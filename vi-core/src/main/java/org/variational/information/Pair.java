package org.variational.information;

import java.util.function.ToDoubleBiFunction;
import org.variational.distribution.Distribution;

/**
 * Two distributions that can be compared.
 *
 * @param p the first
 * @param q the second
 */
record Pair(Parameterised p, Parameterised q) {

    static Pair of(Distribution p, Distribution q) {
        return of(Parameterised.of(p), Parameterised.of(q));
    }

    /**
     * A checked pair.
     *
     * @throws IllegalArgumentException if one is discrete and the other not, or the sizes differ
     */
    static Pair of(Parameterised p, Parameterised q) {
        if (p.distribution().discrete() != q.distribution().discrete()) {
            throw new IllegalArgumentException(
                    "both distributions must be discrete or both continuous, got " + p.name() + " and " + q.name());
        }
        if (p.distribution().size() != q.distribution().size()) {
            throw new IllegalArgumentException("both distributions must have the same size, got " + p.name() + " of "
                    + p.distribution().size() + " and " + q.name() + " of "
                    + q.distribution().size() + " elements");
        }
        return new Pair(p, q);
    }

    /** The closed form if there is one, otherwise the sum or integral. */
    double measure(Measure measure, ToDoubleBiFunction<Form, Form> closed) {
        if (p.form() != null && q.form() != null) {
            double value = closed.applyAsDouble(p.form(), q.form());
            if (!Double.isNaN(value)) {
                return value;
            }
        }
        return computed(measure);
    }

    /** The sum or integral. */
    double computed(Measure measure) {
        if (p.distribution().size() != 1 || !p.distribution().elementwise()) {
            throw new IllegalArgumentException("the " + measure.name() + " of " + p.name() + " and " + q.name()
                    + " has no closed form here, and quadrature serves one dimension only; use MonteCarlo");
        }
        return p.distribution().discrete() ? Summation.of(measure, p, q) : Quadrature.of(measure, p, q);
    }
}
