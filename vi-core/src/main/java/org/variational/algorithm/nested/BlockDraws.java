package org.variational.algorithm.nested;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.algorithm.Algorithm;
import org.variational.density.LogDensityParts;
import org.variational.family.NestedGaussian;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;
import org.variational.structure.Structure;

/**
 * Draws from a nested Gaussian of which each block is chosen among K.
 *
 * <p>Given v, the outer coordinates and separators, blocks are independent: {@code log p = c(v) + sum over j of f_j(v,
 * b_j)}, and the nested Gaussian has the same form. For one v, K values of every block are proposed at once; their
 * weights {@code w_jk = exp f_j / q_j} choose one of them, block by block, and their means estimate what the blocks
 * integrate to, so that the draw has the weight
 * <pre>{@code
 *   W = exp c(v) / q(v) * product over j of (sum over k of w_jk / K)
 * }</pre>
 * Draws with these weights are draws from p, whatever K: on the space of all proposals and choices, W is the exact
 * importance weight (Andrieu and Roberts 2009, doi 10.1214/07-AOS574, of which this is the importance-sampling
 * form). Its logarithm varies by the sum of the squared coefficients of variation of the {@code w_jk} over K, where the
 * weight of a draw whose blocks were not chosen varies by the sum itself.
 *
 * <p>For one thread.
 */
final class BlockDraws implements Algorithm.WeightedDraws {

    /**
     * What draws say.
     *
     * @param outer by draw, its outer coordinates
     * @param logWeights log W by draw
     */
    record Weighed(double[][] outer, double[] logWeights) {}

    private final NestedGaussian.Member q;
    private final LogDensityParts target;
    private final int[] setOf;
    private final int proposals;
    /** By row of the noise, whether it moves what is in no block. */
    private final boolean[] common;

    private final DMatrixRMaj noise;
    private final DMatrixRMaj proposed;
    private final DMatrixRMaj byTarget = new DMatrixRMaj(1, 1);
    private final DMatrixRMaj byProposal;
    /** By block, what its proposals were worth as a share of their number, summed over draws. */
    private final double[] worth;

    private long draws;

    /**
     * Prepares draws.
     *
     * @param target the density by parts, of the sets in {@code setOf}
     * @param setOf for each coordinate its block; -1 for none
     * @param proposals the number K
     */
    BlockDraws(NestedGaussian.Member q, LogDensityParts target, int[] setOf, int proposals) {
        this.q = q;
        this.target = target;
        this.setOf = setOf;
        this.proposals = proposals;
        this.common = new boolean[q.noiseDimension()];
        this.noise = new DMatrixRMaj(common.length, proposals);
        this.proposed = new DMatrixRMaj(setOf.length, proposals);
        this.byProposal = new DMatrixRMaj(target.count() + 1, proposals);
        this.worth = new double[target.count()];
        FactorPattern pattern = q.family().pattern();
        int first = q.outer().noiseDimension();
        Arrays.fill(common, 0, first, true);
        int[] inner = inner(q.family().nodes().outer(), setOf.length);
        for (int position = 0; position < pattern.size(); position++) {
            common[first + position] = setOf[inner[pattern.node(position)]] < 0;
        }
    }

    private static int[] inner(int[] outer, int dimension) {
        int[] inner = new int[dimension - outer.length];
        int next = 0;
        for (int i = 0; i < dimension; i++) {
            if (Arrays.binarySearch(outer, i) < 0) {
                inner[next++] = i;
            }
        }
        return inner;
    }

    /** For each coordinate the number of its block; -1 for outer coordinates and separators. */
    static int[] sets(Structure structure) {
        int[] setOf = new int[structure.dimension()];
        Arrays.fill(setOf, -1);
        int number = 0;
        for (int[] block : structure.blocks()) {
            for (int coordinate : block) {
                setOf[coordinate] = number;
            }
            number++;
        }
        return setOf;
    }

    int proposals() {
        return proposals;
    }

    /** The evaluations of the density so far. */
    long evaluations() {
        return draws * proposals;
    }

    /** The block whose proposals were worth least. */
    int hardest() {
        int hardest = 0;
        for (int j = 1; j < worth.length; j++) {
            hardest = worth[j] < worth[hardest] ? j : hardest;
        }
        return hardest;
    }

    /** What the proposals of a block were worth on average, as a share of their number. */
    double worth(int block) {
        return worth[block] / Math.max(1, draws);
    }

    @Override
    public void draw(RandomStreams streams, int batch, DMatrixRMaj points, double[] logProposal) {
        int lanes = points.numCols;
        NormalDraws source = DrawScheme.independent().draws(noise.numRows, streams);
        RandomGenerator choice = streams.generator("choice of blocks", batch);
        for (int s = 0; s < lanes; s++) {
            source.fill(batch * lanes + s, noise);
            for (int row = 0; row < common.length; row++) {
                if (common[row]) {
                    Arrays.fill(noise.data, row * proposals + 1, (row + 1) * proposals, noise.data[row * proposals]);
                }
            }
            q.sample(noise, proposed);
            q.logDensityParts(proposed, setOf, byProposal);
            target.evaluate(proposed, byTarget);
            draws++;
            logProposal[s] = choose(choice, points, s);
        }
    }

    /** Writes the chosen blocks to a lane; returns the log density there less the logarithm of its weight. */
    private double choose(RandomGenerator choice, DMatrixRMaj points, int lane) {
        int count = worth.length;
        int rest = count * proposals;
        double logWeight = byTarget.data[rest] - byProposal.data[rest];
        double logDensity = byTarget.data[rest];
        int[] chosen = new int[count];
        double[] weights = new double[proposals];
        for (int j = 0; j < count; j++) {
            int row = j * proposals;
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < proposals; k++) {
                double log = byTarget.data[row + k] - byProposal.data[row + k];
                weights[k] = Double.isNaN(log) ? Double.NEGATIVE_INFINITY : log;
                most = Math.max(most, weights[k]);
            }
            double sum = 0;
            double squares = 0;
            for (int k = 0; k < proposals; k++) {
                weights[k] = most == Double.NEGATIVE_INFINITY ? 1 : Math.exp(weights[k] - most);
                sum += weights[k];
                squares += weights[k] * weights[k];
            }
            worth[j] += sum * sum / squares / proposals;
            chosen[j] = index(weights, choice.nextDouble() * sum);
            logDensity += byTarget.data[row + chosen[j]];
            logWeight += most + Math.log(sum / proposals);
        }
        for (int i = 0; i < setOf.length; i++) {
            int from = setOf[i] < 0 ? 0 : chosen[setOf[i]];
            points.data[i * points.numCols + lane] = proposed.data[i * proposals + from];
        }
        // where the density is zero the evaluation of the draw says so
        return logWeight == Double.NEGATIVE_INFINITY ? 0 : logDensity - logWeight;
    }

    private static int index(double[] weights, double at) {
        double cumulated = 0;
        for (int k = 0; k < weights.length - 1; k++) {
            cumulated += weights[k];
            if (at < cumulated) {
                return k;
            }
        }
        return weights.length - 1;
    }
}
