package org.variational.algorithm.importance;

import java.util.List;

/** A fit of a mixture to weighted points, with as many components as pay. */
final class MixtureFit {

    private static final int STEPS = 8;

    /** The steps after which the best of the grown mixtures is chosen. */
    private static final int FIRST_STEPS = 3;

    private static final int MOST_COMPONENTS = 16;

    /** The shares of the weight, where the mixture is lowest relative to the density, that new components are for. */
    private static final double[] MISSED = {0.05, 0.25};

    private final Cloud points;
    private StudentMixture best;
    private double highest;

    private MixtureFit(Cloud points, StudentMixture base) {
        this.points = points;
        this.best = base;
        this.highest = score(base);
    }

    /**
     * The fit from a mixture.
     *
     * @param grows whether components may be added
     */
    static StudentMixture of(Cloud points, StudentMixture start, boolean grows) {
        MixtureFit fit = new MixtureFit(points, start.fitted(points, STEPS));
        if (grows) {
            fit.grow();
        }
        return fit.best;
    }

    /** Adds a component, or one on each side, where the fit so far is lowest relative to the density. */
    private void grow() {
        StudentMixture base = best;
        double[] logs = base.logDensity(points.points());
        for (double share : MISSED) {
            Cloud missed = points.exceeding(logs, share);
            consider(base.with(missed, share));
            List<Cloud> sides = missed.halves(base.member().standardDeviation());
            if (sides.size() == 2) {
                consider(base.with(sides.get(0), share / 2).with(sides.get(1), share / 2));
            }
        }
        if (best != base) {
            best = best.fitted(points, STEPS - FIRST_STEPS);
        }
    }

    private void consider(StudentMixture grown) {
        if (grown.count() > MOST_COMPONENTS) {
            return;
        }
        StudentMixture candidate = grown.fitted(points, FIRST_STEPS);
        double score = score(candidate);
        if (score > highest) {
            highest = score;
            best = candidate;
        }
    }

    /** The mean log likelihood, less what as many parameters gain by chance. */
    private double score(StudentMixture mixture) {
        double[] logs = mixture.logDensity(points.points());
        double score = -mixture.parameterCount() / points.effectiveSize();
        for (int s = 0; s < logs.length; s++) {
            score += points.weights()[s] * logs[s];
        }
        return score;
    }
}
