package org.variational.examples;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.normal;

import org.variational.VariationalInference;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Logistic regression: on which of 23 flights of the space shuttle were O-rings damaged, by the temperature at launch,
 * and what was to be expected at the 31 degrees Fahrenheit of the Challenger's last launch (Dalal, Fowlkes, Hoadley,
 * 1989)?
 */
public final class ORings {

    private ORings() {}

    static Model model() {
        Table flights = Table.read("orings.csv");

        ModelBuilder m = Model.named("logistic-regression");
        Expr intercept = m.parameter("intercept", normal(0, 2.5));
        Expr slope = m.parameter("slope_per_10_degrees", normal(0, 2.5));
        Rows launches = m.rows(flights.rows());
        Expr warmth = launches.data("fahrenheit", flights.numbers("fahrenheit"))
                .minus(70)
                .dividedBy(10);
        Expr logit = intercept.plus(slope.times(warmth));
        launches.observe("incident", bernoulliLogit(logit), flights.integers("incident"));
        m.derived("incident_at_70_degrees", intercept.logistic());
        m.derived("incident_at_31_degrees", intercept.plus(slope.times(-3.9)).logistic());
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
