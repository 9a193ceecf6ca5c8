package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;
import org.variational.random.RandomStreams;

/** Draws that are moved: to the posterior by chains, and towards the posterior without an observation. */
class MovedLooTest {
    private static final int DRAWS = 2000;

    private static Posterior posterior(Model model, DMatrixRMaj points) {
        double[] logDensity = new double[points.numCols];
        model.density().evaluate(points, logDensity, null);
        return Posterior.of(model.layout(), points, logDensity);
    }

    private static double logNormal(double x, double mean, double variance) {
        return -0.5 * (Math.log(2 * Math.PI * variance) + (x - mean) * (x - mean) / variance);
    }

    /** {@code y ~ normal(X b, 1)} with {@code b ~ normal(0, 1)}: the posterior and all predictions are Gaussian. */
    private static final class Regression {
        final double[][] x;
        final double[] y;
        final double[] mean;
        final DMatrixRMaj covariance;

        Regression(int rows, int width, double outlier) {
            RandomGenerator random = RandomStreams.of(51).generator("data", 0);
            x = new double[rows][width];
            y = new double[rows];
            covariance = CommonOps_DDRM.identity(width);
            double[] sums = new double[width];
            for (int i = 0; i < rows; i++) {
                Arrays.setAll(x[i], d -> random.nextGaussian());
                y[i] = 0.5 * Arrays.stream(x[i]).sum() + random.nextGaussian() + (i == 0 ? outlier : 0);
                for (int d = 0; d < width; d++) {
                    sums[d] += x[i][d] * y[i];
                    for (int e = 0; e < width; e++) {
                        covariance.add(d, e, x[i][d] * x[i][e]);
                    }
                }
            }
            CommonOps_DDRM.invert(covariance);
            mean = new double[width];
            Arrays.setAll(mean, d -> IntStream.range(0, width)
                    .mapToDouble(e -> covariance.get(d, e) * sums[e])
                    .sum());
        }

        Model model() {
            ModelBuilder m = Model.named("regression");
            Expr b = m.parameter("b", normal(0, 1), mean.length);
            Rows rows = m.rows(y.length);
            rows.observe("y", normal(rows.data("x", x).times(b).sum(), 1), y);
            return m.build();
        }

        DMatrixRMaj draws() {
            CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(mean.length, true);
            cholesky.decompose(covariance.copy());
            DMatrixRMaj noise = new DMatrixRMaj(mean.length, DRAWS);
            RandomGenerator random = RandomStreams.of(52).generator("draws", 0);
            Arrays.setAll(noise.data, at -> random.nextGaussian());
            DMatrixRMaj draws = new DMatrixRMaj(mean.length, DRAWS);
            CommonOps_DDRM.mult(cholesky.getT(null), noise, draws);
            for (int at = 0; at < draws.data.length; at++) {
                draws.data[at] += mean[at / DRAWS];
            }
            return draws;
        }

        /** The prediction of a row given the others, by the leverage h of its mean. */
        double leftOut(int i) {
            double fitted = 0;
            double h = 0;
            for (int d = 0; d < mean.length; d++) {
                fitted += x[i][d] * mean[d];
                for (int e = 0; e < mean.length; e++) {
                    h += x[i][d] * covariance.get(d, e) * x[i][e];
                }
            }
            return logNormal(y[i], (fitted - h * y[i]) / (1 - h), 1 / (1 - h));
        }
    }

    /**
     * Thirty coefficients and eighty rows, the first an outlier: leaving one out moves all coefficients, along the one
     * combination of them that its likelihood knows. Five Monte-Carlo errors of each of 80 terms that are reliable.
     */
    @Test
    void influentialRowsOfARegressionAreMovedToTheirExactPredictions() {
        Regression regression = new Regression(80, 30, 9);
        Model model = regression.model();
        DMatrixRMaj draws = regression.draws();
        Loo held = Loo.of(model.pointwiseLogLikelihood("y", draws));
        assertThat(held.unreliable()).contains(0);
        assertThat(held.moved()).isZero();
        Loo loo = Loo.of(model, "y", posterior(model, draws));
        assertThat(loo.settling()).isEqualTo(Loo.Settling.NONE);
        assertThat(loo.isReliable()).isTrue();
        assertThat(loo.moved()).isPositive();
        for (int i = 0; i < 80; i++) {
            Loo.Observation left = loo.observations().get(i);
            Loo.Observation before = held.observations().get(i);
            assertThat(left.elpd()).isCloseTo(regression.leftOut(i), within(5 * left.standardError()));
            assertThat(left.lpd()).isCloseTo(before.lpd(), within(1e-9));
            assertThat(left.unmovedKHat()).isCloseTo(before.kHat(), within(1e-6));
            assertThat(left.isMoved()).isEqualTo(left.kHat() < left.unmovedKHat());
            if (!left.isMoved()) {
                assertThat(left.elpd()).isCloseTo(before.elpd(), within(1e-9));
            }
        }
        assertThat(Math.abs(loo.observations().get(0).elpd() - regression.leftOut(0)))
                .isLessThan(Math.abs(held.observations().get(0).elpd() - regression.leftOut(0)));
        assertThat(loo.monteCarloError()).isLessThan(held.monteCarloError());
        assertThat(loo.toString())
                .contains("0 of 80 observations", "towards the posterior without the observation for " + loo.moved());
        assertThat(Loo.of(model, "y", posterior(model, draws))).isEqualTo(loo);
    }

