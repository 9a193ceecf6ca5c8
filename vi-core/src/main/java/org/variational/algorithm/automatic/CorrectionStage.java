package org.variational.algorithm.automatic;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.chain.ChainCheck;
import org.variational.chain.HamiltonianChains;
import org.variational.chain.LaneMoments;
import org.variational.diagnostic.Status;
import org.variational.estimator.CoordinateSplit;

/** The last stage: the chains of the check go on, and the answer becomes the Gaussian with their moments. */
final class CorrectionStage extends Stage {

    private static final double AGREEMENT = 0.05;
    private static final int FIRST_LENGTH = 32;
    private static final int LAST_LENGTH = 256;

    private final HamiltonianChains chains;
    private Algorithm.Outcome corrected;
    private MomentProjection projection;
    private LaneMoments.Moments earlier;
    private int length = FIRST_LENGTH;

    /**
     * A correction about to make its first step.
     *
     * @param answer the answer that did not pass the check, with the evaluations before the check
     * @param chains the chains of the check, whose evaluations count for this stage
     * @param earlier their moments so far
     */
    CorrectionStage(Run run, Algorithm.Outcome answer, HamiltonianChains chains, LaneMoments.Moments earlier) {
        super(run, answer.count());
        this.chains = chains;
        this.corrected = answer;
        this.earlier = earlier;
        this.projection = projection();
    }

    private MomentProjection projection() {
        int own = corrected.family().parameterCount();
        return new MomentProjection(
                corrected.family(), Arrays.copyOf(corrected.parameters(), own), chains.points().numCols, length);
    }

    @Override
    String label() {
        return "correct";
    }

    private String name(int inferred) {
        CoordinateSplit split = run().task().objective().coordinates();
        return split.name(split.inferredIndex(inferred));
    }

    /** Parameters of the family, followed by the optimised coordinates as the fit left them. */
    private double[] withOptimised(double[] parameters) {
        double[] whole = corrected.parameters().clone();
        System.arraycopy(parameters, 0, whole, 0, parameters.length);
        return whole;
    }

    @Override
    Stage step() {
        chains.transition(false);
        if (!projection.add(chains.points())) {
            return this;
        }
        LaneMoments.Moments now = projection.moments();
        ChainCheck.Departure change = ChainCheck.Departure.between(earlier, now);
        int unmixed = projection.unmixed();
        int runaway = projection.runaway();
        earlier = now;
        if (runaway >= 0) {
            return endRunaway(name(runaway));
        }
        correct();
        if (change.certain() <= AGREEMENT && unmixed < 0) {
            String reason = String.format(
                    Locale.ROOT,
                    "corrected to the moments of %d Markov chains, which agree with those of the transitions before to"
                            + " %.2g beyond the errors",
                    chains.points().numCols,
                    AGREEMENT);
            return end(Status.CONVERGED, reason, List.of(), null);
        }
        length *= 2;
        if (length > LAST_LENGTH) {
            return endUnmixed(name(unmixed < 0 ? change.worst() : unmixed));
        }
        projection = projection();
        return this;
    }

    private void correct() {
        double[] parameters = projection.project();
        corrected = Algorithm.Outcome.of(corrected.family(), withOptimised(parameters), before())
                .withReplicates(projection.replicates(parameters).stream()
                        .map(this::withOptimised)
                        .toList())
                .withGoalReport(corrected.goalReport())
                .withFindings(corrected.findings());
    }

    private Stage endRunaway(String name) {
        String reason = "the Markov chains that correct the fit run away in " + name
                + ": the density does not fall off in that direction, so that the posterior is improper or the"
                + " parameter is not identified; give it a proper prior";
        return end(Status.DIVERGED, reason, List.of(name), null);
    }

    private Stage endUnmixed(String name) {
        String reason = String.format(
                Locale.ROOT,
                "the Markov chains that correct the fit were still moving in %s after %d transitions: the posterior"
                        + " has parts that they hardly reach; another parameterisation, such as a non-centred one, may"
                        + " help",
                name,
                2 * LAST_LENGTH);
        return end(Status.STALLED, reason, List.of(name), null);
    }

    @Override
    Algorithm.Outcome found() {
        return corrected;
    }

    @Override
    EvaluationCount own() {
        return new EvaluationCount(chains.evaluations(), chains.rejected());
    }
}
