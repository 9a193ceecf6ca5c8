package org.variational.distribution;

import org.variational.expression.Expr;

/** Distributions on the positive numbers. */
final class Positives {

    private Positives() {}

    /** {@code rate exp(-rate x)}. */
    static final class Exponential extends Univariate.OnPositives implements Tails {

        private final Expr rate;

        Exponential(Expr rate) {
            super("exponential", positive("exponential", "rate", rate));
            this.rate = rate;
        }

        @Override
        public Expr logDensity(Expr value) {
            return rate.times(value).negate().plus(rate.log()).plus(value.logStep());
        }

        @Override
        boolean possible(double value) {
            return value >= 0 && Double.isFinite(value);
        }

        @Override
        String demand() {
            return "at least 0";
        }

        @Override
        public Expr logSurvival(Expr value) {
            return rate.times(value).negate();
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
            return value > 0 ? -p[0][0] * value : 0;
        }

        @Override
        public double logCdf(double[][] p, double value) {
            return Tails.log1mExp(logSurvival(p, value));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = random.nextExponential() / p[0][0];
        }
    }

    /** {@code rate^shape / Gamma(shape) x^(shape - 1) exp(-rate x)}. */
    static final class Gamma extends Univariate.OnPositives {

        private final Expr shape;
        private final Expr rate;

        Gamma(Expr shape, Expr rate) {
            super("gamma", positive("gamma", "shape", shape), positive("gamma", "rate", rate));
            this.shape = shape;
            this.rate = rate;
        }

        @Override
        public Expr logDensity(Expr value) {
            PositivePart x = PositivePart.of(value);
            return shape.minus(1)
                    .times(x.standIn().log())
                    .minus(rate.times(x.standIn()))
                    .plus(shape.times(rate.log()))
                    .minus(shape.lgamma())
                    .plus(x.step());
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Math.exp(Draws.logGamma(random, p[0][0]) - Math.log(p[1][0]));
        }
    }

    /** {@code scale^shape / Gamma(shape) x^(-shape - 1) exp(-scale / x)}. */
    static final class InverseGamma extends Univariate.OnPositives {

        private final Expr shape;
        private final Expr scale;

        InverseGamma(Expr shape, Expr scale) {
            super("inverseGamma", positive("inverseGamma", "shape", shape), positive("inverseGamma", "scale", scale));
            this.shape = shape;
            this.scale = scale;
        }

        @Override
        public Expr logDensity(Expr value) {
            PositivePart x = PositivePart.of(value);
            return shape.plus(1)
                    .times(x.standIn().log())
                    .negate()
                    .minus(scale.times(x.standIn().reciprocal()))
                    .plus(shape.times(scale.log()))
                    .minus(shape.lgamma())
                    .plus(x.step());
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Math.exp(Math.log(p[1][0]) - Draws.logGamma(random, p[0][0]));
        }
    }

    /** The distribution of the exponential of a normal variable. */
    static final class LogNormal extends Univariate.OnPositives implements Tails {

        private final Symmetrics.Normal logarithm;

        LogNormal(Expr location, Expr scale) {
            super("logNormal", finite("logNormal", "location", location), positive("logNormal", "scale", scale));
            this.logarithm = new Symmetrics.Normal(location, scale);
        }

        @Override
        public Expr logDensity(Expr value) {
            PositivePart x = PositivePart.of(value);
            Expr log = x.standIn().log();
            return logarithm.logDensity(log).minus(log).plus(x.step());
        }

        @Override
        public Expr logCdf(Expr value) {
            return logarithm.logCdf(value.log());
        }

        @Override
        public Expr logSurvival(Expr value) {
            return logarithm.logSurvival(value.log());
        }

        @Override
        public Expr logInterval(Expr lower, Expr upper) {
            return logarithm.logInterval(lower.log(), upper.log());
        }

        @Override
        public double logCdf(double[][] p, double value) {
            return logarithm.logCdf(p, Math.log(Math.max(value, 0)));
        }

        @Override
        public double logSurvival(double[][] p, double value) {
            return logarithm.logSurvival(p, Math.log(Math.max(value, 0)));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Math.exp(p[0][0] + p[1][0] * random.nextGaussian());
        }
    }

    /** {@code shape / scale (x / scale)^(shape - 1) exp(-(x / scale)^shape)}. */
    static final class Weibull extends Univariate.OnPositives implements Tails {

        private final Expr shape;
        private final Expr scale;

        Weibull(Expr shape, Expr scale) {
            super("weibull", positive("weibull", "shape", shape), positive("weibull", "scale", scale));
            this.shape = shape;
            this.scale = scale;
        }

        /** {@code shape (log x - log scale)}: the logarithm of the cumulative hazard. */
        private Expr logHazard(Expr value) {
            return shape.times(value.log().minus(scale.log()));
        }

        @Override
        public Expr logDensity(Expr value) {
            PositivePart x = PositivePart.of(value);
            Expr logHazard = logHazard(x.standIn());
            return logHazard
                    .minus(logHazard.exp())
                    .plus(shape.log())
                    .minus(x.standIn().log())
                    .plus(x.step());
        }

        @Override
        public Expr logSurvival(Expr value) {
            return logHazard(value).exp().negate();
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
            return value > 0 ? -Math.exp(p[0][0] * (Math.log(value) - Math.log(p[1][0]))) : 0;
        }

        @Override
        public double logCdf(double[][] p, double value) {
            return Tails.log1mExp(logSurvival(p, value));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = p[1][0] * Math.exp(Math.log(random.nextExponential()) / p[0][0]);
        }
    }
}
