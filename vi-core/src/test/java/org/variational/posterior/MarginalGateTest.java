package org.variational.posterior;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.random.RandomStreams;
import org.variational.weights.WeightedSample;

/**
 * Evidence for decision 0014: among weighted estimates of standard deviations whose joint k-hat is below its threshold,
 * those whose own shapes are below it too are no better. Draws come from independent normals, the target has correlated
 * pairs, and draws are drawn on until they are worth 1,600, at most to 64,000.
 */
@Tag("slow")
class MarginalGateTest {

    private static final int REPEATS = 40;
    private static final double THRESHOLD = 0.7;

    /** The root mean square of the relative error of the worst standard deviation, and of how many estimates. */
    private record Row(double correlation, double kHat, double error, int passing, double gatedError, int gated) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %.1f | %.2f | %.1f %% (%d of %d) | %.1f %% (%d) |",
                    correlation,
                    kHat,
                    100 * error,
                    passing,
                    REPEATS,
                    100 * gatedError,
                    gated);
        }
    }

    private static Approximation draws(double r, int repeat) {
        int count = 4000;
        while (true) {
            RandomGenerator random = RandomStreams.of(repeat).generator("gate", 0);
            DMatrixRMaj points = new DMatrixRMaj(2, count);
            double[] logP = new double[count];
            double[] logQ = new double[count];
            for (int s = 0; s < count; s++) {
                double x = random.nextGaussian();
                double y = random.nextGaussian();
                points.set(0, s, x);
                points.set(1, s, y);
                logQ[s] = -(x * x + y * y) / 2;
                logP[s] = logQ[s] + r * x * y;
            }
            Approximation made = Approximation.of(ParameterLayout.unnamed(2), points, logP, logQ);
            double worth = made.effectiveSampleSize();
            if (worth >= 1600 || count >= 64_000) {
                return made;
            }
            count = (int) Math.min(64_000, Math.max(1.5, 1.1 * 1600 / worth) * count);
        }
    }

    private static Row row(double r) {
        double truth = 1 / Math.sqrt(1 - r * r);
        double kHat = 0;
        double square = 0;
        double gatedSquare = 0;
        int passing = 0;
        int gated = 0;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            Approximation draws = draws(r, repeat);
            double worst = 0;
            for (String name : draws.scalarNames()) {
                double sd =
                        WeightedSample.of(draws.draws(name), draws.weights()).standardDeviation();
                worst = Math.max(worst, Math.abs(sd / truth - 1));
            }
            kHat += draws.kHat() / REPEATS;
            if (draws.kHat() < THRESHOLD) {
                passing++;
                square += worst * worst;
                if (draws.marginalKHats().stream().allMatch(shape -> shape.ofVariance() < THRESHOLD)) {
                    gated++;
                    gatedSquare += worst * worst;
                }
            }
        }
        return new Row(r, kHat, Math.sqrt(square / passing), passing, Math.sqrt(gatedSquare / gated), gated);
    }

    /** The table of the decision, to the digit. */
    @Test
    void theGateChoosesNoBetterEstimates() {
        List<String> table = new ArrayList<>();
        for (double r : new double[] {0.5, 0.6, 0.7}) {
            Row row = row(r);
            table.add(row.toString());
            assertThat(row.gatedError()).as(row.toString()).isGreaterThan(row.error());
        }
        assertThat(table)
                .containsExactly(
                        "| 0.5 | 0.48 | 3.2 % (40 of 40) | 3.7 % (22) |",
                        "| 0.6 | 0.54 | 5.4 % (38 of 40) | 6.2 % (12) |",
                        "| 0.7 | 0.62 | 8.7 % (34 of 40) | 12.8 % (5) |");
    }
}
