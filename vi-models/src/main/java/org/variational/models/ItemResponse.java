package org.variational.models;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.normal;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Labels;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/**
 * The two-parameter logistic model of item response theory (Birnbaum 1968): the log odds that person i answers item j
 * correctly are {@code discrimination_j (ability_i - difficulty_j)}.
 *
 * <p>Priors: {@code ability_i ~ normal(0, 1)}, which fixes origin and unit of the scale,
 * {@code discrimination_j ~ logNormal(0, d)} with d 0.5 unless set, which fixes its direction,
 * {@code difficulty_j ~ normal(difficulty_mean, difficulty_sd)}, {@code difficulty_mean ~ normal(0, 2)},
 * {@code difficulty_sd ~ exponential(1)}.
 *
 * <p>Quantities: {@code difficulty_mean}, {@code difficulty_sd}, {@code discrimination} (J), {@code difficulty} (J),
 * {@code ability} (I). Data: {@code person}, {@code item}, {@code y}. Answers that were not given are rows left
 * away.
 *
 * <p>Immutable; methods may be called from several threads.
 */
public final class ItemResponse {

    private final Model model;
    private final Expr probability;
    private final Labels persons;
    private final Labels items;

    private ItemResponse(Model model, Expr probability, Labels persons, Labels items) {
        this.model = model;
        this.probability = probability;
        this.persons = persons;
        this.items = items;
    }

    /** A builder, which needs persons, items and answers. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors of a complete table of answers.
     *
     * @param correct I x J, a row per person and a column per item, each 0 or 1
     * @throws IllegalArgumentException if the table is empty or ragged, or an answer is neither 0 nor 1
     */
    public static Model of(int[][] correct) {
        return builder().table(correct).build().model();
    }

    /** The model to fit. */
    public Model model() {
        return model;
    }

    private Model at(int[] person, int[] item) {
        Inputs.requireSameLength("person", person.length, "item", item.length);
        Inputs.requireIndices("person", person, persons.size());
        Inputs.requireIndices("item", item, items.size());
        return model.with(
                Data.declared().with("person", person).with("item", item).with("y", new double[item.length]));
    }

    /**
     * The probability of correct answers for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param person the person of each answer, M
     * @param item the item of each answer, M
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, lengths differ, or there is no such person
     *     or item
     */
    public DMatrixRMaj expected(Posterior posterior, int[] person, int[] item) {
        return at(person, item).evaluate(probability, Prediction.points(model, posterior));
    }

    /**
     * Draws of answers, 1 for correct, one for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param person the person of each answer, M
     * @param item the item of each answer, M
     * @param seed of the draws; the same seed and posterior give the same bits
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, lengths differ, or there is no such person
     *     or item
     */
    public DMatrixRMaj predict(Posterior posterior, int[] person, int[] item, long seed) {
        return at(person, item).predict("y", Prediction.points(model, posterior), Prediction.random(seed));
    }

    /**
     * The probability of correct answers of persons to items given by their labels, for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param person the person of each answer, M
     * @param item the item of each answer, M
     * @return M x S
     * @throws IllegalArgumentException as {@link #expected(Posterior, int[], int[])}
     */
    public DMatrixRMaj expected(Posterior posterior, String[] person, String[] item) {
        return expected(posterior, persons.indices(person), items.indices(item));
    }

