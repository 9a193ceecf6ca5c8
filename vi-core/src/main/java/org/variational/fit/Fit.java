package org.variational.fit;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.variational.density.ParameterLayout.Role;
import org.variational.density.QuantityIndex;
import org.variational.diagnostic.ErrorBounds;
import org.variational.diagnostic.Evidence;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.posterior.Approximation;
import org.variational.posterior.Posterior;
import org.variational.posterior.Summary;

/**
 * The result of a fit: draws from the posterior, the fitted distribution, and how far both can be trusted.
 *
 * <p>Print it, or read the {@link #verdict()}, first. Immutable and thread-safe; arrays are copied out.
 */
public final class Fit {

    /** Draws that are worth nearly as many independent ones need no remark. */
    private static final double ALL_BUT = 0.99;

    private final Verdict verdict;
    private final Stop stop;
    private final Fitted fitted;
    private final Evidence.Bound elbo;
    private final Approximation approximation;
    private final Posterior posterior;
    private final LossTrace trace;
    private final Provenance provenance;

    /**
     * The fitted distribution by its parameters, with the optimised coordinates.
     *
     * @param family the family
     * @param parameters the member's parameters
     * @param optimised the optimised coordinates
     * @param meanErrors the Monte-Carlo error that the fit itself left in the mean of every scalar; NaN where unknown
     */
    record Fitted(VariationalFamily family, double[] parameters, double[] optimised, double[] meanErrors) {}

    Fit(
            Verdict verdict,
            Stop stop,
            Fitted fitted,
            Evidence.Bound elbo,
            Approximation approximation,
            Posterior posterior,
            LossTrace trace,
            Provenance provenance) {
        this.verdict = verdict;
        this.stop = stop;
        this.fitted = fitted;
        this.elbo = elbo;
        this.approximation = approximation;
        this.posterior = posterior;
        this.trace = trace;
        this.provenance = provenance;
    }

    /** How far the fit can be trusted, with the findings. */
    public Verdict verdict() {
        return verdict;
    }

    /** Why the fit stopped: the status, a sentence, and what was counted. */
    public Stop stop() {
        return stop;
    }

    /**
     * The evidence lower bound {@code E_q[log p - log q]} of the fitted distribution, whatever divergence was
     * minimised; far from where it was fitted the distribution is {@linkplain Evidence restricted}.
     *
     * <p>Draws at which the density could not be evaluated are left out, which makes it too high if the density is
     * small there; the verdict counts them.
     *
     * @return an estimate; {@code -Infinity} if the distribution has mass where the density is zero; NaN if there are
     *     fewer than two draws at which the density could be evaluated
     */
    public double elbo() {
        return elbo.value();
    }

    /**
     * The standard error of {@link #elbo()}.
     *
     * @return a non-negative number; NaN where the bound is not finite
     */
    public double elboStandardError() {
        return elbo.standardError();
    }

    /**
     * The Pareto shape of the importance weights, that of the {@link #approximation()}.
     *
     * @return k-hat; negative infinity for constant weights, NaN if there are too few known weights
     */
    public double kHat() {
        return approximation.kHat();
    }

    /** The log evidence with its bounds, each with its standard error, from the draws of the approximation. */
    public Evidence evidence() {
        return Evidence.of(approximation);
    }

    /** Upper bounds on the errors of mean, standard deviations and covariance of the fitted distribution. */
    public ErrorBounds errorBounds() {
        return ErrorBounds.of(approximation, distribution());
    }

    /**
     * The fitted distribution of the inferred coordinates, on the unconstrained scale.
     *
     * @return a new instance, for one thread
     */
    public VariationalDistribution distribution() {
        return fitted.family.member(fitted.parameters.clone());
    }

    /**
     * The values of the coordinates that were optimised rather than inferred, on the unconstrained scale and in the
     * order of the layout; on the user's scale they are among the quantities of the {@link #posterior()}.
     *
     * @return a copy, empty if nothing was optimised
     */
    public double[] optimised() {
        return fitted.optimised.clone();
    }

    /** Draws that stand for the posterior as they are, if the verdict is not UNRELIABLE. */
    public Posterior posterior() {
        return posterior;
    }

    /**
     * Raw draws from the fitted distribution with their importance weights, for those who study the approximation: more
     * than {@link #posterior()} has, if the library has gone on drawing until the weighted draws were worth enough.
     */
    public Approximation approximation() {
        return approximation;
    }

    /** The loss over the iterations, thinned. */
    public LossTrace trace() {
        return trace;
    }

    /** Where the fit comes from: versions, settings, cost. */
    public Provenance provenance() {
        return provenance;
    }

    /** Mean, standard deviation, quantiles and Monte-Carlo error of every quantity, below the {@link #lines()}. */
    public Summary summary() {
        Summary table = table();
        return new Summary(lines(table), table.rows());
    }

    /**
     * The same for some quantities only.
     *
     * @param names names of quantities, such as {@code theta}, or of scalars, such as {@code theta[3]}, in the order
     *     wanted
     * @throws IllegalArgumentException if there is no such quantity or scalar, listing what there is
     */
    public Summary summary(String... names) {
        int[] selected = QuantityIndex.of(posterior.quantities()).rows(names);
        Summary table = table();
        return new Summary(
                lines(table),
                Arrays.stream(selected).mapToObj(table.rows()::get).toList());
    }

    private Summary table() {
        return Summary.of(List.of(), posterior, fitted.meanErrors);
    }

    /** Three lines: whether you can use the draws, what they are worth, and what to do. */
    public List<String> lines() {
        return lines(table());
    }

    private List<String> lines(Summary table) {
        return List.of(provenance.model() + ": " + verdict.headline(), worth(table), verdict.advice());
    }

    private String worth(Summary table) {
        String draws = String.format(Locale.ROOT, "%,d draws", posterior.size());
        if (verdict.level() == Verdict.Level.UNRELIABLE) {
            return (posterior.size() == 1 ? "1 draw is" : draws + " are")
                    + " kept, so that you can look at what went wrong.";
        }
        if (posterior.effectiveSampleSize() < ALL_BUT * posterior.size()) {
            draws += String.format(
                    Locale.ROOT,
                    ", chosen from %,d and worth %,.0f independent ones",
                    approximation.size(),
                    posterior.effectiveSampleSize());
        }
        List<Summary.Row> inferred = table.rows().stream()
                .filter(row -> row.role() != Role.OPTIMISED && row.sd() > 0)
                .toList();
        if (inferred.stream().anyMatch(row -> Double.isNaN(row.mcse()))) {
            return draws + "; the Monte-Carlo errors of some means are not known.";
        }
        // of errors that are equal but for rounding, the first is named
        double most = inferred.stream()
                .mapToDouble(row -> (1 - 1e-9) * row.mcse() / row.sd())
                .max()
                .orElse(0);
        return draws
                + inferred.stream()
                        .filter(row -> row.mcse() / row.sd() >= most)
                        .findFirst()
                        .map(row -> String.format(
                                Locale.ROOT,
                                ": the Monte-Carlo error of a mean is at most %.2g standard deviations (%s)",
                                row.mcse() / row.sd(),
                                row.name()))
                        .orElse("")
                + ".";
    }

    /** The {@link #lines()}, and where to read on. */
    @Override
    public String toString() {
        return String.join(System.lineSeparator(), lines())
                + (verdict.level() == Verdict.Level.UNRELIABLE
                        ? " fit.verdict().explain() lists all findings."
                        : " fit.summary() is the table, fit.verdict().explain() lists the checks.");
    }
}
