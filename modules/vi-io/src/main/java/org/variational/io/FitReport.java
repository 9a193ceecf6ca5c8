package org.variational.io;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.variational.diagnostic.Evidence;
import org.variational.diagnostic.Verdict;
import org.variational.fit.Fit;
import org.variational.fit.Provenance;
import org.variational.posterior.Summary;

/**
 * What is reported of a fit, the same for the same seed.
 *
 * @param model the model's name
 * @param method how it was fitted
 * @param verdict how far the answer can be trusted
 * @param elbo the evidence lower bound in nats, which may be infinite or NaN
 * @param summary the table of quantities
 * @param draws the number of draws that the summary is of
 * @param provenance where the fit comes from, by name: texts, numbers and a map of texts
 */
public record FitReport(
        String model,
        Method method,
        Verdict verdict,
        Evidence.Bound elbo,
        Summary summary,
        int draws,
        Map<String, Object> provenance) {

    /**
     * How a fit was made, by names.
     *
     * @param family the name of the family
     * @param divergence the name of the divergence
     * @param algorithm the name of the algorithm
     */
    public record Method(String family, String divergence, String algorithm) {}

    private static final int MOST_NAMES = 5;
    private static final String ONE_DRAW = ", because it takes two draws or more";

    /** Copies the map, keeping its order. */
    public FitReport {
        provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    }

    /** The report of a fit, with the names that its provenance has. */
    public static FitReport of(Fit fit) {
        Provenance source = fit.provenance();
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("libraryVersion", source.software().library());
        provenance.put("javaVersion", source.software().java());
        provenance.put("kernels", source.software().kernels());
        provenance.put("dimension", source.dimension());
        provenance.put("seed", source.seed());
        provenance.put("status", fit.stop().status().name());
        provenance.put("iterations", source.cost().iterations());
        provenance.put("evaluations", source.cost().evaluations());
        provenance.put("gradientEvaluations", source.cost().gradientEvaluations());
        provenance.put("options", source.options());
        return new FitReport(
                source.model(),
                new Method(
                        source.options().getOrDefault("family", ""),
                        source.options().getOrDefault("divergence", ""),
                        source.options().getOrDefault("algorithm", "")),
                fit.verdict(),
                new Evidence.Bound(fit.elbo(), fit.elboStandardError()),
                fit.summary(),
                fit.posterior().size(),
                provenance);
    }

    /** The same report with other names of family and divergence, such as those that the user chose them by. */
    public FitReport named(String family, String divergence) {
        return new FitReport(
                model, new Method(family, divergence, method.algorithm), verdict, elbo, summary, draws, provenance);
    }

    /**
     * A finding for programs.
     *
     * @param code what was found: the name of a {@link Verdict.Code}, or {@code NOT_FINITE}
     * @param level the highest {@link Verdict.Level} that the finding allows; empty for {@code NOT_FINITE}
     * @param text the finding in a sentence, without a full stop
     * @param remedy what to do, without a full stop; empty if there is nothing to be done, or the text says it
     */
    public record Finding(String code, String level, String text, String remedy) {}

    /**
     * The findings of the verdict, gravest first, and one with the code {@code NOT_FINITE} for every kind of number
     * that is not finite, which JSON cannot carry.
     *
     * @return at least one finding
     */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        for (Verdict.Finding found : verdict.findings()) {
            findings.add(new Finding(found.code().name(), found.level().name(), found.text(), found.remedy()));
        }
        if (!Double.isFinite(elbo.value())) {
            findings.add(notFinite("elbo is " + elbo.value()
                    + (Double.isNaN(elbo.value())
                            ? unknownBound()
                            : ", because the density is zero at draws of the approximation")));
        }
        if (!Double.isFinite(elbo.standardError())) {
            findings.add(notFinite("elboStandardError is " + elbo.standardError()
                    + ", because it exists for a finite bound and two draws or more"));
        }
        String someDraws = ", because some draws are not finite";
        addNotFinite(findings, "mean", Summary.Row::mean, someDraws);
        addNotFinite(findings, "sd", Summary.Row::sd, draws == 1 ? ONE_DRAW : someDraws);
        addNotFinite(findings, "q05", Summary.Row::q05, someDraws);
        addNotFinite(findings, "q50", Summary.Row::q50, someDraws);
        addNotFinite(findings, "q95", Summary.Row::q95, someDraws);
        addNotFinite(
                findings,
                "mcse",
                Summary.Row::mcse,
                draws == 1 ? ONE_DRAW : ", because the fit did not reach a state in which it can be estimated");
        return findings;
    }

    private static Finding notFinite(String text) {
        return new Finding("NOT_FINITE", "", text, "");
    }

    private String unknownBound() {
        return draws == 1
                ? ONE_DRAW
                : ", because fewer than two draws of the approximation have a density: it could not be evaluated at the"
                        + " others, or the fit had been ended";
    }

    private void addNotFinite(
            List<Finding> findings, String column, ToDoubleFunction<Summary.Row> value, String because) {
        List<String> names = new ArrayList<>();
        for (Summary.Row row : summary.rows()) {
            if (!Double.isFinite(value.applyAsDouble(row))) {
                names.add(row.name());
            }
        }
        if (!names.isEmpty()) {
            int shown = Math.min(names.size(), MOST_NAMES);
            String more = shown < names.size() ? String.format(Locale.ROOT, " and %d more", names.size() - shown) : "";
            findings.add(notFinite(column + " of " + String.join(", ", names.subList(0, shown)) + more + because));
        }
    }
}
