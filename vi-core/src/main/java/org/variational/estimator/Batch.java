package org.variational.estimator;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Matrices;
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
    /** With two equal draws the others carry half the base weight; less only if one draw stands for nearly all of q. */
    private static final double SMALLEST_REST = 0.5;

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
    /** Lanes that the target could evaluate and q could not, as after an overflow. */
    private int outsideQ;
    /** Why the coefficients of this step cannot be used, if they cannot. */
    private @Nullable Rejection overflow;

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
        rows = new int[problem.sampling().minibatch()];
        permutation = new int[problem.sampling().minibatch() == 0 ? 0 : ((RowLogDensity) problem.target()).rowCount()];
        Arrays.setAll(permutation, i -> i);
        rowScale = new double[problem.localRows().any() ? permutation.length : 0];
    }

    /** Draws from q by the problem's draw scheme. */
    void draw(Step step) {
        if (draws == null || !step.streams().equals(streams)) {
            streams = step.streams();
            draws = problem.sampling().scheme().draws(noise.numRows, streams);
        }
        draws.fill(step.number(), noise);
        step.member().sample(noise, points);
    }

    /** Evaluates log q and the target at the points, with the target's gradient where wanted. */
    void evaluate(Step step, boolean withGradient) {
        step.member().logDensity(points, logQ);
        DMatrixRMaj at = points;
        if (problem.split().optimisedCount() > 0) {
            problem.split().join(points, step.optimised(), fullPoints);
            at = fullPoints;
        }
        DMatrixRMaj gradient = withGradient ? fullGradient : null;
        if (rows.length > 0) {
            chooseRows(step.streams().generator("rows", step.number()));
            target.evaluate(at, rows, rows.length, logTarget, gradient);
        } else {
            target.evaluate(at, logTarget, gradient);
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
        markUsable(divergence, logBase);
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

    /**
     * Fills value and coefficients from the weights that {@link #weigh} returned. If one is not finite, all are zero
     * and {@link #describe} says that the step is not usable.
     */
    double coefficients(Divergence divergence, LogWeights weights) {
        double[] usedPath = new double[usedCount];
        double[] usedScore = new double[usedCount];
        double[] usedEvidence = new double[usedCount];
        double value = divergence.evaluate(weights, usedPath, usedScore);
        overflow = Double.isNaN(value)
                ? new Rejection(
                        "the divergence \"" + divergence.name()
                                + "\" gave the value NaN: values must be numbers, +Infinity where the divergence is"
                                + " infinite",
                        Matrices.column(points, used[0]),
                        null)
                : null;
        divergence.evidenceWeights(weights, usedEvidence);
        for (int k = 0; k < usedCount; k++) {
            int s = used[k];
            if (!Double.isFinite(usedPath[k]) || !Double.isFinite(usedScore[k]) || !Double.isFinite(usedEvidence[k])) {
                overflow = new Rejection(
                        "the divergence \"" + divergence.name() + "\" gave the coefficients " + usedPath[k]
                                + " (path), "
                                + usedScore[k] + " (score) and " + usedEvidence[k] + " (evidence) at log weight "
                                + weights.logWeight(k) + ": coefficients must be finite for every log weight",
                        Matrices.column(points, s),
                        null);
                Arrays.fill(path, 0);
                Arrays.fill(score, 0);
                Arrays.fill(evidence, 0);
                return value;
            }
            path[s] = usedPath[k];
            score[s] = usedScore[k];
            evidence[s] = usedEvidence[k];
        }
        return value;
    }

    private void markUsable(Divergence divergence, double @Nullable [] logBase) {
        int group = divergence.coupling() == Divergence.Coupling.GROUPED && divergence.groupSize() > 0
                ? divergence.groupSize()
                : 1;
        usedCount = 0;
        outsideQ = 0;
        for (int from = 0; from < lanes; from += group) {
            boolean usable = true;
            for (int s = from; s < from + group; s++) {
                boolean known = Double.isFinite(logQ[s]) && (logBase == null || Double.isFinite(logBase[s]));
                outsideQ += known || Double.isNaN(logTarget[s]) ? 0 : 1;
                usable &= known && !Double.isNaN(logTarget[s]);
            }
            for (int s = from; usable && s < from + group; s++) {
                used[usedCount++] = s;
            }
        }
    }

    /**
     * Fills {@code vectors} with minus {@code weight_s (power * grad log p - grad log q)} per lane, zero where the
     * target is not finite; the gradient of log q, from {@link #pointScore}, is left out on request. In coordinates
     * local to a data row it is rescaled as that of log p is, so that a minibatch moves the chosen rows only and keeps
     * the expectation.
     */
    void combine(double[] weight, double power, boolean withPointScore) {
        int d = points.numRows;
        for (int i = 0; i < d; i++) {
            int from = problem.split().inferredIndex(i) * lanes;
            int row = rowScale.length > 0 ? problem.localRows().rowOf(i) : -1;
            double scale = !withPointScore ? 0 : row >= 0 ? rowScale[row] : 1;
            for (int s = 0, at = i * lanes; s < lanes; s++, at++) {
                vectors.data[at] = Double.isFinite(logTarget[s])
                        ? -weight[s] * (power * fullGradient.data[from + s] - scale * pointScore.data[at])
                        : 0;
            }
        }
    }

    /** Adds the gradient of minus the evidence by the optimised coordinates. */
    void addOptimisedGradient(double power, double[] gradient) {
        for (int j = 0; j < problem.split().optimisedCount(); j++) {
            int from = problem.split().optimisedIndex(j) * lanes;
            double sum = 0;
            for (int s = 0; s < lanes; s++) {
                sum += evidence[s] * fullGradient.data[from + s];
            }
            gradient[j] -= power * sum;
        }
    }

    /**
     * Subtracts from each score coefficient its share of the sum of the others,
     * {@code b_s <- b_s - a_s sum_{t != s} b_t / sum_{t != s} a_t}: unbiased, since the score has mean zero and the
     * others do not depend on draw s.
     */
    void subtractBaseline(LogWeights weights) {
        double total = 0;
        for (int k = 0; k < usedCount; k++) {
            total += score[used[k]];
        }
        for (int k = 0; k < usedCount; k++) {
            double base = weights.baseWeight(k);
            score[used[k]] = (score[used[k]] - base * total) / Math.max(1 - base, SMALLEST_REST);
        }
    }

    /** Describes a step that used no lane. */
    Estimate describeFailure() {
        return new Estimate(Double.NaN, 0, 0, draws(0), target.evaluations(), Double.NaN, firstRejection());
    }

    /** Describes a step that used the lanes of {@code weights}. */
    Estimate describe(double value, LogWeights weights) {
        double sum = 0;
        double squares = 0;
        for (double c : path) {
            sum += Math.abs(c);
            squares += c * c;
        }
        Estimate estimate = new Estimate(
                value,
                weights.effectiveSampleSize(),
                squares == 0 ? usedCount : sum * sum / squares,
                draws(usedCount),
                target.evaluations(),
                Double.NaN,
                firstRejection());
        return overflow == null ? estimate : estimate.unusable(overflow);
    }

    private Estimate.Draws draws(int usedInGradient) {
        return new Estimate.Draws(usedInGradient, target.rejected() + outsideQ, target.unsupported());
    }

    private @Nullable Rejection firstRejection() {
        Rejection first = target.firstRejection();
        if (first != null || outsideQ == 0) {
            return first;
        }
        int s = 0;
        while (s < lanes - 1 && (Double.isFinite(logQ[s]) || Double.isNaN(logTarget[s]))) {
            s++;
        }
        return new Rejection("log q is " + logQ[s] + " at draw " + s, Matrices.column(points, s), null);
    }

    GuardedDensity target() {
        return target;
    }

    /** Gradient of the target by all coordinates, D x S, after an evaluation with it. */
    double targetGradient(int coordinate, int s) {
        return fullGradient.data[coordinate * lanes + s];
    }
}
