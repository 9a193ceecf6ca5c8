package org.variational.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.variational.diagnostic.Verdict;
import org.variational.fit.Fit;
import org.variational.fit.LossTrace;
import org.variational.fit.Provenance;
import org.variational.posterior.Posterior;
import org.variational.posterior.Summary;

/**
 * What is reported of a fit.
 *
 * @param model the model's name
 * @param family the family's name on the command line
 * @param divergence the divergence's name on the command line
 * @param algorithm the algorithm
 * @param verdict how far the answer can be trusted
 * @param elbo the evidence lower bound, which may be infinite or NaN
 * @param elboStandardError its standard error, which may be NaN
 * @param summary the table of quantities
 * @param posterior the draws
 * @param trace the loss over the iterations
 * @param provenance where the fit comes from: what is the same for the same seed
 * @param elapsedSeconds the wall-clock time
 */
public record FitReport(
        String model,
        String family,
        String divergence,
        String algorithm,
        Verdict verdict,
        double elbo,
        double elboStandardError,
        Summary summary,
        Posterior posterior,
        LossTrace trace,
        Map<String, Object> provenance,
        double elapsedSeconds) {

    private static final int MOST_NAMES = 5;
    private static final String ONE_DRAW = ", because it takes two draws or more";

    /**
     * The report of a fit.
     *
     * @param model the model's name
     * @param family the family's name on the command line
     * @param divergence the divergence's name on the command line
     */
    public static FitReport of(String model, String family, String divergence, Fit fit) {
        Provenance source = fit.provenance();
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("libraryVersion", source.libraryVersion());
        provenance.put("javaVersion", source.javaVersion());
        provenance.put("kernels", source.kernels());
        provenance.put("dimension", source.dimension());
        provenance.put("seed", source.seed());
        provenance.put("status", fit.stop().status().name());
        provenance.put("iterations", source.iterations());
        provenance.put("evaluations", source.evaluations());
        provenance.put("gradientEvaluations", source.gradientEvaluations());
        provenance.put("options", source.options());
        return new FitReport(
                model,
                family,
                divergence,
                source.options().getOrDefault("algorithm", ""),
                fit.verdict(),
                fit.elbo(),
                fit.elboStandardError(),
                fit.summary(),
                fit.posterior(),
                fit.trace(),
                provenance,
                source.elapsed().toNanos() / 1e9);
    }

    /**
     * The reasons of the verdict, each as {@code CODE: sentence}, and one with the code {@code NOT_FINITE} for every
     * kind of number that is not finite, which JSON cannot carry.
     *
     * @return at least one sentence
     */
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        for (Verdict.Reason reason : verdict.reasons()) {
            reasons.add(reason.code() + ": " + reason.text());
        }
        if (!Double.isFinite(elbo)) {
            reasons.add("NOT_FINITE: elbo is " + elbo
                    + (Double.isNaN(elbo)
                            ? unknownBound()
                            : ", because the density is zero at draws of the approximation"));
        }
        if (!Double.isFinite(elboStandardError)) {
            reasons.add("NOT_FINITE: elboStandardError is " + elboStandardError
                    + ", because it exists for a finite bound and two draws or more");
        }
        String draws = ", because some draws are not finite";
        addNotFinite(reasons, "mean", Summary.Row::mean, draws);
        addNotFinite(reasons, "sd", Summary.Row::sd, posterior.size() == 1 ? ONE_DRAW : draws);
        addNotFinite(reasons, "q05", Summary.Row::q05, draws);
        addNotFinite(reasons, "q50", Summary.Row::q50, draws);
        addNotFinite(reasons, "q95", Summary.Row::q95, draws);
        addNotFinite(
                reasons,
                "mcse",
                Summary.Row::mcse,
                posterior.size() == 1
                        ? ONE_DRAW
                        : ", because the fit did not reach a state in which it can be estimated");
        return reasons;
    }

    private String unknownBound() {
        return posterior.size() == 1
                ? ONE_DRAW
                : ", because fewer than two draws of the approximation have a density: it could not be evaluated at the"
                        + " others, or the fit had been ended";
    }

    private void addNotFinite(
            List<String> reasons, String column, ToDoubleFunction<Summary.Row> value, String because) {
        List<String> names = new ArrayList<>();
        for (Summary.Row row : summary.rows()) {
            if (!Double.isFinite(value.applyAsDouble(row))) {
                names.add(row.name());
            }
        }
        if (!names.isEmpty()) {
            int shown = Math.min(names.size(), MOST_NAMES);
            String more = shown < names.size() ? String.format(Locale.ROOT, " and %d more", names.size() - shown) : "";
            reasons.add("NOT_FINITE: " + column + " of " + String.join(", ", names.subList(0, shown)) + more + because);
        }
    }
}
