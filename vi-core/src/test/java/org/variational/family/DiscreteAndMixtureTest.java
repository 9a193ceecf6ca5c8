package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

class DiscreteAndMixtureTest {

    private static final double[] LOGITS = {0.3, -1.2, 2.0, 0.0};

    @Test
    void enumerationGivesEveryOutcomeOnceWithItsProbability() {
        Categorical.Member q = Categorical.of(4).member(LOGITS);
        DMatrixRMaj points = new DMatrixRMaj(1, 4);
        double[] logProbability = new double[4];
        q.enumerate(points, logProbability);
        assertThat(points.data).containsExactly(0, 1, 2, 3);
        double[] logQ = new double[4];
        q.logDensity(points, logQ);
        assertThat(logQ).isEqualTo(logProbability);
        double total = 0;
        for (int k = 0; k < 4; k++) {
            total += Math.exp(logProbability[k]);
            assertThat(logProbability[k] - logProbability[0]).isCloseTo(LOGITS[k] - LOGITS[0], within(1e-14));
        }
        assertThat(total).isCloseTo(1, within(1e-15));
    }

    /** The exact expectations that enumeration gives: E[score] = 0, and the entropy with its gradient. */
    @Test
    void scoresAndEntropyOfCategoricals() {
        Categorical family = Categorical.of(4);
        Categorical.Member q = family.member(LOGITS);
        DMatrixRMaj points = new DMatrixRMaj(1, 4, true, 0, 1, 2, 3);
        double[] p = q.probabilities();
        double[] score = new double[4];
        q.addParameterScore(points, p, score);
        assertThat(score).containsExactly(new double[4], within(1e-15));
        double entropy = 0;
        for (double probability : p) {
            entropy -= probability * Math.log(probability);
        }
        assertThat(q.entropy()).isCloseTo(entropy, within(1e-14));
        double[] weights = {0.5, -2, 1, 3};
        double[] gradient = new double[4];
        q.addParameterScore(points, weights, gradient);
        double[] entropyGradient = new double[4];
        q.addEntropyGradient(2, entropyGradient);
        for (int k = 0; k < 4; k++) {
            double step = 1e-5;
            double[] up = LOGITS.clone();
            double[] down = LOGITS.clone();
            up[k] += step;
            down[k] -= step;
            double[] logUp = new double[4];
            double[] logDown = new double[4];
            family.member(up).logDensity(points, logUp);
            family.member(down).logDensity(points, logDown);
            double slope = 0;
            for (int s = 0; s < 4; s++) {
                slope += weights[s] * (logUp[s] - logDown[s]) / (2 * step);
            }
            assertThat(gradient[k]).isCloseTo(slope, within(1e-9));
            double entropySlope =
                    (family.member(up).entropy() - family.member(down).entropy()) / (2 * step);
            assertThat(entropyGradient[k]).isCloseTo(2 * entropySlope, within(1e-9));
        }
    }

    /** Pearson's statistic with 3 degrees of freedom exceeds 30.7 once in a million. */
    @Test
    void categoricalDrawsHaveTheirProbabilities() {
        Categorical.Member q = Categorical.of(4).member(LOGITS);
        int n = 100_000;
        DMatrixRMaj noise = new DMatrixRMaj(1, n);
        DMatrixRMaj points = new DMatrixRMaj(1, n);
        DrawScheme.independent().draws(1, RandomStreams.of(8)).fill(0, noise);
        q.sample(noise, points);
        double[] counts = new double[4];
        for (double point : points.data) {
            counts[(int) point]++;
        }
        double statistic = 0;
        double mean = 0;
        for (int k = 0; k < 4; k++) {
            double expected = n * q.probabilities()[k];
            statistic += (counts[k] - expected) * (counts[k] - expected) / expected;
            mean += k * q.probabilities()[k];
        }
        assertThat(statistic).isLessThan(30.7);
        assertThat(q.mean()[0]).isCloseTo(mean, within(1e-14));
    }

    @Test
    void extremeLogitsStayFinite() {
        Categorical.Member q = Categorical.of(3).member(new double[] {1e300, -1e300, 0});
        assertThat(q.probabilities()).containsExactly(1, 0, 0);
        assertThat(q.entropy()).isZero();
        double[] gradient = new double[3];
        q.addEntropyGradient(1, gradient);
        assertThat(gradient).containsExactly(0, 0, 0);
        DMatrixRMaj points = new DMatrixRMaj(1, 3);
        q.sample(new DMatrixRMaj(1, 3, true, -9, 0, 9), points);
        assertThat(points.data).containsExactly(0, 0, 0);
    }

