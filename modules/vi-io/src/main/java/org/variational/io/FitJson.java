package org.variational.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.variational.fit.Fit;
import org.variational.posterior.Summary;

/** Fits as JSON. */
public final class FitJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private FitJson() {}

    /**
     * A report as one line of JSON, an object with the keys {@code model}, {@code family}, {@code divergence},
     * {@code algorithm}, {@code verdict}, {@code findings}, {@code elbo}, {@code elboStandardError}, {@code parameters}
     * (an object for each row of the summary) and {@code provenance}, in this order.
     *
     * @return the line without its end; numbers that are not finite are null, and the findings say why
     */
    public static String line(FitReport report) {
        ObjectNode node = JSON.createObjectNode();
        node.put("model", report.model());
        node.put("family", report.method().family());
        node.put("divergence", report.method().divergence());
        node.put("algorithm", report.method().algorithm());
        node.put("verdict", report.verdict().level().name());
        ArrayNode findings = node.putArray("findings");
        report.findings().forEach(finding -> findings.add(JSON.<JsonNode>valueToTree(finding)));
        put(node, "elbo", report.elbo().value());
        put(node, "elboStandardError", report.elbo().standardError());
        ArrayNode parameters = node.putArray("parameters");
        for (Summary.Row row : report.summary().rows()) {
            ObjectNode parameter = parameters.addObject();
            parameter.put("name", row.name());
            put(parameter, "mean", row.mean());
            put(parameter, "sd", row.sd());
            put(parameter, "q05", row.q05());
            put(parameter, "q50", row.q50());
            put(parameter, "q95", row.q95());
            put(parameter, "mcse", row.mcse());
        }
        node.set("provenance", JSON.valueToTree(report.provenance()));
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of objects, arrays, strings and numbers can be written", e);
        }
    }

    /**
     * The provenance of a fit as JSON: the object that {@link #line} has under that key, and {@code elapsedSeconds},
     * the wall-clock time.
     *
     * @return several lines, indented, each with {@code \n} at its end
     */
    public static String provenance(Fit fit) {
        ObjectNode node = JSON.valueToTree(FitReport.of(fit).provenance());
        node.put("elapsedSeconds", fit.provenance().cost().elapsed().toNanos() / 1e9);
        return node.toPrettyString().replace(System.lineSeparator(), "\n") + "\n";
    }

    private static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }
}
