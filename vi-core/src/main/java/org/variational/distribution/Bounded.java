package org.variational.distribution;

import org.variational.constraint.Constraint;
import org.variational.constraint.Constraints;
import org.variational.expression.Expr;

/** Distributions whose support has ends other than 0 and infinity, and the extreme-value distribution. */
final class Bounded {

    private Bounded() {}

    /** {@code x^(a - 1) (1 - x)^(b - 1) / B(a, b)}. */
    static final class Beta extends Univariate {

        private final Expr a;
        private final Expr b;

        Beta(Expr a, Expr b) {
            super("beta", positive("beta", "a", a), positive("beta", "b", b));
            this.a = a;
            this.b = b;
        }

        @Override
        public Constraint support() {
            return Constraints.interval(0, 1);
        }

        @Override
        boolean possible(double value) {
            return value > 0 && value < 1;
        }

        @Override
        String demand() {
            return "between 0 and 1";
        }

        @Override
        public Expr logDensity(Expr value) {
            PositivePart x = PositivePart.of(value);
            PositivePart rest = PositivePart.of(value.negate().plus(1));
            return a.minus(1)
                    .times(x.standIn().log())
                    .plus(b.minus(1).times(logRest(value)))
                    .plus(a.plus(b).lgamma())
                    .minus(a.lgamma())
                    .minus(b.lgamma())
                    .plus(x.step())
                    .plus(rest.step());
        }

        /**
         * {@code log(1 - value)}, accurate near 0; finite where the value is 1 or more, which its mirror image
         * replaces.
         */
        private static Expr logRest(Expr value) {
            Expr rest = value.negate().plus(1);
            if (rest.logStep().isConstant(0) && !rest.isConstant(0)) {
                return value.negate().log1p();
            }
            Expr apart = value.plus(rest.abs().negate().logStep().exp());
            return apart.min(apart.negate().plus(2)).negate().log1p();
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Draws.beta(random, p[0][0], p[1][0]);
        }
    }

    /** {@code 1 / (upper - lower)} between the bounds. */
    static final class Uniform extends Univariate implements Tails {

        private final Expr lower;
        private final Expr upper;
        private final Constraint support;

        Uniform(Expr lower, Expr upper) {
            super("uniform", lower, upper);
            this.lower = finite("uniform", "lower", lower);
            this.upper = finite("uniform", "upper", upper);
            this.support = Constraints.interval(lower, upper);
        }

        @Override
        public Expr lowerEnd() {
            return lower;
        }

        @Override
        public Expr upperEnd() {
            return upper;
        }

        @Override
        public Constraint support() {
            return support;
        }

        @Override
        boolean possible(double value) {
            double[] from = lower.declaredValues();
            double[] to = upper.declaredValues();
            return Double.isFinite(value)
                    && (from == null || from.length != 1 || value >= from[0])
                    && (to == null || to.length != 1 || value <= to[0]);
        }

        @Override
        String demand() {
            return "between " + lower.describe() + " and " + upper.describe();
        }

        @Override
        public Expr logDensity(Expr value) {
            Expr inside = value.minus(lower).logStep().plus(upper.minus(value).logStep());
            // a value that is inside by its construction has the scalar 0 here, but a density for each element
            return (inside.isConstant(0) ? value.times(0) : inside)
                    .minus(upper.minus(lower).log());
        }

        @Override
        public Expr logCdf(Expr value) {
            return logShare(value.minus(lower));
        }

        @Override
        public Expr logSurvival(Expr value) {
            return logShare(upper.minus(value));
        }

        /** The logarithm of the share that a length has of the whole, between none and all. */
        private Expr logShare(Expr length) {
            return PositivePart.log(length).minus(upper.minus(lower).log()).min(Expr.constant(0));
        }

        @Override
        public Expr logInterval(Expr from, Expr to) {
            return to.minus(from).log().minus(upper.minus(lower).log());
        }

        @Override
        public double logCdf(double[][] p, double value) {
            return Math.log(Math.min(1, Math.max(0, (value - p[0][0]) / (p[1][0] - p[0][0]))));
        }

        @Override
        public double logSurvival(double[][] p, double value) {
            return Math.log(Math.min(1, Math.max(0, (p[1][0] - value) / (p[1][0] - p[0][0]))));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> {
                double fraction = Draws.open(random);
                draw[0] = p[0][0] * (1 - fraction) + p[1][0] * fraction;
            };
        }
    }

    /** {@code shape minimum^shape / x^(shape + 1)} above the minimum. */
    static final class Pareto extends Univariate implements Tails {

        private final Expr minimum;
        private final Expr shape;

        Pareto(Expr minimum, Expr shape) {
            super("pareto", positive("pareto", "minimum", minimum), positive("pareto", "shape", shape));
            this.minimum = minimum;
            this.shape = shape;
        }

        @Override
        public Expr lowerEnd() {
            return minimum;
        }

        @Override
        public Constraint support() {
            return Constraints.lower(minimum);
        }

        @Override
        boolean possible(double value) {
            double[] least = minimum.declaredValues();
            return value >= (least == null || least.length != 1 ? 0 : least[0]) && Double.isFinite(value);
        }

        @Override
        String demand() {
            return "at least the minimum " + minimum.describe();
        }

        @Override
        public Expr logDensity(Expr value) {
            Expr log = PositivePart.of(value).standIn().log();
            return shape.times(minimum.log().minus(log))
                    .plus(shape.log())
                    .minus(log)
                    .plus(value.minus(minimum).logStep());
        }

        @Override
        public Expr logSurvival(Expr value) {
            return shape.times(minimum.log().minus(value.max(minimum).log()));
        }

        @Override
        public Expr logCdf(Expr value) {
            return logSurvival(value).expm1().negate().log();
        }

        @Override
        public Expr logInterval(Expr lower, Expr upper) {
            return Tails.logDifference(logSurvival(lower), logSurvival(upper));
        }

        @Override
        public double logSurvival(double[][] p, double value) {
            return value > p[0][0] ? p[1][0] * (Math.log(p[0][0]) - Math.log(value)) : 0;
        }

        @Override
        public double logCdf(double[][] p, double value) {
            return Tails.log1mExp(logSurvival(p, value));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = p[0][0] * Math.exp(random.nextExponential() / p[1][0]);
        }
    }
}
