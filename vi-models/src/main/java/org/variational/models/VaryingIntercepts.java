package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Labels;
import org.variational.distribution.LocationScale;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/**
 * Hierarchical linear regression with an intercept for each group:
 * {@code y_n ~ normal(intercepts[group_n] + (x_n - mean)' coefficients, sigma)}, {@code intercepts_j ~ normal(level,
 * group_sd)}.
 *
 * <p>Priors, with s the standard deviation of y and c the prior scale, 2.5 unless set: {@code level ~ normal(mean(y), c
 * s)}, each coefficient {@code normal(0, c s / sd(x_k))}, {@code group_sd} and {@code sigma ~ exponential(1 / s)}. The
 * intercepts are inferred standardised (non-centred), which suits groups with few observations; with many in each
 * group, {@code centred} leaves less correlation.
 *
 * <p>Quantities: {@code level} (the expected outcome of a group at the mean predictors), {@code coefficients},
 * {@code group_sd}, {@code sigma}, {@code intercepts} (of each group, at the mean predictors). Data: {@code x},
 * {@code group}, {@code y}.
 */
public final class VaryingIntercepts extends GroupedRegression {

    private VaryingIntercepts(Model model, LinearPredictor predictor, Labels groups) {
        super(model, predictor, groups);
    }

    /** A builder, which needs predictors, groups and outcomes. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param x predictors, N x K with N at least 2, without a column of ones
     * @param group the group of each row, N, counted from 0
     * @param groups the number of groups J, which may include groups without rows
     * @param y outcomes, N
     * @throws IllegalArgumentException if shapes differ, a value is not finite, y or a column of x is constant, there
     *     are fewer than two groups, or a group number is outside {@code 0 .. groups - 1}
     */
    public static Model of(double[][] x, int[] group, int groups, double[] y) {
        return builder().predictors(x).group(group, groups).outcome(y).build().model();
    }

    @Override
    Effects effects(Posterior posterior) {
        DMatrixRMaj level = posterior.drawsOf("level");
        DMatrixRMaj coefficients = posterior.drawsOf("coefficients");
        DMatrixRMaj groupSd = posterior.drawsOf("group_sd");
        DMatrixRMaj intercepts = posterior.drawsOf("intercepts");
        return new Effects() {
            private void with(double intercept, int s, double[] effects) {
                effects[0] = intercept;
                for (int k = 0; k < coefficients.numRows; k++) {
                    effects[k + 1] = coefficients.get(k, s);
                }
            }

            @Override
            public void ofGroup(int group, int s, double[] effects) {
                with(intercepts.get(group, s), s, effects);
            }

            @Override
            public void ofAverageGroup(int s, double[] effects) {
                with(level.get(0, s), s, effects);
            }

            @Override
            public void ofNewGroup(int s, RandomGenerator random, double[] effects) {
                with(level.get(0, s) + groupSd.get(0, s) * random.nextGaussian(), s, effects);
            }
        };
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder extends GroupedBuilder<Builder> {

        private boolean centred;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Whether the intercepts are inferred as they are, which suits many observations in each group; not unless set.
         */
        public Builder centred(boolean inferredAsTheyAre) {
            centred = inferredAsTheyAre;
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if predictors, groups or outcomes are missing
         * @throws IllegalArgumentException if shapes differ, a value is not finite, y or a column of x is constant,
         *     there are fewer than two groups, or a group number is outside {@code 0 .. groups - 1}
         */
        public VaryingIntercepts build() {
            double[] y = outcomes();
            LinearPredictor predictor = predictor(y.length);
            int[] group = groupOf(y.length);
            double scale = Inputs.scale("y", y);
            double wide = scaleOfPriors() * scale;
            ModelBuilder m = Model.named("varying-intercepts");
            Expr level = m.parameter("level", normal(Inputs.mean(y), wide).nonCentered());
            Expr coefficients = predictor.coefficients(m, wide);
            Expr groupSd = m.parameter("group_sd", exponential(1 / scale));
            Expr sigma = m.parameter("sigma", exponential(1 / scale));
            LocationScale ofGroups = normal(level, groupSd);
            Expr intercepts = m.parameter("intercepts", centred ? ofGroups : ofGroups.nonCentered(), groups());
            Rows rows = m.rows(y.length);
            RowIndex of = rows.index("group", group);
            Expr atZero = intercepts.minus(predictor.atMeans(coefficients));
            rows.observe("y", normal(atZero.at(of).plus(predictor.slopes(rows, coefficients)), sigma), y);
            return new VaryingIntercepts(m.build(), predictor, groups());
        }
    }
}
