package org.variational.information;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.information.Information.*;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.Tuple.Tuple3;

/** Identities and inequalities of information theory, which hold for all discrete distributions. */
class InformationProperties {
    private static final double ROUNDING = 1e-12;

    /** Weights of which some are 0 and others differ by orders of magnitude, the first never 0. */
    private static Arbitrary<Discrete> discrete(int outcomes, boolean zeros) {
        Arbitrary<Double> weight = Arbitraries.doubles().between(-8, 0).map(x -> Math.pow(10, x));
        Arbitrary<Double> any = zeros ? Arbitraries.oneOf(weight, weight, Arbitraries.just(0.0)) : weight;
        return any.array(double[].class).ofSize(outcomes).map(weights -> {
            weights[0] = Math.max(weights[0], 1e-3);
            return Discrete.ofWeights(weights);
        });
    }

    @Provide
    Arbitrary<Discrete> single() {
        return Arbitraries.integers().between(1, 7).flatMap(k -> discrete(k, true));
    }

    /** q is positive everywhere, so that D(p || q) is finite. */
    @Provide
    Arbitrary<Tuple2<Discrete, Discrete>> pairs() {
        return Arbitraries.integers().between(1, 7).flatMap(k -> Combinators.combine(
                        discrete(k, true), discrete(k, false))
                .as(Tuple::of));
    }

    private static Arbitrary<JointTable> table(int rows, int columns, boolean zeros) {
        return discrete(rows * columns, zeros)
                .map(cells -> JointTable.ofWeights(IntStream.range(0, rows)
                        .mapToObj(r -> Arrays.copyOfRange(cells.probabilities(), r * columns, (r + 1) * columns))
                        .toArray(double[][]::new)));
    }

    private static Arbitrary<Integer> few() {
        return Arbitraries.integers().between(1, 4);
    }

    @Provide
    Arbitrary<JointTable> tables() {
        return Combinators.combine(few(), few()).flatAs((rows, columns) -> table(rows, columns, true));
    }

    /** Of one shape, the second positive everywhere. */
    @Provide
    Arbitrary<Tuple2<JointTable, JointTable>> tablePairs() {
        return Combinators.combine(few(), few())
                .flatAs((rows, columns) -> Combinators.combine(table(rows, columns, true), table(rows, columns, false))
                        .as(Tuple::of));
    }

