package org.variational.lab.benchmarks;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * A posterior whose gradient is timed, declared in the model language on simulated data of a fixed seed, with the same
 * density as a plain loop over one point where there is one.
 */
public enum Problem {
    EIGHT_SCHOOLS("eight-schools", Problem::eightSchools, PlainLoops::eightSchools),
    LINEAR("linear-1000x10", () -> linear(1000, 10), () -> PlainLoops.linear(Simulated.regression(1000, 10))),
    LOGISTIC("logistic-10000x50", () -> logistic(10_000, 50), () -> PlainLoops.logistic(Simulated.binary(10_000, 50))),
    LOGISTIC_LARGE(
            "logistic-100000x100",
            () -> logistic(100_000, 100),
            () -> PlainLoops.logistic(Simulated.binary(100_000, 100))),
    VARYING_INTERCEPTS(
            "varying-intercepts-919",
            Problem::varyingIntercepts,
            () -> PlainLoops.varyingIntercepts(Simulated.groups())),
    TRIDIAGONAL("gaussian-tridiagonal-50", Problem::tridiagonal, PlainLoops::tridiagonal),
    HORSESHOE("horseshoe-100x20", () -> horseshoe(100, 20), () -> PlainLoops.horseshoe(Simulated.regression(100, 20))),
    GAUSSIAN_PROCESS("gaussian-process-100", () -> gaussianProcess(100), null),
    POISSON_GLMM("poisson-glmm-500", () -> poissonGlmm(500), () -> PlainLoops.poissonGlmm(Simulated.counts(500)));

    private final String title;
    private final Supplier<Model> model;
    private final @Nullable Supplier<PlainLoop> plain;

    Problem(String title, Supplier<Model> model, @Nullable Supplier<PlainLoop> plain) {
        this.title = title;
        this.model = model;
        this.plain = plain;
    }

    /** A log density and its gradient at one point, written as a loop. */
    @FunctionalInterface
    public interface PlainLoop {
        /** Returns the log density at {@code point} and overwrites {@code gradient}. */
        double evaluate(double[] point, double[] gradient);
    }

    /** The name on the command line and in reports. */
    public String title() {
        return title;
    }

    /** A new declaration. */
    public Model model() {
        return model.get();
    }

    /** The plain loop with the same density as the model, null where there is none. */
    public @Nullable PlainLoop plain() {
        return plain == null ? null : plain.get();
    }

    /** The problem of a given title. */
    static Problem titled(String title) {
        for (Problem problem : values()) {
            if (problem.title.equals(title)) {
                return problem;
            }
        }
        throw new IllegalArgumentException("no problem is called \"" + title + "\"");
    }

