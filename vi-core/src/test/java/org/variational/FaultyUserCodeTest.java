package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.FitException;
import org.variational.algorithm.fixeddraws.FixedDraws;
import org.variational.algorithm.gaussian.BatchAndMatch;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Verdict;
import org.variational.family.Families;
import org.variational.family.VariationalFamily;
import org.variational.fit.Fit;

/** Densities, layouts and starts that go wrong now and then cost what they touch, and the fit says so. */
class FaultyUserCodeTest {

    private static final LogDensities.ValueAndGradient NORMAL = (x, g) -> {
        g[0] = -x[0];
        g[1] = -x[1];
        return -(x[0] * x[0] + x[1] * x[1]) / 2;
    };

    private static Verdict.Finding reason(Fit fit, Verdict.Code code) {
        return fit.verdict().findings().stream()
                .filter(reason -> reason.code() == code)
                .findFirst()
                .orElseThrow(() -> new AssertionError(code + " is not among " + fit.verdict()));
    }

    /** Every exception counts, of the search, the fit, the chains and the examination. */
    @ParameterizedTest
    @CsvSource({"default", "full-rank", "fixed", "match"})
    void aDensityThatThrowsOnceInAThousandPoints(String how) {
        Random random = new Random(1);
        int[] thrown = new int[1];
        LogDensity sometimes = LogDensities.of(2, (x, g) -> {
            if (random.nextInt(1000) == 0) {
                thrown[0]++;
                throw new IllegalStateException("sometimes");
            }
            return NORMAL.evaluate(x, g);
        });
        Fit fit = with(VariationalInference.of(sometimes), how).run();
        assertThat(thrown[0]).isPositive();
        assertThat(fit.stop().rejectedEvaluations()).isEqualTo(thrown[0]);
        assertThat(reason(fit, Verdict.Code.REJECTED_EVALUATIONS).text())
                .contains(thrown[0] + " evaluations", "java.lang.IllegalStateException: sometimes");
    }

    private static VariationalInference with(VariationalInference inference, String how) {
        return switch (how) {
            case "full-rank" -> inference.family(Families.fullRank());
            case "mean-field" -> inference.family(Families.meanField());
            case "mixture" -> inference.family(Families.mixture(2));
            case "fixed" -> on(inference, Families.meanField(), FixedDraws.create());
            case "match" -> on(inference, Families.fullRank(), BatchAndMatch.create());
            default -> inference;
        };
    }

    private static VariationalInference on(
            VariationalInference inference, VariationalFamily.Factory family, Algorithm<?> algorithm) {
        return inference.family(family).algorithm(algorithm);
    }

    @Test
    void aLayoutThatThrowsDoesNotLoseTheFit() {
        ParameterLayout plain = ParameterLayout.unnamed(2);
        ParameterLayout throwing = new ParameterLayout() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public List<String> coordinateNames() {
                return plain.coordinateNames();
            }

            @Override
            public List<Block> blocks() {
                return plain.blocks();
            }

            @Override
            public List<Quantity> quantities() {
                return plain.quantities();
            }

            @Override
            public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
                for (int s = 0; s < points.numCols; s++) {
                    if (points.get(0, s) > 2.5) {
                        throw new IllegalStateException("beyond 2.5");
                    }
                }
                values.setTo(points);
            }
        };
        Fit fit = VariationalInference.of(LogDensities.of(2, NORMAL), throwing).run();
        DMatrixRMaj draws = fit.posterior().unconstrained();
        double[] values = fit.posterior().draws("x[1]");
        int beyond = 0;
        for (int s = 0; s < values.length; s++) {
            boolean out = draws.get(0, s) > 2.5;
            beyond += out ? 1 : 0;
            assertThat(Double.compare(values[s], out ? Double.NaN : draws.get(1, s)))
                    .isZero();
        }
        assertThat(fit.posterior().nonFiniteDraws()).isPositive().isEqualTo(beyond);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(fit.verdict().explain()).contains("beyond 2.5").contains(beyond + " of 4000 draws are not finite");
    }

    /** From below the rounding of any mean to where squares overflow: never an exception, never a wrong GOOD. */
    @ParameterizedTest
    @CsvSource({"default", "full-rank", "mean-field", "mixture"})
    void anyStartingScale(String how) {
        for (double mean : new double[] {0, 1, 1e10}) {
            for (double sd : new double[] {Double.MIN_VALUE, 1e-300, 1e-200, 1e-20, 1e20, 1e160, 1e300}) {
                Fit fit = with(VariationalInference.of(LogDensities.of(2, NORMAL)), how)
                        .maxIterations(100)
                        .posteriorDraws(200)
                        .start(new double[] {mean, 0}, new double[] {sd, 1})
                        .run();
                for (double parameter : fit.distribution().parameters()) {
                    assertThat(parameter).isFinite();
                }
                if (fit.verdict().level() == Verdict.Level.GOOD) {
                    assertThat(Math.abs(fit.distribution().mean()[0])).isLessThan(0.3);
                }
            }
        }
    }

    @Test
    void aGradientOfAnotherLengthIsNamed() {
        LogDensity wrong = new LogDensity() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                if (gradient != null) {
                    gradient.data = new double[1];
                }
            }
        };
        assertThatThrownBy(() -> VariationalInference.of(wrong).run())
                .isInstanceOf(FitException.class)
                .hasMessageContaining("array of 1 numbers, expected 2 x 1")
                .hasMessageContaining("do not replace its array");
        assertThat(Models.diagnose(wrong).toString()).contains("do not replace its array");
    }
}
