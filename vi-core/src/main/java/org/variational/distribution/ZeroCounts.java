package org.variational.distribution;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.variational.expression.Expr;

/** Counts with zeros of another origin: more of them than a distribution of counts has, or a share of their own. */
final class ZeroCounts {

    private ZeroCounts() {}

    /** What both kinds share: the probability of the other origin comes first among the parameters. */
    private abstract static class WithZeros extends Univariate.OnIntegers {

        final Expr probability;
        final Univariate.OnIntegers base;

        WithZeros(String kind, Expr probability, Univariate.OnIntegers base) {
            super(
                    kind + " " + base.name(),
                    Stream.concat(Stream.of(probability), base.parameters().stream())
                            .toArray(Expr[]::new));
            this.probability = probability(name(), "probability", probability);
            this.base = base;
            if (!base.possible(0)) {
                throw new IllegalArgumentException(name() + ": " + base.name() + " has no zeros; its values are "
                        + base.demand() + ", so use a mixture");
            }
        }

        @Override
        public final void checkObserved(String data, double[] values) {
            base.checkObserved(data, values);
        }

        @Override
        final boolean possible(double value) {
            return base.possible(value);
        }

        @Override
        final String demand() {
            return base.demand();
        }

        /** The log probability that the count is from the base. */
        final Expr logFromBase() {
            return probability.negate().log1p();
        }

        /** 0 where the value is 0, {@code -Infinity} where it is larger. */
        static Expr atZero(Expr value) {
            return value.negate().logStep();
        }

        /** The parameters of the base. */
        static double[][] ofBase(double[][] p) {
            return Arrays.copyOfRange(p, 1, p.length);
        }
    }

    /** 0 with the given probability, else a count of the base, which may be 0 too. */
    static final class Inflated extends WithZeros {

        Inflated(Expr probability, Univariate.OnIntegers base) {
            super("zero-inflated", probability, base);
        }

        @Override
        public Expr logDensity(Expr value) {
            Expr structural = probability.log().plus(atZero(value));
            return Mixture.logSumExp(List.of(structural, base.logDensity(value).plus(logFromBase())));
        }

        @Override
        public Sampler sampler() {
            Sampler sampler = base.sampler();
            return (random, p, draw) -> {
                double uniform = random.nextDouble();
                if (uniform < p[0][0]) {
                    draw[0] = 0;
                } else {
                    sampler.draw(random, ofBase(p), draw);
                    draw[0] = Double.isNaN(p[0][0]) ? Double.NaN : draw[0];
                }
            };
        }
    }

    /** 0 with the given probability, else a count of the base given that it is not 0. */
    static final class Hurdle extends WithZeros {

        private final TruncatedCount positive;

        Hurdle(Expr probability, Univariate.OnIntegers base) {
            super("hurdle", probability, base);
            this.positive = new TruncatedCount(base, 1, Double.POSITIVE_INFINITY);
        }

        @Override
        public Expr logDensity(Expr value) {
            return probability
                    .log()
                    .plus(atZero(value))
                    .max(positive.logDensity(value).plus(logFromBase()));
        }

        @Override
        public Sampler sampler() {
            Sampler sampler = positive.sampler();
            return (random, p, draw) -> {
                double uniform = random.nextDouble();
                if (uniform < p[0][0]) {
                    draw[0] = 0;
                } else {
                    sampler.draw(random, ofBase(p), draw);
                    draw[0] = Double.isNaN(p[0][0]) ? Double.NaN : draw[0];
                }
            };
        }
    }
}
