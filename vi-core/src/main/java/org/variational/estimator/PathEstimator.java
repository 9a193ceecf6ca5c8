package org.variational.estimator;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence;
import org.variational.divergence.Divergence.Coupling;
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
        /** The same, for bounds on groups of draws only. */
        DOUBLE,
        /** {@code - mean J' grad log p - dH}: reverse KL only. */
        CLOSED_FORM_ENTROPY,
        /**
         * {@code - sum e (J'(grad log p - grad log q) - d log q)}, e the derivative of the bound: lower bounds only.
         */
        TOTAL
    }

    private final Form form;

    PathEstimator(String name, Form form) {
        super(name);
        this.form = form;
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        Divergence divergence = problem.divergence();
        if (!problem.isReparameterised()) {
            return "the " + name() + " estimator follows draws as q moves, which the "
                    + problem.family().name() + " family cannot: use the score-function estimator";
        }
        if (!problem.hasGradient()) {
            return "the " + name()
                    + " estimator needs the gradient of the target, which gives values only: supply a gradient,"
                    + " or use the score-function estimator";
        }
        String single = singleDraw(problem);
        if (single != null) {
            return single;
        }
        if (!divergence.hasPathForm()) {
            return "the divergence \"" + divergence.name()
                    + "\" has no path gradient: use the score-function estimator";
        }
        return switch (form) {
            case PATH -> null;
            case DOUBLE ->
                divergence.coupling() == Coupling.GROUPED
                        ? null
                        : "the " + name() + " estimator is for bounds on groups of draws, not for the divergence \""
                                + divergence.name()
                                + "\": use sticking the landing, which is the same idea for a single draw";
            case CLOSED_FORM_ENTROPY -> {
                if (!divergence.isLinearInLogDensity()) {
                    yield "the " + name() + " estimator is for reverse KL, not for the divergence \""
                            + divergence.name() + "\": use sticking the landing";
                }
                yield problem.hasClosedFormEntropy()
                        ? null
                        : "the " + problem.family().name()
                                + " family has no entropy in closed form: use sticking the landing";
            }
            case TOTAL ->
                hasTotalForm(divergence)
                        ? null
                        : "the " + name()
                                + " estimator differentiates a lower bound on the evidence, which the divergence \""
                                + divergence.name() + "\" is not: use sticking the landing";
        };
    }

    /** Why one draw cannot serve, or null: a normalised weight that is always 1 gives the gradient of reverse KL. */
    static @Nullable String singleDraw(Problem problem) {
        Divergence divergence = problem.divergence();
        boolean normalises = divergence.coupling() == Coupling.SELF_NORMALISED
                || (divergence.coupling() == Coupling.GROUPED && divergence.groupSize() == 0);
        return normalises && problem.sampling().draws() < 2
                ? "the divergence \"" + divergence.name()
                        + "\" normalises the weights of a step, and that of a single draw is always 1, which would"
                        + " minimise reverse KL instead: set at least 2 draws, better many more"
                : null;
    }

    static boolean hasTotalForm(Divergence divergence) {
        return divergence.coupling() == Coupling.GROUPED || divergence.isLinearInLogDensity();
    }

    @Override
    BoundEstimator bind(Problem problem) {
        return new PathKernel(name(), form, problem);
    }

    /** The bias that the divergence brings with it, stated once for all estimators. */
    static List<String> biasNotes(Divergence divergence, int draws) {
        return divergence.coupling() == Coupling.SELF_NORMALISED
                ? List.of("The gradient of the divergence \"" + divergence.name()
                        + "\" uses self-normalised weights: its bias is of order 1/S, here S = " + draws + ".")
                : List.of();
    }

    /** Adds the gradient of the family's parameters in one form; the batch's coefficients must be filled. */
    static void addGradient(Form form, Step step, Batch batch, double[] gradient) {
        VariationalDistribution q = step.member();
        double power = step.divergence().targetPower();
        switch (form) {
            case PATH, DOUBLE -> {
                q.pointScore(batch.points, batch.pointScore);
                batch.combine(batch.path, power, true);
            }
            case CLOSED_FORM_ENTROPY -> {
                batch.combine(batch.path, power, false);
                ((ClosedFormEntropy) q).addEntropyGradient(-1, gradient);
            }
            case TOTAL -> {
                q.pointScore(batch.points, batch.pointScore);
                batch.combine(batch.evidence, power, true);
                q.addParameterScore(batch.points, batch.evidence, gradient);
            }
        }
        ((Reparameterised) q).addPathGradient(batch.noise, batch.points, batch.vectors, gradient);
    }

    private static final class PathKernel extends BoundEstimator {
        private final String name;
        private final Form form;
        private final Batch batch;
        private final List<String> notes;

        PathKernel(String name, Form form, Problem problem) {
            this.name = name;
            this.form = form;
            this.batch = new Batch(problem, problem.sampling().draws());
            this.notes = biasNotes(problem.divergence(), problem.sampling().draws());
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
            batch.evaluate(step, true);
            LogWeights weights = batch.weigh(step.divergence(), null);
            if (weights == null) {
                return batch.describeFailure();
            }
            double value = batch.coefficients(step.divergence(), weights);
            addGradient(form, step, batch, gradient);
            batch.addOptimisedGradient(step.divergence().targetPower(), step.optimisedGradient());
            return batch.describe(value, weights);
        }
    }
}
