package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.Interactions;
import org.variational.density.Matrices;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;

/** What a nested Gaussian is at its nodes, between them and beyond; the rest is in the contract of all families. */
class NestedGaussianTest {

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    /** Two inner coordinates that act together. */
    private static final FactorPattern PAIR = Objects.requireNonNull(
            FactorPattern.of(Interactions.of(2, List.of(new int[] {0, 1})).related(), new int[0], 3));

    private static NestedGaussian.Nodes nodes(int[] outer, double... at) {
        double[][] points = new double[at.length][];
        Arrays.setAll(points, n -> new double[] {at[n]});
        return new NestedGaussian.Nodes(MeanFieldGaussian.of(1), outer, points, new double[][] {{2}});
    }

    /** The outer coordinate is the second of three; means and factors are what is asked for at each node. */
    private static VariationalDistribution member(NestedGaussian family, double[][] means, double[][] factors) {
        double[] parameters = new double[family.parameterCount()];
        parameters[0] = 0.5;
        int at = 2;
        for (int n = 0; n < means.length; n++) {
            double[] node = family.nodeParameters(means[n], factors[n], new double[2], new double[2]);
            System.arraycopy(node, 0, parameters, at, node.length);
            at += node.length;
        }
        return family.member(parameters);
    }

    private static double logDensity(VariationalDistribution q, double... point) {
        double[] value = new double[1];
        q.logDensity(new DMatrixRMaj(point.length, 1, true, point), value);
        return value[0];
    }

    @Test
    void atANodeTheInsideIsItsGaussian() {
        NestedGaussian family = NestedGaussian.of(nodes(new int[] {1}, -1, 0.5, 2), PAIR);
        double[][] means = {{1, 2}, {-1, 0}, {4, 4}};
        double[][] factors = {{2, 0.5, 1}, {1, -1, 3}, {0.5, 0.2, 0.1}};
        VariationalDistribution q = member(family, means, factors);
        for (int n = 0; n < 3; n++) {
            double[] factor = factors[n];
            double x = 0.3 - means[n][PAIR.node(0)];
            double y = -0.7 - means[n][PAIR.node(1)];
            double first = factor[0] * x + factor[1] * y;
            double second = factor[2] * y;
            double t = family.nodes().points()[n][0];
            double[] point = {0, t, 0};
            point[2 * PAIR.node(0)] = 0.3;
            point[2 * PAIR.node(1)] = -0.7;
            double expected = -0.5 * (t - 0.5) * (t - 0.5)
                    + Math.log(factor[0] * factor[2])
                    - 0.5 * (first * first + second * second)
                    - 1.5 * LOG_TWO_PI;
            assertThat(logDensity(q, point)).isCloseTo(expected, within(1e-10 * (1 + Math.abs(expected))));
        }
    }

    /** Beyond the outermost nodes only the density of the outer coordinate changes. */
    @Test
    void beyondTheNodesTheInsideStaysAsItIs() {
        NestedGaussian family = NestedGaussian.of(nodes(new int[] {1}, -1, 0.5, 2), PAIR);
        VariationalDistribution q = member(
                family, new double[][] {{1, 2}, {-1, 0}, {4, 4}}, new double[][] {{2, 1, 1}, {1, 1, 3}, {1, 2, 5}});
        double atEdge = logDensity(q, 3, 2, 5) + 0.5 * 1.5 * 1.5;
        double beyond = logDensity(q, 3, 50, 5) + 0.5 * 49.5 * 49.5;
        assertThat(beyond).isCloseTo(atEdge, within(1e-10 * 0.5 * 49.5 * 49.5));
        DMatrixRMaj slope = new DMatrixRMaj(3, 1);
        q.pointScore(new DMatrixRMaj(3, 1, true, 3, 50, 5), slope);
        assertThat(slope.get(1)).isEqualTo(-49.5);
    }

