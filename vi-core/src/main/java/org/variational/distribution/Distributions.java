package org.variational.distribution;

import java.util.List;
import org.variational.constraint.Constraints;
import org.variational.expression.Expr;

/**
 * The distributions. Parameters are expressions, or numbers where all are; a mixture of both is written with
 * {@link Expr#constant(double)}. Elementwise distributions broadcast values and parameters like arithmetic does.
 *
 * <p>Every factory throws {@link IllegalArgumentException} if a parameter that is a constant or data is impossible,
 * such as a scale that is not positive, and names it. Formulas: {@code docs/distributions.md}.
 */
public final class Distributions {

    private Distributions() {}

    private static Expr c(double number) {
        return Expr.constant(number);
    }

    /** The improper density that is 1 everywhere; {@link Prior.Flat#on} puts it on another support. */
    public static Prior.Flat flat() {
        return new Prior.Flat(Constraints.real());
    }

    // ---- on the line ------------------------------------------------------------------------------------------------

    /** The normal distribution; {@code scale} is the standard deviation. */
    public static LocationScale normal(Expr location, Expr scale) {
        return new Symmetrics.Normal(location, scale);
    }

    /** The normal distribution. */
    public static LocationScale normal(double location, double scale) {
        return normal(c(location), c(scale));
    }

    /** The normal distribution. */
    public static LocationScale normal(Expr location, double scale) {
        return normal(location, c(scale));
    }

    /** The normal distribution. */
    public static LocationScale normal(double location, Expr scale) {
        return normal(c(location), scale);
    }

    /**
     * Student's t distribution with {@code degrees} degrees of freedom; {@code scale} is not its standard deviation.
     */
    public static LocationScale studentT(Expr degrees, Expr location, Expr scale) {
        return new Symmetrics.StudentT(degrees, location, scale);
    }

    /** Student's t distribution. */
    public static LocationScale studentT(double degrees, Expr location, Expr scale) {
        return studentT(c(degrees), location, scale);
    }

    /** Student's t distribution. */
    public static LocationScale studentT(double degrees, double location, Expr scale) {
        return studentT(c(degrees), c(location), scale);
    }

    /** Student's t distribution. */
    public static LocationScale studentT(double degrees, double location, double scale) {
        return studentT(c(degrees), c(location), c(scale));
    }

    /** The Cauchy distribution; {@code scale} is the half width at half maximum. */
    public static LocationScale cauchy(Expr location, Expr scale) {
        return new Symmetrics.Cauchy(location, scale);
    }

    /** The Cauchy distribution. */
    public static LocationScale cauchy(double location, double scale) {
        return cauchy(c(location), c(scale));
    }

    /** The Cauchy distribution. */
    public static LocationScale cauchy(Expr location, double scale) {
        return cauchy(location, c(scale));
    }

    /** The Cauchy distribution. */
    public static LocationScale cauchy(double location, Expr scale) {
        return cauchy(c(location), scale);
    }

    /** The Laplace, or double exponential, distribution; its standard deviation is {@code sqrt(2) * scale}. */
    public static LocationScale laplace(Expr location, Expr scale) {
        return new Symmetrics.Laplace(location, scale);
    }

    /** The Laplace distribution. */
    public static LocationScale laplace(double location, double scale) {
        return laplace(c(location), c(scale));
    }

    /** The Laplace distribution. */
    public static LocationScale laplace(Expr location, double scale) {
        return laplace(location, c(scale));
    }

    /** The Laplace distribution. */
    public static LocationScale laplace(double location, Expr scale) {
        return laplace(c(location), scale);
    }

    /** The logistic distribution; its standard deviation is {@code scale * pi / sqrt(3)}. */
    public static LocationScale logistic(Expr location, Expr scale) {
        return new Symmetrics.Logistic(location, scale);
    }

    /** The logistic distribution. */
    public static LocationScale logistic(double location, double scale) {
        return logistic(c(location), c(scale));
    }

    /** The logistic distribution. */
    public static LocationScale logistic(Expr location, double scale) {
        return logistic(location, c(scale));
    }

    /** The Gumbel distribution of largest values. */
    public static LocationScale gumbel(Expr location, Expr scale) {
        return new Gumbel(location, scale);
    }

    /** The Gumbel distribution of largest values. */
    public static LocationScale gumbel(double location, double scale) {
        return gumbel(c(location), c(scale));
    }

