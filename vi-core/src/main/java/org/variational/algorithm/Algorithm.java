package org.variational.algorithm;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.family.VariationalFamily;
import org.variational.fit.Driver;

/**
 * A way to fit an approximation, as three verbs: make a state, advance it by a step, read the result off it.
 *
 * <p>An algorithm never prints, owns no thread and no clock. Budgets, callbacks and cancellation are the business of
 * the {@link Driver}, which calls the verbs. Configurations are immutable and thread-safe; everything that changes is
 * in the state.
 *
 * @param <S> the type of the state
 */
public interface Algorithm<S> {

    /** The name used in reports and provenance, with the settings that matter. */
    String name();

    /**
     * Makes the state before the first step.
     *
     * @param task what is to be fitted
     * @param limits what bounds the fit; long searches look at it
     * @throws FitException if no usable starting point is found
     * @throws IllegalArgumentException if the algorithm cannot serve the task, with the reason and a remedy
     */
    S start(Task task, Limits limits);

    /**
     * Makes one step.
     *
     * @param state the state, changed in place
     * @return what happened
     */
    Report step(S state);

    /**
     * Reads the result off a state, at any time.
     *
     * @param state the state, not changed
     * @return the best answer so far
     */
    Outcome result(S state);

    /**
     * What happened in a step, and since the start.
     *
     * @param loss the noisy loss; NaN if the step could not be used or has none
     * @param evaluations the density evaluations since the start
     * @param rejectedEvaluations those of them that could not be used
     * @param phase what the algorithm is doing
     * @param stop the reason to end here, or null to go on
     */
    record Report(
            double loss,
            long evaluations,
            long rejectedEvaluations,
            String phase,
            @Nullable Stop stop) {}

    /**
     * An answer.
     *
     * @param family the family of the answer: that of the task's objective unless the algorithm makes a choice of its
     *     own
     * @param parameters the family's parameters, then the optimised coordinates
     * @param replicates nearly independent estimates of {@code parameters} whose mean it is, from which the Monte-Carlo
     *     error of the fit follows; empty if unknown
     * @param drifting the names of coordinates that were still moving in one direction, worst first
     * @param evaluations the density evaluations since the start
     * @param rejectedEvaluations those of them that could not be used
     * @param goalReport what is to be said of a divergence not reached, or empty
     * @param test what the stopping test last found, for the report of a fit that did not pass it; or empty
     * @param findings what the algorithm itself has to say for the verdict
     */
    record Outcome(
            VariationalFamily family,
            double[] parameters,
            List<double[]> replicates,
            List<String> drifting,
            long evaluations,
            long rejectedEvaluations,
            String goalReport,
            String test,
            List<Verdict.Reason> findings) {

        /**
         * An answer with nothing else to say.
         *
         * @param family the family of the answer
         * @param parameters the family's parameters, then the optimised coordinates
         * @param evaluations the density evaluations since the start
         * @param rejectedEvaluations those of them that could not be used
         */
        public static Outcome of(
                VariationalFamily family, double[] parameters, long evaluations, long rejectedEvaluations) {
            return new Outcome(
                    family, parameters, List.of(), List.of(), evaluations, rejectedEvaluations, "", "", List.of());
        }

        /**
         * The same with estimates of the same parameters.
         *
         * @param estimates nearly independent, with the parameters as their mean
         * @return a new answer
         */
        public Outcome withReplicates(List<double[]> estimates) {
            return new Outcome(
                    family,
                    parameters,
                    estimates,
                    drifting,
                    evaluations,
                    rejectedEvaluations,
                    goalReport,
                    test,
                    findings);
        }

        /**
         * The same with what the stopping test last found.
         *
         * @param found a sentence
         * @return a new answer
         */
        public Outcome withTest(String found) {
            return new Outcome(
                    family,
                    parameters,
                    replicates,
                    drifting,
                    evaluations,
                    rejectedEvaluations,
                    goalReport,
                    found,
                    findings);
        }

        /**
         * The same with findings for the verdict.
         *
         * @param reasons the findings
         * @return a new answer
         */
        public Outcome withFindings(List<Verdict.Reason> reasons) {
            return new Outcome(
                    family,
                    parameters,
                    replicates,
                    drifting,
                    evaluations,
                    rejectedEvaluations,
                    goalReport,
                    test,
                    reasons);
        }

        /**
         * The same with other counts.
         *
         * @param allEvaluations the density evaluations since the start
         * @param allRejected those of them that could not be used
         * @return a new answer
         */
        public Outcome withCounts(long allEvaluations, long allRejected) {
            return new Outcome(
                    family, parameters, replicates, drifting, allEvaluations, allRejected, goalReport, test, findings);
        }

        /** The same with other parameters and nothing drifting. */
        public Outcome with(double[] otherParameters, List<double[]> estimates) {
            return new Outcome(
                    family,
                    otherParameters,
                    estimates,
                    List.of(),
                    evaluations,
                    rejectedEvaluations,
                    goalReport,
                    "",
                    findings);
        }
    }
}
