package org.variational.algorithm.nested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.density.Adjacency;
import org.variational.density.LogDensityParts;
import org.variational.diagnostic.Verdict;
import org.variational.expression.Expr;
import org.variational.family.FullRankGaussian;
import org.variational.family.NestedGaussian;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;

/** Draws whose blocks are chosen, on densities of which the integral is known. */
class BlockDrawsTest {

    private static final int BLOCKS = 40;

    /** Integral, mean and standard deviation of {@code exp(x - x^4 / 4)}, which is skewed and has light tails. */
    private static final double[] QUARTIC = quartic();

    private static double[] quartic() {
        double[] sums = new double[3];
        // beyond, the density is below 1e-100
        for (double x = -6; x < 6; x += 0.001) {
            double density = 0.001 * Math.exp(x - x * x * x * x / 4);
            sums[0] += density;
            sums[1] += density * x;
            sums[2] += density * x * x;
        }
        double mean = sums[1] / sums[0];
        return new double[] {sums[0], mean, Math.sqrt(sums[2] / sums[0] - mean * mean)};
    }

    private static final DoubleUnaryOperator LOG_QUARTIC = b -> b - b * b * b * b / 4;

    /** One outer coordinate v, N(0, 1), and blocks that are distributed like this around it. */
    private static final LogDensityParts QUARTICS = parts(j -> LOG_QUARTIC);

    private static LogDensityParts parts(IntFunction<DoubleUnaryOperator> logDensityOf) {
        return new LogDensityParts() {
            @Override
            public int count() {
                return BLOCKS;
            }

            @Override
            public void evaluate(DMatrixRMaj points, DMatrixRMaj parts) {
                int lanes = points.numCols;
                parts.reshape(BLOCKS + 1, lanes);
                for (int s = 0; s < lanes; s++) {
                    double v = points.get(0, s);
                    for (int j = 0; j < BLOCKS; j++) {
                        parts.set(j, s, logDensityOf.apply(j).applyAsDouble(points.get(1 + j, s) - v));
                    }
                    parts.set(BLOCKS, s, -0.5 * v * v - 0.5 * Math.log(2 * Math.PI));
                }
            }
        };
    }

    /** Gaussians with the means and standard deviations of the blocks, and N(0, 1.2^2) outside. */
    private static NestedGaussian.Member proposal() {
        FactorPattern pattern =
                Objects.requireNonNull(FactorPattern.of(new Adjacency.Builder(BLOCKS).build(), new int[0], 1000));
        FullRankGaussian outer = FullRankGaussian.of(1);
        NestedGaussian family = NestedGaussian.of(
                new NestedGaussian.Nodes(outer, new int[] {0}, new double[][] {{-6}, {0}, {6}}, new double[][] {{1}}),
                pattern);
        double[] parameters = new double[family.parameterCount()];
        double[] outside = outer.parametersOf(new double[1], new DMatrixRMaj(1, 1, true, 1.44));
        System.arraycopy(outside, 0, parameters, 0, outside.length);
        int at = outside.length;
        for (double v : new double[] {-6, 0, 6}) {
            double[] mean = new double[BLOCKS];
            double[] factor = new double[BLOCKS];
            Arrays.fill(mean, QUARTIC[1] + v);
            Arrays.fill(factor, 1 / QUARTIC[2]);
            double[] node = family.nodeParameters(mean, factor, new double[BLOCKS], new double[BLOCKS]);
            System.arraycopy(node, 0, parameters, at, node.length);
            at += node.length;
        }
        return family.member(parameters);
    }

    /** The mean weight is the integral, and weighted means are means: four standard errors, false alarms 6e-5 each. */
    @Test
    void weightsAreExact() {
        int[] setOf = setOf();
        BlockDraws draws = new BlockDraws(proposal(), QUARTICS, setOf, 64);
        int lanes = 64;
        int batches = 40;
        DMatrixRMaj points = new DMatrixRMaj(1 + BLOCKS, lanes);
        DMatrixRMaj parts = new DMatrixRMaj(1, 1);
        double[] logProposal = new double[lanes];
        double logIntegral = BLOCKS * Math.log(QUARTIC[0]);
        double sum = 0;
        double squares = 0;
        double ofMean = 0;
        double squaresOfMean = 0;
        double mean = QUARTIC[1];
        for (int batch = 0; batch < batches; batch++) {
            draws.draw(RandomStreams.of(3), batch, points, logProposal);
            QUARTICS.evaluate(points, parts);
            for (int s = 0; s < lanes; s++) {
                double logDensity = 0;
                double average = 0;
                for (int j = 0; j <= BLOCKS; j++) {
                    logDensity += parts.get(j, s);
                    average += j < BLOCKS ? points.get(1 + j, s) / BLOCKS : 0;
                }
                double weight = Math.exp(logDensity - logProposal[s] - logIntegral);
                sum += weight;
                squares += weight * weight;
                double term = weight * (average - mean);
                ofMean += term;
                squaresOfMean += term * term;
            }
        }
        int n = lanes * batches;
        double error = Math.sqrt(squares / n - sum / n * sum / n) / Math.sqrt(n);
        assertThat(sum / n).isCloseTo(1, within(4 * error));
        assertThat(error).isLessThan(0.05);
        assertThat(ofMean / n).isCloseTo(0, within(4 * Math.sqrt(squaresOfMean) / n));
        assertThat(draws.evaluations()).isEqualTo(64L * n);
    }

