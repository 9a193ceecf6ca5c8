package org.variational.structure;

/**
 * A sparse Cholesky factor {@code P A P' = L L'} of one matrix, applied to many vectors at once.
 *
 * <p>Vectors are n x S panels with the S lanes contiguous, and their rows are those of A: row {@code node(j)} of a
 * panel is position j of the {@link FactorPattern}, so that nothing is copied to be permuted. Every operation works in
 * place and takes time linear in the entries of the factor. Immutable and thread-safe; the entries are not copied.
 */
public final class SparseFactor {

    private final FactorPattern pattern;
    private final double[] factor;

    /**
     * A factor.
     *
     * @param factor by entry of the pattern, not copied; its diagonal must be positive
     */
    public SparseFactor(FactorPattern pattern, double[] factor) {
        this.pattern = pattern;
        this.factor = factor;
    }

    /** Where the factor has entries. */
    public FactorPattern pattern() {
        return pattern;
    }

    /** Replaces x by the solution y of {@code L y = x}. */
    public void solve(double[] x, int lanes) {
        for (int j = 0; j < pattern.size(); j++) {
            int at = pattern.node(j) * lanes;
            int start = pattern.start(j);
            scale(1 / factor[start], x, at, lanes);
            for (int entry = start + 1; entry < pattern.end(j); entry++) {
                add(-factor[entry], x, at, pattern.node(pattern.row(entry)) * lanes, lanes);
            }
        }
    }

    /** Replaces x by the solution y of {@code L' y = x}. */
    public void solveTransposed(double[] x, int lanes) {
        for (int j = pattern.size() - 1; j >= 0; j--) {
            int at = pattern.node(j) * lanes;
            int start = pattern.start(j);
            for (int entry = start + 1; entry < pattern.end(j); entry++) {
                add(-factor[entry], x, pattern.node(pattern.row(entry)) * lanes, at, lanes);
            }
            scale(1 / factor[start], x, at, lanes);
        }
    }

    /** Replaces x by {@code L x}. */
    public void multiply(double[] x, int lanes) {
        for (int j = pattern.size() - 1; j >= 0; j--) {
            int at = pattern.node(j) * lanes;
            int start = pattern.start(j);
            for (int entry = start + 1; entry < pattern.end(j); entry++) {
                add(factor[entry], x, at, pattern.node(pattern.row(entry)) * lanes, lanes);
            }
            scale(factor[start], x, at, lanes);
        }
    }

    /** Replaces x by {@code L' x}. */
    public void multiplyTransposed(double[] x, int lanes) {
        for (int j = 0; j < pattern.size(); j++) {
            int at = pattern.node(j) * lanes;
            int start = pattern.start(j);
            scale(factor[start], x, at, lanes);
            for (int entry = start + 1; entry < pattern.end(j); entry++) {
                add(factor[entry], x, pattern.node(pattern.row(entry)) * lanes, at, lanes);
            }
        }
    }

    private static void scale(double by, double[] x, int at, int lanes) {
        for (int s = 0; s < lanes; s++) {
            x[at + s] *= by;
        }
    }

    private static void add(double times, double[] x, int from, int to, int lanes) {
        for (int s = 0; s < lanes; s++) {
            x[to + s] += times * x[from + s];
        }
    }
}
