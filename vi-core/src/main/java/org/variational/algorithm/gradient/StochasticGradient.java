package org.variational.algorithm.gradient;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.algorithm.search.Initialisation;
import org.variational.estimator.Objective;
import org.variational.optimizer.Averaging;
import org.variational.optimizer.Optimizer;
import org.variational.random.RandomStreams;

/**
 * Stochastic gradient descent in stages of decreasing step size, with averaged iterates and a stopping test.
 *
 * <p>Within a stage the step size is constant. The stage ends when its iterates are stationary (the means of both
 * halves of a window agree) and their average is known accurately enough (batch means). The next stage starts at that
 * average with half the step size. The fit has converged when
 * <ol>
 *   <li>the iterates are stationary,
 *   <li>the Monte-Carlo error of the average is at most the tolerance,
 *   <li>the window that tells so is worth at least four independent batches, and
 *   <li>halving the step size has not moved the average by more than the tolerance and the errors of both averages,
 *       which bounds what the step size itself does to the answer,
 * </ol>
 * each for the mean of every coordinate in units of its standard deviation, and for every standard deviation in
 * relative terms. The test looks at the approximation only, never at the value of the loss, so that a constant added to
 * the log density changes nothing.
 *
 * <p>For Gaussian families steps are taken in the coordinates of the approximation's own scale, where the Fisher
 * information is the identity: the speed does not depend on the scales of the posterior, and for the full-rank family
 * not on its correlations either. For other families every parameter is scaled by its own Fisher information.
 *
 * <p>The scheme of stages is that of Welandawe et al. (2022), with batch means in place of the history of iterates.
 *
 * @see <a href="https://arxiv.org/abs/2203.15945">Welandawe, Andersen, Vehtari and Huggins (2022), A framework for
 *     improving the reliability of black-box variational inference</a>
 * @see <a href="https://arxiv.org/abs/1703.09194">Roeder, Wu and Duvenaud (2017), Sticking the landing</a>
 */
public final class StochasticGradient implements Algorithm<StochasticGradient.State> {

    private static final double DEFAULT_TOLERANCE = 0.02;
    private static final double POLYNOMIAL_AVERAGE = 8;

    private final Settings settings;

    private StochasticGradient(Settings settings) {
        this.settings = settings;
    }

    /**
     * What a run needs to know.
     *
     * @param tuningFree whether steps have no size to choose
     * @param optimizer the optimiser, or null for the family's own
     * @param averaging the average of a stage, or null for that of the stationary window
     * @param tolerance the largest error allowed
     * @param stopping when stages end
     * @param draws bounds on the number of draws, or null to keep the objective's
     */
    record Settings(
            boolean tuningFree,
            @Nullable Optimizer optimizer,
            @Nullable Averaging averaging,
            double tolerance,
            StoppingRule stopping,
            @Nullable AdaptiveDraws draws) {

        /** The objective with the number of draws to begin with. */
        Objective begin(Objective objective) {
            return draws == null ? objective : objective.withDraws(draws.least());
        }
    }

    /**
     * The algorithm with its defaults: natural gradient steps for the full-rank family if nothing is optimised beside
     * it, Adam otherwise, plain averages over the stationary window, tolerance 0.02.
     */
    public static StochasticGradient create() {
        return new StochasticGradient(
                new Settings(false, null, null, DEFAULT_TOLERANCE, StoppingRule.agreement(), null));
    }

    /**
     * The algorithm without a step size to choose: DoWG steps and polynomially weighted averages. For Gaussian families
     * under reverse KL the steps are made in units of an earlier member of the family, renewed when the scales have
     * moved away from it, with proximal steps for the entropy; otherwise in the same coordinates as those of {@link
     * #create}.
     *
     * @see <a href="https://arxiv.org/abs/2305.16284">Khaled, Mishchenko and Jin (2023), DoWG unleashed</a>; they
     *     measure distances from the start of the run, not from the last renewal
     * @see org.variational.optimizer.ProximalEntropy
     */
    public static StochasticGradient tuningFree() {
        return new StochasticGradient(new Settings(
                true,
                null,
                Averaging.polynomial(POLYNOMIAL_AVERAGE),
                DEFAULT_TOLERANCE,
                StoppingRule.agreement(),
                null));
    }

