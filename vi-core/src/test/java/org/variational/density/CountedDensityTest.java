package org.variational.density;

import static org.assertj.core.api.Assertions.assertThat;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.fit.Fit;
import org.variational.fit.Provenance;

class CountedDensityTest {

    private static final LogDensity NORMAL = LogDensities.of(1, (u, g) -> {
        g[0] = -u[0];
        return -0.5 * u[0] * u[0];
    });

    @Test
    void countsPointsAndNotCalls() {
        CountedDensity counted = CountedDensity.of(NORMAL);
        DMatrixRMaj points = new DMatrixRMaj(1, 7);
        counted.evaluate(points, new double[7], new DMatrixRMaj(1, 7));
        counted.evaluate(points, new double[7], null);
        counted.evaluate(points, new double[7], null);
        assertThat(counted.gradientEvaluations()).isEqualTo(7);
        assertThat(counted.valueEvaluations()).isEqualTo(14);
    }

    @Test
    void takesSubsetsOfRowsOnlyWhereItsDensityDoes() {
        assertThat(CountedDensity.of(NORMAL)).isNotInstanceOf(RowLogDensity.class);
    }

    @Test
    void keepsTheFirstException() {
        CountedDensity counted = CountedDensity.of(NORMAL);
        counted.reject(3);
        counted.reject(new IllegalStateException("first"));
        counted.reject(new IllegalStateException("second"));
        assertThat(counted.rejectedEvaluations()).isEqualTo(5);
        assertThat(counted.exceptions()).isEqualTo(2);
        assertThat(counted.firstException()).hasMessage("first");
    }

    @Test
    void aFitReportsItsGradientEvaluations() {
        Fit fit = VariationalInference.of(NORMAL).posteriorDraws(200).run();
        assertThat(fit.provenance().cost().gradientEvaluations())
                .isPositive()
                .isLessThanOrEqualTo(fit.provenance().cost().evaluations() - 200);
    }

    @Test
    void aFitReportsTheEvaluationsOfItsSearchApart() {
        Fit fit = VariationalInference.of(NORMAL).run();
        Provenance.Cost cost = fit.provenance().cost();

        assertThat(cost.search().gradients()).isPositive();
        assertThat(cost.answer().gradients()).isGreaterThan(cost.gradientEvaluations());
        // The draws are evaluated without gradient.
        assertThat(cost.answer().values())
                .isGreaterThanOrEqualTo(fit.approximation().size());
        assertThat(cost.answer().gradients()
                        + cost.answer().values()
                        + cost.search().gradients()
                        + cost.search().values())
                .isEqualTo(cost.evaluations());
    }

    @Test
    void aFitWithoutASearchSpendsNothingOnIt() {
        Fit fit = VariationalInference.of(NORMAL).evaluationBudget(10_000).run();

        assertThat(fit.provenance().cost().search()).isEqualTo(Provenance.Evaluations.NONE);
    }
}
