package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.density.Matrices;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.PointwiseLogLikelihood;
import org.variational.model.Rows;
import org.variational.posterior.Approximation;
import org.variational.random.RandomStreams;

/**
 * Observations {@code y_i ~ N(mu, sigma^2)} with the prior {@code mu ~ N(1/2, 2^2)}, of which everything is known: the
 * posterior of any subset is normal, and so is the prediction of an observation left out.
 */
class LooTest {
    private static final double SIGMA = Math.sqrt(0.8);
    private static final double PRIOR_MEAN = 0.5;
    private static final double PRIOR_SD = 2;
    private static final double[] Y = {1.2, -0.4, 0.7, 2.1, 0.3, 0.9, -1.1, 1.6, 0.2, 0.5};
    private static final int DRAWS = 20_000;

    /** Mean and variance of mu given all observations but one; -1 for none left out. */
    private static double[] refit(double[] y, int without) {
        double precision = 1 / (PRIOR_SD * PRIOR_SD);
        double sum = PRIOR_MEAN * precision;
        for (int i = 0; i < y.length; i++) {
            if (i != without) {
                precision += 1 / (SIGMA * SIGMA);
                sum += y[i] / (SIGMA * SIGMA);
            }
        }
        return new double[] {sum / precision, 1 / precision};
    }

    private static double logNormal(double x, double mean, double variance) {
        return -0.5 * (Math.log(2 * Math.PI * variance) + (x - mean) * (x - mean) / variance);
    }

    private static double prediction(double[] y, int i, int without) {
        double[] fitted = refit(y, without);
        return logNormal(y[i], fitted[0], fitted[1] + SIGMA * SIGMA);
    }

    private static Model model(double[] y) {
        ModelBuilder builder = Model.named("normal");
        Expr mu = builder.parameter("mu", normal(PRIOR_MEAN, PRIOR_SD));
        Rows rows = builder.rows(y.length);
        rows.observe("y", normal(mu, SIGMA), y);
        return builder.build();
    }

    /** Draws from a normal q shifted by so many posterior sds and wider by a factor, with both log densities. */
    private static Approximation approximation(Model model, double[] y, double shift, double factor, int repeat) {
        double[] exact = refit(y, -1);
        double mean = exact[0] + shift * Math.sqrt(exact[1]);
        double sd = factor * Math.sqrt(exact[1]);
        RandomGenerator random = RandomStreams.of(41).generator("loo", repeat);
        DMatrixRMaj points = new DMatrixRMaj(1, DRAWS);
        Arrays.setAll(points.data, s -> mean + sd * random.nextGaussian());
        double[] logP = new double[DRAWS];
        model.density().evaluate(points, logP, null);
        double[] logQ =
                Arrays.stream(points.data).map(x -> logNormal(x, mean, sd * sd)).toArray();
        return Approximation.of(model.layout(), points, logP, logQ);
    }

    /** Five Monte-Carlo errors of each of 20 numbers, false-alarm rate 1e-5 in all. */
    @Test
    void exactPosteriorDrawsGiveThePredictionsOfExactRefits() {
        Model model = model(Y);
        Loo loo = Loo.of(model, "y", approximation(model, Y, 0, 1, 0));
        assertThat(loo.isReliable()).isTrue();
        assertThat(loo.draws()).isEqualTo(DRAWS);
        for (int i = 0; i < Y.length; i++) {
            Loo.Observation left = loo.observations().get(i);
            assertThat(left.elpd()).isCloseTo(prediction(Y, i, i), within(5 * left.standardError()));
            assertThat(left.lpd()).isCloseTo(prediction(Y, i, -1), within(5 * left.standardError()));
            assertThat(left.standardError()).isBetween(1e-5, 0.02);
        }
        double exact = 0;
        double effective = 0;
        for (int i = 0; i < Y.length; i++) {
            exact += prediction(Y, i, i);
            effective += prediction(Y, i, -1) - prediction(Y, i, i);
        }
        assertThat(loo.elpd().value()).isCloseTo(exact, within(5 * loo.monteCarloError()));
        assertThat(loo.effectiveParameters().value()).isCloseTo(effective, within(10 * loo.monteCarloError()));
        assertThat(loo.elpd().informationCriterion()).isEqualTo(-2 * loo.elpd().value());
        assertThat(loo.toString()).contains("elpd_loo").contains("0 of 10 observations");
    }

