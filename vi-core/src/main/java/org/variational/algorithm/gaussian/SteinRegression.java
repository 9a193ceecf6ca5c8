package org.variational.algorithm.gaussian;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.variational.density.Adjacency;
import org.variational.structure.FactorPattern;

/**
 * The symmetric matrix of expected slopes of a vector field under a Gaussian, where it has entries, from displacements
 * from the mean and the odd parts of the field at antithetic pairs of draws.
 *
 * <p>Component i is regressed on the displacements of i and of the coordinates related to it, of which the coefficients
 * tend to the expected derivatives (Stein). A coordinate that is related to very many others is <em>coupled</em>: its
 * slopes towards them are those of the regressions of these others. What they leave of its component is regressed on
 * the displacements of all coupled coordinates that it is related to, jointly. A linear field is found to rounding.
 */
final class SteinRegression {

    private static final int DRAWS_PER_COEFFICIENT = 4;
    private static final int SPARE_COEFFICIENTS = 4;

    private final FactorPattern pattern;
    private final int[][] related;
    /** By coordinate, those on whose displacements its component is regressed; itself comes first. */
    private final int[][] regressors;

    private final int most;
    private final LeastSquares own = new LeastSquares();
    /** By coordinate, the regressions of those that are coupled; null for others. */
    private final @Nullable LeastSquares[] joint;

    /**
     * The regressions of a field.
     *
     * @param pattern where the matrix may have entries
     * @param adjacency where it has, within the pattern
     */
    SteinRegression(FactorPattern pattern, Adjacency adjacency) {
        int d = pattern.size();
        this.pattern = pattern;
        this.related = IntStream.range(0, d).mapToObj(adjacency::neighbours).toArray(int[][]::new);
        boolean[] coupled = coupled(related);
        this.regressors = new int[d][];
        this.joint = new LeastSquares[d];
        for (int i = 0; i < d; i++) {
            boolean isCoupled = coupled[i];
            joint[i] = isCoupled ? new LeastSquares() : null;
            IntStream others = Arrays.stream(related[i]).filter(j -> !isCoupled || coupled[j]);
            regressors[i] = IntStream.concat(IntStream.of(i), others).toArray();
        }
        this.most =
                Arrays.stream(regressors).mapToInt(list -> list.length).max().orElse(1);
    }

    /** The relation in which all coordinates are related whose pair has an entry. */
    static Adjacency entries(FactorPattern pattern) {
        Adjacency.Builder builder = new Adjacency.Builder(pattern.size());
        for (int j = 0; j < pattern.size(); j++) {
            int[] below = IntStream.range(pattern.start(j) + 1, pattern.end(j))
                    .map(entry -> pattern.node(pattern.row(entry)))
                    .sorted()
                    .toArray();
            builder.relate(new int[] {pattern.node(j)}, below);
        }
        return builder.build();
    }

    /** The coordinates of highest degree, without which the largest regression is as small as it can be. */
    private static boolean[] coupled(int[][] related) {
        int d = related.length;
        int[] rising =
                Arrays.stream(related).mapToInt(list -> list.length).sorted().toArray();
        int best = rising[d - 1];
        int fewest = best + 1;
        for (int apart = 1; apart < d; apart++) {
            int degree = rising[d - 1 - apart];
            if (degree < rising[d - apart] && Math.max(degree + 1, apart) < fewest) {
                best = degree;
                fewest = Math.max(degree + 1, apart);
            }
        }
        boolean[] coupled = new boolean[d];
        for (int i = 0; i < d; i++) {
            coupled[i] = related[i].length > best;
        }
        return coupled;
    }

    /** The draws that serve well, in pairs: four for each coefficient and some to spare. */
    int draws() {
        return DRAWS_PER_COEFFICIENT * (most + SPARE_COEFFICIENTS);
    }

    /** The draws with which every regression has an observation to spare. */
    int fewestDraws() {
        return 2 * (most + 1);
    }

