package org.variational.family;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * Normalising flows by affine coupling layers: {@code z = mu + sigma * f(eps)}, f a composition of layers that change
 * half of the coordinates at a time,
 * <pre>{@code x_B <- x_B * exp(a(x_A)) + t(x_A),   (raw, t) = W2 tanh(W1 x_A + b1) + b2,   a = 2 tanh(raw / 2)}</pre>
 * so that the inverse and the Jacobian are exact. Layer l changes the coordinates i whose binary digit number
 * {@code floor(l / 2)} (counted from the lowest, cyclically) equals l mod 2, which separates every pair of coordinates
 * within twice as many layers as indices have digits. The scale of a layer stays between {@code exp(-2)} and
 * {@code exp(2)}.
 *
 * <p>Parameters: {@code mu} (D), {@code log sigma} (D), then per layer W1 (H x |A|, by rows), b1 (H), W2 (2|B| x H, by
 * rows; first the raw scales, then the shifts), b2 (2|B|). A draw costs O(D H) per layer. The flow has no closed-form
 * entropy. Its moments have none either: {@code mean()} and {@code standardDeviation()} are averages over 4096 fixed
 * antithetic draws, with a relative error of about 1 %.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://arxiv.org/abs/1605.08803">Dinh, Sohl-Dickstein and Bengio (2017), Density estimation using Real
 *     NVP</a>
 */
public final class CouplingFlow implements VariationalFamily {
    private static final double SCALE_BOUND = 2;
    private static final int MOMENT_DRAWS = 4096;

    private final int dimension;
    private final int layers;
    private final int hidden;
    /** Per layer, the coordinates it reads and those it changes. */
    private final int[][] read;

    private final int[][] changed;
    private final int[] offsets;
    private final int parameterCount;

