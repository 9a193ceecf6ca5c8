package org.variational.fit;

import java.util.List;
import java.util.Locale;
import org.variational.diagnostic.ErrorBounds;
import org.variational.diagnostic.Evidence;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.posterior.Posterior;
import org.variational.posterior.Summary;

/**
 * The result of a fit: an approximation, draws from it, and how far both can be trusted.
 *
 * <p>Read the {@link #verdict()} first. Immutable and thread-safe; arrays are copied out.
 */
public final class Fit {

    private final Verdict verdict;
    private final Stop stop;
    private final double elbo;
    private final double elboStandardError;
    private final double kHat;
    private final VariationalFamily family;
    private final double[] parameters;
    private final double[] optimised;
    private final Posterior posterior;
    private final double[] fitError;
    private final LossTrace trace;
    private final Provenance provenance;

    Fit(
            Verdict verdict,
            Stop stop,
            double elbo,
            double elboStandardError,
            double kHat,
            VariationalFamily family,
            double[] parameters,
            double[] optimised,
            Posterior posterior,
            double[] fitError,
            LossTrace trace,
            Provenance provenance) {
        this.verdict = verdict;
        this.stop = stop;
        this.elbo = elbo;
        this.elboStandardError = elboStandardError;
        this.kHat = kHat;
        this.family = family;
        this.parameters = parameters;
        this.optimised = optimised;
        this.posterior = posterior;
        this.fitError = fitError;
        this.trace = trace;
        this.provenance = provenance;
    }

    /**
     * How far the fit can be trusted.
     *
     * @return the verdict with its reasons
     */
    public Verdict verdict() {
        return verdict;
    }

    /**
     * Why the fit stopped.
     *
     * @return the status, a sentence, and what was counted
     */
    public Stop stop() {
        return stop;
    }

    /**
     * The evidence lower bound {@code E_q[log p - log q]} of the final approximation, whatever divergence was
     * minimised.
     *
     * <p>Draws at which the density could not be evaluated are left out, which makes it too high if the density is
     * small there; the verdict counts them.
     *
     * @return an estimate; {@code -Infinity} if the approximation has mass where the density is zero; NaN if there are
     *     fewer than two draws at which the density could be evaluated
     */
    public double elbo() {
        return elbo;
    }

    /**
     * The standard error of {@link #elbo()}.
     *
     * @return a non-negative number; NaN where the bound is not finite
     */
    public double elboStandardError() {
        return elboStandardError;
    }

    /**
     * The Pareto shape of the importance weights.
     *
     * @return k-hat; negative infinity for constant weights, NaN if unknown
     */
    public double kHat() {
        return kHat;
    }

    /**
     * The log evidence with its bounds, each with its standard error.
     *
     * @return what the final draws say of it
     */
    public Evidence evidence() {
        return Evidence.of(posterior);
    }

    /**
     * Upper bounds on the errors of mean, standard deviations and covariance, on the unconstrained scale.
     *
     * @return the bounds that the final draws give
     */
    public ErrorBounds errorBounds() {
        return ErrorBounds.of(posterior, approximation());
    }

    /**
     * The fitted approximation of the inferred coordinates.
     *
     * @return a new instance, for one thread
     */
    public VariationalDistribution approximation() {
        return family.member(parameters.clone());
    }

    /**
     * The values of the coordinates that were optimised rather than inferred, on the unconstrained scale and in the
     * order of the layout; on the user's scale they are among the quantities of the {@link #posterior()}.
     *
     * @return a copy, empty if nothing was optimised
     */
    public double[] optimised() {
        return optimised.clone();
    }

    /** Draws from the approximation on the user's scale. */
    public Posterior posterior() {
        return posterior;
    }

    /**
     * The loss over the iterations.
     *
     * @return the thinned trace
     */
    public LossTrace trace() {
        return trace;
    }

    /**
     * Where the fit comes from.
     *
     * @return versions, settings, counts
     */
    public Provenance provenance() {
        return provenance;
    }

    /**
     * Mean, standard deviation, quantiles and Monte-Carlo error of every quantity, the verdict first. If that is
     * REWEIGHT and the importance weights are reliable, the draws are weighted, and the heading says so.
     */
    public Summary summary() {
        boolean weighted = verdict.level() == Verdict.Level.REWEIGHT && posterior.hasReliableWeights();
        return weighted ? Summary.weighted(heading(), posterior, fitError) : Summary.of(heading(), posterior, fitError);
    }

    private List<String> heading() {
        return List.of(
                provenance.model() + ": " + verdict.toString().replace(System.lineSeparator(), "\n"),
                String.format(
                        Locale.ROOT,
                        "%s after %d iterations; ELBO %.4f (standard error %.2g); k-hat %.2f; %d draws",
                        stop.status(),
                        stop.iteration(),
                        elbo,
                        elboStandardError,
                        kHat,
                        posterior.size()));
    }

    /** The summary. */
    @Override
    public String toString() {
        return summary().toString();
    }
}
