package org.variational.algorithm.automatic;

import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.algorithm.gaussian.NaturalGradient;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.algorithm.importance.AdaptiveImportance;
import org.variational.algorithm.nested.NestedInference;
import org.variational.algorithm.search.Pathfinder;
import org.variational.family.ConditionallyStructuredGaussian;
import org.variational.structure.Structure;

/**
 * The default: find a place, sample by importance or fit by reverse KL, look whether Markov chains stay with the fit,
 * and follow them if they do not.
 *
 * <ol>
 *   <li><b>Nesting</b>, where the structure of the model allows it: {@link NestedInference} with at most half the
 *       budget, whose answer is the answer if its importance weights agree; where the third stage serves, they have to
 *       be steady, since it gets shapes right that one Gaussian inside does not; the answer stands if that stage does
 *       not come to its end. Left out where a family was chosen.
 *   <li><b>Search.</b> {@link Pathfinder} from several starts; the Gaussian with the largest evidence lower bound of
 *       all paths is the first answer, and its place and scale are where the fit starts.
 *   <li><b>Importance.</b> Up to 10 coordinates, {@link AdaptiveImportance} from the Gaussians of all paths; where it
 *       reaches its goal, paths around the mixture look for modes that it misses, with which it begins anew. When none
 *       is missed and draws have reliable weights and are worth 3,000, the answer is the Gaussian with their moments
 *       if its own draws are worth nine tenths of their number, and else the mixture, with these moments where that
 *       costs it nothing. What follows is for more coordinates, and for where this does not come to its end.
 *   <li><b>Conditional scales</b>, where some coordinates scale others, no family was chosen and the budget is not
 *       small: a {@link ConditionallyStructuredGaussian}. It is the answer if its importance weights agree after 64 or
 *       128 steps, and is given up after 64 if they are worth little.
 *   <li><b>Descent.</b> {@link StochasticGradient}, or {@link NaturalGradient} where the family is sparse and few
 *       coordinates act together, for at most 800 steps or half the budget. Where the search has spent that much, its
 *       Gaussian stays the answer.
 *   <li><b>Check.</b> Short Markov chains start from draws of the fit. If no mean or standard deviation departs from
 *       the fit's by more than 0.1 and not by chance, in standard deviations or their logarithm, and not all of them
 *       together, and where the chains are is not correlated with where they were 12 transitions before, the fit is
 *       the answer.
 *   <li><b>Correct.</b> Otherwise the chains go on, and the answer becomes the Gaussian of the same family with the
 *       means and standard deviations of their points: the minimum of forward KL, where the fit was that of reverse KL.
 *       The chains run twice as long each time, until their moments agree with those of the time before and no
 *       coordinate is correlated with its place half of that time before.
 * </ol>
 *
 * <p>The answer has converged if the weights of its draws were reliable, or the chains have agreed with it, or with
 * themselves after a correction: a test of the answer and not only of the optimiser. A constant added to the log
 * density changes nothing. The search is left out where a start with standard deviations is given or a coordinate is
 * optimised; importance where the search is, the budget is below 25,000 (D + 2) evaluations, or the family is not that
 * of all Gaussians; check and correction where the budget is below about 31,000, and the correction keeps optimised
 * coordinates as the fit left them.
 *
 * <p>Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2003.10374">Naesseth, Lindsten and Blei (2020), Markovian score climbing</a>, of
 *     which the correction is the closed form for Gaussians, with chains by gradients in place of importance resampling
 */
public final class AutomaticInference implements Algorithm<AutomaticInference.State> {

    private final boolean keepsFamily;

    private AutomaticInference(boolean keepsFamily) {
        this.keepsFamily = keepsFamily;
    }

    /** The algorithm. */
    public static AutomaticInference create() {
        return new AutomaticInference(false);
    }

    /** The same, without the stages whose answers are of families of their own: for a family that was chosen. */
    public AutomaticInference keepingFamily() {
        return new AutomaticInference(true);
    }

    @Override
    public String name() {
        return "automatic";
    }

    @Override
    public boolean startsAnew() {
        return true;
    }

    /** The state of a run; mutable, for one thread. */
    public static final class State {
        private final Run run;
        private Stage stage;

        private State(Run run, Stage first) {
            this.run = run;
            this.stage = first;
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        if (!task.objective().schedule().isReverseKl() || task.minibatch() > 0) {
            throw new IllegalArgumentException(
                    "the automatic algorithm starts from reverse KL with all rows, and was asked for "
                            + task.objective().schedule().name()
                            + (task.minibatch() > 0 ? " with minibatches of " + task.minibatch() : "")
                            + ": leave algorithm(...) out, and the stochastic gradient does that");
        }
        Run run = new Run(task, limits, keepsFamily);
        boolean placed = task.start() != null && task.start().standardDeviation() != null;
        boolean searches = !placed && task.objective().coordinates().optimisedCount() == 0;
        return new State(run, searches ? first(run) : DescentStage.of(run, task, null));
    }

    private static Stage first(Run run) {
        Structure structure = run.keepsFamily() ? null : NestedInference.structureFor(run.task());
        return structure == null ? new SearchStage(run, EvaluationCount.NONE) : new NestedStage(run, structure);
    }

    @Override
    public Report step(State s) {
        s.run.countStep();
        Stage made = s.stage;
        s.stage = made.step();
        return new Report(made.loss(), s.stage.count(), made.label(), s.stage.stop());
    }

    @Override
    public Outcome result(State s) {
        return s.stage.answer();
    }
}
