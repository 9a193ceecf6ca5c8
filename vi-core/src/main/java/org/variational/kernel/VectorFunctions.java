package org.variational.kernel;

import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NEG;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The elementary functions of arrays, within 2 ulp, by lane operations that are exact or correctly rounded.
 *
 * <p>Exponentials: with {@code k} the integer nearest to {@code x / log 2} and {@code r = x - k log 2},
 * {@code exp(x) = 2^k (1 + p)} where {@code p = expm1(r) = r + r^2 Q(r)}. Logarithms: {@code x = 2^k (1 + f)} with
 * {@code 1 + f} between {@code sqrt(1/2)} and {@code sqrt(2)}; with {@code s = f / (2 + f)} and {@code z = s^2},
 * {@code log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + z R(z))}. {@code Q} and {@code R} are minimax polynomials
 * with relative errors under 1e-18, summed as an even and an odd part.
 *
 * <p>The bodies repeat each other because they must: past a certain size of the compiled method, the JIT inlines
 * nothing but the Vector API itself, and a vector that crosses a call is an object on the heap.
 */
final class VectorFunctions {

    static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;

    private static final int WIDTH = SPECIES.length();

    private static final double LOG2_E = 1.4426950408889634;
    /** The leading 33 bits of log 2, so that products with exponents are exact. */
    private static final double LN2_HIGH = 6.93147180369123816490e-01;

    private static final double LN2_LOW = 1.90821492927058770002e-10;

    /** Added to a number below 2^51, rounds it to an integer. */
    private static final double ROUND = 0x1.8p52;
    /**
     * The same, leaving in the low bits the integer plus the bias of an exponent: shifted left by 52, a power of two.
     */
    private static final double ROUND_BIASED = 0x1.8p52 + 1023;

    /** The coefficients of {@code Q(r) = (expm1(r) - r) / r^2} for {@code |r| <= log(2) / 2}. */
    private static final double Q0 = 0.5;

    private static final double Q1 = 0.16666666666666677;
    private static final double Q2 = 0.04166666666666656;
    private static final double Q3 = 0.008333333333321964;
    private static final double Q4 = 0.0013888888888968576;
    private static final double Q5 = 0.00019841269885601226;
    private static final double Q6 = 2.4801587124849632e-05;
    private static final double Q7 = 2.755724446002906e-06;
    private static final double Q8 = 2.755746212679969e-07;
    private static final double Q9 = 2.5109036168771015e-08;
    private static final double Q10 = 2.085324454915275e-09;

    /** The coefficients of {@code R(s^2) = (2 atanh(s) - 2 s) / s^3} for {@code |s| <= 1/5}. */
    private static final double R0 = 0.6666666666666665;

    private static final double R1 = 0.40000000000019487;
    private static final double R2 = 0.2857142856357154;
    private static final double R3 = 0.22222223527281523;
    private static final double R4 = 0.18181706933860892;
    private static final double R5 = 0.15389903497840135;
    private static final double R6 = 0.13192074659996977;
    private static final double R7 = 0.13728459955072483;

    /** The coefficients of the same function for {@code |s| <= 1/3}. */
    private static final double S0 = 0.6666666666666666;

    private static final double S1 = 0.3999999999999982;
    private static final double S2 = 0.28571428571515955;
    private static final double S3 = 0.22222222208077452;
    private static final double S4 = 0.18181819301454383;
    private static final double S5 = 0.1538456490537032;
    private static final double S6 = 0.1333472974738054;
    private static final double S7 = 0.11740237775752797;
    private static final double S8 = 0.107974102164335;
    private static final double S9 = 0.07703882147525574;
    private static final double S10 = 0.1523230845210648;

    private static final double MIN_NORMAL = 0x1p-1022;
    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final long SIGN = 0x8000000000000000L;
    private static final long MANTISSA = 0x000FFFFFFFFFFFFFL;
    private static final long SQRT_HALF_BITS = 0x3FE6A09E667F3BCDL;
    /** Added to the bits of a number, makes its exponent field change at {@code sqrt(1/2)} times powers of two. */
    private static final long TO_SQRT_HALF = 0x3FF0000000000000L - SQRT_HALF_BITS;

    private static final long TWO_TO_52_BITS = 0x4330000000000000L;
    private static final double TWO_TO_52_BIASED = 0x1p52 + 1023;

    private VectorFunctions() {}

