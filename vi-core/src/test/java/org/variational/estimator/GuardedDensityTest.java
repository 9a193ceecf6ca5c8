package org.variational.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.CountedDensity;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;

/**
 * What a user's density may do wrong, and what is to come out. The density is {@code -(x^2 + y^2) / 2} but for its
 * fault.
 */
class GuardedDensityTest {
    private static final CoordinateSplit SPLIT = CoordinateSplit.of(named("mu", "tau"));
    private static final DMatrixRMaj POINTS = new DMatrixRMaj(new double[][] {{0, 1, 2, 3}, {0.5, -0.5, 1, -1}});

    /** What a faulty density does to one batch after it has been evaluated rightly. */
    @FunctionalInterface
    private interface Fault {
        void apply(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient);
    }

    static ParameterLayout named(String... names) {
        return new ParameterLayout() {
            @Override
            public int dimension() {
                return names.length;
            }

            @Override
            public List<String> coordinateNames() {
                return List.of(names);
            }

            @Override
            public List<Block> blocks() {
                return List.of(new Block("all", 0, names.length, Role.INFERRED, false));
            }

            @Override
            public List<Quantity> quantities() {
                return List.of();
            }

            @Override
            public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private static LogDensity faulty(Fault fault) {
        return new LogDensity() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                for (int s = 0; s < points.numCols; s++) {
                    double x = points.get(0, s);
                    double y = points.get(1, s);
                    logDensity[s] = -(x * x + y * y) / 2;
                    if (gradient != null) {
                        gradient.set(0, s, -x);
                        gradient.set(1, s, -y);
                    }
                }
                fault.apply(points, logDensity, gradient);
            }
        };
    }

    private final double[] values = new double[4];
    private final DMatrixRMaj gradient = new DMatrixRMaj(0, 0);

    private GuardedDensity evaluate(Fault fault) {
        GuardedDensity guarded = new GuardedDensity(faulty(fault), SPLIT);
        guarded.evaluate(POINTS, values, gradient);
        for (double entry : gradient.data) {
            assertThat(entry).isFinite();
        }
        return guarded;
    }

    @Test
    void aGoodDensityPassesThrough() {
        GuardedDensity guarded = evaluate((points, logDensity, g) -> {});
        assertThat(values).containsExactly(-0.125, -0.625, -2.5, -5);
        assertThat(gradient.get(1, 3)).isEqualTo(1);
        assertThat(guarded.rejected()).isZero();
        assertThat(guarded.evaluations()).isEqualTo(4);
        assertThat(guarded.firstRejection()).isNull();
    }

    @Test
    void nanAndPlusInfinityAreRejectedAndMinusInfinityIsUnsupported() {
        GuardedDensity guarded = evaluate((points, logDensity, g) -> {
            logDensity[1] = Double.NaN;
            logDensity[2] = Double.POSITIVE_INFINITY;
            logDensity[3] = Double.NEGATIVE_INFINITY;
            g.set(0, 3, Double.NaN);
        });
        assertThat(guarded.rejected()).isEqualTo(2);
        assertThat(guarded.unsupported()).isEqualTo(1);
        assertThat(values).containsExactly(-0.125, Double.NaN, Double.NaN, Double.NEGATIVE_INFINITY);
        assertThat(guarded.firstRejection().description()).isEqualTo("log density is NaN at draw 1");
        assertThat(guarded.firstRejection().point()).containsExactly(1, -0.5);
        assertThat(guarded.firstRejection().cause()).isNull();
    }

    @Test
    void aBadGradientWithAGoodValueIsRejectedByName() {
        GuardedDensity nan = evaluate((points, logDensity, g) -> g.set(1, 2, Double.NaN));
        assertThat(nan.rejected()).isEqualTo(1);
        assertThat(values[2]).isNaN();
        assertThat(nan.firstRejection().description()).isEqualTo("gradient row 1 (\"tau\") is NaN at draw 2");

        GuardedDensity infinite = evaluate((points, logDensity, g) -> {
            g.set(0, 0, Double.NEGATIVE_INFINITY);
            g.set(1, 0, Double.NaN);
        });
        assertThat(infinite.rejected()).isEqualTo(1);
        assertThat(infinite.firstRejection().description()).isEqualTo("gradient row 0 (\"mu\") is -Infinity at draw 0");
    }

