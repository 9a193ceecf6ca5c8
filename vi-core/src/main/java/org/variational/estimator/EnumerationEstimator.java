package org.variational.estimator;

import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence.Coupling;
import org.variational.family.Enumerable;
import org.variational.weights.LogWeights;

/** The exact gradient over all outcomes of a finite family: the score form with the probabilities as base weights. */
final class EnumerationEstimator extends GradientEstimator {

    EnumerationEstimator() {
        super("exact enumeration");
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        if (!(problem.probe() instanceof Enumerable)) {
            return "the " + problem.family().name()
                    + " family has no finite list of outcomes to enumerate: use sticking the landing or the score"
                    + " function";
        }
        if (problem.divergence().coupling() == Coupling.GROUPED) {
            return "the divergence \"" + problem.divergence().name()
                    + "\" is an expectation over groups of draws, not over single outcomes: use the score function,"
                    + " or a divergence without groups";
        }
        if (!problem.divergence().hasScoreForm()) {
            return "the divergence \"" + problem.divergence().name()
                    + "\" has no score form, which enumeration needs: use" + " another divergence";
        }
        if (problem.split().optimisedCount() > 0 && !problem.hasGradient()) {
            return "optimised coordinates need the gradient of the target, which gives values only: supply a gradient";
        }
        return null;
    }

    @Override
    BoundEstimator bind(Problem problem) {
        return new EnumerationKernel(name(), problem);
    }

    private static final class EnumerationKernel extends BoundEstimator {
        private final String name;
        private final Batch batch;
        private final double[] logProbability;
        private final boolean optimises;

        EnumerationKernel(String name, Problem problem) {
            this.name = name;
            int outcomes = ((Enumerable) problem.probe()).outcomeCount();
            this.batch = new Batch(problem, outcomes);
            this.logProbability = new double[outcomes];
            this.optimises = problem.split().optimisedCount() > 0;
        }

        @Override
        String name() {
            return name;
        }

        @Override
        Estimate estimate(Step step, double[] gradient) {
            ((Enumerable) step.member()).enumerate(batch.points, logProbability);
            batch.evaluate(step, optimises);
            LogWeights weights = batch.weigh(step.divergence(), logProbability);
            if (weights == null) {
                return batch.describeFailure();
            }
            double value = batch.coefficients(step.divergence(), weights);
            step.member().addParameterScore(batch.points, batch.score, gradient);
            if (optimises) {
                batch.addOptimisedGradient(step.divergence().targetPower(), step.optimisedGradient());
            }
            return batch.describe(value, weights);
        }
    }
}
