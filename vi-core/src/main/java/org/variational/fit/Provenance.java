package org.variational.fit;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a fit comes from: enough to make it again.
 *
 * @param libraryVersion the version of this library
 * @param javaVersion the version of the Java runtime
 * @param kernels the kernels that ran, see {@link org.variational.kernel.Kernels}
 * @param model the model's name
 * @param dimension the number of unconstrained coordinates
 * @param seed the seed
 * @param options the settings of the fit by name: family, divergence, estimator, algorithm, ...
 * @param iterations the number of iterations made
 * @param evaluations the number of points at which the density was evaluated, those for the diagnostics included
 * @param gradientEvaluations the points at which the fit itself evaluated the density with gradient, the search for a
 *     start included and the diagnostics not
 * @param elapsed the wall-clock time
 */
public record Provenance(
        String libraryVersion,
        String javaVersion,
        String kernels,
        String model,
        int dimension,
        long seed,
        Map<String, String> options,
        long iterations,
        long evaluations,
        long gradientEvaluations,
        Duration elapsed) {

    /** Copies the map, keeping its order. */
    public Provenance {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }
}
