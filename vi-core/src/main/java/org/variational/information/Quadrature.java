package org.variational.information;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.ejml.data.DMatrixRMaj;
import org.variational.constraint.Constraint;
import org.variational.expression.Evaluator;
import org.variational.expression.Expr;
import org.variational.random.RandomStreams;

/**
 * A measure of two continuous distributions on the line, by Gauss-Legendre quadrature.
 *
 * <p>The integral is taken over the support of q where that is inside the support of p, otherwise over that of p, and
 * what lies outside is added. Its variable is the unconstrained coordinate of that support, so that ends are at
 * infinity and singular densities are smooth. Panels lie between quantiles of a few draws of both distributions, graded
 * where scales differ, and beyond the outermost ones double in length until they contribute nothing; each is halved
 * until its halves agree with it. The probabilities of p and q are integrated along, which tells what is missing.
 */
final class Quadrature implements AutoCloseable {
    private static final int NODES = 20;
    private static final int DRAWS = 512;
    private static final int DRAWS_PER_PANEL = 32;
    private static final int DEEPEST = 40;
    private static final double TOLERANCE = 1e-13;
    private static final double NEGLIGIBLE = 1e-14;
    private static final double MISSING = 1e-7;
    /** Coordinates reach as far as the point is below this and its distance from an end above the reciprocal. */
    private static final double LARGEST = 1e150;
    /**
     * An integral that so many panels in a row, each twice as long as the one before, add to undiminished is infinite.
     */
    private static final int LONG = 20;

    private static final double LASTING = 0.98;

    private final Measure measure;
    private final Parameterised p;
    private final Parameterised q;
    /** Whether the integral is over the support of q, and not of p. */
    private final boolean overQ;

    private final double[] endsOfP;
    private final double[] endsOfQ;
    private final Constraint support;
    private final Evaluator densities;
    private final double[] nodes = new double[NODES];
    private final double[] weights = new double[NODES];

    private Quadrature(Measure measure, Parameterised p, Parameterised q) {
        this.measure = measure;
        this.p = p;
        this.q = q;
        this.endsOfP = p.ends();
        this.endsOfQ = q.ends();
        this.overQ = inside(endsOfQ, endsOfP);
        this.support = (overQ ? q : p).distribution().support();
        Expr coordinate = Parameterised.line();
        Expr x = support.constrain(coordinate, 1, 1);
        this.densities = Parameterised.evaluator(List.of(
                p.distribution().logDensity(x), q.distribution().logDensity(x), support.logJacobian(coordinate, x), x));
        GaussIntegrator rule = new GaussIntegratorFactory().legendre(NODES);
        for (int i = 0; i < NODES; i++) {
            nodes[i] = rule.getPoint(i);
            weights[i] = rule.getWeight(i);
        }
    }

    /**
     * The measure.
     *
     * @throws ArithmeticException if the integral does not converge within the range of a double
     */
    static double of(Measure measure, Parameterised p, Parameterised q) {
        try (Quadrature quadrature = new Quadrature(measure, p, q)) {
            return quadrature.measure();
        }
    }

    @Override
    public void close() {
        densities.close();
    }

    /** Whether one interval is inside another and not equal to it. */
    private static boolean inside(double[] inner, double[] outer) {
        return inner[0] >= outer[0] && inner[1] <= outer[1] && !Arrays.equals(inner, outer);
    }

    private double measure() {
        boolean pReachesFurther = endsOfP[0] < endsOfQ[0] || endsOfP[1] > endsOfQ[1];
        boolean qReachesFurther = endsOfQ[0] < endsOfP[0] || endsOfQ[1] > endsOfP[1];
        if ((pReachesFurther && Double.isInfinite(measure.withoutQ()))
                || (qReachesFurther && Double.isInfinite(measure.withoutP()))) {
            return measure.finish().applyAsDouble(Double.POSITIVE_INFINITY);
        }
        if (endsOfP[1] <= endsOfQ[0] || endsOfQ[1] <= endsOfP[0]) {
            return measure.finish().applyAsDouble(measure.withoutQ() + measure.withoutP());
        }
        Integral total = integral();
        if (total.value == Double.POSITIVE_INFINITY) {
            return measure.finish().applyAsDouble(total.value);
        }
        double missingP = 1 - total.massP;
        double missingQ = 1 - total.massQ;
        double missing = overQ ? missingQ : missingP;
        if (!(Math.abs(missing) < MISSING) || Math.min(missingP, missingQ) < -MISSING || Double.isNaN(total.value)) {
            throw new ArithmeticException("quadrature of the " + measure.name() + " of " + p.name() + " and " + q.name()
                    + " failed: it finds probabilities " + total.massP + " and " + total.massQ
                    + "; mass next to an end of the support may be out of a double's reach. Use MonteCarlo");
        }
        double outside = 0;
        if (missingP > MISSING) {
            outside += missingP * measure.withoutQ();
        }
        if (missingQ > MISSING) {
            outside += missingQ * measure.withoutP();
        }
        return measure.finish().applyAsDouble(total.value + outside);
    }

