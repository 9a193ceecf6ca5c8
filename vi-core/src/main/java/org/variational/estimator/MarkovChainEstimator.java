package org.variational.estimator;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergences;
import org.variational.family.VariationalDistribution;
import org.variational.weights.LogWeights;

/**
 * Markovian score climbing: one chain a lane, each moved by an independent Metropolis-Hastings step with q as its
 * proposal, and the forward-KL gradient {@code - mean d log q / d lambda} over the chains, averaged over whether a
 * proposal is accepted.
 */
final class MarkovChainEstimator extends GradientEstimator {

    MarkovChainEstimator() {
        super("Markovian score climbing");
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        if (problem.divergence().untempered() != Divergences.forwardKl()) {
            return "Markovian score climbing draws from p, which gives the gradient of forward KL and of no other"
                    + " divergence, got \"" + problem.divergence().name() + "\": use sticking the landing";
        }
        if (problem.split().optimisedCount() > 0 && !problem.hasGradient()) {
            return "optimised coordinates need the gradient of the target, which gives values only: supply a gradient";
        }
        return null;
    }

    @Override
    public boolean needsOneDivergence() {
        return true;
    }

    @Override
    BoundEstimator bind(Problem problem) {
        return new ChainKernel(name(), problem);
    }

    /** Memory: the log target at each chain's state ({@code -Infinity} before it has one), then the states, D x S. */
    private static final class ChainKernel extends BoundEstimator {
        private final String name;
        private final Problem problem;
        private final Batch proposals;
        /** The states, evaluated again only where the target changes with the optimised coordinates. */
        private final Batch states;

        private final boolean optimises;
        private final double[] acceptance;

        ChainKernel(String name, Problem problem) {
            this.name = name;
            this.problem = problem;
            this.proposals = new Batch(problem, problem.sampling().draws());
            this.states = new Batch(problem, problem.sampling().draws());
            this.optimises = problem.split().optimisedCount() > 0;
            this.acceptance = new double[problem.sampling().draws()];
        }

        @Override
        String name() {
            return name;
        }

        @Override
        int memorySize() {
            return problem.sampling().draws() * (1 + problem.family().dimension());
        }

        @Override
        void initialise(double[] memory) {
            Arrays.fill(memory, 0, problem.sampling().draws(), Double.NEGATIVE_INFINITY);
        }

        @Override
        List<String> notes() {
            return List.of(
                    "Draws come from Markov chains that propose from q: gradients are biased until the chains have"
                            + " reached p, and stay so if they reject nearly everything.");
        }

        @Override
        Estimate estimate(Step step, double[] gradient) {
            VariationalDistribution q = step.member();
            proposals.draw(step);
            proposals.evaluate(step, optimises);
            int chains = acceptance.length;
            System.arraycopy(step.memory(), chains, states.points.data, 0, states.points.getNumElements());
            long evaluations = proposals.target().evaluations();
            int rejected = proposals.target().rejected();
            if (optimises) {
                states.evaluate(step, true);
                evaluations += states.target().evaluations();
                for (int m = 0; m < chains; m++) {
                    boolean started = step.memory()[m] != Double.NEGATIVE_INFINITY;
                    states.logTarget[m] = started && Double.isFinite(states.logTarget[m])
                            ? states.logTarget[m]
                            : Double.NEGATIVE_INFINITY;
                }
            } else {
                System.arraycopy(step.memory(), 0, states.logTarget, 0, chains);
                q.logDensity(states.points, states.logQ);
            }
            double power = step.divergence().targetPower();
            int live = 0;
            double meanAcceptance = 0;
            for (int m = 0; m < chains; m++) {
                acceptance[m] = acceptance(
                        power, proposals.logTarget[m], proposals.logQ[m], states.logTarget[m], states.logQ[m]);
                meanAcceptance += acceptance[m] / chains;
                if (acceptance[m] > 0 || states.logTarget[m] != Double.NEGATIVE_INFINITY) {
                    live++;
                }
            }
            LogWeights weights = proposals.weigh(step.divergence(), null);
            if (live == 0) {
                return proposals.describeFailure();
            }
            double value = addGradient(step, live, gradient);
            moveChains(step);
            return new Estimate(
                    value,
                    weights == null ? 0 : weights.effectiveSampleSize(),
                    live,
                    new Estimate.Draws(live, rejected, proposals.target().unsupported()),
                    evaluations,
                    1 - meanAcceptance,
                    proposals.target().firstRejection());
        }

        private static double acceptance(
                double power, double proposedTarget, double proposedQ, double targetNow, double qNow) {
            if (!Double.isFinite(proposedTarget) || !Double.isFinite(proposedQ)) {
                return 0;
            }
            if (targetNow == Double.NEGATIVE_INFINITY) {
                return 1;
            }
            return Math.exp(Math.min(0, power * (proposedTarget - targetNow) - (proposedQ - qNow)));
        }

        /** Adds the gradient and returns the cross-entropy of q relative to the chains. */
        private double addGradient(Step step, int live, double[] gradient) {
            VariationalDistribution q = step.member();
            double power = step.divergence().targetPower();
            double value = 0;
            for (int m = 0; m < acceptance.length; m++) {
                boolean hasState = states.logTarget[m] != Double.NEGATIVE_INFINITY;
                double moved = acceptance[m] / live;
                double stayed = hasState ? (1 - acceptance[m]) / live : 0;
                proposals.score[m] = -moved;
                states.score[m] = -stayed;
                value -= (moved > 0 ? moved * proposals.logQ[m] : 0) + (stayed > 0 ? stayed * states.logQ[m] : 0);
                proposals.evidence[m] = moved;
                states.evidence[m] = stayed;
            }
            q.addParameterScore(proposals.points, proposals.score, gradient);
            q.addParameterScore(states.points, states.score, gradient);
            if (optimises) {
                proposals.addOptimisedGradient(power, step.optimisedGradient());
                states.addOptimisedGradient(power, step.optimisedGradient());
            }
            return value;
        }

        private void moveChains(Step step) {
            RandomGenerator random = step.streams().generator("accept", step.number());
            int chains = acceptance.length;
            DMatrixRMaj to = states.points;
            for (int m = 0; m < chains; m++) {
                boolean accept = random.nextDouble() < acceptance[m];
                if (accept) {
                    for (int i = 0; i < to.numRows; i++) {
                        to.data[i * chains + m] = proposals.points.data[i * chains + m];
                    }
                    states.logTarget[m] = proposals.logTarget[m];
                }
            }
            System.arraycopy(states.logTarget, 0, step.memory(), 0, chains);
            System.arraycopy(to.data, 0, step.memory(), chains, to.getNumElements());
        }
    }
}
