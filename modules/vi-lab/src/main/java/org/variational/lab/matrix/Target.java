package org.variational.lab.matrix;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.family.VariationalDistribution;

/**
 * A normalised target with a grid on which expectations under it, or under an approximation of it, are sums. On the
 * plane the grid is that of the trapezoid rule after {@code z = centre + sinh(t)} in each coordinate, which reaches 100
 * units to each side and is fine in the middle; a discrete target has one point per outcome.
 */
final class Target {
    private static final int NODES = 61;
    private static final double REACH = 5.3;

    private final String name;
    private final LogDensity density;
    private final double[] startMean;
    private final double[] startSd;
    private final boolean discrete;
    private final boolean symmetric;
    private final DMatrixRMaj grid;
    /** Logarithms of the weights of the quadrature. */
    private final double[] logWeight;

    private final double[] logP;

    private Target(
            String name,
            LogDensity density,
            double[] startMean,
            double[] startSd,
            boolean discrete,
            boolean symmetric,
            DMatrixRMaj grid,
            double[] logWeight) {
        this.name = name;
        this.density = density;
        this.startMean = startMean;
        this.startSd = startSd;
        this.discrete = discrete;
        this.symmetric = symmetric;
        this.grid = grid;
        this.logWeight = logWeight;
        this.logP = new double[grid.numCols];
        density.evaluate(grid, logP, null);
    }

    /** A Gaussian with means 1 and -1, standard deviations 1 and the given correlation. */
    static Target gaussian(double rho) {
        double[] mean = {1, -1};
        double free = 1 - rho * rho;
        double constant = -Math.log(2 * Math.PI) - Math.log(free) / 2;
        return plane("gaussian", mean, new PointDensity() {
            @Override
            public double at(double x, double y, double[] gradient) {
                double u = x - mean[0];
                double v = y - mean[1];
                gradient[0] = -(u - rho * v) / free;
                gradient[1] = -(v - rho * u) / free;
                return constant - (u * u - 2 * rho * u * v + v * v) / (2 * free);
            }
        });
    }

    /**
     * Half and half two Gaussians of unit covariance around {@code (-a, -b)} and {@code (a, b)}: flat-topped along that
     * direction for {@code a^2 + b^2} near 1, with two modes beyond, and with tails no heavier than those of a
     * Gaussian, so that every divergence has an optimum.
     */
    static Target twoModes(double a, double b) {
        double constant = -Math.log(2 * Math.PI) - Math.log(2);
        return plane("two-modes", new double[2], new PointDensity() {
            @Override
            public double at(double x, double y, double[] gradient) {
                double along = a * x + b * y;
                double slope = Math.tanh(along);
                gradient[0] = -x + a * slope;
                gradient[1] = -y + b * slope;
                double far = Math.abs(along);
                return constant - (x * x + y * y + a * a + b * b) / 2 + far + Math.log1p(Math.exp(-2 * far));
            }
        });
    }

    /** Finitely many outcomes, numbered from 0. */
    static Target outcomes(double... probability) {
        double[] logProbability = Arrays.stream(probability).map(Math::log).toArray();
        LogDensity density = new LogDensity() {
            @Override
            public int dimension() {
                return 1;
            }

            @Override
            public boolean hasGradient() {
                return false;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
                for (int s = 0; s < points.numCols; s++) {
                    logDensity[s] = logProbability[(int) points.data[s]];
                }
            }
        };
        DMatrixRMaj grid = new DMatrixRMaj(1, probability.length);
        Arrays.setAll(grid.data, k -> k);
        return new Target(
                "three-outcomes",
                density,
                new double[] {1},
                new double[] {1},
                true,
                false,
                grid,
                new double[probability.length]);
    }

    private interface PointDensity {
        double at(double x, double y, double[] gradient);
    }

