package org.variational.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.lkjCholesky;
import static org.variational.distribution.Distributions.normal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.variational.Models;
import org.variational.constraint.Constraint;
import org.variational.constraint.Constraints;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Diagnosis;
import org.variational.diagnostic.Diagnosis.Check;
import org.variational.diagnostic.Diagnosis.Code;
import org.variational.diagnostic.Diagnosis.Finding;
import org.variational.diagnostic.Diagnosis.Level;
import org.variational.expression.Expr;
import org.variational.model.ConstrainedDensity;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** A gallery of broken models and densities, each found in the right stage with the right name; and healthy ones. */
class ModelDoctorTest {

    private static final double[] Y = {0.3, -1.2, 0.8, 2.1, 0.4, -0.6, 1.5, 0.9};

    /** The only finding of a diagnosis. */
    private static Finding only(Diagnosis diagnosis) {
        assertThat(diagnosis.findings()).as(diagnosis.toString()).hasSize(1);
        return diagnosis.findings().get(0);
    }

    private static void requireFinding(Diagnosis diagnosis, Check check, Code code, Level level, String... parameters) {
        assertThat(diagnosis.stage(check).orElseThrow().findings())
                .as(diagnosis.toString())
                .filteredOn(finding -> finding.code() == code)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(level);
                    assertThat(finding.parameters()).containsExactlyInAnyOrder(parameters);
                });
        assertThat(diagnosis.healthy()).isFalse();
        assertThat(diagnosis.toString()).contains(code.name());
    }

    /** An independent standard normal, changed where {@code after} says. */
    private static LogDensity normalWith(int dimension, LogDensities.ValueAndGradient after) {
        return LogDensities.of(dimension, (x, gradient) -> {
            double value = 0;
            for (int d = 0; d < dimension; d++) {
                value -= 0.5 * x[d] * x[d];
                gradient[d] = -x[d];
            }
            return value + after.evaluate(x, gradient);
        });
    }

    // ---- densities --------------------------------------------------------------------------------------------------

    @Test
    void aNormalDensityIsHealthy() {
        Diagnosis diagnosis = Models.diagnose(normalWith(5, (x, gradient) -> 0));
        assertThat(diagnosis.findings()).as(diagnosis.toString()).isEmpty();
        assertThat(diagnosis.level()).isEqualTo(Level.PASS);
        assertThat(diagnosis.stage(Check.DATA).orElseThrow().level()).isEqualTo(Level.SKIPPED);
    }

    @Test
    void aDensityThatIsNowhereANumberFails() {
        Diagnosis diagnosis = Models.diagnose(normalWith(2, (x, gradient) -> Double.NaN));
        requireFinding(diagnosis, Check.FINITE_DENSITY, Code.NAN_DENSITY, Level.FAIL);
        assertThat(diagnosis.stage(Check.SCALES).orElseThrow().level()).isEqualTo(Level.SKIPPED);
        assertThat(only(diagnosis).point()).containsExactly(0.0, 0.0);
    }

    @Test
    void nanInAHalfSpaceNamesTheCoordinate() {
        Diagnosis diagnosis = Models.diagnose(normalWith(4, (x, gradient) -> x[2] > 0.5 ? Double.NaN : 0));
        requireFinding(diagnosis, Check.FINITE_DENSITY, Code.NAN_DENSITY, Level.WARN, "x[2]");
    }

    @Test
    void plusInfinityIsNoBestPoint() {
        Diagnosis diagnosis =
                Models.diagnose(normalWith(3, (x, gradient) -> Math.abs(x[1]) > 0.3 ? Double.POSITIVE_INFINITY : 0));
        requireFinding(diagnosis, Check.FINITE_DENSITY, Code.INFINITE_DENSITY, Level.WARN, "x[1]");
    }

    @Test
    void aUniformDensityWithoutTransformNamesTheCoordinate() {
        Diagnosis diagnosis =
                Models.diagnose(normalWith(3, (x, gradient) -> x[0] < -0.2 ? Double.NEGATIVE_INFINITY : 0));
        requireFinding(diagnosis, Check.FINITE_DENSITY, Code.ZERO_DENSITY, Level.WARN, "x[0]");
        assertThat(diagnosis.findings(Code.ZERO_DENSITY).get(0).text()).contains("declare the bounds");
    }

    @Test
    void anExceptionIsReportedWithItsText() {
        Diagnosis diagnosis = Models.diagnose(normalWith(2, (x, gradient) -> {
            if (x[1] > 0.2) {
                throw new ArithmeticException("no convergence");
            }
            return 0;
        }));
        requireFinding(diagnosis, Check.FINITE_DENSITY, Code.EXCEPTION, Level.WARN, "x[1]");
        assertThat(diagnosis.findings(Code.EXCEPTION).get(0).text()).contains("no convergence");
    }

    @Test
    void aGradientThatIsNotFiniteNamesTheCoordinate() {
        Diagnosis diagnosis = Models.diagnose(normalWith(3, (x, gradient) -> {
            gradient[1] += x[1] == 0 ? Double.POSITIVE_INFINITY : -0.5 * Math.signum(x[1]) / Math.sqrt(Math.abs(x[1]));
            return -Math.sqrt(Math.abs(x[1]));
        }));
        requireFinding(diagnosis, Check.FINITE_GRADIENT, Code.NON_FINITE_GRADIENT, Level.FAIL, "x[1]");
        assertThat(diagnosis.findings(Code.NON_FINITE_GRADIENT).get(0).point()).containsExactly(0.0, 0.0, 0.0);
    }

    @Test
    void aWrongSignIsFoundForEveryParameter() {
        LogDensity wrong = normalWith(6, (x, gradient) -> {
            gradient[3] = -gradient[3];
            gradient[5] += 0.01 * x[4];
            return 0;
        });
        ConstrainedDensity named = ConstrainedDensity.on(wrong)
                .parameter("a", Constraints.real(), 3)
                .parameter("b", Constraints.real(), 2)
                .parameter("c", Constraints.real())
                .build();
        Diagnosis diagnosis = Models.diagnose(named, named.layout());
        List<String> blamed = new ArrayList<>();
        for (Finding finding : diagnosis.findings(Code.WRONG_GRADIENT)) {
            assertThat(finding.level()).isEqualTo(Level.FAIL);
            blamed.addAll(finding.parameters());
        }
        assertThat(blamed).as(diagnosis.toString()).containsExactly("b[0]", "c");
    }

    @Test
    void randomNumbersInsideAreFound() {
        AtomicInteger calls = new AtomicInteger();
        Diagnosis diagnosis = Models.diagnose(normalWith(2, (x, gradient) -> 1e-6 * (calls.incrementAndGet() % 7)));
        requireFinding(diagnosis, Check.DETERMINISM, Code.NON_DETERMINISTIC, Level.FAIL);
    }

    /** Sums over all columns, as one who overlooks that lanes are separate points. */
    @Test
    void lanesThatDisturbEachOtherAreFound() {
        LogDensity mixed = new LogDensity() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
                double sum = 0;
                for (int k = 0; k < points.data.length; k++) {
                    sum -= 0.5 * points.data[k] * points.data[k];
                    if (gradient != null) {
                        gradient.data[k] = -points.data[k];
                    }
                }
                Arrays.fill(logDensity, 0, points.numCols, sum);
            }
        };
        Diagnosis diagnosis = Models.diagnose(mixed);
        requireFinding(diagnosis, Check.LANES, Code.LANES_DISAGREE, Level.FAIL);
    }

    @Test
    void anotherValueWithoutGradientIsFound() {
        LogDensity sound = normalWith(2, (x, gradient) -> 0);
        LogDensity forgetful = new LogDensity() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
                sound.evaluate(points, logDensity, gradient);
                if (gradient == null) {
                    logDensity[0] += 1;
                }
            }
        };
        requireFinding(Models.diagnose(forgetful), Check.LANES, Code.LANES_DISAGREE, Level.FAIL);
    }

    @Test
    void aDensityThatWritesToItsPointsIsFound() {
        LogDensity sound = normalWith(2, (x, gradient) -> 0);
        LogDensity writing = new LogDensity() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
                sound.evaluate(points, logDensity, gradient);
                points.zero();
            }
        };
        Diagnosis diagnosis = Models.diagnose(writing);
        assertThat(only(diagnosis).code()).isEqualTo(Code.CHANGES_POINTS);
        assertThat(diagnosis.level()).isEqualTo(Level.WARN);
    }

    @Test
    void aDensityOfValuesAloneSkipsWhatNeedsAGradient() {
        Diagnosis diagnosis = Models.diagnose(LogDensities.ofValues(1, x -> -x[0] * x[0]));
        assertThat(diagnosis.healthy()).as(diagnosis.toString()).isTrue();
        for (Check check : List.of(Check.FINITE_GRADIENT, Check.GRADIENT, Check.SCALES)) {
            assertThat(diagnosis.stage(check).orElseThrow().level()).isEqualTo(Level.SKIPPED);
        }
    }

    @Test
    void aLayoutOfAnotherDimensionIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Models.diagnose(normalWith(2, (x, gradient) -> 0), ParameterLayout.unnamed(3)))
                .withMessageContaining("dimension 2");
    }

    // ---- scales -----------------------------------------------------------------------------------------------------

    @Test
    void aFlatParameterThatNothingUsesIsNamed() {
        ModelBuilder m = Model.named("unused");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.parameter("forgotten", flat());
        m.observe("y", normal(mu, Expr.constant(1)), Y);
        requireFinding(Models.diagnose(m.build()), Check.SCALES, Code.NO_INFLUENCE, Level.FAIL, "forgotten");
    }

    /** With a flat prior on a positive number only the log-Jacobian is left, which never falls. */
    @Test
    void aPositiveParameterThatNothingBoundsIsNamed() {
        ModelBuilder m = Model.named("unbounded");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.parameter("scale", flat().on(Constraints.positive()));
        m.observe("y", normal(mu, Expr.constant(1)), Y);
        requireFinding(Models.diagnose(m.build()), Check.SCALES, Code.IMPROPER, Level.FAIL, "scale");
    }

    @Test
    void twoInterceptsWithFlatPriorsAreARidge() {
        ModelBuilder m = Model.named("ridge");
        Expr a = m.parameter("a", flat());
        Expr b = m.parameter("b", flat());
        Expr sigma = m.parameter("sigma", halfNormal(1));
        m.observe("y", normal(a.plus(b), sigma), Y);
        requireFinding(Models.diagnose(m.build()), Check.SCALES, Code.IMPROPER, Level.FAIL, "a", "b");
    }

    @Test
    void twoInterceptsWithProperPriorsAreNone() {
        ModelBuilder m = Model.named("proper ridge");
        Expr a = m.parameter("a", normal(0, 1));
        Expr b = m.parameter("b", normal(0, 1));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        m.observe("y", normal(a.plus(b), sigma), Y);
        Diagnosis diagnosis = Models.diagnose(m.build());
        assertThat(diagnosis.findings()).as(diagnosis.toString()).isEmpty();
    }

    @Test
    void perfectSeparationIsNamed() {
        ModelBuilder m = Model.named("separated");
        Expr slope = m.parameter("slope", flat());
        Rows rows = m.rows(6);
        Expr x = rows.data("x", new double[] {-3, -2, -1, 1, 2, 3});
        rows.observe("y", bernoulliLogit(x.times(slope)), new int[] {0, 0, 0, 1, 1, 1});
        requireFinding(Models.diagnose(m.build()), Check.SCALES, Code.IMPROPER, Level.FAIL, "slope");
    }

    @Test
    void scalesOfOneInAHundredMillionAndItsInverseAreNamed() {
        double[] precision = {1e16, 1, 1e-16};
        LogDensity scaled = LogDensities.of(3, (x, gradient) -> {
            double value = 0;
            for (int d = 0; d < 3; d++) {
                value -= 0.5 * precision[d] * x[d] * x[d];
                gradient[d] = -precision[d] * x[d];
            }
            return value;
        });
        Diagnosis diagnosis = Models.diagnose(scaled);
        List<String> extreme = diagnosis.findings(Code.EXTREME_SCALE).stream()
                .flatMap(finding -> finding.parameters().stream())
                .toList();
        assertThat(extreme).as(diagnosis.toString()).contains("x[0]");
        assertThat(diagnosis.findings()).as(diagnosis.toString()).anySatisfy(finding -> assertThat(finding.parameters())
                .contains("x[2]"));
    }

    @Test
    void scalesThatDifferAMillionfoldAreNamed() {
        double[] precision = {1e7, 1e-5};
        LogDensity scaled = LogDensities.of(2, (x, gradient) -> {
            gradient[0] = -precision[0] * (x[0] - 1);
            gradient[1] = -precision[1] * (x[1] + 100);
            return 0.5 * (gradient[0] * (x[0] - 1) + gradient[1] * (x[1] + 100));
        });
        requireFinding(Models.diagnose(scaled), Check.SCALES, Code.SCALE_RATIO, Level.WARN, "x[0]", "x[1]");
    }

    /** The smallest eigenvalue of the correlation-scaled precision is about (1 - rho) / 2, here 5e-9. */
    @Test
    void aNearlySingularPairIsNamed() {
        double rho = 1 - 1e-8;
        LogDensity pair = LogDensities.of(2, (x, gradient) -> {
            gradient[0] = -(x[0] - rho * x[1]);
            gradient[1] = -(x[1] - rho * x[0]);
            return 0.5 * (x[0] * gradient[0] + x[1] * gradient[1]);
        });
        Diagnosis diagnosis = Models.diagnose(pair);
        assertThat(diagnosis.stage(Check.SCALES).orElseThrow().findings())
                .as(diagnosis.toString())
                .anySatisfy(finding -> {
                    assertThat(finding.code()).isIn(Code.STRONG_CORRELATION, Code.IMPROPER);
                    assertThat(finding.parameters()).containsExactlyInAnyOrder("x[0]", "x[1]");
                });
    }

    /** A shift of the log density by a constant changes no stage: the slopes lose digits, and the tolerances know. */
    @Test
    void aLargeConstantChangesNothing() {
        Diagnosis diagnosis = Models.diagnose(normalWith(4, (x, gradient) -> 1e8));
        assertThat(diagnosis.findings()).as(diagnosis.toString()).isEmpty();
    }

    // ---- transforms -------------------------------------------------------------------------------------------------

    /** {@code x = exp(u)} with a log-Jacobian and an inverse that may be wrong. */
    private record Positive(double jacobian, double back) implements Constraint {
        @Override
        public String name() {
            return "home-made positive";
        }

        @Override
        public boolean elementwise() {
            return true;
        }

        @Override
        public int coordinates(int rows, int columns) {
            return rows * columns;
        }

        @Override
        public Expr constrain(Expr coordinates, int rows, int columns) {
            return coordinates.exp();
        }

        @Override
        public Expr logJacobian(Expr coordinates, Expr constrained) {
            return coordinates.times(jacobian);
        }

        @Override
        public double[] unconstrain(double[] value, int rows, int columns) {
            double[] u = new double[value.length];
            for (int i = 0; i < u.length; i++) {
                u[i] = back * Math.log(value[i]);
            }
            return u;
        }
    }

    private static Model constrained(Constraint constraint) {
        ModelBuilder m = Model.named("constrained");
        Expr mu = m.parameter("mu", normal(0, 1));
        Expr sigma = m.parameter("sigma", exponential(1).on(constraint), 2);
        m.observe("y", normal(mu, sigma.element(0).plus(sigma.element(1))), Y);
        return m.build();
    }

    @Test
    void aHomeMadeTransformThatIsRightPasses() {
        Diagnosis diagnosis = Models.diagnose(constrained(new Positive(1, 1)));
        assertThat(diagnosis.findings()).as(diagnosis.toString()).isEmpty();
    }

    @Test
    void aWrongJacobianNamesTheParameter() {
        requireFinding(
                Models.diagnose(constrained(new Positive(2, 1))),
                Check.TRANSFORMS,
                Code.WRONG_JACOBIAN,
                Level.FAIL,
                "sigma");
    }

    @Test
    void aWrongInverseNamesTheParameter() {
        requireFinding(
                Models.diagnose(constrained(new Positive(1, 1 + 1e-9))),
                Check.TRANSFORMS,
                Code.ROUND_TRIP,
                Level.FAIL,
                "sigma");
    }

    /**
     * Every constraint of the library, vectors and matrices with dependent elements among them, at ordinary and far
     * points.
     */
    @Test
    void theTransformsOfTheLibraryPass() {
        ModelBuilder m = Model.named("constraints");
        Expr center = m.parameter("center", normal(0, 1));
        Map<String, Constraint> vectors = Map.of(
                "positive", Constraints.positive(),
                "lower", Constraints.lower(-3),
                "upper", Constraints.upper(1e3),
                "interval", Constraints.interval(2, 5),
                "ordered", Constraints.ordered(),
                "positiveOrdered", Constraints.positiveOrdered(),
                "simplex", Constraints.simplex(),
                "sumToZero", Constraints.sumToZero());
        vectors.keySet().stream().sorted().forEach(name -> {
            Expr value = m.parameter(name, flat().on(vectors.get(name)), 5);
            m.addLogDensity(value.times(-1).plus(1).square().times(-0.5));
        });
        Expr within = m.parameter("within", flat().on(Constraints.interval(center, center.plus(1))));
        m.addLogDensity(within.square().times(-0.5));
        m.parameter("correlation", lkjCholesky(4, 2), 4, 4);
        Expr factor = m.parameter("factor", flat().on(Constraints.choleskyCovariance()), 3, 3);
        m.addLogDensity(factor.square().times(-0.5));
        Diagnosis diagnosis = Models.diagnose(m.build());
        assertThat(diagnosis.stage(Check.TRANSFORMS).orElseThrow().findings())
                .as(diagnosis.toString())
                .isEmpty();
        assertThat(diagnosis.stage(Check.TRANSFORMS).orElseThrow().note()).contains("12 transforms");
    }

    @Test
    void aDerivedValueThatIsNoNumberIsNamed() {
        ModelBuilder m = Model.named("derived");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.derived("root", mu.sqrt());
        m.observe("y", normal(mu, Expr.constant(1)), Y);
        requireFinding(Models.diagnose(m.build()), Check.TRANSFORMS, Code.NON_FINITE_TRANSFORM, Level.WARN, "root");
    }

    // ---- models and data --------------------------------------------------------------------------------------------

    @Test
    void aModelThatIsNotANumberNamesObservationAndRow() {
        ModelBuilder m = Model.named("logarithm");
        Expr mu = m.parameter("mu", normal(-10, 0.1));
        Rows rows = m.rows(Y.length);
        rows.observe("y", normal(rows.data("offset", Y).plus(mu.minus(20).log()), Expr.constant(1)), Y);
        Diagnosis diagnosis = Models.diagnose(m.build());
        requireFinding(diagnosis, Check.FINITE_DENSITY, Code.NAN_DENSITY, Level.FAIL);
        assertThat(diagnosis.findings(Code.NAN_DENSITY).get(0).text())
                .contains("log likelihood of \"y\" is NaN at row 0");
    }

    @Test
    void unusedAndRedundantDataAreNamed() {
        ModelBuilder m = Model.named("data");
        Expr beta = m.parameter("beta", normal(0, 1), 4);
        Rows rows = m.rows(Y.length);
        double[][] x = new double[Y.length][4];
        for (int i = 0; i < Y.length; i++) {
            x[i] = new double[] {1, i, 0, 2.5};
        }
        rows.data("left over", Y);
        rows.index("group", new int[Y.length]);
        rows.observe("y", normal(rows.data("x", x).matmul(beta), Expr.constant(1)), Y);
        Diagnosis diagnosis = Models.diagnose(m.build());
        assertThat(diagnosis.findings(Code.UNUSED_DATA))
                .extracting(finding -> finding.parameters().get(0))
                .containsExactly("group", "left over");
        assertThat(diagnosis.findings(Code.REDUNDANT_COLUMN))
                .extracting(Finding::text)
                .satisfiesExactlyInAnyOrder(
                        zero -> assertThat(zero).contains("column 2 of \"x\" is zero"),
                        multiple -> assertThat(multiple).contains("column 3 of \"x\" is a multiple of column 0"));
        assertThat(diagnosis.level()).isEqualTo(Level.WARN);
    }

    @Test
    void anObservationWithoutVariationIsNamed() {
        ModelBuilder m = Model.named("constant");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.observe("y", normal(mu, Expr.constant(1)), new double[] {2, 2, 2});
        requireFinding(Models.diagnose(m.build()), Check.DATA, Code.CONSTANT_OBSERVATION, Level.WARN, "y");
    }

    // ---- work -------------------------------------------------------------------------------------------------------

    @Test
    void theSameSeedGivesTheSameDiagnosis() {
        Model model = constrained(new Positive(1, 1));
        assertThat(Models.diagnose(model)).isEqualTo(Models.diagnose(model));
        ModelDoctor.Effort other = ModelDoctor.Effort.standard().withSeed(7);
        assertThat(Models.diagnose(model, other).toString())
                .isEqualTo(Models.diagnose(model, other).toString());
    }

    /** Of 1000 coordinates 24 are looked at, some of every parameter; the work does not grow with the dimension. */
    @Test
    void theWorkIsBounded() {
        LogDensity wide = normalWith(1000, (x, gradient) -> {
            gradient[999] += 1;
            return 0;
        });
        ConstrainedDensity named = ConstrainedDensity.on(wide)
                .parameter("a", Constraints.real(), 999)
                .parameter("b", Constraints.real())
                .build();
        Diagnosis diagnosis = Models.diagnose(named, named.layout());
        requireFinding(diagnosis, Check.GRADIENT, Code.WRONG_GRADIENT, Level.FAIL, "b");
        assertThat(diagnosis.evaluations()).isLessThan(700);
    }

    @Test
    void anEffortOfNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ModelDoctor.Effort(1, 0, 1, 1))
                .withMessageContaining("got 0, 1 and 1");
    }
}
