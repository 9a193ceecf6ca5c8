package org.variational.information;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.*;
import static org.variational.information.Information.*;

import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;
import org.junit.jupiter.api.Test;
import org.variational.distribution.Distribution;
import org.variational.expression.Expr;

/** Known values, ends of supports, and refusals. */
class InformationTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    @Test
    void fairCoinHasOneBit() {
        assertThat(bits(entropy(Discrete.of(0.5, 0.5)))).isCloseTo(1, within(1e-15));
        assertThat(entropy(Discrete.of(0.5, 0.5))).isCloseTo(Math.log(2), within(1e-15));
        assertThat(entropy(Discrete.of(0, 1, 0))).isZero();
    }

    /** The numbers in {@code docs/information-measures.md}. */
    @Test
    void thePageSaysWhatComesOut() {
        Discrete p = Discrete.of(0.5, 0.25, 0.25);
        assertThat(bits(entropy(p))).isCloseTo(1.5, within(1e-12));
        assertThat(klDivergence(p, Discrete.uniform(3))).isCloseTo(0.0589, within(5e-5));
        assertThat(klDivergence(normal(0, 1), normal(1, 2))).isCloseTo(0.4431, within(5e-5));
        assertThat(klDivergence(normal(0, 1), laplace(0, 1))).isCloseTo(0.0721, within(5e-5));
        assertThat(totalVariation(poisson(3), binomial(10, 0.3))).isCloseTo(0.0864, within(5e-5));
        assertThat(mutualInformation(JointTable.of(new double[][] {{0.4, 0.1}, {0.1, 0.4}})))
                .isCloseTo(0.1927, within(5e-5));
    }

    @Test
    void divergenceIsNotSymmetric() {
        Discrete p = Discrete.of(0.5, 0.5);
        Discrete q = Discrete.of(0.25, 0.75);
        assertThat(klDivergence(p, q)).isCloseTo(0.5 * Math.log(4.0 / 3), within(1e-15));
        assertThat(klDivergence(q, p)).isCloseTo(0.75 * Math.log(3) - Math.log(2), within(1e-15));
    }

    @Test
    void impossibleOutcomesGiveInfinityWhereTheyMust() {
        Discrete p = Discrete.of(0.5, 0.5, 0);
        Discrete q = Discrete.of(0, 0.5, 0.5);
        assertThat(klDivergence(p, q)).isEqualTo(INFINITY);
        assertThat(crossEntropy(p, q)).isEqualTo(INFINITY);
        assertThat(chiSquared(p, q)).isEqualTo(INFINITY);
        assertThat(renyiDivergence(p, q, 2)).isEqualTo(INFINITY);
        assertThat(renyiDivergence(p, q, INFINITY)).isEqualTo(INFINITY);
        assertThat(renyiDivergence(p, q, 0.5)).isCloseTo(2 * Math.log(2), within(1e-15));
        assertThat(renyiDivergence(p, q, 0)).isCloseTo(Math.log(2), within(1e-15));
        assertThat(squaredHellinger(p, q)).isCloseTo(0.5, within(1e-15));
        assertThat(totalVariation(p, q)).isCloseTo(0.5, within(1e-15));
        assertThat(jensenShannon(p, q)).isCloseTo(0.5 * Math.log(2), within(1e-15));
        Discrete r = Discrete.of(0, 1, 0);
        assertThat(klDivergence(r, p)).isCloseTo(Math.log(2), within(1e-15));
        Discrete apart = Discrete.of(0, 0, 1);
        assertThat(renyiDivergence(p, apart, 0.5)).isEqualTo(INFINITY);
        assertThat(renyiDivergence(p, apart, 0)).isEqualTo(INFINITY);
        assertThat(totalVariation(p, apart)).isCloseTo(1, within(1e-15));
    }

    @Test
    void supportsThatDoNotFitGiveInfinity() {
        assertThat(klDivergence(uniform(0, 2), uniform(0, 1))).isEqualTo(INFINITY);
        assertThat(klDivergence(pareto(1, 2), pareto(1.5, 2))).isEqualTo(INFINITY);
        assertThat(klDivergence(normal(0, 1), exponential(1))).isEqualTo(INFINITY);
        assertThat(klDivergence(normal(40, 1), exponential(1))).isEqualTo(INFINITY);
        assertThat(renyiDivergence(uniform(0, 1.5), pareto(1.5, 2), 0.5)).isEqualTo(INFINITY);
        assertThat(totalVariation(uniform(0, 1.5), pareto(1.5, 2))).isEqualTo(1);
        assertThat(klDivergence(exponential(1), beta(2, 2))).isEqualTo(INFINITY);
        assertThat(crossEntropy(normal(0, 1), exponential(1))).isEqualTo(INFINITY);
        assertThat(chiSquared(normal(0, 1), exponential(1))).isEqualTo(INFINITY);
        assertThat(klDivergence(poisson(3), binomial(5, 0.5))).isEqualTo(INFINITY);
        assertThat(klDivergence(binomial(6, 0.5), binomial(5, 0.5))).isEqualTo(INFINITY);
        assertThat(klDivergence(binomial(5, 0.5), binomial(6, 0.5)))
                .isPositive()
                .isLessThan(1);
    }

    /** Half-normal p inside normal q: everything follows from q being half of p where p lives. */
    @Test
    void massOfQOutsideTheSupportOfPCounts() {
        Distribution half = halfNormal(1.3);
        Distribution whole = normal(0, 1.3);
        assertThat(klDivergence(half, whole)).isCloseTo(Math.log(2), within(1e-9));
        assertThat(totalVariation(half, whole)).isCloseTo(0.5, within(1e-9));
        assertThat(squaredHellinger(half, whole)).isCloseTo(1 - Math.sqrt(0.5), within(1e-9));
        assertThat(chiSquared(half, whole)).isCloseTo(1, within(1e-9));
        double js = jensenShannon(half, whole);
        assertThat(js).isCloseTo(jensenShannon(whole, half), within(1e-9));
        assertThat(js).isCloseTo(0.5 * Math.log(4.0 / 3) + 0.25 * Math.log(2.0 / 3) + 0.25 * Math.log(2), within(1e-9));
        assertThat(renyiDivergence(half, whole, 0)).isCloseTo(Math.log(2), within(1e-9));
    }

    /** E_p[log q] diverges although p decays: logarithmically, like a power, and exponentially. */
    @Test
    void divergingIntegralsAndSumsAreInfinite() {
        assertThat(klDivergence(cauchy(0, 1), normal(0, 1))).isEqualTo(INFINITY);
        assertThat(klDivergence(cauchy(0, 1), laplace(0, 1))).isEqualTo(INFINITY);
        assertThat(klDivergence(halfCauchy(1), gamma(2, 1))).isEqualTo(INFINITY);
        assertThat(klDivergence(exponential(1), inverseGamma(1, 1))).isEqualTo(INFINITY);
        assertThat(klDivergence(studentT(2, 0, 1), normal(0, 1))).isEqualTo(INFINITY);
        assertThat(klDivergence(studentT(1.5, 0, 1), normal(0, 1))).isEqualTo(INFINITY);
        assertThat(chiSquared(studentT(5, 0, 1), normal(0, 1))).isEqualTo(INFINITY);
        assertThat(chiSquared(laplace(0, 1), normal(0, 30))).isEqualTo(INFINITY);
        assertThat(chiSquared(geometric(0.5), poisson(60))).isEqualTo(INFINITY);
        assertThat(chiSquared(normal(0, 2), normal(0, 1))).isEqualTo(INFINITY);
        assertThat(chiSquared(gamma(2, 1), gamma(2, 2))).isEqualTo(INFINITY);
    }

    /** Finite where a tail is heavy but its logarithm is not: E_p of a logarithm of the other heavy tail. */
    @Test
    void heavyTailsWithFiniteDivergence() {
        // D(Cauchy(0, 1) || t_3(0, 1)) = -log(pi) - log f_3(0) + 2 E log(1 + x^2 / 3) - E log(1 + x^2), with
        // E log(1 + x^2 / c^2) = 2 log(1 + 1 / c) under a standard Cauchy distribution
        double density = 2 / (Math.PI * Math.sqrt(3));
        double exact = -Math.log(Math.PI) - Math.log(density) + 4 * Math.log1p(1 / Math.sqrt(3)) - 2 * Math.log(2);
        assertThat(klDivergence(cauchy(0, 1), studentT(3, 0, 1))).isCloseTo(exact, within(1e-9));
        assertThat(klDivergence(halfCauchy(1), halfStudentT(3, 1))).isCloseTo(exact, within(1e-9));
    }

    /**
     * The affinity of a standard normal with the uniform distribution on (0, b), whose ends are jumps inside its
     * support.
     */
    @Test
    void jumpsInsideTheOtherSupport() {
        double b = 1.5;
        double integral = Math.pow(2 * Math.PI, -0.25) / Math.sqrt(b) * Math.sqrt(Math.PI) * Erf.erf(b / 2);
        assertThat(squaredHellinger(normal(0, 1), uniform(0, b))).isCloseTo(1 - integral, within(1e-9));
        assertThat(squaredHellinger(uniform(0, b), normal(0, 1))).isCloseTo(1 - integral, within(1e-9));
        double arcsine = totalVariation(normal(0.5, 1), beta(0.5, 0.5));
        assertThat(totalVariation(beta(0.5, 0.5), normal(0.5, 1))).isCloseTo(arcsine, within(1e-7));
        assertThat(arcsine).isBetween(0.4, 0.8);
    }

    /** The mass of one decays slowly where the integrand has long vanished. */
    @Test
    void heavyTailsBesideLightOnes() {
        double forward = renyiDivergence(normal(0.3, 1), cauchy(0, 1), 0.5);
        assertThat(forward).isCloseTo(renyiDivergence(cauchy(0, 1), normal(0.3, 1), 0.5), within(1e-9));
        assertThat(forward).isCloseTo(-2 * Math.log1p(-squaredHellinger(normal(0.3, 1), cauchy(0, 1))), within(1e-9));
        assertThat(klDivergence(studentT(0.7, 1, 2), studentT(0.7, 1, 2))).isZero();
        assertThat(totalVariation(studentT(0.7, 1, 2), studentT(0.7, 1, 2))).isZero();
    }

    /** Normal and Laplace with one location: E|x| and E x^2 under each are known. */
    @Test
    void quadratureAcrossFamilies() {
        double normalToLaplace = Math.log(2) + Math.sqrt(2 / Math.PI) - 0.5 * Math.log(2 * Math.PI) - 0.5;
        assertThat(klDivergence(normal(1, 1), laplace(1, 1))).isCloseTo(normalToLaplace, within(1e-9));
        double laplaceToNormal = -Math.log(2) - 1 + 0.5 * Math.log(2 * Math.PI) + 1;
        assertThat(klDivergence(laplace(1, 1), normal(1, 1))).isCloseTo(laplaceToNormal, within(1e-9));
        assertThat(klDivergence(exponential(1.5), gamma(1, 0.5)))
                .isCloseTo(klDivergence(exponential(1.5), exponential(0.5)), within(1e-9));
        assertThat(klDivergence(uniform(0, 1), beta(2, 2))).isCloseTo(2 - Math.log(6), within(1e-9));
        assertThat(klDivergence(geometric(0.4), poisson(2)))
                .isCloseTo(crossEntropy(geometric(0.4), poisson(2)) - entropy(geometric(0.4)), within(1e-9));
    }

    /** A narrow q far out in a wide p, and scales far apart. */
    @Test
    void quadratureFindsNarrowAndDistantMass() {
        assertThat(totalVariation(normal(0, 1), normal(6, 1e-4))).isCloseTo(1, within(1e-6));
        assertThat(totalVariation(normal(0, 1), normal(1000, 1e-3))).isCloseTo(1, within(1e-9));
        Pair distant = Pair.of(normal(1e6, 1), normal(1e6 + 1, 2));
        assertThat(distant.computed(Measure.kl())).isCloseTo(klDivergence(normal(0, 1), normal(1, 2)), within(1e-9));
        Pair scales = Pair.of(normal(0, 1e-8), normal(0, 1e8));
        double exact = klDivergence(normal(0, 1e-8), normal(0, 1e8));
        assertThat(scales.computed(Measure.kl())).isCloseTo(exact, within(1e-9 * exact));
    }

    @Test
    void truncatedAndMixedDistributionsAreMeasuredToo() {
        Distribution truncated = truncated(normal(0, 1), 0.0, 1e3);
        assertThat(klDivergence(truncated, halfNormal(1))).isBetween(0.0, 1e-9);
        assertThat(entropy(categorical(0.25, 0.25, 0.5))).isCloseTo(1.5 * Math.log(2), within(1e-12));
        assertThat(klDivergence(categorical(0, 0.5, 0.5), categorical(0.25, 0.25, 0.5)))
                .isCloseTo(klDivergence(Discrete.of(0, 0.5, 0.5), Discrete.of(0.25, 0.25, 0.5)), within(1e-12));
    }

    @Test
    void massOutOfReachIsAnErrorAndNotANumber() {
        assertThatThrownBy(() -> jensenShannon(gamma(1e-3, 1), gamma(2, 1)))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("probabilities")
                .hasMessageContaining("MonteCarlo");
    }

    @Test
    void entropyOfVectors() {
        double[][] covariance = {{1.44, 0.6}, {0.6, 1.0}};
        Expr factor = Expr.constant(new double[][] {{1.2, 0}, {0.5, Math.sqrt(0.75)}});
        double exact = Math.log(2 * Math.PI * Math.E) + 0.5 * Math.log(1.44 - 0.36);
        assertThat(entropy(multivariateNormal(Expr.constant(new double[2]), factor)))
                .isCloseTo(exact, within(1e-12));
        Gaussian joint = Gaussian.of(new double[2], covariance);
        double correlation = 0.6 / 1.2;
        assertThat(mutualInformation(joint, 0))
                .isCloseTo(-0.5 * Math.log1p(-correlation * correlation), within(1e-12))
                .isEqualTo(mutualInformation(joint, 1));
        assertThat(entropy(dirichlet(1, 1, 1))).isCloseTo(-Math.log(2), within(1e-12));
    }

    /** The optima of a mean-field Gaussian for a correlated one with unit variances are 1 - rho^2 and 1. */
    @Test
    void projectionsOfACorrelatedGaussianOntoIndependentOnes() {
        double rho = 0.8;
        Distribution p = independentOrNot(1, rho);
        double best = klDivergence(independentOrNot(Math.sqrt(1 - rho * rho), 0), p);
        assertThat(best).isCloseTo(-0.5 * Math.log(1 - rho * rho), within(1e-12));
        assertThat(klDivergence(p, independentOrNot(1, 0))).isCloseTo(-0.5 * Math.log(1 - rho * rho), within(1e-12));
        for (double factor : new double[] {0.9, 1.1}) {
            assertThat(klDivergence(independentOrNot(factor * Math.sqrt(1 - rho * rho), 0), p))
                    .isGreaterThan(best);
            assertThat(klDivergence(p, independentOrNot(factor, 0)))
                    .isGreaterThan(klDivergence(p, independentOrNot(1, 0)));
        }
    }

    private static Distribution independentOrNot(double sd, double rho) {
        double[][] factor = {{sd, 0}, {rho * sd, sd * Math.sqrt(1 - rho * rho)}};
        return multivariateNormal(Expr.constant(new double[2]), Expr.constant(factor));
    }

    @Test
    void unnormalisedInputIsRefusedWithTheAmount() {
        assertThatThrownBy(() -> Discrete.of(0.5, 0.52))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sum to 1.02, off by 0.02")
                .hasMessageContaining("ofWeights");
        assertThatThrownBy(() -> JointTable.of(new double[][] {{0.5, 0.2}, {0.1, 0.1}}))
                .hasMessageContaining("off by 0.1");
        assertThatThrownBy(() -> Discrete.of(1.5, -0.5)).hasMessageContaining("number 1 is -0.5");
        assertThatThrownBy(() -> Discrete.of(Double.NaN, 1)).hasMessageContaining("number 0 is NaN");
        assertThatThrownBy(Discrete::of).hasMessageContaining("got none");
        assertThatThrownBy(() -> Discrete.ofWeights(0, 0)).hasMessageContaining("positive finite sum");
        assertThatThrownBy(() -> Discrete.ofLogits(Double.NEGATIVE_INFINITY))
                .hasMessageContaining("one of them finite");
        assertThatThrownBy(() -> Discrete.uniform(0)).hasMessageContaining("at least one outcome");
        assertThatThrownBy(() -> JointTable.of(new double[][] {{0.5, 0.2}, {0.3}}))
                .hasMessageContaining("row 1");
    }

    @Test
    void pairsThatCannotBeComparedAreRefused() {
        assertThatThrownBy(() -> klDivergence(Discrete.uniform(2), Discrete.uniform(3)))
                .hasMessageContaining("probability 0");
        assertThatThrownBy(() -> klDivergence(normal(0, 1), poisson(1))).hasMessageContaining("both continuous");
        assertThatThrownBy(() -> klDivergence(normal(0, 1), dirichlet(1, 1))).hasMessageContaining("same size");
        assertThatThrownBy(() -> jensenShannon(dirichlet(1, 2), dirichlet(2, 1)))
                .hasMessageContaining("MonteCarlo");
        Expr unknown = Expr.coordinates("mu", 0, 1, 1);
        assertThatThrownBy(() -> entropy(normal(unknown, 1))).hasMessageContaining("parameters are numbers");
        Expr two = Expr.constant(new double[] {0, 1});
        assertThatThrownBy(() -> entropy(normal(two, 1))).hasMessageContaining("scalar");
        assertThatThrownBy(() -> renyiDivergence(Discrete.uniform(2), Discrete.uniform(2), Double.NaN))
                .hasMessageContaining("order");
        assertThatThrownBy(() -> renyiDivergence(normal(0, 1), normal(0, 1), INFINITY))
                .hasMessageContaining("Discrete");
        assertThatThrownBy(() -> Discrete.uniform(2).mixedWith(Discrete.uniform(2), 1.5))
                .hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> Discrete.uniform(2).through(new double[][] {{1}}))
                .hasMessageContaining("1 rows for 2");
    }

    @Test
    void gaussiansAreChecked() {
        assertThatThrownBy(() -> Gaussian.of(new double[2], new double[][] {{1, 0.5}, {0.4, 1}}))
                .hasMessageContaining("symmetric");
        assertThatThrownBy(() -> Gaussian.of(new double[2], new double[][] {{1, 2}, {2, 1}}))
                .hasMessageContaining("positive definite");
        assertThatThrownBy(() -> Gaussian.of(new double[2], new double[][] {{1}}))
                .hasMessageContaining("rows");
        Gaussian joint = Gaussian.of(new double[2], new double[][] {{1, 0}, {0, 1}});
        assertThatThrownBy(() -> mutualInformation(joint)).hasMessageContaining("leave some");
        assertThatThrownBy(() -> mutualInformation(joint, 0, 1)).hasMessageContaining("leave some");
        assertThatThrownBy(() -> mutualInformation(joint, 2)).hasMessageContaining("from 0 to 1");
    }

    @Test
    void renyiIsContinuousAtOrderOne() {
        double closed = Information.klDivergence(normal(0, 1), normal(0, 2));
        double quadrature = Information.klDivergence(normal(0, 1), laplace(0, 1));
        for (double step : new double[] {1e-15, -1e-14, 1e-12, 1e-8, -1e-7, 1e-6}) {
            // Half the variance of the log ratio is below 1 for both pairs.
            double allowed = Math.abs(step) + 1e-8;
            assertThat(Information.renyiDivergence(normal(0, 1), normal(0, 2), 1 + step))
                    .isEqualTo(closed, within(allowed));
            assertThat(Information.renyiDivergence(normal(0, 1), laplace(0, 1), 1 + step))
                    .isEqualTo(quadrature, within(allowed));
        }
    }

    @Test
    void massNextToAnEndIsIntegratedOrRefusedButNeverInfinite() {
        // KL(gamma(k, 1), gamma(1, 1)) in closed form; the Weibull of shape 1 is the same distribution, met by
        // quadrature.
        double k = 0.1;
        double exact = (k - 1) * Gamma.digamma(k) - Gamma.logGamma(k);
        // commons-math's digamma is good to 3e-9 here
        assertThat(Information.klDivergence(gamma(k, 1), weibull(1, 1))).isEqualTo(exact, within(1e-6));
        assertThat(Information.totalVariation(gamma(k, 1), gamma(1, 1))).isBetween(0.5, 0.999);
        double exactBeta =
                2 * (k - 1) * (Gamma.digamma(k) - Gamma.digamma(2 * k)) - 2 * Gamma.logGamma(k) + Gamma.logGamma(2 * k);
        assertThat(Information.klDivergence(beta(k, k), uniform(0, 1))).isEqualTo(exactBeta, within(1e-6));
        assertThatThrownBy(() -> Information.klDivergence(gamma(0.05, 1), exponential(1)))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("next to an end of the support");
    }
}
