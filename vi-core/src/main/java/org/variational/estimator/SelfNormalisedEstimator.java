package org.variational.estimator;

import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.special.Gamma;
import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence;
import org.variational.family.VariationalDistribution;
import org.variational.weights.LogWeights;

/**
 * The score form with draws from {@code (1 - a) q + a t_5}: a share of the draws comes from a multivariate Student-t
 * around q's mean with twice q's variances, and every draw is weighted by the density of the whole mixture.
 */
final class SelfNormalisedEstimator extends GradientEstimator {
    private static final double DEGREES = 5;
    private static final double VARIANCE_RATIO = 2;

    private final double defensiveShare;

    SelfNormalisedEstimator(double defensiveShare) {
        super("self-normalised importance sampling");
        this.defensiveShare = defensiveShare;
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        Divergence divergence = problem.divergence();
        if (divergence.coupling() != Divergence.Coupling.SELF_NORMALISED || !divergence.hasScoreForm()) {
            return "self-normalised importance sampling serves divergences with normalised weights and a score form,"
                    + " such as forward KL, not the divergence \"" + divergence.name() + "\": use sticking the landing";
        }
        if (problem.sampling().draws() < 2) {
            return "self-normalised importance sampling needs at least 2 draws, got "
                    + problem.sampling().draws() + ": a single normalised weight is always 1";
        }
        if (problem.split().optimisedCount() > 0 && !problem.hasGradient()) {
            return "optimised coordinates need the gradient of the target, which gives values only: supply a gradient";
        }
        if (defensiveShare > 0) {
            double[] sd = problem.probe().standardDeviation();
            for (double value : sd) {
                if (!Double.isFinite(value)) {
                    return "the defensive proposal is scaled by q's standard deviations, and the "
                            + problem.family().name()
                            + " family has none that are finite: set the defensive share to 0";
                }
            }
        }
        return null;
    }

    @Override
    BoundEstimator bind(Problem problem) {
        return new SelfNormalisedKernel(name(), problem, defensiveShare);
    }

    private static final class SelfNormalisedKernel extends BoundEstimator {
        private final String name;
        private final Batch batch;
        private final boolean optimises;
        private final List<String> notes;
        /** Lanes from here on come from the Student-t. */
        private final int firstDefensive;

        private final double logNormaliser;
        private final double[] logBase;

        SelfNormalisedKernel(String name, Problem problem, double share) {
            int lanes = problem.sampling().draws();
            int d = problem.family().dimension();
            this.name = name;
            this.batch = new Batch(problem, lanes);
            this.optimises = problem.split().optimisedCount() > 0;
            this.notes = PathEstimator.biasNotes(problem.divergence(), lanes);
            int defensive = share == 0 ? 0 : (int) Math.min(lanes - 1, Math.max(1, Math.round(share * lanes)));
            this.firstDefensive = lanes - defensive;
            this.logNormaliser = Gamma.logGamma((DEGREES + d) / 2)
                    - Gamma.logGamma(DEGREES / 2)
                    - d / 2.0 * Math.log(DEGREES * Math.PI * VARIANCE_RATIO);
            this.logBase = new double[lanes];
        }

        @Override
        String name() {
            return name;
        }

        @Override
        List<String> notes() {
            return notes;
        }

        @Override
        Estimate estimate(Step step, double[] gradient) {
            VariationalDistribution q = step.member();
            batch.draw(step);
            double[] mean = q.mean();
            double[] sd = q.standardDeviation();
            if (firstDefensive < logBase.length) {
                drawDefensive(step, mean, sd);
            }
            batch.evaluate(step, optimises);
            weighDraws(mean, sd);
            LogWeights weights = batch.weigh(step.divergence(), logBase);
            if (weights == null || weights.count() < 2) {
                return batch.describeFailure();
            }
            double value = batch.coefficients(step.divergence(), weights);
            batch.subtractBaseline(weights);
            q.addParameterScore(batch.points, batch.score, gradient);
            if (optimises) {
                batch.addOptimisedGradient(step.divergence().targetPower(), step.optimisedGradient());
            }
            return batch.describe(value, weights);
        }

        private void drawDefensive(Step step, double[] mean, double[] sd) {
            RandomGenerator random = step.streams().generator("defensive", step.number());
            int lanes = logBase.length;
            for (int s = firstDefensive; s < lanes; s++) {
                double chiSquared = 0;
                for (int k = 0; k < DEGREES; k++) {
                    double normal = random.nextGaussian();
                    chiSquared += normal * normal;
                }
                double stretch = Math.sqrt(VARIANCE_RATIO * DEGREES / chiSquared);
                for (int i = 0; i < mean.length; i++) {
                    batch.points.data[i * lanes + s] = mean[i] + stretch * sd[i] * random.nextGaussian();
                }
            }
        }

        /** Base weights q / r, r the mixture with the shares that were really drawn. */
        private void weighDraws(double[] mean, double[] sd) {
            int lanes = logBase.length;
            if (firstDefensive == lanes) {
                java.util.Arrays.fill(logBase, 0);
                return;
            }
            double share = (lanes - firstDefensive) / (double) lanes;
            double logScale = 0;
            for (double value : sd) {
                logScale += Math.log(value);
            }
            for (int s = 0; s < lanes; s++) {
                double distance = 0;
                for (int i = 0; i < mean.length; i++) {
                    double standardised = (batch.points.data[i * lanes + s] - mean[i]) / sd[i];
                    distance += standardised * standardised / VARIANCE_RATIO;
                }
                double logT = logNormaliser - logScale - (DEGREES + mean.length) / 2 * Math.log1p(distance / DEGREES);
                double logQ = batch.logQ[s];
                double logMixture = LogWeights.logSumExp(Math.log1p(-share) + logQ, Math.log(share) + logT);
                logBase[s] = logQ - logMixture;
            }
        }
    }
}
