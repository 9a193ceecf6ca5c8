package org.variational.algorithm.gradient;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the stages made so far say about the accuracy and the work of the next.
 *
 * <p>The average of a stage with step size gamma is taken to be {@code sqrt(c) gamma^kappa} away from the optimum, in
 * the root of the symmetrised Kullback-Leibler divergence (SKL). Two stages, the first with step size {@code gamma /
 * rho_i}, then differ by {@code SKL_i = c gamma_i^(2 kappa) (rho_i^-kappa - 1)^2}. With {@code log SKL_i} normal around
 * its logarithm, with variance {@code s^2} and weight {@code (1 + r^2 / 9)^(-1/4)} for the r-th stage before the last,
 * and the priors kappa uniform on (0, 1), {@code log c} Cauchy(0, 10) and s half-Cauchy(0, 1), the posterior is summed
 * over a grid.
 *
 * @see <a href="https://arxiv.org/abs/2203.15945">Welandawe, Andersen, Vehtari and Huggins (2022), A framework for
 *     improving the reliability of black-box variational inference</a>, who sample that posterior by Markov chains and
 *     let s be ten times as large, which leaves few stages without a say
 */
final class AccuracyForecast {

    /** The fewest differences between stages from which a power can be told. */
    static final int FEWEST = 2;

    private static final double CONSTANT_PRIOR = 10;
    private static final double SCALE_PRIOR = 1;
    private static final double LOWEST_SCALE = 0.01;
    private static final double HIGHEST_SCALE = 100;
    private static final int POWERS = 50;
    private static final int SCALES = 32;
    private static final int CONSTANTS = 25;
    private static final double CONSTANT_RANGE = 5;
    private static final double UPPER = 0.95;

    private final List<Difference> differences = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();

    private record Difference(double logStep, double logRatio, double logDivergence) {}

    private record Stage(double logStep, double logWork) {}

    /**
     * What is expected at a step size.
     *
     * @param power the posterior mean of kappa
     * @param logConstant the posterior mean of log c
     * @param distance the root of the SKL between the average and the optimum, at the posterior means of its logarithm
     * @param upperDistance what that root is below with a posterior probability of 95 %
     */
    record Forecast(double power, double logConstant, double distance, double upperDistance) {

        /**
         * The root of the SKL expected after the next stage, with a step size smaller by {@code ratio}, beside an
         * accuracy that is enough, relative to the present one: {@code ratio^kappa + accuracy / distance}.
         */
        double relativeAccuracy(double ratio, double accuracy) {
            return Math.pow(ratio, power) + accuracy / distance;
        }
    }

    /**
     * Takes in a stage.
     *
     * @param step its step size
     * @param work what it cost, in iterations of the first stage
     */
    void addStage(double step, double work) {
        stages.add(new Stage(Math.log(step), Math.log(work)));
    }

    /**
     * Takes in how far the averages of two stages are apart.
     *
     * @param step the step size of the second
     * @param ratio that step size over the first one's, in (0, 1)
     * @param divergence the SKL between the averages, positive and finite
     */
    void addDifference(double step, double ratio, double divergence) {
        differences.add(new Difference(Math.log(step), Math.log(ratio), Math.log(divergence)));
    }

    /** Whether there are differences enough for a forecast. */
    boolean known() {
        return differences.size() >= FEWEST;
    }

    private static double weight(int age) {
        return Math.pow(1 + age * age / 9.0, -0.25);
    }

    /**
     * The distance of a stage's average from the optimum.
     *
     * @param step the stage's step size
     * @throws IllegalStateException if fewer than two differences are known
     */
    Forecast at(double step) {
        if (!known()) {
            throw new IllegalStateException("a forecast needs " + FEWEST + " differences, got " + differences.size());
        }
        int n = differences.size();
        double total = 0;
        for (int i = 0; i < n; i++) {
            total += weight(n - 1 - i);
        }
        double[] logDistances = new double[POWERS * SCALES * CONSTANTS];
        double[] logWeights = new double[logDistances.length];
        double[] powers = new double[logDistances.length];
        double[] constants = new double[logDistances.length];
        int at = 0;
        for (int k = 0; k < POWERS; k++) {
            double kappa = (k + 0.5) / POWERS;
            double mean = 0;
            for (int i = 0; i < n; i++) {
                mean += weight(n - 1 - i) / total * constant(differences.get(i), kappa);
            }
            double residual = 0;
            for (int i = 0; i < n; i++) {
                double r = constant(differences.get(i), kappa) - mean;
                residual += weight(n - 1 - i) * r * r;
            }
            for (int j = 0; j < SCALES; j++) {
                double logScale = Math.log(LOWEST_SCALE)
                        + (j + 0.5) / SCALES * (Math.log(HIGHEST_SCALE) - Math.log(LOWEST_SCALE));
                double scale = Math.exp(logScale);
                double spread = scale / Math.sqrt(total);
                // the spacing of scales is logarithmic, that of constants in units of the spread
                double fixed = (1 - total) * logScale
                        - residual / (2 * scale * scale)
                        - cauchy(scale / SCALE_PRIOR)
                        + Math.log(spread);
                for (int t = 0; t < CONSTANTS; t++) {
                    double z = CONSTANT_RANGE * (2 * (t + 0.5) / CONSTANTS - 1);
                    double logConstant = mean + spread * z;
                    powers[at] = kappa;
                    constants[at] = logConstant;
                    logDistances[at] = 0.5 * logConstant + kappa * Math.log(step);
                    logWeights[at++] = fixed - 0.5 * z * z - cauchy(logConstant / CONSTANT_PRIOR);
                }
            }
        }
        return summary(logWeights, logDistances, powers, constants);
    }

