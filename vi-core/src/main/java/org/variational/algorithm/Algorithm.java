package org.variational.algorithm;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.RandomStreams;

/**
 * A way to fit an approximation, as three verbs: make a state, advance it by a step, read the result off it.
 *
 * <p>An algorithm never prints, owns no thread and no clock. Budgets, callbacks and cancellation are the business of
 * the driver, which calls the verbs. Configurations are immutable and thread-safe; everything that changes is
 * in the state.
 *
 * @param <S> the type of the state
 */
public interface Algorithm<S> {

    /** The name used in reports and provenance, with the settings that matter. */
    String name();

    /**
     * Whether a fit starts anew where most of the mass of the posterior is found, if that is elsewhere; false for
     * algorithms that are to go where they are sent.
     */
    default boolean startsAnew() {
        return false;
    }

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
     * @param count the density evaluations since the start
     * @param phase what the algorithm is doing
     * @param stop the reason to end here, or null to go on
     */
    record Report(
            double loss,
            EvaluationCount count,
            String phase,
            @Nullable Stop stop) {}

    /**
     * An approximation, with what it is worth.
     *
     * @param family the family: that of the task's objective unless the algorithm makes a choice of its own
     * @param parameters the family's parameters, then the optimised coordinates
     * @param replicates nearly independent estimates of {@code parameters} whose mean it is, from which the Monte-Carlo
     *     error of the fit follows; one where the answer has no such error, empty if it is unknown
     * @param draws draws whose weights are better than those of draws from the distribution; null where there are none
     */
    record Answer(
            VariationalFamily family,
            double[] parameters,
            List<double[]> replicates,
            @Nullable WeightedDraws draws) {}

    /**
     * Draws that come with importance weights of their own, better than those of draws from a distribution as they
     * are: parts of them have been chosen. For one thread.
     */
    interface WeightedDraws {

        /**
         * Makes draws.
         *
         * @param streams the source of randomness
         * @param batch from 0; each batch has draws of its own, the same whenever it is asked for
         * @param points D x S, overwritten
         * @param logProposal S numbers, overwritten with {@code log p} at the draw less the logarithm of its weight, so
         *     that it takes the place of the log density that the draw was made from
         */
        void draw(RandomStreams streams, int batch, DMatrixRMaj points, double[] logProposal);
    }

    /**
     * What an algorithm has to say about its answer.
     *
     * @param drifting the names of coordinates that were still moving in one direction, worst first
     * @param goalReport what is to be said of a divergence not reached, or empty
     * @param test what the stopping test last found, for the report of a fit that did not pass it; or empty
     * @param findings what the algorithm itself has to say for the verdict
     */
    record Remarks(List<String> drifting, String goalReport, String test, List<Verdict.Finding> findings) {

        /** Nothing to say. */
        public static final Remarks NONE = new Remarks(List.of(), "", "", List.of());
    }

    /**
     * What came out.
     *
     * @param answer the best approximation so far
     * @param count what it took
     * @param remarks what is to be said about it
     */
    record Outcome(Answer answer, EvaluationCount count, Remarks remarks) {

        /**
         * An answer of which no more is known.
         *
         * @param parameters the family's parameters, then the optimised coordinates
         */
        public static Outcome of(VariationalFamily family, double[] parameters, EvaluationCount count) {
            return new Outcome(new Answer(family, parameters, List.of(), null), count, Remarks.NONE);
        }

        /** The family of the answer. */
        public VariationalFamily family() {
            return answer.family;
        }

        /** The family's parameters, then the optimised coordinates. */
        public double[] parameters() {
            return answer.parameters;
        }

        /** Nearly independent estimates of the parameters; empty if unknown. */
        public List<double[]> replicates() {
            return answer.replicates;
        }

        /** The coordinates still moving in one direction, worst first. */
        public List<String> drifting() {
            return remarks.drifting;
        }

        /** The density evaluations since the start. */
        public long evaluations() {
            return count.made();
        }

        /** Those of them that could not be used. */
        public long rejectedEvaluations() {
            return count.rejected();
        }

        /** What is to be said of a divergence not reached, or empty. */
        public String goalReport() {
            return remarks.goalReport;
        }

        /** What the stopping test last found, or empty. */
        public String test() {
            return remarks.test;
        }

        /** What the algorithm itself has to say for the verdict. */
        public List<Verdict.Finding> findings() {
            return remarks.findings;
        }

        /** The approximation of the inferred coordinates. */
        public VariationalDistribution distribution() {
            return answer.family.member(Arrays.copyOf(answer.parameters, answer.family.parameterCount()));
        }

        /** The values of the optimised coordinates. */
        public double[] optimised() {
            return Arrays.copyOfRange(answer.parameters, answer.family.parameterCount(), answer.parameters.length);
        }

        /** The same with nearly independent estimates of the parameters, of which they are the mean. */
        public Outcome withReplicates(List<double[]> estimates) {
            return new Outcome(new Answer(answer.family, answer.parameters, estimates, answer.draws), count, remarks);
        }

        /** The same with draws whose weights are better than those of draws from the distribution. */
        public Outcome withDraws(WeightedDraws draws) {
            return new Outcome(new Answer(answer.family, answer.parameters, answer.replicates, draws), count, remarks);
        }

        /** Draws whose weights are better than those of draws from the distribution; null where there are none. */
        public @Nullable WeightedDraws draws() {
            return answer.draws;
        }

        /** The same with the names of coordinates that were still moving in one direction, worst first. */
        public Outcome withDrifting(List<String> names) {
            return withRemarks(new Remarks(names, remarks.goalReport, remarks.test, remarks.findings));
        }

        /** The same with what is to be said of a divergence not reached, or empty. */
        public Outcome withGoalReport(String report) {
            return withRemarks(new Remarks(remarks.drifting, report, remarks.test, remarks.findings));
        }

        /** The same with what the stopping test last found, a sentence. */
        public Outcome withTest(String found) {
            return withRemarks(new Remarks(remarks.drifting, remarks.goalReport, found, remarks.findings));
        }

        /** The same with findings for the verdict. */
        public Outcome withFindings(List<Verdict.Finding> findings) {
            return withRemarks(new Remarks(remarks.drifting, remarks.goalReport, remarks.test, findings));
        }

        private Outcome withRemarks(Remarks other) {
            return new Outcome(answer, count, other);
        }

        /** The same after more was spent. */
        public Outcome withCount(EvaluationCount all) {
            return new Outcome(answer, all, remarks);
        }
    }
}
