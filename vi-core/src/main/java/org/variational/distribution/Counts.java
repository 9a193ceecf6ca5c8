package org.variational.distribution;

import java.util.stream.Stream;
import org.variational.expression.Expr;

/** Distributions on the integers from 0 on. Terms that depend on data alone are terms by themselves. */
final class Counts {

    private Counts() {}

    /** {@code log(value!)}. */
    private static Expr logFactorial(Expr value) {
        return value.plus(1).lgamma();
    }

    /** 1 where the threshold is above the noise, 0 where it is not, NaN where it is NaN. */
    private static double trial(double threshold, double noise) {
        return Double.isNaN(threshold) ? Double.NaN : noise < threshold ? 1 : 0;
    }

    /** 1 with probability p, else 0. */
    static final class Bernoulli extends Univariate.OnIntegers {

        private final Expr probability;

        Bernoulli(Expr probability) {
            super("bernoulli", probability("bernoulli", "probability", probability));
            this.probability = probability;
        }

        @Override
        double largest() {
            return 1;
        }

        @Override
        boolean possible(double value) {
            return value == 0 || value == 1;
        }

        @Override
        String demand() {
            return "0 or 1";
        }

        @Override
        public Expr logDensity(Expr value) {
            return value.times(probability.log())
                    .plus(value.negate().plus(1).times(probability.negate().log1p()));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = trial(p[0][0], random.nextDouble());
        }
    }

    /** 1 with probability {@code 1 / (1 + exp(-logit))}, else 0. */
    static final class BernoulliLogit extends Univariate.OnIntegers {

        private final Expr logit;

        BernoulliLogit(Expr logit) {
            super("bernoulliLogit", finite("bernoulliLogit", "logit", logit));
            this.logit = logit;
        }

        @Override
        double largest() {
            return 1;
        }

        @Override
        boolean possible(double value) {
            return value == 0 || value == 1;
        }

        @Override
        String demand() {
            return "0 or 1";
        }

        @Override
        public Expr logDensity(Expr value) {
            return value.times(logit).minus(logit.softplus());
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = trial(p[0][0], Draws.logistic(random));
        }
    }

    /** The checks of data that are counts among trials. */
    private abstract static class AmongTrials extends Univariate.OnIntegers {

        final Expr trials;

        AmongTrials(String name, Expr trials, Expr... others) {
            super(name, Stream.concat(Stream.of(trials), Stream.of(others)).toArray(Expr[]::new));
            this.trials = checked(
                    name,
                    "trials",
                    trials,
                    n -> n >= 0 && n == Math.rint(n) && Double.isFinite(n),
                    "an integer of at least 0");
        }

        @Override
        public final void checkObserved(String data, double[] values) {
            super.checkObserved(data, values);
            double[] of = trials.declaredValues();
            if (of != null && (of.length == 1 || of.length == values.length)) {
                for (int row = 0; row < values.length; row++) {
                    double most = of[of.length == 1 ? 0 : row];
                    if (values[row] > most) {
                        throw new IllegalArgumentException("data \"" + data + "\" is " + values[row] + " at row " + row
                                + ", but " + name() + " data must not exceed the number of trials, here " + most);
                    }
                }
            }
        }

        @Override
        final Expr logProbability(int value) {
            if (value == 0) {
                return logKernel(Expr.constant(0));
            }
            Expr possible = trials.min(Expr.constant(value));
            return logDensity(possible).plus(trials.minus(value).logStep());
        }

        /** The log probability of one way to choose. */
        abstract Expr logKernel(Expr value);

        @Override
        public final Expr logDensity(Expr value) {
            return logKernel(value)
                    .plus(logFactorial(trials))
                    .minus(logFactorial(value))
                    .minus(logFactorial(trials.minus(value)));
        }
    }

    /** {@code choose(n, y) p^y (1 - p)^(n - y)}. */
    static final class Binomial extends AmongTrials {

        private final Expr probability;

        Binomial(Expr trials, Expr probability) {
            super("binomial", trials, probability("binomial", "probability", probability));
            this.probability = probability;
        }

        @Override
        Expr logKernel(Expr value) {
            return value.times(probability.log())
                    .plus(trials.minus(value).times(probability.negate().log1p()));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Draws.binomial(random, p[0][0], p[1][0]);
        }
    }

    /** A binomial distribution with probability {@code 1 / (1 + exp(-logit))}. */
    static final class BinomialLogit extends AmongTrials {

        private final Expr logit;

        BinomialLogit(Expr trials, Expr logit) {
            super("binomialLogit", trials, finite("binomialLogit", "logit", logit));
            this.logit = logit;
        }

