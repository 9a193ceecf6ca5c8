package org.variational.information;

import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.variational.distribution.Distribution;

/**
 * Entropy, divergences and mutual information, for static import. All are in nats; {@link #bits} converts.
 *
 * <p>They take discrete distributions on finitely many outcomes ({@link Discrete}), or the distributions that models
 * are declared with ({@link org.variational.distribution.Distributions}) at parameters that are numbers. For the latter
 * the closed form is used where the pair has one; otherwise a sum (integers) or quadrature (the line), with an error of
 * about 1e-9 relative to the sum of absolute terms. Multivariate pairs without a closed form are refused; {@link
 * MonteCarlo} serves them.
 *
 * <p>{@code D(p || q)} and {@code D(q || p)} differ except where said. Where p is possible and q is not, {@code D(p ||
 * q)} is {@code +Infinity}; {@code 0 log 0 = 0}. Stateless and thread-safe.
 *
 * <p>Measures of two {@code Distribution}s throw {@link IllegalArgumentException} if a parameter is not a number, if
 * one distribution is discrete and the other continuous, if their sizes differ, or if both are multivariate without a
 * closed form; and {@link ArithmeticException} if a sum or integral cannot be computed to the accuracy stated.
 *
 * @see <a href="https://doi.org/10.1002/047174882X">Cover and Thomas (2006), Elements of information theory</a>
 */
public final class Information {
    /**
     * Orders of Renyi's divergence nearer to 1 than this differ from the Kullback-Leibler divergence by rounding alone.
     */
    private static final double SAME_AS_KL = 1e-8;

    private static final double LOG_2 = Math.log(2);

    private Information() {}

    /** A number of nats in bits: {@code nats / log 2}. */
    public static double bits(double nats) {
        return nats / LOG_2;
    }

    // ---- entropy ----------------------------------------------------------------------------------------------------

    /** The entropy {@code H(p) = - sum of p log p}. */
    public static double entropy(Discrete p) {
        return Measure.entropy().of(p, p);
    }

    /** The entropy {@code H(p) = - E_p[log p]}, which for a continuous distribution may be negative. */
    public static double entropy(Distribution p) {
        Parameterised numeric = Parameterised.of(p);
        double closed = numeric.form() == null ? Double.NaN : numeric.form().entropy();
        return Double.isNaN(closed) ? Pair.of(numeric, numeric).computed(Measure.entropy()) : closed;
    }

    /**
     * The cross-entropy {@code H(p, q) = - sum of p log q = H(p) + D(p || q)}.
     *
     * @throws IllegalArgumentException if the numbers of outcomes differ
     */
    public static double crossEntropy(Discrete p, Discrete q) {
        return Measure.crossEntropy().of(p, q);
    }

    /** The cross-entropy {@code H(p, q) = - E_p[log q] = H(p) + D(p || q)}. */
    public static double crossEntropy(Distribution p, Distribution q) {
        return Pair.of(p, q).measure(Measure.crossEntropy(), (of, to) -> of.entropy() + of.kl(to));
    }

    /**
     * The entropy of Y that is left once X is known: {@code H(Y | X) = H(X, Y) - H(X)}.
     *
     * @param joint the distribution of (X, Y)
     */
    public static double conditionalEntropy(JointTable joint) {
        Discrete x = joint.rowMarginal();
        double sum = 0;
        for (int row = 0; row < joint.rows(); row++) {
            if (x.probability(row) > 0) {
                sum += x.probability(row) * entropy(joint.columnsGivenRow(row));
            }
        }
        return sum;
    }

    // ---- divergences ------------------------------------------------------------------------------------------------

    /**
     * The Kullback-Leibler divergence {@code D(p || q) = E_p[log p - log q]}. With p a target and q its approximation
     * this is the forward direction; the reverse one is {@code klDivergence(q, p)}.
     *
     * @throws IllegalArgumentException if the numbers of outcomes differ
     */
    public static double klDivergence(Discrete p, Discrete q) {
        return Measure.kl().of(p, q);
    }

    /**
     * The Kullback-Leibler divergence {@code D(p || q) = E_p[log p - log q]}. With p a target and q its approximation
     * this is the forward direction; the reverse one is {@code klDivergence(q, p)}.
     */
    public static double klDivergence(Distribution p, Distribution q) {
        return Pair.of(p, q).measure(Measure.kl(), Form::kl);
    }

    /**
     * The Jensen-Shannon divergence {@code (D(p || m) + D(q || m)) / 2} with {@code m = (p + q) / 2}: symmetric, at
     * most log 2, the square of a metric (Lin 1991, doi:10.1109/18.61115).
     *
     * @throws IllegalArgumentException if the numbers of outcomes differ
     */
    public static double jensenShannon(Discrete p, Discrete q) {
        return Measure.jensenShannon().of(p, q);
    }

    /**
     * The Jensen-Shannon divergence {@code (D(p || m) + D(q || m)) / 2} with {@code m = (p + q) / 2}, at most log 2.
     */
    public static double jensenShannon(Distribution p, Distribution q) {
        return Pair.of(p, q).measure(Measure.jensenShannon(), (of, to) -> Double.NaN);
    }

