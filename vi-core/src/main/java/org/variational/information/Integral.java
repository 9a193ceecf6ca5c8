package org.variational.information;

/** A running sum of an integrand and of the two probabilities it goes with. */
final class Integral {
    double value;
    double magnitude;
    double massP;
    double massQ;

    /**
     * Adds weight times the integrand of a measure at a point.
     *
     * @param logP the log density of p, by the same measure as the next two
     * @param logQ the log density of q
     * @param logBase the log density of the measure that entropies refer to
     */
    void add(double weight, double logP, double logQ, double logBase, Measure measure) {
        double p = orVanishing(logP);
        double q = orVanishing(logQ);
        if (p == Double.NEGATIVE_INFINITY && q == Double.NEGATIVE_INFINITY) {
            return;
        }
        double term = weight * measure.integrand().at(p, q, logBase);
        value += term;
        magnitude += Math.abs(term);
        massP += weight * Math.exp(p);
        massQ += weight * Math.exp(q);
    }

    void add(Integral other) {
        value += other.value;
        magnitude += other.magnitude;
        massP += other.massP;
        massQ += other.massQ;
    }

    /**
     * Outside its support a log density may be NaN, and next to an end it may overflow; what that loses, the masses
     * tell.
     */
    private static double orVanishing(double logDensity) {
        return Double.isNaN(logDensity) || logDensity == Double.POSITIVE_INFINITY
                ? Double.NEGATIVE_INFINITY
                : logDensity;
    }

    /** The largest difference of the three from the sum of two others. */
    double distance(Integral left, Integral right) {
        return Math.max(
                Math.abs(value - left.value - right.value),
                Math.max(Math.abs(massP - left.massP - right.massP), Math.abs(massQ - left.massQ - right.massQ)));
    }
}
