package org.variational.lab.evaluation;

import static org.variational.constraint.Constraints.interval;
import static org.variational.constraint.Constraints.ordered;
import static org.variational.constraint.Constraints.positive;
import static org.variational.constraint.Constraints.positiveOrdered;
import static org.variational.constraint.Constraints.simplex;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.beta;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.gamma;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.negativeBinomialLog;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;
import static org.variational.distribution.Distributions.rightCensored;
import static org.variational.distribution.Distributions.uniform;
import static org.variational.distribution.Distributions.weibull;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.variational.cli.UsageException;
import org.variational.distribution.Distribution;
import org.variational.expression.Covariances;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.lab.evaluation.ProblemFiles.Data;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** The eighteen reference problems, declared in the model language. */
final class ReferenceProblems {

    /**
     * A declared problem.
     *
     * @param rows the number of observations
     * @param order its parameters in the order of the reference coordinates
     * @param quantities what of the user's scale the reference has, in its order
     */
    record Declared(Model model, int rows, List<String> order, List<String> quantities) {

        Declared(Model model, int rows, List<String> order) {
            this(model, rows, order, order);
        }
    }

    /** A problem's name, that of its data, and its declaration. */
    private record Entry(String name, String data, Function<Data, Declared> declaration) {}

    private static final List<Entry> ALL = List.of(
            new Entry("P01_kidiq_interaction", "kidiq", ReferenceProblems::kidiq),
            new Entry("P02_sblrc_blr", "sblrc", ReferenceProblems::sblrc),
            new Entry("P03_logmesquite_logvash", "mesquite", ReferenceProblems::mesquite),
            new Entry("P04_wells_dae_inter", "wells_data", ReferenceProblems::wells),
            new Entry("P05_eight_schools_centered", "eight_schools", ReferenceProblems::eightSchoolsCentred),
            new Entry("P06_eight_schools_noncentered", "eight_schools", ReferenceProblems::eightSchoolsNonCentred),
            new Entry("P07_radon_mn_hier_intercept_nc", "radon_mn", ReferenceProblems::radon),
            new Entry("P08_glmm_poisson", "GLMM_Poisson_data", ReferenceProblems::peregrines),
            new Entry("P09_quine_negbin", "quine", ReferenceProblems::quine),
            new Entry("P10_arK", "arK", ReferenceProblems::autoregression),
            new Entry("P11_garch11", "garch", ReferenceProblems::garch),
            new Entry("P12_hmm_example", "hmm_example", ReferenceProblems::hiddenMarkov),
            new Entry("P13_gp_pois_regr", "gp_pois_regr", ReferenceProblems::gaussianProcess),
            new Entry("P14_low_dim_gauss_mix", "low_dim_gauss_mix", ReferenceProblems::gaussianMixture),
            new Entry("P15_lotka_volterra", "hudson_lynx_hare", ReferenceProblems::lotkaVolterra),
            new Entry("P16_irt_2pl", "irt_2pl", ReferenceProblems::itemResponse),
            new Entry("P17_gehan_weibull", "gehan", ReferenceProblems::gehan),
            new Entry("P18_nile_local_level", "nile", ReferenceProblems::nile));

    private ReferenceProblems() {}

    /** The names of all problems, in order; those of their files. */
    static List<String> names() {
        return ALL.stream().map(Entry::name).toList();
    }

    /**
     * Declares a problem.
     *
     * @param name one of {@link #names()}
     * @param files where its data are
     * @throws UsageException if the data cannot be read
     */
    static Declared declare(String name, ProblemFiles files) {
        Entry entry = ALL.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no problem " + name));
        return entry.declaration().apply(files.data(entry.data()));
    }

    private static double[][] columns(double[]... columns) {
        return IntStream.range(0, columns[0].length)
                .mapToObj(n -> Arrays.stream(columns).mapToDouble(c -> c[n]).toArray())
                .toArray(double[][]::new);
    }

    private static double[] map(double[] values, DoubleUnaryOperator f) {
        return Arrays.stream(values).map(f).toArray();
    }

    private static double[] times(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
    }

    private static double[] plus(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
    }

