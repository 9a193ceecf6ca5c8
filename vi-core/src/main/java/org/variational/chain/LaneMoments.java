package org.variational.chain;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Matrices;

/**
 * Means and variances of the points that chains visit, with standard errors from the spread of the lanes, which are
 * independent of each other although the points of one lane are not.
 *
 * <p>Sums are kept per coordinate and lane, as distances from a centre in units of a scale, so that memory does not
 * grow with the number of points. Mutable, for one thread.
 */
public final class LaneMoments {

    private final double[] center;
    private final double[] scale;
    private final int lanes;
    private final double[] sums;
    private final double[] squares;
    private int count;

    /**
     * @param center about the means
     * @param scale about the standard deviations, positive
     * @param lanes the number of lanes, at least 2
     */
    public LaneMoments(double[] center, double[] scale, int lanes) {
        this.center = center.clone();
        this.scale = scale.clone();
        this.lanes = lanes;
        this.sums = new double[center.length * lanes];
        this.squares = new double[center.length * lanes];
    }

    /** Takes in a point of every lane, D x S. */
    public void add(DMatrixRMaj points) {
        for (int i = 0; i < center.length; i++) {
            for (int at = i * lanes; at < (i + 1) * lanes; at++) {
                double z = (points.data[at] - center[i]) / scale[i];
                sums[at] += z;
                squares[at] += z * z;
            }
        }
        count++;
    }

    /** The number of points taken in, of every lane. */
    public int count() {
        return count;
    }

    /**
     * The moments so far.
     *
     * @param meanError their standard errors
     * @param sd the standard deviations
     * @param sdError their standard errors
     * @param lanes the number of lanes from whose spread the errors come
     */
    public record Moments(double[] mean, double[] meanError, double[] sd, double[] sdError, int lanes) {}

    /** The moments of all coordinates. */
    public Moments moments() {
        return moments(IntStream.range(0, lanes).toArray());
    }

    /** The moments of some lanes. */
    public Moments moments(int... members) {
        int d = center.length;
        Moments moments = new Moments(new double[d], new double[d], new double[d], new double[d], members.length);
        for (int i = 0; i < d; i++) {
            double[] first = new double[members.length];
            double[] second = new double[members.length];
            for (int s = 0; s < members.length; s++) {
                first[s] = sums[i * lanes + members[s]] / count;
            }
            double mean = mean(first);
            for (int s = 0; s < members.length; s++) {
                second[s] = squares[i * lanes + members[s]] / count - 2 * mean * first[s] + mean * mean;
            }
            double variance = Math.max(0, mean(second));
            double sd = Math.sqrt(variance);
            moments.mean[i] = center[i] + scale[i] * mean;
            moments.meanError[i] = scale[i] * deviation(first, mean) / Math.sqrt(members.length);
            moments.sd[i] = scale[i] * sd;
            moments.sdError[i] = scale[i] * deviation(second, variance) / Math.sqrt(members.length) / (2 * sd);
        }
        return moments;
    }

    /**
     * The correlation of every coordinate, over lanes, at two times.
     *
     * @param first inferred coordinates x S
     * @param last the same at a later time
     * @return numbers from 0 to 1, 1 where the coordinate does not vary over lanes
     */
    static double[] autocorrelation(DMatrixRMaj first, DMatrixRMaj last) {
        double[] correlations = new double[first.numRows];
        for (int i = 0; i < correlations.length; i++) {
            double[] a = Matrices.row(first, i);
            double[] b = Matrices.row(last, i);
            double meanA = mean(a);
            double meanB = mean(b);
            double covariance = 0;
            for (int s = 0; s < a.length; s++) {
                covariance += (a[s] - meanA) * (b[s] - meanB) / (a.length - 1);
            }
            double correlation = Math.abs(covariance) / (deviation(a, meanA) * deviation(b, meanB));
            correlations[i] = Double.isNaN(correlation) ? 1 : correlation;
        }
        return correlations;
    }

    private static double mean(double[] values) {
        double mean = 0;
        for (int s = 0; s < values.length; s++) {
            mean += (values[s] - mean) / (s + 1);
        }
        return mean;
    }

    private static double deviation(double[] values, double mean) {
        double square = 0;
        for (double value : values) {
            square += (value - mean) * (value - mean);
        }
        return Math.sqrt(square / (values.length - 1));
    }
}
