package org.variational.information;

import java.util.function.DoubleUnaryOperator;

/**
 * A measure of a pair (p, q) as a function of an integral over the base measure, of an integrand of the two log densities.
 *
 * @param name for messages
 * @param integrand what is integrated
 * @param outside the integrand per unit of q's probability where p vanishes
 * @param finish from the integral to the measure
 */
record Measure(String name, Integrand integrand, double outside, DoubleUnaryOperator finish) {
    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final double LOG_2 = Math.log(2);

    /** A function of two log densities, of which one may be {@code -Infinity}, by a base measure with a log density of its own. */
    @FunctionalInterface
    interface Integrand {
        double at(double logP, double logQ, double logBase);
    }

    private static Measure plain(String name, Integrand integrand, double outside) {
        return new Measure(name, integrand, outside, integral -> integral);
    }

    static Measure entropy() {
        return plain("entropy", (logP, logQ, logBase) -> times(Math.exp(logP), logBase - logP), 0);
    }

    static Measure crossEntropy() {
        return plain("cross-entropy", (logP, logQ, logBase) -> times(Math.exp(logP), logBase - logQ), 0);
    }

    static Measure kl() {
        return plain("Kullback-Leibler divergence", (logP, logQ, logBase) -> relative(logP, logQ), 1);
    }

    static Measure jensenShannon() {
        return plain(
                "Jensen-Shannon divergence",
                (logP, logQ, logBase) -> {
                    double larger = Math.max(logP, logQ);
                    double logMixture = larger - LOG_2 + Math.log1p(Math.exp(Math.min(logP, logQ) - larger));
                    return 0.5 * (relative(logP, logMixture) + relative(logQ, logMixture));
                },
                0.5 * LOG_2);
    }

    /** {@code p log(p / q) + q - p = p (r - 1 - log r)} with {@code r = q / p}: nowhere negative, so that nothing cancels. */
    private static double relative(double logP, double logQ) {
        double p = Math.exp(logP);
        if (p == 0) {
            return Math.exp(logQ);
        }
        double logRatio = logQ - logP;
        return logRatio < 1 ? p * Math.max(0, Math.expm1(logRatio) - logRatio) : Math.exp(logQ) - p * (1 + logRatio);
    }

    static Measure renyi(double order) {
        return new Measure(
                "Renyi divergence",
                (logP, logQ, logBase) -> power(logP, order, logQ, 1 - order),
                order < 0 ? INFINITY : 0,
                integral -> Math.log(integral) / (order - 1));
    }

    static Measure chiSquared() {
        return plain(
                "chi-squared divergence",
                (logP, logQ, logBase) -> {
                    if (logP == Double.NEGATIVE_INFINITY) {
                        return Math.exp(logQ);
                    }
                    double logRatio = logP - logQ;
                    return logRatio < 1
                            ? Math.exp(logQ) * Math.expm1(logRatio) * Math.expm1(logRatio)
                            : Math.exp(2 * logP - logQ) * Math.expm1(-logRatio) * Math.expm1(-logRatio);
                },
                1);
    }

    static Measure squaredHellinger() {
        return plain(
                "squared Hellinger distance",
                (logP, logQ, logBase) -> {
                    double difference = Math.exp(0.5 * logP) - Math.exp(0.5 * logQ);
                    return 0.5 * difference * difference;
                },
                0.5);
    }

    static Measure totalVariation() {
        return plain(
                "total variation distance",
                (logP, logQ, logBase) -> 0.5 * Math.abs(Math.exp(logP) - Math.exp(logQ)),
                0.5);
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
