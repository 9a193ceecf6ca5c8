package org.variational.family;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.information.RadialInterpolation;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;

/**
 * Distributions {@code q(t) q(b | t)}: a family for few outer coordinates t, and given these a Gaussian with a sparse
 * precision for all others, or nearly a Gaussian, whose mean and precision are smooth functions of t.
 *
 * <p>This is the shape of a hierarchical posterior: scales outside, effects inside. It has funnels, which no Gaussian
 * has. {@code b = m(t) + P' L(t)^-T y} with a fixed pattern of L, where the y are independent with mean 0 and variance
 * 1: normal numbers, each skewed by a bend and with tails of its own, {@code sinh(exp(tanh h) asinh(eps / 2.5) + a)}
 * standardised. The precision is {@code P' L L' P}. The mean, the logarithms of the diagonal of L, the other entries of
 * L divided by their column's diagonal, the bends a and the tails h are given at K nodes in the space of t, and
 * interpolated between them
 * by cubic radial functions with a polynomial (cubic splines in one dimension); far from all nodes they
 * stay as they are on the way to the nearest.
 *
 * <p>Parameters: those of the outer family; then for each node the mean (d numbers, in order of the inner coordinates)
 * and the entries of L by columns, diagonals as logarithms and others relative to them, the bends and the tails (d
 * numbers each, in the order of the columns).
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://doi.org/10.1111/j.1467-9868.2008.00700.x">Rue, Martino and Chopin (2009), Approximate Bayesian
 *     inference for latent Gaussian models by using integrated nested Laplace approximations, of which this is the
 *     joint distribution that can be weighted</a>
 */
public final class NestedGaussian implements VariationalFamily {

    private static final int MOST_SLOTS = 64;
    private static final int MOST_IN_SLOTS = 3_000_000;

    /** Numbers of a node that are interpolated for all lanes before the next. */
    private static final int PIECE = 512;

    private static final int MOST_MOMENT_POINTS = 4096;
    private static final int FEWEST_MOMENT_POINTS = 256;
    private static final double AFFORDABLE_FOR_MOMENTS = 1e8;

    private final Nodes nodes;
    private final FactorPattern pattern;
    private final RadialInterpolation interpolation;
    private final int[] inner;
    private final int ofOuter;
    private final int ofNode;

    /**
     * Where mean and precision are given.
     *
     * @param outerFamily the family of the outer coordinates
     * @param outer which of the D coordinates are outer, in rising order
     * @param points the nodes: K points of as many numbers as there are outer coordinates
     * @param whitening by rows, the matrix that makes distances between nodes comparable
     */
    public record Nodes(VariationalFamily outerFamily, int[] outer, double[][] points, double[][] whitening) {

        /**
         * Checks the sizes and copies the arrays.
         *
         * @throws IllegalArgumentException if they differ, or there is no node
         */
        public Nodes {
            outer = outer.clone();
            points = rows(points);
            whitening = rows(whitening);
            int k = outer.length;
            boolean fits = k == outerFamily.dimension() && whitening.length == k && points.length > 0;
            for (double[] point : points) {
                fits &= point.length == k;
            }
            for (double[] row : whitening) {
                fits &= row.length == k;
            }
            if (!fits) {
                throw new IllegalArgumentException("the nodes of a nested Gaussian have as many numbers as its outer"
                        + " family has dimensions (" + outerFamily.dimension() + "), and there is at least one; got "
                        + k + " outer coordinates and " + points.length + " nodes");
            }
        }

        private static double[][] rows(double[][] of) {
            double[][] rows = new double[of.length][];
            Arrays.setAll(rows, i -> of[i].clone());
            return rows;
        }

        /** Which of the D coordinates are outer. */
        @Override
        public int[] outer() {
            return outer.clone();
        }

        /** The nodes. */
        @Override
        public double[][] points() {
            return rows(points);
        }

        /** The matrix that makes distances between nodes comparable. */
        @Override
        public double[][] whitening() {
            return rows(whitening);
        }
    }

    /**
     * How what a column contributes differs from a normal number.
     *
     * @param bend how skewed it is; 0 for a normal number
     * @param tail how heavy its tails are; 0 for a normal number
     */
    public record Shape(double bend, double tail) {

