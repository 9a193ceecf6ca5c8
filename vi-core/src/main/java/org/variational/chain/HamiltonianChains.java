package org.variational.chain;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.random.RandomStreams;

/**
 * Hamiltonian Monte Carlo with a chain in every lane, in the coordinates of a {@link Metric}.
 *
 * <p>All lanes share the step and the number of leapfrogs of a transition, so that each leapfrog is one evaluation of
 * the density at S points; trajectories have a random length up to a quarter of the period of a standard normal
 * distribution. A proposal that cannot be evaluated is rejected. Mutable, for one thread.
 *
 * @see <a href="https://arxiv.org/abs/1701.02434">Betancourt (2017), A conceptual introduction to Hamiltonian Monte
 *     Carlo</a>
 */
public final class HamiltonianChains {

    private static final int MAX_LEAPFROGS = 16;
    private static final double WANTED_ACCEPTANCE = 0.8;
    private static final double TUNING_RATE = 0.7;
    private static final double SHORTEST = 0.4;
    private static final double QUARTER_PERIOD = Math.PI / 2;

    private final GuardedDensity density;
    private final CoordinateSplit split;
    private final double[] optimised;
    private final RandomStreams streams;
    private final int lanes;
    private final DMatrixRMaj momentum;
    private final DMatrixRMaj move;
    private final Metric metric;
    private Place current;
    private Place proposed;
    private double step;
    private long transitions;
    private long evaluations;
    private long rejected;

    /** Points with their log density and whitened gradient; the value is NaN where the density cannot be evaluated. */
    private static final class Place {
        private final DMatrixRMaj points;
        private final DMatrixRMaj gradient;
        private final double[] value;

        Place(int dimension, int lanes) {
            points = new DMatrixRMaj(dimension, lanes);
            gradient = new DMatrixRMaj(dimension, lanes);
            value = new double[lanes];
        }

        /** Copies some lanes, row by row, in which they lie next to each other. */
        void copyLanes(Place from, int[] chosen, int count) {
            for (int row = 0; row < points.data.length; row += points.numCols) {
                for (int k = 0; k < count; k++) {
                    int at = row + chosen[k];
                    points.data[at] = from.points.data[at];
                    gradient.data[at] = from.gradient.data[at];
                }
            }
            for (int k = 0; k < count; k++) {
                value[chosen[k]] = from.value[chosen[k]];
            }
        }
    }

    /**
     * Places a chain at every column.
     *
     * @param split its coordinates
     * @param optimised the values of the optimised ones, which stay
     * @param metric the scale
     * @param starts inferred coordinates x S, copied
     * @param streams the source of randomness
     */
    public HamiltonianChains(
            GuardedDensity density,
            CoordinateSplit split,
            double[] optimised,
            Metric metric,
            DMatrixRMaj starts,
            RandomStreams streams) {
        int d = starts.numRows;
        this.density = density;
        this.split = split;
        this.optimised = optimised;
        this.metric = metric;
        this.streams = streams;
        this.lanes = starts.numCols;
        this.momentum = new DMatrixRMaj(d, lanes);
        this.move = new DMatrixRMaj(d, lanes);
        this.current = new Place(d, lanes);
        this.proposed = new Place(d, lanes);
        this.step = Math.pow(d, -0.25);
        current.points.setTo(starts);
        evaluate(current);
    }

    /** Where the chains are: inferred coordinates x S, read only, changed by the next transition. */
    public DMatrixRMaj points() {
        return current.points;
    }

    /** The log density where a chain is; NaN if it cannot be evaluated. */
    public double logDensity(int lane) {
        return current.value[lane];
    }

    /** The step of the leapfrogs, in the units of the metric. */
    public double step() {
        return step;
    }

    /** Starts tuning from a step that other chains of the same kind have found. */
    public void setStep(double tuned) {
        step = tuned;
    }

    /** The density evaluations so far, all with gradient. */
    public long evaluations() {
        return evaluations;
    }

    /** Those of them that could not be used. */
    public long rejected() {
        return rejected;
    }

    private void evaluate(Place place) {
        DMatrixRMaj points = new DMatrixRMaj(split.dimension(), lanes);
        DMatrixRMaj gradient = new DMatrixRMaj(split.dimension(), lanes);
        split.join(place.points, optimised, points);
        density.evaluate(points, place.value, gradient);
        evaluations += density.evaluations();
        rejected += density.rejected();
        DMatrixRMaj inferred = new DMatrixRMaj(place.points.numRows, lanes);
        for (int i = 0; i < inferred.numRows; i++) {
            System.arraycopy(gradient.data, split.inferredIndex(i) * lanes, inferred.data, i * lanes, lanes);
        }
        metric.pull(inferred, place.gradient);
    }

    /**
     * Makes a transition of all chains.
     *
     * @param tuning whether to adapt the step to the acceptance seen
     */
    public void transition(boolean tuning) {
        RandomGenerator random = streams.generator("transition", transitions++);
        for (int at = 0; at < momentum.data.length; at++) {
            momentum.data[at] = random.nextGaussian();
        }
        double[] energy = kinetic();
        double length = (SHORTEST + (1 - SHORTEST) * random.nextDouble()) * QUARTER_PERIOD;
        int leapfrogs = (int) Math.max(1, Math.min(MAX_LEAPFROGS, Math.ceil(length / step)));
        proposed.points.setTo(current.points);
        CommonOps_DDRM.addEquals(momentum, 0.5 * step, current.gradient);
        for (int leap = 1; leap <= leapfrogs; leap++) {
            metric.push(momentum, move);
            CommonOps_DDRM.addEquals(proposed.points, step, move);
            evaluate(proposed);
            CommonOps_DDRM.addEquals(momentum, leap < leapfrogs ? step : 0.5 * step, proposed.gradient);
        }
        double[] newEnergy = kinetic();
        double acceptance = 0;
        int[] accepted = new int[lanes];
        int count = 0;
        for (int s = 0; s < lanes; s++) {
            double probability = acceptance(
                    current.value[s],
                    proposed.value[s],
                    proposed.value[s] - newEnergy[s] - current.value[s] + energy[s]);
            acceptance += probability / lanes;
            if (random.nextDouble() < probability) {
                accepted[count++] = s;
            }
        }
        current.copyLanes(proposed, accepted, count);
        if (tuning) {
            step *= Math.exp(TUNING_RATE * (acceptance - WANTED_ACCEPTANCE));
        }
    }

    /** A chain outside the support, or where the density cannot be evaluated, goes to any place that is better. */
    private static double acceptance(double from, double to, double change) {
        if (!Double.isFinite(from)) {
            return Double.isFinite(to) ? 1 : 0;
        }
        return Double.isNaN(change) ? 0 : Math.min(1, Math.exp(change));
    }

    private double[] kinetic() {
        double[] energy = new double[lanes];
        for (int row = 0; row < momentum.data.length; row += lanes) {
            for (int s = 0; s < lanes; s++) {
                energy[s] += 0.5 * momentum.data[row + s] * momentum.data[row + s];
            }
        }
        return energy;
    }
}