    private static Target plane(String name, double[] centre, PointDensity density) {
        LogDensity lanes = new LogDensity() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
                int n = points.numCols;
                double[] slope = new double[2];
                for (int s = 0; s < n; s++) {
                    logDensity[s] = density.at(points.data[s], points.data[n + s], slope);
                    if (gradient != null) {
                        gradient.data[s] = slope[0];
                        gradient.data[n + s] = slope[1];
                    }
                }
            }
        };
        int count = NODES * NODES;
        DMatrixRMaj grid = new DMatrixRMaj(2, count);
        double[] logWeight = new double[count];
        double step = 2 * REACH / (NODES - 1);
        for (int i = 0; i < NODES; i++) {
            for (int j = 0; j < NODES; j++) {
                double s = -REACH + i * step;
                double t = -REACH + j * step;
                int at = i * NODES + j;
                grid.data[at] = centre[0] + Math.sinh(s);
                grid.data[count + at] = centre[1] + Math.sinh(t);
                logWeight[at] = 2 * Math.log(step) + Math.log(Math.cosh(s)) + Math.log(Math.cosh(t));
            }
        }
        return new Target(
                name,
                lanes,
                new double[] {centre[0] + 0.5, centre[1] - 0.3},
                new double[] {1.6, 1.6},
                false,
                centre[0] == 0 && centre[1] == 0,
                grid,
                logWeight);
    }

    String name() {
        return name;
    }

    LogDensity density() {
        return density;
    }

    ParameterLayout layout() {
        return ParameterLayout.unnamed(density.dimension());
    }

    double[] startMean() {
        return startMean.clone();
    }

    double[] startSd() {
        return startSd.clone();
    }

    DMatrixRMaj grid() {
        return grid;
    }

    /** The log weight of each point of the grid. */
    double[] logWeight() {
        return logWeight;
    }

    /** The log density at each point of the grid. */
    double[] logP() {
        return logP;
    }

    /**
     * What is compared of an approximation: on the plane its two means, two standard deviations and correlation; of a
     * discrete one the logarithms of its probabilities.
     */
    double[] features(VariationalDistribution q) {
        double[] logQ = new double[logP.length];
        q.logDensity(grid, logQ);
        if (discrete) {
            return logQ;
        }
        int n = logQ.length;
        double[] moment = new double[5];
        double total = 0;
        for (int i = 0; i < n; i++) {
            double mass = Math.exp(logQ[i] + logWeight[i]);
            total += mass;
            moment[0] += mass * grid.data[i];
            moment[1] += mass * grid.data[n + i];
        }
        moment[0] /= total;
        moment[1] /= total;
        for (int i = 0; i < n; i++) {
            double mass = Math.exp(logQ[i] + logWeight[i]) / total;
            double u = grid.data[i] - moment[0];
            double v = grid.data[n + i] - moment[1];
            moment[2] += mass * u * u;
            moment[3] += mass * v * v;
            moment[4] += mass * u * v;
        }
        moment[2] = Math.sqrt(moment[2]);
        moment[3] = Math.sqrt(moment[3]);
        moment[4] /= moment[2] * moment[3];
        return moment;
    }

    /**
     * The optimum's features, or their mirror image where that is nearer: a divergence that prefers one of two equal
     * modes has two equal optima.
     */
    double[] nearestOptimum(double[] optimum, double[] features) {
        if (!symmetric) {
            return optimum;
        }
        double[] mirrored = optimum.clone();
        mirrored[0] = -mirrored[0];
        mirrored[1] = -mirrored[1];
        return mirrored[0] * features[0] + mirrored[1] * features[1]
                        > optimum[0] * features[0] + optimum[1] * features[1]
                ? mirrored
                : optimum;
    }

    /**
     * How far features are from those of the optimum: means in units of the optimum's standard deviations, standard
     * deviations by log ratios, correlations and log probabilities by differences.
     */
    double[] deviations(double[] features, double[] optimum) {
        double[] deviations = new double[features.length];
        for (int i = 0; i < features.length; i++) {
            deviations[i] = features[i] - optimum[i];
        }
        if (!discrete) {
            for (int i = 0; i < 2; i++) {
                deviations[i] /= optimum[2 + i];
                deviations[2 + i] = Math.log(features[2 + i] / optimum[2 + i]);
            }
        }
        return deviations;
    }
}