    /**
     * Draws of answers of persons to items given by their labels, 1 for correct, one for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param person the person of each answer, M
     * @param item the item of each answer, M
     * @param seed of the draws; the same seed and posterior give the same bits
     * @return M x S
     * @throws IllegalArgumentException as {@link #predict(Posterior, int[], int[], long)}
     */
    public DMatrixRMaj predict(Posterior posterior, String[] person, String[] item, long seed) {
        return predict(posterior, persons.indices(person), items.indices(item), seed);
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private int @Nullable [] person;
        private int @Nullable [] item;
        private int @Nullable [] y;
        private Labels persons = Labels.numbered(0);
        private Labels items = Labels.numbered(0);
        private double discriminationScale = 0.5;

        private Builder() {}

        /**
         * The answers of a complete table.
         *
         * @param correct I x J, a row per person and a column per item, each 0 or 1
         * @throws IllegalArgumentException if the table is empty or ragged
         */
        public Builder table(int[][] correct) {
            if (correct.length == 0 || correct[0].length == 0) {
                throw new IllegalArgumentException(
                        "the table is empty; it needs a row per person and a column per item");
            }
            int columns = correct[0].length;
            int[] rowOf = new int[correct.length * columns];
            int[] columnOf = new int[rowOf.length];
            int[] answers = new int[rowOf.length];
            for (int i = 0; i < correct.length; i++) {
                if (correct[i].length != columns) {
                    throw new IllegalArgumentException("row " + i + " of the table has " + correct[i].length
                            + " answers, but row 0 has " + columns + "; give answers with persons, items and correct");
                }
                for (int j = 0; j < columns; j++) {
                    rowOf[i * columns + j] = i;
                    columnOf[i * columns + j] = j;
                    answers[i * columns + j] = correct[i][j];
                }
            }
            return persons(rowOf, correct.length).items(columnOf, columns).correct(answers);
        }

        /**
         * The answers of a complete table whose rows and columns have labels.
         *
         * @param correct I x J, a row per person and a column per item, each 0 or 1
         * @param ofRows I persons
         * @param ofColumns J items
         * @throws IllegalArgumentException if the table is empty or ragged, or has not as many rows and columns as
         *     there are labels
         */
        public Builder table(int[][] correct, Labels ofRows, Labels ofColumns) {
            table(correct);
            if (ofRows.size() != persons.size() || ofColumns.size() != items.size()) {
                throw new IllegalArgumentException("the table has " + persons.size() + " rows and " + items.size()
                        + " columns, but there are labels for " + ofRows.size() + " persons and " + ofColumns.size()
                        + " items");
            }
            persons = ofRows;
            items = ofColumns;
            return this;
        }

        /**
         * The persons.
         *
         * @param ofAnswer the person of each answer, N, counted from 0
         * @param count the number of persons I
         */
        public Builder persons(int[] ofAnswer, int count) {
            return persons(ofAnswer, Labels.numbered(Math.max(0, count)));
        }

        /**
         * The persons, with labels after which their abilities are named.
         *
         * @param ofAnswer the person of each answer, N, as a position among the labels
         * @param labels the persons
         */
        public Builder persons(int[] ofAnswer, Labels labels) {
            person = ofAnswer;
            persons = labels;
            return this;
        }

        /**
         * The persons by label, numbered in order of first appearance.
         *
         * @param ofAnswer the label of the person of each answer, N
         * @throws IllegalArgumentException if a label is missing or blank
         */
        public Builder persons(String[] ofAnswer) {
            Labels labels = Labels.levels("person", ofAnswer);
            return persons(labels.indices(ofAnswer), labels);
        }

        /**
         * The items.
         *
         * @param ofAnswer the item of each answer, N, counted from 0
         * @param count the number of items J
         */
        public Builder items(int[] ofAnswer, int count) {
            return items(ofAnswer, Labels.numbered(Math.max(0, count)));
        }

        /**
         * The items, with labels after which their parameters are named.
         *
         * @param ofAnswer the item of each answer, N, as a position among the labels
         * @param labels the items
         */
        public Builder items(int[] ofAnswer, Labels labels) {
            item = ofAnswer;
            items = labels;
            return this;
        }

        /**
         * The items by label, numbered in order of first appearance.
         *
         * @param ofAnswer the label of the item of each answer, N
         * @throws IllegalArgumentException if a label is missing or blank
         */
        public Builder items(String[] ofAnswer) {
            Labels labels = Labels.levels("item", ofAnswer);
            return items(labels.indices(ofAnswer), labels);
        }

        /** Whether each answer was correct, N, each 0 or 1. */
        public Builder correct(int[] answers) {
            y = answers;
            return this;
        }

        /**
         * The standard deviation of the logarithm of the discriminations; 0.5 unless set.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder discriminationScale(double scale) {
            discriminationScale = Inputs.requirePositive("discriminationScale", scale);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if persons, items or answers are missing
         * @throws IllegalArgumentException if lengths differ, a person or item is out of range, or an answer is neither
         *     0 nor 1
         */
        public ItemResponse build() {
            int[] answers = Inputs.given(y, "correct(y) or table(y)");
            int[] who = Inputs.given(person, "persons(person, count)");
            int[] what = Inputs.given(item, "items(item, count)");
            Inputs.requireSameLength("person", who.length, "y", answers.length);
            Inputs.requireSameLength("item", what.length, "y", answers.length);
            Inputs.requireIndices("person", who, persons.size());
            Inputs.requireIndices("item", what, items.size());
            ModelBuilder m = Model.named("item-response");
            Expr mean = m.parameter("difficulty_mean", normal(0, 2));
            Expr sd = m.parameter("difficulty_sd", exponential(1));
            Expr discrimination = m.parameter("discrimination", logNormal(0, discriminationScale), items);
            Expr difficulty = m.parameter("difficulty", normal(mean, sd).nonCentered(), items);
            Expr ability = m.parameter("ability", normal(0, 1), persons);
            Rows rows = m.rows(answers.length);
            RowIndex ofPerson = rows.index("person", who);
            RowIndex ofItem = rows.index("item", what);
            Expr logOdds = discrimination.at(ofItem).times(ability.at(ofPerson).minus(difficulty.at(ofItem)));
            rows.observe("y", bernoulliLogit(logOdds), answers);
            return new ItemResponse(m.build(), logOdds.logistic(), persons, items);
        }
    }
}
