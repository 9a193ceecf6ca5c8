package org.variational.information;

import java.util.function.DoubleUnaryOperator;

/**
 * A measure of a pair (p, q) as a function of an integral over the base measure, of an integrand of the two log
 * densities.
 *
 * @param name for messages
 * @param integrand what is integrated
 * @param finish from the integral to the measure
 */
record Measure(String name, Integrand integrand, DoubleUnaryOperator finish) {
    private static final double LOG_2 = Math.log(2);

    /** Orders of Renyi's divergence this near to 1 lose digits unless their deviation from it is integrated. */
    private static final double NEAR_ONE = 0.1;

    /**
     * A function of two log densities, of which one may be {@code -Infinity}, by a base measure with a log density of
     * its own.
     */
    @FunctionalInterface
    interface Integrand {
        double at(double logP, double logQ, double logBase);
    }

    private static Measure plain(String name, Integrand integrand) {
        return bounded(name, integrand, Double.POSITIVE_INFINITY);
    }

    /** A measure that exceeds its bound by rounding alone. */
    private static Measure bounded(String name, Integrand integrand, double bound) {
        return new Measure(name, integrand, integral -> Math.min(bound, integral));
    }

    static Measure entropy() {
        return plain("entropy", (logP, logQ, logBase) -> times(Math.exp(logP), logBase - logP));
    }

    static Measure crossEntropy() {
        return plain("cross-entropy", (logP, logQ, logBase) -> times(Math.exp(logP), logBase - logQ));
    }

    static Measure kl() {
        return plain("Kullback-Leibler divergence", (logP, logQ, logBase) -> relative(logP, logQ));
    }

    static Measure jensenShannon() {
        return bounded(
                "Jensen-Shannon divergence",
                (logP, logQ, logBase) -> {
                    double larger = Math.max(logP, logQ);
                    double logMixture = larger - LOG_2 + Math.log1p(Math.exp(Math.min(logP, logQ) - larger));
                    return 0.5 * (relative(logP, logMixture) + relative(logQ, logMixture));
                },
                LOG_2);
    }

    /**
     * {@code p log(p / q) + q - p = p (r - 1 - log r)} with {@code r = q / p}: nowhere negative, so that nothing
     * cancels.
     */
    private static double relative(double logP, double logQ) {
        double p = Math.exp(logP);
        if (p == 0) {
            return Math.exp(logQ);
        }
        double logRatio = logQ - logP;
        return logRatio < 1 ? p * Math.max(0, Math.expm1(logRatio) - logRatio) : Math.exp(logQ) - p * (1 + logRatio);
    }

    static Measure renyi(double order) {
        if (Math.abs(order - 1) < NEAR_ONE) {
            // E_p[(p / q)^(order - 1)] - 1, of which only the deviation from 1 has digits
            return new Measure(
                    "Renyi divergence",
                    (logP, logQ, logBase) -> times(Math.exp(logP), Math.expm1((order - 1) * (logP - logQ))),
                    integral -> Math.log1p(integral) / (order - 1));
        }
        return new Measure(
                "Renyi divergence",
                (logP, logQ, logBase) -> power(logP, order, logQ, 1 - order),
                integral -> Math.log(integral) / (order - 1));
    }

    static Measure chiSquared() {
        return plain("chi-squared divergence", (logP, logQ, logBase) -> {
            if (logP == Double.NEGATIVE_INFINITY) {
                return Math.exp(logQ);
            }
            double logRatio = logP - logQ;
            return logRatio < 1
                    ? Math.exp(logQ) * Math.expm1(logRatio) * Math.expm1(logRatio)
                    : Math.exp(2 * logP - logQ) * Math.expm1(-logRatio) * Math.expm1(-logRatio);
        });
    }

    static Measure squaredHellinger() {
        return bounded(
                "squared Hellinger distance",
                (logP, logQ, logBase) -> {
                    double difference = Math.exp(0.5 * logP) - Math.exp(0.5 * logQ);
                    return 0.5 * difference * difference;
                },
                1);
    }

    static Measure totalVariation() {
        return bounded(
                "total variation distance",
                (logP, logQ, logBase) -> 0.5 * Math.abs(Math.exp(logP) - Math.exp(logQ)),
                1);
    }

    /** The contribution of one unit of p's probability where q vanishes. */
    double withoutQ() {
        return integrand.at(0, Double.NEGATIVE_INFINITY, 0);
    }

    /** The contribution of one unit of q's probability where p vanishes. */
    double withoutP() {
        return integrand.at(Double.NEGATIVE_INFINITY, 0, 0);
    }

    /** A product with {@code 0 * Infinity = 0}. */
    static double times(double weight, double value) {
        return weight == 0 ? 0 : weight * value;
    }

    /** {@code p^a q^b}, 0 where p vanishes and a is not negative, and where q vanishes and b is positive. */
    private static double power(double logP, double a, double logQ, double b) {
        boolean vanishes = (logP == Double.NEGATIVE_INFINITY && a >= 0) || (logQ == Double.NEGATIVE_INFINITY && b > 0);
        return vanishes ? 0 : Math.exp(times(a, logP) + times(b, logQ));
    }

    /** The measure of two distributions on the same finite outcomes. */
    double of(Discrete p, Discrete q) {
        p.requireSameOutcomes(q);
        double sum = 0;
        for (int k = 0; k < p.outcomes(); k++) {
            double logP = p.logProbability(k);
            double logQ = q.logProbability(k);
            if (logP > Double.NEGATIVE_INFINITY || logQ > Double.NEGATIVE_INFINITY) {
                sum += integrand.at(logP, logQ, 0);
            }
        }
        return finish.applyAsDouble(sum);
    }
}
