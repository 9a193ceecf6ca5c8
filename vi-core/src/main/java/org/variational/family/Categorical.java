package org.variational.family;

import org.ejml.data.DMatrixRMaj;

/**
 * All distributions on the outcomes 0, 1, ..., K - 1.
 *
 * <p>Points are 1 x S and hold the index of the outcome. A member has K parameters, the logits: {@code pi =
 * softmax(logits)} (a constant added to all of them changes nothing). It has no gradient by the point; expectations
 * under it are exact sums ({@link Enumerable}).
 *
 * <p>The family and its members are immutable and thread-safe.
 */
public final class Categorical implements VariationalFamily {

    /** A fit evaluates the target at all outcomes at once, with about sixteen numbers for each. */
    private static final int MOST_OUTCOMES = (int) (FullRankGaussian.MAX_BYTES / Double.BYTES / 16);

    private final int outcomes;

    private Categorical(int outcomes) {
        if (outcomes < 1) {
            throw new IllegalArgumentException(
                    "a categorical distribution has at least one outcome, but " + outcomes + " were asked for");
        }
        if (outcomes > MOST_OUTCOMES) {
            throw new IllegalArgumentException("a categorical distribution on " + outcomes
                    + " outcomes cannot be enumerated at once; at most " + MOST_OUTCOMES + " outcomes can");
        }
        this.outcomes = outcomes;
    }

    /**
     * The family of all distributions on K outcomes.
     *
     * @param outcomes K, at least 1
     * @throws IllegalArgumentException if {@code outcomes} is not positive, or above 2,097,152
     */
    public static Categorical of(int outcomes) {
        return new Categorical(outcomes);
    }

    @Override
    public String name() {
        return "categorical";
    }

    @Override
    public int dimension() {
        return 1;
    }

    /**
     * The number of outcomes.
     *
     * @return K
     */
    public int outcomes() {
        return outcomes;
    }

    @Override
    public int parameterCount() {
        return outcomes;
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /** The logits of the uniform distribution, whatever the moments. */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        return new double[outcomes];
    }

    /** A distribution on K outcomes. */
    public static final class Member implements Enumerable, VariationalDistribution.ClosedFormEntropy {
        private final Categorical family;
        private final double[] parameters;
        private final Simplex simplex;

        private Member(Categorical family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.simplex = new Simplex(parameters, 0, parameters.length);
        }

        @Override
        public Categorical family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        /**
         * The probabilities of the outcomes.
         *
         * @return K numbers with sum 1
         */
        public double[] probabilities() {
            return simplex.probability.clone();
        }

        @Override
        public int noiseDimension() {
            return 1;
        }

        @Override
        public int outcomeCount() {
            return family.outcomes;
        }

        @Override
        public void enumerate(DMatrixRMaj points, double[] logProbability) {
            Shapes.checkLanes(points, 1, family.outcomes, "points");
            Shapes.checkLength(logProbability, family.outcomes, "log probabilities");
            for (int k = 0; k < family.outcomes; k++) {
                points.data[k] = k;
                logProbability[k] = simplex.logProbability[k];
            }
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int lanes = Shapes.lanes(noise, 1, "noise");
            Shapes.checkLanes(points, 1, lanes, "points");
            for (int s = 0; s < lanes; s++) {
                points.data[s] = simplex.choose(noise.data[s]);
            }
        }

        /** The index of an outcome, or -1. */
        private int outcome(double point) {
            return point >= 0 && point < family.outcomes && point == Math.rint(point) ? (int) point : -1;
        }

        /** Writes the log probabilities of the outcomes; {@code -Infinity} for a point that is no outcome. */
        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, 1, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            for (int s = 0; s < lanes; s++) {
                int k = outcome(points.data[s]);
                logDensity[s] = k < 0 ? Double.NEGATIVE_INFINITY : simplex.logProbability[k];
            }
        }

        /**
         * Not supported.
         *
         * @throws UnsupportedOperationException always: outcomes are discrete
         */
        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            throw new UnsupportedOperationException("a categorical distribution has no gradient by the point. Use exact"
                    + " enumeration or a score-function estimator");
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int lanes = Shapes.lanes(points, 1, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            double total = 0;
            for (int s = 0; s < lanes; s++) {
                int k = outcome(points.data[s]);
                if (k >= 0) {
                    gradient[k] += weights[s];
                    total += weights[s];
                }
            }
            for (int k = 0; k < family.outcomes; k++) {
                gradient[k] -= total * simplex.probability[k];
            }
        }

        @Override
        public double entropy() {
            double entropy = 0;
            for (int k = 0; k < family.outcomes; k++) {
                entropy -= simplex.probability[k] == 0 ? 0 : simplex.probability[k] * simplex.logProbability[k];
            }
            return entropy;
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            double entropy = entropy();
            for (int k = 0; k < family.outcomes; k++) {
                double p = simplex.probability[k];
                gradient[k] -= p == 0 ? 0 : scale * p * (simplex.logProbability[k] + entropy);
            }
        }

        /** The mean index of the outcome. */
        @Override
        public double[] mean() {
            double mean = 0;
            for (int k = 0; k < family.outcomes; k++) {
                mean += k * simplex.probability[k];
            }
            return new double[] {mean};
        }

        /** The standard deviation of the index of the outcome. */
        @Override
        public double[] standardDeviation() {
            double mean = mean()[0];
            double variance = 0;
            for (int k = 0; k < family.outcomes; k++) {
                variance += (k - mean) * (k - mean) * simplex.probability[k];
            }
            return new double[] {Math.sqrt(variance)};
        }
    }
}
