package org.variational.distribution;

import java.util.random.RandomGenerator;

/**
 * Draws of standard variables, exact up to rounding. Every draw ends, whatever the parameters: it is NaN where they are
 * outside their range, and infinite where the variable is in the limit of an infinite parameter.
 */
final class Draws {

    /** Below this a binomial draw counts single trials, and a Poisson draw multiplies uniforms. */
    private static final int FEW = 16;

    private Draws() {}

    /** A uniform number strictly between 0 and 1. */
    static double open(RandomGenerator random) {
        return ((random.nextLong() >>> 12) + 0.5) * 0x1p-52;
    }

    static double logistic(RandomGenerator random) {
        double p = open(random);
        return Math.log(p) - Math.log1p(-p);
    }

    static double gumbel(RandomGenerator random) {
        return -Math.log(random.nextExponential());
    }

    /**
     * The logarithm of a gamma variable with rate 1, which for small shapes underflows where its logarithm does not.
     * Marsaglia and Tsang (2000, doi:10.1145/358407.358414), with {@code X(a) = X(a + 1) U^(1/a)} for shapes below 1.
     * NaN unless the shape is positive; infinite with it.
     */
    static double logGamma(RandomGenerator random, double shape) {
        if (!(shape > 0) || shape == Double.POSITIVE_INFINITY) {
            return shape > 0 ? shape : Double.NaN;
        }
        if (shape < 1) {
            return logGamma(random, shape + 1) - random.nextExponential() / shape;
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double root = 1 + c * x;
            if (root > 0) {
                double v = root * root * root;
                if (-random.nextExponential() < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                    return Math.log(d) + Math.log(v);
                }
            }
        }
    }

    static double gamma(RandomGenerator random, double shape) {
        return Math.exp(logGamma(random, shape));
    }

    static double beta(RandomGenerator random, double a, double b) {
        return 1 / (1 + Math.exp(logGamma(random, b) - logGamma(random, a)));
    }

    /**
     * The number of successes in n trials, halved by beta-distributed order statistics until few trials are left. NaN
     * unless the number of trials is finite and at least 0 and the probability is between 0 and 1.
     */
    static double binomial(RandomGenerator random, double trials, double probability) {
        if (!(trials >= 0 && trials < Double.POSITIVE_INFINITY && probability >= 0 && probability <= 1)) {
            return Double.NaN;
        }
        double left = trials;
        double p = probability;
        double successes = 0;
        while (left > FEW && p > 0 && p < 1) {
            double middle = Math.floor(left / 2) + 1;
            double y = beta(random, middle, left + 1 - middle);
            if (y <= p) {
                successes += middle;
                left -= middle;
                p = y < 1 ? (p - y) / (1 - y) : 1;
            } else {
                left = middle - 1;
                p /= y;
            }
        }
        if (p >= 1) {
            return successes + left;
        }
        for (int i = 0; i < left; i++) {
            if (random.nextDouble() < p) {
                successes++;
            }
        }
        return successes;
    }

    /**
     * The number of arrivals, reduced by gamma-distributed arrival times until few are expected (Ahrens and Dieter
     * 1974). NaN unless the rate is at least 0; infinite with it.
     */
    static double poisson(RandomGenerator random, double rate) {
        if (!(rate >= 0) || rate == Double.POSITIVE_INFINITY) {
            return rate >= 0 ? rate : Double.NaN;
        }
        double left = rate;
        double count = 0;
        while (left > FEW) {
            double arrivals = Math.floor(0.875 * left);
            double time = gamma(random, arrivals);
            if (time > left) {
                return count + binomial(random, arrivals - 1, left / time);
            }
            count += arrivals;
            left -= time;
        }
        double product = open(random);
        double limit = Math.exp(-left);
        while (product > limit) {
            product *= open(random);
            count++;
        }
        return count;
    }
}
