package org.variational.estimator;

import org.jspecify.annotations.Nullable;
import org.variational.weights.LogWeights;

/**
 * The mix {@code a A + (1 - a) B} of two estimators of the same gradient, A by the path and B the closed-form-entropy
 * or the total form, from the same draws. Their difference has mean zero, so that it is a control variate: per
 * parameter {@code a* = Cov(B, B - A) / Var(B - A)}, from running moments of earlier steps, which leaves the mix
 * unbiased.
 */
final class MixedEstimator {
    private static final int WARM_UP = 10;
    private static final double SLOWEST_RATE = 0.01;
    /** Means, covariances and variances, one of each per parameter, behind the count of steps. */
    private static final int MOMENTS = 3;

    private MixedEstimator() {}

    /** The second estimator for a problem that the path estimator serves, or null if there is none. */
    static PathEstimator.@Nullable Form partner(Problem problem) {
        if (problem.divergence().isLinearInLogDensity() && problem.hasClosedFormEntropy()) {
            return PathEstimator.Form.CLOSED_FORM_ENTROPY;
        }
        return PathEstimator.hasTotalForm(problem.divergence()) ? PathEstimator.Form.TOTAL : null;
    }

    static final class MixedKernel extends BoundEstimator {
        private final PathEstimator.Form partner;
        private final Batch batch;
        private final int familyCount;
        private final double[] first;
        private final double[] second;

        MixedKernel(PathEstimator.Form partner, Problem problem) {
            this.partner = partner;
            this.batch = new Batch(problem, problem.sampling().draws());
            this.familyCount = problem.family().parameterCount();
            this.first = new double[familyCount];
            this.second = new double[familyCount];
        }

        @Override
        String name() {
            return partner == PathEstimator.Form.CLOSED_FORM_ENTROPY
                    ? "sticking the landing and closed-form entropy, mixed by their running variance"
                    : "path and total gradient, mixed by their running variance";
        }

        @Override
        int memorySize() {
            return 1 + MOMENTS * familyCount;
        }

        @Override
        Estimate estimate(Step step, double[] gradient) {
            batch.draw(step);
            batch.evaluate(step, true);
            LogWeights weights = batch.weigh(step.divergence(), null);
            if (weights == null) {
                return batch.describeFailure();
            }
            double value = batch.coefficients(step.divergence(), weights);
            java.util.Arrays.fill(first, 0);
            java.util.Arrays.fill(second, 0);
            PathEstimator.addGradient(PathEstimator.Form.PATH, step, batch, first);
            PathEstimator.addGradient(partner, step, batch, second);
            mix(step.memory(), gradient);
            batch.addOptimisedGradient(step.divergence().targetPower(), step.optimisedGradient());
            return batch.describe(value, weights);
        }

        private void mix(double[] memory, double[] gradient) {
            double count = memory[0];
            double rate = Math.max(SLOWEST_RATE, 1 / (count + 1));
            boolean finite = true;
            for (int i = 0; i < familyCount; i++) {
                int at = 1 + MOMENTS * i;
                double difference = second[i] - first[i];
                double a = count < WARM_UP || !(memory[at + 2] > 0)
                        ? 1
                        : Math.min(1, Math.max(0, memory[at + 1] / memory[at + 2]));
                gradient[i] = second[i] - a * difference;
                finite &= Double.isFinite(second[i] * difference) && Double.isFinite(difference * difference);
            }
            if (!finite) {
                return;
            }
            for (int i = 0; i < familyCount; i++) {
                int at = 1 + MOMENTS * i;
                double difference = second[i] - first[i];
                double deviation = second[i] - memory[at];
                memory[at] += rate * deviation;
                memory[at + 1] += rate * (deviation * difference - memory[at + 1]);
                memory[at + 2] += rate * (difference * difference - memory[at + 2]);
            }
            memory[0] = count + 1;
        }
    }
}