    /** The likelihood of a row knows its linear predictor and, where that is a parameter, the dispersion. */
    @Test
    void theCombinationsOfARegressionAreItsPredictorAndDispersion() {
        Regression regression = new Regression(40, 8, 0);
        Model model = regression.model();
        DMatrixRMaj draws = regression.draws();
        int[] inferred = IntStream.range(0, 8).toArray();
        AffineMove start = new ActiveCombinations(model.pointwiseLogLikelihood("y"), draws, DRAWS, inferred).start(7);
        assertThat(start).isNotNull();
        assertThat(start.combinations().numCols).isEqualTo(1);
        double ratio = start.combinations().get(0) / regression.x[7][0];
        for (int d = 0; d < 8; d++) {
            // differences with a step of 1e-4 of a function with second derivatives near 1
            assertThat(start.combinations().get(d))
                    .isCloseTo(ratio * regression.x[7][d], within(1e-3 * Math.abs(ratio)));
        }
        SleepStudy study = new SleepStudy(1);
        PointwiseStart sleep = new PointwiseStart(study.model(), study.draws(500, 1, -1));
        // predictor and dispersion, and what is not linear in the predictor
        assertThat(sleep.combinations(30)).isBetween(2, 6);
    }

    private record PointwiseStart(Model model, DMatrixRMaj draws) {
        int combinations(int row) {
            int[] all = IntStream.range(0, draws.numRows).toArray();
            AffineMove start = new ActiveCombinations(
                            model.pointwiseLogLikelihood("reaction"), draws, draws.numCols, all)
                    .start(row);
            return start == null ? 0 : start.combinations().numCols;
        }
    }

    /** Two combinations in five coordinates: the determinant of the whole map, by its columns, is that stated. */
    @Test
    void aMoveHasItsInverseAndItsDeterminant() {
        RandomGenerator random = RandomStreams.of(53).generator("move", 0);
        DMatrixRMaj combinations = new DMatrixRMaj(5, 2);
        DMatrixRMaj raw = new DMatrixRMaj(5, 2);
        Arrays.setAll(combinations.data, at -> random.nextGaussian());
        Arrays.setAll(raw.data, at -> random.nextGaussian());
        DMatrixRMaj unit = new DMatrixRMaj(2, 2);
        CommonOps_DDRM.multTransA(combinations, raw, unit);
        CommonOps_DDRM.invert(unit);
        DMatrixRMaj regression = new DMatrixRMaj(5, 2);
        CommonOps_DDRM.mult(raw, unit, regression);
        AffineMove move = AffineMove.identity(combinations, regression)
                .then(new DMatrixRMaj(new double[][] {{1.5, 0}, {0.3, 0.8}}), new double[] {1, 2}, new double[] {0, 4})
                .then(new DMatrixRMaj(new double[][] {{0.9, 0}, {-1, 2}}), new double[] {0, 1}, new double[] {-1, 1});
        assertThat(move.logDeterminant()).isCloseTo(Math.log(1.5 * 0.8 * 0.9 * 2), within(1e-12));
        DMatrixRMaj points = new DMatrixRMaj(5, 6);
        for (int d = 0; d < 5; d++) {
            points.set(d, d, 1);
        }
        DMatrixRMaj images = move.apply(points);
        DMatrixRMaj linear = new DMatrixRMaj(5, 5);
        for (int d = 0; d < 5; d++) {
            for (int e = 0; e < 5; e++) {
                linear.set(d, e, images.get(d, e) - images.get(d, 5));
            }
        }
        assertThat(Math.log(CommonOps_DDRM.det(linear))).isCloseTo(move.logDeterminant(), within(1e-10));
        DMatrixRMaj back = move.invert(images);
        for (int at = 0; at < points.data.length; at++) {
            assertThat(back.data[at]).isCloseTo(points.data[at], within(1e-10));
        }
        DMatrixRMaj moved = move.combine(images);
        DMatrixRMaj before = move.combine(points);
        double first = 0.9 * (1.5 * (before.get(0, 3) - 1)) - 1;
        assertThat(moved.get(0, 3)).isCloseTo(first, within(1e-10));
    }

