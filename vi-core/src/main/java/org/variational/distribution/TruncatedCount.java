package org.variational.distribution;

import java.util.ArrayList;
import java.util.List;
import org.variational.expression.Expr;

/** A distribution on integers given that the value is between two fixed integers, both possible. */
final class TruncatedCount extends Univariate.OnIntegers {

    /** The most probabilities that are summed for a normalising constant. */
    private static final int MOST_TERMS = 10_000;

    /** Probability below the lower bound up to which what is left is one minus it, and beyond which it is summed. */
    private static final double MOST_BELOW = 1 - 1e-6;

    /** A draw that fails this often says that the bounds hold almost no probability. */
    private static final int ATTEMPTS = 1_000_000;

    private final Univariate.OnIntegers base;
    private final int lower;
    private final double upper;

    TruncatedCount(Univariate.OnIntegers base, double lower, double upper) {
        super("truncated " + base.name(), base.parameters().toArray(Expr[]::new));
        this.base = base;
        this.lower = (int) Math.max(0, lower);
        this.upper = upper;
        boolean integers = lower == Math.rint(lower) && upper == Math.rint(upper) && upper >= 0;
        double terms = upper == Double.POSITIVE_INFINITY ? this.lower : upper - this.lower + 1;
        if (!(integers && lower <= upper && lower <= MOST_TERMS && terms <= MOST_TERMS && base.possible(this.lower))) {
            throw new IllegalArgumentException(name()
                    + ": the bounds must be integers, the lower one possible and at most the upper, with at most "
                    + MOST_TERMS + " probabilities to sum, got " + lower + " and " + upper);
        }
    }

    @Override
    boolean possible(double value) {
        return base.possible(value) && value >= lower && value <= upper;
    }

    @Override
    String demand() {
        return base.demand() + " from " + lower + " to " + upper;
    }

    private Expr logProbability(int from, int to) {
        List<Expr> terms = new ArrayList<>();
        for (int k = from; k <= to; k++) {
            if (base.possible(k)) {
                terms.add(base.logProbability(k));
            }
        }
        return Mixture.logSumExp(terms);
    }

    @Override
    public Expr logDensity(Expr value) {
        Expr density = base.logDensity(value).plus(value.minus(lower).logStep());
        if (upper < Double.POSITIVE_INFINITY) {
            return density.plus(value.negate().plus(upper).logStep()).minus(logProbability(lower, (int) upper));
        }
        return lower == 0 ? density : density.minus(logTail());
    }

    /**
     * The log probability of the lower bound and all above it. Where it is small, one minus the probability below would
     * lose its digits, and the first probabilities are summed: their number is several standard deviations of a Poisson
     * variable about the bound. That of 0 alone is exact as it is.
     */
    private Expr logTail() {
        Expr below = logProbability(0, lower - 1);
        if (lower == 1) {
            return below.expm1().negate().log();
        }
        double most = Math.log(MOST_BELOW);
        Expr rest = below.min(Expr.constant(most)).expm1().negate().log();
        Expr sum = logProbability(lower, lower + 16 + (int) (4 * Math.sqrt(lower)));
        return rest.plus(below.negate().plus(most).logStep())
                .max(sum.plus(below.minus(most).logStep()));
    }

    @Override
    public Sampler sampler() {
        Sampler sampler = base.sampler();
        return (random, p, draw) -> {
            for (int i = 0; i < ATTEMPTS; i++) {
                sampler.draw(random, p, draw);
                if (Double.isNaN(draw[0]) || (draw[0] >= lower && draw[0] <= upper)) {
                    return;
                }
            }
            throw new IllegalStateException(
                    name() + ": none of " + ATTEMPTS + " draws was from " + lower + " to " + upper);
        };
    }
}
