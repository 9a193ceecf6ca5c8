package org.variational.algorithm.automatic;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Task;
import org.variational.algorithm.search.Pathfinder;
import org.variational.family.GaussianDistribution;

/** The first stage: Pathfinder, and of its Gaussians the one with the largest evidence lower bound. */
final class SearchStage extends AlgorithmStage<Pathfinder.State> {

    private static final int PATHS = 8;

    /** With fewer evaluations, paths should end rather than be many. */
    private static final int PATHS_OF_SHORT_FITS = 4;

    private static final long SHORT_FIT = 10_000;

    SearchStage(Run run, EvaluationCount before) {
        super(run, Pathfinder.create().withPaths(paths(run)), run.task(), before);
    }

    private static int paths(Run run) {
        return run.limits().budget().maxEvaluations() < SHORT_FIT ? PATHS_OF_SHORT_FITS : PATHS;
    }

    @Override
    String label() {
        return "search";
    }

    @Override
    Stage step() {
        if (advance() == null) {
            return this;
        }
        Task task = run().task();
        Task placed =
                best().map(path -> task.startingAt(place(path.distribution()))).orElse(task);
        return ImportanceStage.after(run(), placed, answer(), used());
    }

    private static Task.Start place(GaussianDistribution gaussian) {
        return new Task.Start(gaussian.mean(), gaussian.standardDeviation());
    }

    /** The paths that led somewhere, the best first. */
    private List<Pathfinder.Path> used() {
        return state().paths().stream()
                .filter(path -> path.failure().isEmpty())
                .sorted(Comparator.comparingDouble(Pathfinder.Path::elbo).reversed())
                .toList();
    }

    private Optional<Pathfinder.Path> best() {
        return used().stream().findFirst();
    }

    @Override
    Algorithm.Outcome found() {
        return best().map(path -> Algorithm.Outcome.of(
                                path.distribution().family(),
                                path.distribution().parameters(),
                                own())
                        .withTest("the best of the paths followed so far"))
                .orElseGet(this::result);
    }
}
