package org.variational.divergence;

/**
 * The divergences that are ready to use, for static import.
 *
 * <p>Two parameters are called alpha in the literature. Here the <em>alpha family</em> has {@code f''(w) = w^(alpha -
 * 2)}, and <em>Renyi's</em> alpha is that of Renyi's divergence and of the bound by Li and Turner. Up to constants and
 * the logarithm:
 * <table>
 *   <caption>The two parameters</caption>
 *   <tr><th>divergence</th><th>alpha family</th><th>Renyi's alpha</th></tr>
 *   <tr><td>reverse KL(q, p)</td><td>0</td><td>1</td></tr>
 *   <tr><td>Hellinger</td><td>1/2</td><td>1/2</td></tr>
 *   <tr><td>forward KL(p, q)</td><td>1</td><td>0 (as a limit: the bound itself is then log Z)</td></tr>
 *   <tr><td>chi-squared(p, q), CUBO_2</td><td>2</td><td>-1</td></tr>
 *   <tr><td>chi-squared(q, p)</td><td>-1</td><td>2</td></tr>
 *   <tr><td>in general</td><td>alpha</td><td>1 - alpha</td></tr>
 * </table>
 * Larger values of the first column cover p's mass more widely, and their weights have heavier tails.
 */
public final class Divergences {
    private static final double SAME = 1e-6;

    private Divergences() {}

    /** The reverse Kullback-Leibler divergence {@code KL(q, p)}, whose value is minus the evidence lower bound. */
    public static Divergence reverseKl() {
        return ReverseKl.INSTANCE;
    }

    /** The forward Kullback-Leibler divergence {@code KL(p, q)}, by self-normalised weights. */
    public static Divergence forwardKl() {
        return ForwardKl.INSTANCE;
    }

    /**
     * The alpha family with {@code f''(w) = w^(alpha - 2)}, in its log form
     * {@code (log E_q[w^alpha] - alpha log Z) / (alpha (alpha - 1))}, whose coefficients {@code softmax(alpha lw)} do
     * not depend on the target's normalisation. Within 1e-6 of 0 and of 1 it is reverse and forward KL.
     *
     * @param alpha any finite number
     * @throws IllegalArgumentException if alpha is not finite
     */
    public static Divergence alpha(double alpha) {
        checkFinite(alpha, "alpha");
        if (Math.abs(alpha) < SAME) {
            return reverseKl();
        }
        if (Math.abs(alpha - 1) < SAME) {
            return forwardKl();
        }
        return new AlphaDivergence(alpha);
    }

    /**
     * Renyi's variational bound {@code 1/(1 - alpha) log E_q[w^(1 - alpha)]} of all draws of a step.
     *
     * <p>At alpha of at least 0 it is a lower bound on log Z, estimated from the whole batch as one group: the bound
     * that is optimised depends on S, approaches that of the population for large S, and holds for every S. At 1 it is
     * the evidence lower bound. Below 0 it is an upper bound, {@link #cubo cubo(1 - alpha)}, optimised in its
     * population form.
     *
     * @param alpha Renyi's alpha, finite; see the table above
     * @throws IllegalArgumentException if alpha is not finite
     * @see <a href="https://arxiv.org/abs/1602.02311">Li and Turner (2016), Renyi divergence variational inference</a>
     */
    public static Divergence renyi(double alpha) {
        checkFinite(alpha, "alpha");
        if (Math.abs(alpha - 1) < SAME) {
            return reverseKl();
        }
        String name = "Renyi bound (alpha = " + alpha + ")";
        return alpha < 0 ? new UpperBound(name, 1 - alpha) : new RenyiBound(name, alpha, 0);
    }

    /**
     * Renyi's variational lower bound on groups of K independent draws.
     *
     * @param alpha Renyi's alpha, at least 0
     * @param groupSize K, at least 1; with 1, as at alpha = 1, it is reverse KL
     * @throws IllegalArgumentException if alpha is negative or not finite, or K is not positive
     */
    public static Divergence renyi(double alpha, int groupSize) {
        checkFinite(alpha, "alpha");
        if (alpha < 0) {
            throw new IllegalArgumentException(
                    "for alpha below 0 the expected bound of K draws is no upper bound, got alpha = " + alpha
                            + ": use renyi(alpha) without K, which minimises the upper bound of the population");
        }
        checkGroup(groupSize);
        if (groupSize == 1 || Math.abs(alpha - 1) < SAME) {
            return reverseKl();
        }
        return new RenyiBound("Renyi bound (alpha = " + alpha + ", K = " + groupSize + ")", alpha, groupSize);
    }

