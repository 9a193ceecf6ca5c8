package org.variational.examples;

import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.Random;
import org.variational.VariationalInference;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

public class ManyGroups {
    public static void main(String[] args) {
        int groups = 2000;
        int[] group = new int[5 * groups];
        int[] count = new int[group.length];
        Random random = new Random(1);
        for (int j = 0; j < groups; j++) {
            double logRate = 1 + 0.5 * random.nextGaussian();
            for (int k = 0; k < 5; k++) {
                group[5 * j + k] = j;
                double limit = Math.exp(-Math.exp(logRate));
                for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
                    count[5 * j + k]++;
                }
            }
        }

        ModelBuilder m = Model.named("many groups");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr effect = m.parameter("effect", normal(mu, tau), groups);
        m.derived("average", effect.mean());
        Rows rows = m.rows(count.length);
        rows.observe("count", poissonLog(effect.at(rows.index("group", group))), count);
        Model model = m.build();

        System.out.println(model.structure());
        Fit fit = VariationalInference.of(model).seed(1).run();
        System.out.println(fit.summary("tau", "average", "effect[7]"));
    }
}