    /**
     * The same with another optimiser.
     *
     * @param newOptimizer the optimiser; its steps are scaled down by half from stage to stage
     * @return a new algorithm
     * @throws IllegalArgumentException if this is the algorithm without a step size, which has an optimiser
     */
    public StochasticGradient withOptimizer(Optimizer newOptimizer) {
        Objects.requireNonNull(newOptimizer, "newOptimizer");
        if (settings.tuningFree) {
            throw new IllegalArgumentException("tuningFree() brings its own steps, and " + newOptimizer.name()
                    + " was asked for beside them: use create().withOptimizer(...)");
        }
        return new StochasticGradient(new Settings(
                false, newOptimizer, settings.averaging, settings.tolerance, settings.stopping, settings.draws));
    }

    /**
     * The same with another average of the iterates of a stage.
     *
     * @param newAveraging the average, over all iterates of a stage
     * @return a new algorithm
     */
    public StochasticGradient withAveraging(Averaging newAveraging) {
        return new StochasticGradient(new Settings(
                settings.tuningFree,
                settings.optimizer,
                Objects.requireNonNull(newAveraging, "newAveraging"),
                settings.tolerance,
                settings.stopping,
                settings.draws));
    }

    /**
     * The same with another tolerance.
     *
     * @param newTolerance the largest error of a mean, in standard deviations, and of a standard deviation, relative; 0
     *     to go on until the budget is spent
     * @return a new algorithm
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public StochasticGradient withTolerance(double newTolerance) {
        if (!(newTolerance >= 0) || Double.isInfinite(newTolerance)) {
            throw new IllegalArgumentException("tolerance must be at least 0 and finite, got " + newTolerance);
        }
        return new StochasticGradient(new Settings(
                settings.tuningFree,
                settings.optimizer,
                settings.averaging,
                newTolerance,
                settings.stopping,
                settings.draws));
    }

    /**
     * The same with another rule for the end of the stages.
     *
     * @param rule the rule, {@link StoppingRule#agreement()} unless set
     * @return a new algorithm
     */
    public StochasticGradient withStopping(StoppingRule rule) {
        return new StochasticGradient(new Settings(
                settings.tuningFree,
                settings.optimizer,
                settings.averaging,
                settings.tolerance,
                Objects.requireNonNull(rule, "rule"),
                settings.draws));
    }

    /**
     * The same with a number of draws that grows with the noise. A run begins with the least. When a stage ends because
     * its gradient cannot be told from noise, the next has twice the draws, up to the most, instead of half the step
     * size; when steps are too large for the curvature, which leaves a signal, they are halved.
     *
     * @param least the draws of a step to begin with, at least 1
     * @param most the most draws of a step, at least {@code least}
     * @return a new algorithm; its start refuses a number that the divergence or estimator cannot do with
     * @throws IllegalArgumentException if the bounds are out of order
     */
    public StochasticGradient withAdaptiveDraws(int least, int most) {
        if (least < 1 || most < least) {
            throw new IllegalArgumentException(
                    "the draws of a step must go from at least 1 up, got from " + least + " to " + most);
        }
        return new StochasticGradient(new Settings(
                settings.tuningFree,
                settings.optimizer,
                settings.averaging,
                settings.tolerance,
                settings.stopping,
                new AdaptiveDraws(least, most)));
    }

    @Override
    public String name() {
        AdaptiveDraws draws = settings.draws;
        return "stochastic gradient"
                + (settings.tuningFree ? ", tuning-free" : "")
                + (settings.optimizer == null ? "" : ", " + settings.optimizer.name())
                + String.format(Locale.ROOT, ", tolerance %s", settings.tolerance)
                + (settings.stopping.accuracy() > 0 ? ", " + settings.stopping : "")
                + (draws == null ? "" : ", " + draws.least() + " to " + draws.most() + " draws");
    }

    /** The state of a run; mutable, for one thread. */
    public static final class State {
        private final StagedDescent descent;

        private State(StagedDescent descent) {
            this.descent = descent;
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        Objective objective = settings.begin(task.objective());
        StepPlan plan =
                settings.tuningFree ? StepPlan.tuningFree(objective) : StepPlan.of(objective, settings.optimizer);
        Initialisation search =
                new Initialisation(task, RandomStreams.of(task.seed()).generator("start", 0), limits);
        Task.Start place = search.find();
        double[] parameters =
                objective.initialParameters(place.mean(), Objects.requireNonNull(place.standardDeviation()));
        return new State(new StagedDescent(
                task, settings, plan, objective, parameters, search.count().made()));
    }

    @Override
    public Report step(State s) {
        return s.descent.step();
    }

    @Override
    public Outcome result(State s) {
        return s.descent.outcome();
    }
}
