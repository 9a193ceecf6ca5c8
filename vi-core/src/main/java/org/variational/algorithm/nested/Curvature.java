package org.variational.algorithm.nested;

import java.util.ArrayList;
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
    private final int[] inner;

    Curvature(Evaluations evaluations, FactorPattern pattern) {
        this.evaluations = evaluations;
        this.pattern = pattern;
        this.colouring = evaluations.structure().colouring();
        this.within = evaluations.structure().within();
        this.inner = evaluations.structure().inner();
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

    /**
     * The negative Hessians at some points.
     *
     * @param at whole points, all coordinates
     * @param scales for each point the conditional standard deviation of every inner coordinate, about
     * @return for each point the entries of the lower triangle of the permuted matrix; NaN where a gradient is unknown
     */
    double[][] at(List<double[]> at, List<double[]> scales) {
        Evaluations.Batch batch = evaluations.batch();
        List<double[]> steps = new ArrayList<>();
        for (int p = 0; p < at.size(); p++) {
            double[] step = scales.get(p).clone();
            for (int i = 0; i < step.length; i++) {
                step[i] *= STEP;
            }
            steps.add(step);
            for (int colour = 0; colour < colouring.count(); colour++) {
                addColour(batch, colour, at.get(p), step);
            }
        }
        batch.evaluate();
        double[][] entries = new double[at.size()][];
        for (int p = 0; p < at.size(); p++) {
            entries[p] = entries(batch, p * 2 * colouring.count(), at.get(p), steps.get(p));
        }
        return entries;
    }

    /** Whether an entry of the factor is one of the Hessian. */
    boolean isEntry(int entry) {
        return first[entry] >= 0;
    }

    /** Adds a point on each side, with all coordinates of a colour moved. */
    void addColour(Evaluations.Batch batch, int colour, double[] at, double[] step) {
        for (int sign = 1; sign >= -1; sign -= 2) {
            double[] moved = at.clone();
            for (int i = 0; i < step.length; i++) {
                if (colouring.colour(i) == colour) {
                    moved[inner[i]] += sign * step[i];
                }
            }
            batch.add(moved);
        }
    }

    private double[] entries(Evaluations.Batch batch, int from, double[] at, double[] step) {
        int d = step.length;
        double[][] slopes = new double[colouring.count()][d];
        double[] up = new double[d];
        double[] down = new double[d];
        for (int colour = 0; colour < slopes.length; colour++) {
            batch.innerGradient(from + 2 * colour, up);
            batch.innerGradient(from + 2 * colour + 1, down);
            for (int i = 0; i < d; i++) {
                slopes[colour][i] = (down[i] - up[i]) / 2;
            }
        }
        double[] taken = new double[d];
        for (int i = 0; i < d; i++) {
            // the step as it was taken, after rounding
            taken[i] = (at[inner[i]] + step[i] - (at[inner[i]] - step[i])) / 2;
        }
        return entries(slopes, taken);
    }

    /**
     * The entries that differences along the colours say.
     *
     * @param slopes by colour, by how much half the difference between both sides lowers the gradient
     * @param taken for each coordinate the step that it was moved by
     */
    double[] entries(double[][] slopes, double[] taken) {
        double[] entries = new double[pattern.entries()];
        for (int entry = 0; entry < entries.length; entry++) {
            int a = first[entry];
            if (a < 0) {
                continue;
            }
            int b = second[entry];
            double alongA = slopes[colouring.colour(a)][b] / taken[a];
            double alongB = slopes[colouring.colour(b)][a] / taken[b];
            boolean both = colouring.isAlone(a) == colouring.isAlone(b);
            entries[entry] = both ? (alongA + alongB) / 2 : colouring.isAlone(a) ? alongA : alongB;
        }
        return entries;
    }
}
