package org.variational.family;

import org.apache.commons.math3.special.Beta;
import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;

/**
 * The increasing function y that carries the standard normal distribution to another one, tabulated once and evaluated
 * by quintic Hermite interpolation.
 *
 * <p>With F the target's distribution function and f its density, y solves {@code F(y(n)) = Phi(n)}, so that
 * {@code y' = phi(n) / f(y)} and {@code y'' = y' (-n - (log f)'(y) y')}. At the knots y is found from the logarithm of
 * the nearer tail by Newton's method, safeguarded by bisection. With knots 1/16 apart the interpolation error is of
 * order 1e-12, to which rounding in the target's functions adds about 1e-15 times the degrees of freedom; outside
 * {@code |n| <= 10}, where a normal number falls once in 1e23 draws, y continues along its tangent.
 */
final class NormalTransport {
    private static final double LIMIT = 10;
    private static final int PER_UNIT = 16;
    private static final int KNOTS = (int) (2 * LIMIT * PER_UNIT) + 1;
    private static final double STEP = 1.0 / PER_UNIT;

    /** Value, first and second derivative by the knot's index, the derivatives in units of the step. */
    private final double[] table = new double[3 * KNOTS];

    /** A distribution on the real line. */
    private interface Target {
        /** log F(y) if {@code lower}, log (1 - F(y)) otherwise. */
        double logTail(double y, boolean lower);

        double logDensity(double y);

        double logDensitySlope(double y);
    }

    private NormalTransport(Target target) {
        double guess = 0;
        for (int half = 0; half < 2; half++) {
            for (int k = KNOTS / 2; k >= 0 && k < KNOTS; k += half == 0 ? 1 : -1) {
                double n = (k - KNOTS / 2) * STEP;
                double start = k == KNOTS / 2 ? guess : continueFrom(half == 0 ? k - 1 : k + 1, k);
                double y = solve(target, n, start);
                double slope = Math.exp(-0.5 * n * n - 0.5 * Shapes.LOG_TWO_PI - target.logDensity(y));
                double bend = slope * (-n - target.logDensitySlope(y) * slope);
                table[3 * k] = y;
                table[3 * k + 1] = slope * STEP;
                table[3 * k + 2] = bend * STEP * STEP;
            }
        }
    }

    private double continueFrom(int known, int wanted) {
        int direction = wanted - known;
        return table[3 * known] + direction * table[3 * known + 1] + 0.5 * table[3 * known + 2];
    }

    private static double solve(Target target, double n, double start) {
        boolean lower = n < 0;
        double goal = Math.log(0.5 * Erf.erfc(Math.abs(n) / Math.sqrt(2)));
        double below = Double.NEGATIVE_INFINITY;
        double above = Double.POSITIVE_INFINITY;
        double y = start;
        for (int iteration = 0; iteration < 100; iteration++) {
            double tail = target.logTail(y, lower);
            boolean tooHigh = lower ? tail > goal : tail < goal;
            if (tooHigh) {
                above = y;
            } else {
                below = y;
            }
            double slope = Math.exp(target.logDensity(y) - tail);
            double next = y - (lower ? 1 : -1) * (tail - goal) / slope;
            if (!(next > below && next < above)) {
                next = Double.isInfinite(below)
                        ? above - 1
                        : Double.isInfinite(above) ? below + 1 : 0.5 * (below + above);
            }
            if (Math.abs(next - y) <= 1e-15 * (1 + Math.abs(y))) {
                return next;
            }
            y = next;
        }
        return y;
    }

    /** y(n). */
    double at(double n) {
        double position = (n + LIMIT) * PER_UNIT;
        if (!(position >= 0 && position < KNOTS - 1)) {
            return beyond(n);
        }
        int k = (int) position;
        double t = position - k;
        int a = 3 * k;
        double y0 = table[a];
        double d0 = table[a + 1];
        double c0 = 0.5 * table[a + 2];
        // Newton form of the quintic through both knots' values and derivatives
        double rise = table[a + 3] - y0 - d0 - c0;
        double slopeGap = table[a + 4] - d0 - 2 * c0;
        double bendGap = 0.5 * table[a + 5] - c0;
        double c3 = 10 * rise - 4 * slopeGap + bendGap;
        double c4 = -15 * rise + 7 * slopeGap - 2 * bendGap;
        double c5 = 6 * rise - 3 * slopeGap + bendGap;
        return y0 + t * (d0 + t * (c0 + t * (c3 + t * (c4 + t * c5))));
    }

    private double beyond(double n) {
        int k = n < 0 ? 0 : KNOTS - 1;
        double knot = n < 0 ? -LIMIT : LIMIT;
        return table[3 * k] + (n - knot) * PER_UNIT * table[3 * k + 1];
    }

    /** To the logarithm of a chi-square variable over its degrees of freedom. */
    static NormalTransport toLogMeanChiSquare(double degrees) {
        double shape = degrees / 2;
        double constant = shape * Math.log(shape) - Gamma.logGamma(shape);
        return new NormalTransport(new Target() {
            @Override
            public double logTail(double y, boolean lower) {
                double x = shape * Math.exp(y);
                if (lower && x < 1e-8) {
                    // P(a, x) = x^a / Gamma(a + 1) (1 - a x / (a + 1) + ...)
                    return shape * Math.log(x) - Gamma.logGamma(shape + 1) + Math.log1p(-shape * x / (shape + 1));
                }
                return Math.log(
                        lower
                                ? Gamma.regularizedGammaP(shape, x, 1e-15, Integer.MAX_VALUE)
                                : Gamma.regularizedGammaQ(shape, x, 1e-15, Integer.MAX_VALUE));
            }

            @Override
            public double logDensity(double y) {
                return constant + shape * (y - Math.exp(y));
            }

            @Override
            public double logDensitySlope(double y) {
                return shape * (1 - Math.exp(y));
            }
        });
    }

    /** To {@code asinh(t / sqrt(degrees))} of a Student variable t. */
    static NormalTransport toInverseSinhStudent(double degrees) {
        double constant = Gamma.logGamma((degrees + 1) / 2) - Gamma.logGamma(degrees / 2) - 0.5 * Math.log(Math.PI);
        return new NormalTransport(new Target() {
            @Override
            public double logTail(double y, boolean lower) {
                double outward = lower ? -y : y;
                double tanh = Math.tanh(y);
                double centre = Beta.regularizedBeta(tanh * tanh, 0.5, degrees / 2);
                if (outward < 0) {
                    return Math.log(0.5 * (1 + centre));
                }
                if (centre < 0.5) {
                    return Math.log(0.5 * (1 - centre));
                }
                double cosh = Math.cosh(y);
                return Math.log(0.5 * Beta.regularizedBeta(1 / (cosh * cosh), degrees / 2, 0.5));
            }

            @Override
            public double logDensity(double y) {
                return constant - degrees * Math.log(Math.cosh(y));
            }

            @Override
            public double logDensitySlope(double y) {
                return -degrees * Math.tanh(y);
            }
        });
    }
}