        /**
         * The shape with a skewness and an excess kurtosis, or near them: the skewness is kept within -1 and 1, the
         * kurtosis within -1 and 2, and the tail is 0 where the bend alone gives a kurtosis within 0.05 of it.
         */
        public static Shape of(double skewness, double kurtosis) {
            return SinhArcsinhNormal.matching(skewness, kurtosis);
        }
    }

    private NestedGaussian(Nodes nodes, FactorPattern pattern) {
        this.nodes = nodes;
        this.pattern = pattern;
        int k = nodes.outer.length;
        this.interpolation = new RadialInterpolation(nodes.points, new DMatrixRMaj(nodes.whitening));
        this.inner = new int[pattern.size()];
        int dimension = k + inner.length;
        int next = 0;
        for (int i = 0; i < dimension; i++) {
            if (Arrays.binarySearch(nodes.outer, i) < 0) {
                if (next == inner.length) {
                    throw new IllegalArgumentException("the outer coordinates of a nested Gaussian of dimension "
                            + dimension + " must be distinct, rise, and lie from 0 to " + (dimension - 1) + ", but are "
                            + Arrays.toString(nodes.outer));
                }
                inner[next++] = i;
            }
        }
        this.ofOuter = nodes.outerFamily.parameterCount();
        this.ofNode = 3 * inner.length + pattern.entries();
        Math.addExact(ofOuter, Math.multiplyExact(nodes.points.length, ofNode));
    }

    /**
     * The family with the given nodes.
     *
     * @param nodes where mean and precision are given
     * @param pattern the pattern of the factor of the inner precision; its rows are the inner coordinates in order
     * @throws IllegalArgumentException if the coordinates do not fit, or two nodes are the same
     */
    public static NestedGaussian of(Nodes nodes, FactorPattern pattern) {
        return new NestedGaussian(nodes, pattern);
    }

    /** Where mean and precision are given. */
    public Nodes nodes() {
        return nodes;
    }

    /** The pattern of the factor of the inner precision. */
    public FactorPattern pattern() {
        return pattern;
    }

    @Override
    public String name() {
        return "nested Gaussian with " + nodes.outer.length + " outer coordinates";
    }

    @Override
    public int dimension() {
        return nodes.outer.length + inner.length;
    }

    @Override
    public int parameterCount() {
        return ofOuter + nodes.points.length * ofNode;
    }

