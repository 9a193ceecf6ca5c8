package org.variational.examples;

import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.normal;

import org.variational.VariationalInference;
import org.variational.expression.Covariances;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * A Gaussian process: the level of Lake Huron in feet, 1875 to 1972, as a smooth curve with noise. The curve is
 * integrated out, so that its hyperparameters remain; the level in 1973, the year after the record, follows from them.
 */
public final class LakeHuron {

    private LakeHuron() {}

    static Model model() {
        Table huron = Table.read("huron.csv");
        double[] year = huron.numbers("year");
        double[] feet = huron.numbers("feet");

        ModelBuilder m = Model.named("gaussian-process");
        Expr mean = m.parameter("mean", normal(579, 5));
        Expr amplitude = m.parameter("amplitude", halfNormal(3));
        Expr years = m.parameter("years", logNormal(Math.log(5), 1));
        Expr noise = m.parameter("noise", halfNormal(1));
        Expr apart = Expr.constant(Covariances.distances(year, year));
        Expr curve = Covariances.matern32(apart, amplitude, years);
        Expr factor =
                curve.plus(Covariances.onDiagonal(noise.square(), year.length)).cholesky();
        m.observe("level", multivariateNormal(mean, factor), feet);

        Expr ahead = Expr.constant(Covariances.distances(year, new double[] {1973}));
        Expr shared = factor.solveLower(Covariances.matern32(ahead, amplitude, years));
        Expr residual = factor.solveLower(Expr.constant(feet).minus(mean));
        Expr expected = mean.plus(shared.dot(residual));
        Expr variance = amplitude.square().minus(shared.dot(shared));
        m.parameter("level_in_1973", normal(expected, variance.sqrt()).nonCentered());
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
