package org.variational.kernel;

import java.math.BigDecimal;
import java.math.MathContext;

/** Elementary functions to some forty digits, by Taylor series and a Halley step. */
final class HighPrecision {

    private static final MathContext DIGITS = new MathContext(60);
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    private HighPrecision() {}

    /** The distance of a computed value from the exact one, in units in the last place of the exact one. */
    static double ulps(double computed, BigDecimal exact) {
        double nearest = exact.doubleValue();
        if (Double.isInfinite(nearest) || Double.isInfinite(computed) || Double.isNaN(computed)) {
            return computed == nearest ? 0 : Double.POSITIVE_INFINITY;
        }
        return new BigDecimal(computed)
                .subtract(exact)
                .abs()
                .divide(new BigDecimal(Math.ulp(nearest)), MathContext.DECIMAL32)
                .doubleValue();
    }

    static BigDecimal exp(double x) {
        return exp(new BigDecimal(x));
    }

    static BigDecimal expm1(double x) {
        BigDecimal b = new BigDecimal(x);
        return Math.abs(x) < 1e-20
                ? b.add(b.multiply(b, DIGITS).divide(TWO, DIGITS), DIGITS)
                : exp(b).subtract(BigDecimal.ONE);
    }

    static BigDecimal log(double x) {
        return log(new BigDecimal(x), Math.log(x));
    }

    static BigDecimal log1p(double x) {
        return log1p(new BigDecimal(x));
    }

    static BigDecimal tanh(double x) {
        BigDecimal t = expm1(2 * x);
        return t.divide(t.add(TWO), DIGITS);
    }

    static BigDecimal logistic(double x) {
        return BigDecimal.ONE.divide(BigDecimal.ONE.add(exp(-x)), DIGITS);
    }

    static BigDecimal softplus(double x) {
        return x > 100 ? new BigDecimal(x).add(exp(-x)) : log1p(exp(x));
    }

    /** Taylor's series of {@code x / 2^halvings}, squared back. */
    private static BigDecimal exp(BigDecimal x) {
        int halvings = Math.max(0, Math.getExponent(x.doubleValue()) + 8);
        BigDecimal reduced = x.divide(TWO.pow(halvings), DIGITS);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        for (int n = 1; n < 30; n++) {
            term = term.multiply(reduced, DIGITS).divide(BigDecimal.valueOf(n), DIGITS);
            sum = sum.add(term, DIGITS);
        }
        for (int i = 0; i < halvings; i++) {
            sum = sum.multiply(sum, DIGITS);
        }
        return sum;
    }

    private static BigDecimal log1p(BigDecimal x) {
        double start = Math.log1p(x.doubleValue());
        if (Math.abs(x.doubleValue()) < 1e-20) {
            return x.subtract(x.multiply(x, DIGITS).divide(TWO, DIGITS), DIGITS);
        }
        return log(BigDecimal.ONE.add(x), Double.isInfinite(start) ? 709.7 : start);
    }

    /** Halley's step {@code y + 2 (x - e^y) / (x + e^y)}, which triples the digits of {@code y}. */
    private static BigDecimal log(BigDecimal x, double start) {
        BigDecimal e = exp(start);
        BigDecimal step = TWO.multiply(x.subtract(e)).divide(x.add(e), DIGITS);
        return new BigDecimal(start).add(step, DIGITS);
    }
}