    private static double[] ones(int length) {
        double[] ones = new double[length];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static int[] fromZero(int[] fromOne) {
        return Arrays.stream(fromOne).map(i -> i - 1).toArray();
    }

    private static Declared kidiq(Data d) {
        double[] score = d.numbers("kid_score");
        double[] hs = d.numbers("mom_hs");
        double[] iq = d.numbers("mom_iq");
        ModelBuilder m = Model.named("kidiq_interaction");
        Expr b = m.parameter("beta", flat(), 4);
        Expr sigma = m.parameter("sigma", halfCauchy(2.5));
        Rows kids = m.rows(score.length);
        Expr x = kids.data("x", columns(ones(score.length), hs, iq, times(hs, iq)));
        kids.observe("kid_score", normal(x.matmul(b), sigma), score);
        return new Declared(m.build(), score.length, List.of("beta", "sigma"));
    }

    private static Declared sblrc(Data d) {
        ModelBuilder m = Model.named("sblrc_blr");
        Expr b = m.parameter("beta", normal(0, 10), 5);
        Expr sigma = m.parameter("sigma", normal(0, 10).on(positive()));
        Rows rows = m.rows(d.numbers("y").length);
        rows.observe("y", normal(rows.data("x", d.matrix("X")).matmul(b), sigma), d.numbers("y"));
        return new Declared(m.build(), d.numbers("y").length, List.of("beta", "sigma"));
    }

    private static Declared mesquite(Data d) {
        double[] d1 = map(d.numbers("diam1"), Math::log);
        double[] d2 = map(d.numbers("diam2"), Math::log);
        double[] canopy = map(d.numbers("canopy_height"), Math::log);
        double[] height = map(d.numbers("total_height"), Math::log);
        double[] weight = map(d.numbers("weight"), Math::log);
        double[] area = plus(d1, d2);
        double[] shape = plus(d1, map(d2, x -> -x));
        double[][] design = columns(ones(d1.length), plus(canopy, area), area, shape, height, d.numbers("group"));
        ModelBuilder m = Model.named("logmesquite_logvash");
        Expr b = m.parameter("beta", flat(), 6);
        Expr sigma = m.parameter("sigma", flat().on(positive()));
        Rows bushes = m.rows(weight.length);
        bushes.observe("log_weight", normal(bushes.data("x", design).matmul(b), sigma), weight);
        return new Declared(m.build(), weight.length, List.of("beta", "sigma"));
    }

    private static Declared wells(Data d) {
        double[] distance = centred(d.numbers("dist"), 100);
        double[] arsenic = centred(d.numbers("arsenic"), 1);
        double[] education = centred(d.numbers("educ"), 4);
        ModelBuilder m = Model.named("wells_dae_inter");
        Expr b = m.parameter("beta", flat(), 7);
        Rows wells = m.rows(distance.length);
        Expr x = wells.data(
                "x",
                columns(
                        ones(distance.length),
                        distance,
                        arsenic,
                        education,
                        times(distance, arsenic),
                        times(distance, education),
                        times(arsenic, education)));
        wells.observe("switched", bernoulliLogit(x.matmul(b)), d.integers("switched"));
        return new Declared(m.build(), distance.length, List.of("beta"));
    }

    private static double[] centred(double[] values, double scale) {
        double mean = Arrays.stream(values).average().orElseThrow();
        return map(values, x -> (x - mean) / scale);
    }

    private static Declared eightSchoolsCentred(Data d) {
        ModelBuilder m = Model.named("eight_schools_centered");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5));
        Expr theta = m.parameter("theta", normal(mu, tau), 8);
        m.observe("y", normal(theta, m.data("sigma", d.numbers("sigma"))), d.numbers("y"));
        return new Declared(m.build(), 8, List.of("theta", "mu", "tau"));
    }

    private static Declared eightSchoolsNonCentred(Data d) {
        ModelBuilder m = Model.named("eight_schools_noncentered");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5));
        Expr theta = m.parameter("theta", normal(mu, tau).nonCentered(), 8);
        m.observe("y", normal(theta, m.data("sigma", d.numbers("sigma"))), d.numbers("y"));
        return new Declared(m.build(), 8, List.of("theta", "mu", "tau"));
    }

    private static Declared radon(Data d) {
        double[] logRadon = d.numbers("log_radon");
        ModelBuilder m = Model.named("radon_mn_hier_intercept_nc");
        Expr b = m.parameter("beta", normal(0, 10), 2);
        Expr mu = m.parameter("mu", normal(0, 10));
        Expr sigmaAlpha = m.parameter("sigma_alpha", halfNormal(1));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(mu, sigmaAlpha).nonCentered(), (int) d.number("J"));
        Rows homes = m.rows(logRadon.length);
        RowIndex county = homes.index("county", fromZero(d.integers("county_idx")));
        Expr x = homes.data("x", columns(d.numbers("log_uppm"), d.numbers("floor_measure")));
        homes.observe("log_radon", normal(alpha.at(county).plus(x.matmul(b)), sigma), logRadon);
        return new Declared(
                m.build(),
                logRadon.length,
                List.of("alpha", "beta", "mu", "sigma_alpha", "sigma"),
                List.of("beta", "mu", "sigma_alpha", "sigma", "alpha"));
    }

    private static Declared peregrines(Data d) {
        double[] x = d.numbers("year");
        ModelBuilder m = Model.named("glmm_poisson");
        Expr alpha = m.parameter("alpha", uniform(-20, 20));
        Expr b1 = m.parameter("beta1", uniform(-10, 10));
        Expr b2 = m.parameter("beta2", uniform(-10, 20));
        Expr b3 = m.parameter("beta3", uniform(-10, 10));
        Expr sigma = m.parameter("sigma", uniform(0, 5));
        Rows years = m.rows(x.length);
        Expr eps = years.parameter("eps", normal(0, sigma));
        Expr year = years.data("year", x);
        Expr level = year.times(b3).plus(b2).times(year).plus(b1).times(year).plus(alpha);
        years.observe("count", poissonLog(level.plus(eps)), d.integers("C"));
        return new Declared(m.build(), x.length, List.of("alpha", "beta1", "beta2", "beta3", "eps", "sigma"));
    }

    private static Declared quine(Data d) {
        ModelBuilder m = Model.named("quine_negbin");
        Expr intercept = m.parameter("intercept", normal(0, 5));
        Expr b = m.parameter("beta", normal(0, 2.5), 6);
        Expr phi = m.parameter("phi", logNormal(0, 1));
        Rows children = m.rows(d.matrix("X").length);
        Expr eta = children.data("x", d.matrix("X")).matmul(b).plus(intercept);
        children.observe("days", negativeBinomialLog(eta, phi), d.integers("y"));
        return new Declared(m.build(), d.matrix("X").length, List.of("intercept", "beta", "phi"));
    }

    private static Declared autoregression(Data d) {
        double[] y = d.numbers("y");
        int order = 5;
        double[][] lags = new double[y.length - order][order];
        for (int t = order; t < y.length; t++) {
            for (int k = 0; k < order; k++) {
                lags[t - order][k] = y[t - 1 - k];
            }
        }
        ModelBuilder m = Model.named("arK");
        Expr alpha = m.parameter("alpha", normal(0, 10));
        Expr b = m.parameter("beta", normal(0, 10), order);
        Expr sigma = m.parameter("sigma", halfCauchy(2.5));
        Rows times = m.rows(lags.length);
        Expr mean = times.data("lags", lags).matmul(b).plus(alpha);
        times.observe("y", normal(mean, sigma), Arrays.copyOfRange(y, order, y.length));
        return new Declared(m.build(), y.length, List.of("alpha", "beta", "sigma"));
    }

    private static Declared garch(Data d) {
        double[] y = d.numbers("y");
        ModelBuilder m = Model.named("garch11");
        Expr mu = m.parameter("mu", flat());
        Expr a0 = m.parameter("alpha0", flat().on(positive()));
        Expr a1 = m.parameter("alpha1", flat().on(interval(0, 1)));
        Expr b1 = m.parameter(
                "beta1", flat().on(interval(Expr.constant(0), a1.negate().plus(1))));
        Expr previous = m.data("previous", Arrays.copyOf(y, y.length - 1));
        Expr shocks = previous.minus(mu).square().times(a1).plus(a0);
        Expr first = Expr.constant(Math.pow(d.number("sigma1"), 2));
        Expr later =
                Expr.scan(first, shocks, (variance, shock) -> variance.times(b1).plus(shock));
        Expr sigma = Expr.concatenate(first, later).sqrt();
        m.observe("y", normal(mu, sigma), y);
        return new Declared(m.build(), y.length, List.of("mu", "alpha0", "alpha1", "beta1"));
    }

    private static Declared hiddenMarkov(Data d) {
        double[] y = d.numbers("y");
        ModelBuilder m = Model.named("hmm_example");
        Expr theta1 = m.parameter("theta1", flat().on(simplex()), 2);
        Expr theta2 = m.parameter("theta2", flat().on(simplex()), 2);
        Expr mu = m.parameter(
                "mu",
                normal(Expr.constant(new double[] {3, 10}), Expr.constant(1)).on(positiveOrdered()),
                2);
        Expr emission = normal(mu.reshape(1, 2), Expr.constant(1)).logDensity(m.data("y", y));
        Expr intoFrom =
                Expr.concatenate(theta1.log(), theta2.log()).reshape(2, 2).transpose();
        Expr forward = Expr.scan(
                emission.row(0),
                emission.slice(2, 2 * y.length).reshape(y.length - 1, 2),
                (g, e) -> g.reshape(1, 2).plus(intoFrom).logSumExpOfRows().plus(e));
        m.addLogDensity(forward.row(y.length - 2).logSumExp());
        return new Declared(m.build(), y.length, List.of("theta1", "theta2", "mu"));
    }

    private static Declared gaussianProcess(Data d) {
        double[] x = d.numbers("x");
        int n = x.length;
        ModelBuilder m = Model.named("gp_pois_regr");
        Expr rho = m.parameter("rho", gamma(25, 4));
        Expr alpha = m.parameter("alpha", halfNormal(2));
        Expr z = m.parameter("z", normal(0, 1), n);
        m.auxiliary("z");
        Expr distances = m.data("distances", Covariances.distances(x, x));
        Expr covariance = Covariances.squaredExponential(distances, alpha, rho)
                .plus(Covariances.onDiagonal(Expr.constant(1e-10), n));
        Expr f = m.derived("f", covariance.cholesky().matmul(z));
        m.observe("k", poissonLog(f), d.numbers("k"));
        return new Declared(m.build(), n, List.of("rho", "alpha", "z"), List.of("rho", "alpha", "f"));
    }

    private static Declared gaussianMixture(Data d) {
        double[] y = d.numbers("y");
        ModelBuilder m = Model.named("low_dim_gauss_mix");
        Expr mu = m.parameter("mu", normal(0, 2).on(ordered()), 2);
        Expr sigma = m.parameter("sigma", halfNormal(2), 2);
        Expr theta = m.parameter("theta", beta(5, 5));
        Rows rows = m.rows(y.length);
        Expr weights = Expr.concatenate(theta, theta.negate().plus(1));
        rows.observe("y", mixture(weights, component(mu, sigma, 0), component(mu, sigma, 1)), y);
        return new Declared(m.build(), y.length, List.of("mu", "sigma", "theta"));
    }

    private static Distribution component(Expr mu, Expr sigma, int k) {
        return normal(mu.element(k), sigma.element(k));
    }

    private static Declared lotkaVolterra(Data d) {
        double[][] y = d.matrix("y");
        ModelBuilder m = Model.named("lotka_volterra");
        Expr alpha = m.parameter("alpha", normal(1, 0.5).on(positive()));
        Expr beta = m.parameter("beta", normal(0.05, 0.05).on(positive()));
        Expr gamma = m.parameter("gamma", normal(1, 0.5).on(positive()));
        Expr delta = m.parameter("delta", normal(0.05, 0.05).on(positive()));
        Expr initial = m.parameter("z0", logNormal(Math.log(10), 1), 2);
        Expr sigma = m.parameter("sigma", logNormal(-1, 1), 2);

        int steps = 20;
        double h = 1.0 / steps;
        Expr growth = Expr.concatenate(alpha, gamma.negate()).times(h / 2);
        Expr interaction = Expr.concatenate(beta.negate(), delta).times(h / 2);
        Expr clock = Expr.constant(new double[steps * y.length]);
        Expr path = Expr.scan(initial, clock, (z, tick) -> {
            Expr k1 = halfStep(z, growth, interaction);
            Expr k2 = halfStep(z.plus(k1), growth, interaction);
            Expr k3 = halfStep(z.plus(k2), growth, interaction);
            Expr k4 = halfStep(z.plus(k3.times(2)), growth, interaction);
            return z.plus(k1.plus(k2.plus(k3).times(2)).plus(k4).times(1.0 / 3));
        });
        int[] yearly = IntStream.range(0, 2 * y.length)
                .map(i -> ((i / 2 + 1) * steps - 1) * 2 + i % 2)
                .toArray();
        Expr z = m.derived("z", path.select(yearly).reshape(y.length, 2));
        m.observe("y_init", logNormal(initial.log(), sigma), d.numbers("y_init"));
        Rows years = m.rows(y.length);
        years.observe("y", logNormal(years.of(z.log()), sigma), y);
        return new Declared(m.build(), y.length, List.of("alpha", "beta", "gamma", "delta", "z0", "sigma"));
    }

    /** {@code h/2} times the slope of the predator-prey equations, for rates multiplied by {@code h/2}. */
    private static Expr halfStep(Expr z, Expr growth, Expr interaction) {
        return z.times(z.select(1, 0).times(interaction).plus(growth));
    }

    private static Declared itemResponse(Data d) {
        double[][] answers = d.matrix("y");
        int items = answers.length;
        int persons = answers[0].length;
        int n = items * persons;
        ModelBuilder m = Model.named("irt_2pl");
        Expr sigmaTheta = m.parameter("sigma_theta", halfCauchy(2));
        Expr theta = m.parameter("theta", normal(0, sigmaTheta), persons);
        Expr sigmaA = m.parameter("sigma_a", halfCauchy(2));
        Expr a = m.parameter("a", logNormal(Expr.constant(0), sigmaA), items);
        Expr muB = m.parameter("mu_b", normal(0, 5));
        Expr sigmaB = m.parameter("sigma_b", halfCauchy(2));
        Expr b = m.parameter("b", normal(muB, sigmaB), items);
        Rows replies = m.rows(n);
        RowIndex item = replies.index(
                "item", IntStream.range(0, n).map(i -> i / persons).toArray());
        RowIndex person = replies.index(
                "person", IntStream.range(0, n).map(i -> i % persons).toArray());
        Expr logit = a.at(item).times(theta.at(person).minus(b.at(item)));
        double[] y = Arrays.stream(answers).flatMapToDouble(Arrays::stream).toArray();
        replies.observe("y", bernoulliLogit(logit), y);
        return new Declared(m.build(), n, List.of("sigma_theta", "theta", "sigma_a", "a", "mu_b", "sigma_b", "b"));
    }

    private static Declared gehan(Data d) {
        double[] time = d.numbers("t");
        ModelBuilder m = Model.named("gehan_weibull");
        Expr intercept = m.parameter("intercept", normal(0, 10));
        Expr effect = m.parameter("effect", normal(0, 2.5), 1);
        Expr shape = m.parameter("shape", logNormal(0, 1));
        Rows patients = m.rows(time.length);
        Expr scale =
                patients.data("x", d.matrix("X")).matmul(effect).plus(intercept).exp();
        Expr died = patients.data("died", d.integers("d"));
        patients.observe("t", rightCensored(weibull(shape, scale), died), time);
        return new Declared(m.build(), time.length, List.of("intercept", "effect", "shape"));
    }

    private static Declared nile(Data d) {
        double[] y = d.numbers("y");
        int n = y.length;
        ModelBuilder m = Model.named("nile_local_level");
        Expr level = m.parameter("mu", flat(), n);
        Expr sigmaEps = m.parameter("sigma_eps", halfNormal(2));
        Expr sigmaEta = m.parameter("sigma_eta", halfNormal(1));
        m.addLogDensity(normal(10, 5).logDensity(level.element(0)));
        m.addLogDensity(normal(level.slice(0, n - 1), sigmaEta).logDensity(level.slice(1, n)));
        m.observe("y", normal(level, sigmaEps), y);
        return new Declared(m.build(), n, List.of("mu", "sigma_eps", "sigma_eta"));
    }
}
