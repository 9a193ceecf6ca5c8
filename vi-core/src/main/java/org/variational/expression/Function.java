package org.variational.expression;

import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;
import org.variational.kernel.Kernels;
import org.variational.random.NormalTail;

/**
 * Elementwise functions of one argument. Each writes its value and, where a gradient is wanted, its slope, so that
 * reverse is one multiply-add whatever the function.
 */
enum Function implements Op {
    EXP {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.exp(n, x, xAt, y, yAt);
        }

        @Override
        boolean slopeIsValue() {
            return true;
        }
    },
    LOG {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.log(n, x, xAt, y, yAt);
            for (int i = 0; i < n; i++) {
                slope[slopeAt + i] = 1 / x[xAt + i];
            }
        }
    },
    LOG1P {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.log1p(n, x, xAt, y, yAt);
            for (int i = 0; i < n; i++) {
                slope[slopeAt + i] = 1 / (1 + x[xAt + i]);
            }
        }
    },
    EXPM1 {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.exp(n, x, xAt, slope, slopeAt);
            k.expm1(n, x, xAt, y, yAt);
        }
    },
    SQRT {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.sqrt(n, x, xAt, y, yAt);
            for (int i = 0; i < n; i++) {
                slope[slopeAt + i] = 0.5 / y[yAt + i];
            }
        }
    },
    RECIPROCAL {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double r = 1 / x[xAt + i];
                y[yAt + i] = r;
                slope[slopeAt + i] = -r * r;
            }
        }
    },
    TANH {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.tanh(n, x, xAt, y, yAt);
            for (int i = 0; i < n; i++) {
                slope[slopeAt + i] = (1 - y[yAt + i]) * (1 + y[yAt + i]);
            }
        }
    },
    LOGISTIC {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.logistic(n, x, xAt, y, yAt);
            for (int i = 0; i < n; i++) {
                slope[slopeAt + i] = y[yAt + i] * (1 - y[yAt + i]);
            }
        }
    },
    SOFTPLUS {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.softplus(n, x, xAt, y, yAt, slope, slopeAt);
        }
    },
    LGAMMA {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.lgamma(n, x, xAt, y, yAt);
            k.digamma(n, x, xAt, slope, slopeAt);
        }
    },
    DIGAMMA {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            k.digamma(n, x, xAt, y, yAt);
            for (int i = 0; i < n; i++) {
                slope[slopeAt + i] = Gamma.trigamma(x[xAt + i]);
            }
        }
    },
    ERF {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = Erf.erf(a);
                slope[slopeAt + i] = TWO_OVER_SQRT_PI * Math.exp(-a * a);
            }
        }
    },
    NORMAL_CDF {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = NormalTail.cdf(a);
                slope[slopeAt + i] = NormalTail.density(a);
            }
        }
    },
    LOG_NORMAL_CDF {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = NormalTail.logCdf(a);
                slope[slopeAt + i] = NormalTail.inverseMills(a);
            }
        }
    },
    LOG_CAUCHY_CDF {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                double below = Math.atan2(1, -a) / Math.PI;
                y[yAt + i] = a > 0 ? Math.log1p(-Math.atan2(1, a) / Math.PI) : Math.log(below);
                slope[slopeAt + i] = 1 / (Math.PI * (1 + a * a) * below);
            }
        }
    },
    SIN {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = Math.sin(a);
                slope[slopeAt + i] = Math.cos(a);
            }
        }
    },
    COS {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = Math.cos(a);
                slope[slopeAt + i] = -Math.sin(a);
            }
        }
    },
    ATAN {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = Math.atan(a);
                slope[slopeAt + i] = 1 / (1 + a * a);
            }
        }
    },
    LOG_STEP {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = a >= 0 ? 0 : a < 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
                slope[slopeAt + i] = 0;
            }
        }
    },
    ABS {
        @Override
        void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt) {
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = Math.abs(a);
                slope[slopeAt + i] = Math.signum(a);
            }
        }
    };

    private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

    /** Writes the function's values and slopes at n numbers. */
    abstract void apply(Kernels k, int n, double[] x, int xAt, double[] y, int yAt, double[] slope, int slopeAt);

    /** Whether the slope equals the value, as for exp, so that it needs no room of its own. */
    boolean slopeIsValue() {
        return false;
    }

    @Override
    public int scratch(Instruction p) {
        return slopeIsValue() ? 0 : p.outSize;
    }

    @Override
    public void forward(Frame f, Instruction p) {
        int slope = slopeIsValue() ? p.out : p.scratch;
        apply(
                f.kernels,
                p.length(f),
                f.value[p.in[0]],
                f.valueAt[p.in[0]],
                f.value[p.out],
                f.valueAt[p.out],
                f.value[slope],
                f.valueAt[slope]);
    }

    @Override
    public void reverse(Frame f, Instruction p) {
        int slope = slopeIsValue() ? p.out : p.scratch;
        f.kernels.addProductTo(
                p.length(f),
                f.adjoint[p.out],
                f.adjointAt[p.out],
                f.value[slope],
                f.valueAt[slope],
                f.adjoint[p.in[0]],
                f.adjointAt[p.in[0]]);
    }

    @Override
    public void reverseUniform(Frame f, Instruction p, double weight) {
        int slope = slopeIsValue() ? p.out : p.scratch;
        f.kernels.addScaledTo(
                p.length(f), weight, f.value[slope], f.valueAt[slope], f.adjoint[p.in[0]], f.adjointAt[p.in[0]]);
    }
}