    /**
     * The skew normal distribution (Azzalini 1985), {@code 2 N(z) Phi(slant z) / scale}: the normal one for slant 0,
     * with its longer tail on the side of the slant's sign. Its mean is {@code location + scale delta sqrt(2 / pi)}
     * with {@code delta = slant / sqrt(1 + slant^2)}.
     */
    public static LocationScale skewNormal(Expr location, Expr scale, Expr slant) {
        return new SkewNormal(location, scale, slant);
    }

    /** The skew normal distribution. */
    public static LocationScale skewNormal(double location, double scale, double slant) {
        return skewNormal(c(location), c(scale), c(slant));
    }

    // ---- on the positive numbers ------------------------------------------------------------------------------------

    /** The absolute value of a normal variable with mean 0 and standard deviation {@code scale}. */
    public static Distribution halfNormal(Expr scale) {
        return new Half("halfNormal", new Symmetrics.Normal(c(0), scale), scale);
    }

    /** The absolute value of a normal variable with mean 0 and standard deviation {@code scale}. */
    public static Distribution halfNormal(double scale) {
        return halfNormal(c(scale));
    }

    /** The absolute value of a Cauchy variable with location 0. */
    public static Distribution halfCauchy(Expr scale) {
        return new Half("halfCauchy", new Symmetrics.Cauchy(c(0), scale), scale);
    }

    /** The absolute value of a Cauchy variable with location 0. */
    public static Distribution halfCauchy(double scale) {
        return halfCauchy(c(scale));
    }

    /** The absolute value of a Student t variable with location 0. */
    public static Distribution halfStudentT(Expr degrees, Expr scale) {
        return new Half("halfStudentT", new Symmetrics.StudentT(degrees, c(0), scale), degrees, scale);
    }

    /** The absolute value of a Student t variable with location 0. */
    public static Distribution halfStudentT(double degrees, double scale) {
        return halfStudentT(c(degrees), c(scale));
    }

    /** The exponential distribution with mean {@code 1 / rate}. */
    public static Distribution exponential(Expr rate) {
        return new Positives.Exponential(rate);
    }

    /** The exponential distribution with mean {@code 1 / rate}. */
    public static Distribution exponential(double rate) {
        return exponential(c(rate));
    }

    /** The gamma distribution with mean {@code shape / rate}. */
    public static Distribution gamma(Expr shape, Expr rate) {
        return new Positives.Gamma(shape, rate);
    }

    /** The gamma distribution with mean {@code shape / rate}. */
    public static Distribution gamma(double shape, double rate) {
        return gamma(c(shape), c(rate));
    }

    /** The distribution of the reciprocal of a gamma variable with this shape and {@code scale} as its rate. */
    public static Distribution inverseGamma(Expr shape, Expr scale) {
        return new Positives.InverseGamma(shape, scale);
    }

    /** The distribution of the reciprocal of a gamma variable with this shape and {@code scale} as its rate. */
    public static Distribution inverseGamma(double shape, double scale) {
        return inverseGamma(c(shape), c(scale));
    }

    /** The distribution of the exponential of a normal variable with this location and standard deviation. */
    public static Distribution logNormal(Expr location, Expr scale) {
        return new Positives.LogNormal(location, scale);
    }

    /** The distribution of the exponential of a normal variable with this location and standard deviation. */
    public static Distribution logNormal(double location, double scale) {
        return logNormal(c(location), c(scale));
    }

    /** The distribution of the exponential of a normal variable with this location and standard deviation. */
    public static Distribution logNormal(Expr location, double scale) {
        return logNormal(location, c(scale));
    }

    /** The Weibull distribution, with survival function {@code exp(-(x / scale)^shape)}. */
    public static Distribution weibull(Expr shape, Expr scale) {
        return new Positives.Weibull(shape, scale);
    }

    /** The Weibull distribution, with survival function {@code exp(-(x / scale)^shape)}. */
    public static Distribution weibull(double shape, double scale) {
        return weibull(c(shape), c(scale));
    }

    // ---- with other ends --------------------------------------------------------------------------------------------

    /** The beta distribution with mean {@code a / (a + b)}. */
    public static Distribution beta(Expr a, Expr b) {
        return new Bounded.Beta(a, b);
    }