    /** The logarithm of c that a difference alone would give under a power. */
    private static double constant(Difference d, double kappa) {
        return d.logDivergence - 2 * kappa * d.logStep - 2 * Math.log(Math.expm1(-kappa * d.logRatio));
    }

    private static double cauchy(double x) {
        return Math.log1p(x * x);
    }

    private static Forecast summary(double[] logWeights, double[] logDistances, double[] powers, double[] constants) {
        double largest = Arrays.stream(logWeights).max().orElseThrow();
        double sum = 0;
        double power = 0;
        double constant = 0;
        double distance = 0;
        int n = logWeights.length;
        double[] weights = new double[n];
        for (int i = 0; i < n; i++) {
            weights[i] = Math.exp(logWeights[i] - largest);
            sum += weights[i];
            power += weights[i] * powers[i];
            constant += weights[i] * constants[i];
            distance += weights[i] * logDistances[i];
        }
        return new Forecast(
                power / sum,
                constant / sum,
                Math.exp(distance / sum),
                Math.exp(quantile(logDistances, weights, UPPER * sum)));
    }

    /** The smallest value up to which the weights add up to {@code mass}, found by bisection. */
    private static double quantile(double[] values, double[] weights, double mass) {
        double low = Arrays.stream(values).min().orElseThrow();
        double high = Arrays.stream(values).max().orElseThrow();
        for (int halving = 0; halving < 50; halving++) {
            double middle = 0.5 * (low + high);
            double below = 0;
            for (int i = 0; i < values.length; i++) {
                below += values[i] <= middle ? weights[i] : 0;
            }
            if (below >= mass) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    /**
     * The work expected of a stage, in iterations of the first, from a weighted regression of its logarithm on that of
     * the step size. The first stage, which also has the way from the start to go, is left out, and so is the next
     * where work would otherwise rise with the step size.
     *
     * @param step the step size
     * @throws IllegalStateException if there is no stage yet
     */
    double workAt(double step) {
        int n = stages.size();
        if (n == 0) {
            throw new IllegalStateException("there is no stage yet");
        }
        int from = Math.min(1, n - 1);
        double[] line = line(from);
        if (line[1] >= 0 && n - from > 2) {
            line = line(from + 1);
        }
        // at least as much as a single stage tells: work in proportion to 1 / step
        double slope = n - from < 2 || line[1] >= 0 ? -1 : line[1];
        Stage last = stages.get(n - 1);
        double base = slope == line[1] ? line[0] + slope * last.logStep : last.logWork;
        return Math.exp(base + slope * (Math.log(step) - last.logStep));
    }

    /** Intercept and slope over the stages from a given one on; slope 0 if there is only one. */
    private double[] line(int from) {
        int n = stages.size();
        double total = 0;
        double meanX = 0;
        double meanY = 0;
        for (int i = from; i < n; i++) {
            double w = weight(n - 1 - i);
            total += w;
            meanX += w * stages.get(i).logStep;
            meanY += w * stages.get(i).logWork;
        }
        meanX /= total;
        meanY /= total;
        double xx = 0;
        double xy = 0;
        for (int i = from; i < n; i++) {
            double w = weight(n - 1 - i);
            double x = stages.get(i).logStep - meanX;
            xx += w * x * x;
            xy += w * x * (stages.get(i).logWork - meanY);
        }
        double slope = xx > 0 ? xy / xx : 0;
        return new double[] {meanY - slope * meanX, slope};
    }

    /** The work of the last stage. */
    double lastWork() {
        return Math.exp(stages.get(stages.size() - 1).logWork);
    }
}
