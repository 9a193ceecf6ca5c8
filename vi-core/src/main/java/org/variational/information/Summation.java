package org.variational.information;

import java.util.List;
import java.util.stream.DoubleStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.expression.Evaluator;

/** A measure of two distributions on the integers from 0, by summation until both are exhausted. */
final class Summation implements AutoCloseable {
    /** Beyond this many terms the sum is refused. */
    private static final double MOST = 0x1p26;

    private static final int FIRST_CHUNK = 64;
    private static final int LARGEST_CHUNK = 4096;
    private static final double EXHAUSTED = 1 - 1e-7;
    private static final double NEGLIGIBLE = 1e-15;

    private final Measure measure;
    private final Parameterised p;
    private final Parameterised q;
    private final double largestP;
    private final double largestQ;
    private final Evaluator logP;
    private final Evaluator logQ;

    private Summation(Measure measure, Parameterised p, Parameterised q) {
        this.measure = measure;
        this.p = p;
        this.q = q;
        this.largestP = largest(p);
        this.largestQ = largest(q);
        this.logP = Parameterised.evaluator(List.of(p.distribution().logDensity(Parameterised.line())));
        this.logQ = Parameterised.evaluator(List.of(q.distribution().logDensity(Parameterised.line())));
    }

    static double of(Measure measure, Parameterised p, Parameterised q) {
        try (Summation summation = new Summation(measure, p, q)) {
            return measure.finish().applyAsDouble(summation.sum());
        }
    }

    @Override
    public void close() {
        logP.close();
        logQ.close();
    }

    /** The largest integer that is possible, infinite if there is none. */
    private static double largest(Parameterised distribution) {
        double possible = -1;
        double step = 1;
        while (step < MOST) {
            if (distribution.isPossible(possible + step)) {
                possible += step;
                step *= 2;
            } else if (step == 1) {
                return possible;
            } else {
                step = 1;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private static double[] logProbabilities(Evaluator evaluator, double[] integers, double largest) {
        double[] clipped =
                DoubleStream.of(integers).map(k -> Math.min(k, largest)).toArray();
        double[] values = evaluator.outputs(DMatrixRMaj.wrap(1, clipped.length, clipped))[0];
        for (int i = 0; i < values.length; i++) {
            if (integers[i] > largest) {
                values[i] = Double.NEGATIVE_INFINITY;
            }
        }
        return values;
    }

    private Integral terms(double[] integers, double weight) {
        double[] ofP = logProbabilities(logP, integers, largestP);
        double[] ofQ = logProbabilities(logQ, integers, largestQ);
        Integral sum = new Integral();
        for (int i = 0; i < integers.length; i++) {
            sum.add(weight, ofP[i], ofQ[i], 0, measure);
        }
        return sum;
    }

    private double sum() {
        Integral total = new Integral();
        double last = Math.max(largestP, largestQ);
        int chunk = FIRST_CHUNK;
        for (double from = 0; from <= last; from += chunk, chunk = Math.min(2 * chunk, LARGEST_CHUNK)) {
            double start = from;
            int count = (int) Math.min(chunk, last - from + 1);
            Integral part =
                    terms(DoubleStream.iterate(start, k -> k + 1).limit(count).toArray(), 1);
            total.add(part);
            if (Double.isInfinite(total.value)) {
                return total.value;
            }
            boolean exhausted = total.massP > EXHAUSTED && total.massQ > EXHAUSTED;
            if (exhausted
                    && part.magnitude <= NEGLIGIBLE * total.magnitude
                    && tailVanishes(from + chunk, last, total)) {
                return total.value;
            }
            if (from > MOST) {
                throw new ArithmeticException("the " + measure.name() + " of " + p.name() + " and " + q.name()
                        + " needs more than " + (long) MOST
                        + " terms, or is infinite: after them they have probabilities "
                        + total.massP + " and " + total.massQ + "; use MonteCarlo");
            }
        }
        return total.value;
    }

    /**
     * Whether terms further out do not grow again, as they do where the sum diverges although its first terms decay.
     */
    private boolean tailVanishes(double from, double last, Integral total) {
        for (double k = from; k <= Math.min(last, 0x1p50); k *= 2) {
            if (terms(new double[] {Math.rint(k)}, k).magnitude > 1e-6 * total.magnitude) {
                return false;
            }
        }
        return true;
    }
}
