package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.lkjCholesky;
import static org.variational.distribution.Distributions.normal;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Labels;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/**
 * Hierarchical linear regression with an intercept and slopes for each group, which vary together:
 * {@code y_n ~ normal(e_0 + (x_n - mean)' (e_1, ..., e_K), sigma)} with e the row of {@code effects} of the group of n,
 * and rows {@code effects_j ~ multivariate normal((level, coefficients), diag(group_sd) C diag(group_sd))}.
 *
 * <p>Priors, with s the standard deviation of y and c the prior scale, 2.5 unless set: {@code level ~ normal(mean(y), c
 * s)}, each coefficient {@code normal(0, c s / sd(x_k))}, {@code sigma ~ exponential(1 / s)}, the first {@code
 * group_sd} (of the intercepts) {@code exponential(1 / s)}, that of slope k {@code exponential(sd(x_k) / s)}, and the
 * correlation matrix C of density proportional to {@code det(C)^(shape - 1)}, the shape 2 unless set. The effects are
 * inferred standardised (non-centred): {@code effects_j = (level, coefficients) + diag(group_sd) L z_j} with {@code C =
 * L L'} and standard normal z.
 *
 * <p>Quantities: {@code level}, {@code coefficients} (averages over groups), {@code group_sd} (K + 1),
 * {@code sigma}; derived: {@code correlation} (C), {@code effects} (J x (K + 1): intercept at the mean predictors, then
 * slopes); auxiliary: {@code factor} (L), {@code z} (J x (K + 1)). Where predictors have names, so have the K + 1
 * elements: {@code intercept}, then those names. Data: {@code x}, {@code group}, {@code y}.
 */
public final class VaryingSlopes extends GroupedRegression {

    private VaryingSlopes(Model model, LinearPredictor predictor, Labels groups) {
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
        DMatrixRMaj factor = posterior.drawsOf("factor");
        DMatrixRMaj all = posterior.drawsOf("effects");
        int width = groupSd.numRows;
        return new Effects() {
            @Override
            public void ofGroup(int group, int s, double[] effects) {
                for (int k = 0; k < width; k++) {
                    effects[k] = all.get(group * width + k, s);
                }
            }

            @Override
            public void ofAverageGroup(int s, double[] effects) {
                effects[0] = level.get(0, s);
                for (int k = 1; k < width; k++) {
                    effects[k] = coefficients.get(k - 1, s);
                }
            }

            @Override
            public void ofNewGroup(int s, RandomGenerator random, double[] effects) {
                ofAverageGroup(s, effects);
                for (int j = 0; j < width; j++) {
                    double z = random.nextGaussian();
                    for (int k = j; k < width; k++) {
                        effects[k] += groupSd.get(k, s) * factor.get(k * width + j, s) * z;
                    }
                }
            }
        };
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder extends GroupedBuilder<Builder> {

        private static final String INTERCEPT = "intercept";

        private double shape = 2;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * The shape of the prior of the correlations: 1 for uniform matrices, more for weaker correlations; 2 unless
         * set.
         *
         * @throws IllegalArgumentException if the shape is not positive and finite
         */
        public Builder correlationShape(double lkjShape) {
            shape = Inputs.requirePositive("correlationShape", lkjShape);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if predictors, groups or outcomes are missing
         * @throws IllegalArgumentException if shapes differ, a value is not finite, y or a column of x is constant,
         *     there are fewer than two groups, or a group number is outside {@code 0 .. groups - 1}
         */
        public VaryingSlopes build() {
            double[] y = outcomes();
            LinearPredictor predictor = predictor(y.length);
            int[] group = groupOf(y.length);
            int slopes = predictor.columns();
            double scale = Inputs.scale("y", y);
            double wide = scaleOfPriors() * scale;
            Labels terms = terms(predictor.names());
            ModelBuilder m = Model.named("varying-slopes");
            Expr level = m.parameter("level", normal(Inputs.mean(y), wide).nonCentered());
            Expr coefficients = predictor.coefficients(m, wide);
            Expr groupSd = m.parameter("group_sd", exponential(rates(predictor.scales(scale), scale)), terms);
            Expr factor = m.parameter("factor", lkjCholesky(slopes + 1, shape), terms, terms);
            Expr z = m.parameter("z", normal(0, 1), groups(), terms);
            m.auxiliary("factor", "z");
            Expr sigma = m.parameter("sigma", exponential(1 / scale));
            Expr average = Expr.concatenate(level, coefficients).reshape(1, slopes + 1);
            m.derived("correlation", factor.matmul(factor.transpose()), terms, terms);
            Expr effects = m.derived(
                    "effects",
                    z.matmul(factor.transpose())
                            .times(groupSd.reshape(1, slopes + 1))
                            .plus(average),
                    groups(),
                    terms);

            Rows rows = m.rows(y.length);
            RowIndex of = rows.index("group", group);
            Expr slopesOf = columns(effects, groups().size(), slopes + 1, 1, slopes);
            Expr atZero = columns(effects, groups().size(), slopes + 1, 0, 1)
                    .minus(slopesOf.matmul(Expr.constant(predictor.means())));
            Expr slope = slopesOf.at(of).times(predictor.data(rows)).sum();
            rows.observe("y", normal(atZero.at(of).plus(slope), sigma), y);
            return new VaryingSlopes(m.build(), predictor, groups());
        }

        /** What differs between groups: the intercept, and the slopes of the predictors. */
        private static Labels terms(Labels predictors) {
            if (predictors.isNumbered()) {
                return Labels.numbered(predictors.size() + 1);
            }
            List<String> terms = new ArrayList<>(predictors.labels());
            if (terms.contains(INTERCEPT)) {
                throw new IllegalArgumentException("a predictor is named \"" + INTERCEPT
                        + "\", as is the intercept that differs between groups; give it another name");
            }
            terms.add(0, INTERCEPT);
            return Labels.of("term", terms);
        }

        private static Expr rates(double[] slopeScales, double scale) {
            double[] rates = new double[slopeScales.length + 1];
            rates[0] = 1 / scale;
            for (int k = 0; k < slopeScales.length; k++) {
                rates[k + 1] = 1 / slopeScales[k];
            }
            return Expr.constant(rates);
        }

        /** Some neighbouring columns of a matrix. */
        private static Expr columns(Expr matrix, int rows, int columns, int first, int count) {
            int[] positions = new int[rows * count];
            for (int i = 0; i < positions.length; i++) {
                positions[i] = i / count * columns + first + i % count;
            }
            return matrix.select(positions).reshape(rows, count);
        }
    }
}
