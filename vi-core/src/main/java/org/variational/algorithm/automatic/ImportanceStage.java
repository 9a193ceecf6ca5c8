package org.variational.algorithm.automatic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Task;
import org.variational.algorithm.importance.AdaptiveImportance;
import org.variational.algorithm.importance.AdaptiveImportance.Component;
import org.variational.algorithm.importance.AdaptiveImportance.Goal;
import org.variational.algorithm.importance.AdaptiveImportance.Result;
import org.variational.algorithm.search.ModeSearch;
import org.variational.algorithm.search.Pathfinder;
import org.variational.density.Matrices;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.Mixture;
import org.variational.family.MultivariateStudentT;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;

/**
 * The stage of few coordinates, or of some more and several modes: samples by importance from a mixture with a
 * component at each mode found, looks around it for modes that it misses and begins anew with these, and ends when the
 * draws of a mixture that misses none have reliable weights and are worth enough. Otherwise the descent follows.
 */
final class ImportanceStage extends Stage {

    private static final int MOST_COORDINATES = 10;

    /** The same where paths have led to several places, of which no single Gaussian is the answer. */
    private static final int MOST_OF_SEVERAL_MODES = 30;

    /** A log density so much lower between two places than at both says that they are two modes. */
    private static final double VALLEY = 1;

    /** What draws are to be worth before modes are searched for around them. */
    private static final int FEW_DRAWS = 500;

    /** What the last draws are to be worth, so that means are within a hundredth or two of a standard deviation. */
    private static final int MANY_DRAWS = 3000;

    /** The evaluations of one mixture's adaptation, by coordinates and 2 more. */
    private static final long EVALUATIONS = 2500;

    private static final int MOST_SEARCHES = 3;

    /** The part of the budget that an adaptation may take. */
    private static final int PART = 10;

    /** The least weight of a component, relative to the largest. */
    private static final double LEAST_WEIGHT = 0.2;

    /** Where the density exceeds what the mixture lets expect by this factor's logarithm, it misses a mode. */
    private static final double MISSED = Math.log(4);

    /** Gaussians no farther apart, in the scale of the better one, are at one mode. */
    private static final double SAME = 1.5;

    private static final int LANES = 64;
    private static final int VERIFIED = 16 * LANES;

    /** A Gaussian whose draws are worth so much of their number is answer enough. */
    private static final double CLOSE = 0.9;

    /** The Pareto shape of few draws that promises a good one of more. */
    private static final double PROMISING = 0.3;

    /** The Pareto shape of weighted squares from which on their mean has hardly a limit. */
    private static final double HEAVIEST_SQUARES = 0.9;

    private static final int GROUPS = 8;

    private final Task placed;
    private final Algorithm.Outcome searched;
    private final GuardedDensity density;
    private final RandomStreams streams;
    private final List<GaussianDistribution> tried = new ArrayList<>();
    private AdaptiveImportance sampler;
    private @Nullable ModeSearch search;
    private boolean last;
    private int searches;
    private String knowledge = "";
    private Algorithm.@Nullable Outcome answer;
    private EvaluationCount earlier = EvaluationCount.NONE;

    private ImportanceStage(Run run, Task placed, Algorithm.Outcome searched, List<Component> components) {
        super(run, searched.count());
        this.placed = placed;
        this.searched = searched;
        this.density =
                new GuardedDensity(run.task().target(), run.task().objective().coordinates());
        this.streams = RandomStreams.of(run.task().seed()).child("importance", 0);
        this.sampler = sampler(components, FEW_DRAWS);
    }