    /** The beta distribution with mean {@code a / (a + b)}. */
    public static Distribution beta(double a, double b) {
        return beta(c(a), c(b));
    }

    /** The uniform distribution between two bounds. */
    public static Distribution uniform(Expr lower, Expr upper) {
        return new Bounded.Uniform(lower, upper);
    }

    /** The uniform distribution between two bounds. */
    public static Distribution uniform(double lower, double upper) {
        return uniform(c(lower), c(upper));
    }

    /** The Pareto distribution, with survival function {@code (minimum / x)^shape} above the minimum. */
    public static Distribution pareto(Expr minimum, Expr shape) {
        return new Bounded.Pareto(minimum, shape);
    }

    /** The Pareto distribution, with survival function {@code (minimum / x)^shape} above the minimum. */
    public static Distribution pareto(double minimum, double shape) {
        return pareto(c(minimum), c(shape));
    }

    // ---- on integers ------------------------------------------------------------------------------------------------

    /** 1 with the given probability, else 0. */
    public static Distribution bernoulli(Expr probability) {
        return new Counts.Bernoulli(probability);
    }

    /** 1 with the given probability, else 0. */
    public static Distribution bernoulli(double probability) {
        return bernoulli(c(probability));
    }

    /** 1 with probability {@code 1 / (1 + exp(-logit))}, else 0. */
    public static Distribution bernoulliLogit(Expr logit) {
        return new Counts.BernoulliLogit(logit);
    }

    /** The number of successes in independent trials. */
    public static Distribution binomial(Expr trials, Expr probability) {
        return new Counts.Binomial(trials, probability);
    }

    /** The number of successes in independent trials. */
    public static Distribution binomial(int trials, double probability) {
        return binomial(c(trials), c(probability));
    }

    /** The number of successes in independent trials. */
    public static Distribution binomial(int trials, Expr probability) {
        return binomial(c(trials), probability);
    }

    /** The number of successes in independent trials with success probability {@code 1 / (1 + exp(-logit))}. */
    public static Distribution binomialLogit(Expr trials, Expr logit) {
        return new Counts.BinomialLogit(trials, logit);
    }

    /** The number of successes in independent trials with success probability {@code 1 / (1 + exp(-logit))}. */
    public static Distribution binomialLogit(int trials, Expr logit) {
        return binomialLogit(c(trials), logit);
    }

    /**
     * The number of successes in trials whose common success probability is beta with parameters {@code a} and {@code
     * b}: a binomial with more variance. For a mean and a precision give {@code mean * precision} and {@code (1 - mean)
     * * precision}.
     */
    public static Distribution betaBinomial(Expr trials, Expr a, Expr b) {
        return new Counts.BetaBinomial(trials, a, b);
    }

    /** The number of successes in trials whose common success probability is beta with parameters a and b. */
    public static Distribution betaBinomial(int trials, Expr a, Expr b) {
        return betaBinomial(c(trials), a, b);
    }

    /** The number of successes in trials whose common success probability is beta with parameters a and b. */
    public static Distribution betaBinomial(int trials, double a, double b) {
        return betaBinomial(c(trials), c(a), c(b));
    }

    /** The Poisson distribution with mean {@code rate}. */
    public static Distribution poisson(Expr rate) {
        return new Counts.Poisson(rate);
    }

    /** The Poisson distribution with mean {@code rate}. */
    public static Distribution poisson(double rate) {
        return poisson(c(rate));
    }

    /** The Poisson distribution with mean {@code exp(logRate)}. */
    public static Distribution poissonLog(Expr logRate) {
        return new Counts.PoissonLog(logRate);
    }

    /** The negative binomial distribution with this mean and variance {@code mean + mean^2 / dispersion}. */
    public static Distribution negativeBinomial(Expr mean, Expr dispersion) {
        return new Counts.NegativeBinomial(mean, dispersion);
    }

    /** The negative binomial distribution with this mean and variance {@code mean + mean^2 / dispersion}. */
    public static Distribution negativeBinomial(double mean, double dispersion) {
        return negativeBinomial(c(mean), c(dispersion));
    }

    /**
     * The negative binomial distribution with mean {@code exp(logMean)} and variance {@code mean + mean^2 /
     * dispersion}.
     */
    public static Distribution negativeBinomialLog(Expr logMean, Expr dispersion) {
        return new Counts.NegativeBinomialLog(logMean, dispersion);
    }

