package org.variational.algorithm.nested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MarginalCorrectionTest {

    /** Log weights that are a quadratic of the place, with a log evidence as large as data make it. */
    @Test
    void aQuadraticIsFoundWithoutTheLogEvidence() {
        Conditional centre = new Conditional(
                new double[] {0.5, -1}, new double[0], new double[0], new double[0], new double[0], 0, 0);
        OuterSearch.Mode mode = new OuterSearch.Mode(centre, new double[][] {{1, 0}, {0, 1}}, new double[] {2, 0.5});
        Random random = new Random(1);
        double[][] outer = new double[500][];
        double[] logWeights = new double[outer.length];
        for (int s = 0; s < outer.length; s++) {
            // within the reach of the draws, beyond which the correction stays as it is
            double x = 4 * random.nextDouble() - 2;
            double y = 4 * random.nextDouble() - 2;
            outer[s] = new double[] {0.5 + 2 * x, -1 + 0.5 * y};
            logWeights[s] = -1700 + 0.7 * x - 0.3 * y * y + 0.2 * x * y;
        }
        MarginalCorrection correction = MarginalCorrection.of(mode, new BlockDraws.Weighed(outer, logWeights));
        assertThat(correction.at(new double[] {0.5, -1})).isZero();
        for (double[] place : new double[][] {{1, 0}, {0, 1}, {1, 1}, {-2, 1}}) {
            double expected = 0.7 * place[0] - 0.3 * place[1] * place[1] + 0.2 * place[0] * place[1];
            // rounding of sums of 500 numbers of size 1700
            assertThat(correction.at(new double[] {0.5 + 2 * place[0], -1 + 0.5 * place[1]}))
                    .isCloseTo(expected, within(1e-9));
        }
    }
}
