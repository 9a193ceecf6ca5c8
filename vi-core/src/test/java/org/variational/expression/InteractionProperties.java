package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Adjacency;
import org.variational.kernel.Kernels;

/**
 * Random log densities have no curvature outside of the pattern that is found for them: central differences of their
 * gradients vanish there, up to rounding.
 */
class InteractionProperties {

    private static final int DIMENSION = 8;
    private static final int ROWS = 5;
    private static final double STEP = 1e-3;

    /** A random sum of terms, of global vectors and of rows, some with zeros in their data. */
    private static final class RandomDensity {
        private final SplittableRandom random;
        private final RowAxis axis = RowAxis.of("rows", ROWS);
        private final Expr[] globals = {
            Expr.coordinates("a", 0, 1, 1), Expr.coordinates("v", 1, 4, 1), Expr.coordinates("w", 5, 3, 1)
        };
        private int names;

        RandomDensity(long seed) {
            this.random = new SplittableRandom(seed);
        }

        private boolean chance(double probability) {
            return random.nextDouble() < probability;
        }

        /** Numbers of which a third are zero. */
        private double[] numbers(int count) {
            return random.doubles(count, -1.5, 3).map(x -> x < 0 ? 0 : x - 1.5).toArray();
        }

        Expr scalar(int depth) {
            Expr vector = globals[random.nextInt(3)];
            if (depth == 0) {
                return vector.size() == 1 ? vector : vector.element(random.nextInt(vector.size()));
            }
            return switch (random.nextInt(9)) {
                case 0 -> scalar(depth - 1).times(scalar(depth - 1));
                case 1 -> scalar(depth - 1).plus(scalar(depth - 1));
                case 2 -> scalar(depth - 1).minus(scalar(depth - 1).times(0.5));
                case 3 -> bounded(scalar(depth - 1));
                case 4 -> scalar(depth - 1).dividedBy(scalar(depth - 1).square().plus(1));
                case 5 -> vector(depth - 1).sum();
                case 6 -> vector(depth - 1).logSumExp();
                case 7 ->
                    Expr.constant(new double[][] {numbers(4)})
                            .matmul(vector(depth - 1))
                            .sum();
                default -> scalar(depth - 1).times(Expr.constant(numbers(1)[0]));
            };
        }

        private Expr bounded(Expr x) {
            return switch (random.nextInt(4)) {
                case 0 -> x.tanh();
                case 1 -> x.softplus();
                case 2 -> x.square();
                default -> x.sin();
            };
        }

        /** Of four elements. */
        Expr vector(int depth) {
            Expr v = globals[1];
            if (depth == 0) {
                return v;
            }
            Expr below = vector(depth - 1);
            return switch (random.nextInt(10)) {
                case 0 -> below.times(scalar(0));
                case 1 -> below.plus(v.select(3, 2, 0, 1));
                case 2 -> below.times(Expr.constant(numbers(4)));
                case 3 -> bounded(below);
                case 4 -> below.cumulativeSum();
                case 5 -> Expr.concatenate(below.slice(1, 3), scalar(depth - 1), scalar(0));
                case 6 ->
                    Expr.scan(
                                    Expr.constant(new double[] {0.3}),
                                    below,
                                    chance(0.5)
                                            ? (carry, element) -> element.times(globals[0])
                                            : (carry, element) ->
                                                    carry.times(0.5).plus(element.tanh()))
                            .column(0);
                case 7 -> factor().solveLower(below);
                case 8 ->
                    Expr.constant(new double[][] {numbers(4), numbers(4), numbers(4), numbers(4)})
                            .matmul(below);
                default -> below.max(v.times(0.3));
            };
        }

        /** Lower triangular with ones on its diagonal. */
        private Expr factor() {
            double[][] unit = new double[4][4];
            for (int i = 0; i < 4; i++) {
                unit[i][i] = 1;
                for (int j = 0; j < i; j++) {
                    unit[i][j] = numbers(1)[0] * 0.2;
                }
            }
            return Expr.constant(unit);
        }

        Expr rowTerm(int depth) {
            Expr x = Expr.data("x" + names++, axis, 1, numbers(ROWS));
            int[] groups = random.ints(ROWS, 0, 4).toArray();
            Expr level = vector(depth).at(RowIndex.of("g" + names++, axis, groups));
            return switch (random.nextInt(4)) {
                case 0 -> bounded(level.plus(x.times(scalar(depth))));
                case 1 ->
                    Expr.data("X" + names++, axis, 3, numbers(3 * ROWS))
                            .matmul(globals[2])
                            .plus(level)
                            .softplus();
                case 2 -> level.times(x).times(scalar(0));
                default -> bounded(level.times(scalar(0).tanh()).plus(x));
            };
        }

        List<Expr> terms() {
            List<Expr> terms = new ArrayList<>();
            for (int k = random.nextInt(3); k >= 0; k--) {
                terms.add(chance(0.5) ? scalar(random.nextInt(4)) : vector(random.nextInt(3)));
                if (chance(0.6)) {
                    terms.add(rowTerm(random.nextInt(2)));
                }
            }
            return terms;
        }
    }

    @Property(tries = 400, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void theHessianVanishesOutsideOfThePattern(@ForAll @LongRange(min = 0) long seed) {
        Plan plan = Plan.of(DIMENSION, new RandomDensity(seed).terms(), List.of(), Set.of());
        Adjacency related = plan.interactions(Data.declared()).related();
        double[] point =
                new SplittableRandom(seed + 1).doubles(DIMENSION, -1, 1).toArray();
        DMatrixRMaj moved = new DMatrixRMaj(DIMENSION, 2 * DIMENSION);
        for (int i = 0; i < DIMENSION; i++) {
            for (int s = 0; s < 2 * DIMENSION; s++) {
                moved.set(i, s, point[i] + (s / 2 == i ? (s % 2 == 0 ? STEP : -STEP) : 0));
            }
        }
        DMatrixRMaj gradient = new DMatrixRMaj(DIMENSION, 2 * DIMENSION);
        try (Evaluator evaluator = plan.evaluator(Data.declared(), Kernels.plain(), 1)) {
            evaluator.evaluate(moved, new double[2 * DIMENSION], gradient);
        }
        for (int j = 0; j < DIMENSION; j++) {
            Set<Integer> neighbours = new HashSet<>();
            for (int i : related.neighbours(j)) {
                neighbours.add(i);
            }
            for (int i = 0; i < DIMENSION; i++) {
                double up = gradient.get(i, 2 * j);
                double down = gradient.get(i, 2 * j + 1);
                if (i != j && !neighbours.contains(i)) {
                    // rounding alone: a curvature of 1e-9 / STEP would be seen
                    assertThat(Math.abs(up - down))
                            .as("coordinates %d and %d", i, j)
                            .isLessThanOrEqualTo(1e-11 * (1 + Math.abs(up)));
                }
            }
        }
    }

    /** Of 400 densities some have all pairs related and most do not, so that the property above says something. */
    @Property(tries = 1)
    void mostPatternsAreNeitherEmptyNorFull() {
        int between = 0;
        for (int seed = 0; seed < 100; seed++) {
            Plan plan = Plan.of(DIMENSION, new RandomDensity(seed).terms(), List.of(), Set.of());
            long pairs = plan.interactions(Data.declared()).related().pairs();
            between += pairs > 0 && pairs < DIMENSION * (DIMENSION - 1) / 2 ? 1 : 0;
        }
        assertThat(between).isGreaterThan(60);
    }
}