    private static Model eightSchools() {
        ModelBuilder m = Model.named("eight schools, non-centred");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5));
        Expr theta = m.parameter("theta", normal(mu, tau).nonCentered(), 8);
        Rows schools = m.rows(8);
        schools.observe(
                "y", normal(schools.of(theta), schools.data("s", Simulated.SCHOOL_ERRORS)), Simulated.SCHOOL_EFFECTS);
        return m.build();
    }

    private static Model linear(int rows, int columns) {
        Simulated.Regression data = Simulated.regression(rows, columns);
        ModelBuilder m = Model.named("linear regression");
        Expr beta = m.parameter("beta", normal(0, 1), columns);
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Rows r = m.rows(rows);
        r.observe("y", normal(r.data("x", data.x()).matmul(beta), sigma), data.y());
        return m.build();
    }

    private static Model logistic(int rows, int columns) {
        Simulated.Regression data = Simulated.binary(rows, columns);
        ModelBuilder m = Model.named("logistic regression");
        Expr beta = m.parameter("beta", normal(0, 1), columns);
        Rows r = m.rows(rows);
        r.observe("y", bernoulliLogit(r.data("x", data.x()).matmul(beta)), data.y());
        return m.build();
    }

    private static Model varyingIntercepts() {
        Simulated.Groups data = Simulated.groups();
        ModelBuilder m = Model.named("varying intercepts");
        Expr mu = m.parameter("mu", normal(0, 10));
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(mu, tau).nonCentered(), data.groups());
        Expr b1 = m.parameter("b1", normal(0, 10));
        Expr b2 = m.parameter("b2", normal(0, 10));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Rows r = m.rows(data.y().length);
        Expr level = alpha.at(r.index("group", data.group()))
                .plus(b1.times(r.data("u", data.u())))
                .plus(b2.times(r.data("f", data.f())));
        r.observe("y", normal(level, sigma), data.y());
        return m.build();
    }

    private static Model tridiagonal() {
        ModelBuilder m = Model.named("Gaussian with tridiagonal precision");
        Expr x = m.parameter("x", flat(), 50);
        m.addLogDensity(normal(0, 1).logDensity(x.element(0)));
        m.addLogDensity(normal(x.slice(0, 49).times(0.9), Expr.constant(Math.sqrt(0.19)))
                .logDensity(x.slice(1, 50)));
        return m.build();
    }

    private static Model horseshoe(int rows, int columns) {
        Simulated.Regression data = Simulated.regression(rows, columns);
        ModelBuilder m = Model.named("horseshoe regression");
        Expr tau = m.parameter("tau", halfCauchy(1));
        Expr lambda = m.parameter("lambda", halfCauchy(1), columns);
        Expr beta =
                m.parameter("beta", normal(Expr.constant(0), lambda.times(tau)).nonCentered(), columns);
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Rows r = m.rows(rows);
        r.observe("y", normal(r.data("x", data.x()).matmul(beta), sigma), data.y());
        return m.build();
    }

    private static Model gaussianProcess(int points) {
        ModelBuilder m = Model.named("Gaussian process regression");
        Expr lengthScale = m.parameter("lengthScale", halfNormal(1));
        Expr amplitude = m.parameter("amplitude", halfNormal(1));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        double[][] squaredDistance = new double[points][points];
        double[][] identity = new double[points][points];
        double[] y = new double[points];
        RandomGenerator random = Simulated.random();
        for (int i = 0; i < points; i++) {
            identity[i][i] = 1;
            y[i] = Math.sin(6.0 * i / points) + 0.3 * random.nextGaussian();
            for (int j = 0; j < points; j++) {
                double gap = 10.0 * (i - j) / points;
                squaredDistance[i][j] = gap * gap;
            }
        }
        Expr covariance = m.data("squaredDistance", squaredDistance)
                .times(lengthScale.square().reciprocal().times(-0.5))
                .exp()
                .times(amplitude.square())
                .plus(Expr.constant(identity).times(sigma.square()));
        m.observe("y", multivariateNormal(Expr.constant(new double[points]), covariance.cholesky()), y);
        return m.build();
    }

    private static Model poissonGlmm(int rows) {
        Simulated.Counts data = Simulated.counts(rows);
        ModelBuilder m = Model.named("Poisson with a latent per row");
        Expr intercept = m.parameter("intercept", normal(0, 5));
        Expr slope = m.parameter("slope", normal(0, 1));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Rows r = m.rows(rows);
        Expr latent = r.parameter("latent", normal(Expr.constant(0), sigma));
        r.observe(
                "y",
                poissonLog(intercept.plus(slope.times(r.data("x", data.x()))).plus(latent)),
                data.y());
        return m.build();
    }

    /** Simulated data; the same in every run. */
    static final class Simulated {
        static final double[] SCHOOL_EFFECTS = {28, 8, -3, 7, -1, 1, 18, 12};
        static final double[] SCHOOL_ERRORS = {15, 10, 16, 11, 9, 11, 10, 18};
        private static final int GROUPS = 85;
        private static final int GROUPED_ROWS = 919;

        private Simulated() {}

        static RandomGenerator random() {
            return RandomGeneratorFactory.of("L64X128MixRandom").create(20261123L);
        }

        record Regression(double[][] x, double[] y) {}

        record Groups(int groups, int[] group, double[] u, double[] f, double[] y) {}

        record Counts(double[] x, double[] y) {}

        static Regression regression(int rows, int columns) {
            RandomGenerator random = random();
            double[][] x = new double[rows][columns];
            double[] y = new double[rows];
            for (int t = 0; t < rows; t++) {
                double mean = 0;
                for (int k = 0; k < columns; k++) {
                    x[t][k] = random.nextGaussian();
                    mean += x[t][k] * (k % 3 - 1) * 0.3;
                }
                y[t] = mean + 0.7 * random.nextGaussian();
            }
            return new Regression(x, y);
        }

        static Regression binary(int rows, int columns) {
            Regression continuous = regression(rows, columns);
            double[] y = new double[rows];
            for (int t = 0; t < rows; t++) {
                y[t] = continuous.y()[t] > 0 ? 1 : 0;
            }
            return new Regression(continuous.x(), y);
        }

        static Groups groups() {
            RandomGenerator random = random();
            int[] group = new int[GROUPED_ROWS];
            double[] u = new double[GROUPED_ROWS];
            double[] f = new double[GROUPED_ROWS];
            double[] y = new double[GROUPED_ROWS];
            for (int t = 0; t < GROUPED_ROWS; t++) {
                group[t] = random.nextInt(GROUPS);
                u[t] = random.nextGaussian();
                f[t] = random.nextInt(2);
                y[t] = 1.4 + 0.3 * Math.sin(group[t]) + 0.7 * u[t] - 0.7 * f[t] + 0.7 * random.nextGaussian();
            }
            return new Groups(GROUPS, group, u, f, y);
        }

        static Counts counts(int rows) {
            RandomGenerator random = random();
            double[] x = new double[rows];
            double[] y = new double[rows];
            for (int t = 0; t < rows; t++) {
                x[t] = random.nextGaussian();
                y[t] = Math.floor(-Math.log(1 - random.nextDouble()) * Math.exp(1 + 0.5 * x[t]));
            }
            return new Counts(x, y);
        }
    }
}
