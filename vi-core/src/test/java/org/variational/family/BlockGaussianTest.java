package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.variational.expression.Expr;
import org.variational.family.BlockGaussian.Block;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** Which parameters of a model are local. */
class BlockGaussianTest {

    private static final int[] GROUP = {0, 0, 1, 1, 2, 2, 3, 3};
    private static final double[] Y = {1, 2, 0, 1, 3, 4, 2, 2};
    private static final double[] X = {-1, 1, -1, 1, -1, 1, -1, 1};

    private static List<Block> blocks(ModelBuilder m) {
        Model model = m.build();
        return BlockGaussian.of(model.layout(), true).blocks();
    }

    @Test
    void effectsOfGroupsAreLocal() {
        ModelBuilder m = Model.named("groups");
        Expr beta = m.parameter("beta", normal(0, 5), 2);
        Expr tau = m.parameter("tau", halfNormal(1), 2);
        Expr intercept = m.parameter("intercept", normal(0, tau.element(0)), 4);
        Expr slope = m.parameter("slope", normal(0, tau.element(1)), 4);
        Rows rows = m.rows(Y.length);
        Expr x = rows.data("x", X);
        Expr mean = beta.element(0)
                .plus(beta.element(1).times(x))
                .plus(intercept.at(rows.index("group", GROUP)))
                .plus(slope.at(rows.index("again", GROUP)).times(x));
        rows.observe("y", normal(mean, 1), Y);
        Block local = new Block(1, true);
        List<Block> found = blocks(m);
        // fixed effects and the scales, which are not related to each other, stay global
        assertThat(found.subList(0, 2)).containsExactly(new Block(2, false), new Block(2, false));
        assertThat(found.subList(2, found.size())).hasSize(8).containsOnly(local);
    }

    @Test
    void aWalkIsNot() {
        ModelBuilder m = Model.named("walk");
        Expr level = m.parameter("level", normal(0, 10), Y.length);
        m.addLogDensity(level.select(1, 2, 3, 4, 5, 6, 7)
                .minus(level.select(0, 1, 2, 3, 4, 5, 6))
                .square()
                .times(-0.5));
        Rows rows = m.rows(Y.length);
        rows.observe("y", normal(rows.of(level), 1), Arrays.copyOf(Y, Y.length));
        assertThat(blocks(m)).containsExactly(new Block(Y.length, false));
    }
}