    @Test
    void whatACategoricalCannotDoIsRefused() {
        Categorical.Member q = Categorical.of(3).member(new double[3]);
        double[] logQ = new double[4];
        q.logDensity(new DMatrixRMaj(1, 4, true, -1, 0.5, 3, Double.NaN), logQ);
        assertThat(logQ).containsOnly(Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> q.pointScore(new DMatrixRMaj(1, 1), new DMatrixRMaj(1, 1)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("enumeration");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.categorical(3).forLayout(ParameterLayout.unnamed(2)))
                .withMessageContaining("one coordinate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mixture.of(2, Categorical.of(3)))
                .withMessageContaining("reparameterised");
        assertThat(FamilyShape.of(FamilyShape.of(Categorical.of(3)).family()))
                .isEqualTo(FamilyShape.of(Categorical.of(3)));
    }

    @Test
    void strataAreTheComponents() {
        Mixture family = Mixture.of(3, FullRankGaussian.of(2));
        double[] parameters = family.initialParameters(new double[] {1, 2}, new double[] {1, 0.5});
        parameters[0] = 1;
        Mixture.Member q = family.member(parameters);
        for (int k = 0; k < 3; k++) {
            int from = q.stratumOffset(k);
            assertThat(q.stratum(k).parameters()).isEqualTo(Arrays.copyOfRange(parameters, from, from + 5));
        }
        double[] gradient = new double[family.parameterCount()];
        double[] byProbability = {0.3, -1, 2};
        q.addProbabilityGradient(byProbability, gradient);
        for (int i = 0; i < gradient.length; i++) {
            double slope = 0;
            for (int sign : new int[] {-1, 1}) {
                double[] moved = parameters.clone();
                moved[i] += sign * 1e-5;
                double[] probabilities = family.member(moved).strataProbabilities();
                for (int k = 0; k < 3; k++) {
                    slope += sign * byProbability[k] * probabilities[k] / 2e-5;
                }
            }
            assertThat(gradient[i]).isCloseTo(slope, within(1e-9));
        }
    }

    /**
     * The stratified pull-back against the score form, for the reverse KL to a standard Gaussian: both are averages of
     * independent batches, whose difference has mean zero; 6 standard errors are exceeded once in 5e8 per parameter.
     */
    @Test
    void stratifiedPathGradientHasTheMeanOfTheScoreForm() {
        Mixture family = Mixture.of(2, MeanFieldGaussian.of(1));
        Mixture.Member q = family.member(new double[] {0.4, -0.3, -1.0, 0.1, 1.3, -0.5});
        int lanes = 20;
        int batches = 20_000;
        int n = family.parameterCount();
        double[] sum = new double[n];
        double[] squares = new double[n];
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), lanes);
        DMatrixRMaj componentNoise = new DMatrixRMaj(1, lanes);
        DMatrixRMaj points = new DMatrixRMaj(1, lanes);
        DMatrixRMaj score = new DMatrixRMaj(1, lanes);
        double[] logQ = new double[lanes];
        var source = DrawScheme.independent().draws(2, RandomStreams.of(5));
        var componentSource = DrawScheme.independent().draws(1, RandomStreams.of(6));
        double[] pi = q.strataProbabilities();
        for (int batch = 0; batch < batches; batch++) {
            double[] scoreForm = new double[n];
            source.fill(batch, noise);
            q.sample(noise, points);
            q.logDensity(points, logQ);
            double[] b = new double[lanes];
            for (int s = 0; s < lanes; s++) {
                double z = points.data[s];
                b[s] = -(-0.5 * z * z - logQ[s]) / lanes;
            }
            q.addParameterScore(points, b, scoreForm);
            double[] pathForm = new double[n];
            double[] byProbability = new double[2];
            for (int k = 0; k < 2; k++) {
                componentSource.fill(2L * batch + k, componentNoise);
                q.stratum(k).sample(componentNoise, points);
                q.logDensity(points, logQ);
                q.pointScore(points, score);
                DMatrixRMaj vectors = new DMatrixRMaj(1, lanes);
                for (int s = 0; s < lanes; s++) {
                    double z = points.data[s];
                    vectors.data[s] = -pi[k] / lanes * (-z - score.data[s]);
                    byProbability[k] += -(-0.5 * z * z - logQ[s]) / lanes;
                }
                double[] own = new double[2];
                q.stratum(k).addPathGradient(componentNoise, points, vectors, own);
                pathForm[q.stratumOffset(k)] += own[0];
                pathForm[q.stratumOffset(k) + 1] += own[1];
            }
            q.addProbabilityGradient(byProbability, pathForm);
            for (int i = 0; i < n; i++) {
                double difference = pathForm[i] - scoreForm[i];
                sum[i] += difference;
                squares[i] += difference * difference;
            }
        }
        for (int i = 0; i < n; i++) {
            double mean = sum[i] / batches;
            double error = Math.sqrt((squares[i] / batches - mean * mean) / batches);
            assertThat(mean).as("parameter " + i).isCloseTo(0, within(6 * error));
            assertThat(error).isLessThan(0.005);
        }
    }

    @Test
    void shapesOfForeignFamiliesAreRefused() {
        VariationalFamily foreign = new VariationalFamily() {
            @Override
            public String name() {
                return "foreign";
            }

            @Override
            public int dimension() {
                return 1;
            }

            @Override
            public int parameterCount() {
                return 2;
            }

            @Override
            public VariationalDistribution member(double[] parameters) {
                return MeanFieldGaussian.of(1).member(parameters);
            }

            @Override
            public double[] initialParameters(double[] mean, double[] standardDeviation) {
                return MeanFieldGaussian.of(1).initialParameters(mean, standardDeviation);
            }
        };
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FamilyShape.of(foreign))
                .withMessageContaining("foreign");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FamilyShape("no such", 1, List.of(), List.of()).family())
                .withMessageContaining("no such");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FamilyShape("low-rank Gaussian", 3, List.of(), List.of()).family())
                .withMessageContaining("settings");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FamilyShape("low-rank Gaussian", 3, List.of(1.5), List.of()).family())
                .withMessageContaining("integer");
    }

    @Test
    void whatDoesNotFitIntoMemoryIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mixture.of(1_000_000, MeanFieldGaussian.of(1000)))
                .withMessageContaining("1000000 components of dimension 1000")
                .withMessageContaining("at most 16249 components");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mixture.of(Integer.MAX_VALUE, FullRankGaussian.of(1000)))
                .withMessageContaining("at most 66 components");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Categorical.of(Integer.MAX_VALUE))
                .withMessageContaining("at most 2097152 outcomes");
        assertThat(Mixture.of(16_249, MeanFieldGaussian.of(1000)).parameterCount())
                .isEqualTo(16_249 * 2001);
    }
}
