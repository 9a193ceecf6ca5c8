package org.variational.family;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.density.ParameterLayout;
import org.variational.structure.Structure;

/**
 * Gaussians with a dense covariance inside each block of coordinates, in which local blocks may depend linearly on all
 * global ones.
 *
 * <p>A global block has {@code z_b = mu_b + L_b eps_b} and is independent of the other global blocks. A local block has
 * {@code z_b = mu_b + W_b (z_G - mu_G) + L_b eps_b}, where G are the coordinates of all global blocks; given these,
 * local blocks are independent. With one coordinate per local block this is the structure of a hierarchical model at a
 * cost of O(D G) instead of O(D^2).
 *
 * <p>Parameters: {@code mu} (D); then for every block in order L by rows without its zeros, each diagonal entry as its
 * logarithm; then for every local block in order W by rows (length x G).
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://doi.org/10.1007/s11222-017-9729-7">Tan and Nott (2018), Gaussian variational approximation with
 *     sparse precision matrices</a>
 */
public final class BlockGaussian implements VariationalFamily {

    /**
     * A run of coordinates with a dense covariance.
     *
     * @param length the number of coordinates, at least 1
     * @param local whether the run depends on the global coordinates
     */
    public record Block(int length, boolean local) {
        /**
         * Checks the length.
         *
         * @param length the number of coordinates
         * @param local whether the run depends on the global coordinates
         * @throws IllegalArgumentException if {@code length} is not positive
         */
        public Block {
            if (length < 1) {
                throw new IllegalArgumentException("a block has at least one coordinate, but its length is " + length);
            }
        }
    }

    private final List<Block> blocks;
    private final int dimension;
    private final int[] offsets;
    private final int[] factorOffsets;
    private final int[] weightOffsets;
    private final int[] globals;
    private final int parameterCount;

