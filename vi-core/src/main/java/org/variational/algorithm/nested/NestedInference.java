package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.density.Interactions;
import org.variational.density.LogDensityParts;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.GuardedDensity;
import org.variational.family.NestedGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;
import org.variational.structure.Structure;
import org.variational.weights.ParetoSmoothing;

/**
 * Nested inference: few coordinates outside, and given these a Gaussian approximation of all others at their mode,
 * judged by the importance weights of the whole.
 *
 * <ol>
 *   <li><b>Structure.</b> The coordinates that scale others stand outside ({@link Structure}). Where none does, there
 *       is one Gaussian, and no more to lay out.
 *   <li><b>Search.</b> For any value of the outer coordinates t, sparse Newton steps find the mode b(t) of the others
 *       and the factor of the precision there. What is climbed is Laplace's approximation of the log density of t,
 *       {@code log p(t, b(t)) + (d/2) log 2 pi - log |H| / 2}, which has a useful mode where the joint density has
 *       none.
 *   <li><b>Nodes.</b> The same at values of t around the mode, until the density has fallen far; where it does not,
 *       no draw would see what lies beyond, and nested inference gives up.
 *   <li><b>Answer.</b> {@link NestedGaussian}: a mixture with the density of t outside, and modes and precisions
 *       interpolated between the nodes inside.
 *   <li><b>Gate.</b> Joint importance weights of draws. The answer is accepted if they are worth nine tenths of their
 *       number, or a tenth and k-hat is below 0.65, or half and k-hat is below 0.9. This says nothing of modes that no
 *       draw has met.
 *   <li><b>Adaptation</b>, from two outer coordinates on and where the weights of draws may have no variance: the
 *       density of t becomes that which all weighted draws so far show, as kernels, with more nodes where draws with
 *       weight are far from all. The best of some such answers is kept.
 *   <li><b>Refinement</b>, where draws are worth less than 0.8 of their number: the Gaussians inside move from the mode
 *       to the minimum of reverse KL, get skewness and tails, and are judged again.
 *   <li><b>Blocks</b>, where weights are still not accepted or may have no variance, the inside falls apart given the
 *       outer coordinates and separators, and the density is known {@linkplain
 *       org.variational.density.LogDensity#parts by parts}: each block of a draw is chosen among 16 or 64 proposals,
 *       which takes from the weights what blocks differ from their approximation by. The density of the outer
 *       coordinates moves to what these weights say, and they are judged again. The answer then comes with
 *       {@linkplain Algorithm.WeightedDraws draws of its own}; its distribution is that which proposes them.
 * </ol>
 *
 * <p>Immutable and thread-safe.
 *
 * @see <a href="https://doi.org/10.1111/j.1467-9868.2008.00700.x">Rue, Martino and Chopin (2009), Approximate Bayesian
 *     inference for latent Gaussian models by using integrated nested Laplace approximations</a>
 * @see <a href="https://doi.org/10.18637/jss.v070.i05">Kristensen, Nielsen, Berg, Skaug and Bell (2016), TMB: automatic
 *     differentiation and Laplace approximation</a>
 */
public final class NestedInference implements Algorithm<NestedInference.State> {

    /** How many values are proposed for each block, by attempt; all after the first begin with a better outside. */
    private static final int[] PROPOSALS = {16, 16, 64};

    /** The share of their number that draws of blocks are to be worth: more proposals cost more than more draws. */
    private static final double ENOUGH_OF_BLOCKS = 0.25;

    /** The k-hat of the weights of single blocks from which on their means have hardly a limit. */
    private static final double USABLE = 0.7;

    private static final int FEWEST_NODES = 5;

    /** From so many outer coordinates on, draws show more of their density than a grid of nodes. */
    private static final int FEWEST_ADAPTED = 2;

    private static final int FEWEST_ADAPTATIONS = 3;

    private static final int MOST_ADAPTATIONS = 10;

    /** How many adaptations in a row may bring nothing. */
    private static final int MOST_FAILURES = 2;

    /** The nodes that an adaptation adds, how near they may be in the spacing of others, and the weights they need. */
    private static final int MORE_NODES = 40;

    /** The nodes added where draws are far from all whatever their weight: what a node says goes on beyond it. */
    private static final int FAR_NODES = 10;

    private static final double CLOSEST_NODES = 0.5;
    private static final double LEAST_OF_NODES = 0.2;

    private final @Nullable Structure structure;

    private NestedInference(@Nullable Structure structure) {
        this.structure = structure;
    }

    /** The algorithm, which finds the structure itself. */
    public static NestedInference create() {
        return new NestedInference(null);
    }

