package org.variational.algorithm.automatic;

import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Task;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.density.Interactions;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.GradientEstimators;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Objective;
import org.variational.family.ConditionallyStructuredGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;

/**
 * The stage after the search, where some coordinates scale others: a few steps with a conditionally structured
 * Gaussian, which is the answer if its importance weights agree, and is given up if they are worth little.
 */
final class ConditionalStage extends AlgorithmStage<StochasticGradient.State> {

    private static final int STEPS_BETWEEN_LOOKS = 64;
    private static final int MOST_STEPS = 128;
    private static final int DRAWS_OF_LOOK = 2000;

    /** The part of the draws that their weights must be worth to be the answer. */
    private static final double ENOUGH = 0.5;

    private static final double LARGEST_SHAPE = 0.65;

    /** With weights worth a smaller part of the draws, more steps do not help. */
    private static final double HOPELESS = 0.25;

    /** The part of the budget that it may take. */
    private static final int PART = 8;

    /** With fewer coordinates the other stages do as well. */
    private static final int SMALLEST_DIMENSION = 11;

    private static final int LARGEST_DIMENSION = 2000;
    private static final int MOST_PARAMETERS = 10_000;

    private final Task placed;
    private final Algorithm.Outcome searched;
    private final GuardedDensity density;
    private EvaluationCount looked = EvaluationCount.NONE;
    private int steps;

    private ConditionalStage(Run run, Task own, Task placed, Algorithm.Outcome searched) {
        super(run, StochasticGradient.create(), own, searched.count());
        this.placed = placed;
        this.searched = searched;
        this.density = new GuardedDensity(placed.target(), placed.objective().coordinates());
    }

    /**
     * This stage where it may help, otherwise the descent.
     *
     * @param placed the task with the place to start
     * @param searched the answer of the search
     */
    static Stage orDescent(Run run, Task placed, Algorithm.Outcome searched) {
        ConditionallyStructuredGaussian family = family(run, placed);
        if (family == null) {
            return DescentStage.of(run, placed, searched);
        }
        Objective objective = Objective.of(placed.target(), placed.layout(), family)
                .estimator(GradientEstimators.stickingTheLanding())
                .draws(placed.objective().draws())
                .drawScheme(DrawScheme.antithetic())
                .build();
        Task own = new Task(
                placed.model(), placed.target(), placed.layout(), objective, null, 0, placed.start(), placed.seed());
        return new ConditionalStage(run, own, placed, searched);
    }

    private static @Nullable ConditionallyStructuredGaussian family(Run run, Task task) {
        Objective objective = task.objective();
        Interactions known = objective.coordinates().interactions();
        long most = (long) MOST_STEPS * objective.draws() + (long) MOST_STEPS / STEPS_BETWEEN_LOOKS * DRAWS_OF_LOOK;
        if (run.keepsFamily()
                || objective.coordinates().optimisedCount() > 0
                || known == null
                || known.dimension() < SMALLEST_DIMENSION
                || known.dimension() > LARGEST_DIMENSION
                || known.multiplied().pairs() == 0
                || most > run.limits().budget().maxEvaluations() / PART) {
            return null;
        }
        ConditionallyStructuredGaussian family = ConditionallyStructuredGaussian.of(known);
        boolean small = family.outer().length < objective.draws() && family.parameterCount() <= MOST_PARAMETERS;
        return small ? family : null;
    }

    @Override
    String label() {
        return "conditional";
    }

    @Override
    EvaluationCount own() {
        return super.own().plus(looked);
    }

    @Override
    Stage step() {
        Stop stop = advance();
        steps++;
        if (stop == null && steps % STEPS_BETWEEN_LOOKS != 0) {
            return this;
        }
        ParetoSmoothing weights = look(result().distribution());
        double worth = weights.effectiveSampleSize();
        if (worth >= ENOUGH * DRAWS_OF_LOOK && weights.shape() < LARGEST_SHAPE) {
            String reason = String.format(
                    Locale.ROOT,
                    "the importance weights of %,d draws of a conditionally structured Gaussian are worth %,.0f draws,"
                            + " with a k-hat of %.2f, which is below %.2f",
                    DRAWS_OF_LOOK,
                    worth,
                    weights.shape(),
                    LARGEST_SHAPE);
            return end(Status.CONVERGED, reason, List.of(), null);
        }
        return stop == null && steps < MOST_STEPS && worth >= HOPELESS * DRAWS_OF_LOOK
                ? this
                : DescentStage.of(run(), placed, searched.withCount(count()));
    }

    private ParetoSmoothing look(VariationalDistribution q) {
        DMatrixRMaj noise =
                new DMatrixRMaj(q.noiseDimension(), placed.objective().draws());
        DMatrixRMaj points = new DMatrixRMaj(q.family().dimension(), noise.numCols);
        NormalDraws source = DrawScheme.independent()
                .draws(noise.numRows, RandomStreams.of(placed.seed()).child("conditional", steps));
        double[] logWeights = new double[DRAWS_OF_LOOK];
        double[] logP = new double[noise.numCols];
        double[] logQ = new double[noise.numCols];
        for (int from = 0, batch = 0; from < DRAWS_OF_LOOK; from += noise.numCols, batch++) {
            int used = Math.min(noise.numCols, DRAWS_OF_LOOK - from);
            noise.reshape(noise.numRows, used);
            points.reshape(points.numRows, used);
            source.fill(batch, noise);
            q.sample(noise, points);
            q.logDensity(points, logQ);
            density.evaluate(points, logP, null);
            looked = looked.plus(new EvaluationCount(density.evaluations(), density.rejected()));
            for (int s = 0; s < used; s++) {
                // scales that overflow have no density
                logWeights[from + s] = Double.isFinite(logQ[s]) ? logP[s] - logQ[s] : Double.NaN;
            }
        }
        return ParetoSmoothing.of(logWeights);
    }

    @Override
    Algorithm.Outcome found() {
        return steps < STEPS_BETWEEN_LOOKS ? searched : result();
    }
}
