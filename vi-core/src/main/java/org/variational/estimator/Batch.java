package org.variational.estimator;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.RowLogDensity;
import org.variational.divergence.Divergence;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.weights.LogWeights;

/**
 * The workspace of a step: draws from q, the target there, log weights and coefficients. Lanes that cannot be used keep
 * finite coordinates, a zero gradient and zero coefficients, so that they add nothing.
 */
final class Batch {
    private final Problem problem;
    private final GuardedDensity target;
    private final DMatrixRMaj fullPoints = new DMatrixRMaj(0, 0);
    private final DMatrixRMaj fullGradient = new DMatrixRMaj(0, 0);
    private final int lanes;
    private final int[] rows;
    private final int[] permutation;
    private final double[] rowScale;
    private final int[] used;
    private int usedCount;
    private @Nullable RandomStreams streams;
    private @Nullable NormalDraws draws;

    final DMatrixRMaj noise;
    final DMatrixRMaj points;
    /** Gradient of log q by the point. */
    final DMatrixRMaj pointScore;

    final DMatrixRMaj vectors;
    final double[] logTarget;
    final double[] logQ;
    final double[] path;
    final double[] score;
    final double[] evidence;

    Batch(Problem problem, int lanes) {
        this.problem = problem;
        this.lanes = lanes;
        this.target = new GuardedDensity(problem.target(), problem.split());
        int d = problem.family().dimension();
        noise = new DMatrixRMaj(problem.probe().noiseDimension(), lanes);
        points = new DMatrixRMaj(d, lanes);
        pointScore = new DMatrixRMaj(d, lanes);
        vectors = new DMatrixRMaj(d, lanes);
        logTarget = new double[lanes];
        logQ = new double[lanes];
        path = new double[lanes];
        score = new double[lanes];
        evidence = new double[lanes];
        used = new int[lanes];
        rows = new int[problem.minibatch()];
        permutation = new int[problem.minibatch() == 0 ? 0 : ((RowLogDensity) problem.target()).rowCount()];
        Arrays.setAll(permutation, i -> i);
        rowScale = new double[problem.localRows().any() ? permutation.length : 0];
    }

    /** Draws from q by the problem's draw scheme. */
    void draw(Step step) {
        if (draws == null || !step.streams().equals(streams)) {
            streams = step.streams();
            draws = problem.scheme().draws(noise.numRows, streams);
        }
        draws.fill(step.number(), noise);
        step.member().sample(noise, points);
    }

    /** Evaluates log q and the target at the points, with the target's gradient where wanted. */
    void evaluate(Step step, boolean withGradient) {
        step.member().logDensity(points, logQ);
        problem.split().join(points, step.optimised(), fullPoints);
        DMatrixRMaj gradient = withGradient ? fullGradient : null;
        if (rows.length > 0) {
            chooseRows(step.streams().generator("rows", step.number()));
            target.evaluate(fullPoints, rows, rows.length, logTarget, gradient);
        } else {
            target.evaluate(fullPoints, logTarget, gradient);
        }
    }