    /**
     * The stage after a search: this one where it {@linkplain #serves serves}, else the next.
     *
     * @param placed the task with the place where a descent starts
     * @param searched the answer of the search, with its evaluations
     * @param paths its paths that led somewhere, the best first
     */
    static Stage after(Run run, Task placed, Algorithm.Outcome searched, List<Pathfinder.Path> paths) {
        List<Component> components =
                serves(run, searched.count(), MOST_OF_SEVERAL_MODES) ? components(paths) : List.of();
        if (components.isEmpty()) {
            return AcceptedStage.or(run, searched.count(), () -> ConditionalStage.orDescent(run, placed, searched));
        }
        if (run.task().objective().coordinates().inferredCount() <= MOST_COORDINATES) {
            return new ImportanceStage(run, placed, searched, components);
        }
        GuardedDensity density =
                new GuardedDensity(run.task().target(), run.task().objective().coordinates());
        boolean several = haveValley(density, components);
        Algorithm.Outcome known = searched.withCount(
                searched.count().plus(new EvaluationCount(density.evaluations(), density.rejected())));
        return several
                ? new ImportanceStage(run, placed, known, components)
                : ConditionalStage.orDescent(run, placed, known);
    }

    /** Whether, half way from the first centre to another, the density is lower than at both. */
    private static boolean haveValley(GuardedDensity density, List<Component> components) {
        List<double[]> points = new ArrayList<>();
        double[] first = components.get(0).mean();
        for (Component component : components) {
            double[] centre = component.mean();
            double[] middle = new double[centre.length];
            Arrays.setAll(middle, i -> 0.5 * (first[i] + centre[i]));
            points.add(centre);
            points.add(middle);
        }
        double[] logs = new double[points.size()];
        density.evaluate(Matrices.ofColumns(points), logs, null);
        return IntStream.range(1, components.size())
                .anyMatch(c -> logs[2 * c + 1] < Math.min(logs[0], logs[2 * c]) - VALLEY);
    }

    /**
     * Whether there are few coordinates, all Gaussians are the family, and the budget leaves enough for what follows.
     *
     * @param spent what the stages before have spent
     */
    static boolean serves(Run run, EvaluationCount spent) {
        return serves(run, spent, MOST_COORDINATES);
    }

    private static boolean serves(Run run, EvaluationCount spent, int mostCoordinates) {
        CoordinateSplit split = run.task().objective().coordinates();
        return !run.keepsFamily()
                && split.optimisedCount() == 0
                && split.inferredCount() <= mostCoordinates
                && run.task().objective().family() instanceof FullRankGaussian
                && (run.limits().budget().maxEvaluations() - spent.made()) / PART >= evaluations(split.inferredCount());
    }

    /** A component for every place where a path has led. */
    private static List<Component> components(List<Pathfinder.Path> paths) {
        List<Component> components = new ArrayList<>();
        List<GaussianDistribution> distinct = new ArrayList<>();
        for (Pathfinder.Path path : paths) {
            GaussianDistribution gaussian = path.distribution();
            if (isPositiveDefinite(gaussian.covariance())
                    && distinct.stream().allMatch(other -> distance(other, gaussian.mean()) > SAME)) {
                distinct.add(gaussian);
                components.add(
                        Component.of(gaussian, weight(path.elbo() - paths.get(0).elbo())));
            }
        }
        return components;
    }

    private static boolean isPositiveDefinite(DMatrixRMaj covariance) {
        return DecompositionFactory_DDRM.chol(covariance.numRows, true).decompose(covariance.copy());
    }

    /** The distance of a point from the mean of a Gaussian, in its own scale. */
    private static double distance(GaussianDistribution from, double[] to) {
        double[] mean = from.mean();
        double[] logs = new double[2];
        from.logDensity(Matrices.ofColumns(List.of(mean, to)), logs);
        return Math.sqrt(Math.max(0, 2 * (logs[0] - logs[1])));
    }

    private static long evaluations(int dimension) {
        return EVALUATIONS * (dimension + 2);
    }

    private static double weight(double logMass) {
        return Math.min(1, Math.max(LEAST_WEIGHT, Math.exp(logMass)));
    }

    private AdaptiveImportance sampler(List<Component> components, int draws) {
        return AdaptiveImportance.of(
                (points, values) -> density.evaluate(points, values, null),
                components,
                new Goal(draws, evaluations(components.get(0).mean().length)),
                streams.child("sampler", searches + (last ? 1 : 0)));
    }

