package org.variational.algorithm.nested;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm.Outcome;
import org.variational.algorithm.EvaluationCount;
import org.variational.family.NestedGaussian;
import org.variational.family.SparseGaussian;
import org.variational.structure.FactorPattern;

/** Makes answers of conditionals at nodes: a nested Gaussian, or a sparse one where nothing is outside. */
record Composition(OuterSearch.Mode mode, int[] outer, FactorPattern pattern) {

    /**
     * The answer with the given nodes; null if the density of the outer coordinates cannot be interpolated.
     *
     * @param nodes the conditionals, the only one if nothing is outside
     * @param known the density of the outer coordinates; null if it is to be that of the nodes
     * @param count the evaluations so far
     */
    @Nullable
    Outcome of(List<Conditional> nodes, OuterMixture.@Nullable Fitted known, EvaluationCount count) {
        int k = mode.deviations().length;
        int n = nodes.size();
        if (k == 0) {
            Conditional only = nodes.get(0);
            SparseGaussian family = SparseGaussian.of(pattern);
            double[] parameters = family.parametersOf(only.inner(), only.factor());
            return Outcome.of(family, parameters, count).withReplicates(List.of(parameters));
        }
        double[][] whitening = mode.whitening();
        double[][] places = new double[n][];
        double[][] points = new double[n][];
        double[] logMarginals = new double[n];
        for (int j = 0; j < n; j++) {
            points[j] = nodes.get(j).outer();
            logMarginals[j] = nodes.get(j).logMarginal();
            places[j] = mode.place(points[j]);
        }
        OuterMixture.Fitted outside = known == null ? OuterMixture.of(mode, places, logMarginals) : known;
        NestedGaussian family =
                NestedGaussian.of(new NestedGaussian.Nodes(outside.family(), outer, points, whitening), pattern);
        double[] parameters = Arrays.copyOf(outside.parameters(), family.parameterCount());
        int at = outside.parameters().length;
        for (Conditional node : nodes) {
            double[] own = family.nodeParameters(node.inner(), node.factor(), node.bends(), node.tails());
            System.arraycopy(own, 0, parameters, at, own.length);
            at += own.length;
        }
        boolean finite = Arrays.stream(parameters).allMatch(Double::isFinite);
        return finite ? Outcome.of(family, parameters, count).withReplicates(List.of(parameters)) : null;
    }
}
