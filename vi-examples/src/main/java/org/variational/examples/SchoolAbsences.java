package org.variational.examples;

import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.negativeBinomialLog;
import static org.variational.distribution.Distributions.normal;

import org.variational.VariationalInference;
import org.variational.density.Labels;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * A count model: days that 146 children in rural Australia were absent from school in a year, by negative binomial
 * regression, since they vary more than Poisson counts (Quine, in Aitkin, 1978).
 */
public final class SchoolAbsences {

    private static final String[] TRAITS = {"not_aboriginal", "male", "form_1", "form_2", "form_3", "slow_learner"};

    private SchoolAbsences() {}

    static Model model() {
        Table pupils = Table.read("quine.csv");

        ModelBuilder m = Model.named("count");
        Expr intercept = m.parameter("intercept", normal(0, 5));
        Expr effect = m.parameter("effect", normal(0, 2.5), Labels.of("trait", TRAITS));
        Expr dispersion = m.parameter("dispersion", logNormal(0, 1));
        Rows children = m.rows(pupils.rows());
        Expr traits = children.data("traits", pupils.numbers(TRAITS));
        Expr logMean = intercept.plus(traits.matmul(effect));
        children.observe("days", negativeBinomialLog(logMean, dispersion), pupils.integers("days"));
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
