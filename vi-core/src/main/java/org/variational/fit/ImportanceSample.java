package org.variational.fit;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Evidence;
import org.variational.diagnostic.FitDiagnostics;
import org.variational.estimator.CoordinateSplit;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalDistribution;
import org.variational.posterior.Approximation;
import org.variational.weights.ParetoSmoothing;
import org.variational.weights.WeightedSample;

/**
 * Draws from a distribution with their log density under it and under the target, and what can be computed from them.
 */
final class ImportanceSample {

    private final CoordinateSplit split;
    final DMatrixRMaj points;
    final double[] logDensity;
    final double[] logApproximation;
    int evaluated;
    int rejected;
    int unsupported;
    /** The first batch of noise that no draw comes from. */
    int nextBatch;

    /**
     * Room for draws.
     *
     * @param split the coordinates
     * @param count the number of draws
     */
    ImportanceSample(CoordinateSplit split, int count) {
        this.split = split;
        this.points = new DMatrixRMaj(split.dimension(), count);
        this.logDensity = new double[count];
        this.logApproximation = new double[count];
        Arrays.fill(logDensity, Double.NaN);
    }

    /** The number of draws, evaluated or not. */
    int size() {
        return points.numCols;
    }

    /** Room for more draws, with these as the first. */
    ImportanceSample enlarged(int count) {
        ImportanceSample larger = new ImportanceSample(split, count);
        int size = size();
        for (int i = 0; i < points.numRows; i++) {
            System.arraycopy(points.data, i * size, larger.points.data, i * count, size);
        }
        System.arraycopy(logDensity, 0, larger.logDensity, 0, size);
        System.arraycopy(logApproximation, 0, larger.logApproximation, 0, size);
        larger.evaluated = evaluated;
        larger.rejected = rejected;
        larger.unsupported = unsupported;
        larger.nextBatch = nextBatch;
        return larger;
    }

    /** The number of draws at which the density is known and not zero. */
    int usable() {
        return evaluated - rejected - unsupported;
    }

    /** Whether there are enough draws with a value to estimate a Pareto shape. */
    boolean sufficeForKHat() {
        return evaluated - rejected >= Approximation.FEWEST_FOR_K_HAT;
    }

    /** The mean log density where it is finite; NaN if it is nowhere. */
    double meanLogDensity() {
        double mean = 0;
        int used = 0;
        for (int s = 0; s < evaluated; s++) {
            if (Double.isFinite(logDensity[s])) {
                mean += (logDensity[s] - mean) / ++used;
            }
        }
        return used == 0 ? Double.NaN : mean;
    }

    /** The Pareto shapes of weights, and of weights times squared distances, of which the variance is an average. */
    record Tails(ParetoSmoothing weights, double ofSquares) {}

    /** The shapes for draws from a heavier-tailed distribution around a Gaussian; null from too few. */
    @Nullable
    Tails tails(GaussianDistribution q) {
        if (!sufficeForKHat()) {
            return null;
        }
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        int count = points.numCols;
        double[] logWeights = new double[evaluated];
        double[] logSquares = new double[evaluated];
        for (int s = 0; s < logWeights.length; s++) {
            logWeights[s] = logDensity[s] - logApproximation[s];
            double square = 0;
            for (int i = 0; i < mean.length; i++) {
                double z = (points.data[split.inferredIndex(i) * count + s] - mean[i]) / sd[i];
                square += z * z;
            }
            logSquares[s] = Double.isFinite(square) ? logWeights[s] + Math.log(square) : Double.NaN;
        }
        return new Tails(
                ParetoSmoothing.of(logWeights), ParetoSmoothing.of(logSquares).shape());
    }

