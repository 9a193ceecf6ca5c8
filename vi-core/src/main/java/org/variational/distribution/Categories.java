package org.variational.distribution;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;

/** Distributions on the categories 0 to K - 1. */
final class Categories {

    /** Beyond every number that a double can be added to with effect: a cut-point that is never passed. */
    private static final double BEYOND = 1e300;

    private Categories() {}

    /** The elements of a vector one by one, after another parameter if there is one. */
    private static Expr[] elements(@Nullable Expr first, Expr vector) {
        IntStream positions = IntStream.range(0, vector.size());
        Expr[] elements = positions.mapToObj(vector::element).toArray(Expr[]::new);
        if (first == null) {
            return elements;
        }
        Expr[] all = new Expr[elements.length + 1];
        all[0] = first;
        System.arraycopy(elements, 0, all, 1, elements.length);
        return all;
    }

    /** What all have: a number of categories. */
    private abstract static class OnCategories extends Univariate.OnIntegers {

        private final int count;

        OnCategories(String name, int count, Expr... parameters) {
            super(name, parameters);
            this.count = count;
            if (count < 1) {
                throw new IllegalArgumentException(name + " needs at least one category");
            }
        }

        @Override
        final double largest() {
            return count - 1;
        }

        @Override
        final boolean possible(double value) {
            return super.possible(value) && value < count;
        }

        @Override
        final String demand() {
            return "integers from 0 to " + (count - 1);
        }
    }

    /** Category k with probability {@code p[k]}. */
    static final class Categorical extends OnCategories {

        private final Expr probabilities;

        Categorical(Expr probabilities) {
            super("categorical", probabilities.size(), elements(null, simplex(probabilities)));
            this.probabilities = probabilities;
        }

        private static Expr simplex(Expr probabilities) {
            checked("categorical", "each probability", probabilities, p -> p >= 0 && p <= 1, "between 0 and 1");
            double[] numbers = probabilities.declaredValues();
            if (numbers != null && probabilities.axis() == null) {
                Mixture.requireSumOfOne("categorical: probabilities", numbers);
            }
            return probabilities;
        }

        @Override
        public Expr logDensity(Expr value) {
            return probabilities.log().elementAt(value);
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> {
                int category = Mixture.draw(random.nextDouble(), p, 0, p.length);
                draw[0] = category < 0 ? Double.NaN : category;
            };
        }
    }

    /** Category k with probability {@code exp(a[k]) / sum over j of exp(a[j])}. */
    static final class CategoricalLogit extends OnCategories {

        private final Expr logits;

        CategoricalLogit(Expr logits) {
            super("categoricalLogit", logits.size(), elements(null, finite("categoricalLogit", "each logit", logits)));
            this.logits = logits;
        }

        @Override
        public Expr logDensity(Expr value) {
            return logits.elementAt(value).minus(logits.logSumExp());
        }

        /**
         * The category whose logit plus independent Gumbel noise is largest; NaN where no logit is, or one is not a
         * number.
         */
        @Override
        public Sampler sampler() {
            return (random, p, draw) -> {
                double largest = Double.NEGATIVE_INFINITY;
                double category = Double.NaN;
                for (int k = 0; k < p.length; k++) {
                    double noisy = p[k][0] + Draws.gumbel(random);
                    if (noisy > largest) {
                        category = k;
                    }
                    largest = Math.max(largest, noisy);
                }
                draw[0] = Double.isNaN(largest) ? Double.NaN : category;
            };
        }
    }

    /** {@code P(y <= k) = 1 / (1 + exp(-(c[k] - eta)))} with increasing cut-points c. */
    static final class OrderedLogistic extends OnCategories {

        private final Expr predictor;
        private final Expr cuts;

        OrderedLogistic(Expr predictor, Expr cuts) {
            super(
                    "orderedLogistic",
                    cuts.size() + 1,
                    elements(finite("orderedLogistic", "predictor", predictor), increasing(cuts)));
            this.predictor = predictor;
            this.cuts = cuts;
        }

        private static Expr increasing(Expr cuts) {
            if (cuts.axis() != null || cuts.columns() != 1) {
                throw new IllegalArgumentException(
                        "orderedLogistic: cut-points must be a global vector, got " + cuts.describe());
            }
            double[] numbers = finite("orderedLogistic", "each cut-point", cuts).declaredValues();
            if (numbers != null) {
                for (int k = 1; k < numbers.length; k++) {
                    if (!(numbers[k] > numbers[k - 1])) {
                        throw new IllegalArgumentException("orderedLogistic: cut-points must increase, but number " + k
                                + " is " + numbers[k] + " after " + numbers[k - 1]);
                    }
                }
            }
            return cuts;
        }

        /**
         * With a category between cut-points a and b,
         * {@code s(b - eta) - s(a - eta) = s(b - eta) s(eta - a) (1 - exp(a - b))}, of which the last factor is common
         * to rows.
         */
        @Override
        public Expr logDensity(Expr value) {
            int inner = cuts.size() - 1;
            Expr zero = Expr.constant(0);
            Expr gaps = inner < 1
                    ? Expr.constant(new double[cuts.size() + 1])
                    : Expr.concatenate(zero, logShares(cuts.slice(1, inner + 1).minus(cuts.slice(0, inner))), zero);
            Expr above = Expr.concatenate(cuts, Expr.constant(BEYOND)).elementAt(value);
            Expr below = Expr.concatenate(Expr.constant(-BEYOND), cuts).elementAt(value);
            return gaps.elementAt(value)
                    .minus(predictor.minus(above).softplus())
                    .minus(below.minus(predictor).softplus());
        }

        /** {@code log(1 - exp(-gap))}; {@code -Infinity} with finite slopes where cut-points coincide in rounding. */
        private static Expr logShares(Expr gaps) {
            PositivePart gap = PositivePart.of(gaps);
            return gap.standIn().negate().expm1().negate().log().plus(gap.step());
        }

        @Override
        public Sampler sampler() {
            return (random, p, draw) -> {
                double latent = p[0][0] + Draws.logistic(random);
                double category = 0;
                double sum = latent;
                for (int k = 1; k < p.length; k++) {
                    category += latent > p[k][0] ? 1 : 0;
                    sum += p[k][0];
                }
                draw[0] = Double.isNaN(sum) ? Double.NaN : category;
            };
        }
    }
}