    @Override
    String label() {
        return search == null ? "importance" : "modes";
    }

    @Override
    Stage step() {
        if (search != null) {
            if (!search.step()) {
                searched(search.found(), sampler.result());
            }
            return this;
        }
        if (sampler.step()) {
            return this;
        }
        Result result = sampler.result();
        boolean serves = result.kHat() < Verdict.GOOD_K_HAT && result.effectiveSampleSize() >= FEW_DRAWS;
        if (!serves || !isPositiveDefinite(result.covariance()) || (last && !hasVariances(result))) {
            return AcceptedStage.or(run(), count(), () -> DescentStage.of(run(), placed, searched.withCount(count())));
        }
        if (last) {
            return answered(result);
        }
        search(result);
        return this;
    }

    /** Whether the weighted squares have tails light enough for variances to be averages that settle. */
    private static boolean hasVariances(Result result) {
        double[] mean = result.mean();
        int count = result.logWeights().length;
        double[] logSquares = new double[count];
        for (int i = 0; i < mean.length; i++) {
            for (int s = 0; s < count; s++) {
                double distance = Math.abs(result.points().data[i * count + s] - mean[i]);
                logSquares[s] = result.logWeights()[s] + 2 * Math.log(distance);
            }
            if (!(ParetoSmoothing.of(logSquares).shape() < HEAVIEST_SQUARES)) {
                return false;
            }
        }
        return true;
    }

    /** Begins to look for modes around a mixture. */
    private void search(Result result) {
        List<GaussianDistribution> known = new ArrayList<>(tried);
        for (Component part : parts(result)) {
            known.add(gaussian(part.mean(), part.covariance()));
        }
        search = new ModeSearch(
                run().task().target(),
                run().task().objective().coordinates(),
                run().task().layout(),
                gaussian(result.mean(), result.covariance()),
                known,
                streams.child("search", searches));
        searches++;
    }

    /** Begins anew with the modes that the mixture misses, or for the last time. */
    private void searched(ModeSearch.Found found, Result result) {
        List<Component> components = parts(result);
        boolean missed = false;
        for (ModeSearch.Mode mode : found.modes()) {
            if (mode.logDensity() > logExpected(result, mode.point()) + MISSED) {
                tried.add(gaussian(mode.point(), mode.covariance()));
                components.add(
                        new Component(mode.point(), mode.covariance(), weight(mode.logMass() - result.logEvidence())));
                missed = true;
            }
        }
        earlier = own();
        search = null;
        knowledge = found.knowledge();
        last = !missed || searches == MOST_SEARCHES;
        sampler = sampler(components, last ? MANY_DRAWS : FEW_DRAWS);
    }

    private static double logExpected(Result result, double[] point) {
        double[] log = new double[1];
        result.distribution().logDensity(new DMatrixRMaj(point.length, 1, true, point), log);
        return log[0] + result.logEvidence();
    }

    private static List<Component> parts(Result result) {
        Mixture.Member mixture = result.distribution();
        double[] weights = mixture.strataProbabilities();
        List<Component> parts = new ArrayList<>();
        for (int k = 0; k < weights.length; k++) {
            MultivariateStudentT.Member part = (MultivariateStudentT.Member) mixture.stratum(k);
            // rounding may have spoilt a scale matrix on its way through the parameters
            if (isPositiveDefinite(part.scaleMatrix())) {
                parts.add(new Component(part.mean(), part.scaleMatrix(), weights[k]));
            }
        }
        return parts;
    }