    /** The same for a structure that is known already. */
    public NestedInference withStructure(Structure known) {
        return new NestedInference(known);
    }

    @Override
    public String name() {
        return "nested";
    }

    /** The state of a run; mutable, for one thread. */
    public static final class State {

        private final Task task;
        private final Evaluations evaluations;
        private final FactorPattern pattern;
        private final ConditionalSolver solver;
        private long steps;
        private OuterSearch.@Nullable Mode mode;
        private List<Conditional> nodes = List.of();
        /** All nodes, those of adaptations that were not kept too. */
        private List<Conditional> known = List.of();

        private OuterMixture.@Nullable Fitted outside;
        private @Nullable Outcome answer;
        private Gate.@Nullable Judged judged;
        private int judgements;
        private final List<Gate.Judged> drawn = new ArrayList<>();
        private int adaptations;
        private int failures;
        private boolean adapted;
        private boolean refined;
        private @Nullable BlockDraws blocks;
        private @Nullable ParetoSmoothing blockWeights;

        private State(Task task, Limits limits, Structure structure, FactorPattern pattern) {
            this.task = task;
            this.pattern = pattern;
            this.evaluations = new Evaluations(
                    new GuardedDensity(task.target(), task.objective().coordinates()), structure, limits);
            this.solver = new ConditionalSolver(evaluations, pattern);
        }

        private EvaluationCount count() {
            return evaluations.count();
        }

        /** Whether the draws of the answer are worth nearly all of their number; false until they are weighted. */
        public boolean isSteady() {
            boolean joint = judged != null && Gate.isSteady(judged.weights());
            return blockWeights == null ? joint : Gate.isSteady(blockWeights);
        }
    }

    /**
     * The structure that nested inference would use for a task; null if it is not for it: no gradient, no known
     * interactions, too many outer coordinates, optimised coordinates, or a factor that fills in.
     */
    public static @Nullable Structure structureFor(Task task) {
        Interactions interactions = task.target().interactions();
        if (interactions == null) {
            return null;
        }
        Structure structure = Structure.of(task.layout().coordinateNames(), interactions);
        return serves(task, structure) ? structure : null;
    }

    private static boolean serves(Task task, Structure structure) {
        return task.target().hasGradient()
                && task.minibatch() == 0
                && task.objective().coordinates().optimisedCount() == 0
                && structure.dimension() == task.target().dimension()
                && structure.refusal().isEmpty()
                && structure.inner().length > 0;
    }

