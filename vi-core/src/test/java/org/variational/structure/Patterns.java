package org.variational.structure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Adjacency;
import org.variational.random.RandomStreams;

/** Relations and sparse matrices for tests. */
final class Patterns {

    private Patterns() {}

    static RandomGenerator random(long seed) {
        return RandomStreams.of(seed).generator("structure", 0);
    }

    static Adjacency chain(int n) {
        List<int[]> terms = new ArrayList<>();
        for (int i = 1; i < n; i++) {
            terms.add(new int[] {i - 1, i});
        }
        return Adjacency.of(n, terms);
    }

    /** Each pair with a probability. */
    static Adjacency scattered(int n, double share, RandomGenerator random) {
        List<int[]> terms = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                if (random.nextDouble() < share) {
                    terms.add(new int[] {j, i});
                }
            }
        }
        return Adjacency.of(n, terms);
    }

    static FactorPattern pattern(Adjacency adjacency, int... last) {
        FactorPattern pattern = FactorPattern.of(adjacency, last, Long.MAX_VALUE);
        if (pattern == null) {
            throw new IllegalStateException("no limit was set");
        }
        return pattern;
    }

    /** A positive definite matrix with entries where coordinates are related: its diagonal dominates. */
    static DMatrixRMaj matrix(Adjacency adjacency, RandomGenerator random) {
        int n = adjacency.dimension();
        DMatrixRMaj matrix = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            matrix.add(i, i, 0.5 + random.nextDouble());
            for (int j : adjacency.neighbours(i)) {
                if (j < i) {
                    double value = random.nextGaussian();
                    matrix.set(i, j, value);
                    matrix.set(j, i, value);
                    matrix.add(i, i, Math.abs(value));
                    matrix.add(j, j, Math.abs(value));
                }
            }
        }
        return matrix;
    }

    /** By position instead of by row. */
    static DMatrixRMaj permuted(FactorPattern pattern, DMatrixRMaj matrix) {
        int n = pattern.size();
        DMatrixRMaj permuted = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                permuted.set(i, j, matrix.get(pattern.node(i), pattern.node(j)));
            }
        }
        return permuted;
    }

    /** Entries x lanes of the lower triangles of matrices in the order of positions. */
    static double[] entries(FactorPattern pattern, List<DMatrixRMaj> permuted) {
        int lanes = permuted.size();
        double[] values = new double[pattern.entries() * lanes];
        for (int column = 0; column < pattern.size(); column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                for (int s = 0; s < lanes; s++) {
                    values[entry * lanes + s] = permuted.get(s).get(pattern.row(entry), column);
                }
            }
        }
        return values;
    }

    /** One lane of an array with lanes innermost. */
    static double[] lane(double[] values, int lanes, int lane) {
        double[] one = new double[values.length / lanes];
        Arrays.setAll(one, i -> values[i * lanes + lane]);
        return one;
    }

    /** The lower triangle of a factor of one lane. */
    static DMatrixRMaj dense(FactorPattern pattern, double[] factor) {
        DMatrixRMaj lower = new DMatrixRMaj(pattern.size(), pattern.size());
        for (int column = 0; column < pattern.size(); column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                lower.set(pattern.row(entry), column, factor[entry]);
            }
        }
        return lower;
    }
}
