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

public class Coaching {
    public static void main(String[] args) {
        double[] effect = {28, 8, -3, 7, -1, 1, 18, 12};
        double[] error = {15, 10, 16, 11, 9, 11, 10, 18};
        Labels names = Labels.of("school", "A", "B", "C", "D", "E", "F", "G", "H");

        ModelBuilder m = Model.named("eight-schools");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5)); // the prior's support gives the constraint
        Expr theta = m.parameter("theta", normal(mu, tau).nonCentered(), names);
        Rows schools = m.rows(8);
        schools.observe("effect", normal(schools.of(theta), schools.data("error", error)), effect);
        Model model = m.build();

        Fit fit = VariationalInference.of(model).seed(1).run();
        System.out.println(fit.summary()); // three lines of verdict, then the table

        double[] draws = fit.posterior().draws("theta[A]"); // use them as they are
    }
}