    /** Group means with known scales: what a row is given the others of its group and all groups is Gaussian. */
    @Test
    void rowsOfGroupsHaveTheirExactPredictions() {
        int groups = 25;
        int size = 4;
        double tau = 2;
        double[] y = new double[groups * size];
        int[] group = new int[y.length];
        RandomGenerator random = RandomStreams.of(54).generator("groups", 0);
        double[] sums = new double[groups];
        for (int j = 0; j < groups; j++) {
            double effect = tau * random.nextGaussian();
            for (int i = j * size; i < (j + 1) * size; i++) {
                group[i] = j;
                y[i] = effect + random.nextGaussian();
                sums[j] += y[i];
            }
        }
        ModelBuilder m = Model.named("groups");
        Expr level = m.parameter("level", flat());
        Expr effects = m.parameter("effects", normal(level, tau), groups);
        Rows rows = m.rows(y.length);
        rows.observe("y", normal(effects.at(rows.index("group", group)), 1), y);
        Model model = m.build();
        double variance = tau * tau + 1.0 / size;
        double meanOfAll = Arrays.stream(sums).sum() / y.length;
        double precision = size + 1 / (tau * tau);
        DMatrixRMaj draws = new DMatrixRMaj(groups + 1, DRAWS);
        for (int s = 0; s < DRAWS; s++) {
            double drawn = meanOfAll + Math.sqrt(variance / groups) * random.nextGaussian();
            draws.set(0, s, drawn);
            for (int j = 0; j < groups; j++) {
                double mean = (sums[j] + drawn / (tau * tau)) / precision;
                draws.set(j + 1, s, mean + random.nextGaussian() / Math.sqrt(precision));
            }
        }
        Loo loo = Loo.of(model, "y", posterior(model, draws));
        assertThat(loo.isReliable()).isTrue();
        double exact = 0;
        for (int i = 0; i < y.length; i++) {
            double left = sums[group[i]] - y[i];
            double varianceOfRest = tau * tau + 1.0 / (size - 1);
            double weight = (groups - 1) / variance + 1 / varianceOfRest;
            double others = (groups * meanOfAll - sums[group[i]] / size) / variance;
            double mean = (others + left / (size - 1) / varianceOfRest) / weight;
            double ofRest = size - 1 + 1 / (tau * tau);
            double slope = 1 / (tau * tau) / ofRest;
            double term = logNormal(y[i], left / ofRest + slope * mean, 1 + 1 / ofRest + slope * slope / weight);
            exact += term;
            assertThat(loo.observations().get(i).elpd())
                    .isCloseTo(term, within(5 * loo.observations().get(i).standardError()));
        }
        assertThat(loo.elpd().value()).isCloseTo(exact, within(5 * loo.monteCarloError()));
    }

    /**
     * The sleep study with draws of which every coordinate is right and the combinations in the likelihood are not, as
     * every row of the draws has been shuffled: at least 40 rows are then unreliable. Chains move the draws; at most 5
     * rows are unreliable, and the sum is that of exact refits within one nat. Their own Monte-Carlo error is .2
     * nats, that of the draws .2 to .3.
     */
    @Test
    void drawsThatAreOnlyRightOneByOneAreMovedToThePosterior() {
        SleepStudy study = new SleepStudy(2);
        Model model = study.model();
        double exact = IntStream.range(0, SleepStudy.ROWS)
                .mapToDouble(i -> study.leftOut(i, 600))
                .sum();
        DMatrixRMaj draws = study.draws(2000, 10, -1);
        Loo trusted = Loo.of(model, "reaction", posterior(model, draws));
        assertThat(trusted.settling()).isEqualTo(Loo.Settling.NONE);
        assertThat(trusted.unreliable()).hasSizeLessThanOrEqualTo(5);
        assertThat(trusted.elpd().value()).isCloseTo(exact, within(1.0));

        RandomGenerator random = RandomStreams.of(55).generator("shuffle", 0);
        for (int d = 0; d < draws.numRows; d++) {
            for (int s = draws.numCols - 1; s > 0; s--) {
                int other = random.nextInt(s + 1);
                double kept = draws.get(d, s);
                draws.set(d, s, draws.get(d, other));
                draws.set(d, other, kept);
            }
        }
        Loo shuffled = Loo.of(model.pointwiseLogLikelihood("reaction", draws));
        assertThat(shuffled.unreliable()).hasSizeGreaterThanOrEqualTo(40);
        assertThat(Math.abs(shuffled.elpd().value() - exact)).isGreaterThan(5);
        Loo moved = Loo.of(model, "reaction", posterior(model, draws));
        assertThat(moved.settling().transitions()).isBetween(8, 32);
        assertThat(moved.unreliable()).hasSizeLessThanOrEqualTo(5);
        assertThat(moved.elpd().value()).isCloseTo(exact, within(1.0));
        assertThat(moved.toString()).contains(moved.settling().transitions() + " transitions");
    }
}
