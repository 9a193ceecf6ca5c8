package org.variational.models;

import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Labels;
import org.variational.model.Model;
import org.variational.posterior.Posterior;

/**
 * A regression whose intercept, and perhaps slopes, differ between groups, with predictions for the groups of the data
 * and for groups that were not seen.
 */
abstract class GroupedRegression {

    private final Model model;
    private final LinearPredictor predictor;
    private final Labels groups;

    GroupedRegression(Model model, LinearPredictor predictor, Labels groups) {
        this.model = model;
        this.predictor = predictor;
        this.groups = groups;
    }

    /** The model to fit. */
    public final Model model() {
        return model;
    }

    /** The effects of a posterior's draws, from which the expected outcome of a row follows. */
    interface Effects {

        /** The intercept at the mean predictors of a group in the data, then its slopes, at draw s. */
        void ofGroup(int group, int s, double[] effects);

        /** What {@link #ofGroup} expects over groups. */
        void ofAverageGroup(int s, double[] effects);

        /** The effects of a group that was not seen. */
        void ofNewGroup(int s, RandomGenerator random, double[] effects);
    }

    abstract Effects effects(Posterior posterior);

    /**
     * The expected outcome at new rows for each posterior draw. A group number that is not in the data stands for a new
     * group, for which the average over groups is expected.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param newGroup the group of each new row, M, from 0; the number of groups and above are new groups
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, shapes differ, or a value is not possible
     */
    public final DMatrixRMaj expected(Posterior posterior, double[][] newX, int[] newGroup) {
        return expected(posterior, newX, newGroup, null);
    }

    /**
     * Draws of outcomes at new rows, one for each posterior draw. A group number that is not in the data stands for a
     * new group, whose effects are drawn from the distribution of groups; rows with the same number share them.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param newGroup the group of each new row, M, from 0; the number of groups and above are new groups
     * @param seed of the draws; the same seed and posterior give the same bits
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, shapes differ, or a value is not possible
     */
    public final DMatrixRMaj predict(Posterior posterior, double[][] newX, int[] newGroup, long seed) {
        RandomGenerator random = Prediction.random(seed);
        DMatrixRMaj outcomes = expected(posterior, newX, newGroup, random);
        DMatrixRMaj sigma = posterior.drawsOf("sigma");
        for (int i = 0; i < outcomes.data.length; i++) {
            outcomes.data[i] += sigma.data[i % outcomes.numCols] * random.nextGaussian();
        }
        return outcomes;
    }

    /**
     * The expected outcome at new rows of groups in the data, by their labels, for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param newGroup the label of the group of each new row, M
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, shapes differ, a value is not possible, or
     *     a text is not a label of the groups; a group that was not seen is given by a number
     */
    public final DMatrixRMaj expected(Posterior posterior, double[][] newX, String[] newGroup) {
        return expected(posterior, newX, numbers(newGroup), null);
    }

    /**
     * Draws of outcomes at new rows of groups in the data, by their labels, one for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param newGroup the label of the group of each new row, M
     * @param seed of the draws; the same seed and posterior give the same bits
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, shapes differ, a value is not possible, or
     *     a text is not a label of the groups; a group that was not seen is given by a number
     */
    public final DMatrixRMaj predict(Posterior posterior, double[][] newX, String[] newGroup, long seed) {
        return predict(posterior, newX, numbers(newGroup), seed);
    }

    private int[] numbers(String[] newGroup) {
        try {
            return groups.indices(newGroup);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "newGroup, " + e.getMessage() + "; to predict for a group that was not seen, give numbers of "
                            + "groups instead of labels, and it " + groups.size() + " or more",
                    e);
        }
    }

    private DMatrixRMaj expected(
            Posterior posterior, double[][] newX, int[] newGroup, @Nullable RandomGenerator random) {
        Prediction.requireOf(model, posterior);
        predictor.requireLike("newX", newX);
        Inputs.requireSameLength("newGroup", newGroup.length, "newX", newX.length);
        Inputs.requireIndices("newGroup", newGroup, Integer.MAX_VALUE);
        Effects effects = effects(posterior);
        int draws = posterior.size();
        DMatrixRMaj expected = new DMatrixRMaj(newX.length, draws);
        for (int s = 0; s < draws; s++) {
            Map<Integer, double[]> known = new HashMap<>();
            for (int n = 0; n < newX.length; n++) {
                int group = newGroup[n];
                double[] of = known.get(group);
                if (of == null) {
                    of = new double[predictor.columns() + 1];
                    if (group < groups.size()) {
                        effects.ofGroup(group, s, of);
                    } else if (random == null) {
                        effects.ofAverageGroup(s, of);
                    } else {
                        effects.ofNewGroup(s, random, of);
                    }
                    known.put(group, of);
                }
                expected.set(n, s, of[0] + predictor.centred(newX[n], of, 1, 1));
            }
        }
        return expected;
    }

    /** What the builders share. */
    abstract static class GroupedBuilder<B extends GroupedBuilder<B>> extends RegressionBuilder<B> {

        private double @Nullable [] y;
        private int @Nullable [] group;
        private Labels groups = Labels.numbered(0);

        /** The outcomes, N at least 2. */
        public B outcome(double[] outcomes) {
            y = outcomes;
            return self();
        }

        /**
         * The groups.
         *
         * @param ofRow the group of each row, N, counted from 0
         * @param count the number of groups J, at least 2, which may include groups without rows
         */
        public B group(int[] ofRow, int count) {
            return group(ofRow, Labels.numbered(Math.max(0, count)));
        }

        /**
         * The groups, with labels after which their effects are named.
         *
         * @param ofRow the group of each row, N, as a position among the labels
         * @param labels the groups, at least 2, which may include groups without rows
         */
        public B group(int[] ofRow, Labels labels) {
            group = ofRow;
            groups = labels;
            return self();
        }

        /**
         * The groups by label, numbered in order of first appearance.
         *
         * @param ofRow the label of the group of each row, N
         * @throws IllegalArgumentException if a label is missing or blank
         */
        public B group(String[] ofRow) {
            Labels labels = Labels.levels("group", ofRow);
            return group(labels.indices(ofRow), labels);
        }

        final double[] outcomes() {
            double[] outcomes = Inputs.given(y, "outcome(y)");
            Inputs.requireSeries("y", outcomes, 2);
            return outcomes;
        }

        final Labels groups() {
            return groups;
        }

        final int[] groupOf(int rows) {
            int[] given = Inputs.given(group, "group(group, groups)");
            Inputs.requireSameLength("group", given.length, "y", rows);
            if (groups.size() < 2) {
                throw new IllegalArgumentException("groups is " + groups.size()
                        + ", but at least 2 are needed for their spread to mean anything; use LinearRegression");
            }
            return given;
        }
    }
}
