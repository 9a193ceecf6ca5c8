package org.variational.algorithm.search;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.random.RandomStreams;

/** What the algorithms that go to modes have in common: what they can serve, and where they start. */
final class ModeAlgorithms {

    private ModeAlgorithms() {}

    /**
     * Refuses what needs more than the gradient of one fixed function.
     *
     * @throws IllegalArgumentException if the density has no gradient, the rows are subsampled, a coordinate is
     *     optimised or the divergence is not reverse KL to the target itself
     */
    static void requireGradientOfAllRows(Task task, String algorithm) {
        if (!task.target().hasGradient()) {
            throw new IllegalArgumentException(algorithm
                    + " follows the gradient of the log density, and this density has none: give it one, or"
                    + " use StochasticGradient");
        }
        if (task.minibatch() > 0) {
            throw new IllegalArgumentException(algorithm + " needs the log density of all rows, but minibatches of "
                    + task.minibatch() + " rows were asked for: leave minibatch(...) out, or use StochasticGradient");
        }
        int optimised = task.objective().coordinates().optimisedCount();
        if (optimised > 0) {
            throw new IllegalArgumentException(algorithm + " approximates the posterior of all coordinates, but "
                    + optimised + " of this model are to be optimised: give them a prior, or use StochasticGradient");
        }
        if (!task.objective().schedule().isReverseKl()) {
            throw new IllegalArgumentException(algorithm + " cannot minimise "
                    + task.objective().schedule().name()
                    + ": leave minimise(...) out, or use StochasticGradient");
        }
    }

    /** Starting points around the given start or the origin; the given one is the first. */
    static DMatrixRMaj find(
            Task task, NegativeLogDensity target, RandomStreams streams, int wanted, double range, Limits limits) {
        int d = task.target().dimension();
        InitialPoints points = new InitialPoints(target, true, d, streams.generator("start", 0), limits);
        double[] halfWidth = new double[d];
        Arrays.fill(halfWidth, range);
        Task.Start given = task.start();
        double[] deviations = given == null ? null : given.standardDeviation();
        if (deviations != null) {
            Arrays.setAll(halfWidth, i -> range * deviations[i]);
        }
        return points.find(given == null ? null : given.mean(), halfWidth, given != null, wanted, wanted);
    }
}