    private Integral integral() {
        double[] breaks = breaks();
        double first = breaks[0];
        double last = breaks[breaks.length - 1];
        Integral total = new Integral();
        for (int i = 1; i < breaks.length; i++) {
            total.add(refined(breaks[i - 1], breaks[i], panel(breaks[i - 1], breaks[i]), 0, total));
        }
        double length = Math.max(last - first, Math.ulp(Math.abs(last) + Math.abs(first)) * 1024);
        addTail(total, first, -length);
        addTail(total, last, length);
        return total;
    }

    /** Adds panels of doubling length in one direction until they contribute nothing, here and further out. */
    private void addTail(Integral total, double start, double length) {
        double limit = limit(start, Math.signum(length));
        double from = start;
        double last = 0;
        double beforePerLength = Double.POSITIVE_INFINITY;
        double lastPerLength = Double.POSITIVE_INFINITY;
        int lasting = 0;
        for (double step = length; from != limit; step *= 2) {
            double to = Math.abs(limit - from) > Math.abs(step) ? from + step : limit;
            Integral whole = panel(Math.min(from, to), Math.max(from, to));
            Integral part = refined(Math.min(from, to), Math.max(from, to), whole, 0, total);
            total.add(part);
            if (!Double.isFinite(total.value)) {
                return;
            }
            boolean negligible = part.magnitude <= NEGLIGIBLE * total.magnitude
                    && part.massP <= NEGLIGIBLE
                    && part.massQ <= NEGLIGIBLE;
            if (negligible && vanishesBeyond(to, step, limit, total)) {
                return;
            }
            lasting = part.magnitude > 0 && part.magnitude >= LASTING * last ? lasting + 1 : 0;
            if (lasting == LONG) {
                total.value = Double.POSITIVE_INFINITY;
                return;
            }
            last = part.magnitude;
            beforePerLength = lastPerLength;
            lastPerLength = last / Math.abs(to - from);
            from = to;
        }
        if (last > MISSING * total.magnitude && lastPerLength >= LASTING * beforePerLength) {
            total.value = Double.POSITIVE_INFINITY;
        } else if (remainder(limit, Math.signum(length)) > MISSING * total.magnitude) {
            total.value = Double.NaN;
        }
    }

    /** The integral beyond the limit, if the integrand goes on to decay as it does over the last unit of length. */
    private double remainder(double limit, double sign) {
        double there = magnitude(limit, 1);
        double decay = Math.log(magnitude(limit - sign, 1) / there);
        return there == 0 ? 0 : decay > 0 ? there / decay : Double.POSITIVE_INFINITY;
    }

    /** The integrand at a coordinate, times a length. */
    private double magnitude(double coordinate, double length) {
        Integral point = new Integral();
        double[][] values = densities.outputs(new DMatrixRMaj(new double[][] {{coordinate}}));
        point.add(Math.abs(length), values[0][0] + values[2][0], values[1][0] + values[2][0], values[2][0], measure);
        return point.magnitude;
    }

    /**
     * Whether the integrand does not grow again, as it does where the integral diverges although it decays at first.
     */
    private boolean vanishesBeyond(double from, double step, double limit, Integral total) {
        for (double far = step; Math.abs(far) < Math.abs(limit - from); far *= 2) {
            if (magnitude(from + far, far) > MISSING * total.magnitude) {
                return false;
            }
        }
        return true;
    }

