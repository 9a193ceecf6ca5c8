package org.variational.examples;

import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.normal;

import org.variational.VariationalInference;
import org.variational.density.Labels;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * How much does coaching help in eight schools? Each school reports an effect and its standard error; the schools learn
 * from each other through a common mean and spread (Rubin, 1981).
 */
public final class EightSchools {

    private EightSchools() {}

    static Model model() {
        Labels names = Labels.of("school", "A", "B", "C", "D", "E", "F", "G", "H");
        double[] effect = {28, 8, -3, 7, -1, 1, 18, 12};
        double[] standardError = {15, 10, 16, 11, 9, 11, 10, 18};

        ModelBuilder m = Model.named("eight-schools");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5));
        Expr theta = m.parameter("theta", normal(mu, tau).nonCentered(), names);
        Rows schools = m.rows(effect.length);
        Expr error = schools.data("standard_error", standardError);
        schools.observe("effect", normal(schools.of(theta), error), effect);
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
