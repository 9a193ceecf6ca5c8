package org.variational.posterior;

/**
 * The Pareto shapes behind the importance-weighted mean and variance of one scalar x.
 *
 * <p>With the weights w of the draws and m the weighted mean, {@code ofMean} is the shape of {@code w |x - m|} and
 * {@code ofVariance} that of {@code w (x - m)^2}. As for the weights themselves, an estimate whose terms have a shape
 * of 1/2 or more has no standard error. Compare them with the shape of the weights alone: a scalar whose shapes are
 * above it is one in which the approximation's tails are too light.
 *
 * <p>They are not shapes of a ratio of marginal densities {@code p(x) / q(x)}, which no draws of joint weights give
 * reliably where the joint weights are unreliable. An average over draws with joint weights is reliable only if the
 * joint shape is below its threshold, too.
 *
 * @param name the scalar's name
 * @param ofMean the shape behind the mean; negative infinity for constant terms, NaN if unknown or the scalar does not
 *     vary
 * @param ofVariance the shape behind the variance, in the same way
 * @see <a href="https://arxiv.org/abs/1507.02646">Vehtari, Simpson, Gelman, Yao, Gabry (2024), Pareto smoothed
 *     importance sampling, on k-hat of a function; we centre the function</a>
 */
public record MarginalKHat(String name, double ofMean, double ofVariance) {

    /**
     * The larger of the two shapes.
     *
     * @return a finite number, negative infinity or NaN
     */
    public double largest() {
        return Math.max(ofMean, ofVariance);
    }
}