    /** Where nothing depends on the outer coordinate, the average over it is exact. */
    @Test
    void momentsOfIndependentPartsAreExact() {
        NestedGaussian family = NestedGaussian.of(nodes(new int[] {1}, -1, 0.5, 2, 3), PAIR);
        double[][] means = new double[4][];
        double[][] factors = new double[4][];
        Arrays.fill(means, new double[] {3, -2});
        // L' = {{2, 1}, {0, 4}}: the covariance is the inverse of L L' = {{4, 2}, {2, 17}}
        Arrays.fill(factors, new double[] {2, 1, 4});
        VariationalDistribution q = member(family, means, factors);
        double[] variances = {17.0 / 64, 4.0 / 64};
        assertThat(q.mean()).containsExactly(new double[] {3, 0.5, -2}, within(1e-12));
        double[] sd = q.standardDeviation();
        assertThat(sd[1]).isEqualTo(1);
        assertThat(sd[2 * PAIR.node(0)]).isCloseTo(Math.sqrt(variances[0]), within(1e-12));
        assertThat(sd[2 * PAIR.node(1)]).isCloseTo(Math.sqrt(variances[1]), within(1e-12));
    }

    /** More lanes than are interpolated at once. */
    @Test
    void manyLanesEqualSinglePoints() {
        NestedGaussian family = NestedGaussian.of(nodes(new int[] {1}, -1, 0.5, 2), PAIR);
        VariationalDistribution q = member(
                family, new double[][] {{1, 2}, {-1, 0}, {4, 4}}, new double[][] {{2, 1, 1}, {1, 1, 3}, {1, 2, 5}});
        int lanes = 150;
        DMatrixRMaj noise = new DMatrixRMaj(3, lanes);
        DrawScheme.independent().draws(3, RandomStreams.of(5)).fill(0, noise);
        DMatrixRMaj points = new DMatrixRMaj(3, lanes);
        q.sample(noise, points);
        double[] logs = new double[lanes];
        q.logDensity(points, logs);
        VariationalDistribution fresh = family.member(q.parameters());
        for (int s = 0; s < lanes; s += 7) {
            DMatrixRMaj point = new DMatrixRMaj(3, 1);
            fresh.sample(new DMatrixRMaj(3, 1, true, Matrices.column(noise, s)), point);
            assertThat(point.data).isEqualTo(Matrices.column(points, s));
            assertThat(logDensity(fresh, point.data)).isEqualTo(logs[s]);
        }
    }

    /** Draws that share their outer coordinate, so that what was interpolated is used again. */
    @Test
    void partsSumToTheLogDensity() {
        NestedGaussian family = NestedGaussian.of(nodes(new int[] {1}, -1, 0.5, 2), PAIR);
        NestedGaussian.Member q = (NestedGaussian.Member) member(
                family, new double[][] {{1, 2}, {-1, 0}, {4, 4}}, new double[][] {{2, 1, 1}, {1, 1, 3}, {1, 2, 5}});
        int lanes = 6;
        DMatrixRMaj noise = new DMatrixRMaj(3, lanes);
        DrawScheme.independent().draws(3, RandomStreams.of(5)).fill(0, noise);
        Arrays.fill(noise.data, 0, lanes, 0.3);
        DMatrixRMaj points = new DMatrixRMaj(3, lanes);
        q.sample(noise, points);
        int first = PAIR.node(0) == 0 ? 0 : 2;
        int[] setOf = {-1, -1, -1};
        setOf[first] = 0;
        DMatrixRMaj parts = new DMatrixRMaj(2, lanes);
        q.logDensityParts(points, setOf, parts);
        VariationalDistribution fresh = family.member(q.parameters());
        for (int s = 0; s < lanes; s++) {
            double whole = logDensity(fresh, Matrices.column(points, s));
            assertThat(parts.get(0, s) + parts.get(1, s)).isCloseTo(whole, within(1e-13 * Math.abs(whole)));
        }
        // what comes first in the order of elimination is in the part of its own alone
        DMatrixRMaj moved = points.copy();
        moved.add(first, 0, 0.5);
        DMatrixRMaj after = new DMatrixRMaj(2, lanes);
        q.logDensityParts(moved, setOf, after);
        assertThat(after.get(1, 0)).isEqualTo(parts.get(1, 0));
        assertThat(after.get(0, 0)).isNotEqualTo(parts.get(0, 0));
    }