    /**
     * A q that is shifted by one sd and 1.2 times too wide, whose own prediction differs from that of the posterior by
     * far more than Monte-Carlo error.
     */
    @Test
    void importanceWeightsMendAWrongApproximation() {
        Model model = model(Y);
        Approximation wrong = approximation(model, Y, 1, 1.2, 1);
        DMatrixRMaj pointwise = model.pointwiseLogLikelihood("y", wrong.unconstrained());
        Loo corrected = Loo.of(pointwise, wrong.logWeights());
        Loo uncorrected = Loo.of(pointwise);
        double exact = 0;
        double worst = 0;
        for (int i = 0; i < Y.length; i++) {
            double truth = prediction(Y, i, i);
            exact += truth;
            Loo.Observation left = corrected.observations().get(i);
            assertThat(left.elpd()).isCloseTo(truth, within(5 * left.standardError()));
            assertThat(left.lpd()).isCloseTo(prediction(Y, i, -1), within(5 * left.standardError()));
            worst = Math.max(worst, Math.abs(uncorrected.observations().get(i).elpd() - truth));
        }
        assertThat(corrected.isReliable()).isTrue();
        assertThat(worst).isGreaterThan(0.1);
        double error = Math.abs(corrected.elpd().value() - exact);
        assertThat(error).isLessThan(Math.abs(uncorrected.elpd().value() - exact) / 3);
    }

    /**
     * p_waic_i is the variance of -(y - mu)^2 / (2 sigma^2) for normal mu of variance v: (2 v^2 + 4 v d^2) / (4
     * sigma^4).
     */
    @Test
    void waicIsThatOfTheNormalPosterior() {
        Model model = model(Y);
        for (Approximation approximation :
                new Approximation[] {approximation(model, Y, 0, 1, 2), approximation(model, Y, 0.5, 1.3, 3)}) {
            Waic waic = Waic.of(model, "y", approximation);
            double[] exact = refit(Y, -1);
            for (int i = 0; i < Y.length; i++) {
                double d = Y[i] - exact[0];
                double v = exact[1];
                double effective = (2 * v * v + 4 * v * d * d) / (4 * Math.pow(SIGMA, 4));
                // A variance of kurtosis at most 15 (a squared normal) from an effective 10,000 draws: relative error
                // sqrt(14 / 10^4), taken five times; the same absolutely for lpd, whose terms vary less.
                double tolerance = 5 * Math.sqrt(14 / 1e4) * effective;
                assertThat(waic.effectiveParameters().pointwise()[i]).isCloseTo(effective, within(tolerance));
                assertThat(waic.elpd().pointwise()[i])
                        .isCloseTo(
                                prediction(Y, i, -1) - effective, within(tolerance + 5 * Math.sqrt(effective / 1e4)));
            }
            assertThat(waic.influential()).isZero();
        }
    }

    /** Eight sds away, an observation dominates the posterior of the mean. */
    @Test
    void anOutlierIsFlagged() {
        double[] y = Y.clone();
        y[3] = 12;
        Model model = model(y);
        Approximation approximation = approximation(model, y, 0, 1, 4);
        Loo loo = Loo.of(model, "y", approximation);
        assertThat(loo.unreliable()).containsExactly(3);
        assertThat(loo.isReliable()).isFalse();
        Waic waic = Waic.of(model, "y", approximation);
        double[] exact = refit(y, -1);
        // The closed form above is 13 for the outlier, 0.88 and 0.48 for the two on the other side, at most 0.24
        // elsewhere.
        assertThat(waic.influential())
                .isEqualTo((int) Arrays.stream(y)
                        .filter(x -> exact[1] * (x - exact[0]) * (x - exact[0]) > 0.4 * Math.pow(SIGMA, 4))
                        .count())
                .isEqualTo(3);
        assertThat(waic.toString()).contains("3 observations with p_waic above 0.4");
    }

    @Test
    void constantsAddedToLogWeightsAndDrawsWithoutWeightChangeNothing() {
        Model model = model(Y);
        Approximation approximation = approximation(model, Y, 0.5, 1.2, 5);
        DMatrixRMaj pointwise = model.pointwiseLogLikelihood("y", approximation.unconstrained());
        double[] logWeights = approximation.logWeights();
        Loo loo = Loo.of(pointwise, logWeights);
        double[] moved = Arrays.stream(logWeights).map(w -> w + 1024).toArray();
        assertThat(Loo.of(pointwise, moved).elpd().value()).isCloseTo(loo.elpd().value(), within(1e-9));
        double[] more = Arrays.copyOf(logWeights, DRAWS + 2);
        more[DRAWS] = Double.NaN;
        more[DRAWS + 1] = Double.NEGATIVE_INFINITY;
        DMatrixRMaj wider = new DMatrixRMaj(Y.length, DRAWS + 2);
        for (int i = 0; i < Y.length; i++) {
            System.arraycopy(pointwise.data, i * DRAWS, wider.data, i * (DRAWS + 2), DRAWS);
            wider.set(i, DRAWS, Double.NaN);
            wider.set(i, DRAWS + 1, Double.NEGATIVE_INFINITY);
        }
        assertThat(Loo.of(wider, more)).isEqualTo(loo);
        assertThat(Waic.of(wider, more).elpd().value())
                .isEqualTo(Waic.of(pointwise, logWeights).elpd().value());
    }