    /**
     * The coordinate by which draws where the density is zero differ most from the others: in the mean, or in the mean
     * square, of the standardised coordinate, so that a bound on either side or on both shows.
     */
    String unsupportedBy() {
        int inside = evaluated - rejected - unsupported;
        if (unsupported == 0 || inside == 0) {
            return "";
        }
        int count = points.numCols;
        double largest = 0;
        String name = "";
        for (int i = 0; i < split.dimension(); i++) {
            WeightedSample all = WeightedSample.of(Arrays.copyOfRange(points.data, i * count, i * count + evaluated));
            double sd = all.standardDeviation();
            double byMean = 0;
            double bySquare = 0;
            for (int s = 0; s < evaluated; s++) {
                if (!Double.isNaN(logDensity[s])) {
                    double z = (points.data[i * count + s] - all.mean()) / sd;
                    double weight = logDensity[s] == Double.NEGATIVE_INFINITY ? 1.0 / unsupported : -1.0 / inside;
                    byMean += weight * z;
                    bySquare += weight * z * z;
                }
            }
            double difference = Math.max(Math.abs(byMean), Math.abs(bySquare) / Math.sqrt(2));
            if (difference > largest) {
                largest = difference;
                name = split.name(i);
            }
        }
        return name;
    }

    /**
     * The evidence lower bound: that of the {@linkplain Evidence#elbo() log weights}, or the mean of {@code log p} plus
     * the entropy where it is known and that mean has the smaller error.
     */
    Evidence.Bound elbo(VariationalDistribution q) {
        if (unsupported > 0) {
            return new Evidence.Bound(Double.NEGATIVE_INFINITY, Double.NaN);
        }
        double[] difference = new double[evaluated - rejected];
        double[] density = new double[difference.length];
        if (difference.length < 2) {
            return new Evidence.Bound(Double.NaN, Double.NaN);
        }
        for (int s = 0, k = 0; s < evaluated; s++) {
            if (!Double.isNaN(logDensity[s])) {
                density[k] = logDensity[s];
                difference[k++] = logDensity[s] - logApproximation[s];
            }
        }
        Evidence.Bound plain = Evidence.of(difference).elbo();
        if (q instanceof VariationalDistribution.ClosedFormEntropy known) {
            Evidence.Bound mean = Evidence.Bound.meanOf(density);
            return mean.standardError() < plain.standardError()
                    ? new Evidence.Bound(mean.value() + known.entropy(), mean.standardError())
                    : plain;
        }
        return plain;
    }

    /**
     * What one weight per draw does to the means and standard deviations of the draws on the user's scale, where these
     * are finite.
     */
    FitDiagnostics.Shift shift(Approximation approximation, double[] weights) {
        double[] largest = new double[4];
        for (String name : approximation.scalarNames()) {
            double[] values = approximation.draws(name);
            if (Arrays.stream(values).allMatch(Double::isFinite)) {
                WeightedSample draws = WeightedSample.of(values);
                if (draws.standardDeviation() > 0) {
                    widen(largest, draws.mean(), draws.standardDeviation(), WeightedSample.of(values, weights));
                }
            }
        }
        return new FitDiagnostics.Shift(largest[0], largest[1], largest[2], largest[3]);
    }

    /** What one weight per draw does to the means and standard deviations of an approximation. */
    FitDiagnostics.Shift shift(VariationalDistribution q, double[] weights) {
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        double[] largest = new double[4];
        int count = points.numCols;
        for (int i = 0; i < mean.length; i++) {
            int row = split.inferredIndex(i) * count;
            double[] values = Arrays.copyOfRange(points.data, row, row + count);
            if (!Double.isFinite(mean[i]) || !(sd[i] > 0) || Double.isInfinite(sd[i])) {
                WeightedSample unweighted = WeightedSample.of(values);
                mean[i] = unweighted.mean();
                sd[i] = unweighted.standardDeviation();
            }
            widen(largest, mean[i], sd[i], WeightedSample.of(values, weights));
        }
        return new FitDiagnostics.Shift(largest[0], largest[1], largest[2], largest[3]);
    }

    /** Takes a coordinate into the largest shifts so far. */
    private static void widen(double[] largest, double mean, double sd, WeightedSample weighted) {
        double byMean = Math.abs(weighted.mean() - mean) / sd;
        double bySd = Math.abs(weighted.standardDeviation() - sd) / sd;
        double meanError = weighted.meanError() / sd;
        double sdError = weighted.standardDeviationError() / sd;
        largest[0] = Math.max(largest[0], byMean - 4 * meanError);
        largest[1] = Math.max(largest[1], bySd - 4 * sdError);
        largest[2] = Math.max(largest[2], byMean + 2 * meanError);
        largest[3] = Math.max(largest[3], bySd + 2 * sdError);
    }
}
