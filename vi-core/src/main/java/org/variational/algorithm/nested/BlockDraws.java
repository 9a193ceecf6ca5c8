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
import org.variational.weights.LogWeights;
import org.variational.weights.ParetoSmoothing;

/**
 * Draws from a nested Gaussian of which each block is chosen among K.
 *
 * <p>Given v, the outer coordinates and separators, blocks are independent: {@code log p = c(v) + sum over j of f_j(v,
 * b_j)}, and the nested Gaussian has the same form. For one v, K values of every block are proposed at once, one of
 * eight from a Gaussian three times as wide. Their weights {@code w_jk = exp f_j / q_j}, with q_j the mixture of both,
 * choose one of them, block by block, and their means estimate what the blocks integrate to, so that the draw has the
 * weight
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

    private static final int FEWEST_KEPT = 100;
    private static final int MOST_KEPT = 2000;
    private static final int ROOM = 1_000_000;

    /** One proposal in so many is wide. */
    private static final int ONE_WIDE_IN = 8;

    /** How much wider it is. */
    private static final double STRETCH = 3;

    private final NestedGaussian.Member q;
    private final LogDensityParts target;
    private final int[] setOf;
    private final int proposals;
    /** By row of the noise, the block that it moves; -1 for what is in none. */
    private final int[] blockOfRow;

    private final int[] sizes;
    /** J x K: by block and proposal, the sum of squares of its noise. */
    private final double[] squares;

    private final DMatrixRMaj noise;
    private final DMatrixRMaj proposed;
    private final DMatrixRMaj byTarget = new DMatrixRMaj(1, 1);
    private final DMatrixRMaj byProposal;
    /** By block, what its proposals were worth as a share of their number, summed over draws. */
    private final double[] worth;

    private long draws;

    /** The log weights of one proposal of every block, draw after draw, of as many draws as there is room for. */
    private final double[] kept;

    private int keptDraws;

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
        this.blockOfRow = new int[q.noiseDimension()];
        this.sizes = new int[target.count()];
        this.squares = new double[target.count() * proposals];
        this.noise = new DMatrixRMaj(blockOfRow.length, proposals);
        this.proposed = new DMatrixRMaj(setOf.length, proposals);
        this.byProposal = new DMatrixRMaj(target.count() + 1, proposals);
        this.worth = new double[target.count()];
        this.kept = new double[worth.length * Math.max(FEWEST_KEPT, Math.min(MOST_KEPT, ROOM / worth.length))];
        FactorPattern pattern = q.family().pattern();
        int first = q.outer().noiseDimension();
        Arrays.fill(blockOfRow, 0, first, -1);
        int[] inner = inner(q.family().nodes().outer(), setOf.length);
        for (int position = 0; position < pattern.size(); position++) {
            int block = setOf[inner[pattern.node(position)]];
            blockOfRow[first + position] = block;
            if (block >= 0) {
                sizes[block]++;
            }
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

    /**
     * The Pareto shape of the weights of single proposals, each relative to the mean of its block, of all blocks
     * together: where the proposals of a few blocks have tails that are too light, these make up the largest weights.
     * The weights of draws hide this, as they are made of averages.
     */
    double kHatOfBlocks() {
        int count = worth.length;
        double[] relative = Arrays.copyOf(kept, count * keptDraws);
        double[] own = new double[keptDraws];
        for (int j = 0; j < count; j++) {
            for (int s = 0; s < keptDraws; s++) {
                own[s] = kept[s * count + j];
            }
            double logMean = LogWeights.logSumExp(own) - Math.log(keptDraws);
            for (int s = 0; s < keptDraws; s++) {
                relative[s * count + j] -= logMean;
            }
        }
        return ParetoSmoothing.of(relative).shape();
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
            shareAndStretch();
            q.sample(noise, proposed);
            q.logDensityParts(proposed, setOf, byProposal);
            target.evaluate(proposed, byTarget);
            draws++;
            logProposal[s] = choose(choice, points, s);
        }
    }

    /** Gives all proposals one value of what is in no block, and some of them wide blocks. */
    private void shareAndStretch() {
        Arrays.fill(squares, 0);
        for (int row = 0; row < blockOfRow.length; row++) {
            int at = row * proposals;
            if (blockOfRow[row] < 0) {
                Arrays.fill(noise.data, at + 1, at + proposals, noise.data[at]);
                continue;
            }
            for (int k = 0; k < proposals; k++) {
                noise.data[at + k] *= k % ONE_WIDE_IN == 0 ? STRETCH : 1;
                squares[blockOfRow[row] * proposals + k] += noise.data[at + k] * noise.data[at + k];
            }
        }
    }

    /** What log density a proposal has under the mixture of wide and other ones, above that under the others. */
    private double logOfMixture(int block, int proposal) {
        double logWide = 0.5 * squares[block * proposals + proposal] * (1 - 1 / (STRETCH * STRETCH))
                - sizes[block] * Math.log(STRETCH);
        double share = 1.0 / ONE_WIDE_IN;
        // of two exponentials the larger one is taken out
        double most = Math.max(0, logWide);
        return most + Math.log((1 - share) * Math.exp(-most) + share * Math.exp(logWide - most));
    }

    /** Writes the chosen blocks to a lane; returns the log density there less the logarithm of its weight. */
    private double choose(RandomGenerator choice, DMatrixRMaj points, int lane) {
        int count = worth.length;
        int rest = count * proposals;
        double logWeight = byTarget.data[rest] - byProposal.data[rest];
        double logDensity = byTarget.data[rest];
        int[] chosen = new int[count];
        double[] weights = new double[proposals];
        boolean keeps = (keptDraws + 1) * count <= kept.length;
        for (int j = 0; j < count; j++) {
            int row = j * proposals;
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < proposals; k++) {
                double log = byTarget.data[row + k] - byProposal.data[row + k] - logOfMixture(j, k);
                weights[k] = Double.isNaN(log) ? Double.NEGATIVE_INFINITY : log;
                most = Math.max(most, weights[k]);
            }
            if (keeps) {
                kept[keptDraws * count + j] = weights[(int) (draws % proposals)];
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
        keptDraws += keeps ? 1 : 0;
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
