package org.variational.lab.matrix;

import java.util.Arrays;
import java.util.Comparator;

/**
 * What a divergence is in the limit of infinitely many draws, and its derivative, on a grid: written out from the
 * formulas and independent of the library's divergences, which it checks.
 */
interface Population {

    /**
     * Evaluates the divergence of a normalised target from an approximation.
     *
     * @param logMass the logarithms of the approximation's mass at each point of the grid
     * @param logRatio {@code log p - log q} at each point
     * @param score overwritten with the mass times b, so that the gradient is the sum of {@code score d log q}
     * @return the value; NaN where only the gradient is defined
     */
    double evaluate(double[] logMass, double[] logRatio, double[] score);

    /** {@code mass f(w)} and {@code mass (f(w) - w f'(w))} as functions of log mass and log w. */
    interface Term {
        double at(double logMass, double logRatio);
    }

    /** A sum over the grid of terms. */
    static Population sum(Term value, Term score) {
        return (logMass, logRatio, b) -> {
            double total = 0;
            for (int i = 0; i < b.length; i++) {
                b[i] = score.at(logMass[i], logRatio[i]);
                total += value.at(logMass[i], logRatio[i]);
            }
            return total;
        };
    }

    /** {@code KL(q, p)}. */
    static Population reverseKl() {
        return sum((m, r) -> -Math.exp(m) * r, (m, r) -> -Math.exp(m) * r);
    }

    /** {@code KL(p, q)}. */
    static Population forwardKl() {
        return sum((m, r) -> Math.exp(m + r) * r, (m, r) -> -Math.exp(m + r));
    }

    /** {@code E_q w^a / (a (a - 1))}. */
    static Population power(double a) {
        return sum((m, r) -> Math.exp(m + a * r) / (a * (a - 1)), (m, r) -> -Math.exp(m + a * r) / a);
    }

    /** {@code first KL(q, p) + second KL(p, q)}. */
    static Population weighted(double first, double second) {
        return combined(first, reverseKl(), second, forwardKl());
    }

    private static Population combined(double first, Population one, double second, Population other) {
        return (m, r, b) -> {
            double[] more = new double[b.length];
            double value = first * one.evaluate(m, r, b) + second * other.evaluate(m, r, more);
            for (int i = 0; i < b.length; i++) {
                b[i] = first * b[i] + second * more[i];
            }
            return value;
        };
    }

    /** {@code (1-s)^2 KL(q, p) + s^2 KL(p, q) + log E_q w^(1-s)}, the two KLs from their geometric mean. */
    static Population geometric(double s) {
        Population both = weighted((1 - s) * (1 - s), s * s);
        return (m, r, b) -> {
            double value = both.evaluate(m, r, b);
            double affinity = 0;
            for (int i = 0; i < b.length; i++) {
                affinity += Math.exp(m[i] + (1 - s) * r[i]);
            }
            for (int i = 0; i < b.length; i++) {
                b[i] += s * Math.exp(m[i] + (1 - s) * r[i]) / affinity;
            }
            return value + Math.log(affinity);
        };
    }

    /** {@code KL(q, (1-s) q + s p)}. */
    static Population skewedReverse(double s) {
        return sum(
                (m, r) -> -Math.exp(m) * logMix(s, r),
                (m, r) -> Math.exp(m) * (s * Math.exp(r - logMix(s, r)) - logMix(s, r)));
    }

    /** {@code KL(p, (1-s) p + s q)}. */
    static Population skewedForward(double s) {
        return sum((m, r) -> -Math.exp(m + r) * logMix(s, -r), (m, r) -> -Math.exp(m) * s * Math.exp(-logMix(s, -r)));
    }

    /** {@code log(1 - s + s exp(r))}. */
    private static double logMix(double s, double r) {
        return r > 0 ? r + Math.log(s + (1 - s) * Math.exp(-r)) : Math.log1p(s * Math.expm1(r));
    }

    /** Half the sum of the KL divergences of p and of q from their equal mixture. */
    static Population jensenShannon() {
        return combined(0.5, skewedReverse(0.5), 0.5, skewedForward(0.5));
    }

    /** {@code E_q (w-1)^2 / (w+1)}. */
    static Population triangular() {
        return sum((m, r) -> (Math.exp(m + r) - Math.exp(m)) * Math.tanh(r / 2), (m, r) -> {
            double w = Math.exp(Math.min(r, 300));
            double f = (w - 1) / (w + 1) * (w - 1);
            double slope = (w - 1) / (w + 1) * ((w + 3) / (w + 1));
            return Math.exp(m) * (f - w * slope);
        });
    }

    /**
     * Total variation with its corner rounded over ratios within a hundredth of 1, {@code E_q sqrt((w-1)^2 + e^2
     * (w+1)^2)/2}, so that sums over a grid are smooth in q. The optimum moves by the order of e^2.
     */
    static Population totalVariation(double e) {
        return sum((m, r) -> Math.exp(m) * rounded(Math.exp(Math.min(r, 300)), e), (m, r) -> {
            double w = Math.exp(Math.min(r, 300));
            double slope = (w - 1 + e * e * (w + 1)) / (4 * rounded(w, e));
            return Math.exp(m) * (rounded(w, e) - w * slope);
        });
    }

    private static double rounded(double w, double e) {
        return Math.hypot(w - 1, e * (w + 1)) / 2;
    }

    /** Minus the expected Renyi bound of groups of two draws; at alpha = 0 the importance-weighted bound. */
    static Population pairs(double alpha) {
        double power = 1 - alpha;
        return (logMass, logRatio, b) -> {
            Arrays.fill(b, 0);
            int[] heavy = java.util.stream.IntStream.range(0, b.length)
                    .filter(i -> logMass[i] > -16)
                    .toArray();
            double value = 0;
            for (int i : heavy) {
                double sum = 0;
                for (int j : heavy) {
                    double a = power * (logRatio[j] - logRatio[i]);
                    double bound = -(power * logRatio[i] + softplus(a) - Math.log(2)) / power;
                    double mass = Math.exp(logMass[j]);
                    value += Math.exp(logMass[i]) * mass * bound;
                    sum += mass * (2 * bound + 2 / (1 + Math.exp(a)));
                }
                b[i] = Math.exp(logMass[i]) * sum;
            }
            return value;
        };
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /**
     * The expected gradient of the tail-adaptive rule from S draws. A draw that a fraction u of q outweighs has rank
     * {@code 1 + Binomial(S-1, u)}, whose reciprocal has the mean {@code (1 - (1-u)^S) / (S u)}; the coefficient is
     * that over the sum of reciprocal ranks, and b the integral of minus the coefficient by log w. There is no function
     * whose gradient it is.
     */
    static Population tailAdaptive(int draws) {
        return (logMass, logRatio, b) -> {
            int n = b.length;
            Integer[] order = new Integer[n];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, Comparator.comparingDouble(i -> -logRatio[i]));
            double harmonic = 0;
            for (int k = 1; k <= draws; k++) {
                harmonic += 1.0 / k;
            }
            double above = 0;
            double integral = 0;
            double before = 0;
            double last = logRatio[order[0]];
            for (int i : order) {
                double mass = Math.exp(logMass[i]);
                double u = Math.min(1, above + mass / 2);
                double c = u > 0 ? -Math.expm1(draws * Math.log1p(-u)) / (u * harmonic) : draws / harmonic;
                if (above == 0) {
                    before = c;
                }
                integral += (last - logRatio[i]) * (before + c) / 2;
                b[i] = mass * integral;
                above += mass;
                before = c;
                last = logRatio[i];
            }
            return Double.NaN;
        };
    }
}
