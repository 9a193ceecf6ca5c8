package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.ejml.data.DMatrixRMaj;

/**
 * A point that a path of {@link BatchedLbfgs} visits, and the diagonal of the inverse Hessian seen there.
 *
 * @param point D coordinates
 * @param inverseCurvature D positive numbers
 */
public record PathVisit(double[] point, double[] inverseCurvature) {

    private static final int MEMORY = 6;
    private static final double CLOSE_ENOUGH = 1e-6;
    private static final int FIRST_KEPT = 8;

    /**
     * What paths visit that is worth keeping: after 8, 16, 32, ... steps, and where they end. Ending a path early is
     * what keeps densities without a mode (funnels) from leading astray.
     *
     * @param target the function to be minimised
     * @param starts D x S, a path from every column
     * @param maxSteps the most evaluations of a path
     * @param interrupted becomes true when the paths are to end
     * @return the visits in order of paths
     */
    public static List<PathVisit> along(
            BatchedLbfgs.Function target, DMatrixRMaj starts, int maxSteps, BooleanSupplier interrupted) {
        BatchedLbfgs search = new BatchedLbfgs(target, starts, MEMORY, CLOSE_ENOUGH);
        List<List<PathVisit>> kept = new ArrayList<>();
        for (int s = 0; s < search.count(); s++) {
            kept.add(new ArrayList<>());
        }
        boolean moving = true;
        for (int step = 0; step < maxSteps && moving && !interrupted.getAsBoolean(); step++) {
            moving = search.step();
            for (int s = 0; s < search.count(); s++) {
                BatchedLbfgs.Path path = search.path(s);
                if (path.stepped() && path.accepted() >= FIRST_KEPT && Integer.bitCount(path.accepted()) == 1) {
                    kept.get(s).add(of(path));
                }
            }
        }
        List<PathVisit> visits = new ArrayList<>();
        for (int s = 0; s < search.count(); s++) {
            visits.addAll(kept.get(s));
            visits.add(of(search.path(s)));
        }
        return visits;
    }

    private static PathVisit of(BatchedLbfgs.Path path) {
        return new PathVisit(path.point(), path.inverseHessian().diagonal());
    }
}
