package org.variational.algorithm.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.MeanFieldStudentT;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.RandomStreams;

class SymmetrisedKlTest {

    private static final RandomStreams STREAMS = RandomStreams.of(3);

    private static VariationalDistribution member(VariationalFamily family, double mean, double sd) {
        double[] means = new double[family.dimension()];
        double[] sds = new double[family.dimension()];
        java.util.Arrays.fill(means, mean);
        java.util.Arrays.fill(sds, sd);
        return family.member(family.initialParameters(means, sds));
    }

    /** Two coordinates, each {@code (s^2 + m^2) / 2 + (1 + m^2) / (2 s^2) - 1}. */
    @Test
    void gaussiansHaveAClosedForm() {
        double expected = 2 * (0.5 * (4 + 0.25) + 0.5 * (1 + 0.25) / 4 - 1);
        for (VariationalFamily family : new VariationalFamily[] {MeanFieldGaussian.of(2), FullRankGaussian.of(2)}) {
            assertThat(SymmetrisedKl.between(member(family, 0, 1), member(family, 0.5, 2), STREAMS))
                    .isCloseTo(expected, within(1e-12));
        }
    }

    /**
     * A t with a million degrees of freedom is a Gaussian; log ratios of N(0, 1) and N(0.5, 1) have sd 0.5, so that
     * each of two means of 256 has a standard error of 0.03, and with shared draws they cancel all but rounding of
     * order 1 / degrees.
     */
    @Test
    void otherFamiliesAreEstimatedFromSharedDraws() {
        VariationalFamily family = MeanFieldStudentT.of(1, 1e6);
        VariationalDistribution a = member(family, 0, 1);
        VariationalDistribution b = member(family, 0.5, 1);
        assertThat(SymmetrisedKl.between(a, b, STREAMS)).isCloseTo(0.25, within(1e-3));
        assertThat(SymmetrisedKl.between(b, a, STREAMS)).isEqualTo(SymmetrisedKl.between(a, b, STREAMS));
        assertThat(SymmetrisedKl.between(a, a, STREAMS)).isZero();
    }
}
