package org.variational.structure;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** Models with structure, for tests. */
public final class ModelStructures {

    private ModelStructures() {}

    /** Eight schools: two coordinates and an effect for each. */
    public static Model eightSchools(boolean centred) {
        ModelBuilder m = Model.named("eight schools");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5));
        var prior = normal(mu, tau);
        Expr theta = m.parameter("theta", centred ? prior : prior.nonCentered(), 8);
        Expr errors = Expr.constant(new double[] {15, 10, 16, 11, 9, 11, 10, 18});
        m.observe("y", normal(theta, errors), new double[] {28, 8, -3, 7, -1, 1, 18, 12});
        return m.build();
    }

    /** A random walk that is seen with noise, both scales unknown. */
    public static Model localLevel(double[] observed) {
        int n = observed.length;
        ModelBuilder m = Model.named("local level");
        Expr walk = m.parameter("walk", halfNormal(1));
        Expr noise = m.parameter("noise", halfNormal(1));
        Expr level = m.parameter("level", flat(), n);
        m.addLogDensity(normal(0, 2).logDensity(level.element(0)));
        m.addLogDensity(normal(level.slice(0, n - 1), walk).logDensity(level.slice(1, n)));
        m.observe("y", normal(level, noise), observed);
        return m.build();
    }

    /** Counts in groups: some rows each, an intercept of each group, and one slope. */
    public static Model varyingIntercepts(int[] counts, double[] x, int groups) {
        ModelBuilder m = Model.named("varying intercepts");
        Expr mu = m.parameter("mu", normal(0, 2));
        Expr slope = m.parameter("slope", normal(0, 1));
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(mu, tau), groups);
        Rows rows = m.rows(counts.length);
        int[] group = new int[counts.length];
        Arrays.setAll(group, i -> i * groups / counts.length);
        RowIndex of = rows.index("group", group);
        rows.observe("y", poissonLog(alpha.at(of).plus(slope.times(rows.data("x", x)))), counts);
        return m.build();
    }

    /** Two-parameter item response: abilities times discriminations. */
    public static Model itemResponse(int persons, int items, RandomGenerator random) {
        ModelBuilder m = Model.named("2PL");
        Expr ability = m.parameter("ability", normal(0, 1), persons);
        Expr difficulty = m.parameter("difficulty", normal(0, 1), items);
        Expr discrimination = m.parameter("discrimination", halfNormal(2), items);
        Rows rows = m.rows(persons * items);
        int[] person = new int[persons * items];
        int[] item = new int[persons * items];
        int[] answers = new int[persons * items];
        for (int i = 0; i < answers.length; i++) {
            person[i] = i / items;
            item[i] = i % items;
            answers[i] = random.nextBoolean() ? 1 : 0;
        }
        RowIndex ofPerson = rows.index("person", person);
        RowIndex ofItem = rows.index("item", item);
        Expr away = ability.at(ofPerson).minus(difficulty.at(ofItem));
        rows.observe("answer", bernoulliLogit(discrimination.at(ofItem).times(away)), answers);
        return m.build();
    }

    /** Effects of rows and columns of a table, of which every cell is seen. */
    public static Model crossedEffects(int first, int second, RandomGenerator random) {
        ModelBuilder m = Model.named("crossed");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr ofA = m.parameter("scale_a", halfNormal(1));
        Expr ofB = m.parameter("scale_b", halfNormal(1));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Expr a = m.parameter("a", normal(0, ofA), first);
        Expr b = m.parameter("b", normal(0, ofB), second);
        Rows rows = m.rows(first * second);
        int[] inA = new int[first * second];
        int[] inB = new int[first * second];
        double[] y = new double[first * second];
        for (int i = 0; i < y.length; i++) {
            inA[i] = i / second;
            inB[i] = i % second;
            y[i] = random.nextGaussian();
        }
        Expr mean = mu.plus(a.at(rows.index("in_a", inA))).plus(b.at(rows.index("in_b", inB)));
        rows.observe("y", normal(mean, sigma), y);
        return m.build();
    }

    /** Returns whose logarithmic variance is a stationary series of the first order with a known coefficient. */
    public static Model volatility(int n, RandomGenerator random) {
        double[] y = new double[n];
        double h = 0;
        for (int i = 0; i < n; i++) {
            h = 0.9 * h + 0.5 * random.nextGaussian();
            y[i] = Math.exp(h / 2) * random.nextGaussian();
        }
        ModelBuilder m = Model.named("stochastic volatility");
        Expr mu = m.parameter("mu", normal(0, 2));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Expr series = m.parameter("h", flat(), n);
        m.addLogDensity(normal(mu, sigma.times(2)).logDensity(series.element(0)));
        Expr expected = mu.plus(series.slice(0, n - 1).minus(mu).times(0.9));
        m.addLogDensity(normal(expected, sigma).logDensity(series.slice(1, n)));
        m.observe("y", normal(0, series.times(0.5).exp()), y);
        return m.build();
    }
}
