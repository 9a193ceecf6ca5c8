package org.variational.algorithm.nested;

import java.util.Arrays;
import java.util.List;
import org.variational.density.Adjacency;
import org.variational.structure.Colouring;
import org.variational.structure.FactorPattern;

/**
 * The negative Hessians of a log density between the inner coordinates, from differences of gradients along each
 * colour.
 */
final class Curvature {

    /** Small enough for the curvature to be constant, large enough for rounding not to matter, in conditional sds. */
    private static final double STEP = 1e-4;

    private final Evaluations evaluations;
    private final Colouring colouring;
    private final FactorPattern pattern;
    private final Adjacency within;
    /** For each entry of the factor between related coordinates, the two of them; -1 where the factor fills in. */
    private final int[] first;

    private final int[] second;

    Curvature(Evaluations evaluations, FactorPattern pattern) {
        this.evaluations = evaluations;
        this.pattern = pattern;
        this.colouring = evaluations.structure().colouring();
        this.within = evaluations.structure().within();
        this.first = new int[pattern.entries()];
        this.second = new int[pattern.entries()];
        Arrays.fill(first, -1);
        for (int column = 0; column < pattern.size(); column++) {
            int a = pattern.node(column);
            int[] neighbours = within.neighbours(a);
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                int b = pattern.node(pattern.row(entry));
                if (a == b || Arrays.binarySearch(neighbours, b) >= 0) {
                    first[entry] = a;
                    second[entry] = b;
                }
            }
        }
    }

    /** The number of gradients that one Hessian takes. */
    int cost() {
        return 2 * colouring.count();
    }

    /**
     * The negative Hessians at some points.
     *
     * @param at whole points, all coordinates
     * @param scales for each point the conditional standard deviation of every inner coordinate, about
     * @return for each point the entries of the lower triangle of the permuted matrix; NaN where a gradient is not known
     */
    double[][] at(List<double[]> at, List<double[]> scales) {
        int colours = colouring.count();
        int[] inner = evaluations.structure().inner();
        int d = inner.length;
        Evaluations.Batch batch = evaluations.batch();
        for (int p = 0; p < at.size(); p++) {
            for (int colour = 0; colour < colours; colour++) {
                for (int sign = 1; sign >= -1; sign -= 2) {
                    double[] moved = at.get(p).clone();
                    for (int i = 0; i < d; i++) {
                        if (colouring.colour(i) == colour) {
                            moved[inner[i]] += sign * STEP * scales.get(p)[i];
                        }
                    }
                    batch.add(moved);
                }
            }
        }
        batch.evaluate();
        double[][] entries = new double[at.size()][];
        double[] up = new double[d];
        double[] down = new double[d];
        for (int p = 0; p < at.size(); p++) {
            double[][] slopes = new double[colours][d];
            for (int colour = 0; colour < colours; colour++) {
                int lane = (p * colours + colour) * 2;
                batch.innerGradient(lane, up);
                batch.innerGradient(lane + 1, down);
                for (int i = 0; i < d; i++) {
                    slopes[colour][i] = (down[i] - up[i]) / 2;
                }
            }
            entries[p] = entries(slopes, at.get(p), scales.get(p), inner);
        }
        return entries;
    }

    private double[] entries(double[][] slopes, double[] at, double[] scales, int[] inner) {
        double[] step = new double[scales.length];
        for (int i = 0; i < step.length; i++) {
            // the step as it was taken, after rounding
            step[i] = (at[inner[i]] + STEP * scales[i] - (at[inner[i]] - STEP * scales[i])) / 2;
        }
        double[] entries = new double[pattern.entries()];
        for (int entry = 0; entry < entries.length; entry++) {
            int a = first[entry];
            if (a < 0) {
                continue;
            }
            int b = second[entry];
            double alongA = slopes[colouring.colour(a)][b] / step[a];
            double alongB = slopes[colouring.colour(b)][a] / step[b];
            boolean both = colouring.isAlone(a) == colouring.isAlone(b);
            entries[entry] = both ? (alongA + alongB) / 2 : colouring.isAlone(a) ? alongA : alongB;
        }
        return entries;
    }
}