    @Test
    void partsNeedTheirSets() {
        NestedGaussian.Member q = (NestedGaussian.Member) member(
                NestedGaussian.of(nodes(new int[] {1}, 0.5), PAIR), new double[][] {{1, 2}}, new double[][] {{2, 1, 1}
                });
        DMatrixRMaj points = new DMatrixRMaj(3, 1);
        DMatrixRMaj parts = new DMatrixRMaj(2, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> q.logDensityParts(points, new int[2], parts))
                .withMessage("each of 3 coordinates needs the number of its set, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> q.logDensityParts(points, new int[] {0, -1, 1}, parts))
                .withMessage("there are 1 sets, but a coordinate is in set 1, counted from 0");
    }

    @Test
    void nodesAreCopies() {
        int[] outer = {1};
        double[][] points = {{-1}, {0}, {1}};
        double[][] whitening = {{1}};
        NestedGaussian.Nodes nodes = new NestedGaussian.Nodes(MeanFieldGaussian.of(1), outer, points, whitening);
        NestedGaussian family = NestedGaussian.of(nodes, PAIR);
        FamilyShape shape = FamilyShape.of(family);
        outer[0] = 2;
        points[1][0] = 0.7;
        whitening[0][0] = 3;
        family.nodes().outer()[0] = 0;
        family.nodes().points()[0][0] = 9;
        family.nodes().whitening()[0][0] = 9;
        assertThat(FamilyShape.of(family)).isEqualTo(shape);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        for (int[] outer : new int[][] {{-1}, {3}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NestedGaussian.of(nodes(outer, 0, 1, 2), PAIR))
                    .withMessageContaining("lie from 0 to 2")
                    .withMessageContaining(Arrays.toString(outer));
        }
        double[][] places = {{0, 0}, {1, 0}, {0, 1}};
        double[][] identity = {{1, 0}, {0, 1}};
        for (int[] outer : new int[][] {{2, 0}, {1, 1}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NestedGaussian.of(
                            new NestedGaussian.Nodes(FullRankGaussian.of(2), outer, places, identity), PAIR))
                    .withMessageContaining("must be distinct, rise");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> nodes(new int[] {1}))
                .withMessageContaining("there is at least one")
                .withMessageContaining("0 nodes");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new NestedGaussian.Nodes(FullRankGaussian.of(2), new int[] {0}, places, new double[][] {{1}}))
                .withMessageContaining("dimensions (2)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NestedGaussian.of(nodes(new int[] {1}, 0, 1, 1), PAIR))
                .withMessageContaining("distinct");
    }

    /** What is read from a file need not be a shape. */
    @Test
    void shapesOfNothingAreRefused() {
        FamilyShape shape = FamilyShape.of(NestedGaussian.of(nodes(new int[] {1}, -1, 0.5, 2), PAIR));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FamilyShape(shape.kind(), 3, shape.settings(), List.of()).family())
                .withMessageContaining("has one part, the family of its outer coordinates, but this one has 0");
        for (int cut = 0; cut < shape.settings().size(); cut++) {
            FamilyShape shorter =
                    new FamilyShape(shape.kind(), 3, shape.settings().subList(0, cut), shape.parts());
            assertThatIllegalArgumentException().as("cut to " + cut).isThrownBy(shorter::family);
        }
        for (int setting : new int[] {0, 1}) {
            for (double bad : new double[] {-1, 0, 0.5, 1e9, Double.NaN}) {
                List<Double> settings = new ArrayList<>(shape.settings());
                settings.set(setting, bad);
                FamilyShape other = new FamilyShape(shape.kind(), 3, settings, shape.parts());
                assertThatIllegalArgumentException()
                        .as("setting " + setting + " is " + bad)
                        .isThrownBy(other::family)
                        .withMessageContaining("setting " + setting);
            }
        }
        for (int dimension : new int[] {0, 2, 4}) {
            FamilyShape other = new FamilyShape(shape.kind(), dimension, shape.settings(), shape.parts());
            assertThatIllegalArgumentException().as("D = " + dimension).isThrownBy(other::family);
        }
    }
}
