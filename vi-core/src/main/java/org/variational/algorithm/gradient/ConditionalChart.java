package org.variational.algorithm.gradient;

import java.util.Arrays;
import org.variational.family.ConditionallyStructuredGaussian;
import org.variational.family.FullRankGaussian;
import org.variational.structure.SmallCholesky;

/**
 * The coordinates of a conditionally structured Gaussian in which its Fisher information is the identity.
 *
 * <p>With the conditional distributions of the others held where they are while the mean of the outer coordinates
 * moves, the information has no entries between the outer Gaussian, the mean of an inner coordinate with its slopes,
 * and its log scale with its slopes. With {@code x = u - m}, S the covariance of u and the parents' parts of both, they
 * are those of the Gaussian, {@code E (1, x)(1, x)' exp(-2 s - 2 v'x)}, which is
 * {@code exp(2 v'S v - 2 s)} times the second moments of {@code (1, x)} for {@code x ~ N(-2 S v, S)}, and
 * {@code 2 E (1, x)(1, x)'}.
 */
final class ConditionalChart extends Chart {

    private static final double LARGEST_SHIFT = 1;
    private static final double LARGEST_SCALING = 0.7;

    private final int k;
    private final int[][] parents;
    private final int ofOuter;
    private final int own;
    private final Chart outerChart;
    private final double[] covariance;
    /** By inner coordinate, the factors of the information of its mean and of its log scale. */
    private final double[][] ofLocation;

    private final double[][] ofScale;
    private final double[] outerParameters;
    private final double[] outerGradient;
    private final double[] outerLocal;
    private double[] at = {};

    ConditionalChart(ConditionallyStructuredGaussian family) {
        this.k = family.outer().length;
        this.parents = family.parents();
        FullRankGaussian outer = FullRankGaussian.of(k);
        this.ofOuter = outer.parameterCount();
        this.own = family.parameterCount();
        this.outerChart = Chart.of(outer);
        this.covariance = new double[k * k];
        this.ofLocation = new double[parents.length][];
        this.ofScale = new double[parents.length][];
        for (int i = 0; i < parents.length; i++) {
            int size = 1 + parents[i].length;
            ofLocation[i] = new double[size * size];
            ofScale[i] = new double[size * size];
        }
        this.outerParameters = new double[ofOuter];
        this.outerGradient = new double[ofOuter];
        this.outerLocal = new double[ofOuter];
    }

    /** The most coordinates that one part of the family couples. */
    static int coupled(ConditionallyStructuredGaussian family) {
        int most = family.outer().length;
        for (int[] of : family.parents()) {
            most = Math.max(most, 1 + of.length);
        }
        return most;
    }

    /** Computes the information of the member, unless it is that of the last one. */
    private void inform(double[] parameters) {
        if (Arrays.equals(parameters, k, own, at, 0, at.length)) {
            return;
        }
        at = Arrays.copyOfRange(parameters, k, own);
        multiplyFactor(parameters);
        int start = ofOuter;
        for (int i = 0; i < parents.length; i++) {
            inform(i, parameters, start);
            start += 2 * (1 + parents[i].length);
        }
    }

    /** Fills the covariance of the outer coordinates. */
    private void multiplyFactor(double[] parameters) {
        double[] factor = new double[k * k];
        int from = k;
        for (int a = 0; a < k; a++) {
            for (int b = 0; b <= a; b++, from++) {
                factor[a * k + b] = a == b ? Math.exp(parameters[from]) : parameters[from];
            }
            for (int b = 0; b <= a; b++) {
                double sum = 0;
                for (int c = 0; c <= b; c++) {
                    sum += factor[a * k + c] * factor[b * k + c];
                }
                covariance[a * k + b] = sum;
                covariance[b * k + a] = sum;
            }
        }
    }