    /**
     * Weights of blocks with lighter tails than their proposals are bounded, and those of one block in forty with the
     * tails of a Cauchy distribution have no mean: it is seen, and named.
     */
    @Test
    void oneBlockWithHeavyTailsIsSeen() {
        int heavy = 7;
        LogDensityParts mixed = parts(j -> j == heavy ? b -> -Math.log1p(b * b) : LOG_QUARTIC);
        BlockDraws light = drawn(QUARTICS);
        BlockDraws withHeavy = drawn(mixed);
        assertThat(light.kHatOfBlocks()).isLessThan(0.5);
        assertThat(withHeavy.kHatOfBlocks()).isGreaterThan(0.7);
        assertThat(withHeavy.hardest()).isEqualTo(heavy);
        assertThat(withHeavy.worth(heavy)).isLessThan(light.worth(light.hardest()));
    }

    private static BlockDraws drawn(LogDensityParts target) {
        BlockDraws draws = new BlockDraws(proposal(), target, setOf(), 16);
        DMatrixRMaj points = new DMatrixRMaj(1 + BLOCKS, 64);
        for (int batch = 0; batch < 30; batch++) {
            draws.draw(RandomStreams.of(3), batch, points, new double[64]);
        }
        return draws;
    }

    /** By coordinate its block. */
    private static int[] setOf() {
        int[] setOf = new int[1 + BLOCKS];
        Arrays.setAll(setOf, i -> i - 1);
        return setOf;
    }

    @Test
    void aBatchIsTheSameWheneverItIsAskedFor() {
        int[] setOf = setOf();
        DMatrixRMaj first = new DMatrixRMaj(1 + BLOCKS, 8);
        DMatrixRMaj again = new DMatrixRMaj(1 + BLOCKS, 8);
        double[] logs = new double[8];
        BlockDraws draws = new BlockDraws(proposal(), QUARTICS, setOf, 16);
        draws.draw(RandomStreams.of(3), 2, first, logs);
        draws.draw(RandomStreams.of(3), 1, again, logs);
        assertThat(again.data).isNotEqualTo(first.data);
        draws.draw(RandomStreams.of(3), 2, again, logs);
        assertThat(again.data).containsExactly(first.data);
    }

    /**
     * Two answers of each of 150 groups that differ widely: far from Gaussian inside. The truth is by quadrature over
     * mean, scale and effects; means of draws worth 1,600 have a standard error of 0.025 standard deviations, and four
     * of them are allowed.
     */
    @Test
    void groupsOfTwoAnswers() {
        int groups = 150;
        int[] group = new int[2 * groups];
        int[] y = new int[group.length];
        int[] counts = {45, 30, 75};
        for (int j = 0, next = 0; j < groups; j++) {
            int successes = j < counts[0] ? 0 : j < counts[0] + counts[1] ? 1 : 2;
            for (int k = 0; k < 2; k++, next++) {
                group[next] = j;
                y[next] = k < successes ? 1 : 0;
            }
        }
        ModelBuilder m = Model.named("two answers");
        Expr mu = m.parameter("mu", normal(0, 2));
        Expr tau = m.parameter("tau", halfNormal(2));
        Expr effect = m.parameter("effect", normal(mu, tau), groups);
        Rows rows = m.rows(y.length);
        rows.observe("y", bernoulliLogit(effect.at(rows.index("group", group))), y);
        Fit fit = VariationalInference.of(m.build()).seed(4).run();
        double[] truth = truth(counts);
        assertThat(fit.verdict().level()).isNotEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(fit.summary("mu").rows().get(0).mean()).isCloseTo(truth[0], within(0.1 * truth[1]));
        assertThat(fit.summary("tau").rows().get(0).mean()).isCloseTo(truth[2], within(0.1 * truth[3]));
        // a standard deviation from as many draws has a relative error of 0.018
        assertThat(fit.summary("tau").rows().get(0).sd()).isCloseTo(truth[3], within(0.072 * truth[3]));
    }

    /** Means and standard deviations of mu and tau, by sums over fine grids. */
    private static double[] truth(int[] counts) {
        double[] sums = new double[5];
        for (double mu = -1.5; mu < 3; mu += 0.1) {
            for (double tau = 0.05; tau < 9; tau += 0.1) {
                double log = -mu * mu / 8 - tau * tau / 8;
                for (int successes = 0; successes < 3; successes++) {
                    double integral = 0;
                    for (double z = -6; z <= 6; z += 0.2) {
                        double p = 1 / (1 + Math.exp(-mu - tau * z));
                        integral += Math.exp(-z * z / 2) * Math.pow(p, successes) * Math.pow(1 - p, 2 - successes);
                    }
                    log += counts[successes] * Math.log(integral);
                }
                double weight = Math.exp(log - truthScale(counts));
                sums[0] += weight;
                sums[1] += weight * mu;
                sums[2] += weight * mu * mu;
                sums[3] += weight * tau;
                sums[4] += weight * tau * tau;
            }
        }
        double mean = sums[1] / sums[0];
        double meanOfScale = sums[3] / sums[0];
        return new double[] {
            mean, Math.sqrt(sums[2] / sums[0] - mean * mean),
            meanOfScale, Math.sqrt(sums[4] / sums[0] - meanOfScale * meanOfScale)
        };
    }

    /** About the largest logarithm, so that weights neither overflow nor vanish. */
    private static double truthScale(int[] counts) {
        return (counts[0] + counts[2]) * Math.log(10) + counts[1] * Math.log(3);
    }
}
