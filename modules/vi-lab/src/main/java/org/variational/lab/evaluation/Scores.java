package org.variational.lab.evaluation;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.variational.fit.Fit;

/**
 * How far an answer is from what is known of a posterior.
 *
 * @param coordinates on the unconstrained scale
 * @param quantities on the user's scale
 * @param meanEffect {@code |sd / sd_ref - 1|} of the mean over all effects; NaN where the model has none, or no answer
 */
record Scores(Score coordinates, Score quantities, double meanEffect) {

    /** The scores where there is no answer. */
    static final Scores NONE = new Scores(Score.NONE, Score.NONE, Double.NaN);

    static Scores of(Fit fit, Reference reference) {
        Moments quantities = Estimate.ofQuantities(fit, reference.names());
        int effect = reference.names().indexOf(Reference.MEAN_EFFECT);
        return new Scores(
                Score.of(Estimate.of(fit).at(reference.places()), reference.coordinates()),
                Score.of(quantities, reference.quantities()),
                effect < 0
                        ? Double.NaN
                        : Math.abs(
                                quantities.sd()[effect] / reference.quantities().sd()[effect] - 1));
    }

    /** The larger of a number on the two scales; that of the one which is scored if the other is not. */
    double worse(ToDoubleFunction<Score> error) {
        List<Score> scored = quantities.equals(Score.NONE) ? List.of(coordinates) : List.of(coordinates, quantities);
        return scored.stream().mapToDouble(error).reduce(Math::max).orElseThrow();
    }
}
