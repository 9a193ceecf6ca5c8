package org.variational.examples;

import static org.variational.distribution.Distributions.binomialLogit;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import org.variational.VariationalInference;
import org.variational.density.Labels;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * A hierarchical model: the batting averages of 18 baseball players from their first 45 times at bat, each drawn
 * towards the common mean as far as the data say (Efron and Morris, 1975). The rest of the season, in {@code
 * data/batting.csv}, shows how well that predicts.
 */
public final class BattingAverages {

    private BattingAverages() {}

    static Model model() {
        Table season = Table.read("batting.csv");
        Labels names = Labels.of("player", season.texts("player"));

        ModelBuilder m = Model.named("hierarchical");
        Expr mu = m.parameter("mu", normal(-1, 1));
        Expr tau = m.parameter("tau", halfNormal(0.5));
        Expr skill = m.parameter("skill", normal(mu, tau).nonCentered(), names);
        Rows players = m.rows(season.rows());
        Expr atBats = players.data("at_bats", season.numbers("at_bats"));
        players.observe("hits", binomialLogit(atBats, players.of(skill)), season.integers("hits"));
        m.derived("average", skill.logistic(), names);
        return m.build();
    }

    /** Fits the model and prints the summary. */
    public static void main(String[] args) {
        Fit fit = VariationalInference.of(model()).run();
        System.out.println(fit.summary());
    }
}