    /** A pair of distributions and a channel for both. */
    @Provide
    Arbitrary<Tuple3<Discrete, Discrete, double[][]>> channels() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.integers().between(1, 5))
                .flatAs((inputs, outputs) -> Combinators.combine(
                                discrete(inputs, true),
                                discrete(inputs, false),
                                discrete(outputs, false).list().ofSize(inputs))
                        .as((p, q, rows) -> Tuple.of(
                                p, q, rows.stream().map(Discrete::probabilities).toArray(double[][]::new))));
    }

    private static org.assertj.core.data.Offset<Double> close(double value) {
        return within(ROUNDING * (1 + Math.abs(value)));
    }

    @Property
    void entropyIsBetweenZeroAndThatOfTheUniformDistribution(@ForAll("single") Discrete p) {
        assertThat(entropy(p)).isBetween(-ROUNDING, Math.log(p.outcomes()) + ROUNDING);
        double uniform = klDivergence(p, Discrete.uniform(p.outcomes()));
        assertThat(Math.log(p.outcomes()) - entropy(p)).isCloseTo(uniform, close(uniform));
    }

    @Property
    void crossEntropyIsEntropyPlusKl(@ForAll("pairs") Tuple2<Discrete, Discrete> pair) {
        double sum = entropy(pair.get1()) + klDivergence(pair.get1(), pair.get2());
        assertThat(crossEntropy(pair.get1(), pair.get2())).isCloseTo(sum, close(sum));
    }

    @Property
    void klIsTheMeanLogRatio(@ForAll("pairs") Tuple2<Discrete, Discrete> pair) {
        double sum = 0;
        for (int k = 0; k < pair.get1().outcomes(); k++) {
            double p = pair.get1().probability(k);
            sum += p == 0 ? 0 : p * Math.log(p / pair.get2().probability(k));
        }
        assertThat(klDivergence(pair.get1(), pair.get2())).isCloseTo(sum, close(sum));
    }

    @Property
    void divergencesAreNeverNegativeAndZeroForEqualDistributions(@ForAll("pairs") Tuple2<Discrete, Discrete> pair) {
        Discrete p = pair.get1();
        Discrete q = pair.get2();
        for (double value : new double[] {
            klDivergence(p, q), jensenShannon(p, q), chiSquared(p, q), squaredHellinger(p, q), totalVariation(p, q)
        }) {
            assertThat(value).isNotNegative();
        }
        for (double value : new double[] {
            klDivergence(p, p), jensenShannon(p, p), chiSquared(p, p), squaredHellinger(p, p), totalVariation(p, p)
        }) {
            assertThat(value).isBetween(0.0, ROUNDING);
        }
    }

    @Property
    void zeroDivergenceMeansEqualDistributions(@ForAll("pairs") Tuple2<Discrete, Discrete> pair) {
        double largest = IntStream.range(0, pair.get1().outcomes())
                .mapToDouble(
                        k -> Math.abs(pair.get1().probability(k) - pair.get2().probability(k)))
                .max()
                .orElseThrow();
        assertThat(klDivergence(pair.get1(), pair.get2())).isGreaterThanOrEqualTo(largest * largest / 2 - 1e-15);
    }

    /** Pinsker (1964), Bretagnolle and Huber (1978), and the bounds by the Hellinger distance. */
    @Property
    void totalVariationIsBoundedByTheOthers(@ForAll("pairs") Tuple2<Discrete, Discrete> pair) {
        double tv = totalVariation(pair.get1(), pair.get2());
        double kl = klDivergence(pair.get1(), pair.get2());
        double h2 = squaredHellinger(pair.get1(), pair.get2());
        assertThat(tv).isLessThanOrEqualTo(Math.sqrt(kl / 2) + ROUNDING);
        assertThat(tv).isLessThanOrEqualTo(Math.sqrt(-Math.expm1(-kl)) + 1e-8);
        assertThat(tv).isBetween(h2 - ROUNDING, Math.sqrt(h2 * (2 - h2)) + 1e-8);
        assertThat(kl).isLessThanOrEqualTo(Math.log1p(chiSquared(pair.get1(), pair.get2())) + ROUNDING);
    }

    @Property
    void jensenShannonIsTheMeanDivergenceFromTheMixture(@ForAll("pairs") Tuple2<Discrete, Discrete> pair) {
        Discrete middle = pair.get1().mixedWith(pair.get2(), 0.5);
        double mean = 0.5 * (klDivergence(pair.get1(), middle) + klDivergence(pair.get2(), middle));
        double forward = jensenShannon(pair.get1(), pair.get2());
        assertThat(forward).isCloseTo(mean, close(mean)).isLessThanOrEqualTo(Math.log(2) + ROUNDING);
        assertThat(jensenShannon(pair.get2(), pair.get1())).isCloseTo(forward, close(forward));
    }

    @Property
    void renyiIncreasesWithItsOrderAndMeetsTheOthers(@ForAll("pairs") Tuple2<Discrete, Discrete> pair) {
        Discrete p = pair.get1();
        Discrete q = pair.get2();
        double before = -ROUNDING;
        for (double order : new double[] {0, 0.2, 0.5, 0.999, 1, 1.001, 2, 5, Double.POSITIVE_INFINITY}) {
            double divergence = renyiDivergence(p, q, order);
            assertThat(divergence).isGreaterThanOrEqualTo(before - 1e-9);
            before = divergence;
        }
        double chi = chiSquared(p, q);
        assertThat(Math.expm1(renyiDivergence(p, q, 2))).isCloseTo(chi, close(chi));
        assertThat(-Math.expm1(-0.5 * renyiDivergence(p, q, 0.5))).isCloseTo(squaredHellinger(p, q), within(1e-8));
        double skew = 0.3 / 0.7 * renyiDivergence(q, p, 0.7);
        assertThat(renyiDivergence(p, q, 0.3)).isCloseTo(skew, close(skew));
    }

    @Property
    void mutualInformationIsTheDivergenceFromIndependenceAndObeysTheChainRule(@ForAll("tables") JointTable joint) {
        double information = mutualInformation(joint);
        Discrete x = joint.rowMarginal();
        Discrete y = joint.columnMarginal();
        double entropies = entropy(x) + entropy(y) - entropy(joint.cells());
        assertThat(information).isNotNegative().isCloseTo(entropies, close(1));
        assertThat(entropy(joint.cells())).isCloseTo(entropy(x) + conditionalEntropy(joint), close(1));
        assertThat(information).isCloseTo(entropy(y) - conditionalEntropy(joint), close(1));
        assertThat(information).isLessThanOrEqualTo(Math.min(entropy(x), entropy(y)) + ROUNDING);
        assertThat(mutualInformation(joint.independent())).isBetween(0.0, ROUNDING);
    }

    /** D(p(x, y) || q(x, y)) = D(p(x) || q(x)) + E_p(x) D(p(y | x) || q(y | x)). */
    @Property
    void klObeysTheChainRule(@ForAll("tablePairs") Tuple2<JointTable, JointTable> pair) {
        JointTable p = pair.get1();
        JointTable q = pair.get2();
        Discrete x = p.rowMarginal();
        double sum = klDivergence(x, q.rowMarginal());
        for (int row = 0; row < p.rows(); row++) {
            if (x.probability(row) > 0) {
                sum += x.probability(row) * klDivergence(p.columnsGivenRow(row), q.columnsGivenRow(row));
            }
        }
        assertThat(klDivergence(p.cells(), q.cells())).isCloseTo(sum, close(sum));
    }

    @Property
    void processingDataLosesInformation(@ForAll("channels") Tuple3<Discrete, Discrete, double[][]> of) {
        Discrete p = of.get1();
        Discrete q = of.get2();
        Discrete pOut = p.through(of.get3());
        Discrete qOut = q.through(of.get3());
        assertThat(klDivergence(pOut, qOut)).isLessThanOrEqualTo(klDivergence(p, q) * (1 + 1e-9) + ROUNDING);
        assertThat(klDivergence(qOut, pOut)).isLessThanOrEqualTo(klDivergence(q, p) * (1 + 1e-9) + ROUNDING);
        assertThat(jensenShannon(pOut, qOut)).isLessThanOrEqualTo(jensenShannon(p, q) + ROUNDING);
        assertThat(chiSquared(pOut, qOut)).isLessThanOrEqualTo(chiSquared(p, q) * (1 + 1e-9) + ROUNDING);
        assertThat(squaredHellinger(pOut, qOut)).isLessThanOrEqualTo(squaredHellinger(p, q) + ROUNDING);
        assertThat(totalVariation(pOut, qOut)).isLessThanOrEqualTo(totalVariation(p, q) + ROUNDING);
    }

    /** The table of X and the output of a channel fed with Y says no more about X than Y did. */
    @Property
    void processingDataLosesMutualInformation(@ForAll("tables") JointTable joint) {
        double[][] merged = new double[joint.rows()][Math.max(1, joint.columns() - 1)];
        for (int cell = 0; cell < joint.rows() * joint.columns(); cell++) {
            int column = Math.min(cell % joint.columns(), merged[0].length - 1);
            merged[cell / joint.columns()][column] += joint.cells().probability(cell);
        }
        assertThat(mutualInformation(JointTable.of(merged))).isLessThanOrEqualTo(mutualInformation(joint) + ROUNDING);
    }
}
