package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.family.NestedGaussian;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;

/**
 * Moves the Gaussians inside from the mode to where reverse KL is least: {@code E grad log p = 0} and {@code Lambda =
 * -E hess log p}, and then gives every column of the factor the shape that third and fourth derivatives say.
 *
 * <p>Expectations are {@link GaussianAverages}. With k and l the third and fourth derivatives along a column in its
 * standard deviations, the variance grows by {@code k^2 / 2} beyond that of the optimum, which has what l adds; the
 * skewness is k, the excess kurtosis {@code l + 3 k^2}, and the log evidence is above the bound by {@code k^2 / 12 +
 * l^2 / 48}: the first terms of the series around the Gaussian.
 */
final class VariationalRefinement {

    private static final int ROUNDS = 4;
    private static final double SETTLED = 1e-3;

    /** A third derivative beyond this, in conditional standard deviations, is taken as this: the series has no use. */
    private static final double MOST_SKEWED = 1;

    private static final double MOST_OF_FOURTH = 2;

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
        GaussianAverages.@Nullable Averages found = null;
        double elbo = Double.NaN;
        double before = 1;
        for (int round = 0; round < ROUNDS; round++) {
            found = averages.around(point(node, mean), factor);
            double[] next = found.entries().clone();
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
            if (!(size < Double.POSITIVE_INFINITY)) {
                return node;
            }
            // steps shrink by about the same factor each time
            if (round > 0 && size * Math.min(1, size / before) < SETTLED) {
                break;
            }
            before = size;
        }
        return Double.isNaN(elbo) || found == null ? node : shaped(node, mean, factor, found, elbo);
    }

    /** The Gaussian with the shapes of its columns. */
    private Conditional shaped(
            Conditional node, double[] mean, double[] factor, GaussianAverages.Averages found, double elbo) {
        double[] fourths = averages.fourths(point(node, mean), found);
        double[] shaped = factor.clone();
        double[] bends = new double[inner.length];
        double[] tails = new double[inner.length];
        double logMarginal = elbo;
        for (int j = 0; j < inner.length; j++) {
            int coordinate = pattern.node(j);
            double deviation = 1 / factor[pattern.start(j)];
            double k = within(found.thirds()[coordinate] * Math.pow(deviation, 3), MOST_SKEWED);
            double l = within(fourths[coordinate] * Math.pow(deviation, 4), MOST_OF_FOURTH);
            NestedGaussian.Shape shape = NestedGaussian.Shape.of(k, l + 3 * k * k);
            bends[j] = shape.bend();
            tails[j] = shape.tail();
            logMarginal += k * k / 12 + l * l / 48;
            double wider = Math.sqrt(1 + k * k / 2);
            for (int entry = pattern.start(j); entry < pattern.end(j); entry++) {
                shaped[entry] /= wider;
            }
        }
        return new Conditional(node.outer(), mean, shaped, bends, tails, node.logDensity(), logMarginal);
    }

    private static double within(double x, double most) {
        return Double.isNaN(x) ? 0 : Math.max(-most, Math.min(most, x));
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
