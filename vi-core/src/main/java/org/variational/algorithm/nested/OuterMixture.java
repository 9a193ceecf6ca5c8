package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.variational.family.FullRankGaussian;
import org.variational.family.Mixture;
import org.variational.family.MultivariateStudentT;
import org.variational.family.VariationalFamily;
import org.variational.information.RadialInterpolation;

/**
 * A mixture of narrow Gaussians on a grid that has the density of the outer coordinates, interpolated between nodes,
 * and of one wide Gaussian for the tails.
 *
 * <p>The weights are found by multiplicative corrections until the mixture has the density wanted at the grid's points.
 */
final class OuterMixture {

    /** By the number of outer coordinates, from one: the mesh of the grid, in standard deviations. */
    private static final double[] MESH = {0.3, 0.5, 0.7};

    private static final int CORRECTIONS = 30;
    private static final double DEGREES = 5;
    /** By the number of outer coordinates, from one: what lies beyond the nodes. */
    private static final double[] SHARE_OF_TAILS = {1e-5, 2e-3, 1e-2};

    private static final double WIDTH_OF_TAILS = 1.5;

    /** The places of a grid that are looked at, and those that become components. */
    private static final double MOST_LOOKED_AT = 50_000;

    private static final int MOST_COMPONENTS = 4000;

    private final OuterSearch.Mode mode;
    private final ToDoubleFunction<double[]> interpolated;
    private final double[] logMarginals;
    private final double[][] places;
    private final int k;

    private OuterMixture(OuterSearch.Mode mode, double[][] places, double[] logMarginals) {
        this.mode = mode;
        this.k = mode.deviations().length;
        this.places = places;
        this.logMarginals = logMarginals;
        DMatrixRMaj identity = new DMatrixRMaj(k, k);
        for (int a = 0; a < k; a++) {
            identity.set(a, a, 1);
        }
        this.interpolated = new RadialInterpolation(places, identity).through(logMarginals);
    }

    /** A family with the parameters of a member. */
    record Fitted(VariationalFamily family, double[] parameters) {}

    /**
     * The distribution of the outer coordinates.
     *
     * @param places the nodes, in standard deviations along the axes
     * @param logMarginals the log density there
     */
    static Fitted of(OuterSearch.Mode mode, double[][] places, double[] logMarginals) {
        return new OuterMixture(mode, places, logMarginals).fit();
    }

    private Fitted fit() {
        if (k > MESH.length) {
            return student();
        }
        double mesh = MESH[k - 1];
        List<double[]> grid = grid(mesh);
        if (grid.isEmpty() || grid.size() > MOST_COMPONENTS) {
            return student();
        }
        double[] target = new double[grid.size()];
        Arrays.setAll(
                target, c -> Math.exp(logDensity(grid.get(c)) - mode.centre().logMarginal()));
        double[] weights = weights(grid, target, mesh);
        return mixture(grid, weights, mesh);
    }

    /** Where a grid would be too large: a t distribution around the mode; its parameters are laid out alike. */
    private Fitted student() {
        MultivariateStudentT family = MultivariateStudentT.of(k, DEGREES);
        return new Fitted(
                family, FullRankGaussian.of(k).parametersOf(mode.centre().outer(), covariance(1)));
    }

    /** The grid's points where the density counts; none if there are too many to look at. */
    private List<double[]> grid(double mesh) {
        double[] low = new double[k];
        double[] high = new double[k];
        for (double[] place : places) {
            for (int a = 0; a < k; a++) {
                low[a] = Math.min(low[a], place[a]);
                high[a] = Math.max(high[a], place[a]);
            }
        }
        List<double[]> grid = new ArrayList<>();
        double size = 1;
        for (int a = 0; a < k; a++) {
            size *= 1 + (high[a] - low[a]) / mesh;
        }
        if (size > MOST_LOOKED_AT) {
            return grid;
        }
        double[] at = new double[k];
        fill(0, at, low, high, mesh, grid);
        return grid;
    }

    private void fill(int axis, double[] at, double[] low, double[] high, double mesh, List<double[]> grid) {
        if (axis == k) {
            if (logDensity(at) > mode.centre().logMarginal() - NodeLayout.fall(k) - 1) {
                grid.add(at.clone());
            }
            return;
        }
        for (long step = Math.round(low[axis] / mesh); step * mesh <= high[axis] + 1e-9; step++) {
            at[axis] = step * mesh;
            fill(axis + 1, at, low, high, mesh, grid);
        }
    }

    /** The interpolated log density; far from all nodes no more than somewhat below that of the nearest. */
    private double logDensity(double[] at) {
        double value = interpolated.applyAsDouble(at);
        double nearest = Double.POSITIVE_INFINITY;
        double there = 0;
        for (int j = 0; j < places.length; j++) {
            double square = square(at, places[j]);
            if (square < nearest) {
                nearest = square;
                there = logMarginals[j];
            }
        }
        double gap = 1.5 * NodeLayout.spacing(k);
        return k > 1 && nearest > gap * gap ? Math.min(value, there - 2) : value;
    }

    private static double square(double[] x, double[] y) {
        double square = 0;
        for (int a = 0; a < x.length; a++) {
            square += (x[a] - y[a]) * (x[a] - y[a]);
        }
        return square;
    }

    private static double[] weights(List<double[]> grid, double[] target, double mesh) {
        int n = grid.size();
        double[] weights = target.clone();
        double[] made = new double[n];
        // by the squared distance in meshes, which is an integer on a grid; beyond six meshes nothing is left
        double[] kernel = new double[37];
        Arrays.setAll(kernel, squared -> squared < 36 ? Math.exp(-0.5 * squared) : 0);
        byte[][] apart = new byte[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                apart[i][j] = (byte) Math.min(36, Math.round(square(grid.get(i), grid.get(j)) / (mesh * mesh)));
            }
        }
        for (int round = 0; round < CORRECTIONS; round++) {
            Arrays.fill(made, 0);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    made[i] += weights[j] * kernel[apart[i][j]];
                }
            }
            for (int i = 0; i < n; i++) {
                weights[i] *= target[i] / made[i];
            }
        }
        return weights;
    }

    private Fitted mixture(List<double[]> grid, double[] weights, double mesh) {
        FullRankGaussian kernel = FullRankGaussian.of(k);
        Mixture family = Mixture.of(grid.size() + 1, kernel);
        double[] parameters = new double[family.parameterCount()];
        double total = Arrays.stream(weights).sum();
        DMatrixRMaj narrow = covariance(mesh);
        int each = kernel.parameterCount();
        int first = family.components();
        for (int c = 0; c < grid.size(); c++) {
            parameters[c] = Math.log(Math.max(weights[c] / total, 1e-300));
            System.arraycopy(
                    kernel.parametersOf(NodeLayout.at(mode, grid.get(c)), narrow),
                    0,
                    parameters,
                    first + c * each,
                    each);
        }
        parameters[grid.size()] = Math.log(SHARE_OF_TAILS[k - 1]);
        System.arraycopy(
                kernel.parametersOf(mode.centre().outer(), covariance(WIDTH_OF_TAILS)),
                0,
                parameters,
                first + grid.size() * each,
                each);
        return new Fitted(family, parameters);
    }

    private DMatrixRMaj covariance(double width) {
        DMatrixRMaj covariance = new DMatrixRMaj(k, k);
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < k; j++) {
                double sum = 0;
                for (int a = 0; a < k; a++) {
                    double deviation = width * mode.deviations()[a];
                    sum += mode.axes()[i][a] * deviation * deviation * mode.axes()[j][a];
                }
                covariance.set(i, j, sum);
            }
        }
        return covariance;
    }
}