    /**
     * The expected slopes.
     *
     * @param odd D x P, displacements from the mean
     * @param field D x P, the odd parts of the field there; overwritten
     * @param pairs P, at least half of {@link #fewestDraws()}
     * @param slopes by entry of the pattern, overwritten
     * @return whether the displacements determine them
     */
    boolean slopes(double[] odd, double[] field, int pairs, double[] slopes) {
        Arrays.fill(slopes, 0);
        Batch batch = new Batch(odd, field, pairs, slopes);
        boolean determined = true;
        for (int i = 0; i < regressors.length && determined; i++) {
            LeastSquares regression = joint[i];
            determined = regression == null || regression.regressors(regressors[i], odd, pairs);
        }
        for (int i = 0; i < regressors.length && determined; i++) {
            determined = coupled(i) || own.regressors(regressors[i], odd, pairs);
            if (!coupled(i) && determined) {
                batch.regress(i);
            }
        }
        double[] known = slopes.clone();
        for (int i = 0; i < regressors.length && determined; i++) {
            if (coupled(i)) {
                batch.regressJointly(i, known);
            }
        }
        return determined;
    }

    private boolean coupled(int i) {
        return joint[i] != null;
    }

    /** A batch, of which the coordinates that are not coupled come first. */
    private final class Batch {
        private final double[] odd;
        private final double[] field;
        private final int pairs;
        private final double[] slopes;
        /** D x P: what the errors of the slopes known before add to the residuals of coupled coordinates. */
        private final double[] carried;

        private final double[] residual;
        private final double[] influence;
        private final double[] unexplained;

        Batch(double[] odd, double[] field, int pairs, double[] slopes) {
            this.odd = odd;
            this.field = field;
            this.pairs = pairs;
            this.slopes = slopes;
            this.carried = new double[regressors.length * pairs];
            this.residual = new double[pairs];
            this.influence = new double[pairs];
            this.unexplained = new double[pairs];
        }

        void regress(int i) {
            System.arraycopy(field, i * pairs, residual, 0, pairs);
            own.residual(residual, 0);
            own.predictive(residual);
            add(i, own);
            for (int k = 1; k < regressors[i].length; k++) {
                LeastSquares regression = joint[regressors[i][k]];
                if (regression != null) {
                    carry(i, k, regression);
                }
            }
        }

        /**
         * A slope that an observation has moved enters the regression of a coupled coordinate with that same
         * observation.
         */
        private void carry(int i, int k, LeastSquares regression) {
            own.influence(k, influence);
            System.arraycopy(odd, i * pairs, unexplained, 0, pairs);
            regression.residual(unexplained, 0);
            int at = regressors[i][k] * pairs;
            for (int p = 0; p < pairs; p++) {
                carried[at + p] += influence[p] * residual[p] * unexplained[p];
            }
        }

        void regressJointly(int i, double[] known) {
            LeastSquares regression = Objects.requireNonNull(joint[i]);
            for (int j : related[i]) {
                if (!coupled(j)) {
                    double slope = known[entry(i, j)];
                    for (int p = 0; p < pairs; p++) {
                        field[i * pairs + p] -= slope * odd[j * pairs + p];
                    }
                }
            }
            System.arraycopy(field, i * pairs, residual, 0, pairs);
            regression.residual(residual, 0);
            for (int p = 0; p < pairs; p++) {
                residual[p] += carried[i * pairs + p];
            }
            regression.predictive(residual);
            add(i, regression);
        }

        /** Adds the coefficients of a component; those of a pair that has two regressions count half each. */
        private void add(int i, LeastSquares regression) {
            int[] on = regressors[i];
            double[] coefficients = new double[on.length];
            regression.coefficients(field, i * pairs, residual, coefficients);
            for (int k = 0; k < on.length; k++) {
                boolean twice = k > 0 && coupled(on[k]) == coupled(i);
                slopes[entry(i, on[k])] += twice ? 0.5 * coefficients[k] : coefficients[k];
            }
        }
    }

    private int entry(int i, int j) {
        int a = pattern.position(i);
        int b = pattern.position(j);
        return pattern.entry(Math.max(a, b), Math.min(a, b));
    }
}
