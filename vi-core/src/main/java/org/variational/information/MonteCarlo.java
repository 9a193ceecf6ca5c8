package org.variational.information;

import java.util.List;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.LogDensity;
import org.variational.distribution.Distribution;
import org.variational.distribution.Sampler;
import org.variational.expression.Data;
import org.variational.expression.Evaluator;
import org.variational.expression.Expr;
import org.variational.expression.Plan;
import org.variational.kernel.Kernels;

/**
 * Measures of a pair (p, q) estimated from independent draws of p, of which only the two log densities are kept. Both
 * must be normalised. Immutable and thread-safe.
 *
 * <p>Expectations under p are averaged over the draws; the standard error is the standard deviation of what is averaged
 * over the square root of their number. It is trustworthy only where that has a variance, and it cannot see what no
 * draw has hit. Where q vanishes at a draw, divergences that are then infinite are {@code +Infinity} and not NaN.
 */
public final class MonteCarlo {
    private static final int BATCH = 256;

    private final double[] logP;
    private final double[] logQ;

    private MonteCarlo(double[] logP, double[] logQ) {
        this.logP = logP;
        this.logQ = logQ;
    }

    /**
     * From log densities at draws of p.
     *
     * @param logP log p at each draw, finite
     * @param logQ log q at each draw; {@code -Infinity} where q vanishes
     * @throws IllegalArgumentException if there are fewer than 2 draws or the lengths differ, if a number is NaN or
     *     {@code +Infinity}, or if p vanishes at a draw
     */
    public static MonteCarlo of(double[] logP, double[] logQ) {
        if (logP.length != logQ.length || logP.length < 2) {
            throw new IllegalArgumentException("log p and log q must be known at the same draws, 2 or more, got "
                    + logP.length + " and " + logQ.length);
        }
        for (int i = 0; i < logP.length; i++) {
            if (!Double.isFinite(logP[i])) {
                throw new IllegalArgumentException("log p is " + logP[i] + " at draw " + i
                        + ", but draws of p have a finite log density under p; are these draws of q?");
            }
            if (!(logQ[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("log q is " + logQ[i] + " at draw " + i);
            }
        }
        return new MonteCarlo(logP.clone(), logQ.clone());
    }

    /**
     * From any two log densities.
     *
     * @param p the log density of p, normalised
     * @param q the log density of q, normalised
     * @param draws D x S, independent draws of p
     * @throws IllegalArgumentException as for the log densities at the draws, and if dimensions differ
     */
    public static MonteCarlo of(LogDensity p, LogDensity q, DMatrixRMaj draws) {
        if (p.dimension() != draws.numRows || q.dimension() != draws.numRows) {
            throw new IllegalArgumentException("the draws have " + draws.numRows + " coordinates, but p has "
                    + p.dimension() + " and q has " + q.dimension());
        }
        double[] logP = new double[draws.numCols];
        double[] logQ = new double[draws.numCols];
        p.evaluate(draws, logP, null);
        q.evaluate(draws, logQ, null);
        return of(logP, logQ);
    }

    /**
     * From draws of a distribution, of any size, whose parameters are numbers.
     *
     * @param p the distribution that is drawn from
     * @param q the other
     * @param draws how many, at least 2
     * @param random the source of randomness
     * @throws IllegalArgumentException if a parameter is not a number, if one is discrete and the other not, if the
     *     sizes differ, or if there are too few draws
     */
    public static MonteCarlo of(Distribution p, Distribution q, int draws, RandomGenerator random) {
        if (draws < 2) {
            throw new IllegalArgumentException("a standard error needs at least 2 draws, got " + draws);
        }
        Pair pair = Pair.of(p, q);
        int size = p.size();
        Expr value = Expr.coordinates("x", 0, size, 1);
        Plan plan = Plan.of(size, List.of(), List.of(p.logDensity(value), q.logDensity(value)), Set.of());
        double[] logP = new double[draws];
        double[] logQ = new double[draws];
        Sampler sampler = p.sampler();
        double[] draw = new double[size];
        boolean[] possible = new boolean[draws];
        try (Evaluator evaluator = plan.evaluator(Data.declared(), Kernels.plain(), 1)) {
            for (int from = 0; from < draws; from += BATCH) {
                int count = Math.min(BATCH, draws - from);
                DMatrixRMaj points = new DMatrixRMaj(size, count);
                for (int s = 0; s < count; s++) {
                    sampler.draw(random, pair.p().parameters(), draw);
                    possible[from + s] = pair.q().isPossible(draw);
                    for (int i = 0; i < size; i++) {
                        points.set(i, s, draw[i]);
                    }
                }
                double[][] values = evaluator.outputs(points);
                System.arraycopy(values[0], 0, logP, from, count);
                System.arraycopy(values[1], 0, logQ, from, count);
            }
        }
        for (int s = 0; s < draws; s++) {
            logQ[s] = possible[s] ? logQ[s] : Double.NEGATIVE_INFINITY;
        }
        return of(logP, logQ);
    }

    /** The number of draws. */
    public int draws() {
        return logP.length;
    }

    /** {@code H(p) = E_p[- log p]}. */
    public MonteCarloEstimate entropy() {
        return mean((p, q) -> -p);
    }

    /** {@code H(p, q) = E_p[- log q]}. */
    public MonteCarloEstimate crossEntropy() {
        return mean((p, q) -> -q);
    }

    /** {@code D(p || q)} by the mean of {@code log p - log q}: unbiased, and possibly negative. */
    public MonteCarloEstimate klDivergence() {
        return mean((p, q) -> p - q);
    }

    /**
     * {@code D(p || q)} by the mean of {@code (r - 1) - log r} with {@code r = q / p}: never negative, and where p and
     * q are close of far lower variance. Unbiased if p is positive wherever q is; otherwise it is low by the
     * probability under q of the rest. Its variance is that of r, infinite where q has much heavier tails than p.
     *
     * @see <a href="http://joschu.net/blog/kl-approx.html">Schulman (2020), Approximating KL divergence</a>
     */
    public MonteCarloEstimate klDivergenceNonNegative() {
        return mean((p, q) -> Math.expm1(q - p) - (q - p));
    }

    /** {@code E_p[p / q] - 1}, Pearson's chi-squared divergence. */
    public MonteCarloEstimate chiSquared() {
        return mean((p, q) -> Math.expm1(p - q));
    }

    /** {@code 1 - E_p[sqrt(q / p)]}, the squared Hellinger distance. */
    public MonteCarloEstimate squaredHellinger() {
        return mean((p, q) -> -Math.expm1(0.5 * (q - p)));
    }

    /**
     * The Jensen-Shannon divergence {@code E_p[log(2 / (1 + r)) + r log(2 r / (1 + r))] / 2} with {@code r = q / p};
     * low, where p vanishes, by half of log 2 times the probability of that under q.
     */
    public MonteCarloEstimate jensenShannon() {
        return mean((p, q) -> Measure.jensenShannon().integrand().at(0, q - p, 0));
    }

    /** {@code E_p[max(0, 1 - q / p)]}, the total variation distance. */
    public MonteCarloEstimate totalVariation() {
        return mean((p, q) -> Math.max(0, -Math.expm1(q - p)));
    }

    /**
     * Renyi's divergence {@code log(E_p[(p / q)^(a - 1)]) / (a - 1)}, with a standard error by the delta method and a
     * bias of order 1 / S.
     *
     * @param order a, finite and not 1
     * @throws IllegalArgumentException if the order is not so
     */
    public MonteCarloEstimate renyiDivergence(double order) {
        if (!Double.isFinite(order) || order == 1) {
            throw new IllegalArgumentException(
                    "the order must be finite and other than 1, where klDivergence is meant, got " + order);
        }
        double exponent = order - 1;
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < logP.length; i++) {
            largest = Math.max(largest, exponent * (logP[i] - logQ[i]));
        }
        if (Double.isInfinite(largest)) {
            return new MonteCarloEstimate(Double.POSITIVE_INFINITY, Double.NaN);
        }
        double shift = largest;
        MonteCarloEstimate power = mean((p, q) -> Math.exp(exponent * (p - q) - shift));
        return new MonteCarloEstimate(
                (shift + Math.log(power.value())) / exponent,
                power.standardError() / (power.value() * Math.abs(exponent)));
    }

    private MonteCarloEstimate mean(DoubleBinaryOperator term) {
        double mean = 0;
        double squares = 0;
        for (int i = 0; i < logP.length; i++) {
            double value = term.applyAsDouble(logP[i], logQ[i]);
            if (value == Double.POSITIVE_INFINITY) {
                return new MonteCarloEstimate(value, Double.NaN);
            }
            double difference = value - mean;
            mean += difference / (i + 1);
            squares += difference * (value - mean);
        }
        double n = logP.length;
        return new MonteCarloEstimate(mean, Math.sqrt(squares / (n - 1) / n));
    }
}