    private CouplingFlow(int dimension, int layers, int hidden) {
        Shapes.checkDimension(dimension);
        if (layers < 1 || hidden < 1) {
            throw new IllegalArgumentException("a coupling flow has at least one layer and one hidden unit, but "
                    + layers + " layers of " + hidden + " were asked for");
        }
        long perLayer = (long) hidden * (dimension + 1L) + 2L * dimension * (hidden + 1L);
        if (perLayer * layers + 2L * dimension > FullRankGaussian.MAX_BYTES / Double.BYTES) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a coupling flow of dimension %d with %d layers of %d hidden units has parameter vectors of about"
                            + " %d bytes (the limit is %d). Use fewer layers or hidden units, or meanField()",
                    dimension,
                    layers,
                    hidden,
                    perLayer * layers * Double.BYTES,
                    FullRankGaussian.MAX_BYTES));
        }
        this.dimension = dimension;
        this.layers = layers;
        this.hidden = hidden;
        this.read = new int[layers][];
        this.changed = new int[layers][];
        this.offsets = new int[layers];
        int digits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(dimension - 1));
        int at = 2 * dimension;
        for (int l = 0; l < layers; l++) {
            int digit = (l / 2) % digits;
            int[] a = new int[dimension];
            int[] b = new int[dimension];
            int readCount = 0;
            int changedCount = 0;
            for (int i = 0; i < dimension; i++) {
                if (((i >> digit) & 1) == l % 2) {
                    b[changedCount++] = i;
                } else {
                    a[readCount++] = i;
                }
            }
            read[l] = Arrays.copyOf(a, readCount);
            changed[l] = Arrays.copyOf(b, changedCount);
            offsets[l] = at;
            at += hidden * (readCount + 1) + 2 * changedCount * (hidden + 1);
        }
        this.parameterCount = at;
    }

    /**
     * The family with six layers of {@code max(8, min(64, D))} hidden units.
     *
     * @param dimension D
     * @throws IllegalArgumentException if {@code dimension} is not positive or a parameter vector would be larger than
     *     {@link FullRankGaussian#MAX_BYTES}
     */
    public static CouplingFlow of(int dimension) {
        return new CouplingFlow(dimension, 6, Math.max(8, Math.min(64, dimension)));
    }

    /**
     * The family with layers of the given number and size.
     *
     * @param dimension D
     * @param layers the number of layers, at least 1
     * @param hidden the number H of hidden units of a layer, at least 1
     * @throws IllegalArgumentException if a number is not positive or a parameter vector would be larger than
     *     {@link FullRankGaussian#MAX_BYTES}
     */
    public static CouplingFlow of(int dimension, int layers, int hidden) {
        return new CouplingFlow(dimension, layers, hidden);
    }

    @Override
    public String name() {
        return "coupling flow of " + layers + " layers with " + hidden + " hidden units";
    }

    @Override
    public int dimension() {
        return dimension;
    }

    /**
     * The number of coupling layers.
     *
     * @return at least 1
     */
    public int layers() {
        return layers;
    }

    /**
     * The number of hidden units of a layer.
     *
     * @return H
     */
    public int hidden() {
        return hidden;
    }

    @Override
    public int parameterCount() {
        return parameterCount;
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /**
     * The parameters of a Gaussian with exactly the given mean and standard deviations: the second matrix and the
     * shifts of every layer are zero, which makes the layer the identity; the first matrix has normal entries of
     * variance 1 / |A| from a fixed stream, so that its units differ and gradients are not zero.
     */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        for (int i = 0; i < dimension; i++) {
            parameters[dimension + i] = Math.log(standardDeviation[i]);
        }
        RandomGenerator random = RandomStreams.of(0).generator("coupling flow", hidden);
        for (int l = 0; l < layers; l++) {
            int n = read[l].length;
            for (int i = 0; i < hidden * n; i++) {
                parameters[offsets[l] + i] = random.nextGaussian() / Math.sqrt(n);
            }
        }
        return parameters;
    }

    /** A coupling flow with given parameters. */
    public static final class Member implements VariationalDistribution.Reparameterised {
        private final CouplingFlow family;
        private final double[] parameters;
        private final double[] sigma;
        private final double sumOfLogSigma;

        /** The flow's points before the affine map, D x S, and the running log determinant. */
        private double[] x = {};

        private double[] logDeterminant = {};
        /** Per layer what {@link #condition} computed. */
        private final double[][] inputs;

        private final double[][] units;
        private final double[][] scales;
        private final double[][] shifts;
        /** Per layer the values of the changed coordinates that its scale multiplies, whichever way the flow ran. */
        private final double[][] unscaled;

        private double[] adjoint = {};
        private double[] onOutputs = {};
        private double[] onUnits = {};
        private double[] onInputs = {};
        private double[][] moments = {};

        private Member(CouplingFlow family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.sigma = new double[family.dimension];
            double total = 0;
            for (int i = 0; i < sigma.length; i++) {
                sigma[i] = Math.exp(parameters[family.dimension + i]);
                total += parameters[family.dimension + i];
            }
            this.sumOfLogSigma = total;
            this.inputs = new double[family.layers][0];
            this.units = new double[family.layers][0];
            this.scales = new double[family.layers][0];
            this.shifts = new double[family.layers][0];
            this.unscaled = new double[family.layers][0];
        }

        @Override
        public CouplingFlow family() {
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

        private int firstBias(int l) {
            return family.offsets[l] + family.hidden * family.read[l].length;
        }

        private int secondMatrix(int l) {
            return firstBias(l) + family.hidden;
        }

        private int secondBias(int l) {
            return secondMatrix(l) + 2 * family.changed[l].length * family.hidden;
        }

        /** Runs the network of layer l on the coordinates it reads in {@code x}: fills its units, scales and shifts. */
        private void condition(int l, int lanes) {
            int h = family.hidden;
            int a = family.read[l].length;
            int b = family.changed[l].length;
            inputs[l] = Shapes.atLeast(inputs[l], a * lanes);
            units[l] = Shapes.atLeast(units[l], h * lanes);
            scales[l] = Shapes.atLeast(scales[l], b * lanes);
            shifts[l] = Shapes.atLeast(shifts[l], b * lanes);
            unscaled[l] = Shapes.atLeast(unscaled[l], b * lanes);
            for (int i = 0; i < a; i++) {
                System.arraycopy(x, family.read[l][i] * lanes, inputs[l], i * lanes, lanes);
            }
            fillRows(units[l], h, lanes, firstBias(l));
            Lanes.addProduct(h, a, lanes, parameters, family.offsets[l], inputs[l], 0, units[l], 0);
            for (int at = 0; at < h * lanes; at++) {
                units[l][at] = Math.tanh(units[l][at]);
            }
            int matrix = secondMatrix(l);
            int bias = secondBias(l);
            fillRows(scales[l], b, lanes, bias);
            Lanes.addProduct(b, h, lanes, parameters, matrix, units[l], 0, scales[l], 0);
            for (int at = 0; at < b * lanes; at++) {
                scales[l][at] = SCALE_BOUND * Math.tanh(scales[l][at] / SCALE_BOUND);
            }
            fillRows(shifts[l], b, lanes, bias + b);
            Lanes.addProduct(b, h, lanes, parameters, matrix + b * h, units[l], 0, shifts[l], 0);
        }

        private void fillRows(double[] panel, int rows, int lanes, int bias) {
            for (int i = 0; i < rows; i++) {
                Arrays.fill(panel, i * lanes, (i + 1) * lanes, parameters[bias + i]);
            }
        }

        /** Runs the layers on the noise: leaves f(eps) in {@code x}. */
        private void forward(double[] noise, int lanes) {
            x = Shapes.atLeast(x, family.dimension * lanes);
            System.arraycopy(noise, 0, x, 0, family.dimension * lanes);
            for (int l = 0; l < family.layers; l++) {
                condition(l, lanes);
                for (int j = 0, at = 0; j < family.changed[l].length; j++) {
                    for (int s = 0, i = family.changed[l][j] * lanes; s < lanes; s++, at++, i++) {
                        unscaled[l][at] = x[i];
                        x[i] = x[i] * Math.exp(scales[l][at]) + shifts[l][at];
                    }
                }
            }
        }

        /**
         * Runs the layers backwards from the points: leaves eps in {@code x} and log |det f'| in {@code
         * logDeterminant}.
         */
        private void inverse(double[] z, int lanes) {
            x = Shapes.atLeast(x, family.dimension * lanes);
            logDeterminant = Shapes.atLeast(logDeterminant, lanes);
            Arrays.fill(logDeterminant, 0, lanes, 0);
            for (int i = 0, at = 0; i < family.dimension; i++) {
                for (int end = at + lanes; at < end; at++) {
                    x[at] = (z[at] - parameters[i]) / sigma[i];
                }
            }
            for (int l = family.layers - 1; l >= 0; l--) {
                condition(l, lanes);
                for (int j = 0, at = 0; j < family.changed[l].length; j++) {
                    for (int s = 0, i = family.changed[l][j] * lanes; s < lanes; s++, at++, i++) {
                        x[i] = (x[i] - shifts[l][at]) * Math.exp(-scales[l][at]);
                        unscaled[l][at] = x[i];
                        logDeterminant[s] += scales[l][at];
                    }
                }
            }
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            forward(noise.data, lanes);
            for (int i = 0, at = 0; i < d; i++) {
                for (int end = at + lanes; at < end; at++) {
                    points.data[at] = parameters[i] + sigma[i] * x[at];
                }
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            inverse(points.data, lanes);
            Arrays.fill(logDensity, 0, lanes, 0);
            Lanes.addSquares(d, lanes, x, logDensity);
            double constant = -0.5 * d * Shapes.LOG_TWO_PI - sumOfLogSigma;
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - 0.5 * logDensity[s] - logDeterminant[s];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLanes(score, d, lanes, "scores");
            inverse(points.data, lanes);
            reverseOfInverse(lanes, null, null);
            for (int i = 0, at = 0; i < d; i++) {
                for (int end = at + lanes; at < end; at++) {
                    score.data[at] = adjoint[at] / sigma[i];
                }
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            inverse(points.data, lanes);
            reverseOfInverse(lanes, weights, gradient);
            double total = Lanes.sum(weights, lanes);
            for (int i = 0, at = 0; i < d; i++) {
                double first = 0;
                double second = 0;
                for (int end = at + lanes; at < end; at++) {
                    double byPoint = adjoint[at] / sigma[i];
                    first += byPoint;
                    second += byPoint * (points.data[at] - parameters[i]);
                }
                gradient[i] -= first;
                gradient[d + i] -= second + total;
            }
        }

        /**
         * After {@link #inverse}: leaves in {@code adjoint} the derivative of {@code weights[s] * log q} by the
         * standardised points {@code (z - mu) / sigma}, and adds that by the layers' parameters to the gradient.
         */
        private void reverseOfInverse(int lanes, double @Nullable [] weights, double @Nullable [] gradient) {
            int d = family.dimension;
            adjoint = Shapes.atLeast(adjoint, d * lanes);
            for (int i = 0, at = 0; i < d; i++) {
                for (int s = 0; s < lanes; s++, at++) {
                    adjoint[at] = weights == null ? -x[at] : -weights[s] * x[at];
                }
            }
            for (int l = 0; l < family.layers; l++) {
                int b = family.changed[l].length;
                onOutputs = Shapes.atLeast(onOutputs, 2 * b * lanes);
                for (int j = 0, at = 0; j < b; j++) {
                    for (int s = 0, i = family.changed[l][j] * lanes; s < lanes; s++, at++, i++) {
                        double before = adjoint[i] * Math.exp(-scales[l][at]);
                        onOutputs[at] = -adjoint[i] * unscaled[l][at] - (weights == null ? 1 : weights[s]);
                        onOutputs[b * lanes + at] = -before;
                        adjoint[i] = before;
                    }
                }
                reverseOfCondition(l, lanes, gradient);
            }
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            forward(noise.data, lanes);
            adjoint = Shapes.atLeast(adjoint, d * lanes);
            for (int i = 0, at = 0; i < d; i++) {
                double byMean = 0;
                double byLogSigma = 0;
                for (int end = at + lanes; at < end; at++) {
                    byMean += vectors.data[at];
                    adjoint[at] = vectors.data[at] * sigma[i];
                    byLogSigma += adjoint[at] * x[at];
                }
                gradient[i] += byMean;
                gradient[d + i] += byLogSigma;
            }
            for (int l = family.layers - 1; l >= 0; l--) {
                int b = family.changed[l].length;
                onOutputs = Shapes.atLeast(onOutputs, 2 * b * lanes);
                for (int j = 0, at = 0; j < b; j++) {
                    for (int s = 0, i = family.changed[l][j] * lanes; s < lanes; s++, at++, i++) {
                        double before = adjoint[i] * Math.exp(scales[l][at]);
                        onOutputs[at] = before * unscaled[l][at];
                        onOutputs[b * lanes + at] = adjoint[i];
                        adjoint[i] = before;
                    }
                }
                reverseOfCondition(l, lanes, gradient);
            }
        }

        /**
         * From the derivatives by scales and shifts in {@code onOutputs}: those by the inputs, added to {@code
         * adjoint}.
         */
        private void reverseOfCondition(int l, int lanes, double @Nullable [] gradient) {
            int h = family.hidden;
            int a = family.read[l].length;
            int b = family.changed[l].length;
            for (int at = 0; at < b * lanes; at++) {
                double ratio = scales[l][at] / SCALE_BOUND;
                onOutputs[at] *= 1 - ratio * ratio;
            }
            onUnits = Shapes.atLeast(onUnits, h * lanes);
            Arrays.fill(onUnits, 0, h * lanes, 0);
            Lanes.addTransposedProduct(2 * b, h, lanes, parameters, secondMatrix(l), onOutputs, 0, onUnits, 0);
            for (int at = 0; at < h * lanes; at++) {
                onUnits[at] *= 1 - units[l][at] * units[l][at];
            }
            onInputs = Shapes.atLeast(onInputs, a * lanes);
            Arrays.fill(onInputs, 0, a * lanes, 0);
            Lanes.addTransposedProduct(h, a, lanes, parameters, family.offsets[l], onUnits, 0, onInputs, 0);
            for (int i = 0, from = 0; i < a; i++) {
                for (int s = 0, at = family.read[l][i] * lanes; s < lanes; s++, at++, from++) {
                    adjoint[at] += onInputs[from];
                }
            }
            if (gradient != null) {
                Lanes.addOuter(2 * b, h, lanes, onOutputs, 0, units[l], 0, gradient, secondMatrix(l));
                Lanes.addRowSums(2 * b, lanes, onOutputs, 0, gradient, secondBias(l));
                Lanes.addOuter(h, a, lanes, onUnits, 0, inputs[l], 0, gradient, family.offsets[l]);
                Lanes.addRowSums(h, lanes, onUnits, 0, gradient, firstBias(l));
            }
        }

        private double[][] moments() {
            if (moments.length == 0) {
                int d = family.dimension;
                int lanes = 64;
                DMatrixRMaj noise = new DMatrixRMaj(d, lanes);
                DMatrixRMaj points = new DMatrixRMaj(d, lanes);
                var draws = DrawScheme.antithetic().draws(d, RandomStreams.of(0));
                double[] mean = new double[d];
                double[] square = new double[d];
                for (int batch = 0; batch < MOMENT_DRAWS / lanes; batch++) {
                    draws.fill(batch, noise);
                    sample(noise, points);
                    for (int i = 0, at = 0; i < d; i++) {
                        for (int end = at + lanes; at < end; at++) {
                            double away = (points.data[at] - parameters[i]) / sigma[i];
                            mean[i] += away / MOMENT_DRAWS;
                            square[i] += away * away / MOMENT_DRAWS;
                        }
                    }
                }
                double[] sd = new double[d];
                for (int i = 0; i < d; i++) {
                    sd[i] = sigma[i] * Math.sqrt(Math.max(0, square[i] - mean[i] * mean[i]));
                    mean[i] = parameters[i] + sigma[i] * mean[i];
                }
                moments = new double[][] {mean, sd};
            }
            return moments;
        }

        @Override
        public double[] mean() {
            return moments()[0].clone();
        }

        @Override
        public double[] standardDeviation() {
            return moments()[1].clone();
        }
    }
}
