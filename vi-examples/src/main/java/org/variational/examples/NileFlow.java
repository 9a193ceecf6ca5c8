package org.variational.examples;

import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import org.variational.VariationalInference;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * A time series: the yearly flow of the Nile at Aswan in 100 million cubic metres, as a level that wanders and noise
 * around it. A recursion over the years, the Kalman filter, integrates the level out: it carries what is known of the
 * level, its mean and variance, and the log likelihood so far. The parameter {@code level_in_1970} has no data of its
 * own: it is predicted.
 */
public final class NileFlow {

    private NileFlow() {}

    static Model model() {
        Table nile = Table.read("nile.csv");

        ModelBuilder m = Model.named("time-series");
        Expr noise = m.parameter("noise", halfNormal(200));
        Expr drift = m.parameter("drift", halfNormal(100));

        Expr before1871 = Expr.constant(new double[] {1000, 500 * 500, 0});
        Expr flow = m.data("flow", nile.numbers("flow"));
        Expr years = Expr.scan(before1871, flow, (known, observed) -> {
            Expr variance = known.element(1).plus(drift.square());
            Expr total = variance.plus(noise.square());
            Expr surprise = observed.minus(known.element(0));
            Expr gain = variance.dividedBy(total);
            Expr logLikelihood = normal(known.element(0), total.sqrt()).logDensity(observed);
            return Expr.concatenate(
                    known.element(0).plus(gain.times(surprise)),
                    variance.times(noise.square()).dividedBy(total),
                    known.element(2).plus(logLikelihood));
        });
        Expr in1970 = years.row(nile.rows() - 1);
        m.addLogDensity(in1970.element(2));
        m.parameter(
                "level_in_1970",
                normal(in1970.element(0), in1970.element(1).sqrt()).nonCentered());
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
