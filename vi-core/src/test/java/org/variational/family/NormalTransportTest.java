package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalTransportTest {

    private static double phi(double n) {
        return 0.5 * Erf.erfc(-n / Math.sqrt(2));
    }

    /**
     * The probability below the transported point must be Phi(n): relative error of the tail is its slope times the
     * error.
     */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2.5, 5, 9, 30, 400, 1e6})
    void chiSquareQuantiles(double degrees) {
        NormalTransport transport = NormalTransport.toLogMeanChiSquare(degrees);
        ChiSquaredDistribution target = new ChiSquaredDistribution(null, degrees);
        for (double n = -6; n <= 6; n += 0.0371) {
            double x = degrees * Math.exp(transport.at(n));
            if (n < 0) {
                assertThat(target.cumulativeProbability(x) / phi(n))
                        .as("n = " + n)
                        .isCloseTo(1, within(1e-9 + 1e-14 * degrees));
            } else {
                double above = Gamma.regularizedGammaQ(degrees / 2, x / 2);
                assertThat(above / phi(-n)).as("n = " + n).isCloseTo(1, within(1e-9 + 1e-14 * degrees));
            }
        }
    }

    /** Outside |t| = 1, where the reference's own cancellation is small. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2.5, 5, 9, 30, 400, 1e6})
    void studentQuantiles(double degrees) {
        NormalTransport transport = NormalTransport.toInverseSinhStudent(degrees);
        TDistribution target = new TDistribution(null, degrees);
        for (double n = -6; n <= -1; n += 0.0371) {
            double t = Math.sqrt(degrees) * Math.sinh(transport.at(n));
            assertThat(target.cumulativeProbability(t) / phi(n))
                    .as("n = " + n)
                    .isCloseTo(1, within(1e-9 + 1e-14 * degrees));
            assertThat(transport.at(-n)).isCloseTo(-transport.at(n), within(1e-13 * (1 + Math.abs(n))));
        }
    }

    /** One and two degrees of freedom have closed quantile functions. */
    @Test
    void studentQuantilesInClosedForm() {
        NormalTransport one = NormalTransport.toInverseSinhStudent(1);
        NormalTransport two = NormalTransport.toInverseSinhStudent(2);
        for (double n = -8; n < 0; n += 0.0371) {
            double p = phi(n);
            assertThat(Math.sinh(one.at(n)) * Math.tan(Math.PI * p)).isCloseTo(-1, within(1e-10));
            double t = -(1 - 2 * p) / Math.sqrt(2 * p * (1 - p));
            assertThat(Math.sqrt(2) * Math.sinh(two.at(n)) / t).isCloseTo(1, within(1e-10));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 2, 30})
    void increasesAndIsSmoothEverywhere(double degrees) {
        for (NormalTransport transport : new NormalTransport[] {
            NormalTransport.toLogMeanChiSquare(degrees), NormalTransport.toInverseSinhStudent(degrees)
        }) {
            double last = transport.at(-12);
            for (double n = -12 + 1e-3; n < 12; n += 1e-3) {
                double y = transport.at(n);
                assertThat(y).isGreaterThan(last).isLessThan(last + 0.2);
                last = y;
            }
        }
    }
}