    @Test
    void anEntryThatIsLeftUnsetIsFound() {
        LogDensity lazy = new LogDensity() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj g) {
                Arrays.fill(logDensity, 0, points.numCols, 0);
            }
        };
        GuardedDensity guarded = new GuardedDensity(lazy, SPLIT);
        guarded.evaluate(POINTS, values, gradient);
        assertThat(guarded.rejected()).isEqualTo(4);
        assertThat(guarded.firstRejection().description()).contains("gradient row 0 (\"mu\") is NaN");
    }

    @Test
    void anExceptionRejectsOnlyTheLanesThatThrow() {
        GuardedDensity guarded = evaluate((points, logDensity, g) -> {
            for (int s = 0; s < points.numCols; s++) {
                if (points.get(0, s) == 2) {
                    throw new IllegalStateException("not positive definite");
                }
            }
        });
        assertThat(guarded.rejected()).isEqualTo(1);
        assertThat(values[2]).isNaN();
        assertThat(values[3]).isEqualTo(-5);
        assertThat(gradient.get(0, 3)).isEqualTo(-3);
        assertThat(guarded.evaluations()).isEqualTo(8);
        Rejection rejection = guarded.firstRejection();
        assertThat(rejection.cause()).isInstanceOf(IllegalStateException.class).hasMessage("not positive definite");
        assertThat(rejection.description()).contains("not positive definite", "draw 2");
        assertThat(rejection.point()).containsExactly(2, 1);
    }

    @Test
    void errorsAreNeverSwallowed() {
        assertThatThrownBy(() -> evaluate((points, logDensity, g) -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> evaluate((points, logDensity, g) -> {
                    throw new LinkageError("native library");
                }))
                .isInstanceOf(LinkageError.class);
    }

    @Test
    void aDensityThatChangesItsPointsHarmsNobody() {
        DMatrixRMaj before = POINTS.copy();
        evaluate((points, logDensity, g) -> points.fill(1e9));
        assertThat(POINTS.data).containsExactly(before.data);
        assertThat(values).containsExactly(-0.125, -0.625, -2.5, -5);
    }

    @Test
    void arraysThatAreKeptAndChangedLaterHaveNoEffect() {
        DMatrixRMaj[] kept = new DMatrixRMaj[2];
        double[][] keptValues = new double[1][];
        GuardedDensity guarded = evaluate((points, logDensity, g) -> {
            kept[0] = points;
            kept[1] = g;
            keptValues[0] = logDensity;
        });
        kept[0].fill(Double.NaN);
        kept[1].fill(Double.NaN);
        Arrays.fill(keptValues[0], Double.NaN);
        assertThat(values).containsExactly(-0.125, -0.625, -2.5, -5);
        assertThat(gradient.get(0, 2)).isEqualTo(-2);
        double[] again = new double[4];
        guarded.evaluate(POINTS, again, gradient);
        assertThat(again).containsExactly(values);
    }

    @Test
    void aReshapedGradientIsRejectedWithBothShapes() {
        GuardedDensity guarded = evaluate((points, logDensity, g) -> g.reshape(1, 1));
        assertThat(guarded.rejected()).isEqualTo(4);
        assertThat(guarded.firstRejection().description()).contains("1 x 1", "expected 2 x 1");
    }

    @Test
    void aGradientWhoseArrayIsReplacedIsRejected() {
        GuardedDensity guarded = evaluate((points, logDensity, g) -> g.data = new double[1]);
        assertThat(guarded.rejected()).isEqualTo(4);
        assertThat(guarded.firstRejection().description()).contains("array of 1 numbers", "do not replace");
    }

    /** The density throws once and not again: the values are those of the repetition, and the exception counts. */
    @Test
    void anExceptionCountsAlsoIfARepetitionSucceeds() {
        boolean[] thrown = new boolean[1];
        CountedDensity counted = CountedDensity.of(faulty((points, logDensity, g) -> {
            if (!thrown[0]) {
                thrown[0] = true;
                throw new IllegalStateException("once");
            }
            logDensity[0] = points.get(0, 0) == 1 ? Double.NaN : logDensity[0];
        }));
        GuardedDensity guarded = new GuardedDensity(counted, SPLIT);
        guarded.evaluate(POINTS, values, gradient);
        assertThat(values).containsExactly(-0.125, Double.NaN, -2.5, -5);
        assertThat(guarded.rejected()).isEqualTo(1);
        assertThat(counted.exceptions()).isEqualTo(1);
        assertThat(counted.rejectedEvaluations()).isEqualTo(2);
        assertThat(counted.firstException()).hasMessage("once");
    }

    @Test
    void theNumberOfLanesMayChangeFromCallToCall() {
        GuardedDensity guarded = new GuardedDensity(faulty((points, logDensity, g) -> {}), SPLIT);
        guarded.evaluate(POINTS, values, null);
        double[] one = new double[1];
        guarded.evaluate(new DMatrixRMaj(new double[][] {{2}, {1}}), one, gradient);
        assertThat(one).containsExactly(-2.5);
        assertThat(gradient.getNumElements()).isEqualTo(2);
        double[] many = new double[100];
        guarded.evaluate(new DMatrixRMaj(2, 100), many, gradient);
        for (double value : many) {
            assertThat(value).isZero();
        }
    }

    @Test
    void anotherLayoutsDimensionIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GuardedDensity(
                        faulty((points, logDensity, g) -> {}), CoordinateSplit.of(ParameterLayout.unnamed(3))))
                .withMessageContaining("2 coordinates, its layout 3");
    }
}
