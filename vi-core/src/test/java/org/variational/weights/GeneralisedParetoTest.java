package org.variational.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneralisedParetoTest {

    // spotless:off
    /** R's rexp(100) after set.seed(123), sorted: the sample on which the tests of the R package loo fit. */
    private static final double[] EXPONENTIAL = {
        0.004599126521497965, 0.029153447082572552, 0.03157735910831193, 0.03176774396147595, 0.04208829297160012,
        0.04227145155891776, 0.05621097609400749, 0.06737589091062546, 0.09059135011964779, 0.09856931213289499,
        0.09863088980339339, 0.14526680391281843, 0.18828404089435935, 0.21605550254207867, 0.2255420065484941,
        0.23851296678185463, 0.2595578173300723, 0.2599461069330573, 0.28038516130058566, 0.28101362753659487,
        0.28466846068690266, 0.2957869586534798, 0.2999703176319599, 0.3062038500793278, 0.3135162559337914,
        0.3142272922152972, 0.3165012163777098, 0.3196768993511796, 0.37711783106713365, 0.38001420302316546,
        0.4203648027032614, 0.46648742356240624, 0.4787604163365551, 0.4802147276597736, 0.4806687207892537,
        0.5066157286055386, 0.5645886026322842, 0.5725631034001708, 0.5763916680589318, 0.5766102708876133,
        0.5886846422217786, 0.5909348353743553, 0.5978496912866831, 0.6292800777591765, 0.643610920291394,
        0.6854586377739906, 0.7906817588535072, 0.8431497311337739, 0.8434572610584022, 0.845721965197537,
        0.8497861297381045, 0.9240272240293147, 0.9658712110993387, 0.9724296489310386, 0.974640150512469,
        1.0048300576907518, 1.024441341827524, 1.0278696156431382, 1.0476957479313038, 1.0672130696055415,
        1.1003388175320747, 1.1087654679593566, 1.1149287037131312, 1.1292900338491243, 1.1685289842587832,
        1.1920030070048693, 1.229025731752527, 1.2447832999330881, 1.254641002947838, 1.3121630426015196,
        1.3290548678067449, 1.348044485743058, 1.3637342992749932, 1.4394526261447416, 1.463300560042621,
        1.4852757940180714, 1.4967428687119726, 1.5215496233755592, 1.5373939785338644, 1.5630518886351827,
        1.5632035396152977, 1.5704543390217416, 1.5706525468952257, 1.6058523430580143, 1.619912767698789,
        1.6424045267221232, 1.7311539835518224, 1.8569222874099258, 1.857090553184772, 1.887823315253282,
        2.167839745478155, 2.248305692325016, 2.536145539828277, 2.5769613290807967, 2.5968921164653067,
        2.725275849797464, 2.726236464329696, 4.041011711372496, 4.49867339779563, 7.211007576015713
    };
    // spotless:on

    /** The values stored for gpdfit by the tests of the R package loo, to the relative tolerance of those tests. */
    @Test
    void anExponentialSampleHasTheShapeAndScaleOfTheReferenceImplementation() {
        GeneralisedPareto fit = GeneralisedPareto.fit(EXPONENTIAL, 0);
        assertThat(fit.shape()).isCloseTo(0.07036687912873694, within(1e-10));
        assertThat(fit.scale()).isCloseTo(1.0182977009286174, within(1e-10));
    }

    /**
     * The mid-point quantiles of a distribution of known shape and scale, n = 2000: the fit differs from the truth by
     * the pull to 1/2 of ten observations in n, at most 10 (k - 1/2) / n, and by the error of n points for the
     * distribution, of order 1 / n in the body and larger in a heavy tail.
     */
    @ParameterizedTest
    @ValueSource(doubles = {-0.4, 0, 0.3, 0.5, 0.8, 1.2})
    void theShapeOfExactQuantilesIsFound(double shape) {
        int n = 2000;
        double scale = 3;
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            double exponent = -Math.log1p(-(i + 0.5) / n);
            x[i] = shape == 0 ? scale * exponent : scale * Math.expm1(shape * exponent) / shape;
        }
        GeneralisedPareto fit = GeneralisedPareto.fit(x, 0);
        double pulled = (n * shape + 5) / (n + 10);
        assertThat(fit.shape()).isCloseTo(pulled, within(0.01));
        assertThat(fit.scale()).isCloseTo(scale, within(0.02 * scale));
        // The quantile function inverts the distribution function 1 - (1 + k x / sigma)^(-1 / k).
        double q = fit.quantile(0.9);
        double k = fit.shape();
        assertThat(1 - Math.pow(1 + k * q / fit.scale(), -1 / k)).isCloseTo(0.9, within(1e-12));
    }

    @Test
    void aShapeOfZeroIsExponential() {
        GeneralisedPareto exponential = new GeneralisedPareto(0, 2);
        assertThat(exponential.quantile(0.5)).isCloseTo(2 * Math.log(2), within(1e-15));
        GeneralisedPareto nearly = new GeneralisedPareto(1e-9, 2);
        assertThat(nearly.quantile(0.5)).isCloseTo(2 * Math.log(2), within(1e-8));
        // With shape 1 and scale 1 the quantiles are p / (1 - p).
        assertThat(new GeneralisedPareto(1, 1).quantile(0.75)).isCloseTo(3, within(1e-14));
    }
}
