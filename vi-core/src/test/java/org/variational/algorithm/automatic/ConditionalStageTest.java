package org.variational.algorithm.automatic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.diagnostic.Verdict;
import org.variational.expression.Expr;
import org.variational.family.ConditionallyStructuredGaussian;
import org.variational.family.Families;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.random.RandomStreams;

class ConditionalStageTest {

    private static final int ITEMS = 10;
    private static final int PERSONS = 30;

    /** One factor of ten items, or as many items of which only right or wrong is known. */
    private static Model factor(boolean binary) {
        RandomGenerator random = RandomStreams.of(4).generator("data", 0);
        int[] person = new int[PERSONS * ITEMS];
        int[] item = new int[person.length];
        double[] y = new double[person.length];
        double[] scores = new double[PERSONS];
        Arrays.setAll(scores, i -> random.nextGaussian());
        for (int i = 0; i < y.length; i++) {
            person[i] = i / ITEMS;
            item[i] = i % ITEMS;
            double value = (0.6 + 0.08 * item[i]) * scores[person[i]] + 0.5 * random.nextGaussian();
            y[i] = binary ? (value > 0 ? 1 : 0) : value;
        }
        ModelBuilder m = Model.named("factor");
        Expr score = m.parameter("score", normal(0, 1), PERSONS);
        Expr loading = m.parameter("loading", halfNormal(1), ITEMS);
        Expr sd = m.parameter("sd", halfNormal(1));
        Rows rows = m.rows(y.length);
        Expr mean = score.at(rows.index("person", person)).times(loading.at(rows.index("item", item)));
        rows.observe("y", binary ? bernoulliLogit(mean.dividedBy(sd)) : normal(mean, sd), y);
        return m.build();
    }

    private static Set<String> phases(VariationalInference inference) {
        Set<String> phases = new TreeSet<>();
        inference.callback(progress -> phases.add(progress.phase())).run();
        return phases;
    }

    @Test
    void aFactorModelIsAnsweredByItsWeights() {
        Fit fit = VariationalInference.of(factor(false)).run();
        assertThat(fit.distribution()).isInstanceOf(ConditionallyStructuredGaussian.Member.class);
        assertThat(fit.stop().converged()).isTrue();
        assertThat(fit.verdict().level()).isNotEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(fit.provenance().cost().answer().gradients()).isLessThan(8_000);
        assertThat(fit.approximation().effectiveSampleSize())
                .isGreaterThan(0.4 * fit.approximation().knownWeights());
    }

    @Test
    void whereWeightsDoNotAgreeTheDescentFollows() {
        VariationalInference inference = VariationalInference.of(factor(true));
        assertThat(phases(inference)).contains("conditional", "fit");
    }

    @Test
    void aChosenFamilyAndASmallBudgetKeepIt() {
        VariationalInference inference = VariationalInference.of(factor(false));
        assertThat(phases(inference.family(Families.fullRank()).algorithm(AutomaticInference.create())))
                .contains("fit")
                .doesNotContain("conditional");
        assertThat(phases(inference.evaluationBudget(40_000))).contains("fit").doesNotContain("conditional");
    }
}