    /** The farthest coordinate in one direction whose point is within the range that densities can be trusted in. */
    private double limit(double start, double sign) {
        double inside = start;
        for (double step = Math.scalb(sign, 500); Math.abs(step) > 1e-3 * Math.max(1, Math.abs(inside)); step *= 0.5) {
            double[][] values = densities.outputs(new DMatrixRMaj(new double[][] {{inside + step}}));
            boolean usable = values[0][0] < Double.POSITIVE_INFINITY && values[1][0] < Double.POSITIVE_INFINITY;
            if (usable && Math.abs(values[3][0]) < LARGEST && Math.abs(values[2][0]) < Math.log(LARGEST)) {
                inside += step;
            }
        }
        return inside;
    }

    /** Panel ends: draws of p and q inside the support, and the ends of the other support there. */
    private double[] breaks() {
        DoubleStream ends = DoubleStream.concat(DoubleStream.of(endsOfP), DoubleStream.of(endsOfQ))
                .map(this::coordinate)
                .filter(Double::isFinite);
        DoubleStream quantiles = DoubleStream.concat(
                quantiles(p, RandomStreams.of(0).generator("quadrature", 0)),
                quantiles(q, RandomStreams.of(0).generator("quadrature", 1)));
        double[] all = DoubleStream.concat(ends, quantiles).sorted().distinct().toArray();
        if (all.length < 2) {
            throw new ArithmeticException("draws of " + p.name() + " do not differ in double precision");
        }
        return graded(all);
    }

    /** The same panels, those next to a far shorter one divided so that lengths at most double from there. */
    private static double[] graded(double[] breaks) {
        DoubleStream.Builder all = DoubleStream.builder();
        for (int i = 1; i < breaks.length; i++) {
            double from = breaks[i - 1];
            double to = breaks[i];
            double up = i > 1 ? 2 * (from - breaks[i - 2]) : to - from;
            double down = i + 1 < breaks.length ? 2 * (breaks[i + 1] - to) : to - from;
            all.add(from);
            while (to - from > 2 * Math.min(up, down)) {
                if (up <= down) {
                    from += up;
                    all.add(from);
                    up *= 2;
                } else {
                    to -= down;
                    all.add(to);
                    down *= 2;
                }
            }
        }
        all.add(breaks[breaks.length - 1]);
        return all.build().sorted().distinct().toArray();
    }

    private DoubleStream quantiles(Parameterised of, RandomGenerator random) {
        var sampler = of.distribution().sampler();
        double[] draw = new double[1];
        double[] coordinates = new double[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            sampler.draw(random, of.parameters(), draw);
            coordinates[i] = coordinate(draw[0]);
        }
        double[] inside =
                Arrays.stream(coordinates).filter(Double::isFinite).sorted().toArray();
        int count = inside.length;
        return DoubleStream.iterate(0, rank -> rank + DRAWS_PER_PANEL)
                .limit((count + DRAWS_PER_PANEL - 1) / DRAWS_PER_PANEL)
                .map(rank -> inside[(int) rank])
                .flatMap(value -> count == 0 ? DoubleStream.empty() : DoubleStream.of(value, inside[count - 1]));
    }

    /** NaN for a point that is not inside the support. */
    private double coordinate(double x) {
        try {
            return support.unconstrain(new double[] {x}, 1, 1)[0];
        } catch (IllegalArgumentException outside) {
            return Double.NaN;
        }
    }

    private Integral panel(double from, double to) {
        double middle = 0.5 * (from + to);
        double half = 0.5 * (to - from);
        DMatrixRMaj points = new DMatrixRMaj(1, NODES);
        for (int i = 0; i < NODES; i++) {
            points.data[i] = middle + half * nodes[i];
        }
        double[][] values = densities.outputs(points);
        Integral sum = new Integral();
        for (int i = 0; i < NODES; i++) {
            double logVolume = values[2][i];
            sum.add(half * weights[i], values[0][i] + logVolume, values[1][i] + logVolume, logVolume, measure);
        }
        return sum;
    }

    /** A panel's integral, by its halves until they agree with it. */
    private Integral refined(double from, double to, Integral whole, int depth, Integral total) {
        double middle = 0.5 * (from + to);
        Integral left = panel(from, middle);
        Integral right = panel(middle, to);
        double scale = 1e-3 + Math.max(total.magnitude, whole.magnitude);
        if (depth == DEEPEST || !(whole.distance(left, right) > TOLERANCE * scale)) {
            left.add(right);
            return left;
        }
        Integral sum = refined(from, middle, left, depth + 1, total);
        sum.add(refined(middle, to, right, depth + 1, total));
        return sum;
    }
}