    /**
     * The importance-weighted lower bound {@code E log 1/K sum_k w_k} on groups of K independent draws. It rises with K
     * to log Z; q itself is then a proposal for importance sampling rather than an approximation.
     *
     * @param groupSize K, at least 1; with 1 it is reverse KL
     * @throws IllegalArgumentException if K is not positive
     * @see <a href="https://arxiv.org/abs/1509.00519">Burda, Grosse, Salakhutdinov (2016), Importance weighted
     *     autoencoders</a>
     * @see <a href="https://arxiv.org/abs/1810.04152">Tucker et al. (2019), Doubly reparameterized gradient
     *     estimators</a>
     */
    public static Divergence importanceWeighted(int groupSize) {
        checkGroup(groupSize);
        return groupSize == 1
                ? reverseKl()
                : new RenyiBound("importance-weighted bound (K = " + groupSize + ")", 0, groupSize);
    }

    /** The chi-squared divergence of p from q, minimised through the upper bound {@code cubo(2)}. */
    public static Divergence chiSquared() {
        return new UpperBound("chi-squared (CUBO_2)", 2);
    }

    /**
     * The chi upper bound on log Z, {@code CUBO_n = 1/n log E_q[w^n]}. The log form is optimised, with the coefficients
     * of the population. The estimate from S draws is biased low, so that it is an upper bound in the limit only.
     *
     * @param order n, above 1
     * @throws IllegalArgumentException if n is not above 1 or not finite
     * @see <a href="https://arxiv.org/abs/1611.00328">Dieng et al. (2017), Variational inference via chi upper bound
     *     minimization</a>
     */
    public static Divergence cubo(double order) {
        checkFinite(order, "order");
        if (!(order > 1)) {
            throw new IllegalArgumentException("CUBO_n is an upper bound for n above 1 only, got " + order
                    + ": use renyi(1 - n) for a lower bound");
        }
        return new UpperBound(
                "CUBO_" + (order == Math.rint(order) ? String.valueOf((long) order) : String.valueOf(order)), order);
    }

    /**
     * The squared Hellinger distance {@code E_q[(sqrt w - 1)^2]}, from 0 to 2, symmetric in p and q.
     */
    public static Divergence squaredHellinger() {
        return new SquaredHellinger();
    }

    /** Jeffreys' divergence, the sum of both KL divergences. */
    public static Divergence jeffreys() {
        return new WeightedKl("Jeffreys", 1, 1);
    }

    /**
     * The weighted mean {@code (1 - s) KL(q, p) + s KL(p, q)} of both KL divergences.
     *
     * @param position s, from 0 (reverse KL) to 1 (forward KL)
     * @throws IllegalArgumentException if s is outside
     */
    public static Divergence interpolatedKl(double position) {
        checkUnit(position, "position");
        if (position == 0) {
            return reverseKl();
        }
        return position == 1
                ? forwardKl()
                : new WeightedKl("interpolated KL (position = " + position + ")", 1 - position, position);
    }

    /**
     * The geometric Jensen-Shannon divergence {@code (1 - s) KL(q, g) + s KL(p, g)} with g proportional to
     * {@code q^s p^(1 - s)}: another path from reverse KL (s = 0) to forward KL (s = 1).
     *
     * @param position s, from 0 to 1
     * @throws IllegalArgumentException if s is outside
     * @see <a href="https://arxiv.org/abs/2006.10599">Deasy, Simidjievski, Lio (2020), Constraining variational
     *     inference with geometric Jensen-Shannon divergence</a>
     */
    public static Divergence geometricJensenShannon(double position) {
        checkUnit(position, "position");
        if (position == 0) {
            return reverseKl();
        }
        return position == 1 ? forwardKl() : new GeometricInterpolation(position);
    }

