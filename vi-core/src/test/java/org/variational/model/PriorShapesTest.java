package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.interval;
import static org.variational.distribution.Distributions.beta;
import static org.variational.distribution.Distributions.cauchy;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.gamma;
import static org.variational.distribution.Distributions.gumbel;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.halfStudentT;
import static org.variational.distribution.Distributions.inverseGamma;
import static org.variational.distribution.Distributions.laplace;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.logistic;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.multivariateNormalPrecision;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.pareto;
import static org.variational.distribution.Distributions.skewNormal;
import static org.variational.distribution.Distributions.studentT;
import static org.variational.distribution.Distributions.truncated;
import static org.variational.distribution.Distributions.uniform;
import static org.variational.distribution.Distributions.weibull;

import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.distribution.Distribution;
import org.variational.distribution.Prior;
import org.variational.expression.Expr;

/** A prior for many elements is the product of priors for one, whatever shape they are declared in. */
class PriorShapesTest {

    private static final Expr HALVES = Expr.constant(new double[] {0.5, 0.5});

    static Stream<Prior> elementwise() {
        return Stream.of(
                normal(0, 1),
                normal(0, 1).nonCentered(),
                normal(0, 1).on(interval(0, 1)),
                studentT(4, 0.0, 1.0),
                cauchy(0, 1),
                laplace(0, 1),
                logistic(0, 1),
                gumbel(0, 1),
                skewNormal(0, 1, 2),
                halfNormal(1),
                halfCauchy(1),
                halfStudentT(3, 1),
                exponential(1),
                exponential(1).on(interval(0, 1)),
                gamma(1, 1),
                inverseGamma(1, 1),
                logNormal(0, 1),
                weibull(1, 1),
                pareto(1, 1),
                beta(1, 1),
                beta(2, 3),
                uniform(0, 1),
                uniform(2, 3),
                uniform(-1, 0),
                uniform(0, 2),
                uniform(0, 1).on(interval(0, 1)),
                uniform(0, 1).on(interval(0.2, 0.5)),
                truncated(normal(0, 1), 0, 1),
                truncated(uniform(0, 1), 0.25, 0.75),
                mixture(HALVES, uniform(0, 1), uniform(0, 1)),
                mixture(HALVES, uniform(0, 1), beta(2, 2)),
                flat().on(interval(0, 1)));
    }

    private static double coordinate(int i) {
        return 0.3 + 0.1 * i;
    }

    private static double logDensity(ModelBuilder m, int from) {
        Model model = m.build();
        DMatrixRMaj point = new DMatrixRMaj(model.dimension(), 1);
        for (int i = 0; i < point.data.length; i++) {
            point.data[i] = coordinate(from + i);
        }
        double[] value = new double[1];
        model.density().evaluate(point, value, null);
        return value[0];
    }

    @ParameterizedTest
    @MethodSource("elementwise")
    void aProductOverElements(Prior prior) {
        double[] sums = new double[7];
        for (int i = 0; i < 6; i++) {
            ModelBuilder scalar = Model.named("scalar");
            scalar.parameter("x", prior);
            sums[i + 1] = sums[i] + logDensity(scalar, i);
        }
        for (int[] shape : new int[][] {{1, 1}, {3, 1}, {1, 3}, {2, 3}}) {
            ModelBuilder m = Model.named("matrix");
            m.parameter("x", prior, shape[0], shape[1]);
            assertThat(logDensity(m, 0)).isCloseTo(sums[shape[0] * shape[1]], within(1e-12));
        }
        for (int width : new int[] {1, 3}) {
            ModelBuilder m = Model.named("rows");
            m.rows(2).parameter("x", prior, width);
            assertThat(logDensity(m, 0)).isCloseTo(sums[2 * width], within(1e-12));
        }
        ModelBuilder empty = Model.named("empty");
        empty.parameter("none", prior, 0);
        empty.parameter("z", normal(0, 1));
        ModelBuilder alone = Model.named("alone");
        alone.parameter("z", normal(0, 1));
        assertThat(logDensity(empty, 0)).isEqualTo(logDensity(alone, 0));
    }

    /** A row and a column would broadcast to the matrix of all pairs. */
    @Test
    void jointDistributionsOfRowsAndColumnsAreTheSame() {
        Expr factor = Expr.constant(new double[][] {{1, 0, 0}, {0.5, 1, 0}, {0.2, 0.3, 1}});
        Expr precision = Expr.constant(new double[][] {{2, 0.5, 0}, {0.5, 2, 0}, {0, 0, 1}});
        Expr column = Expr.constant(new double[] {1, 2, 3});
        Expr row = Expr.constant(new double[][] {{1, 2, 3}});
        double[] vector = {0.2, 0.3, 0.5};
        for (Distribution[] same : new Distribution[][] {
            {multivariateNormal(column, factor), multivariateNormal(row, factor)},
            {multivariateNormalPrecision(column, precision), multivariateNormalPrecision(row, precision)},
            {dirichlet(column), dirichlet(row)}
        }) {
            ModelBuilder reference = Model.named("reference");
            reference.parameter("z", normal(0, 1));
            reference.observe("y", same[0], vector);
            double expected = logDensity(reference, 0);
            for (Distribution distribution : same) {
                for (double[][] values : new double[][][] {{vector}, {{0.2}, {0.3}, {0.5}}}) {
                    ModelBuilder m = Model.named("matrix");
                    m.parameter("z", normal(0, 1));
                    m.observe("y", distribution, values);
                    assertThat(logDensity(m, 0)).isCloseTo(expected, within(1e-12));
                }
            }
        }
    }
}
