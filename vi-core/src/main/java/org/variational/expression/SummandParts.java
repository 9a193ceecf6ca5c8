package org.variational.expression;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.LogDensityParts;

/**
 * The parts of a compiled log density: the elements of its terms, computed as outputs, are added up by the set that
 * they belong to, in their order.
 */
final class SummandParts implements LogDensityParts {

    private final int count;
    private final Evaluator evaluator;
    /** By varying term and element, the set; {@link #count} for the rest. */
    private final int[][] sets;

    private final double[] weights;
    private final double constant;

    private SummandParts(int count, Evaluator evaluator, int[][] sets, double[] weights, double constant) {
        this.count = count;
        this.evaluator = evaluator;
        this.sets = sets;
        this.weights = weights;
        this.constant = constant;
    }

    static @Nullable SummandParts of(Plan plan, Data data, int threads, int[] setOf) {
        BoundData bound = new BoundData(plan, data);
        int count = Arrays.stream(setOf).max().orElse(-1) + 1;
        int[][] sets = InteractionAnalysis.setsOfElements(plan, bound, setOf, count);
        if (sets == null) {
            return null;
        }
        int[] varying = IntStream.range(0, sets.length)
                .filter(k -> plan.terms.get(k).node().varying)
                .toArray();
        List<Expr> nodes =
                Arrays.stream(varying).mapToObj(k -> plan.terms.get(k).node()).toList();
        double constant;
        try (Evaluator whole = plan.evaluator(data, 1)) {
            constant = whole.constants();
        }
        return new SummandParts(
                count,
                Plan.of(plan.dimension, List.of(), nodes, plan.declaredData).evaluator(data, threads),
                Arrays.stream(varying).mapToObj(k -> sets[k]).toArray(int[][]::new),
                Arrays.stream(varying)
                        .mapToDouble(k -> Terms.weight(plan.terms.get(k), bound))
                        .toArray(),
                constant);
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public void evaluate(DMatrixRMaj points, DMatrixRMaj parts) {
        int lanes = points.numCols;
        parts.reshape(count + 1, lanes);
        Arrays.fill(parts.data, 0, count * lanes, 0);
        Arrays.fill(parts.data, count * lanes, (count + 1) * lanes, constant);
        double[][] elements = evaluator.outputs(points);
        for (int k = 0; k < sets.length; k++) {
            for (int e = 0; e < sets[k].length; e++) {
                int to = sets[k][e] * lanes;
                int from = e * lanes;
                for (int s = 0; s < lanes; s++) {
                    parts.data[to + s] += weights[k] * elements[k][from + s];
                }
            }
        }
    }
}