        @Override
        Expr logKernel(Expr value) {
            return value.times(logit).minus(trials.times(logit.softplus()));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Draws.binomial(random, p[0][0], 1 / (1 + Math.exp(-p[1][0])));
        }
    }

    /** A binomial count whose probability is beta with parameters a and b. */
    static final class BetaBinomial extends AmongTrials {

        private final Expr a;
        private final Expr b;

        BetaBinomial(Expr trials, Expr a, Expr b) {
            super("betaBinomial", trials, positive("betaBinomial", "a", a), positive("betaBinomial", "b", b));
            this.a = a;
            this.b = b;
        }

        /** {@code log(B(y + a, n - y + b) / B(a, b))}. */
        @Override
        Expr logKernel(Expr value) {
            Expr both = a.plus(b);
            return value.plus(a)
                    .lgamma()
                    .minus(a.lgamma())
                    .plus(trials.minus(value).plus(b).lgamma())
                    .minus(b.lgamma())
                    .minus(trials.plus(both).lgamma())
                    .plus(both.lgamma());
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Draws.binomial(random, p[0][0], Draws.beta(random, p[1][0], p[2][0]));
        }
    }

    /** {@code rate^y exp(-rate) / y!}. */
    static final class Poisson extends Univariate.OnIntegers {

        private final Expr rate;

        Poisson(Expr rate) {
            super("poisson", positive("poisson", "rate", rate));
            this.rate = rate;
        }

        @Override
        public Expr logDensity(Expr value) {
            return value.times(rate.log()).minus(rate).minus(logFactorial(value));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Draws.poisson(random, p[0][0]);
        }
    }

    /** A Poisson distribution with rate {@code exp(logRate)}. */
    static final class PoissonLog extends Univariate.OnIntegers {

        private final Expr logRate;

        PoissonLog(Expr logRate) {
            super("poissonLog", finite("poissonLog", "log rate", logRate));
            this.logRate = logRate;
        }

        @Override
        public Expr logDensity(Expr value) {
            return value.times(logRate).minus(logRate.exp()).minus(logFactorial(value));
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Draws.poisson(random, Math.exp(p[0][0]));
        }
    }

    /** The log probability of a negative binomial count whose mean is {@code dispersion * exp(excess)}. */
    private static Expr negativeBinomial(Expr value, Expr excess, Expr dispersion) {
        return value.times(excess)
                .minus(value.plus(dispersion).times(excess.softplus()))
                .plus(value.plus(dispersion).lgamma())
                .minus(dispersion.lgamma())
                .minus(logFactorial(value));
    }

    /** A Poisson variable whose rate is gamma with the given mean and shape {@code dispersion}. */
    static final class NegativeBinomial extends Univariate.OnIntegers {

        private final Expr mean;
        private final Expr dispersion;

        NegativeBinomial(Expr mean, Expr dispersion) {
            super(
                    "negativeBinomial",
                    positive("negativeBinomial", "mean", mean),
                    positive("negativeBinomial", "dispersion", dispersion));
            this.mean = mean;
            this.dispersion = dispersion;
        }

        @Override
        public Expr logDensity(Expr value) {
            return negativeBinomial(value, mean.log().minus(dispersion.log()), dispersion);
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> {
                double gamma = Draws.logGamma(random, p[1][0]);
                draw[0] = Draws.poisson(random, Math.exp(gamma - Math.log(p[1][0]) + Math.log(p[0][0])));
            };
        }
    }

    /** A negative binomial distribution with mean {@code exp(logMean)}. */
    static final class NegativeBinomialLog extends Univariate.OnIntegers {

        private final Expr logMean;
        private final Expr dispersion;

        NegativeBinomialLog(Expr logMean, Expr dispersion) {
            super(
                    "negativeBinomialLog",
                    finite("negativeBinomialLog", "log mean", logMean),
                    positive("negativeBinomialLog", "dispersion", dispersion));
            this.logMean = logMean;
            this.dispersion = dispersion;
        }

        @Override
        public Expr logDensity(Expr value) {
            return negativeBinomial(value, logMean.minus(dispersion.log()), dispersion);
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> {
                double gamma = Draws.logGamma(random, p[1][0]);
                draw[0] = Draws.poisson(random, Math.exp(gamma - Math.log(p[1][0]) + p[0][0]));
            };
        }
    }

    /** {@code p (1 - p)^y}: failures before the first success. */
    static final class Geometric extends Univariate.OnIntegers {

        private final Expr probability;

        Geometric(Expr probability) {
            super("geometric", probability("geometric", "probability", probability));
            this.probability = probability;
        }

        @Override
        public Expr logDensity(Expr value) {
            return value.times(probability.negate().log1p()).plus(probability.log());
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> draw[0] = Math.floor(random.nextExponential() / -Math.log1p(-p[0][0]));
        }
    }
}
