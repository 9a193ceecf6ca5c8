package org.variational.models;

import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.rightCensored;
import static org.variational.distribution.Distributions.weibull;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/**
 * Weibull regression of times to an event, some right-censored: times have the survival function
 * {@code exp(-(t / scale_n)^shape)} with {@code log scale_n = level + (x_n - mean)' coefficients} (accelerated failure
 * time; the hazard is also proportional, with log ratios {@code -shape coefficients}). A time that was censored
 * contributes the probability of a larger one.
 *
 * <p>Priors, with c the prior scale, 2.5 unless set: {@code level ~ normal(log of the total time per event, c)}, half
 * an event added, each coefficient {@code normal(0, c / sd(x_k))}, inferred standardised; {@code shape ~ logNormal(0,
 * 1)}.
 *
 * <p>Quantities: {@code shape}, {@code level} (the log scale at the mean predictors), {@code coefficients}; derived:
 * {@code intercept} (the log scale at {@code x = 0}). Data: {@code x}, {@code event}, {@code y}. The expected outcome
 * is the mean time, and predicted times are not censored.
 */
public final class WeibullSurvival extends LinearModel {

    private final Expr shape;
    private final Expr logScale;

    private WeibullSurvival(Model model, Expr shape, Expr logScale, LinearPredictor predictor) {
        super(model, logScale.plus(shape.reciprocal().plus(1).lgamma()).exp(), predictor);
        this.shape = shape;
        this.logScale = logScale;
    }

    /** A builder, which needs predictors, times and events. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param x predictors, N x K, without a column of ones
     * @param time the times, N, positive
     * @param event 1 where the event was at that time, 0 where it was not yet, N
     * @throws IllegalArgumentException if shapes differ, a predictor is not finite, a column of x is constant, a time
     *     is not positive, or an event is neither 0 nor 1
     */
    public static Model of(double[][] x, double[] time, int[] event) {
        return builder().predictors(x).times(time, event).build().model();
    }

    /** Any time holds the place of one, whether or not it is censored. */
    @Override
    Data others(int rows) {
        double[] ones = new double[rows];
        Arrays.fill(ones, 1);
        return Data.declared().with("y", ones).with("event", ones);
    }

    /**
     * The probability that the event has not happened by a time, at new rows, for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param time the time, positive
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, newX has another number of columns or a
     *     value that is not finite, or the time is not positive
     */
    public DMatrixRMaj survival(Posterior posterior, double[][] newX, double time) {
        double log = Math.log(Inputs.requirePositive("time", time));
        Expr hazard = logScale.negate().plus(log).times(shape).exp();
        return at(newX, others(newX.length)).evaluate(hazard.negate().exp(), Prediction.points(model(), posterior));
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder extends RegressionBuilder<Builder> {

        private double @Nullable [] y;
        private int @Nullable [] event;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * The times.
         *
         * @param time N, positive
         * @param observed 1 where the event was at that time, 0 where it was not yet, N
         */
        public Builder times(double[] time, int[] observed) {
            y = time;
            event = observed;
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if predictors or times are missing
         * @throws IllegalArgumentException if shapes differ, a predictor is not finite, a column of x is constant, a
         *     time is not positive, or an event is neither 0 nor 1
         */
        public WeibullSurvival build() {
            double[] times = Inputs.given(y, "times(time, observed)");
            int[] events = Inputs.given(event, "times(time, observed)");
            LinearPredictor predictor = predictor(times.length);
            Inputs.requireSameLength("event", events.length, "time", times.length);
            for (int n = 0; n < times.length; n++) {
                Inputs.requirePositive("time[" + n + "]", times[n]);
            }
            double average = Math.log(
                    Arrays.stream(times).sum() / (0.5 + Arrays.stream(events).sum()));
            ModelBuilder m = Model.named("weibull-survival");
            Expr shape = m.parameter("shape", logNormal(0, 1));
            Expr level = m.parameter("level", normal(average, scaleOfPriors()).nonCentered());
            Expr coefficients = predictor.coefficients(m, scaleOfPriors());
            Expr intercept = predictor.intercept(m, level, coefficients);
            Rows rows = m.rows(times.length);
            Expr logScale = predictor.slopes(rows, coefficients).plus(intercept);
            Expr observed = rows.data("event", events);
            rows.observe("y", rightCensored(weibull(shape, logScale.exp()), observed), times);
            return new WeibullSurvival(m.build(), shape, logScale, predictor);
        }
    }
}