    /**
     * 5,000 observations of 1,000 draws, 40 MB of which no more than 16 MB are asked for at once: the largest block
     * that a source is asked for is counted, and the numbers are those of the held matrix.
     */
    @Test
    void observationsAreAskedForInBlocks() {
        int n = 5000;
        int draws = 1000;
        RandomGenerator random = RandomStreams.of(43).generator("held", 0);
        DMatrixRMaj held = new DMatrixRMaj(n, draws);
        Arrays.setAll(held.data, at -> -0.5 * Math.pow(1 + 0.2 * random.nextGaussian(), 2));
        double[] logWeights = random.doubles(draws).toArray();
        int[] largest = {0};
        int[] asked = {0};
        PointwiseDraws streamed = new PointwiseDraws(
                n,
                (from, to) -> {
                    assertThat(from).isEqualTo(asked[0]);
                    asked[0] = to;
                    largest[0] = Math.max(largest[0], to - from);
                    return CommonOps_DDRM.extract(held, from, to, 0, draws);
                },
                logWeights);
        double[][] rows = new double[n][];
        streamed.forEach((i, row) -> rows[i] = row);
        assertThat(asked[0]).isEqualTo(n);
        assertThat(largest[0] * draws).isLessThanOrEqualTo(2_000_000);
        assertThat(rows[n - 1]).isEqualTo(Matrices.row(held, n - 1));
        Loo loo = Loo.of(held, logWeights);
        assertThat(Loo.of(n, i -> rows[i], logWeights)).isEqualTo(loo);
        assertThat(loo.observations()).hasSize(n);
    }

    /** Blocks of one observation cross the tiles and chunks of a model of 300 rows; each row is computed alone. */
    @Test
    void aModelGivesTheSameNumbersRowByRow() {
        double[] y = RandomStreams.of(44).generator("rows", 0).doubles(300).toArray();
        Model model = model(y);
        DMatrixRMaj points = new DMatrixRMaj(1, 70);
        Arrays.setAll(points.data, s -> 0.1 * s - 3);
        DMatrixRMaj all = model.pointwiseLogLikelihood("y", points);
        PointwiseLogLikelihood likelihood = model.pointwiseLogLikelihood("y");
        assertThat(likelihood.observations()).isEqualTo(300);
        for (int i = 0; i < 300; i += 7) {
            assertThat(likelihood.evaluate(points, i, i + 1).data).isEqualTo(Matrices.row(all, i));
        }
        assertThat(likelihood.evaluate(points, 120, 131).data)
                .isEqualTo(Arrays.copyOfRange(all.data, 120 * 70, 131 * 70));
        assertThat(likelihood.evaluate(points, 5, 5).numRows).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> likelihood.evaluate(points, 299, 301))
                .withMessageContaining("300 observations");
    }

    @Test
    void differencesArePaired() {
        Elpd first = new Elpd(new double[] {-1, -2, -4});
        Elpd second = new Elpd(new double[] {-2, -3, -5});
        assertThat(first.value()).isEqualTo(-7);
        // Deviations 4/3, 1/3, -5/3: sum of squares 42/9, times 3/2.
        assertThat(first.standardError()).isCloseTo(Math.sqrt(7), within(1e-14));
        Elpd difference = first.minus(second);
        assertThat(difference.value()).isEqualTo(3);
        assertThat(difference.standardError()).isZero();
        assertThat(new Elpd(new double[1]).standardError()).isNaN();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> first.minus(new Elpd(new double[2])))
                .withMessageContaining("3 and 2");
        assertThatIllegalArgumentException().isThrownBy(() -> new Elpd(new double[0]));
    }

    @Test
    void misuseIsRefused() {
        DMatrixRMaj pointwise = new DMatrixRMaj(2, 100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loo.of(pointwise, new double[99]))
                .withMessageContaining("2 x 100 for 99 draws");
        pointwise.set(1, 7, Double.NEGATIVE_INFINITY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loo.of(pointwise))
                .withMessageContaining("observation 1 at draw 7 is -Infinity");
        double[] none = new double[100];
        Arrays.fill(none, Double.NaN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Waic.of(pointwise, none))
                .withMessageContaining("none of the 100 draws has a weight");
    }
}
