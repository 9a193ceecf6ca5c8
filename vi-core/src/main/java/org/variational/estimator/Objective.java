package org.variational.estimator;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.density.RowLogDensity;
import org.variational.divergence.Divergence;
import org.variational.divergence.DivergenceSchedule;
import org.variational.divergence.Divergences;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * A noisy function to be minimised: the divergence between a target and the members of a family, with its gradient.
 *
 * <p>Its argument lambda is the family's parameter vector followed by the values of the coordinates that are optimised
 * rather than inferred ({@link ParameterLayout.Role#OPTIMISED}), in the order of the layout. What does not fit together
 * is refused when the objective is built.
 *
 * <p>An objective holds scratch space and must not be used by two threads at once. Everything that it remembers between
 * evaluations is in an {@link ObjectiveState}.
 */
public final class Objective {
    private final Builder parts;
    private final CoordinateSplit split;
    private final VariationalFamily family;
    private final DivergenceSchedule schedule;
    private final int draws;
    private final BoundEstimator boundEstimator;

    private Objective(
            Builder parts,
            CoordinateSplit split,
            VariationalFamily family,
            DivergenceSchedule schedule,
            int draws,
            BoundEstimator boundEstimator) {
        this.parts = parts;
        this.split = split;
        this.family = family;
        this.schedule = schedule;
        this.draws = draws;
        this.boundEstimator = boundEstimator;
    }

    /**
     * Begins an objective: reverse KL, the automatic estimator and 10 draws until told otherwise.
     *
     * @param target the log density p, not necessarily normalised
     * @param layout the layout of its coordinates
     * @param family the family over its <em>inferred</em> coordinates, see {@link CoordinateSplit#inferredLayout()}
     * @return a builder
     */
    public static Builder of(LogDensity target, ParameterLayout layout, VariationalFamily family) {
        return new Builder(target, layout, family);
    }

    /** Collects the parts of an {@link Objective}. */
    public static final class Builder {
        private final LogDensity target;
        private final ParameterLayout layout;
        private final VariationalFamily family;
        private DivergenceSchedule schedule = DivergenceSchedule.constant(Divergences.reverseKl());
        private GradientEstimator estimator = GradientEstimators.automatic();
        private int draws = 10;
        private DrawScheme drawScheme = DrawScheme.independent();
        private int minibatch;

        private Builder(Builder other) {
            this(other.target, other.layout, other.family);
            this.schedule = other.schedule;
            this.estimator = other.estimator;
            this.draws = other.draws;
            this.drawScheme = other.drawScheme;
            this.minibatch = other.minibatch;
        }

        private Builder(LogDensity target, ParameterLayout layout, VariationalFamily family) {
            this.target = Objects.requireNonNull(target, "target");
            this.layout = Objects.requireNonNull(layout, "layout");
            this.family = Objects.requireNonNull(family, "family");
        }

        /** Sets the divergence of every step. */
        public Builder divergence(Divergence divergence) {
            return schedule(DivergenceSchedule.constant(divergence));
        }

        /**
         * Sets the rule that chooses the divergence of each step.
         *
         * @param divergenceSchedule the rule
         */
        public Builder schedule(DivergenceSchedule divergenceSchedule) {
            this.schedule = Objects.requireNonNull(divergenceSchedule, "divergenceSchedule");
            return this;
        }

        /** Sets the gradient estimator. */
        public Builder estimator(GradientEstimator gradientEstimator) {
            this.estimator = Objects.requireNonNull(gradientEstimator, "gradientEstimator");
            return this;
        }

        /**
         * Sets the number of draws S of one evaluation.
         *
         * @param count at least 1
         */
        public Builder draws(int count) {
            this.draws = count;
            return this;
        }

        /**
         * Sets how the draws of one evaluation relate to each other.
         *
         * @param scheme the scheme, independent draws unless set
         */
        public Builder drawScheme(DrawScheme scheme) {
            this.drawScheme = Objects.requireNonNull(scheme, "scheme");
            return this;
        }

        /**
         * Estimates the target from a random subset of its data rows, a fresh one in each evaluation.
         *
         * @param rows the number of rows in a subset, or 0 for all rows
         */
        public Builder minibatch(int rows) {
            this.minibatch = rows;
            return this;
        }

        /**
         * Joins the parts.
         *
         * @throws IllegalArgumentException if the parts do not fit together, saying why and what to do
         */
        public Objective build() {
            CoordinateSplit split = CoordinateSplit.of(layout);
            Divergence divergence = schedule.goal();
            if (family.dimension() != split.inferredCount()) {
                throw new IllegalArgumentException("the " + family.name() + " family has " + family.dimension()
                        + " coordinates, the target infers " + split.inferredCount()
                        + ": build the family for CoordinateSplit.inferredLayout()");
            }
            if (draws < 1) {
                throw new IllegalArgumentException("the number of draws must be at least 1, got " + draws);
            }
            double[] zeros = new double[family.dimension()];
            double[] ones = new double[family.dimension()];
            Arrays.fill(ones, 1);
            VariationalDistribution probe = family.member(family.initialParameters(zeros, ones));
            checkMinibatch(divergence);
            LocalRows localRows = new LocalRows(layout, minibatch > 0 ? ((RowLogDensity) target).rowCount() : 0);
            Problem problem = new Problem(
                    target,
                    split,
                    localRows,
                    family,
                    probe,
                    divergence,
                    new Problem.Sampling(draws, drawScheme, minibatch));
            checkGroups(divergence);
            String refusal = estimator.refusal(problem);
            if (refusal != null) {
                throw new IllegalArgumentException(refusal);
            }
            if (estimator.needsOneDivergence() && !schedule.changesPowerOnly()) {
                throw new IllegalArgumentException("the " + estimator.name() + " estimator gives the gradient of "
                        + divergence.name() + " alone, and the schedule may choose other divergences on the way to it:"
                        + " use DivergenceSchedule.constant or tempered, or another estimator");
            }
            checkDrawScheme(problem);
            drawScheme.draws(probe.noiseDimension(), RandomStreams.of(0));
            return new Objective(new Builder(this), split, family, schedule, draws, estimator.bind(problem));
        }

        private void checkGroups(Divergence divergence) {
            if (draws < divergence.minimumDraws()) {
                throw new IllegalArgumentException("the divergence \"" + divergence.name() + "\" needs at least "
                        + divergence.minimumDraws() + " draws, got " + draws + ": set more draws");
            }
            if (divergence.groupSize() > 0 && draws % divergence.groupSize() != 0) {
                throw new IllegalArgumentException("the divergence \"" + divergence.name()
                        + "\" takes draws in groups of " + divergence.groupSize() + ", and " + draws
                        + " draws do not make whole groups: set a multiple");
            }
        }

        private void checkDrawScheme(Problem problem) {
            Divergence divergence = problem.divergence();
            if (drawScheme.independentWithinGroup()) {
                return;
            }
            String remedy = ": use independent draws";
            if (divergence.coupling() != Divergence.Coupling.OWN_DRAW) {
                throw new IllegalArgumentException(
                        drawScheme.label() + " draws depend on each other, and the coefficients of"
                                + " the divergence \"" + divergence.name()
                                + "\" depend on more than their own draw, so that the gradient could even have the"
                                + " wrong sign" + remedy + ", or reverse KL");
            }
            if (estimator.needsIndependentDraws(problem)) {
                throw new IllegalArgumentException(drawScheme.label() + " draws depend on each other, and the "
                        + estimator.name() + " estimator uses the other draws as a baseline, which would bias it"
                        + remedy
                        + ", or a path estimator");
            }
        }

        private void checkMinibatch(Divergence divergence) {
            if (minibatch == 0) {
                return;
            }
            if (minibatch < 0) {
                throw new IllegalArgumentException("the minibatch size must not be negative, got " + minibatch);
            }
            if (!(target instanceof RowLogDensity rows)) {
                throw new IllegalArgumentException(
                        "minibatches need a target with data rows (a RowLogDensity), and this one has none: declare"
                                + " the data as rows, or use all of it");
            }
            if (minibatch > rows.rowCount()) {
                throw new IllegalArgumentException("a minibatch of " + minibatch + " rows was asked for, the data have "
                        + rows.rowCount() + ": ask for fewer, or for all with 0");
            }
            if (!divergence.isLinearInLogDensity()) {
                throw new IllegalArgumentException(
                        "minibatches are unbiased only where the gradient is linear in log p, which that of the"
                                + " divergence \"" + divergence.name()
                                + "\" is not: use reverse KL, or all data rows");
            }
        }
    }

    /**
     * The length of lambda: the family's parameters and the optimised coordinates.
     *
     * @return at least 1
     */
    public int parameterCount() {
        return family.parameterCount() + split.optimisedCount();
    }

    /**
     * The family.
     *
     * @return the family over the inferred coordinates
     */
    public VariationalFamily family() {
        return family;
    }

    /** The division of the target's coordinates. */
    public CoordinateSplit coordinates() {
        return split;
    }

    /** The rule that chooses the divergence of each step; a constant rule unless another was set. */
    public DivergenceSchedule schedule() {
        return schedule;
    }

    /**
     * The number of draws S of one evaluation.
     *
     * @return at least 1
     */
    public int draws() {
        return draws;
    }

    /**
     * The same objective with another number of draws, and scratch space of its own.
     *
     * @param count the number of draws S of one evaluation, at least 1
     * @throws IllegalArgumentException if the divergence or the estimator cannot do with that number, saying why
     */
    public Objective withDraws(int count) {
        return new Builder(parts).draws(count).build();
    }

    /** The name of the estimator at work; for the automatic estimator that of its choice. */
    public String estimatorName() {
        return boundEstimator.name();
    }

    /**
     * What a user must know about the gradients of this objective, such as a bias and its order.
     *
     * @return sentences, often none
     */
    public List<String> notes() {
        return boundEstimator.notes();
    }

    /**
     * A place to start from.
     *
     * @param mean D values, one for each coordinate of the target
     * @param standardDeviation D positive values; those of optimised coordinates are not used
     * @return lambda
     */
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        if (mean.length != split.dimension() || standardDeviation.length != split.dimension()) {
            throw new IllegalArgumentException("the start needs " + split.dimension()
                    + " means and standard deviations, got " + mean.length + " and " + standardDeviation.length);
        }
        double[] inferredMean = new double[split.inferredCount()];
        double[] inferredSd = new double[split.inferredCount()];
        for (int i = 0; i < inferredMean.length; i++) {
            inferredMean[i] = mean[split.inferredIndex(i)];
            inferredSd[i] = standardDeviation[split.inferredIndex(i)];
        }
        double[] parameters = Arrays.copyOf(family.initialParameters(inferredMean, inferredSd), parameterCount());
        for (int j = 0; j < split.optimisedCount(); j++) {
            parameters[family.parameterCount() + j] = mean[split.optimisedIndex(j)];
        }
        return parameters;
    }

    /**
     * The approximation q that lambda names.
     *
     * @param parameters lambda
     * @return a member of the family
     */
    public VariationalDistribution distribution(double[] parameters) {
        checkParameters(parameters);
        return family.member(Arrays.copyOf(parameters, family.parameterCount()));
    }

    /**
     * The values of the optimised coordinates that lambda names.
     *
     * @param parameters lambda
     * @return one value per optimised coordinate
     */
    public double[] optimisedValues(double[] parameters) {
        checkParameters(parameters);
        return Arrays.copyOfRange(parameters, family.parameterCount(), parameters.length);
    }

    /** What is remembered before the first evaluation. */
    public ObjectiveState initialState() {
        ObjectiveState state = new ObjectiveState(schedule.initialLevel(), boundEstimator.memorySize());
        boundEstimator.initialise(state.memory);
        return state;
    }

    /**
     * What is remembered when this objective takes over from the same one with another number of draws: it uses the
     * next random numbers and the same divergence, and keeps what the estimator remembers if that does not depend on
     * the number of draws.
     *
     * @param earlier the state of the other objective; not changed
     * @return a new state
     */
    public ObjectiveState continuing(ObjectiveState earlier) {
        ObjectiveState state = initialState();
        state.step = earlier.step;
        state.level = earlier.level;
        if (state.memory.length == earlier.memory.length) {
            System.arraycopy(earlier.memory, 0, state.memory, 0, state.memory.length);
        }
        return state;
    }

    /**
     * The state of which a snapshot was taken.
     *
     * @param snapshot what {@link ObjectiveState#snapshot()} returned
     * @return a state equal to the bit
     * @throws IllegalArgumentException if it belongs to another objective
     */
    public ObjectiveState restore(double[] snapshot) {
        return ObjectiveState.of(snapshot, boundEstimator.memorySize());
    }

    /**
     * Estimates the loss and its gradient.
     *
     * <p>The gradient is always finite. If no draw can be used, or the gradient overflows, it is zero and the estimate
     * says that it is not usable. The same arguments and state give the same bits.
     *
     * @param parameters lambda, finite; not changed
     * @param streams the source of all randomness; evaluation t uses the streams numbered t = {@link
     *     ObjectiveState#step()}
     * @param state what this objective remembers, changed
     * @param gradient as long as lambda, overwritten with the gradient of the loss
     * @return the loss and what became of the draws
     * @throws IllegalArgumentException if an argument has the wrong length or lambda is not finite
     */
    public Estimate evaluate(double[] parameters, RandomStreams streams, ObjectiveState state, double[] gradient) {
        checkParameters(parameters);
        if (gradient.length != parameters.length) {
            throw new IllegalArgumentException(
                    "the gradient must have " + parameters.length + " entries, got " + gradient.length);
        }
        Arrays.fill(gradient, 0);
        Divergence divergence = schedule.at(state.level);
        double[] optimisedGradient = new double[split.optimisedCount()];
        double[] familyGradient = split.optimisedCount() == 0 ? gradient : new double[family.parameterCount()];
        Step step = new Step(
                distribution(parameters),
                optimisedValues(parameters),
                divergence,
                streams,
                state.step,
                state.memory,
                optimisedGradient);
        Estimate estimate = boundEstimator.estimate(step, familyGradient);
        if (split.optimisedCount() > 0) {
            System.arraycopy(familyGradient, 0, gradient, 0, familyGradient.length);
            System.arraycopy(optimisedGradient, 0, gradient, familyGradient.length, optimisedGradient.length);
        }
        if (!estimate.isUsable()) {
            Arrays.fill(gradient, 0);
        } else {
            int overflow = firstNonFinite(gradient);
            if (overflow >= 0) {
                estimate = estimate.unusable(new Rejection(
                        "gradient by variational parameter " + overflow + " is " + gradient[overflow],
                        parameters,
                        null));
                Arrays.fill(gradient, 0);
            }
        }
        state.step++;
        double fraction = estimate.isUsable()
                ? estimate.gradientSampleSize() / estimate.draws().used()
                : 0;
        state.level = schedule.next(state.level, state.step, fraction);
        return estimate;
    }

    private static int firstNonFinite(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    private void checkParameters(double[] parameters) {
        if (parameters.length != parameterCount()) {
            throw new IllegalArgumentException("lambda must have " + parameterCount() + " entries ("
                    + family.parameterCount() + " of the family, " + split.optimisedCount() + " optimised), got "
                    + parameters.length);
        }
        int bad = firstNonFinite(parameters);
        if (bad >= 0) {
            throw new IllegalArgumentException("lambda must be finite, entry " + bad + " is " + parameters[bad]);
        }
    }
}
