package org.variational.estimator;

import org.jspecify.annotations.Nullable;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalDistribution.ClosedFormEntropy;
import org.variational.family.VariationalDistribution.Reparameterised;
import org.variational.weights.LogWeights;

/** Estimators that pull a vector at each draw back through the draw. */
final class PathEstimator extends GradientEstimator {

    /** Which of the estimators of the same gradient. */
    enum Form {
        /** {@code - sum c J'(grad log p - grad log q)}. */
        PATH,
        /** {@code - mean J' grad log p - dH}: reverse KL only. */
        CLOSED_FORM_ENTROPY
    }

    private final Form form;

    PathEstimator(String name, Form form) {
        super(name);
        this.form = form;
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        return refusal(name(), form, problem);
    }

    static @Nullable String refusal(String name, Form form, Problem problem) {
        if (!problem.isReparameterised()) {
            return "the " + name + " estimator follows draws as q moves, which the "
                    + problem.family().name() + " family cannot: use the score-function estimator";
        }
        if (!problem.hasGradient()) {
            return "the " + name
                    + " estimator needs the gradient of the target, which gives values only: supply a gradient,"
                    + " or use the score-function estimator";
        }
        if (!problem.divergence().hasPathForm()) {
            return "the divergence \"" + problem.divergence().name() + "\" has no path gradient: use the score-function"
                    + " estimator";
        }
        if (form == Form.CLOSED_FORM_ENTROPY) {
            if (!problem.divergence().isLinearInLogDensity()) {
                return "the " + name + " estimator is for reverse KL, not for the divergence \""
                        + problem.divergence().name() + "\": use sticking the landing";
            }
            if (!problem.hasClosedFormEntropy()) {
                return "the " + problem.family().name()
                        + " family has no entropy in closed form: use sticking the landing";
            }
        }
        return null;
    }

    @Override
    Kernel bind(Problem problem) {
        return new PathKernel(name(), form, problem);
    }

    private static final class PathKernel extends Kernel {
        private final String name;
        private final Form form;
        private final Batch batch;

        PathKernel(String name, Form form, Problem problem) {
            this.name = name;
            this.form = form;
            this.batch = new Batch(problem, problem.draws());
        }

        @Override
        String name() {
            return name;
        }

        @Override
        Estimate estimate(Step step, double[] gradient) {
            VariationalDistribution q = step.member();
            batch.draw(step);
            batch.evaluate(step, true);
            LogWeights weights = batch.weigh(step.divergence(), null);
            if (weights == null) {
                return batch.describe(Double.NaN, null, Double.NaN);
            }
            double value = batch.coefficients(step.divergence(), weights);
            double power = step.divergence().targetPower();
            if (form == Form.PATH) {
                q.pointScore(batch.points, batch.pointScore);
                batch.combine(negated(batch.path), power, negated(batch.path));
            } else {
                batch.combine(negated(batch.path), power, null);
                ((ClosedFormEntropy) q).addEntropyGradient(-1, gradient);
            }
            ((Reparameterised) q).addPathGradient(batch.noise, batch.points, batch.vectors, gradient);
            batch.addOptimisedGradient(power, gradient);
            return batch.describe(value, weights, Double.NaN);
        }

        private static double[] negated(double[] coefficients) {
            double[] result = new double[coefficients.length];
            for (int s = 0; s < result.length; s++) {
                result[s] = -coefficients[s];
            }
            return result;
        }
    }
}
