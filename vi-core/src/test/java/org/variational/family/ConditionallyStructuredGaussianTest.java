package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.density.Interactions;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Status;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.random.RandomStreams;

class ConditionallyStructuredGaussianTest {

    /** Neal's funnel: {@code v ~ N(0, 9)}, and given it {@code x_i ~ N(0, e^v)}. */
    private static Model funnel(int dimension) {
        ModelBuilder m = Model.named("funnel");
        Expr v = m.parameter("v", normal(0, 3));
        m.parameter("x", normal(Expr.constant(0), v.times(0.5).exp()), dimension - 1);
        return m.build();
    }

    private static Model eightSchools() {
        ModelBuilder m = Model.named("eight schools");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5));
        Expr theta = m.parameter("theta", normal(mu, tau), 8);
        Expr errors = Expr.constant(new double[] {15, 10, 16, 11, 9, 11, 10, 18});
        m.observe("y", normal(theta, errors), new double[] {28, 8, -3, 7, -1, 1, 18, 12});
        return m.build();
    }

    private static DMatrixRMaj normals(int rows, int lanes) {
        RandomGenerator random = RandomStreams.of(3).generator("noise", 0);
        DMatrixRMaj noise = new DMatrixRMaj(rows, lanes);
        Arrays.setAll(noise.data, i -> random.nextGaussian());
        return noise;
    }

    @Test
    void nealsFunnelIsAMember() {
        Model model = funnel(10);
        ConditionallyStructuredGaussian family = ConditionallyStructuredGaussian.of(model.interactions());
        assertThat(family.outer()).containsExactly(0);
        double[] parameters = new double[family.parameterCount()];
        parameters[1] = Math.log(3);
        for (int i = 0; i < 9; i++) {
            // mean, log scale and slope of the mean are 0
            parameters[2 + 4 * i + 3] = 0.5;
        }
        ConditionallyStructuredGaussian.Member q = family.member(parameters);
        DMatrixRMaj points = new DMatrixRMaj(10, 40);
        q.sample(normals(10, 40), points);
        double[] logQ = new double[40];
        double[] logP = new double[40];
        q.logDensity(points, logQ);
        model.density(1).evaluate(points, logP, null);
        for (int s = 0; s < 40; s++) {
            assertThat(logP[s] - logQ[s]).isCloseTo(0, within(1e-11));
        }
        // Var x = E exp(v)
        assertThat(q.standardDeviation()[4]).isCloseTo(Math.exp(0.25 * 9), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 50})
    void reverseKlFindsTheFunnel(int dimension) {
        Fit fit = VariationalInference.of(funnel(dimension))
                .family(Families.conditionalScale())
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        // the log evidence is 0; weights that are constant have no error
        assertThat(fit.elbo()).isCloseTo(0, within(1e-3));
        assertThat(fit.approximation().effectiveSampleSize()).isGreaterThan(3_990);
    }

    /** The Gaussian of least reverse KL is 1.34 below the log evidence of -31.3113. */
    @Test
    void centredEightSchoolsAreCloserThanAnyGaussian() {
        Fit fit = VariationalInference.of(eightSchools())
                .family(Families.conditionalScale())
                .run();
        assertThat(fit.elbo()).isBetween(-31.3113 - 0.45, -31.3113);
        assertThat(fit.kHat()).isLessThan(0.7);
    }

    @Test
    void outerCoordinatesAreScalesAndWhatIsCoupledToMany() {
        assertThat(ConditionallyStructuredGaussian.of(eightSchools().interactions())
                        .outer())
                .containsExactly(0, 1);
        // abilities of 12 persons, then easiness and discrimination of 4 items
        ModelBuilder m = Model.named("2PL");
        Expr ability = m.parameter("ability", normal(0, 1), 12);
        Expr easiness = m.parameter("easiness", normal(0, 1), 4);
        Expr discrimination = m.parameter("discrimination", halfCauchy(1), 4);
        Rows rows = m.rows(48);
        int[] person = new int[48];
        int[] item = new int[48];
        Arrays.setAll(person, i -> i / 4);
        Arrays.setAll(item, i -> i % 4);
        double[] answers = new double[48];
        Arrays.setAll(answers, i -> (i * 7) % 3 == 0 ? 1 : 0);
        RowIndex ofItem = rows.index("item", item);
        Expr slope = discrimination.at(ofItem).times(ability.at(rows.index("person", person)));
        rows.observe("y", bernoulliLogit(slope.plus(easiness.at(ofItem))), answers);
        ConditionallyStructuredGaussian family =
                ConditionallyStructuredGaussian.of(m.build().interactions());
        assertThat(family.outer()).containsExactly(12, 13, 14, 15, 16, 17, 18, 19);
        assertThat(family.parents()).hasDimensions(12, 8);
    }

    @Test
    void withoutSlopesOfScalesItIsAGaussian() {
        ConditionallyStructuredGaussian family =
                ConditionallyStructuredGaussian.of(4, new int[] {1}, new int[][] {{0}, {0}, {}});
        // u ~ N(2, 3^2); w = 0.5, -1
        double[] parameters = {2, Math.log(3), 1, Math.log(0.4), 0.5, 0, -1, Math.log(2), -1, 0, 4, 0};
        double[][] covariance = {
            {0.16 + 0.25 * 9, 0.5 * 9, -0.5 * 9, 0}, {0.5 * 9, 9, -9, 0}, {-0.5 * 9, -9, 4 + 9, 0}, {0, 0, 0, 1}
        };
        FullRankGaussian full = FullRankGaussian.of(4);
        FullRankGaussian.Member gaussian =
                full.member(full.parametersOf(new double[] {1, 2, -1, 4}, new DMatrixRMaj(covariance)));
        ConditionallyStructuredGaussian.Member q = family.member(parameters);
        DMatrixRMaj points = normals(4, 30);
        double[] logQ = new double[30];
        double[] logP = new double[30];
        q.logDensity(points, logQ);
        gaussian.logDensity(points, logP);
        assertThat(logQ).containsExactly(logP, within(1e-11));
        assertThat(q.standardDeviation()).containsExactly(gaussian.standardDeviation(), within(1e-12));
        assertThat(q.entropy()).isCloseTo(gaussian.entropy(), within(1e-12));
    }

    @Test
    void whatItCannotServeIsRefusedWithARemedy() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConditionallyStructuredGaussian.of(Interactions.of(3, List.of(new int[] {0, 1}))))
                .withMessageContaining("none of these 3 does: use sparse() or fullRank()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.conditionalScale().forLayout(ParameterLayout.unnamed(3)))
                .withMessageContaining("conditionalScale(Interactions)");
        Interactions scales = Interactions.of(3, List.of(new int[] {0, 1, 2})).withScales(0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.conditionalScale(scales).forLayout(ParameterLayout.unnamed(4)))
                .withMessageContaining("between 3 coordinates, but 4 are inferred");
        assertThat(Families.conditionalScale(scales)
                        .forLayout(ParameterLayout.unnamed(3))
                        .dimension())
                .isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConditionallyStructuredGaussian.of(3, new int[] {1, 0}, new int[1][0]))
                .withMessageContaining("in rising order");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConditionallyStructuredGaussian.of(2, new int[] {0}, new int[][] {{1}}))
                .withMessageContaining("places among these");
    }
}
