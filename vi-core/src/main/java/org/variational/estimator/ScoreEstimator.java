package org.variational.estimator;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence;
import org.variational.weights.LogWeights;

/** The score-function estimator with a leave-one-out baseline. */
final class ScoreEstimator extends GradientEstimator {

    ScoreEstimator() {
        super("score function");
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        if (problem.sampling().draws() < 2) {
            return "the score-function estimator needs at least 2 draws, got "
                    + problem.sampling().draws()
                    + ": the leave-one-out baseline of a single draw makes the gradient identically zero";
        }
        if (!problem.divergence().hasScoreForm()) {
            return "the divergence \"" + problem.divergence().name() + "\" has no score form: use the path estimator";
        }
        if (problem.split().optimisedCount() > 0 && !problem.hasGradient()) {
            return "optimised coordinates need the gradient of the target, which gives values only: supply a gradient";
        }
        return null;
    }

    @Override
    boolean needsIndependentDraws(Problem problem) {
        return true;
    }

    @Override
    BoundEstimator bind(Problem problem) {
        return new ScoreKernel(name(), problem);
    }

    private static final class ScoreKernel extends BoundEstimator {
        private final String name;
        private final Batch batch;
        private final boolean optimises;
        private final boolean grouped;
        private final List<String> notes;

        ScoreKernel(String name, Problem problem) {
            this.name = name;
            this.batch = new Batch(problem, problem.sampling().draws());
            this.optimises = problem.split().optimisedCount() > 0;
            this.notes = PathEstimator.biasNotes(
                    problem.divergence(), problem.sampling().draws());
            this.grouped = problem.divergence().coupling() == Divergence.Coupling.GROUPED;
        }

        @Override
        String name() {
            return name;
        }

        @Override
        List<String> notes() {
            return notes;
        }

        @Override
        Estimate estimate(Step step, double[] gradient) {
            batch.draw(step);
            batch.evaluate(step, optimises);
            LogWeights weights = batch.weigh(step.divergence(), null);
            if (weights == null || weights.count() < 2) {
                return batch.describeFailure();
            }
            double value = batch.coefficients(step.divergence(), weights);
            if (!grouped) {
                batch.subtractBaseline(weights);
            }
            step.member().addParameterScore(batch.points, batch.score, gradient);
            if (optimises) {
                batch.addOptimisedGradient(step.divergence().targetPower(), step.optimisedGradient());
            }
            return batch.describe(value, weights);
        }
    }
}
