package org.variational.algorithm.nested;

import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;

/** Newton's step {@code H^-1 g} of the inner coordinates, from the factor of H. */
final class NewtonStep {

    private NewtonStep() {}

    /**
     * The step, in order of the inner coordinates.
     *
     * @param algebra the scratch space, which knows the pattern
     * @param factor the entries of L
     * @param gradient in order of the inner coordinates, read only
     */
    static double[] of(SparseCholesky algebra, double[] factor, double[] gradient) {
        FactorPattern pattern = algebra.pattern();
        double[] x = new double[gradient.length];
        for (int j = 0; j < x.length; j++) {
            x[j] = gradient[pattern.node(j)];
        }
        algebra.solve(factor, 1, x);
        algebra.solveTransposed(factor, 1, x);
        double[] step = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            step[pattern.node(j)] = x[j];
        }
        return step;
    }
}
