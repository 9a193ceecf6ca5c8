package org.variational.information;

import static org.variational.distribution.Distributions.*;

import java.util.List;
import java.util.stream.Stream;
import org.variational.distribution.Distribution;
import org.variational.expression.Expr;

/** Pairs of distributions of one kind, far enough apart to tell formulas from one another. */
final class MeasuredPairs {

    private MeasuredPairs() {}

    record Named(Distribution p, Distribution q) {
        @Override
        public String toString() {
            return p.name() + " " + values(p) + " " + values(q);
        }

        private static List<Double> values(Distribution of) {
            return Stream.of(Parameterised.of(of).parameters()).map(v -> v[0]).toList();
        }
    }

    private static Named pair(Distribution p, Distribution q) {
        return new Named(p, q);
    }

    /** Univariate continuous pairs whose KL has a closed form and is finite. */
    static Stream<Named> onTheLine() {
        return Stream.of(
                pair(normal(0.3, 1.2), normal(-1, 0.7)),
                pair(normal(0.3, 0.7), normal(-1, 1.2)),
                pair(logNormal(0.3, 1.2), logNormal(-1, 1.5)),
                pair(logNormal(0.3, 0.4), logNormal(0.5, 0.3)),
                pair(cauchy(1, 2), cauchy(-1, 0.5)),
                pair(laplace(0.5, 1), laplace(-0.25, 1.5)),
                pair(laplace(0.5, 2), laplace(0.5, 1.5)),
                pair(gumbel(0.5, 1), gumbel(-0.25, 1.5)),
                pair(gumbel(0.5, 1.5), gumbel(1, 1)),
                pair(exponential(0.7), exponential(1.9)),
                pair(gamma(2.5, 1.5), gamma(0.8, 0.4)),
                pair(gamma(0.6, 1.5), gamma(1.4, 3)),
                pair(inverseGamma(2.5, 1.5), inverseGamma(3.5, 0.9)),
                pair(beta(2, 3), beta(0.9, 1.7)),
                pair(beta(0.6, 5), beta(1, 2)),
                pair(halfNormal(2), halfNormal(1.5)),
                pair(halfCauchy(2), halfCauchy(0.5)),
                pair(weibull(1.5, 2), weibull(1.5, 1.7)),
                pair(weibull(1.5, 2), weibull(0.8, 1.3)),
                pair(pareto(1.5, 3), pareto(1.5, 2)),
                pair(pareto(1.5, 3), pareto(0.5, 2)),
                pair(uniform(0.2, 0.7), uniform(0, 1.5)));
    }

    /** Pairs on the integers whose KL has a closed form. */
    static Stream<Named> onIntegers() {
        return Stream.of(
                pair(bernoulli(0.2), bernoulli(0.7)),
                pair(bernoulliLogit(Expr.constant(-1)), bernoulli(0.3)),
                pair(binomial(7, 0.2), binomial(7, 0.6)),
                pair(poisson(3.5), poisson(12)),
                pair(poissonLog(Expr.constant(2)), poisson(3)),
                pair(geometric(0.3), geometric(0.6)),
                pair(negativeBinomial(4, 2.5), negativeBinomial(7, 2.5)));
    }

    static Stream<Named> univariate() {
        return Stream.concat(onTheLine(), onIntegers());
    }

    /** Distributions with a closed form for the entropy only. */
    static Stream<Distribution> entropyOnly() {
        return Stream.of(studentT(3, 1, 2), studentT(0.7, 1, 2), logistic(1, 0.4));
    }

    static Stream<Named> multivariate() {
        Expr factor = Expr.constant(new double[][] {{1.2, 0, 0}, {0.5, 0.8, 0}, {-0.3, 0.2, 1.1}});
        Expr precision = Expr.constant(new double[][] {{1.4, 0.3, 0.1}, {0.3, 0.9, -0.2}, {0.1, -0.2, 1.1}});
        Expr location = Expr.constant(new double[] {0.5, -0.2, 0.1});
        return Stream.of(
                pair(multivariateNormal(location, factor), multivariateNormalPrecision(Expr.constant(0), precision)),
                pair(dirichlet(Expr.constant(new double[] {2, 3, 4})), dirichlet(Expr.constant(new double[] {1.5, 1, 2.5
                }))));
    }
}
