package org.variational;

import org.jspecify.annotations.Nullable;
import org.variational.density.Interactions;
import org.variational.density.ParameterLayout;
import org.variational.family.Families;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalFamily;
import org.variational.structure.CovarianceSelection;
import org.variational.structure.FactorPattern;

/** The family of a fit for which none is chosen. */
final class DefaultFamily {

    private static final int SMALLEST_SPARSE = 200;
    private static final int LARGEST_FULL_RANK = 500;

    /** With a factor of more than this part of a dense one, sparsity gains nothing. */
    private static final int SMALLEST_SAVING = 4;

    /** Some seconds. */
    private static final double MOST_WORK_OF_SELECTION = 2e9;

    /** With fewer, correlations are not learnt. */
    private static final int FEWEST_EVALUATIONS_PER_COORDINATE = 20;

    private DefaultFamily() {}

    /** All Gaussians where there are few coordinates; else those with the density's own pattern, or as many as fit. */
    static VariationalFamily of(ParameterLayout inferred, long evaluationBudget) {
        int dimension = inferred.dimension();
        long learnt = evaluationBudget / FEWEST_EVALUATIONS_PER_COORDINATE;
        if (dimension > SMALLEST_SPARSE) {
            FactorPattern pattern = affordablePattern(inferred);
            if (pattern != null && pattern.longestColumn() <= learnt) {
                return SparseGaussian.of(pattern);
            }
        }
        boolean full = dimension <= LARGEST_FULL_RANK && dimension <= learnt;
        return (full ? Families.fullRank() : Families.meanField()).forLayout(inferred);
    }

    /** The pattern of a factor that is much smaller than a dense one; null if it is not, or not known. */
    private static @Nullable FactorPattern affordablePattern(ParameterLayout inferred) {
        Interactions known = inferred.interactions();
        if (known == null) {
            return null;
        }
        long dense = (long) inferred.dimension() * (inferred.dimension() + 1) / 2;
        long most = Math.min(SparseGaussian.MAX_ENTRIES, dense / SMALLEST_SAVING);
        FactorPattern pattern = FactorPattern.of(known.related(), new int[0], most);
        return pattern != null && CovarianceSelection.work(pattern) <= MOST_WORK_OF_SELECTION ? pattern : null;
    }
}