    /**
     * Renyi's divergence {@code D_a(p || q) = log(sum of p^a q^(1 - a)) / (a - 1)}: at a = 1 the Kullback-Leibler
     * divergence, at a = 0 {@code - log q(p > 0)}, at infinity the largest log ratio. It increases with a, and {@code
     * D_a(p || q) = a / (1 - a) D_(1 - a)(q || p)}, which makes it negative for negative orders.
     *
     * @param order a, any number but NaN and {@code -Infinity}
     * @throws IllegalArgumentException if the numbers of outcomes differ or the order is not allowed
     * @see <a href="https://arxiv.org/abs/1206.2459">van Erven and Harremoes (2014), Renyi divergence and
     *     Kullback-Leibler divergence</a>
     */
    public static double renyiDivergence(Discrete p, Discrete q, double order) {
        requireOrder(order);
        if (Math.abs(order - 1) < SAME_AS_KL) {
            return klDivergence(p, q);
        }
        if (order == Double.POSITIVE_INFINITY) {
            p.requireSameOutcomes(q);
            double largest = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < p.outcomes(); k++) {
                if (p.probability(k) > 0) {
                    largest = Math.max(largest, p.logProbability(k) - q.logProbability(k));
                }
            }
            return largest;
        }
        return Measure.renyi(order).of(p, q);
    }

    /**
     * Renyi's divergence {@code D_a(p || q) = log(integral of p^a q^(1 - a)) / (a - 1)}, as for discrete distributions.
     *
     * @param order a, finite
     */
    public static double renyiDivergence(Distribution p, Distribution q, double order) {
        requireOrder(order);
        if (order == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "Renyi's divergence of infinite order is computed for Discrete distributions only; use a finite"
                            + " order");
        }
        if (Math.abs(order - 1) < SAME_AS_KL) {
            return klDivergence(p, q);
        }
        ToDoubleBiFunction<Form, Form> closed = (of, to) -> of.logAffinity(to, order) / (order - 1);
        return Pair.of(p, q).measure(Measure.renyi(order), order == 0 ? (of, to) -> Double.NaN : closed);
    }

    private static void requireOrder(double order) {
        if (Double.isNaN(order) || order == Double.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("the order of Renyi's divergence must be a number, got " + order);
        }
    }

    /**
     * Pearson's chi-squared divergence {@code sum of (p - q)^2 / q = E_q[(p/q)^2] - 1}.
     *
     * @throws IllegalArgumentException if the numbers of outcomes differ
     */
    public static double chiSquared(Discrete p, Discrete q) {
        return Measure.chiSquared().of(p, q);
    }

    /** Pearson's chi-squared divergence {@code E_q[(p/q)^2] - 1}. */
    public static double chiSquared(Distribution p, Distribution q) {
        return Pair.of(p, q).measure(Measure.chiSquared(), (of, to) -> Math.max(0, Math.expm1(of.logAffinity(to, 2))));
    }

    /**
     * The squared Hellinger distance {@code sum of (sqrt p - sqrt q)^2 / 2}: symmetric, at most 1.
     *
     * @throws IllegalArgumentException if the numbers of outcomes differ
     */
    public static double squaredHellinger(Discrete p, Discrete q) {
        return Measure.squaredHellinger().of(p, q);
    }

    /** The squared Hellinger distance {@code 1 - integral of sqrt(p q)}: symmetric, at most 1. */
    public static double squaredHellinger(Distribution p, Distribution q) {
        return Pair.of(p, q)
                .measure(Measure.squaredHellinger(), (of, to) -> Math.max(0, -Math.expm1(of.logAffinity(to, 0.5))));
    }

    /**
     * The total variation distance {@code sum of |p - q| / 2}, the largest difference in the probability of an event:
     * symmetric, at most 1.
     *
     * @throws IllegalArgumentException if the numbers of outcomes differ
     */
    public static double totalVariation(Discrete p, Discrete q) {
        return Measure.totalVariation().of(p, q);
    }

    /** The total variation distance {@code integral of |p - q| / 2}: symmetric, at most 1. */
    public static double totalVariation(Distribution p, Distribution q) {
        return Pair.of(p, q).measure(Measure.totalVariation(), Form::totalVariation);
    }

    // ---- mutual information -----------------------------------------------------------------------------------------

    /** The mutual information {@code I(X; Y) = D(p(x, y) || p(x) p(y)) = H(Y) - H(Y | X)} of two discrete variables. */
    public static double mutualInformation(JointTable joint) {
        return klDivergence(joint.cells(), joint.independent().cells());
    }

    /**
     * The mutual information of some coordinates of a Gaussian vector with the others:
     * {@code (log det S_xx + log det S_yy - log det S) / 2}.
     *
     * @param joint the distribution of the vector
     * @param x distinct coordinates from 0 to D - 1, at least one and not all
     * @throws IllegalArgumentException if the coordinates are not so
     */
    public static double mutualInformation(Gaussian joint, int... x) {
        boolean[] inX = new boolean[joint.dimension()];
        for (int i : x) {
            if (i < 0 || i >= inX.length || inX[i]) {
                throw new IllegalArgumentException("coordinates of X must be distinct numbers from 0 to "
                        + (inX.length - 1) + ", but " + i + " is not or comes twice");
            }
            inX[i] = true;
        }
        if (x.length == 0 || x.length == inX.length) {
            throw new IllegalArgumentException(
                    "X must be some of the " + inX.length + " coordinates and leave some to Y, got " + x.length);
        }
        int[] y = IntStream.range(0, inX.length).filter(i -> !inX[i]).toArray();
        double sum = joint.marginal(x).logDeterminant() + joint.marginal(y).logDeterminant() - joint.logDeterminant();
        return Math.max(0, 0.5 * sum);
    }
}
