package org.variational.examples;

import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.rightCensored;
import static org.variational.distribution.Distributions.weibull;

import org.variational.VariationalInference;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Survival: weeks that 42 leukaemia patients stayed in remission, half of them treated with 6-mercaptopurine. Those
 * still in remission at the end of the trial are censored: all that is known is that it lasted longer (Freireich et
 * al., 1963).
 */
public final class Remission {

    private Remission() {}

    static Model model() {
        Table trial = Table.read("gehan.csv");

        ModelBuilder m = Model.named("survival");
        Expr intercept = m.parameter("intercept", normal(0, 10));
        Expr effect = m.parameter("effect", normal(0, 2.5));
        Expr shape = m.parameter("shape", logNormal(0, 1));
        Rows patients = m.rows(trial.rows());
        Expr treated = patients.data("treated", trial.numbers("treated"));
        Expr relapsed = patients.data("relapsed", trial.numbers("relapsed"));
        Expr scale = intercept.plus(effect.times(treated)).exp();
        patients.observe("weeks", rightCensored(weibull(shape, scale), relapsed), trial.numbers("weeks"));
        m.derived("times_longer", effect.exp());
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