    private static void refuseWhatItCannotDo(Task task) {
        int optimised = task.objective().coordinates().optimisedCount();
        if (task.minibatch() > 0) {
            throw new IllegalArgumentException("nested inference needs the log density of all rows, but minibatches of "
                    + task.minibatch() + " rows were asked for: leave minibatch(...) out");
        }
        if (optimised > 0) {
            throw new IllegalArgumentException("nested inference approximates the posterior of all coordinates, but "
                    + optimised + " of this model are to be optimised: give them a prior");
        }
        if (!task.objective().schedule().isReverseKl()) {
            throw new IllegalArgumentException("nested inference cannot minimise "
                    + task.objective().schedule().name() + ": leave minimise(...) out");
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        refuseWhatItCannotDo(task);
        Structure found = structure == null ? structureFor(task) : structure;
        FactorPattern pattern = found == null || !serves(task, found) ? null : found.pattern();
        if (found == null || pattern == null) {
            throw new IllegalArgumentException("nested inference needs a model with a gradient in which at most "
                    + Structure.MOST_OUTER + " coordinates scale others; print model.structure() to see what"
                    + " it has, and leave algorithm(...) out to let the default choose");
        }
        Status ended = limits.reached(0);
        if (ended != null) {
            throw FitException.beforeStart(ended, limits.budget(), EvaluationCount.NONE, null);
        }
        return new State(task, limits, found, pattern);
    }

    @Override
    public Report step(State s) {
        s.steps++;
        if (s.mode == null) {
            OuterSearch.Mode mode = OuterSearch.mode(s.solver, s.evaluations.structure(), s.task);
            s.mode = s.evaluations.cutShort() ? null : mode;
            return mode == null
                    ? failed(s, "search", "no mode of the outer coordinates was found")
                    : report(s, "search");
        }
        if (s.nodes.isEmpty()) {
            if (s.mode.deviations().length == 0) {
                s.nodes = List.of(s.mode.centre());
                return report(s, "nodes");
            }
            NodeLayout layout = new NodeLayout(s.solver, s.mode);
            List<Conditional> nodes = layout.nodes();
            s.nodes = s.evaluations.cutShort() ? List.of() : nodes;
            if (nodes.size() < FEWEST_NODES) {
                return failed(s, "nodes", "the inner coordinates have no mode around that of the outer ones");
            }
            return layout.isOpen()
                    ? failed(s, "nodes", "the density of the outer coordinates does not fall far enough on all sides")
                    : report(s, "nodes");
        }
        if (s.answer == null) {
            s.answer = composition(s).of(s.nodes, null, s.count());
            return s.answer == null
                    ? failed(s, "nodes", "the density of the outer coordinates cannot be interpolated")
                    : report(s, "nodes");
        }
        if (s.judged == null) {
            s.judged = judge(s, s.answer.distribution());
            s.adapted =
                    s.judged == null || s.mode.deviations().length < FEWEST_ADAPTED || isSettled(s, s.judged.weights());
            return s.judged == null ? report(s, "weights") : reportOrStop(s, "weights", s.judged);
        }
        if (!s.adapted) {
            s.judged = adapt(s, s.mode, s.judged);
            s.adapted |= isSettled(s, s.judged.weights());
            // the best of several has been chosen by its weights: others say how good it is
            Gate.Judged anew = s.adapted ? judge(s, s.answer.distribution()) : null;
            s.judged = anew == null ? s.judged : anew;
            return reportOrStop(s, "weights", s.judged);
        }
        if (!s.refined) {
            s.refined = true;
            s.judged = refine(s, s.judged);
            Stop stop = stop(s, Gate.isAccepted(s.judged.weights()), Gate.reason(s.judged.weights()));
            boolean goesOn = s.evaluations.cutShort() || !stop.converged() || !Gate.haveVariance(s.judged.weights());
            return goesOn ? report(s, "refine") : new Report(Double.NaN, s.count(), "refine", stop);
        }
        Outcome before = s.answer;
        s.blockWeights = chooseBlocks(s, s.mode, before);
        if (s.evaluations.cutShort()) {
            return report(s, "blocks");
        }
        if (s.blockWeights != null && Gate.isAccepted(s.judged.weights()) && !Gate.isAccepted(s.blockWeights)) {
            s.blockWeights = null;
            s.answer = before;
        }
        Stop stop = s.blockWeights == null
                ? stop(s, Gate.isAccepted(s.judged.weights()), Gate.reason(s.judged.weights()))
                : stopOfBlocks(s, s.blockWeights);
        return new Report(Double.NaN, s.count(), "blocks", stop);
    }

    private static Report reportOrStop(State s, String phase, Gate.Judged judged) {
        boolean ends = s.adapted && Gate.areWorthEnough(judged.weights()) && Gate.isAccepted(judged.weights());
        return !ends
                ? report(s, phase)
                : new Report(
                        Double.NaN,
                        s.count(),
                        phase,
                        stop(s, Gate.isAccepted(judged.weights()), Gate.reason(judged.weights())));
    }

    /**
     * Weighs draws of which each block is chosen among several proposals, more if few do not suffice; these become the
     * draws of the answer if they do. Null where there are no blocks.
     */
    private static @Nullable ParetoSmoothing chooseBlocks(State s, OuterSearch.Mode mode, Outcome answer) {
        Structure structure = s.evaluations.structure();
        if (structure.blocks().size() < 2 || !(answer.distribution() instanceof NestedGaussian.Member q)) {
            return null;
        }
        int[] setOf = BlockDraws.sets(structure);
        LogDensityParts parts = s.task.target().parts(setOf);
        if (parts == null) {
            return null;
        }
        ParetoSmoothing best = null;
        NestedGaussian.Member from = q;
        NestedGaussian.Member bestFrom = q;
        for (int attempt = 0; attempt < PROPOSALS.length; attempt++) {
            if (!s.evaluations.canAfford((long) Gate.DRAWS * (PROPOSALS[attempt] + 1))) {
                break;
            }
            BlockDraws draws = new BlockDraws(from, parts, setOf, PROPOSALS[attempt]);
            BlockDraws.Weighed weighed = weigh(s, draws, attempt);
            if (weighed == null) {
                return best;
            }
            if (!(draws.kHatOfBlocks() < USABLE)) {
                break;
            }
            ParetoSmoothing weights = ParetoSmoothing.of(weighed.logWeights());
            if (best == null || weights.effectiveSampleSize() > best.effectiveSampleSize()) {
                best = weights;
                bestFrom = from;
                s.blocks = draws;
                s.answer = Outcome.of(from.family(), from.parameters(), s.count())
                        .withReplicates(List.of(from.parameters()))
                        .withDraws(draws);
            }
            if (best.effectiveSampleSize() >= ENOUGH_OF_BLOCKS * Gate.DRAWS && best.shape() < Gate.ACCEPTED) {
                break;
            }
            from = attempt == 0 ? recentred(s, mode, from, weighed) : bestFrom;
        }
        return best;
    }

    /** The same with the density of the outer coordinates that the weights of the blocks say. */
    private static NestedGaussian.Member recentred(
            State s, OuterSearch.Mode mode, NestedGaussian.Member from, BlockDraws.Weighed weighed) {
        MarginalCorrection correction = MarginalCorrection.of(mode, weighed);
        List<Conditional> corrected = s.nodes.stream()
                .map(node -> node.withLogMarginal(node.logMarginal() + correction.at(node.outer())))
                .toList();
        Outcome composed = s.outside == null ? composition(s).of(corrected, null, s.count()) : null;
        return composed != null && composed.distribution() instanceof NestedGaussian.Member member ? member : from;
    }

    /** Draws of blocks with their weights; null if a limit was reached before all were known. */
    private static BlockDraws.@Nullable Weighed weigh(State s, BlockDraws draws, int attempt) {
        int[] outer = s.evaluations.structure().outer();
        DMatrixRMaj points = new DMatrixRMaj(s.task.target().dimension(), 1);
        double[] logWeights = new double[Gate.DRAWS];
        double[][] places = new double[Gate.DRAWS][outer.length];
        RandomStreams streams = RandomStreams.of(s.task.seed()).child("gate of blocks", attempt);
        double[] logProposal = new double[s.evaluations.lanes()];
        double[] logP = new double[logProposal.length];
        int used;
        for (int from = 0, batch = 0; from < Gate.DRAWS; from += used, batch++) {
            used = Math.min(logP.length, Gate.DRAWS - from);
            int needed = used * (draws.proposals() + 1);
            if (s.evaluations.allowed(needed) < needed) {
                return null;
            }
            points.reshape(points.numRows, used);
            draws.draw(streams, batch, points, logProposal);
            s.evaluations.add(used * draws.proposals());
            s.evaluations.evaluate(points, logP, null);
            for (int i = 0; i < used; i++) {
                logWeights[from + i] = logP[i] - logProposal[i];
                for (int a = 0; a < outer.length; a++) {
                    places[from + i][a] = points.data[outer[a] * used + i];
                }
            }
        }
        return new BlockDraws.Weighed(places, logWeights);
    }

    private static Report report(State s, String phase) {
        return new Report(Double.NaN, s.count(), phase, null);
    }

    private static Report failed(State s, String phase, String reason) {
        if (s.evaluations.cutShort()) {
            return report(s, phase);
        }
        Stop stop = new Stop(
                Status.STALLED,
                "nested inference: " + reason,
                s.steps,
                List.of(),
                s.count().rejected(),
                null);
        return new Report(Double.NaN, s.count(), phase, stop);
    }

    /** Whether the outer density needs no more draws: a first adaptation has seen tails with few. */
    private static boolean isSettled(State s, ParetoSmoothing weights) {
        boolean first = s.adaptations == 0;
        return ParetoSmoothing.areNearlyConstant(weights.effectiveSampleSize(), Gate.DRAWS)
                || (Gate.haveVariance(weights)
                        && Gate.areWorthEnough(weights)
                        && (first || s.adaptations >= FEWEST_ADAPTATIONS));
    }

    private static Stop stopOfBlocks(State s, ParetoSmoothing weights) {
        boolean accepted = Gate.isAccepted(weights);
        BlockDraws blocks = Objects.requireNonNull(s.blocks);
        int[] hardest = s.evaluations.structure().blocks().get(blocks.hardest());
        String reason = String.format(
                Locale.ROOT,
                "the importance weights of %,d draws of nested inference, with each block chosen among %d, have a k-hat"
                        + " of %.2f and are worth %,.0f; the proposals of the hardest block, that of %s, are worth %.2f"
                        + " of their number",
                Gate.DRAWS,
                blocks.proposals(),
                weights.shape(),
                weights.effectiveSampleSize(),
                s.task.layout().coordinateNames().get(hardest[0]),
                blocks.worth(blocks.hardest()));
        return stop(s, accepted, reason);
    }

    private static Stop stop(State s, boolean accepted, String reason) {
        return new Stop(
                accepted ? Status.CONVERGED : Status.STALLED,
                reason,
                s.steps,
                List.of(),
                s.count().rejected(),
                null);
    }

    private static Composition composition(State s) {
        return new Composition(
                Objects.requireNonNull(s.mode), s.evaluations.structure().outer(), s.pattern);
    }

    /**
     * Gives the outer coordinates the density that weighted draws show, with more nodes where these are far from all,
     * and keeps that if its weights are better; returns the weights kept.
     */
    private static Gate.Judged adapt(State s, OuterSearch.Mode mode, Gate.Judged before) {
        s.adaptations++;
        double[][] draws = s.drawn.stream()
                .flatMap(judged -> Arrays.stream(judged.outers()))
                .toArray(double[][]::new);
        double[] logWeights = s.drawn.stream()
                .flatMapToDouble(judged -> Arrays.stream(judged.logWeights()))
                .toArray();
        OuterMixture.Fitted outside = OuterKernels.of(draws, logWeights);
        if (outside == null) {
            s.adapted = true;
            return before;
        }
        s.known = s.known.isEmpty() ? s.nodes : s.known;
        double[] weights = OuterKernels.tempered(logWeights);
        NodeCover cover = new NodeCover(mode, s.known, draws);
        if (cover.add(MORE_NODES, CLOSEST_NODES, d -> weights[d] * weights.length > LEAST_OF_NODES)) {
            cover.add(FAR_NODES, CLOSEST_NODES, d -> true);
        }
        s.known = cover.solved(s.solver);
        Outcome next = s.evaluations.cutShort() ? null : composition(s).of(s.known, outside, s.count());
        Gate.Judged judged = next == null ? null : judge(s, next.distribution());
        boolean better = judged != null && judged.isBetter(before);
        s.failures = better ? 0 : s.failures + 1;
        s.adapted = judged == null || s.failures == MOST_FAILURES || s.adaptations == MOST_ADAPTATIONS;
        if (judged == null || !better) {
            return before;
        }
        s.answer = next;
        s.outside = outside;
        s.nodes = s.known;
        return judged;
    }

    /** Makes the inside variational, and keeps that if its weights are better; returns the weights kept. */
    private static Gate.Judged refine(State s, Gate.Judged before) {
        List<Conditional> laplace = s.nodes;
        s.nodes = new VariationalRefinement(s.evaluations, s.pattern).refine(laplace);
        Outcome refined = s.evaluations.cutShort() ? null : composition(s).of(s.nodes, s.outside, s.count());
        Gate.Judged judged = refined == null ? null : judge(s, refined.distribution());
        if (judged != null && judged.isBetter(before)) {
            s.answer = refined;
            return judged;
        }
        s.nodes = laplace;
        return before;
    }

    /** The weights of draws; null if a limit was reached before all were known. */
    private static Gate.@Nullable Judged judge(State s, VariationalDistribution q) {
        int d = q.family().dimension();
        int[] outer = s.evaluations.structure().outer();
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), 1);
        DMatrixRMaj points = new DMatrixRMaj(d, 1);
        double[][] outers = new double[Gate.DRAWS][outer.length];
        double[] logWeights = new double[Gate.DRAWS];
        // without adaptations both judgements are by the same noise, so that luck chooses neither
        int stream = s.adaptations == 0 ? 0 : ++s.judgements;
        var source = DrawScheme.independent()
                .draws(noise.numRows, RandomStreams.of(s.task.seed()).child("gate", stream));
        double[] logP = new double[s.evaluations.lanes()];
        double[] logQ = new double[logP.length];
        int used;
        for (int from = 0, batch = 0; from < Gate.DRAWS; from += used, batch++) {
            used = s.evaluations.allowed(Math.min(logP.length, Gate.DRAWS - from));
            if (used == 0) {
                return null;
            }
            noise.reshape(q.noiseDimension(), used);
            points.reshape(d, used);
            source.fill(batch, noise);
            q.sample(noise, points);
            q.logDensity(points, logQ);
            s.evaluations.evaluate(points, logP, null);
            for (int i = 0; i < used; i++) {
                logWeights[from + i] = logP[i] - logQ[i];
                for (int a = 0; a < outer.length; a++) {
                    outers[from + i][a] = points.data[outer[a] * used + i];
                }
            }
        }
        Gate.Judged judged = new Gate.Judged(outers, logWeights, ParetoSmoothing.of(logWeights));
        s.drawn.add(judged);
        return judged;
    }

    @Override
    public Outcome result(State s) {
        if (s.answer != null) {
            return s.answer.withCount(s.count());
        }
        double[] mean = s.task.layout().initialPoint();
        double[] ones = new double[mean.length];
        Arrays.fill(ones, 1);
        return Outcome.of(
                s.task.objective().family(), s.task.objective().family().initialParameters(mean, ones), s.count());
    }
}
