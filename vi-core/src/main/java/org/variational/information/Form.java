package org.variational.information;

/**
 * A distribution at numbers with some of its measures in closed form; NaN where there is none for it or for the pair.
 * With {@code logAffinity(q, a) = log of the integral of p^a q^(1 - a)} come Renyi's, the chi-squared and the Hellinger
 * divergence.
 */
abstract class Form {

    double entropy() {
        return Double.NaN;
    }

    /** {@code D(this || q)}. */
    double kl(Form q) {
        return Double.NaN;
    }

    /** {@code log of the integral of this^a q^(1 - a)}, for a other than 0 and 1. */
    double logAffinity(Form q, double a) {
        return Double.NaN;
    }

    /** Half the integral of {@code |this - q|}. */
    double totalVariation(Form q) {
        return Double.NaN;
    }
}
