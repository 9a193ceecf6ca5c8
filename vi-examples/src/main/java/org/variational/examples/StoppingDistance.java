package org.variational.examples;

import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import org.variational.VariationalInference;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** Linear regression: the distance in feet in which fifty cars of the 1920s stopped, by speed in miles per hour. */
public final class StoppingDistance {

    private StoppingDistance() {}

    static Model model() {
        Table cars = Table.read("cars.csv");

        ModelBuilder m = Model.named("linear-regression");
        Expr intercept = m.parameter("intercept", normal(40, 40));
        Expr slope = m.parameter("slope", normal(0, 10));
        Expr sigma = m.parameter("sigma", halfNormal(40));
        Rows runs = m.rows(cars.rows());
        Expr speed = runs.data("speed", cars.numbers("speed"));
        Expr expected = intercept.plus(slope.times(speed.minus(15)));
        runs.observe("distance", normal(expected, sigma), cars.numbers("distance"));
        m.derived("distance_at_20_mph", intercept.plus(slope.times(5)));
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
