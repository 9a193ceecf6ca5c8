package org.variational.expression;

import java.util.Arrays;

/** Sums, log-sum-exps and running sums over runs of consecutive elements. */
final class Reduction {

    private Reduction() {}

    /** The sum of each run of {@code run} consecutive elements. */
    record Sum(int run) implements Op {
        @Override
        public String name() {
            return "sum";
        }

        @Override
        public long operations() {
            return run;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            int lanes = f.lanes;
            int elements = p.elements(f);
            Arrays.fill(out, outAt, outAt + elements * lanes, 0);
            for (int e = 0; e < elements; e++) {
                f.kernels.addSumTo(
                        run, lanes, f.value[p.in[0]], f.valueAt[p.in[0]] + e * run * lanes, out, outAt + e * lanes);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            int lanes = f.lanes;
            int elements = p.elements(f);
            for (int e = 0; e < elements; e++) {
                f.kernels.addRowTo(
                        run,
                        lanes,
                        f.adjoint[p.out],
                        f.adjointAt[p.out] + e * lanes,
                        f.adjoint[p.in[0]],
                        f.adjointAt[p.in[0]] + e * run * lanes);
            }
        }
    }

    /**
     * {@code log sum exp} of each run of {@code run} consecutive elements, shifted by the largest; {@code -Infinity},
     * with zero slopes, where all are. Keeps the softmax as scratch.
     */
    record LogSumExp(int run) implements Op {
        @Override
        public String name() {
            return "logSumExp";
        }

        @Override
        public long operations() {
            return run;
        }

        @Override
        public int scratch(Instruction p) {
            return p.outSize * run;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            double[] softmax = f.value[p.scratch];
            double[] out = f.value[p.out];
            int lanes = f.lanes;
            int elements = p.elements(f);
            int xAt = f.valueAt[p.in[0]];
            int softmaxAt = f.valueAt[p.scratch];
            int outAt = f.valueAt[p.out];
            int length = run * lanes;
            for (int e = 0; e < elements; e++) {
                int from = xAt + e * length;
                int to = outAt + e * lanes;
                int into = softmaxAt + e * length;
                for (int s = 0; s < lanes; s++) {
                    double largest = x[from + s];
                    for (int i = 1; i < run; i++) {
                        largest = Math.max(largest, x[from + i * lanes + s]);
                    }
                    out[to + s] = largest;
                    double shift = Double.isInfinite(largest) ? 0 : largest;
                    for (int i = 0; i < run; i++) {
                        softmax[into + i * lanes + s] = x[from + i * lanes + s] - shift;
                    }
                }
            }
            f.kernels.exp(elements * length, softmax, softmaxAt, softmax, softmaxAt);
            for (int e = 0; e < elements; e++) {
                int to = outAt + e * lanes;
                int into = softmaxAt + e * length;
                for (int s = 0; s < lanes; s++) {
                    double total = 0;
                    for (int i = 0; i < run; i++) {
                        total += softmax[into + i * lanes + s];
                    }
                    double scale = total > 0 ? 1 / total : total;
                    for (int i = 0; i < run; i++) {
                        softmax[into + i * lanes + s] *= scale;
                    }
                    double largest = out[to + s];
                    out[to + s] = Double.isInfinite(largest) ? largest : largest + Math.log(total);
                }
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            int lanes = f.lanes;
            int elements = p.elements(f);
            for (int e = 0; e < elements; e++) {
                f.kernels.addRowProductTo(
                        run,
                        lanes,
                        f.value[p.scratch],
                        f.valueAt[p.scratch] + e * run * lanes,
                        f.adjoint[p.out],
                        f.adjointAt[p.out] + e * lanes,
                        f.adjoint[p.in[0]],
                        f.adjointAt[p.in[0]] + e * run * lanes);
            }
        }
    }

    /** Running sums within each run of {@code run} consecutive elements. */
    record CumulativeSum(int run) implements Op {
        @Override
        public String name() {
            return "cumulativeSum";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int xAt = f.valueAt[p.in[0]];
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            int lanes = f.lanes;
            int elements = p.elements(f);
            System.arraycopy(x, xAt, out, outAt, elements * lanes);
            for (int e = 0; e < elements; e++) {
                if (e % run != 0) {
                    f.kernels.addTo(lanes, out, outAt + (e - 1) * lanes, out, outAt + e * lanes);
                }
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            double[] adjoint = f.adjoint[p.out];
            int at = f.adjointAt[p.out];
            int lanes = f.lanes;
            for (int e = p.elements(f) - 1; e > 0; e--) {
                if (e % run != 0) {
                    f.kernels.addTo(lanes, adjoint, at + e * lanes, adjoint, at + (e - 1) * lanes);
                }
            }
            f.kernels.addTo(p.length(f), adjoint, at, f.adjoint[p.in[0]], f.adjointAt[p.in[0]]);
        }
    }
}
