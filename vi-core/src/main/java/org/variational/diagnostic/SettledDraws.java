package org.variational.diagnostic;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.chain.HamiltonianChains;
import org.variational.chain.Metric;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.model.Model;
import org.variational.model.PointwiseLogLikelihood;
import org.variational.posterior.Posterior;
import org.variational.random.RandomStreams;
import org.variational.weights.WeightedSample;

/**
 * Draws of a posterior, moved by Markov chains that leave the posterior as it is until the log likelihood of the
 * observations no longer changes.
 *
 * <p>Moments of single quantities can be right where their combinations in the likelihood are too wide, and then
 * leaving one observation out is wrong by many nats. A transition of a chain from every draw changes the mean of the
 * log likelihood if that is so, and only by chance if the draws are from the posterior: these are then returned as they
 * were.
 *
 * @param points D x S
 * @param transitions the transitions that led to them, 0 if the draws had settled
 * @param unsettled by how much the mean log likelihood still changed over the last half of the transitions, 0 if not
 *     more than by chance
 */
record SettledDraws(DMatrixRMaj points, int transitions, double unsettled) {

    /** Too few draws to say anything are left as they are. */
    private static final int FEWEST_DRAWS = 100;

    /** Of draws that are not from the posterior: a slow change shows only over some transitions. */
    private static final int FEWEST_TRANSITIONS = 8;

    private static final int MOST_TRANSITIONS = 32;

    /** A change of the mean log likelihood that does not matter, in nats. */
    private static final double SMALL = 0.1;

    /** Standard errors that a change by chance stays below. */
    private static final double CHANCE = 3;

    private static final int TUNING = 12;
    private static final int LARGEST_FACTOR = 500;
    private static final int LANES = 128;

    static SettledDraws of(Model model, PointwiseLogLikelihood likelihood, Posterior posterior) {
        DMatrixRMaj points = posterior.unconstrained();
        double worth = posterior.effectiveSampleSize();
        if (worth < FEWEST_DRAWS) {
            return new SettledDraws(points, 0, 0);
        }
        double[] before = totals(likelihood, points);
        Mover mover = new Mover(model, points, worth);
        int transitions = 0;
        DMatrixRMaj moved = points;
        while (true) {
            int more = Math.max(1, transitions);
            moved = mover.moved(moved, transitions, more);
            transitions += more;
            double[] now = totals(likelihood, moved);
            double[] change = IntStream.range(0, now.length)
                    .mapToDouble(s -> now[s] - before[s])
                    .toArray();
            WeightedSample sample = WeightedSample.of(change);
            double chance = CHANCE * sample.standardDeviation() / Math.sqrt(worth);
            boolean settled = Math.abs(sample.mean()) <= Math.max(SMALL, chance);
            if (settled && transitions == 1) {
                return new SettledDraws(points, 0, 0);
            }
            if ((settled && transitions >= FEWEST_TRANSITIONS) || transitions >= MOST_TRANSITIONS) {
                return new SettledDraws(moved, transitions, settled ? 0 : sample.mean());
            }
            System.arraycopy(now, 0, before, 0, now.length);
        }
    }

    /** The log likelihood of all observations at each draw. */
    private static double[] totals(PointwiseLogLikelihood likelihood, DMatrixRMaj points) {
        double[] totals = new double[points.numCols];
        PointwiseDraws.of(likelihood, points, new double[points.numCols]).forEach((i, row) -> {
            for (int s = 0; s < row.length; s++) {
                totals[s] += row[s];
            }
        });
        return totals;
    }

    /**
     * Chains from draws, some lanes at a time. Neither their scale nor their step comes from the draws that they start
     * from, as they would otherwise not leave the posterior as it is: the scale is that of the other half of the draws,
     * and the step is tuned by chains that are then forgotten.
     */
    private static final class Mover {
        private final CoordinateSplit split;
        private final GuardedDensity density;
        private final int[] inferred;
        private final double[] optimised;
        private final double worth;
        private final Metric[] metrics;
        private final double step;

        Mover(Model model, DMatrixRMaj points, double worth) {
            this.split = CoordinateSplit.of(model.layout());
            this.density = new GuardedDensity(model.density(), split);
            this.inferred = IntStream.range(0, split.inferredCount())
                    .map(split::inferredIndex)
                    .toArray();
            this.optimised = IntStream.range(0, split.optimisedCount())
                    .mapToDouble(j -> points.get(split.optimisedIndex(j), 0))
                    .toArray();
            this.worth = worth;
            int half = points.numCols / 2;
            this.metrics =
                    new Metric[] {metric(inferred(points, half, points.numCols)), metric(inferred(points, 0, half))};
            HamiltonianChains tuning = chains(points, 0, Math.min(LANES, half), RandomStreams.of(0));
            for (int t = 0; t < TUNING; t++) {
                tuning.transition(true);
            }
            this.step = tuning.step();
        }

        private DMatrixRMaj inferred(DMatrixRMaj points, int from, int to) {
            DMatrixRMaj part = new DMatrixRMaj(inferred.length, to - from);
            for (int k = 0; k < inferred.length; k++) {
                System.arraycopy(
                        points.data, inferred[k] * points.numCols + from, part.data, k * (to - from), to - from);
            }
            return part;
        }

        private Metric metric(DMatrixRMaj half) {
            double[] means = DrawMoments.means(half, DrawMoments.equal(half.numCols));
            if (means.length <= LARGEST_FACTOR && worth / 2 > 2 * means.length) {
                for (int at = 0; at < half.data.length; at++) {
                    half.data[at] -= means[at / half.numCols];
                }
                DMatrixRMaj covariance = new DMatrixRMaj(means.length, means.length);
                CommonOps_DDRM.multTransB(1.0 / half.numCols, half, half, covariance);
                Metric full = Metric.of(covariance);
                if (full != null) {
                    return full;
                }
                Arrays.fill(means, 0);
            }
            return Metric.of(DrawMoments.deviations(half, means));
        }

        private HamiltonianChains chains(DMatrixRMaj points, int from, int to, RandomStreams streams) {
            Metric metric = metrics[2 * from < points.numCols ? 0 : 1];
            return new HamiltonianChains(density, split, optimised, metric, inferred(points, from, to), streams);
        }

        DMatrixRMaj moved(DMatrixRMaj points, int before, int transitions) {
            DMatrixRMaj moved = points.copy();
            RandomStreams streams = RandomStreams.of(0).child("settle", before);
            int half = points.numCols / 2;
            int to;
            for (int from = 0; from < points.numCols; from = to) {
                to = Math.min(from < half ? half : points.numCols, from + LANES);
                HamiltonianChains chains = chains(points, from, to, streams.child("lanes", from));
                chains.setStep(step);
                for (int t = 0; t < transitions; t++) {
                    chains.transition(false);
                }
                for (int k = 0; k < inferred.length; k++) {
                    System.arraycopy(
                            chains.points().data,
                            k * (to - from),
                            moved.data,
                            inferred[k] * points.numCols + from,
                            to - from);
                }
            }
            return moved;
        }
    }
}
