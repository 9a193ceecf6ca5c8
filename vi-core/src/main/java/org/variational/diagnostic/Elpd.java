package org.variational.diagnostic;

import java.util.Locale;

/**
 * An expected log predictive density, or a difference of two, as a sum over N observations, with the standard error
 * that comes from there being only N of them, {@code sqrt(N var_i)}.
 *
 * @param pointwise N terms
 * @see <a href="https://arxiv.org/abs/1507.04544">Vehtari, Gelman, Gabry (2017), Practical Bayesian model
 *     evaluation</a>
 */
public record Elpd(double[] pointwise) {

    /**
     * Copies the array.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Elpd {
        if (pointwise.length == 0) {
            throw new IllegalArgumentException("an expected log predictive density needs at least one observation");
        }
        pointwise = pointwise.clone();
    }

    /** A copy, N numbers. */
    @Override
    public double[] pointwise() {
        return pointwise.clone();
    }

    /**
     * The sum over observations.
     *
     * @return in nats; larger is better
     */
    public double value() {
        double sum = 0;
        for (double term : pointwise) {
            sum += term;
        }
        return sum;
    }

    /**
     * The standard error of the sum. It holds for many observations and models that differ clearly; below about four
     * nats of difference, or a hundred observations, it is too small.
     *
     * @return {@code sqrt(N / (N - 1) sum (x_i - mean)^2)}; NaN for a single observation
     */
    public double standardError() {
        int n = pointwise.length;
        double mean = value() / n;
        double square = 0;
        for (double term : pointwise) {
            square += (term - mean) * (term - mean);
        }
        return n == 1 ? Double.NaN : Math.sqrt(square * n / (n - 1));
    }

    /**
     * The sum on the scale of a deviance.
     *
     * @return {@code -2} times the value: LOOIC or WAIC; smaller is better
     */
    public double informationCriterion() {
        return -2 * value();
    }

    /**
     * The difference to that of another model of the same observations, whose standard error is that of the paired
     * differences.
     *
     * @param other the other model's, with the same observations in the same order
     * @return the difference; positive if this one predicts better
     * @throws IllegalArgumentException if the numbers of observations differ
     */
    public Elpd minus(Elpd other) {
        if (other.pointwise.length != pointwise.length) {
            throw new IllegalArgumentException("only models of the same observations can be compared, but there are "
                    + pointwise.length + " and " + other.pointwise.length);
        }
        double[] differences = pointwise.clone();
        for (int i = 0; i < differences.length; i++) {
            differences[i] -= other.pointwise[i];
        }
        return new Elpd(differences);
    }

    /** The value and its error. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f (standard error %.2f)", value(), standardError());
    }
}
