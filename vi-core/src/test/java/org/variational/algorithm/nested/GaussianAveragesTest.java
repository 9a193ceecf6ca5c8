package org.variational.algorithm.nested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.algorithm.Limits;
import org.variational.density.Interactions;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;
import org.variational.structure.Structure;

/** Averages over a Gaussian, where they are known in closed form. */
class GaussianAveragesTest {

    private static final int GROUPS = 12;

    /** A mean, related to all effects, which are not related to each other. */
    private static final Interactions STAR = star();

    private static Interactions star() {
        List<int[]> pairs = new ArrayList<>();
        for (int i = 1; i <= GROUPS; i++) {
            pairs.add(new int[] {0, i});
        }
        return Interactions.of(GROUPS + 1, pairs);
    }

    private static Evaluations evaluations(LogDensity density) {
        ParameterLayout layout = ParameterLayout.unnamed(density.dimension());
        return new Evaluations(
                new GuardedDensity(density, CoordinateSplit.of(layout)),
                Structure.of(layout.coordinateNames(), STAR),
                Limits.ofEvaluations(Long.MAX_VALUE));
    }

    /** The precision of a mean with a weak prior and of effects, of which the data know the sum. */
    private static double[][] precision(double known) {
        double[][] precision = new double[GROUPS + 1][GROUPS + 1];
        precision[0][0] = 0.01;
        for (int i = 1; i <= GROUPS; i++) {
            double weight = known * (1 + 0.1 * i);
            precision[0][0] += weight;
            precision[i][i] = 1 + weight;
            precision[0][i] = weight;
            precision[i][0] = weight;
        }
        return precision;
    }

    private static double[] factor(FactorPattern pattern, double[][] precision) {
        double[] factor = new double[pattern.entries()];
        for (int column = 0; column < pattern.size(); column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                factor[entry] = precision[pattern.node(pattern.row(entry))][pattern.node(column)];
            }
        }
        boolean[] positive = new boolean[1];
        new SparseCholesky(pattern).factor(factor, 1, positive);
        assertThat(positive[0]).isTrue();
        return factor;
    }

    private static double[][] inverse(double[][] matrix) {
        DMatrixRMaj inverse = new DMatrixRMaj(matrix);
        CommonOps_DDRM.invert(inverse);
        double[][] entries = new double[matrix.length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix.length; j++) {
                entries[i][j] = inverse.get(i, j);
            }
        }
        return entries;
    }

    /** Of a quadratic everything is exact, whatever Gaussian is averaged over. */
    @Test
    void aQuadraticIsExact() {
        double[][] own = precision(3);
        LogDensity quadratic = LogDensities.of(GROUPS + 1, (x, g) -> {
            double value = 0;
            for (int i = 0; i <= GROUPS; i++) {
                g[i] = 0;
                for (int j = 0; j <= GROUPS; j++) {
                    g[i] -= own[i][j] * (x[j] - j);
                }
                value += 0.5 * g[i] * (x[i] - i);
            }
            return value;
        });
        Evaluations counted = evaluations(quadratic);
        FactorPattern pattern = Objects.requireNonNull(counted.structure().pattern());
        double[][] other = precision(0.4);
        double[][] covariance = inverse(other);
        double[] mean = new double[GROUPS + 1];
        mean[2] = 3;
        GaussianAverages.Averages found = new GaussianAverages(counted, pattern).around(mean, factor(pattern, other));
        double value = 0;
        double trace = 0;
        for (int i = 0; i <= GROUPS; i++) {
            double gradient = 0;
            for (int j = 0; j <= GROUPS; j++) {
                gradient -= own[i][j] * (mean[j] - j);
                trace += own[i][j] * covariance[i][j];
            }
            value += 0.5 * gradient * (mean[i] - i);
            assertThat(found.gradient()[i]).isCloseTo(gradient, within(1e-9));
            assertThat(found.thirds()[i]).isCloseTo(0, within(1e-9));
        }
        assertThat(found.logDensity()).isCloseTo(value - 0.5 * trace, within(1e-9));
        for (int column = 0; column <= GROUPS; column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                double exact = own[pattern.node(pattern.row(entry))][pattern.node(column)];
                assertThat(found.entries()[entry]).isCloseTo(exact, within(1e-9));
            }
        }
        // two for the colour of the effects, two for the mean, and the centre
        assertThat(counted.count().made()).isEqualTo(5);
    }

    /**
     * Rates {@code exp(mu + e_i)}, where mu and the effects are known much worse than their sums of variance v: the
     * average rate is {@code exp(v / 2)} times that of the mean. Three points in two directions leave out {@code v^2 /
     * 8} at most, and the slope by an effect what the mean adds to the variance, half of it at most.
     */
    @Test
    void aSumThatIsKnownBetterThanItsParts() {
        LogDensity rates = LogDensities.of(GROUPS + 1, (x, g) -> {
            double value = -0.005 * x[0] * x[0];
            g[0] = -0.01 * x[0];
            for (int i = 1; i <= GROUPS; i++) {
                double rate = Math.exp(x[0] + x[i]);
                value -= rate + 0.5 * x[i] * x[i];
                g[0] -= rate;
                g[i] = -rate - x[i];
            }
            return value;
        });
        Evaluations counted = evaluations(rates);
        FactorPattern pattern = Objects.requireNonNull(counted.structure().pattern());
        double[][] precision = precision(5);
        double[][] covariance = inverse(precision);
        double[] mean = new double[GROUPS + 1];
        mean[0] = 1.2;
        GaussianAverages.Averages found =
                new GaussianAverages(counted, pattern).around(mean, factor(pattern, precision));
        for (int i = 1; i <= GROUPS; i++) {
            double sum = covariance[0][0] + 2 * covariance[0][i] + covariance[i][i];
            double rate = Math.exp(1.2 + sum / 2);
            double left = rate * sum * sum / 8;
            assertThat(covariance[i][i]).isGreaterThan(sum);
            assertThat(found.gradient()[i]).isCloseTo(-rate, within(left));
            assertThat(rate - Math.exp(1.2)).isGreaterThan(3 * left);
            int column = pattern.position(i);
            int diagonal = pattern.start(column);
            double byMean = 1 + covariance[0][i] / covariance[0][0];
            double added = rate * byMean * byMean * covariance[0][0] / 2;
            assertThat(found.entries()[diagonal]).isCloseTo(1 + rate, within(left + added));
            // the move of the mean sees the slope where the sum has moved by this share of it only
            double unseen = byMean * rate * sum / 2;
            assertThat(found.entries()[diagonal + 1]).isCloseTo(rate, within(left + added + unseen));
            assertThat(rate - Math.exp(1.2)).isGreaterThan(2 * unseen);
        }
    }
}
