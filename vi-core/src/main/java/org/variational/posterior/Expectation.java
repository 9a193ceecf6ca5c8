package org.variational.posterior;

import java.util.Locale;
import org.variational.weights.ParetoSmoothing;

/**
 * An expectation {@code E_p[h]} under the posterior, estimated by importance-weighted draws from an approximation, with
 * what is known about its error.
 *
 * <p>With the Pareto-smoothed normalised weights W,
 * <pre>
 *   value                  m = sum W h
 *   standardError          sqrt(sum W^2 (h - m)^2)
 *   effectiveSampleSize    sum W (h - m)^2 / sum W^2 (h - m)^2
 * </pre>
 * The standard error is that of the draws and is true only where k-hat is below its threshold: with heavier tails the
 * rare large terms that make up the error have not been seen.
 *
 * @param value the estimate; NaN if no draw has a weight
 * @param standardError its Monte-Carlo standard error; NaN if no draw has a weight
 * @param kHat the larger of the Pareto shapes of the weights and of {@code w |h - m|}, as the self-normalised estimate
 *     is a ratio of two averages; negative infinity if both are constant, NaN if unknown
 * @param effectiveSampleSize the number of independent draws from the posterior that would give the same error; {@code
 *     1 / sum W^2} for a constant function
 * @param draws the number of draws with a known weight
 * @see <a href="https://arxiv.org/abs/1507.02646">Vehtari, Simpson, Gelman, Yao, Gabry (2024), Pareto smoothed
 *     importance sampling; we centre h first, so that adding a constant to it changes nothing</a>
 */
public record Expectation(double value, double standardError, double kHat, double effectiveSampleSize, int draws) {

    /** The largest k-hat at which an estimate from this many draws is reliable, {@code min(1 - 1 / log10 S, 0.7)}. */
    public double threshold() {
        return ParetoSmoothing.threshold(draws);
    }

    /**
     * Whether the value and its standard error can be trusted.
     *
     * @return whether k-hat is known and below the {@link #threshold()}
     */
    public boolean isReliable() {
        return kHat < threshold();
    }

    /** One line: the value, its error, and k-hat against its threshold. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.6g (standard error %.2g, k-hat %.2f, threshold %.2f)",
                value,
                standardError,
                kHat,
                threshold());
    }
}