    /** The number of failures before the first success. */
    public static Distribution geometric(Expr probability) {
        return new Counts.Geometric(probability);
    }

    /** The number of failures before the first success. */
    public static Distribution geometric(double probability) {
        return geometric(c(probability));
    }

    /**
     * One of K categories, counted from 0.
     *
     * @param probabilities a vector, or one vector per data row, whose elements sum to 1
     */
    public static Distribution categorical(Expr probabilities) {
        return new Categories.Categorical(probabilities);
    }

    /** One of K categories, counted from 0. */
    public static Distribution categorical(double... probabilities) {
        return categorical(Expr.constant(probabilities));
    }

    /**
     * One of K categories, counted from 0, with probabilities proportional to exponentials.
     *
     * @param logits a vector, or one vector per data row; adding a number to all changes nothing
     */
    public static Distribution categoricalLogit(Expr logits) {
        return new Categories.CategoricalLogit(logits);
    }

    /**
     * One of K ordered categories, counted from 0: {@code P(y <= k) = 1 / (1 + exp(predictor - cuts[k]))}.
     *
     * @param cuts a global vector of K - 1 increasing numbers
     */
    public static Distribution orderedLogistic(Expr predictor, Expr cuts) {
        return new Categories.OrderedLogistic(predictor, cuts);
    }

    // ---- of vectors and matrices ------------------------------------------------------------------------------------

    /**
     * The normal distribution of vectors, by the Cholesky factor of its covariance matrix.
     *
     * @param location a vector of length K, one per data row, or a scalar for all elements
     * @param cholesky a K x K lower-triangular matrix with positive diagonal
     */
    public static LocationScale multivariateNormal(Expr location, Expr cholesky) {
        return new Multivariates.NormalCholesky(location, cholesky);
    }

    /**
     * The normal distribution of vectors, by its precision matrix, the inverse of the covariance matrix.
     *
     * @param location a vector of length K, one per data row, or a scalar for all elements
     * @param precision a K x K symmetric positive-definite matrix, of which the lower triangle is read; a constant or
     *     data that are not symmetric are refused
     */
    public static LocationScale multivariateNormalPrecision(Expr location, Expr precision) {
        return new Multivariates.NormalPrecision(location, precision);
    }

    /**
     * The Dirichlet distribution of vectors that sum to 1; its density is with respect to all elements but the last.
     */
    public static Distribution dirichlet(Expr concentration) {
        return new Multivariates.Dirichlet(concentration);
    }

    /** The Dirichlet distribution of vectors that sum to 1. */
    public static Distribution dirichlet(double... concentration) {
        return dirichlet(Expr.constant(concentration));
    }

    /**
     * The distribution of Cholesky factors L of correlation matrices for which the density of {@code L L'} is
     * proportional to {@code det(L L')^(shape - 1)}: uniform for shape 1, nearer the identity above (Lewandowski,
     * Kurowicka and Joe 2009, doi:10.1016/j.jmva.2009.04.008). The density is with respect to the elements below the
     * diagonal.
     */
    public static Distribution lkjCholesky(int rows, double shape) {
        return lkjCholesky(rows, c(shape));
    }

    /** The distribution of Cholesky factors of correlation matrices with a shape that may be a parameter. */
    public static Distribution lkjCholesky(int rows, Expr shape) {
        return new Multivariates.LkjCholesky(rows, shape);
    }

    // ---- made from others -------------------------------------------------------------------------------------------

    /**
     * A distribution given that its value is between bounds, renormalised.
     *
     * @param distribution with a known distribution function: normal, cauchy, laplace, logistic, gumbel, exponential,
     *     logNormal, weibull, pareto or uniform; or on integers
     * @param lower {@code -Infinity} for none; on integers inclusive
     * @param upper {@code Infinity} for none; on integers inclusive
     */
    public static Distribution truncated(Distribution distribution, double lower, double upper) {
        if (!(lower < upper) && !(distribution.discrete() && lower == upper)) {
            throw new IllegalArgumentException("truncated " + distribution.name() + ": the lower bound " + lower
                    + " must be below the upper bound " + upper);
        }
        if (distribution instanceof Univariate.OnIntegers counts) {
            return new TruncatedCount(counts, lower, upper);
        }
        return new Truncated(
                tails("truncated", distribution),
                lower == Double.NEGATIVE_INFINITY ? null : c(lower),
                upper == Double.POSITIVE_INFINITY ? null : c(upper));
    }

