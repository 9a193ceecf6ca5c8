package org.variational.information;

import java.util.Arrays;
import org.variational.density.Matrices;

/**
 * The mutual information of continuous variables from joint samples, by distances to nearest neighbours.
 *
 * <p>The first estimator of Kraskov, Stoegbauer and Grassberger: with e_i the distance of point i to its k-th neighbour
 * in the larger of the distances in x and in y (each in the maximum norm), and n_x(i), n_y(i) the numbers of points
 * nearer than e_i in x and in y, {@code I = digamma(k) + digamma(N) - mean of (digamma(n_x + 1) + digamma(n_y + 1))}.
 * Costs O(N^2 D) time and O(N) memory. Small k has little bias and much variance; 3 to 5 is usual. It is not clipped at
 * 0, so that independent variables give estimates around 0. Stateless and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/cond-mat/0305641">Kraskov, Stoegbauer and Grassberger (2004), Estimating mutual
 *     information</a>
 */
public final class NearestNeighbours {

    private NearestNeighbours() {}

    /**
     * The estimate for two scalar variables.
     *
     * @param x N samples of X
     * @param y the samples of Y that belong to them
     * @param neighbours k, from 1 to N - 1
     * @throws IllegalArgumentException as for vectors
     */
    public static double mutualInformation(double[] x, double[] y, int neighbours) {
        return mutualInformation(Matrices.rowsOf(x), Matrices.rowsOf(y), neighbours);
    }

    /**
     * The estimate for two vectors. Scales matter: bring coordinates of one vector to comparable ones first.
     *
     * @param x N samples of X, one a row
     * @param y the samples of Y that belong to them, one a row
     * @param neighbours k, from 1 to N - 1
     * @return the estimate, possibly slightly negative
     * @throws IllegalArgumentException if the numbers of samples differ or k does not fit, if rows differ in length, if
     *     a number is not finite, or if a point coincides with k others, so that the variables are not continuous
     */
    public static double mutualInformation(double[][] x, double[][] y, int neighbours) {
        int n = x.length;
        if (y.length != n || neighbours < 1 || neighbours >= n) {
            throw new IllegalArgumentException(
                    "as many samples of X as of Y and fewer neighbours than samples are needed, got " + n + ", "
                            + y.length + " and " + neighbours);
        }
        requireFinite(x, "X");
        requireFinite(y, "Y");
        double[] inX = new double[n];
        double[] inY = new double[n];
        double[] nearest = new double[neighbours];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            Arrays.fill(nearest, Double.POSITIVE_INFINITY);
            for (int j = 0; j < n; j++) {
                inX[j] = distance(x[i], x[j]);
                inY[j] = distance(y[i], y[j]);
                if (j != i) {
                    insert(Math.max(inX[j], inY[j]), nearest);
                }
            }
            double radius = nearest[neighbours - 1];
            if (radius == 0) {
                throw new IllegalArgumentException("sample " + i + " coincides with " + neighbours
                        + " others, but the estimator is for continuous variables; use JointTable for discrete ones,"
                        + " or add noise far below the scale of interest where ties come from rounding");
            }
            sum += Scalars.digamma(nearer(inX, radius)) + Scalars.digamma(nearer(inY, radius));
        }
        return Scalars.digamma(neighbours) + Scalars.digamma(n) - sum / n;
    }

    private static void requireFinite(double[][] samples, String name) {
        for (int i = 0; i < samples.length; i++) {
            if (samples[i].length != samples[0].length || samples[i].length == 0) {
                throw new IllegalArgumentException(
                        "samples of " + name + " must have equal positive length, but sample " + i + " has "
                                + samples[i].length + " coordinates and sample 0 has " + samples[0].length);
            }
            for (double value : samples[i]) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "samples of " + name + " must be finite, but sample " + i + " has " + value);
                }
            }
        }
    }

    private static double distance(double[] a, double[] b) {
        double largest = 0;
        for (int d = 0; d < a.length; d++) {
            largest = Math.max(largest, Math.abs(a[d] - b[d]));
        }
        return largest;
    }

    /** Keeps an increasing list of the smallest numbers. */
    private static void insert(double value, double[] smallest) {
        int at = smallest.length - 1;
        if (value >= smallest[at]) {
            return;
        }
        while (at > 0 && smallest[at - 1] > value) {
            smallest[at] = smallest[at - 1];
            at--;
        }
        smallest[at] = value;
    }

    /** How many are nearer than the radius, the point itself included. */
    private static int nearer(double[] distances, double radius) {
        int count = 0;
        for (double distance : distances) {
            if (distance < radius) {
                count++;
            }
        }
        return count;
    }
}
