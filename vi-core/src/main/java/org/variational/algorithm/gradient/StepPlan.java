package org.variational.algorithm.gradient;

import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence;
import org.variational.estimator.Estimate;
import org.variational.estimator.GradientEstimators;
import org.variational.estimator.Objective;
import org.variational.family.ConditionallyStructuredGaussian;
import org.variational.family.CouplingFlow;
import org.variational.family.FullRankGaussian;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalFamily;
import org.variational.optimizer.Adam;
import org.variational.optimizer.DistanceOverGradients;
import org.variational.optimizer.Optimizer;
import org.variational.optimizer.ProximalEntropy;
import org.variational.optimizer.Sgd;

/**
 * The coordinates and the optimiser of a run.
 *
 * @param chart the coordinates, with scratch space of their own
 * @param optimizer the optimiser in them
 * @param firstScale the factor on its step size in the first stage
 * @param relaxation about how many steps of the first stage forget where they began
 * @param tuningFree whether step sizes are found on the way, so that they may become too small to get anywhere
 * @param natural whether steps are natural gradient steps with a size that follows from the number of draws
 */
record StepPlan(
        Chart chart, Optimizer optimizer, double firstScale, long relaxation, boolean tuningFree, boolean natural) {

    private static final double DEFAULT_ADAM_RATE = 0.1;
    private static final double NETWORK_ADAM_RATE = 0.02;
    private static final int ADAM_RELAXATION = 10;

    /**
     * In coordinates with unit Fisher information the optimum is at least about this far away, and nothing breaks
     * within it.
     */
    private static final double FIRST_WHITENED_DISTANCE = 0.01;

    /** The plan for an optimiser, or for the family's own if that is null. */
    static StepPlan of(Objective objective, @Nullable Optimizer given) {
        VariationalFamily family = objective.family();
        if (given instanceof ProximalEntropy proximal) {
            Chart.Proximal raw = proximalChart(objective);
            return new StepPlan(raw, proximal.at(raw.scales()), 1, ADAM_RELAXATION, false, false);
        }
        if (given != null) {
            return new StepPlan(Chart.of(family), given, 1, ADAM_RELAXATION, false, false);
        }
        // optimised coordinates have a scale of their own, which plain steps do not know
        int coupled = coupled(family);
        if (coupled > 0 && objective.coordinates().optimisedCount() == 0) {
            double firstScale = naturalStep(coupled, objective.draws());
            long relaxation = (long) Math.ceil(1 / firstScale);
            return new StepPlan(Chart.of(family), Sgd.of(1), firstScale, relaxation, false, true);
        }
        double rate = family instanceof CouplingFlow ? NETWORK_ADAM_RATE : DEFAULT_ADAM_RATE;
        return new StepPlan(Chart.of(family), Adam.of(rate), 1, ADAM_RELAXATION, false, false);
    }

    /**
     * The plan without a step size: DoWG in whitened coordinates, for Gaussians under reverse KL with proximal entropy
     * steps.
     */
    static StepPlan tuningFree(Objective objective) {
        Optimizer steps = new DistanceOverGradients(true, FIRST_WHITENED_DISTANCE, 1);
        AnchoredChart anchored =
                objective.schedule().goal().isLinearInLogDensity() ? AnchoredChart.of(objective.family()) : null;
        if (anchored == null) {
            Chart chart = Chart.of(objective.family());
            return new StepPlan(chart, steps, 1, ADAM_RELAXATION, true, false);
        }
        Optimizer proximal = ProximalEntropy.after(steps, anchored.scales());
        return new StepPlan(anchored, proximal, 1, ADAM_RELAXATION, true, false);
    }

    /**
     * Coordinates in which the gradient of the whole loss can be seen, if the walk's own leave the entropy out; else
     * null.
     */
    @Nullable
    Chart whitened() {
        return chart instanceof AnchoredChart anchored ? Chart.of(anchored.family()) : null;
    }

    /** The coordinates of the proximal entropy step, where it makes sense. */
    private static Chart.Proximal proximalChart(Objective objective) {
        Chart.Proximal chart = Chart.Proximal.of(objective.family());
        String estimator = GradientEstimators.closedFormEntropy().name();
        if (chart == null
                || !objective.schedule().goal().isLinearInLogDensity()
                || !objective.estimatorName().equals(estimator)) {
            throw new IllegalArgumentException("the proximal entropy step needs a mean-field or full-rank Gaussian,"
                    + " reverseKl() and the estimator closedFormEntropy(), but the family is "
                    + objective.family().name() + ", the divergence "
                    + objective.schedule().goal().name()
                    + " and the estimator " + objective.estimatorName());
        }
        return chart;
    }

    /**
     * The most coordinates that one column of the factor couples, of a family whose chart has unit information; 0 for
     * other families.
     */
    private static int coupled(VariationalFamily family) {
        if (family instanceof FullRankGaussian) {
            return family.dimension();
        }
        if (family instanceof ConditionallyStructuredGaussian conditional) {
            return ConditionalChart.coupled(conditional);
        }
        return family instanceof SparseGaussian sparse && SparseChart.affords(sparse)
                ? sparse.pattern().longestColumn()
                : 0;
    }

    /**
     * Half of the step at which the second moment of the error of a factor shrinks fastest near a Gaussian target,
     * {@code 1 / (1 + (D + 1) / S)}, D the number of coordinates that it couples.
     */
    private static double naturalStep(int coupled, double draws) {
        return 0.5 / (1 + (coupled + 1.0) / draws);
    }

    /** A factor on natural steps that accounts for weights, which leave fewer draws than were made. */
    double caution(Objective objective, Estimate estimate) {
        double worth = estimate.effectiveSampleSize();
        boolean weighted = objective.schedule().goal().coupling() != Divergence.Coupling.OWN_DRAW;
        if (!natural || !weighted || Double.isNaN(worth)) {
            return 1;
        }
        int coupled = coupled(objective.family());
        return naturalStep(coupled, Math.max(1, worth)) / naturalStep(coupled, objective.draws());
    }
}