    /** A continuous distribution given that its value is between bounds, which may depend on parameters. */
    public static Distribution truncated(Distribution distribution, Expr lower, Expr upper) {
        return new Truncated(tails("truncated", distribution), lower, upper);
    }

    /** A continuous distribution given that its value is above a bound, which may depend on parameters. */
    public static Distribution truncatedBelow(Distribution distribution, Expr lower) {
        return new Truncated(tails("truncated", distribution), lower, null);
    }

    /** A continuous distribution given that its value is below a bound, which may depend on parameters. */
    public static Distribution truncatedAbove(Distribution distribution, Expr upper) {
        return new Truncated(tails("truncated", distribution), null, upper);
    }

    /**
     * Values of which some are only known to exceed what is recorded. Where {@code observed} is 1 the density counts,
     * where it is 0 the probability of a larger value. Draws are of the value itself, not censored.
     *
     * @param distribution with a known distribution function, as for {@link #truncated(Distribution, double, double)}
     * @param observed 1 or 0 for each value
     */
    public static Distribution rightCensored(Distribution distribution, Expr observed) {
        return new Censored(tails("rightCensored", distribution), observed, true);
    }

    /**
     * Values of which some are only known to be below what is recorded, such as a limit of detection. Where {@code
     * observed} is 1 the density counts, where it is 0 the probability of a smaller value. Draws are of the value
     * itself, not censored.
     *
     * @param distribution with a known distribution function, as for {@link #truncated(Distribution, double, double)}
     * @param observed 1 or 0 for each value
     */
    public static Distribution leftCensored(Distribution distribution, Expr observed) {
        return new Censored(tails("leftCensored", distribution), observed, false);
    }

    /**
     * Values known to lie between the recorded number and {@code upper}: the probability of the interval counts. Where
     * the two are equal the value was observed, and the density counts. A lower end at or below that of the support,
     * such as 0 for a time, makes the value left-censored. Draws are of the value itself, not censored.
     *
     * @param distribution with a known distribution function, as for {@link #truncated(Distribution, double, double)}
     * @param upper the upper end for each value, finite and not below what is recorded
     */
    public static Distribution intervalCensored(Distribution distribution, Expr upper) {
        return new IntervalCensored(tails("intervalCensored", distribution), upper);
    }

    /**
     * 0 with the given probability, else a count from the distribution, which may be 0 too.
     *
     * @param probability of a zero that is not from the distribution; {@code logit.logistic()} stays exact in its tails
     * @param distribution on integers that may be 0, such as poisson, negativeBinomial, binomial or betaBinomial
     */
    public static Distribution zeroInflated(Expr probability, Distribution distribution) {
        return new ZeroCounts.Inflated(probability, counts("zeroInflated", distribution));
    }

    /**
     * 0 with the given probability, else a count from the distribution given that it is not 0.
     *
     * @param probability of a zero; {@code logit.logistic()} stays exact in its tails
     * @param distribution on integers that may be 0, such as poisson, negativeBinomial, binomial or betaBinomial
     */
    public static Distribution hurdle(Expr probability, Distribution distribution) {
        return new ZeroCounts.Hurdle(probability, counts("hurdle", distribution));
    }

    private static Univariate.OnIntegers counts(String what, Distribution distribution) {
        if (distribution instanceof Univariate.OnIntegers counts) {
            return counts;
        }
        throw new IllegalArgumentException(what + ": " + distribution.name() + " is not a distribution of counts; use "
                + "poisson, negativeBinomial, binomial, betaBinomial or geometric");
    }

    private static Tails tails(String what, Distribution distribution) {
        if (distribution instanceof Tails tails) {
            return tails;
        }
        throw new IllegalArgumentException(
                what + ": " + distribution.name() + " has no distribution function here; use normal, "
                        + "cauchy, laplace, logistic, gumbel, exponential, logNormal, weibull, pareto or uniform");
    }

    /**
     * One of several distributions, chosen with the given probabilities.
     *
     * @param weights a vector, or one vector per data row, that sums to 1, with one element per component
     * @param components all on numbers, all on integers, or all on vectors of one length
     */
    public static Distribution mixture(Expr weights, Distribution... components) {
        return new Mixture(weights, List.of(components));
    }
}
