package org.variational.algorithm.automatic;

import java.util.Comparator;
import java.util.Optional;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Task;
import org.variational.algorithm.search.Pathfinder;
import org.variational.family.GaussianDistribution;

/** The first stage: Pathfinder, and of its Gaussians the one with the largest evidence lower bound. */
final class SearchStage extends Stage {

    private static final int PATHS = 8;

    /** With fewer evaluations, paths should end rather than be many. */
    private static final int PATHS_OF_SHORT_FITS = 4;

    private static final long SHORT_FIT = 10_000;

    private final Pathfinder pathfinder;
    private final Pathfinder.State paths;
    private Algorithm.Report report = new Algorithm.Report(Double.NaN, EvaluationCount.NONE, "", null);

    SearchStage(Run run) {
        super(run, EvaluationCount.NONE);
        boolean isShort = run.limits().budget().maxEvaluations() < SHORT_FIT;
        this.pathfinder = Pathfinder.create().withPaths(isShort ? PATHS_OF_SHORT_FITS : PATHS);
        this.paths = pathfinder.start(run.task(), run.limits());
    }

    @Override
    String label() {
        return "search";
    }

    @Override
    Stage step() {
        report = pathfinder.step(paths);
        if (report.stop() == null) {
            return this;
        }
        Task task = run().task();
        Task placed =
                best().map(path -> task.startingAt(place(path.distribution()))).orElse(task);
        return new DescentStage(run(), placed, answer());
    }

    private static Task.Start place(GaussianDistribution gaussian) {
        return new Task.Start(gaussian.mean(), gaussian.standardDeviation());
    }

    private Optional<Pathfinder.Path> best() {
        return paths.paths().stream()
                .filter(path -> path.failure().isEmpty())
                .max(Comparator.comparingDouble(Pathfinder.Path::elbo));
    }

    @Override
    Algorithm.Outcome found() {
        return best().map(path -> Algorithm.Outcome.of(
                                path.distribution().family(),
                                path.distribution().parameters(),
                                own())
                        .withTest("the best of the paths followed so far"))
                .orElseGet(() -> pathfinder.result(paths));
    }

    @Override
    EvaluationCount own() {
        return report.count();
    }

    @Override
    double loss() {
        return report.loss();
    }
}