    /**
     * The skewed reverse KL divergence {@code KL(q, (1 - s) q + s p)}, at most {@code -log(1 - s)} also where p has no
     * mass.
     *
     * @param skew s, above 0 and at most 1; at 1 it is reverse KL
     * @throws IllegalArgumentException if s is outside
     */
    public static Divergence skewedReverseKl(double skew) {
        checkSkew(skew);
        return skew == 1 ? reverseKl() : new SkewedReverseKl(skew);
    }

    /**
     * The skewed forward KL divergence {@code KL(p, (1 - s) p + s q)}, at most {@code -log(1 - s)}, with bounded
     * coefficients.
     *
     * @param skew s, above 0 and at most 1; at 1 it is forward KL
     * @throws IllegalArgumentException if s is outside
     */
    public static Divergence skewedForwardKl(double skew) {
        checkSkew(skew);
        return skew == 1 ? forwardKl() : new SkewedForwardKl(skew);
    }

    /**
     * The Jensen-Shannon divergence {@code 1/2 KL(p, m) + 1/2 KL(q, m)}, m the equal mixture; at most log 2, with
     * bounded coefficients.
     */
    public static Divergence jensenShannon() {
        return new JensenShannon();
    }

    /**
     * The total variation distance {@code 1/2 E_q|w - 1|}. It has no path gradient: only the score-function estimator
     * and those like it serve.
     */
    public static Divergence totalVariation() {
        return new TotalVariation();
    }

    /**
     * The tail-adaptive f-divergence: the coefficient of a draw is proportional to the reciprocal of the fraction of
     * draws with a weight at least as large. Needs at least 10 draws and the path estimator; its value is minus the
     * evidence lower bound, for information.
     *
     * @see <a href="https://arxiv.org/abs/1810.11943">Wang, Liu, Liu (2018), Variational inference with tail-adaptive
     *     f-divergence</a>
     */
    public static Divergence tailAdaptive() {
        return new TailAdaptive();
    }

    /**
     * A divergence from the tempered target {@code p^t}; t below 1 flattens it.
     *
     * @param power t, positive
     * @return the divergence from the tempered target; its value bounds nothing unless t is 1
     * @throws IllegalArgumentException if t is not positive and finite
     */
    public static Divergence tempered(Divergence divergence, double power) {
        checkFinite(power, "power");
        if (!(power > 0)) {
            throw new IllegalArgumentException("the target's power must be positive, got " + power);
        }
        return new Tempered(divergence, power);
    }

    /**
     * A divergence of Pareto-smoothed weights: in batches of at least 32 equally weighted draws the largest weights are
     * replaced by the quantiles of a fitted Pareto distribution before they are normalised, which trades noise for a
     * bias that vanishes with S. The value is then no bound.
     *
     * @param divergence a divergence with self-normalised weights, such as forward KL
     * @throws IllegalArgumentException if its weights are not self-normalised, so that there is nothing to smooth or
     *     smoothing would break an unbiased gradient
     * @see org.variational.weights.ParetoSmoothing
     */
    public static Divergence smoothed(Divergence divergence) {
        if (divergence.coupling() != Divergence.Coupling.SELF_NORMALISED) {
            throw new IllegalArgumentException("smoothing is for divergences with self-normalised weights, which \""
                    + divergence.name() + "\" has not: use it as it is");
        }
        return new Smoothed(divergence);
    }

    private static void checkFinite(double value, String name) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " must be finite, got " + value);
        }
    }

    private static void checkUnit(double value, String name) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be from 0 (reverse KL) to 1 (forward KL), got " + value);
        }
    }

    private static void checkSkew(double skew) {
        if (!(skew > 0 && skew <= 1)) {
            throw new IllegalArgumentException(
                    "skew must be above 0 and at most 1, got " + skew + ": at 0 the divergence vanishes everywhere");
        }
    }

    private static void checkGroup(int groupSize) {
        if (groupSize < 1) {
            throw new IllegalArgumentException("a group must have at least 1 draw, got " + groupSize);
        }
    }
}