    /**
     * The parameters of one node.
     *
     * @param mean the mean of the inner coordinates there
     * @param factor the entries of L there
     * @param bends for each column how skewed what it contributes is; zeros for a Gaussian
     * @param tails for each column how heavy the tails of what it contributes are; zeros for a Gaussian
     * @return as many numbers as a node has
     */
    public double[] nodeParameters(double[] mean, double[] factor, double[] bends, double[] tails) {
        double[] parameters = new double[ofNode];
        System.arraycopy(mean, 0, parameters, 0, inner.length);
        for (int j = 0; j < inner.length; j++) {
            double diagonal = factor[pattern.start(j)];
            parameters[inner.length + pattern.start(j)] = Math.log(diagonal);
            for (int entry = pattern.start(j) + 1; entry < pattern.end(j); entry++) {
                parameters[inner.length + entry] = factor[entry] / diagonal;
            }
        }
        System.arraycopy(bends, 0, parameters, inner.length + pattern.entries(), inner.length);
        System.arraycopy(tails, 0, parameters, 2 * inner.length + pattern.entries(), inner.length);
        return parameters;
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /** The parameters with the outer start of the outer family, and one mean and independent coordinates inside. */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount()];
        double[] outer =
                nodes.outerFamily.initialParameters(pick(mean, nodes.outer), pick(standardDeviation, nodes.outer));
        System.arraycopy(outer, 0, parameters, 0, ofOuter);
        double[] factor = new double[pattern.entries()];
        for (int j = 0; j < inner.length; j++) {
            factor[pattern.start(j)] = 1 / standardDeviation[inner[pattern.node(j)]];
        }
        double[] node = nodeParameters(pick(mean, inner), factor, new double[inner.length], new double[inner.length]);
        for (int n = 0; n < nodes.points.length; n++) {
            System.arraycopy(node, 0, parameters, ofOuter + n * ofNode, ofNode);
        }
        return parameters;
    }

    private static double[] pick(double[] of, int[] places) {
        double[] picked = new double[places.length];
        Arrays.setAll(picked, i -> of[places[i]]);
        return picked;
    }

    /** A nested Gaussian. */
    public static final class Member implements VariationalDistribution {

        private final NestedGaussian family;
        private final double[] parameters;
        private final VariationalDistribution outer;
        private final SparseCholesky algebra;
        private final double[] weights;
        /** What is interpolated at some outer points at once, by slot; kept, as a density often follows its draws. */
        private final double[][] slots;

        private final double[][] slotPoints;
        private final double[][] slotFactors;
        private final double[] slotLogDiagonals;
        /** Mean and factor at the point in hand. */
        private double[] mean;

        private double[] factor;
        private final double[] residual;
        private final double[] whitened;
        private final SinhArcsinhNormal[] shaped;
        /** The outer point that {@code shaped} belongs to. */
        private double @Nullable [] bentAt;

        /** How much of a node is interpolated: not the tails, the last part, where there are none. */
        private final int interpolated;

        private double[] moments = {};

        private Member(NestedGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.outer = family.nodes.outerFamily.member(Arrays.copyOf(parameters, family.ofOuter));
            this.algebra = new SparseCholesky(family.pattern);
            this.weights = new double[family.interpolation.size()];
            this.slots = new double[Math.max(1, Math.min(MOST_SLOTS, MOST_IN_SLOTS / family.ofNode))][];
            this.slotPoints = new double[slots.length][];
            this.slotFactors = new double[slots.length][];
            this.slotLogDiagonals = new double[slots.length];
            this.mean = new double[0];
            this.factor = new double[0];
            this.residual = new double[family.inner.length];
            this.whitened = new double[family.inner.length];
            this.shaped = new SinhArcsinhNormal[family.inner.length];
            this.interpolated = hasTails() ? family.ofNode : family.ofNode - family.inner.length;
        }

        private boolean hasTails() {
            for (int n = 0; n < weights.length; n++) {
                int end = family.ofOuter + (n + 1) * family.ofNode;
                for (int i = end - family.inner.length; i < end; i++) {
                    if (parameters[i] != 0) {
                        return true;
                    }
                }
            }
            return false;
        }

        @Override
        public NestedGaussian family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        /** The distribution of the outer coordinates. */
        public VariationalDistribution outer() {
            return outer;
        }

        @Override
        public int noiseDimension() {
            return outer.noiseDimension() + family.inner.length;
        }

        /** Interpolates at the outer coordinates of some lanes, from {@code first} on, one a slot. */
        private void interpolate(DMatrixRMaj outerPoints, int first, int count) {
            int lanes = outerPoints.numCols;
            double[][] ofLane = new double[count][];
            boolean[] repeated = new boolean[count];
            for (int slot = 0; slot < count; slot++) {
                double[] at = new double[outerPoints.numRows];
                for (int a = 0; a < at.length; a++) {
                    at[a] = outerPoints.data[a * lanes + first + slot];
                }
                repeated[slot] = slot > 0 && Arrays.equals(at, slotPoints[slot - 1]);
                if (slots[slot] == null) {
                    slots[slot] = new double[family.ofNode];
                    slotFactors[slot] = new double[family.pattern.entries()];
                }
                if (!Arrays.equals(at, slotPoints[slot])) {
                    slotPoints[slot] = at;
                    ofLane[slot] = new double[weights.length];
                    if (!repeated[slot]) {
                        family.interpolation.weights(at, ofLane[slot]);
                    }
                }
            }
            // by pieces of the nodes, each of which stays in the cache for all lanes
            for (int from = 0; from < interpolated; from += PIECE) {
                int to = Math.min(interpolated, from + PIECE);
                for (int slot = 0; slot < count; slot++) {
                    if (ofLane[slot] != null && !repeated[slot]) {
                        combine(ofLane[slot], slots[slot], from, to);
                    }
                }
            }
            for (int slot = 0; slot < count; slot++) {
                if (ofLane[slot] != null && repeated[slot]) {
                    System.arraycopy(slots[slot - 1], 0, slots[slot], 0, family.ofNode);
                    System.arraycopy(slotFactors[slot - 1], 0, slotFactors[slot], 0, slotFactors[slot].length);
                    slotLogDiagonals[slot] = slotLogDiagonals[slot - 1];
                } else if (ofLane[slot] != null) {
                    completeFactor(slot);
                }
            }
        }

        private void combine(double[] nodeWeights, double[] into, int from, int to) {
            Arrays.fill(into, from, to, 0);
            int last = nodeWeights.length;
            int n = 0;
            // four nodes at once, so that what they are added to is read and written less
            for (; n + 3 < last; n += 4) {
                int first = family.ofOuter + n * family.ofNode;
                int second = first + family.ofNode;
                int third = second + family.ofNode;
                int fourth = third + family.ofNode;
                double ofFirst = nodeWeights[n];
                double ofSecond = nodeWeights[n + 1];
                double ofThird = nodeWeights[n + 2];
                double ofFourth = nodeWeights[n + 3];
                for (int e = from; e < to; e++) {
                    into[e] += ofFirst * parameters[first + e]
                            + ofSecond * parameters[second + e]
                            + ofThird * parameters[third + e]
                            + ofFourth * parameters[fourth + e];
                }
            }
            for (; n < last; n++) {
                int offset = family.ofOuter + n * family.ofNode;
                for (int e = from; e < to; e++) {
                    into[e] += nodeWeights[n] * parameters[offset + e];
                }
            }
        }

        /** What nodes give of the factor is the logarithm of its diagonal, and columns relative to it. */
        private void completeFactor(int slot) {
            FactorPattern pattern = family.pattern;
            double[] relative = slots[slot];
            double[] complete = slotFactors[slot];
            int d = family.inner.length;
            double sum = 0;
            for (int j = 0; j < d; j++) {
                int start = pattern.start(j);
                sum += relative[d + start];
                complete[start] = Math.exp(relative[d + start]);
                for (int entry = start + 1; entry < pattern.end(j); entry++) {
                    complete[entry] = relative[d + entry] * complete[start];
                }
            }
            slotLogDiagonals[slot] = sum;
        }

        /** Takes mean, factor and shapes from a slot; returns the sum of the logarithms of the diagonal. */
        private double place(int slot) {
            mean = slots[slot];
            factor = slotFactors[slot];
            if (!Arrays.equals(slotPoints[slot], bentAt)) {
                bentAt = slotPoints[slot];
                int bends = family.inner.length + family.pattern.entries();
                for (int j = 0; j < shaped.length; j++) {
                    shaped[j] = SinhArcsinhNormal.of(mean[bends + j], mean[bends + shaped.length + j]);
                }
            }
            return slotLogDiagonals[slot];
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int lanes = Shapes.lanes(noise, noiseDimension(), "noise");
            Shapes.checkLanes(points, family.dimension(), lanes, "points");
            int k = family.nodes.outer.length;
            int rows = outer.noiseDimension();
            DMatrixRMaj ofOuter = new DMatrixRMaj(rows, lanes);
            System.arraycopy(noise.data, 0, ofOuter.data, 0, rows * lanes);
            DMatrixRMaj drawn = new DMatrixRMaj(k, lanes);
            outer.sample(ofOuter, drawn);
            for (int a = 0; a < k; a++) {
                System.arraycopy(drawn.data, a * lanes, points.data, family.nodes.outer[a] * lanes, lanes);
            }
            for (int first = 0; first < lanes; first += slots.length) {
                int count = Math.min(slots.length, lanes - first);
                interpolate(drawn, first, count);
                for (int slot = 0; slot < count; slot++) {
                    place(slot);
                    sampleLane(noise, rows, points, first + slot);
                }
            }
        }

        private void sampleLane(DMatrixRMaj noise, int rows, DMatrixRMaj points, int s) {
            int lanes = points.numCols;
            for (int i = 0; i < residual.length; i++) {
                residual[i] = shaped[i].sample(noise.data[(rows + i) * lanes + s]);
            }
            algebra.solveTransposed(factor, 1, residual);
            for (int i = 0; i < residual.length; i++) {
                int node = family.pattern.node(i);
                points.data[family.inner[node] * lanes + s] = mean[node] + residual[i];
            }
        }

        /** Told of a lane whose Gaussian, residual and whitened residual are in hand. */
        @FunctionalInterface
        private interface LaneUse {
            void use(int lane, double logDiagonals);
        }

        private void forEachLane(DMatrixRMaj points, DMatrixRMaj outerPoints, LaneUse use) {
            int lanes = points.numCols;
            for (int first = 0; first < lanes; first += slots.length) {
                int count = Math.min(slots.length, lanes - first);
                interpolate(outerPoints, first, count);
                for (int slot = 0; slot < count; slot++) {
                    double logDiagonals = place(slot);
                    int s = first + slot;
                    for (int i = 0; i < residual.length; i++) {
                        int node = family.pattern.node(i);
                        residual[i] = points.data[family.inner[node] * lanes + s] - mean[node];
                    }
                    algebra.multiplyTransposed(factor, 1, residual, whitened);
                    use.use(s, logDiagonals);
                }
            }
        }

        private DMatrixRMaj outerPoints(DMatrixRMaj points) {
            int lanes = points.numCols;
            DMatrixRMaj picked = new DMatrixRMaj(family.nodes.outer.length, lanes);
            for (int a = 0; a < picked.numRows; a++) {
                System.arraycopy(points.data, family.nodes.outer[a] * lanes, picked.data, a * lanes, lanes);
            }
            return picked;
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            DMatrixRMaj outerPoints = outerPoints(points);
            outer.logDensity(outerPoints, logDensity);
            forEachLane(points, outerPoints, (s, logDiagonals) -> {
                double sum = logDiagonals;
                for (int j = 0; j < whitened.length; j++) {
                    sum += shaped[j].logDensity(whitened[j]);
                }
                logDensity[s] += sum;
            });
        }

        /**
         * Writes the log densities of sets of inner coordinates, each given all that comes later in the order of
         * elimination and the outer coordinates.
         *
         * @param points D x S, read only
         * @param setOf for each of the D coordinates the number of its set, from 0; -1 where it is in none, as all
         *     outer coordinates are
         * @param parts (J + 1) x S for J sets, overwritten; the last row is the log density of what is in no set, and
         *     each column sums to the log density, up to rounding
         * @throws IllegalArgumentException if a shape or a number is wrong
         */
        public void logDensityParts(DMatrixRMaj points, int[] setOf, DMatrixRMaj parts) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            if (setOf.length != family.dimension()) {
                throw new IllegalArgumentException("each of " + family.dimension()
                        + " coordinates needs the number of its set, got " + setOf.length);
            }
            int rest = parts.numRows - 1;
            Shapes.checkLanes(parts, parts.numRows, lanes, "parts");
            int[] rows = new int[whitened.length];
            for (int j = 0; j < rows.length; j++) {
                int set = setOf[family.inner[family.pattern.node(j)]];
                if (set >= rest) {
                    throw new IllegalArgumentException(
                            "there are " + rest + " sets, but a coordinate is in set " + set + ", counted from 0");
                }
                rows[j] = (set < 0 ? rest : set) * lanes;
            }
            Arrays.fill(parts.data, 0, parts.numRows * lanes, 0);
            DMatrixRMaj outerPoints = outerPoints(points);
            double[] ofOuter = new double[lanes];
            outer.logDensity(outerPoints, ofOuter);
            System.arraycopy(ofOuter, 0, parts.data, rest * lanes, lanes);
            forEachLane(points, outerPoints, (s, logDiagonals) -> {
                for (int j = 0; j < whitened.length; j++) {
                    parts.data[rows[j] + s] +=
                            mean[whitened.length + family.pattern.start(j)] + shaped[j].logDensity(whitened[j]);
                }
            });
        }

        /** Writes the derivatives of the log density in hand by what is given at a node. */
        private void byNode(double[] out) {
            FactorPattern pattern = family.pattern;
            int d = family.inner.length;
            double[] pulled = new double[d];
            double[] scores = new double[d];
            Arrays.setAll(scores, j -> shaped[j].score(whitened[j]));
            algebra.multiply(factor, 1, scores, pulled);
            for (int i = 0; i < d; i++) {
                out[pattern.node(i)] = pulled[i];
            }
            for (int j = 0; j < d; j++) {
                int start = pattern.start(j);
                out[d + start] = 1 - scores[j] * whitened[j];
                out[d + pattern.entries() + j] = shaped[j].byBend(whitened[j]);
                out[2 * d + pattern.entries() + j] = shaped[j].byTail(whitened[j]);
                for (int entry = start + 1; entry < pattern.end(j); entry++) {
                    out[d + entry] = -scores[j] * residual[pattern.row(entry)] * factor[start];
                }
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLanes(score, family.dimension(), lanes, "scores");
            int k = family.nodes.outer.length;
            DMatrixRMaj ofOuter = new DMatrixRMaj(k, lanes);
            DMatrixRMaj outerPoints = outerPoints(points);
            outer.pointScore(outerPoints, ofOuter);
            double[] byNode = new double[family.ofNode];
            double[][] slopes = new double[k][weights.length];
            forEachLane(points, outerPoints, (s, logDiagonals) -> {
                byNode(byNode);
                for (int node = 0; node < family.inner.length; node++) {
                    score.data[family.inner[node] * lanes + s] = -byNode[node];
                }
                family.interpolation.slopes(slotPoints[s % slots.length], slopes);
                for (int a = 0; a < k; a++) {
                    double sum = ofOuter.data[a * lanes + s];
                    for (int n = 0; n < weights.length; n++) {
                        sum += slopes[a][n] * along(n, byNode);
                    }
                    score.data[family.nodes.outer[a] * lanes + s] = sum;
                }
            });
        }

        private double along(int node, double[] slope) {
            int from = family.ofOuter + node * family.ofNode;
            double sum = 0;
            for (int e = 0; e < slope.length; e++) {
                sum += parameters[from + e] * slope[e];
            }
            return sum;
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] pointWeights, double[] gradient) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLength(pointWeights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            double[] ofOuter = new double[family.ofOuter];
            DMatrixRMaj outerPoints = outerPoints(points);
            outer.addParameterScore(outerPoints, pointWeights, ofOuter);
            for (int i = 0; i < ofOuter.length; i++) {
                gradient[i] += ofOuter[i];
            }
            double[] byNode = new double[family.ofNode];
            forEachLane(points, outerPoints, (s, logDiagonals) -> {
                byNode(byNode);
                family.interpolation.weights(slotPoints[s % slots.length], weights);
                for (int n = 0; n < weights.length; n++) {
                    int to = family.ofOuter + n * family.ofNode;
                    double weight = pointWeights[s] * weights[n];
                    for (int e = 0; e < byNode.length; e++) {
                        gradient[to + e] += weight * byNode[e];
                    }
                }
            });
        }

        /** The mean: exact outside, and inside an average over a fixed set of outer points. */
        @Override
        public double[] mean() {
            return Arrays.copyOf(moments(), family.dimension());
        }

        /** The standard deviations, by the same average. */
        @Override
        public double[] standardDeviation() {
            return Arrays.copyOfRange(moments(), family.dimension(), 2 * family.dimension());
        }

        private double[] moments() {
            if (moments.length == 0) {
                moments = computeMoments();
            }
            return moments;
        }

        private double[] computeMoments() {
            int k = family.nodes.outer.length;
            int d = family.inner.length;
            double cost = (double) family.ofNode * (weights.length + 8);
            int lanes = (int) Math.max(
                    FEWEST_MOMENT_POINTS, Math.min(MOST_MOMENT_POINTS, AFFORDABLE_FOR_MOMENTS / Math.max(1, cost)));
            DMatrixRMaj noise = new DMatrixRMaj(outer.noiseDimension(), lanes);
            DrawScheme.sobol().draws(noise.numRows, RandomStreams.of(0)).fill(0, noise);
            DMatrixRMaj drawn = new DMatrixRMaj(k, lanes);
            outer.sample(noise, drawn);
            double[] first = new double[d];
            double[] second = new double[d];
            double[] within = new double[d];
            double[] inverse = new double[family.pattern.entries()];
            for (int s = 0; s < lanes; s++) {
                int slot = s % slots.length;
                if (slot == 0) {
                    interpolate(drawn, s, Math.min(slots.length, lanes - s));
                }
                place(slot);
                algebra.selectedInverse(factor, 1, inverse);
                for (int j = 0; j < d; j++) {
                    int node = family.pattern.node(j);
                    double before = mean[node] - first[node];
                    first[node] += before / (s + 1);
                    second[node] += before * (mean[node] - first[node]);
                    within[node] += inverse[family.pattern.start(j)];
                }
            }
            double[] result = new double[2 * family.dimension()];
            double[] outerMean = outer.mean();
            double[] outerSd = outer.standardDeviation();
            for (int a = 0; a < k; a++) {
                result[family.nodes.outer[a]] = outerMean[a];
                result[family.dimension() + family.nodes.outer[a]] = outerSd[a];
            }
            for (int node = 0; node < d; node++) {
                result[family.inner[node]] = first[node];
                result[family.dimension() + family.inner[node]] = Math.sqrt((second[node] + within[node]) / lanes);
            }
            return result;
        }
    }
}
