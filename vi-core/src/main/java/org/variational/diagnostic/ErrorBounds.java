package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.variational.family.VariationalDistribution;
import org.variational.posterior.Approximation;
import org.variational.weights.ParetoSmoothing;

/**
 * Upper bounds on how wrong the mean, the standard deviations and the covariance of an approximation q are, on the
 * unconstrained scale, from the importance weights of its draws.
 *
 * <p>With the lower and the upper bound of the log evidence, and C2 and C4 the mean second and fourth powers of the
 * distance of q's points from its mean,
 * <pre>
 *   divergence        d2 = 2 (CUBO - ELBO)                  &gt;= D_2(p || q)
 *   wasserstein1      2 C2^(1/2) (exp(d2) - 1)^(1/2)        &gt;= W_1(p, q)
 *   wasserstein2      2 C4^(1/4) (exp(d2) - 1)^(1/4)        &gt;= W_2(p, q)
 *   meanError         min(wasserstein1, wasserstein2)       &gt;= || m_p - m_q ||
 *   sdError           wasserstein2                          &gt;= | sd_p - sd_q | of every coordinate
 *   covarianceError   2 (s wasserstein2 + wasserstein2^2)   &gt;= || V_p - V_q ||_2,   s^2 = || V_q ||_2
 * </pre>
 * They are worst cases, in the units of the coordinates, and mostly far above the error: a small bound proves a fit
 * right, a large one says nothing. They inherit the Monte-Carlo error of CUBO, and are nothing where k-hat is 1/2 or
 * more, since CUBO is infinite there: see {@link #warnings()}.
 *
 * @param divergence d2, at least 0
 * @param divergenceError its Monte-Carlo standard error
 * @param wasserstein1 the bound on the Wasserstein distance of order 1
 * @param wasserstein2 the bound on the Wasserstein distance of order 2
 * @param covarianceError the bound on the error of the covariance in the spectral norm
 * @param kHat the Pareto shape of the weights
 * @param level what the numbers allow: GOOD up to a divergence of 0.1, REWEIGHTED up to 4.6, UNRELIABLE above, or if
 *     k-hat is unknown or not below its threshold
 * @param warnings what makes the bounds themselves doubtful; empty if nothing does
 * @see <a href="https://arxiv.org/abs/1910.04102">Huggins, Kasprzak, Campbell, Broderick (2020), Validated variational
 *     inference via practical posterior error bounds; we take the fourth moment of the norm, as the theorem does</a>
 */
public record ErrorBounds(
        double divergence,
        double divergenceError,
        double wasserstein1,
        double wasserstein2,
        double covarianceError,
        double kHat,
        Verdict.Level level,
        List<String> warnings) {

    private static final double SMALL_DIVERGENCE = 0.1;
    private static final double LARGE_DIVERGENCE = 4.6;
    private static final double PRECISE = 0.01;

    /** Copies the list. */
    public ErrorBounds {
        warnings = List.copyOf(warnings);
    }

    /**
     * The bounds from draws, with the moments of the approximation in closed form where there is one and else those of
     * the draws.
     *
     * @param approximation draws with both log densities
     * @param distribution what they were drawn from
     * @return the bounds; NaN if no weight is known
     * @throws IllegalArgumentException if there are fewer than two draws
     */
    public static ErrorBounds of(Approximation approximation, VariationalDistribution distribution) {
        return of(
                Evidence.of(approximation),
                CentralMoments.hasClosedForm(distribution)
                        ? CentralMoments.of(distribution)
                        : CentralMoments.ofDraws(approximation.unconstrained()));
    }

    /**
     * The bounds from evidence and moments.
     *
     * @param evidence the bounds of the log evidence
     * @param moments the moments of the approximation
     * @return the bounds; NaN if no weight is known
     */
    public static ErrorBounds of(Evidence evidence, CentralMoments moments) {
        Evidence.Bound lower = evidence.elbo();
        Evidence.Bound upper = evidence.cubo();
        double divergence = Math.max(0, 2 * (upper.value() - lower.value()));
        double shape = evidence.kHat();
        double threshold = ParetoSmoothing.threshold(evidence.draws());
        List<String> warnings = new ArrayList<>();
        if (!evidence.cuboIsReliable()) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "k-hat %.2f is not below %.2f: the upper bound of the evidence seems to be infinite, and these"
                            + " are no bounds",
                    shape,
                    Math.min(Verdict.GOOD_K_HAT, threshold)));
        }
        if (!(lower.standardError() <= PRECISE) || !(upper.standardError() <= PRECISE)) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "the Monte-Carlo standard errors of ELBO (%.3f) and CUBO (%.3f) are not both below %.2f: use"
                            + " more draws",
                    lower.standardError(),
                    upper.standardError(),
                    PRECISE));
        }
        if (evidence.unknown() > 0) {
            warnings.add("the density is unknown at " + evidence.unknown() + " draws, which are left out");
        }
        Verdict.Level level = !(shape < threshold) || !(divergence <= LARGE_DIVERGENCE)
                ? Verdict.Level.UNRELIABLE
                : divergence > SMALL_DIVERGENCE ? Verdict.Level.REWEIGHTED : Verdict.Level.GOOD;
        double w2 = wasserstein2(divergence, moments);
        return new ErrorBounds(
                divergence,
                2 * Math.hypot(lower.standardError(), upper.standardError()),
                wasserstein1(divergence, moments),
                w2,
                2 * (Math.sqrt(moments.largestVariance()) * w2 + w2 * w2),
                shape,
                level,
                warnings);
    }

    private static double wasserstein1(double divergence, CentralMoments moments) {
        return divergence == 0 ? 0 : 2 * Math.sqrt(moments.second() * Math.expm1(divergence));
    }

    private static double wasserstein2(double divergence, CentralMoments moments) {
        return divergence == 0 ? 0 : 2 * Math.pow(moments.fourth() * Math.expm1(divergence), 0.25);
    }

    /**
     * The bound on the distance of the means.
     *
     * @return the smaller of both Wasserstein bounds
     */
    public double meanError() {
        return Math.min(wasserstein1, wasserstein2);
    }

    /**
     * The bound on the error of every coordinate's standard deviation.
     *
     * @return the Wasserstein bound of order 2
     */
    public double sdError() {
        return wasserstein2;
    }

    /**
     * Whether the numbers are bounds as far as can be seen.
     *
     * @return whether there are no {@link #warnings()}
     */
    public boolean isReliable() {
        return warnings.isEmpty();
    }

    /** One line of bounds, and one per warning. */
    @Override
    public String toString() {
        return String.format(
                        Locale.ROOT,
                        "d2 %.3g (standard error %.2g): means off by at most %.3g, standard deviations by %.3g,"
                                + " covariance by %.3g",
                        divergence,
                        divergenceError,
                        meanError(),
                        sdError(),
                        covarianceError)
                + warnings.stream().map(w -> System.lineSeparator() + "  " + w).reduce("", String::concat);
    }
}