    private void inform(int i, double[] parameters, int start) {
        int[] of = parents[i];
        int size = 1 + of.length;
        double[] tilted = new double[size];
        tilted[0] = 1;
        double exponent = -2 * parameters[start + 1];
        for (int a = 0; a < of.length; a++) {
            double along = 0;
            for (int b = 0; b < of.length; b++) {
                along += covariance[of[a] * k + of[b]] * slope(parameters, start, of.length, b);
            }
            tilted[1 + a] = -2 * along;
            exponent += 2 * along * slope(parameters, start, of.length, a);
        }
        double precision = Math.exp(exponent);
        for (int a = 0; a < size; a++) {
            for (int b = 0; b <= a; b++) {
                double covaries = b == 0 ? 0 : covariance[of[a - 1] * k + of[b - 1]];
                ofLocation[i][a * size + b] = precision * (covaries + tilted[a] * tilted[b]);
                ofScale[i][a * size + b] = a == 0 ? 2 : 2 * covaries;
            }
        }
        SmallCholesky.factor(size, ofLocation[i]);
        SmallCholesky.factor(size, ofScale[i]);
    }

    /** An entry of v. */
    private static double slope(double[] parameters, int start, int parents, int a) {
        return parameters[start + 2 + parents + a];
    }

    @Override
    void pull(double[] parameters, double[] gradient, double[] local) {
        inform(parameters);
        System.arraycopy(parameters, 0, outerParameters, 0, ofOuter);
        System.arraycopy(gradient, 0, outerGradient, 0, ofOuter);
        System.arraycopy(gradient, own, local, own, gradient.length - own);
        int start = ofOuter;
        for (int i = 0; i < parents.length; i++) {
            int p = parents[i].length;
            for (int a = 0; a < p; a++) {
                outerGradient[parents[i][a]] += parameters[start + 2 + a] * gradient[start]
                        + slope(parameters, start, p, a) * gradient[start + 1];
            }
            whiten(gradient, start, start + 2, p, ofLocation[i], local, start);
            whiten(gradient, start + 1, start + 2 + p, p, ofScale[i], local, start + 1 + p);
            start += 2 * (1 + p);
        }
        outerChart.pull(outerParameters, outerGradient, outerLocal);
        System.arraycopy(outerLocal, 0, local, 0, ofOuter);
    }

    /** Writes consecutive local coordinates from an entry of a gradient and p others. */
    private static void whiten(double[] from, int first, int others, int p, double[] factor, double[] to, int at) {
        double[] part = new double[1 + p];
        part[0] = from[first];
        System.arraycopy(from, others, part, 1, p);
        SmallCholesky.solve(1 + p, factor, part);
        System.arraycopy(part, 0, to, at, 1 + p);
    }

    @Override
    void move(double[] parameters, double[] step) {
        inform(parameters);
        System.arraycopy(parameters, 0, outerParameters, 0, ofOuter);
        System.arraycopy(step, 0, outerLocal, 0, ofOuter);
        outerChart.move(outerParameters, outerLocal);
        double[] shift = new double[k];
        Arrays.setAll(shift, a -> outerParameters[a] - parameters[a]);
        System.arraycopy(outerParameters, 0, parameters, 0, ofOuter);
        int start = ofOuter;
        for (int i = 0; i < parents.length; i++) {
            int p = parents[i].length;
            colour(step, start, p, ofLocation[i], parameters, start, start + 2);
            colour(step, start + 1 + p, p, ofScale[i], parameters, start + 1, start + 2 + p);
            for (int a = 0; a < p; a++) {
                parameters[start] += parameters[start + 2 + a] * shift[parents[i][a]];
                parameters[start + 1] += slope(parameters, start, p, a) * shift[parents[i][a]];
            }
            start += 2 * (1 + p);
        }
        for (int j = own; j < step.length; j++) {
            parameters[j] += step[j];
        }
    }

    private static void colour(double[] step, int at, int p, double[] factor, double[] to, int first, int others) {
        double[] part = Arrays.copyOfRange(step, at, at + 1 + p);
        SmallCholesky.solveTransposed(1 + p, factor, part);
        to[first] += part[0];
        for (int a = 0; a < p; a++) {
            to[others + a] += part[1 + a];
        }
    }

    /** By coordinate, so that what is far in one does not hold up the others. */
    @Override
    void limit(double[] step) {
        limitNorm(step, 0, k, LARGEST_SHIFT);
        limitNorm(step, k, ofOuter, LARGEST_SCALING);
        int start = ofOuter;
        for (int[] of : parents) {
            int size = 1 + of.length;
            limitNorm(step, start, start + size, LARGEST_SHIFT);
            limitNorm(step, start + size, start + 2 * size, LARGEST_SCALING);
            start += 2 * size;
        }
    }
}