    /** A uniform subset, in increasing order; the permutation is the identity before and after. */
    private void chooseRows(RandomGenerator random) {
        int[] swapped = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            int j = i + random.nextInt(permutation.length - i);
            swapped[i] = j;
            swap(i, j);
            rows[i] = permutation[i];
        }
        for (int i = rows.length - 1; i >= 0; i--) {
            swap(i, swapped[i]);
        }
        Arrays.sort(rows);
        if (rowScale.length > 0) {
            Arrays.fill(rowScale, 0);
            for (int row : rows) {
                rowScale[row] = (double) permutation.length / rows.length;
            }
        }
    }

    private void swap(int i, int j) {
        int keep = permutation[i];
        permutation[i] = permutation[j];
        permutation[j] = keep;
    }

    /**
     * Finds the usable lanes and computes the divergence's value and coefficients for them, from
     * {@code power * log p - log q} and the base weights; the others get zeros.
     *
     * @return the log weights of the usable lanes, or null if there is none
     */
    @Nullable
    LogWeights weigh(Divergence divergence, double @Nullable [] logBase) {
        markUsable(divergence);
        Arrays.fill(path, 0);
        Arrays.fill(score, 0);
        Arrays.fill(evidence, 0);
        if (usedCount == 0) {
            return null;
        }
        double[] logWeights = new double[usedCount];
        double[] bases = new double[logBase == null ? 0 : usedCount];
        for (int k = 0; k < usedCount; k++) {
            int s = used[k];
            logWeights[k] = logTarget[s] == Double.NEGATIVE_INFINITY
                    ? Double.NEGATIVE_INFINITY
                    : divergence.targetPower() * logTarget[s] - logQ[s];
            if (logBase != null) {
                bases[k] = logBase[s];
            }
        }
        return logBase == null ? LogWeights.of(logWeights) : LogWeights.of(logWeights, bases);
    }

    /** Fills value and coefficients from the weights that {@link #weigh} returned. */
    double coefficients(Divergence divergence, LogWeights weights) {
        double[] usedPath = new double[usedCount];
        double[] usedScore = new double[usedCount];
        double[] usedEvidence = new double[usedCount];
        double value = divergence.evaluate(weights, usedPath, usedScore);
        divergence.evidenceWeights(weights, usedEvidence);
        for (int k = 0; k < usedCount; k++) {
            int s = used[k];
            if (!Double.isFinite(usedPath[k]) || !Double.isFinite(usedScore[k]) || !Double.isFinite(usedEvidence[k])) {
                throw new IllegalStateException("divergence \"" + divergence.name() + "\" gave the coefficients "
                        + usedPath[k] + " (path) and " + usedScore[k] + " (score) at log weight " + weights.logWeight(k)
                        + ": coefficients must be finite for every log weight");
            }
            path[s] = usedPath[k];
            score[s] = usedScore[k];
            evidence[s] = usedEvidence[k];
        }
        return value;
    }

    private void markUsable(Divergence divergence) {
        int group = divergence.coupling() == Divergence.Coupling.GROUPED && divergence.groupSize() > 0
                ? divergence.groupSize()
                : 1;
        usedCount = 0;
        for (int from = 0; from < lanes; from += group) {
            boolean usable = true;
            for (int s = from; s < from + group; s++) {
                usable &= !Double.isNaN(logTarget[s]) && Double.isFinite(logQ[s]);
            }
            for (int s = from; usable && s < from + group; s++) {
                used[usedCount++] = s;
            }
        }
    }

    /**
     * Fills {@code vectors} with {@code targetWeight_s * power * grad log p - scoreWeight_s * grad log q} per lane, zero
     * where the target is not finite. {@link #pointScore} must be filled if any score weight is not zero. Rows local to the
     * minibatch have the gradient of log q rescaled as that of log p is.
     */
    void combine(double[] targetWeight, double power, double @Nullable [] scoreWeight) {
        int d = points.numRows;
        for (int i = 0; i < d; i++) {
            int from = problem.split().inferredIndex(i) * lanes;
            int row = rowScale.length > 0 ? problem.localRows().rowOf(i) : -1;
            double scale = row >= 0 ? rowScale[row] : 1;
            for (int s = 0, at = i * lanes; s < lanes; s++, at++) {
                double v = targetWeight[s] * power * fullGradient.data[from + s];
                if (scoreWeight != null) {
                    v -= scoreWeight[s] * scale * pointScore.data[at];
                }
                vectors.data[at] = Double.isInfinite(logTarget[s]) ? 0 : v;
            }
        }
    }

    /** Adds the gradient of minus the evidence by the optimised coordinates, which stand behind the family's parameters. */
    void addOptimisedGradient(double power, double[] gradient) {
        int first = problem.family().parameterCount();
        for (int j = 0; j < problem.split().optimisedCount(); j++) {
            int from = problem.split().optimisedIndex(j) * lanes;
            double sum = 0;
            for (int s = 0; s < lanes; s++) {
                sum += evidence[s] * fullGradient.data[from + s];
            }
            gradient[first + j] -= power * sum;
        }
    }

    /**
     * Subtracts from each score coefficient the mean of the others, {@code b_s <- n / (n - 1) (b_s - mean b)}: unbiased,
     * since the score has mean zero and the others do not depend on draw s.
     */
    void subtractBaseline() {
        double mean = 0;
        for (int k = 0; k < usedCount; k++) {
            mean += score[used[k]] / usedCount;
        }
        double scale = usedCount / (usedCount - 1.0);
        for (int k = 0; k < usedCount; k++) {
            score[used[k]] = scale * (score[used[k]] - mean);
        }
    }

    /** Describes a step; {@code weights} is null if no lane could be used. */
    Estimate describe(double value, @Nullable LogWeights weights, double rejectionRate) {
        return new Estimate(
                value,
                weights == null ? 0 : weights.effectiveSampleSize(),
                usedCount,
                target.rejected(),
                target.unsupported(),
                target.evaluations(),
                rejectionRate,
                target.firstRejection());
    }
}