    static void exp(int length, double[] in, int inAt, double[] out, int outAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, in, inAt + i);
            DoubleVector k = x.fma(LOG2_E, ROUND).sub(ROUND);
            DoubleVector high = k.lanewise(FMA, -LN2_HIGH, x);
            DoubleVector r = k.lanewise(FMA, -LN2_LOW, high);
            DoubleVector low = k.lanewise(FMA, -LN2_LOW, high.sub(r));
            DoubleVector rr = r.mul(r);
            DoubleVector odd =
                    rr.fma(Q9, Q7).lanewise(FMA, rr, Q5).lanewise(FMA, rr, Q3).lanewise(FMA, rr, Q1);
            DoubleVector q = rr.fma(Q10, Q8)
                    .lanewise(FMA, rr, Q6)
                    .lanewise(FMA, rr, Q4)
                    .lanewise(FMA, rr, Q2)
                    .lanewise(FMA, rr, Q0);
            DoubleVector p = rr.fma(odd.fma(r, q), low).add(r);
            // 2^k as the product of two normal numbers
            DoubleVector half = k.fma(0.5, ROUND_BIASED);
            DoubleVector rest = k.sub(half.sub(ROUND_BIASED)).add(ROUND_BIASED);
            DoubleVector scale = half.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
            DoubleVector y = p.fma(scale, scale)
                    .mul(rest.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles());
            y.blend(INFINITY, x.compare(GT, 1000))
                    .blend(0, x.compare(LT, -1000))
                    .intoArray(out, outAt + i);
        }
    }

    /** Writes {@code exp(-|x|)} with the sign of {@code x}. */
    private static void signedExp(int length, double[] in, int inAt, double[] out, int outAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector signed = DoubleVector.fromArray(SPECIES, in, inAt + i);
            DoubleVector x = signed.lanewise(ABS).lanewise(NEG);
            DoubleVector k = x.fma(LOG2_E, ROUND).sub(ROUND);
            DoubleVector high = k.lanewise(FMA, -LN2_HIGH, x);
            DoubleVector r = k.lanewise(FMA, -LN2_LOW, high);
            DoubleVector low = k.lanewise(FMA, -LN2_LOW, high.sub(r));
            DoubleVector rr = r.mul(r);
            DoubleVector odd =
                    rr.fma(Q9, Q7).lanewise(FMA, rr, Q5).lanewise(FMA, rr, Q3).lanewise(FMA, rr, Q1);
            DoubleVector q = rr.fma(Q10, Q8)
                    .lanewise(FMA, rr, Q6)
                    .lanewise(FMA, rr, Q4)
                    .lanewise(FMA, rr, Q2)
                    .lanewise(FMA, rr, Q0);
            DoubleVector p = rr.fma(odd.fma(r, q), low).add(r);
            DoubleVector half = k.fma(0.5, ROUND_BIASED);
            DoubleVector rest = k.sub(half.sub(ROUND_BIASED)).add(ROUND_BIASED);
            DoubleVector scale = half.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
            LongVector y = p.fma(scale, scale)
                    .mul(rest.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles())
                    .blend(0, x.compare(LT, -1000))
                    .reinterpretAsLongs();
            y.or(signed.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles().intoArray(out, outAt + i);
        }
    }

    /** {@code q = e / (1 + e)} with {@code e = exp(-|x|)}: {@code 1 - q}, or {@code q = e - e q} for a negative x. */
    static void logistic(int length, double[] in, int inAt, double[] out, int outAt) {
        signedExp(length, in, inAt, out, outAt);
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector signed = DoubleVector.fromArray(SPECIES, out, outAt + i);
            VectorMask<Long> negative = signed.reinterpretAsLongs().compare(LT, 0);
            DoubleVector e = signed.lanewise(ABS);
            DoubleVector minusQ = e.lanewise(NEG).div(e.add(1));
            LongVector below = e.fma(minusQ, e).reinterpretAsLongs();
            LongVector above = minusQ.add(1).reinterpretAsLongs();
            above.blend(below, negative).reinterpretAsDoubles().intoArray(out, outAt + i);
        }
    }

    /** {@code softplus(x) = max(x, 0) + log(1 + e)} with {@code e = exp(-|x|)}, which waits in the slope. */
    static void softplus(int length, double[] in, int inAt, double[] out, int outAt, double[] slope, int slopeAt) {
        if (in == slope) {
            System.arraycopy(in, inAt, out, outAt, length);
            signedExp(length, in, inAt, slope, slopeAt);
            softplusOfExp(length, out, outAt, out, outAt, slope, slopeAt);
        } else {
            signedExp(length, in, inAt, slope, slopeAt);
            softplusOfExp(length, in, inAt, out, outAt, slope, slopeAt);
        }
    }

    /** {@code log(1 + e) = 2 atanh(s)} with {@code s = e / (2 + e)}; the slope as in {@link #logistic}. */
    private static void softplusOfExp(
            int length, double[] in, int inAt, double[] out, int outAt, double[] slope, int slopeAt) {
        DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, in, inAt + i);
            DoubleVector e = DoubleVector.fromArray(SPECIES, slope, slopeAt + i).lanewise(ABS);
            VectorMask<Double> negative = x.compare(LT, 0);
            DoubleVector minusQ = e.lanewise(NEG).div(e.add(1));
            minusQ.add(1).blend(e.fma(minusQ, e), negative).intoArray(slope, slopeAt + i);
            DoubleVector s = e.div(e.add(2));
            DoubleVector z = s.mul(s);
            DoubleVector w = z.mul(z);
            DoubleVector odd =
                    w.fma(S9, S7).lanewise(FMA, w, S5).lanewise(FMA, w, S3).lanewise(FMA, w, S1);
            DoubleVector even = w.fma(S10, S8)
                    .lanewise(FMA, w, S6)
                    .lanewise(FMA, w, S4)
                    .lanewise(FMA, w, S2)
                    .lanewise(FMA, w, S0);
            DoubleVector halfSquare = e.mul(0.5).mul(e);
            DoubleVector tail = s.mul(odd.fma(z, even).fma(z, halfSquare));
            DoubleVector log = e.sub(halfSquare.sub(tail));
            log.add(x.blend(zero, negative)).intoArray(out, outAt + i);
        }
    }

    static void log(int length, double[] in, int inAt, double[] out, int outAt) {
        DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, in, inAt + i);
            VectorMask<Double> subnormal = x.compare(LT, MIN_NORMAL);
            LongVector t =
                    x.blend(x.mul(0x1p54), subnormal).reinterpretAsLongs().add(TO_SQRT_HALF);
            DoubleVector k = t.lanewise(LSHR, 52)
                    .add(TWO_TO_52_BITS)
                    .reinterpretAsDoubles()
                    .sub(TWO_TO_52_BIASED)
                    .sub(zero.blend(54, subnormal));
            DoubleVector f =
                    t.and(MANTISSA).add(SQRT_HALF_BITS).reinterpretAsDoubles().sub(1);
            DoubleVector s = f.div(f.add(2));
            DoubleVector z = s.mul(s);
            DoubleVector w = z.mul(z);
            DoubleVector odd = w.fma(R7, R5).lanewise(FMA, w, R3).lanewise(FMA, w, R1);
            DoubleVector even = w.fma(R6, R4).lanewise(FMA, w, R2).lanewise(FMA, w, R0);
            DoubleVector halfSquare = f.mul(0.5).mul(f);
            DoubleVector tail = s.fma(odd.fma(z, even).fma(z, halfSquare), k.mul(LN2_LOW));
            DoubleVector y = k.lanewise(FMA, LN2_HIGH, f.sub(halfSquare.sub(tail)));
            // x - x is NaN for an infinite x or NaN
            y.add(x.sub(x))
                    .blend(INFINITY, x.compare(EQ, INFINITY))
                    .blend(-INFINITY, x.compare(EQ, 0))
                    .blend(Double.NaN, x.compare(LT, 0))
                    .intoArray(out, outAt + i);
        }
    }

    /**
     * As {@code log(u)} with {@code u = 1 + x}, plus {@code (x - (u - 1)) / u} for what the rounding of {@code u} lost.
     */
    static void log1p(int length, double[] in, int inAt, double[] out, int outAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, in, inAt + i);
            DoubleVector u = x.add(1);
            LongVector t = u.reinterpretAsLongs().add(TO_SQRT_HALF);
            LongVector biased = t.lanewise(LSHR, 52);
            DoubleVector mantissa =
                    t.and(MANTISSA).add(SQRT_HALF_BITS).reinterpretAsDoubles().sub(1);
            // 1 / u = 2^(1 - k) / (2 (1 + f)), to two digits; where f = x serves, nothing was lost
            VectorMask<Double> small = x.sub(0.125).lanewise(ABS).compare(LT, 0.375);
            DoubleVector inverse = biased.lanewise(NEG)
                    .add(2047)
                    .lanewise(LSHL, 52)
                    .reinterpretAsDoubles()
                    .mul(mantissa.fma(-0.5, 0.53));
            DoubleVector lost = x.sub(u.sub(1)).mul(inverse).blend(0, small);
            DoubleVector k = biased.add(TWO_TO_52_BITS)
                    .reinterpretAsDoubles()
                    .sub(TWO_TO_52_BIASED)
                    .blend(0, small);
            DoubleVector f = mantissa.blend(x, small);
            DoubleVector s = f.div(f.add(2));
            DoubleVector z = s.mul(s);
            DoubleVector w = z.mul(z);
            DoubleVector odd = w.fma(R7, R5).lanewise(FMA, w, R3).lanewise(FMA, w, R1);
            DoubleVector even = w.fma(R6, R4).lanewise(FMA, w, R2).lanewise(FMA, w, R0);
            DoubleVector halfSquare = f.mul(0.5).mul(f);
            DoubleVector tail = s.fma(odd.fma(z, even).fma(z, halfSquare), k.lanewise(FMA, LN2_LOW, lost));
            DoubleVector y = k.lanewise(FMA, LN2_HIGH, f.sub(halfSquare.sub(tail)));
            LongVector limited = y.blend(INFINITY, u.compare(EQ, INFINITY))
                    .blend(-INFINITY, u.compare(EQ, 0))
                    .blend(Double.NaN, u.compare(LT, 0))
                    .reinterpretAsLongs();
            limited.or(x.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles().intoArray(out, outAt + i);
        }
    }

    /** {@code 2^k (1 + p) - 1 = 2^k p + (2^k - 1)}, with {@code r} and {@code p} kept to more than the precision. */
    static void expm1(int length, double[] in, int inAt, double[] out, int outAt) {
        DoubleVector zero = DoubleVector.zero(SPECIES);
        DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, in, inAt + i);
            DoubleVector k = x.fma(LOG2_E, ROUND).sub(ROUND);
            DoubleVector high = k.lanewise(FMA, -LN2_HIGH, x);
            DoubleVector r = k.lanewise(FMA, -LN2_LOW, high);
            DoubleVector low = k.lanewise(FMA, -LN2_LOW, high.sub(r));
            DoubleVector rr = r.mul(r);
            DoubleVector odd =
                    rr.fma(Q9, Q7).lanewise(FMA, rr, Q5).lanewise(FMA, rr, Q3).lanewise(FMA, rr, Q1);
            DoubleVector q = rr.fma(Q10, Q8)
                    .lanewise(FMA, rr, Q6)
                    .lanewise(FMA, rr, Q4)
                    .lanewise(FMA, rr, Q2)
                    .lanewise(FMA, rr, Q0);
            DoubleVector p = rr.fma(odd.fma(r, q), low.fma(r, low)).add(r);
            // k = 1024 from 709.4 on: there the last factor 2 comes at the end
            VectorMask<Double> top = x.compare(GT, 709);
            DoubleVector biased = k.sub(zero.blend(1, top)).add(ROUND_BIASED);
            DoubleVector scale = biased.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
            LongVector y = p.fma(scale, scale.sub(1))
                    .mul(one.blend(2, top))
                    .blend(INFINITY, x.compare(GT, 710))
                    .blend(-1, x.compare(LT, -50))
                    .reinterpretAsLongs();
            y.or(x.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles().intoArray(out, outAt + i);
        }
    }

    /**
     * {@code tanh |x| = -t / (2 + t)} with {@code t = expm1(-2 |x|)}. The sums with 1 and 2 keep their rounding errors,
     * which correct the quotient.
     */
    static void tanh(int length, double[] in, int inAt, double[] out, int outAt) {
        DoubleVector minusOne = DoubleVector.broadcast(SPECIES, -1);
        DoubleVector two = DoubleVector.broadcast(SPECIES, 2);
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector signed = DoubleVector.fromArray(SPECIES, in, inAt + i);
            DoubleVector x = signed.lanewise(ABS).mul(-2);
            DoubleVector k = x.fma(LOG2_E, ROUND).sub(ROUND);
            DoubleVector high = k.lanewise(FMA, -LN2_HIGH, x);
            DoubleVector r = k.lanewise(FMA, -LN2_LOW, high);
            DoubleVector low = k.lanewise(FMA, -LN2_LOW, high.sub(r));
            DoubleVector rr = r.mul(r);
            DoubleVector odd =
                    rr.fma(Q9, Q7).lanewise(FMA, rr, Q5).lanewise(FMA, rr, Q3).lanewise(FMA, rr, Q1);
            DoubleVector q = rr.fma(Q10, Q8)
                    .lanewise(FMA, rr, Q6)
                    .lanewise(FMA, rr, Q4)
                    .lanewise(FMA, rr, Q2)
                    .lanewise(FMA, rr, Q0);
            DoubleVector p = rr.fma(odd.fma(r, q), low.fma(r, low)).add(r);
            DoubleVector biased = k.add(ROUND_BIASED);
            DoubleVector scale = biased.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
            DoubleVector whole = scale.sub(1);
            DoubleVector t = p.fma(scale, whole);
            DoubleVector tLow = p.fma(scale, whole.sub(t));
            DoubleVector d = t.add(2);
            DoubleVector dLow = two.sub(d).add(t).add(tLow);
            DoubleVector inverse = minusOne.div(d);
            DoubleVector quotient = t.mul(inverse);
            DoubleVector rest = quotient.fma(d, t).add(quotient.fma(dLow, tLow));
            LongVector y = rest.fma(inverse, quotient)
                    .lanewise(ABS)
                    .blend(1, x.compare(LT, -50))
                    .reinterpretAsLongs();
            y.or(signed.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles().intoArray(out, outAt + i);
        }
    }
}
