package org.variational.estimator;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence.Coupling;
import org.variational.family.Stratified;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.weights.LogWeights;

/**
 * The path gradient of a mixture: equal numbers of draws from every component, the path form for the components'
 * parameters and the score form for their weights.
 */
final class StratifiedEstimator extends GradientEstimator {

    StratifiedEstimator() {
        super("stratified path");
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        if (!(problem.probe() instanceof Stratified mixture)) {
            return "the " + problem.family().name()
                    + " family is no mixture with components to draw from one by one: use" + " sticking the landing";
        }
        int components = mixture.strataProbabilities().length;
        if (problem.sampling().draws() < components) {
            return "the stratified path estimator draws from each of the " + components + " components, and "
                    + problem.sampling().draws() + " draws are too few: set at least " + components;
        }
        String single = PathEstimator.singleDraw(problem);
        if (single != null) {
            return single;
        }
        if (!problem.hasGradient()) {
            return "the stratified path estimator needs the gradient of the target, which gives values only: supply a"
                    + " gradient, or use the score-function estimator";
        }
        if (problem.divergence().coupling() == Coupling.GROUPED) {
            return "the divergence \"" + problem.divergence().name()
                    + "\" needs draws in groups of independent ones, and stratified draws are not: use the"
                    + " score-function estimator";
        }
        if (!problem.divergence().hasPathForm() || !problem.divergence().hasScoreForm()) {
            return "the divergence \"" + problem.divergence().name()
                    + "\" lacks the path or the score form, and a mixture's components and weights need one each: use"
                    + " the score-function estimator, or another divergence";
        }
        return null;
    }

    @Override
    BoundEstimator bind(Problem problem) {
        return new StratifiedKernel(name(), problem);
    }

    private static final class StratifiedKernel extends BoundEstimator {
        private final String name;
        private final Problem problem;
        private final Batch batch;
        private final List<String> notes;
        private final int components;
        private final DMatrixRMaj noise;
        private final DMatrixRMaj[] noiseOf;
        private final DMatrixRMaj[] pointsOf;
        private final DMatrixRMaj[] vectorsOf;
        private final double[] logBase;
        private @Nullable RandomStreams streams;
        private @Nullable NormalDraws draws;

        StratifiedKernel(String name, Problem problem) {
            Stratified probe = (Stratified) problem.probe();
            this.name = name;
            this.problem = problem;
            this.batch = new Batch(problem, problem.sampling().draws());
            this.notes = PathEstimator.biasNotes(
                    problem.divergence(), problem.sampling().draws());
            this.components = probe.strataProbabilities().length;
            this.noise = new DMatrixRMaj(
                    probe.stratum(0).noiseDimension(), problem.sampling().draws());
            this.logBase = new double[problem.sampling().draws()];
            this.noiseOf = new DMatrixRMaj[components];
            this.pointsOf = new DMatrixRMaj[components];
            this.vectorsOf = new DMatrixRMaj[components];
            for (int k = 0; k < components; k++) {
                int lanes = first(k + 1) - first(k);
                noiseOf[k] = new DMatrixRMaj(noise.numRows, lanes);
                pointsOf[k] = new DMatrixRMaj(batch.points.numRows, lanes);
                vectorsOf[k] = new DMatrixRMaj(batch.points.numRows, lanes);
            }
        }

        @Override
        String name() {
            return name;
        }

        @Override
        List<String> notes() {
            return notes;
        }

        /** The first lane of component k; that of the component behind the last is the number of lanes. */
        private int first(int k) {
            return (int) ((long) k * logBase.length / components);
        }

        @Override
        Estimate estimate(Step step, double[] gradient) {
            Stratified q = (Stratified) step.member();
            double[] probability = q.strataProbabilities();
            draw(step, q, probability);
            batch.evaluate(step, true);
            LogWeights weights = batch.weigh(step.divergence(), logBase);
            if (weights == null) {
                return batch.describeFailure();
            }
            double value = batch.coefficients(step.divergence(), weights);
            double power = step.divergence().targetPower();
            q.pointScore(batch.points, batch.pointScore);
            batch.combine(batch.path, power, true);
            double[] byProbability = new double[components];
            for (int k = 0; k < components; k++) {
                int from = first(k);
                int to = first(k + 1);
                double[] own = new double[q.stratum(k).family().parameterCount()];
                copyColumns(batch.vectors, from, vectorsOf[k]);
                q.stratum(k).addPathGradient(noiseOf[k], pointsOf[k], vectorsOf[k], own);
                int offset = q.stratumOffset(k);
                for (int i = 0; i < own.length; i++) {
                    gradient[offset + i] += own[i];
                }
                for (int s = from; probability[k] > 0 && s < to; s++) {
                    byProbability[k] += batch.score[s] / probability[k];
                }
            }
            q.addProbabilityGradient(byProbability, gradient);
            batch.addOptimisedGradient(power, step.optimisedGradient());
            return batch.describe(value, weights);
        }

        private void draw(Step step, Stratified q, double[] probability) {
            if (draws == null || !step.streams().equals(streams)) {
                streams = step.streams();
                draws = problem.sampling().scheme().draws(noise.numRows, streams);
            }
            draws.fill(step.number(), noise);
            int lanes = logBase.length;
            for (int k = 0; k < components; k++) {
                int from = first(k);
                int to = first(k + 1);
                copyColumns(noise, from, noiseOf[k]);
                q.stratum(k).sample(noiseOf[k], pointsOf[k]);
                for (int i = 0; i < batch.points.numRows; i++) {
                    System.arraycopy(pointsOf[k].data, i * (to - from), batch.points.data, i * lanes + from, to - from);
                }
                java.util.Arrays.fill(logBase, from, to, Math.log(probability[k] / (to - from)));
            }
        }

        private static void copyColumns(DMatrixRMaj matrix, int from, DMatrixRMaj part) {
            for (int i = 0; i < part.numRows; i++) {
                System.arraycopy(matrix.data, i * matrix.numCols + from, part.data, i * part.numCols, part.numCols);
            }
        }
    }
}
