package org.variational.optimizer;

import java.io.Serializable;

/**
 * How iterates are averaged: iterate t of a run gets the weight {@code weight(t)} against the mean so far,
 * {@code mean = (1 - weight) mean + weight x_t}.
 *
 * <p>Averaging removes most of the noise that a constant step size leaves in an iterate.
 *
 * @see <a href="https://doi.org/10.1137/0330046">Polyak and Juditsky (1992), Acceleration of stochastic approximation
 *     by averaging</a>
 */
@FunctionalInterface
public interface Averaging extends Serializable {

    /**
     * The weight of iterate t against the mean of the earlier ones.
     *
     * @param t the number of the iterate, from 1
     * @return a number in [0, 1], 1 at t = 1
     */
    double weight(long t);

    /** The name used in provenance, with its numbers. */
    default String name() {
        return "own rule";
    }

    /**
     * The plain mean of all iterates.
     *
     * @return the rule {@code 1 / t}
     */
    static Averaging uniform() {
        return new NamedAveraging("uniform", t -> 1.0 / t);
    }

    /**
     * The polynomially weighted mean, which forgets early iterates: {@code (eta + 1) / (t + eta)}.
     *
     * @param eta the power, at least 0; 0 is the plain mean, 8 a common choice
     * @return the rule
     * @throws IllegalArgumentException if {@code eta} is negative or not finite
     * @see <a href="https://arxiv.org/abs/1212.1824">Shamir and Zhang (2013), Stochastic gradient descent for
     *     non-smooth optimization</a>
     */
    static Averaging polynomial(double eta) {
        Checks.notNegative("eta", eta);
        return new NamedAveraging("polynomial " + eta, t -> (eta + 1) / (t + eta));
    }

    /**
     * The plain mean of the iterates from a given one on; before it, the last iterate.
     *
     * @param first the number of the first iterate that counts, at least 1
     * @return the rule
     * @throws IllegalArgumentException if {@code first} is less than 1
     */
    static Averaging tail(long first) {
        if (first < 1) {
            throw new IllegalArgumentException("the first iterate that counts must be at least 1, got " + first);
        }
        return new NamedAveraging("tail from " + first, t -> t <= first ? 1 : 1.0 / (t - first + 1));
    }

    /**
     * A mean of no iterates yet.
     *
     * @param length the length of an iterate
     * @return a mutable mean
     */
    default RunningMean start(int length) {
        return new RunningMean(this, length);
    }

    /** A mean in progress; mutable, for one thread. */
    final class RunningMean implements Serializable {

        private static final long serialVersionUID = 1L;

        private final Averaging rule;
        private final double[] mean;
        private long count;
        private double squaredWeights;

        private RunningMean(Averaging rule, int length) {
            this.rule = rule;
            this.mean = new double[length];
        }

        /**
         * Takes in one iterate.
         *
         * @param iterate the next iterate; read only
         * @throws IllegalArgumentException if its length is not the one this mean was started for
         */
        public void add(double[] iterate) {
            if (iterate.length != mean.length) {
                throw new IllegalArgumentException("an iterate of length " + iterate.length
                        + " was given to a mean of vectors of length " + mean.length);
            }
            double weight = rule.weight(++count);
            squaredWeights = (1 - weight) * (1 - weight) * squaredWeights + weight * weight;
            for (int i = 0; i < mean.length; i++) {
                mean[i] += weight * (iterate[i] - mean[i]);
            }
        }

        /**
         * The number of iterates taken in.
         *
         * @return a count from 0
         */
        public long count() {
            return count;
        }

        /**
         * The number of iterates that a plain mean with the same variance would have, were iterates independent: one
         * over the sum of squared weights.
         *
         * @return at most the count, up to rounding
         * @throws IllegalStateException if no iterate has been taken in
         */
        public double effectiveCount() {
            requireIterates();
            return 1 / squaredWeights;
        }

        /**
         * The mean so far.
         *
         * @throws IllegalStateException if no iterate has been taken in
         */
        public double[] mean() {
            requireIterates();
            return mean.clone();
        }

        private void requireIterates() {
            if (count == 0) {
                throw new IllegalStateException("there is no mean before the first iterate");
            }
        }
    }
}
