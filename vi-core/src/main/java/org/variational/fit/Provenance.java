package org.variational.fit;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.variational.density.CountedDensity;

/**
 * Where a fit comes from, and what it cost.
 *
 * <p>It identifies the settings, not all that is needed to make a fit of your own code again: a density that is a
 * function has no fingerprint, a start of more than 64 numbers is given by its hash, and the state of an optimiser is
 * not kept.
 *
 * @param software what ran
 * @param model the model's name
 * @param dimension the number of unconstrained coordinates
 * @param seed the seed
 * @param options the settings of the fit by name: the data's fingerprint, the family with its size, divergence,
 *     estimator, algorithm, optimiser, averaging, tolerance, draws, start, budget
 * @param cost what was spent
 */
public record Provenance(
        Software software, String model, int dimension, long seed, Map<String, String> options, Cost cost) {

    /**
     * What ran.
     *
     * @param library the version of this library
     * @param java the version of the Java runtime
     * @param kernels the kernels, see {@link org.variational.kernel.Kernels}
     */
    public record Software(String library, String java, String kernels) {

        /** The library and the runtime of this process. */
        static Software running(String kernels) {
            String version = Software.class.getPackage().getImplementationVersion();
            return new Software(
                    version == null ? "development" : version, Runtime.version().toString(), kernels);
        }
    }

    /**
     * What was spent.
     *
     * @param iterations the number of iterations made
     * @param evaluations the number of points at which the density was evaluated, those of the examination included
     * @param gradientEvaluations the points at which the fit itself evaluated the density with gradient, the search for
     *     a start included and the examination not
     * @param answer the evaluations of the fit and of the examination of its answer, all but {@code search}
     * @param search the evaluations of the search for modes that the answer misses
     * @param elapsed the wall-clock time
     */
    public record Cost(
            long iterations,
            long evaluations,
            long gradientEvaluations,
            Evaluations answer,
            Evaluations search,
            Duration elapsed) {}

    /**
     * Points at which the density was evaluated.
     *
     * @param gradients those with gradient
     * @param values those without
     */
    public record Evaluations(long gradients, long values) {

        /** None. */
        public static final Evaluations NONE = new Evaluations(0, 0);

        /** All that a density has counted. */
        static Evaluations of(CountedDensity density) {
            return new Evaluations(density.gradientEvaluations(), density.valueEvaluations());
        }

        /** These without some of them. */
        Evaluations minus(Evaluations some) {
            return new Evaluations(gradients - some.gradients, values - some.values);
        }
    }

    /** Copies the map, keeping its order. */
    public Provenance {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }
}
