package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.family.CouplingFlow;
import org.variational.family.FullRankGaussian;
import org.variational.family.LowRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.MeanFieldStudentT;
import org.variational.family.Mixture;
import org.variational.family.MultivariateStudentT;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.posterior.Approximation;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

class ErrorBoundsTest {

    private static double[] filled(int d, double value) {
        double[] values = new double[d];
        Arrays.fill(values, value);
        return values;
    }

    private static VariationalDistribution standard(VariationalFamily family, double sd) {
        return family.member(family.initialParameters(new double[family.dimension()], filled(family.dimension(), sd)));
    }

    private static DMatrixRMaj draws(VariationalDistribution q, int count) {
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), count);
        DrawScheme.independent()
                .draws(q.noiseDimension(), RandomStreams.of(51).child("bounds", 0))
                .fill(0, noise);
        DMatrixRMaj points = new DMatrixRMaj(q.family().dimension(), count);
        q.sample(noise, points);
        return points;
    }

    /** Ten standard normal coordinates have E ||x||^4 = 2 D + D^2 = 120; the sum of their fourth moments is 30. */
    @Test
    void theFourthMomentIsThatOfTheNorm() {
        assertThat(CentralMoments.of(standard(MeanFieldGaussian.of(10), 1)).fourth())
                .isCloseTo(120, within(1e-10));
        assertThat(CentralMoments.of(standard(FullRankGaussian.of(10), 1)).fourth())
                .isCloseTo(120, within(1e-10));
        CentralMoments ofDraws = CentralMoments.ofDraws(draws(standard(MeanFieldGaussian.of(10), 1), 100_000));
        // The variance of ||x||^4 is E ||x||^8 - 120^2 = 10 * 12 * 14 * 16 - 14400 = 12480; five standard errors.
        assertThat(ofDraws.fourth()).isCloseTo(120, within(5 * Math.sqrt(12480 / 1e5)));
        assertThat(ofDraws.second()).isCloseTo(10, within(5 * Math.sqrt(20 / 1e5)));
    }

    /** Unit scales, nu = 9, D = 3: a = 9/7; independent coordinates 30.747, one chi-square for all 34.714. */
    @Test
    void bothKindsOfStudentHaveTheirOwnFourthMoment() {
        double a = 9.0 / 7;
        CentralMoments independent = CentralMoments.of(standard(MeanFieldStudentT.of(3, 9), Math.sqrt(a)));
        CentralMoments shared = CentralMoments.of(standard(MultivariateStudentT.of(3, 9), Math.sqrt(a)));
        assertThat(independent.fourth()).isCloseTo(a * a * (2 * 8 / 5.0 * 3 + 9), within(1e-9));
        assertThat(independent.fourth()).isCloseTo(30.747, within(5e-4));
        assertThat(shared.fourth()).isCloseTo(a * a * 7 / 5.0 * (2 * 3 + 9), within(1e-9));
        assertThat(shared.fourth()).isCloseTo(34.714, within(5e-4));
        assertThat(independent.second()).isCloseTo(3 * a, within(1e-12));
        assertThat(shared.second()).isCloseTo(3 * a, within(1e-12));
        for (VariationalFamily family : List.of(MeanFieldStudentT.of(2, 4), MultivariateStudentT.of(2, 4))) {
            assertThat(CentralMoments.of(standard(family, 1)).second()).isCloseTo(2, within(1e-12));
            assertThat(CentralMoments.of(standard(family, 1)).fourth()).isInfinite();
        }
        for (VariationalFamily family : List.of(MeanFieldStudentT.of(2, 2), MultivariateStudentT.of(2, 2))) {
            assertThat(CentralMoments.of(standard(family, 1)).second()).isInfinite();
        }
    }

    /**
     * Closed forms against 200,000 draws, of members with unequal scales and correlation: five empirical standard
     * errors.
     */
    @Test
    void closedFormsAreTheMomentsOfTheDraws() {
        RandomGenerator random = RandomStreams.of(52).generator("parameters", 0);
        for (VariationalFamily family : List.of(
                MeanFieldGaussian.of(4),
                FullRankGaussian.of(4),
                LowRankGaussian.of(4, 2),
                MeanFieldStudentT.of(4, 20),
                MultivariateStudentT.of(4, 20))) {
            double[] parameters = new double[family.parameterCount()];
            Arrays.setAll(parameters, i -> 0.5 * random.nextGaussian());
            VariationalDistribution q = family.member(parameters);
            CentralMoments exact = CentralMoments.of(q);
            DMatrixRMaj draws = draws(q, 200_000);
            CentralMoments found = CentralMoments.ofDraws(draws);
            double[] mean = q.mean();
            double[] moments = new double[5];
            for (int s = 0; s < draws.numCols; s++) {
                double square = 0;
                for (int i = 0; i < 4; i++) {
                    square += Math.pow(draws.get(i, s) - mean[i], 2);
                }
                for (int k = 1; k <= 4; k++) {
                    moments[k] += Math.pow(square, k) / draws.numCols;
                }
            }
            double secondError = Math.sqrt((moments[2] - moments[1] * moments[1]) / draws.numCols);
            double fourthError = Math.sqrt((moments[4] - moments[2] * moments[2]) / draws.numCols);
            assertThat(found.second()).as(family.name()).isCloseTo(exact.second(), within(5 * secondError));
            assertThat(found.fourth()).as(family.name()).isCloseTo(exact.fourth(), within(5 * fourthError));
            assertThat(found.largestVariance())
                    .as(family.name())
                    .isCloseTo(exact.largestVariance(), within(5 * secondError));
        }
    }

    /**
     * D_2(p || q) + 2 KL(q || p) for independent Gaussian coordinates, the divergence that ELBO and CUBO give together.
     */
    private static double divergence(double[] mean, double[] sd) {
        double total = 0;
        for (int i = 0; i < mean.length; i++) {
            double v = sd[i] * sd[i];
            double m = mean[i] * mean[i];
            total += -2 * Math.log(sd[i]) - 0.5 * Math.log(2 / v - 1) + m / (2 - v);
            total += (1 + m) / v - 1 + 2 * Math.log(sd[i]);
        }
        return total;
    }

    /**
     * q standard normal, p independent Gaussians of random means and sds: the bounds are those of the exact divergence,
     * within five of its standard errors, and hold for the exact errors and the exact Wasserstein distance.
     */
    @Test
    void boundsAreThoseOfGaussianDivergencesAndHold() {
        RandomGenerator random = RandomStreams.of(53).generator("targets", 0);
        int d = 3;
        int count = 50_000;
        VariationalDistribution q = standard(MeanFieldGaussian.of(d), 1);
        DMatrixRMaj points = draws(q, count);
        double[] logQ = new double[count];
        q.logDensity(points, logQ);
        for (int r = 0; r < 20; r++) {
            double[] mean = new double[d];
            double[] sd = new double[d];
            for (int i = 0; i < d; i++) {
                mean[i] = 0.2 * random.nextGaussian();
                sd[i] = 0.8 + 0.3 * random.nextDouble();
            }
            double[] logP = new double[count];
            for (int s = 0; s < count; s++) {
                for (int i = 0; i < d; i++) {
                    double z = (points.get(i, s) - mean[i]) / sd[i];
                    logP[s] += 7 - 0.5 * z * z - Math.log(sd[i]);
                }
            }
            ErrorBounds bounds = ErrorBounds.of(Approximation.of(ParameterLayout.unnamed(d), points, logP, logQ), q);
            double exact = divergence(mean, sd);
            assertThat(bounds.divergence()).isCloseTo(exact, within(5 * bounds.divergenceError()));
            double ratio = Math.expm1(bounds.divergence());
            assertThat(bounds.wasserstein1()).isCloseTo(2 * Math.sqrt(3 * ratio), within(1e-12));
            assertThat(bounds.wasserstein2()).isCloseTo(2 * Math.pow(15 * ratio, 0.25), within(1e-12));
            double w2 = bounds.wasserstein2();
            assertThat(bounds.covarianceError()).isCloseTo(2 * (w2 + w2 * w2), within(1e-10));
            double distance = 0;
            double meanError = 0;
            for (int i = 0; i < d; i++) {
                meanError += mean[i] * mean[i];
                distance += mean[i] * mean[i] + (sd[i] - 1) * (sd[i] - 1);
                assertThat(bounds.sdError()).isGreaterThan(Math.abs(sd[i] - 1));
                assertThat(bounds.covarianceError()).isGreaterThan(Math.abs(sd[i] * sd[i] - 1));
            }
            assertThat(bounds.wasserstein2()).isGreaterThan(Math.sqrt(distance));
            assertThat(bounds.meanError()).isGreaterThan(Math.sqrt(meanError));
            assertThat(bounds.level())
                    .isEqualTo(bounds.divergence() > 0.1 ? Verdict.Level.REWEIGHTED : Verdict.Level.GOOD);
        }
    }

    /** The spectral norm of a covariance with one direction of variance 1 + 9 D among unit variances. */
    @Test
    void theLargestVarianceIsThatOfADirection() {
        int d = 5;
        DMatrixRMaj draws = draws(standard(MeanFieldGaussian.of(d + 1), 1), 1000);
        DMatrixRMaj mixed = new DMatrixRMaj(d, 1000);
        for (int i = 0; i < d; i++) {
            for (int s = 0; s < 1000; s++) {
                mixed.set(i, s, draws.get(i, s) + 3 * draws.get(d, s));
            }
        }
        // 46 with a relative standard error of sqrt(2 / 1000).
        double found = CentralMoments.ofDraws(mixed).largestVariance();
        assertThat(found).isCloseTo(46, within(5 * 46 * Math.sqrt(2e-3)));
        // Few draws in many dimensions: the same eigenvalue from the small product.
        DMatrixRMaj few = CommonOps_DDRM.extract(mixed, 0, d, 0, 4);
        DMatrixRMaj centred = few.copy();
        for (int i = 0; i < d; i++) {
            double mean = (few.get(i, 0) + few.get(i, 1) + few.get(i, 2) + few.get(i, 3)) / 4;
            for (int s = 0; s < 4; s++) {
                centred.set(i, s, few.get(i, s) - mean);
            }
        }
        double norm = NormOps_DDRM.normP2(centred);
        assertThat(CentralMoments.ofDraws(few).largestVariance()).isCloseTo(norm * norm / 4, within(1e-9));
    }

    @Test
    void anExactFitHasNoErrorAndABadOneIsSaidToBe() {
        VariationalDistribution q = standard(FullRankGaussian.of(2), 1);
        DMatrixRMaj points = draws(q, 2000);
        double[] logQ = new double[2000];
        q.logDensity(points, logQ);
        double[] logP = Arrays.stream(logQ).map(l -> l + 3).toArray();
        ErrorBounds exact = ErrorBounds.of(Approximation.of(ParameterLayout.unnamed(2), points, logP, logQ), q);
        assertThat(exact.isReliable()).isTrue();
        assertThat(exact.level()).isEqualTo(Verdict.Level.GOOD);
        assertThat(exact.meanError()).isLessThan(1e-5);

        Arrays.setAll(logP, s -> -0.5 * points.data[s] * points.data[s] / 16);
        logP[3] = Double.NaN;
        ErrorBounds wrong = ErrorBounds.of(Approximation.of(ParameterLayout.unnamed(2), points, logP, logQ), q);
        assertThat(wrong.isReliable()).isFalse();
        assertThat(wrong.level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(wrong.warnings())
                .hasSize(3)
                .anyMatch(w -> w.contains("these are no bounds"))
                .anyMatch(w -> w.contains("use more draws"))
                .anyMatch(w -> w.contains("unknown at 1 draws"));
        assertThat(wrong.toString().lines()).hasSize(4);
    }

    @Test
    void familiesWithoutAClosedFormUseTheirDraws() {
        VariationalFamily mixture = Mixture.of(2, MeanFieldGaussian.of(2));
        VariationalDistribution q = mixture.member(mixture.initialParameters(new double[2], new double[] {1, 1}));
        assertThat(CentralMoments.hasClosedForm(q)).isFalse();
        assertThat(CentralMoments.hasClosedForm(standard(CouplingFlow.of(2), 1)))
                .isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CentralMoments.of(q))
                .withMessageContaining("CentralMoments.ofDraws");
        assertThatIllegalArgumentException().isThrownBy(() -> CentralMoments.ofDraws(new DMatrixRMaj(2, 1)));
        DMatrixRMaj points = draws(q, 1000);
        double[] logQ = new double[1000];
        q.logDensity(points, logQ);
        double[] logP = new double[1000];
        Arrays.setAll(logP, s -> logQ[s] + 0.1 * Math.tanh(points.data[s]));
        Approximation approximation = Approximation.of(ParameterLayout.unnamed(2), points, logP, logQ);
        ErrorBounds bounds = ErrorBounds.of(approximation, q);
        assertThat(bounds).isEqualTo(ErrorBounds.of(Evidence.of(approximation), CentralMoments.ofDraws(points)));
        assertThat(bounds.wasserstein2()).isPositive();
    }
}