    /** The Gaussian with the moments of the draws if it is close, else the mixture with these moments if it serves. */
    private Stage answered(Result result) {
        VariationalDistribution chosen = result.distribution();
        List<double[]> replicates = List.of();
        if (result.effectiveSampleSize() >= MANY_DRAWS) {
            VariationalDistribution gaussian = gaussian(result.mean(), result.covariance());
            ParetoSmoothing weights = verified(gaussian, "gaussian");
            boolean close = weights.shape() < Verdict.GOOD_K_HAT && weights.effectiveSampleSize() > CLOSE * VERIFIED;
            VariationalDistribution matched = close ? null : matched(result);
            if (close) {
                chosen = gaussian;
            } else if (matched != null && serves(matched, result)) {
                chosen = matched;
            }
            replicates = replicates(result, close);
        }
        answer = Algorithm.Outcome.of(chosen.family(), chosen.parameters(), EvaluationCount.NONE)
                .withReplicates(replicates)
                .withFindings(List.of(new Verdict.Finding(Verdict.Code.MODES_SEARCHED, Verdict.Level.GOOD, knowledge)));
        int components = result.distribution().family().components();
        String reason = String.format(
                Locale.ROOT,
                "importance sampling: draws of the last mixture, of %d %s, have reliable weights and are worth %.0f"
                        + " independent ones",
                components,
                components == 1 ? "component" : "components",
                result.effectiveSampleSize());
        return end(Status.CONVERGED, reason, List.of(), null);
    }

    /** What parts of the draws make of the answer; none where rounding has spoilt the covariance of one. */
    private static List<double[]> replicates(Result result, boolean gaussian) {
        List<double[]> replicates = new ArrayList<>();
        for (int g = 0; g < GROUPS; g++) {
            Result part = result.part(g, GROUPS);
            VariationalDistribution own = matched(part);
            if (gaussian) {
                own = isPositiveDefinite(part.covariance()) ? gaussian(part.mean(), part.covariance()) : null;
            }
            if (own == null) {
                return List.of();
            }
            replicates.add(own.parameters());
        }
        return replicates;
    }

    /** The mixture with the moments of the draws; null where rounding leaves a scale matrix not positive definite. */
    private static @Nullable VariationalDistribution matched(Result result) {
        try {
            return result.matched();
        } catch (IllegalArgumentException notPositiveDefinite) {
            return null;
        }
    }

    /** Whether draws of the mixture with the moments of the density are worth about as much as those of the other. */
    private boolean serves(VariationalDistribution matched, Result result) {
        ParetoSmoothing weights = verified(matched, "matched");
        return weights.shape() < PROMISING
                && weights.effectiveSampleSize() / VERIFIED
                        > CLOSE * result.effectiveSampleSize() / result.logWeights().length;
    }

    private static FullRankGaussian.Member gaussian(double[] mean, DMatrixRMaj covariance) {
        FullRankGaussian family = FullRankGaussian.of(mean.length);
        return family.member(family.parametersOf(mean, covariance));
    }

    /** The weights of new draws. */
    private ParetoSmoothing verified(VariationalDistribution q, String purpose) {
        NormalDraws source = DrawScheme.independent().draws(q.noiseDimension(), streams.child(purpose, 0));
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), LANES);
        DMatrixRMaj points = new DMatrixRMaj(q.family().dimension(), LANES);
        double[] logDensity = new double[LANES];
        double[] logApproximation = new double[LANES];
        double[] logWeights = new double[VERIFIED];
        for (int from = 0; from < VERIFIED; from += LANES) {
            source.fill(from / LANES, noise);
            q.sample(noise, points);
            q.logDensity(points, logApproximation);
            density.evaluate(points, logDensity, null);
            earlier = earlier.plus(new EvaluationCount(density.evaluations(), density.rejected()));
            for (int s = 0; s < LANES; s++) {
                logWeights[from + s] = logDensity[s] - logApproximation[s];
            }
        }
        return ParetoSmoothing.of(logWeights);
    }

    @Override
    Algorithm.Outcome found() {
        return answer == null ? searched : answer;
    }

    @Override
    EvaluationCount own() {
        EvaluationCount all = earlier.plus(new EvaluationCount(sampler.evaluations(), sampler.rejected()));
        return search == null ? all : all.plus(search.count());
    }
}
