package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.List;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;

/**
 * Moves the Gaussians inside from the mode to where reverse KL is least: {@code E grad log p = 0} and {@code Lambda =
 * -E hess log p}.
 *
 * <p>Expectations are {@link GaussianAverages}.
 */
final class VariationalRefinement {

    private static final int ROUNDS = 4;
    private static final double SETTLED = 1e-3;
    private static final double MOST_BENT = 0.5;

    /** The skewness of a standard normal number bent by little, per unit: {@code 3 (E eps^2 s - E s)}. */
    private static final double SKEWNESS_OF_BEND = 1.694672541736924;

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    private final Evaluations evaluations;
    private final FactorPattern pattern;
    private final GaussianAverages averages;
    private final SparseCholesky algebra;
    private final int[] outer;
    private final int[] inner;

    VariationalRefinement(Evaluations evaluations, FactorPattern pattern) {
        this.evaluations = evaluations;
        this.pattern = pattern;
        this.averages = new GaussianAverages(evaluations, pattern);
        this.algebra = new SparseCholesky(pattern);
        this.outer = evaluations.structure().outer();
        this.inner = evaluations.structure().inner();
    }

    /** The conditionals, refined where that succeeds. */
    List<Conditional> refine(List<Conditional> nodes) {
        List<Conditional> refined = new ArrayList<>(nodes.size());
        for (Conditional node : nodes) {
            refined.add(evaluations.cutShort() ? node : refine(node));
        }
        return refined;
    }

    private Conditional refine(Conditional node) {
        double[] mean = node.inner().clone();
        double[] factor = node.factor();
        boolean[] positive = new boolean[1];
        double[] bends = node.bends();
        double elbo = Double.NaN;
        for (int round = 0; round < ROUNDS; round++) {
            GaussianAverages.Averages found = averages.around(point(node, mean), factor);
            double[] next = found.entries();
            for (double entry : next) {
                if (!Double.isFinite(entry)) {
                    return node;
                }
            }
            algebra.factor(next, 1, positive);
            if (!positive[0]) {
                return node;
            }
            elbo = found.logDensity() + entropy(factor);
            double[] step = NewtonStep.of(algebra, next, found.gradient());
            double size = 0;
            for (int i = 0; i < step.length; i++) {
                mean[i] += step[i];
                size = Math.max(size, Math.abs(step[i]) / found.deviations()[i]);
            }
            factor = next;
            bends = bends(factor, found.thirds());
            if (!(size < Double.POSITIVE_INFINITY)) {
                return node;
            }
            if (round > 0 && size < SETTLED) {
                break;
            }
        }
        return Double.isNaN(elbo) ? node : new Conditional(node.outer(), mean, factor, bends, node.logDensity(), elbo);
    }

    /**
     * Bends with the skewness that a third derivative gives to a coordinate whose later ones in the order of
     * elimination are held fixed: the derivative times the cube of the standard deviation left.
     */
    private double[] bends(double[] factor, double[] thirds) {
        double[] bends = new double[inner.length];
        for (int j = 0; j < bends.length; j++) {
            double deviation = 1 / factor[pattern.start(j)];
            double skewness = thirds[pattern.node(j)] * deviation * deviation * deviation;
            bends[j] = Math.max(-MOST_BENT, Math.min(MOST_BENT, skewness / SKEWNESS_OF_BEND));
        }
        return bends;
    }

    private double[] point(Conditional node, double[] mean) {
        double[] point = new double[outer.length + inner.length];
        for (int a = 0; a < outer.length; a++) {
            point[outer[a]] = node.outer()[a];
        }
        for (int i = 0; i < inner.length; i++) {
            point[inner[i]] = mean[i];
        }
        return point;
    }

    private double entropy(double[] factor) {
        double[] logDiagonals = new double[1];
        algebra.sumOfLogDiagonals(factor, 1, logDiagonals);
        return 0.5 * inner.length * (1 + LOG_TWO_PI) - logDiagonals[0];
    }
}