    private BlockGaussian(List<Block> blocks) {
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("a block Gaussian needs at least one block, but none was given");
        }
        this.blocks = List.copyOf(blocks);
        int n = blocks.size();
        offsets = new int[n];
        factorOffsets = new int[n];
        weightOffsets = new int[n];
        long globalCount = 0;
        long coordinates = 0;
        for (Block block : blocks) {
            coordinates += block.length();
            globalCount += block.local() ? 0 : block.length();
        }
        long count = coordinates;
        for (Block block : blocks) {
            count += (long) block.length() * (block.length() + 1) / 2
                    + (block.local() ? block.length() * globalCount : 0);
            if (count * Double.BYTES > FullRankGaussian.MAX_BYTES) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "a block Gaussian of dimension %d with %d global coordinates has parameter vectors of more"
                                + " than the limit of %d bytes. Use lowRank() or meanField(), or smaller blocks",
                        coordinates,
                        globalCount,
                        FullRankGaussian.MAX_BYTES));
            }
        }
        dimension = (int) coordinates;
        parameterCount = (int) count;
        globals = new int[(int) globalCount];
        int next = 0;
        int at = dimension;
        int global = 0;
        for (int b = 0; b < n; b++) {
            Block block = blocks.get(b);
            offsets[b] = next;
            factorOffsets[b] = at;
            at += LowerTriangle.size(block.length());
            for (int i = 0; i < block.length(); i++, next++) {
                if (!block.local()) {
                    globals[global++] = next;
                }
            }
        }
        for (int b = 0; b < n; b++) {
            weightOffsets[b] = at;
            at += blocks.get(b).local() ? blocks.get(b).length() * globals.length : 0;
        }
    }

    /**
     * The family with the given blocks.
     *
     * @param blocks at least one, in order of their coordinates
     * @throws IllegalArgumentException if there is no block, or a parameter vector would be larger than
     *     {@link FullRankGaussian#MAX_BYTES}
     */
    public static BlockGaussian of(List<Block> blocks) {
        return new BlockGaussian(blocks);
    }

    /**
     * The family with one block per parameter of a layout. A parameter is local, with one block per coordinate, if it
     * has one value per data row, or if it consists of effects of groups: none of its coordinates scales others or is
     * related to many ({@link Structure}), and no two of them are related to each other.
     *
     * @param layout the inferred coordinates
     * @param localsDependOnGlobals whether the coordinates of local parameters depend on the others
     * @throws IllegalArgumentException if a parameter vector would be larger than {@link FullRankGaussian#MAX_BYTES}
     */
    public static BlockGaussian of(ParameterLayout layout, boolean localsDependOnGlobals) {
        List<Block> blocks = new ArrayList<>();
        Interactions interactions = layout.interactions();
        boolean[] shared = interactions == null ? new boolean[0] : shared(layout, interactions);
        for (ParameterLayout.Block block : layout.blocks()) {
            boolean effects = interactions != null && areEffects(block, interactions.related(), shared);
            if (block.local() || effects) {
                for (int i = 0; i < block.length(); i++) {
                    blocks.add(new Block(1, localsDependOnGlobals));
                }
            } else if (block.length() > 0) {
                blocks.add(new Block(block.length(), false));
            }
        }
        return new BlockGaussian(blocks);
    }

    /** Which coordinates scale others or are related to many. */
    private static boolean[] shared(ParameterLayout layout, Interactions interactions) {
        Structure structure = Structure.of(layout.coordinateNames(), interactions);
        boolean[] shared = new boolean[layout.dimension()];
        for (int i : structure.outer()) {
            shared[i] = true;
        }
        for (int i : structure.separators()) {
            shared[i] = true;
        }
        return shared;
    }

    private static boolean areEffects(ParameterLayout.Block block, Adjacency related, boolean[] shared) {
        int end = block.offset() + block.length();
        for (int i = block.offset(); i < end; i++) {
            if (shared[i]) {
                return false;
            }
            for (int other : related.neighbours(i)) {
                if (other >= block.offset() && other < end) {
                    return false;
                }
            }
        }
        return block.length() > 1;
    }

    @Override
    public String name() {
        return "block Gaussian";
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public int parameterCount() {
        return parameterCount;
    }

    /**
     * The blocks in order of their coordinates.
     *
     * @return an unmodifiable list
     */
    public List<Block> blocks() {
        return blocks;
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        for (int b = 0; b < offsets.length; b++) {
            for (int i = 0; i < blocks.get(b).length(); i++) {
                parameters[factorOffsets[b] + LowerTriangle.row(i) + i] = Math.log(standardDeviation[offsets[b] + i]);
            }
        }
        return parameters;
    }

    /** A Gaussian with dense blocks. */
    public static final class Member implements GaussianDistribution {
        private final BlockGaussian family;
        private final double[] parameters;
        private final double[][] factors;
        private final double sumOfLogDiagonals;
        /** The deviations of the global coordinates from their mean, G x S. */
        private double[] deviations = {};

        private double[] residual = {};
        private double[] whitened = {};
        private double[] onGlobals = {};

        private Member(BlockGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.factors = new double[family.offsets.length][];
            double total = 0;
            for (int b = 0; b < factors.length; b++) {
                int n = family.blocks.get(b).length();
                int from = family.factorOffsets[b];
                factors[b] = Arrays.copyOfRange(parameters, from, from + LowerTriangle.size(n));
                total += LowerTriangle.exponentiateDiagonal(n, factors[b], 0);
            }
            this.sumOfLogDiagonals = total;
        }

        @Override
        public BlockGaussian family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        @Override
        public int noiseDimension() {
            return family.dimension;
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int lanes = Shapes.lanes(noise, family.dimension, "noise");
            Shapes.checkLanes(points, family.dimension, lanes, "points");
            double[] z = points.data;
            for (int i = 0; i < family.dimension; i++) {
                Arrays.fill(z, i * lanes, (i + 1) * lanes, parameters[i]);
            }
            for (int b = 0; b < factors.length; b++) {
                int at = family.offsets[b] * lanes;
                LowerTriangle.addProduct(family.blocks.get(b).length(), lanes, factors[b], noise.data, at, z, at);
            }
            gatherDeviations(z, lanes);
            for (int b = 0; b < factors.length; b++) {
                addRegression(b, lanes, 1, z, family.offsets[b] * lanes);
            }
        }

        /** Fills {@code deviations} with {@code z_G - mu_G}. */
        private void gatherDeviations(double[] z, int lanes) {
            deviations = Shapes.atLeast(deviations, family.globals.length * lanes);
            for (int g = 0, at = 0; g < family.globals.length; g++) {
                int i = family.globals[g];
                for (int s = 0, from = i * lanes; s < lanes; s++, at++, from++) {
                    deviations[at] = z[from] - parameters[i];
                }
            }
        }

        /** Adds {@code sign * W_b (z_G - mu_G)} to the rows of block b, if it is local. */
        private void addRegression(int b, int lanes, double sign, double[] out, int outAt) {
            if (!family.blocks.get(b).local()) {
                return;
            }
            int globals = family.globals.length;
            for (int i = 0, at = family.weightOffsets[b];
                    i < family.blocks.get(b).length();
                    i++) {
                int o = outAt + i * lanes;
                for (int g = 0, x = 0; g < globals; g++, at++, x += lanes) {
                    double factor = sign * parameters[at];
                    for (int s = 0; s < lanes; s++) {
                        out[o + s] += factor * deviations[x + s];
                    }
                }
            }
        }

        /** Fills {@code whitened} with {@code inverse(L_b) (z_b - mean of z_b given the globals)} for every block. */
        private void whiten(double[] z, int lanes) {
            gatherDeviations(z, lanes);
            whitened = Shapes.atLeast(whitened, family.dimension * lanes);
            for (int i = 0, at = 0; i < family.dimension; i++) {
                for (int end = at + lanes; at < end; at++) {
                    whitened[at] = z[at] - parameters[i];
                }
            }
            for (int b = 0; b < factors.length; b++) {
                int at = family.offsets[b] * lanes;
                addRegression(b, lanes, -1, whitened, at);
                LowerTriangle.solve(family.blocks.get(b).length(), lanes, factors[b], whitened, at);
            }
        }

        /** Fills {@code residual} with {@code inverse(L_b') whitened} for every block. */
        private void applyPrecision(int lanes) {
            residual = Shapes.atLeast(residual, family.dimension * lanes);
            System.arraycopy(whitened, 0, residual, 0, family.dimension * lanes);
            for (int b = 0; b < factors.length; b++) {
                LowerTriangle.solveTransposed(
                        family.blocks.get(b).length(), lanes, factors[b], residual, family.offsets[b] * lanes);
            }
        }

        /** Fills {@code onGlobals} with the sum over local blocks of {@code W_b' y_b}. */
        private void pullToGlobals(double[] y, int lanes) {
            int globals = family.globals.length;
            onGlobals = Shapes.atLeast(onGlobals, globals * lanes);
            Arrays.fill(onGlobals, 0, globals * lanes, 0);
            for (int b = 0; b < factors.length; b++) {
                if (family.blocks.get(b).local()) {
                    Lanes.addTransposedProduct(
                            family.blocks.get(b).length(),
                            globals,
                            lanes,
                            parameters,
                            family.weightOffsets[b],
                            y,
                            family.offsets[b] * lanes,
                            onGlobals,
                            0);
                }
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            whiten(points.data, lanes);
            Arrays.fill(logDensity, 0, lanes, 0);
            Lanes.addSquares(family.dimension, lanes, whitened, logDensity);
            double constant = -0.5 * family.dimension * Shapes.LOG_TWO_PI - sumOfLogDiagonals;
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - 0.5 * logDensity[s];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLanes(score, family.dimension, lanes, "scores");
            whiten(points.data, lanes);
            applyPrecision(lanes);
            pullToGlobals(residual, lanes);
            for (int at = 0; at < family.dimension * lanes; at++) {
                score.data[at] = -residual[at];
            }
            for (int g = 0, from = 0; g < family.globals.length; g++) {
                for (int s = 0, at = family.globals[g] * lanes; s < lanes; s++, at++, from++) {
                    score.data[at] += onGlobals[from];
                }
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            whiten(points.data, lanes);
            applyPrecision(lanes);
            Lanes.multiplyRows(family.dimension, lanes, residual, weights);
            Lanes.addRowSums(family.dimension, lanes, residual, 0, gradient, 0);
            pullToGlobals(residual, lanes);
            for (int g = 0, from = 0; g < family.globals.length; g++) {
                for (int s = 0; s < lanes; s++, from++) {
                    gradient[family.globals[g]] -= onGlobals[from];
                }
            }
            addFactorGradients(lanes, residual, whitened, -Lanes.sum(weights, lanes), gradient);
            addRegressionGradients(lanes, residual, gradient);
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int lanes = Shapes.lanes(noise, family.dimension, "noise");
            Shapes.checkLanes(points, family.dimension, lanes, "points");
            Shapes.checkLanes(vectors, family.dimension, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            double[] v = vectors.data;
            Lanes.addRowSums(family.dimension, lanes, v, 0, gradient, 0);
            gatherDeviations(points.data, lanes);
            addRegressionGradients(lanes, v, gradient);
            pullToGlobals(v, lanes);
            residual = Shapes.atLeast(residual, family.dimension * lanes);
            System.arraycopy(v, 0, residual, 0, family.dimension * lanes);
            for (int g = 0, from = 0; g < family.globals.length; g++) {
                for (int s = 0, at = family.globals[g] * lanes; s < lanes; s++, at++, from++) {
                    residual[at] += onGlobals[from];
                }
            }
            addFactorGradients(lanes, residual, noise.data, 0, gradient);
        }

        private void addFactorGradients(int lanes, double[] y, double[] x, double onLogDiagonal, double[] gradient) {
            for (int b = 0; b < factors.length; b++) {
                int at = family.offsets[b] * lanes;
                LowerTriangle.addFactorGradient(
                        family.blocks.get(b).length(),
                        lanes,
                        factors[b],
                        y,
                        at,
                        x,
                        at,
                        onLogDiagonal,
                        gradient,
                        family.factorOffsets[b]);
            }
        }

        private void addRegressionGradients(int lanes, double[] y, double[] gradient) {
            for (int b = 0; b < factors.length; b++) {
                if (family.blocks.get(b).local()) {
                    Lanes.addOuter(
                            family.blocks.get(b).length(),
                            family.globals.length,
                            lanes,
                            y,
                            family.offsets[b] * lanes,
                            deviations,
                            0,
                            gradient,
                            family.weightOffsets[b]);
                }
            }
        }

        @Override
        public double entropy() {
            return 0.5 * family.dimension * (1 + Shapes.LOG_TWO_PI) + sumOfLogDiagonals;
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            for (int b = 0; b < factors.length; b++) {
                for (int i = 0; i < family.blocks.get(b).length(); i++) {
                    gradient[family.factorOffsets[b] + LowerTriangle.row(i) + i] += scale;
                }
            }
        }

        @Override
        public double[] mean() {
            return Arrays.copyOf(parameters, family.dimension);
        }

        @Override
        public double[] standardDeviation() {
            double[] sd = new double[family.dimension];
            for (int b = 0; b < factors.length; b++) {
                int n = family.blocks.get(b).length();
                double[] own = LowerTriangle.rowNorms(n, factors[b]);
                for (int i = 0; i < n; i++) {
                    double variance = own[i] * own[i];
                    if (family.blocks.get(b).local()) {
                        double[] row = rowOnGlobalNoise(b, i);
                        for (double entry : row) {
                            variance += entry * entry;
                        }
                    }
                    sd[family.offsets[b] + i] = Math.sqrt(variance);
                }
            }
            return sd;
        }

        /** Row i of {@code W_b L_G}, by which the noise of the globals acts on a coordinate of a local block. */
        private double[] rowOnGlobalNoise(int b, int i) {
            int globals = family.globals.length;
            double[] row = new double[globals];
            int weights = family.weightOffsets[b] + i * globals;
            for (int c = 0, g = 0; c < factors.length; c++) {
                if (family.blocks.get(c).local()) {
                    continue;
                }
                int n = family.blocks.get(c).length();
                for (int r = 0, at = 0; r < n; r++) {
                    for (int j = 0; j <= r; j++, at++) {
                        row[g + j] += parameters[weights + g + r] * factors[c][at];
                    }
                }
                g += n;
            }
            return row;
        }

        @Override
        public DMatrixRMaj covariance() {
            int d = family.dimension;
            DMatrixRMaj map = new DMatrixRMaj(d, d);
            for (int b = 0; b < factors.length; b++) {
                int offset = family.offsets[b];
                for (int i = 0; i < family.blocks.get(b).length(); i++) {
                    System.arraycopy(factors[b], LowerTriangle.row(i), map.data, (offset + i) * d + offset, i + 1);
                    if (family.blocks.get(b).local()) {
                        double[] row = rowOnGlobalNoise(b, i);
                        for (int g = 0; g < row.length; g++) {
                            map.data[(offset + i) * d + family.globals[g]] += row[g];
                        }
                    }
                }
            }
            DMatrixRMaj covariance = new DMatrixRMaj(d, d);
            CommonOps_DDRM.multOuter(map, covariance);
            return covariance;
        }
    }
}
