package org.variational.random;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.random.SobolSequenceGenerator;
import org.ejml.data.DMatrixRMaj;

/** The library's own schemes. */
enum NoiseScheme implements DrawScheme {
    INDEPENDENT("independent"),
    ANTITHETIC("antithetic"),
    SOBOL("scrambled Sobol");

    /** The number of dimensions for which commons-math3 has direction numbers. */
    private static final int SOBOL_ROWS = 1000;

    /** The stream that noise is drawn from. */
    private static final String PURPOSE = "noise";

    private final String label;

    NoiseScheme(String label) {
        this.label = label;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean independentWithinGroup() {
        return this == INDEPENDENT;
    }

    @Override
    public NormalDraws draws(int rows, RandomStreams streams) {
        if (rows < 1) {
            throw new IllegalArgumentException(
                    "a draw needs at least one row of noise, but " + rows + " were asked for");
        }
        if (this == SOBOL && rows > SOBOL_ROWS) {
            throw new IllegalArgumentException("Sobol points are known up to dimension " + SOBOL_ROWS
                    + ", but a draw of this family needs " + rows
                    + " rows of noise. Use DrawScheme.antithetic() or DrawScheme.independent()");
        }
        return switch (this) {
            case INDEPENDENT -> new Independent(rows, streams);
            case ANTITHETIC -> new Antithetic(rows, streams);
            case SOBOL -> new Sobol(rows, streams);
        };
    }

    private static void checkRows(int rows, DMatrixRMaj noise) {
        if (noise.numRows != rows || noise.numCols < 1) {
            throw new IllegalArgumentException("the noise must be " + rows + " x S with S at least 1, but it is "
                    + noise.numRows + " x " + noise.numCols);
        }
    }

    private record Independent(int rows, RandomStreams streams) implements NormalDraws {
        @Override
        public DrawScheme scheme() {
            return INDEPENDENT;
        }

        @Override
        public void fill(long batch, DMatrixRMaj noise) {
            checkRows(rows, noise);
            RandomGenerator random = streams.generator(PURPOSE, batch);
            int length = rows * noise.numCols;
            for (int i = 0; i < length; i++) {
                noise.data[i] = random.nextGaussian();
            }
        }
    }

    private record Antithetic(int rows, RandomStreams streams) implements NormalDraws {
        @Override
        public DrawScheme scheme() {
            return ANTITHETIC;
        }

        @Override
        public void fill(long batch, DMatrixRMaj noise) {
            checkRows(rows, noise);
            RandomGenerator random = streams.generator(PURPOSE, batch);
            int lanes = noise.numCols;
            for (int i = 0, at = 0; i < rows; i++, at += lanes) {
                for (int s = 0; s < lanes; s += 2) {
                    double eps = random.nextGaussian();
                    noise.data[at + s] = eps;
                    if (s + 1 < lanes) {
                        noise.data[at + s + 1] = -eps;
                    }
                }
            }
        }
    }

    /** Sobol points as 52-bit integers, kept from batch to batch; a batch xors them with a shift of its own. */
    private static final class Sobol implements NormalDraws {
        private static final int BITS = 52;

        private final int rows;
        private final RandomStreams streams;
        private long[] digits = {};
        private int lanesKept;

        Sobol(int rows, RandomStreams streams) {
            this.rows = rows;
            this.streams = streams;
        }

        @Override
        public DrawScheme scheme() {
            return SOBOL;
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public void fill(long batch, DMatrixRMaj noise) {
            checkRows(rows, noise);
            int lanes = noise.numCols;
            if (lanes != lanesKept) {
                keep(lanes);
            }
            RandomGenerator random = streams.generator(PURPOSE, batch);
            for (int i = 0, at = 0; i < rows; i++) {
                long shift = random.nextLong() >>> (Long.SIZE - BITS);
                for (int end = at + lanes; at < end; at++) {
                    noise.data[at] = quantile(digits[at] ^ shift);
                }
            }
        }

        /** The normal quantile at the middle of cell {@code k} of 2^52 equal cells, exact in both tails. */
        private static double quantile(long k) {
            long half = 1L << (BITS - 1);
            boolean upper = k >= half;
            long fromEnd = upper ? (1L << BITS) - 1 - k : k;
            double tail = (fromEnd + 0.5) * 0x1p-52;
            double lower = NormalQuantile.of(tail);
            return upper ? -lower : lower;
        }

        private void keep(int lanes) {
            digits = Arrays.copyOf(digits, Math.multiplyExact(rows, lanes));
            SobolSequenceGenerator sequence = new SobolSequenceGenerator(rows);
            for (int s = 0; s < lanes; s++) {
                double[] point = sequence.nextVector();
                for (int i = 0; i < rows; i++) {
                    digits[i * lanes + s] = (long) (point[i] * 0x1p52);
                }
            }
            lanesKept = lanes;
        }
    }
}
