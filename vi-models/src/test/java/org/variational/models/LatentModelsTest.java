package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.commons.math3.distribution.AbstractRealDistribution;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.ExponentialDistribution;
import org.apache.commons.math3.distribution.LogNormalDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.apache.commons.math3.distribution.WeibullDistribution;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.ode.FirstOrderDifferentialEquations;
import org.apache.commons.math3.ode.nonstiff.ClassicalRungeKuttaIntegrator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.variational.density.GradientCheck;
import org.variational.model.Model;

/** Models with latent structure against their formulas, computed apart from them; their names and gradients. */
class LatentModelsTest {

    private static final RandomGenerator RANDOM =
            RandomGeneratorFactory.of("L64X128MixRandom").create(20260102);

    static final int N = 9;
    static final double[][] X = new double[N][1];
    static final double[][] WIDE = new double[N][2];
    static final double[] Y = new double[N];
    static final double[] TIME = new double[N];
    static final int[] EVENT = new int[N];
    static final int[] COUNTS = new int[N];
    static final double[] EXPOSURE = new double[N];
    static final int[] GROUP = new int[N];
    static final int[][] ANSWERS = new int[4][3];
    static final double[][] POPULATIONS = new double[5][2];
    static final double[] SERIES = {0.3, 2.5, 2.2, -0.4, 0.1, 2.9};

    static {
        for (int n = 0; n < N; n++) {
            X[n] = new double[] {5 + 2 * RANDOM.nextGaussian()};
            WIDE[n] = new double[] {X[n][0], 100 * RANDOM.nextDouble()};
            Y[n] = 3 - X[n][0] + RANDOM.nextGaussian();
            TIME[n] = 4 * RANDOM.nextExponential();
            EVENT[n] = n % 3 == 0 ? 0 : 1;
            COUNTS[n] = RANDOM.nextInt(9);
            EXPOSURE[n] = 0.5 + RANDOM.nextDouble();
            GROUP[n] = n % 4;
        }
        for (int[] row : ANSWERS) {
            Arrays.setAll(row, j -> RANDOM.nextInt(2));
        }
        for (double[] row : POPULATIONS) {
            Arrays.setAll(row, j -> 5 + 20 * RANDOM.nextDouble());
        }
    }

    static final VaryingSlopes SLOPES =
            VaryingSlopes.builder().predictors(X).group(GROUP, 5).outcome(Y).build();
    static final HiddenMarkov MARKOV =
            HiddenMarkov.builder().series(SERIES).states(2).stay(3).build();
    static final PoissonGaussianProcess COX = PoissonGaussianProcess.builder()
            .inputs(X)
            .outcome(COUNTS)
            .exposure(EXPOSURE)
            .build();
    static final ItemResponse ITEMS = ItemResponse.builder().table(ANSWERS).build();
    static final WeibullSurvival WEIBULL =
            WeibullSurvival.builder().predictors(X).times(TIME, EVENT).build();
    static final LotkaVolterra HARES =
            LotkaVolterra.builder().populations(POPULATIONS).interval(0.5).build();

    private static final Map<String, Model> MODELS = Map.of(
            "varying slopes", SLOPES.model(),
            "varying slopes of two predictors", VaryingSlopes.of(WIDE, GROUP, 4, Y),
            "hidden Markov", MARKOV.model(),
            "hidden Markov of three states", HiddenMarkov.of(SERIES, 3),
            "Poisson Gaussian process", COX.model(),
            "item response", ITEMS.model(),
            "Weibull survival", WEIBULL.model(),
            "Lotka-Volterra", HARES.model(),
            "centred varying intercepts",
                    VaryingIntercepts.builder()
                            .predictors(X)
                            .group(GROUP, 4)
                            .outcome(Y)
                            .centred(true)
                            .build()
                            .model());

    // ---- independent formulas ---------------------------------------------------------------------------------------

    private static double log(AbstractRealDistribution distribution, double... values) {
        return Arrays.stream(values).map(distribution::logDensity).sum();
    }

    private static double normal(double mean, double sd, double... values) {
        return log(new NormalDistribution(null, mean, sd), values);
    }

    /** The exponential prior of a scale, with the Jacobian of its logarithm. */
    private static double scalePrior(double mean, double value) {
        return log(new ExponentialDistribution(null, mean), value) + Math.log(value);
    }

    /** A log normal prior, with the Jacobian of the logarithm. */
    private static double logNormal(double location, double scale, double... values) {
        double sum = 0;
        for (double value : values) {
            sum += log(new LogNormalDistribution(null, location, scale), value) + Math.log(value);
        }
        return sum;
    }

    static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    static double sd(double[] values) {
        double mean = mean(values);
        return Math.sqrt(Arrays.stream(values).map(v -> Math.pow(v - mean, 2)).sum() / (values.length - 1));
    }

    static double[] x() {
        return Arrays.stream(X).mapToDouble(row -> row[0]).toArray();
    }

    private static void requireFormula(At at, double formula) {
        assertThat(at.logDensity()).isCloseTo(formula, within(1e-9 * (1 + Math.abs(formula))));
    }

    private static double standardisedPriors(At at) {
        return normal(0, 1, at.coordinates("level")) + normal(0, 1, at.coordinates("coefficients"));
    }

    /** A correlation of density 3/4 (1 - r^2), shape 2, is the hyperbolic tangent of its coordinate. */
    @Test
    void varyingSlopes() {
        At at = At.random(SLOPES.model(), 1, 1);
        double s = sd(Y);
        assertThat(at.value("level")).isCloseTo(mean(Y) + 2.5 * s * at.coordinates("level")[0], within(1e-12));
        assertThat(at.value("coefficients"))
                .isCloseTo(2.5 * s / sd(x()) * at.coordinates("coefficients")[0], within(1e-12));
        double[] groupSd = at.values("group_sd");
        double[] z = at.values("z");
        double r = at.values("factor")[2];
        double sum = standardisedPriors(at)
                + normal(0, 1, z)
                + scalePrior(s, groupSd[0])
                + scalePrior(s / sd(x()), groupSd[1])
                + Math.log(0.75)
                + 2 * Math.log(1 - r * r)
                + scalePrior(s, at.value("sigma"));
        for (int n = 0; n < N; n++) {
            int j = GROUP[n];
            double intercept = at.value("level") + groupSd[0] * z[2 * j];
            double slope = at.value("coefficients") + groupSd[1] * (r * z[2 * j] + Math.sqrt(1 - r * r) * z[2 * j + 1]);
            assertThat(at.values("effects")[2 * j]).isCloseTo(intercept, within(1e-12));
            assertThat(at.values("effects")[2 * j + 1]).isCloseTo(slope, within(1e-12));
            sum += normal(intercept + slope * (X[n][0] - mean(x())), at.value("sigma"), Y[n]);
        }
        assertThat(at.values("correlation")).containsExactly(new double[] {1, r, r, 1}, within(1e-15));
        requireFormula(at, sum);
    }

    @Test
    void centredVaryingIntercepts() {
        Model model = MODELS.get("centred varying intercepts");
        At at = At.random(model, 1, 2);
        double s = sd(Y);
        double[] intercepts = at.values("intercepts");
        double sum = standardisedPriors(at)
                + normal(at.value("level"), at.value("group_sd"), intercepts)
                + scalePrior(s, at.value("group_sd"))
                + scalePrior(s, at.value("sigma"));
        for (int n = 0; n < N; n++) {
            double expected = intercepts[GROUP[n]] + at.value("coefficients") * (X[n][0] - mean(x()));
            sum += normal(expected, at.value("sigma"), Y[n]);
        }
        requireFormula(at, sum);
    }

    /** The probability density of a series and a path of states, for every path. */
    static double[] pathDensities(At at, double[] y) {
        double[] means = at.values("means");
        double[] sds = at.values("sds");
        double[] initial = at.values("initial");
        double[] transition = at.values("transition");
        int states = means.length;
        double[] densities = new double[(int) Math.pow(states, y.length)];
        for (int path = 0; path < densities.length; path++) {
            double density = 1;
            int previous = -1;
            int rest = path;
            for (double value : y) {
                int state = rest % states;
                rest /= states;
                density *= (previous < 0 ? initial[state] : transition[previous * states + state])
                        * Math.exp(normal(means[state], sds[state], value));
                previous = state;
            }
            densities[path] = density;
        }
        return densities;
    }

    /**
     * The sum over all paths; a probability p of two has the density 1, or 3 p^2 for staying, and the Jacobian p (1 -
     * p).
     */
    @Test
    void hiddenMarkov() {
        At at = At.random(MARKOV.model(), 1, 3);
        double s = sd(SERIES);
        double[] means = at.values("means");
        double[] from = {at.values("from_0")[0], at.values("from_1")[1]};
        double p = at.values("initial")[0];
        assertThat(at.values("transition"))
                .containsExactly(new double[] {from[0], 1 - from[0], 1 - from[1], from[1]}, within(1e-14));
        assertThat(means).isSorted();
        double sum = normal(mean(SERIES), 2 * s, means)
                + at.coordinates("means")[1]
                + logNormal(Math.log(s / 2), 1, at.values("sds"))
                + Math.log(p * (1 - p));
        for (double stay : from) {
            sum += Math.log(3 * stay * stay) + Math.log(stay * (1 - stay));
        }
        requireFormula(
                at, sum + Math.log(Arrays.stream(pathDensities(at, SERIES)).sum()));
    }

    /** The covariance of the process between two inputs. */
    static double covariance(At at, double a, double b) {
        double r = (a - b) / sd(x()) / at.value("length_scale");
        return Math.pow(at.value("amplitude"), 2) * Math.exp(-r * r / 2);
    }

    static Array2DRowRealMatrix covariances(At at) {
        Array2DRowRealMatrix k = new Array2DRowRealMatrix(N, N);
        for (int a = 0; a < N; a++) {
            for (int b = 0; b < N; b++) {
                double jitter = a == b ? 1e-8 * Math.pow(at.value("amplitude"), 2) : 0;
                k.setEntry(a, b, covariance(at, X[a][0], X[b][0]) + jitter);
            }
        }
        return k;
    }

    private static double logRate() {
        return Math.log(
                (Arrays.stream(COUNTS).sum() + 0.5) / Arrays.stream(EXPOSURE).sum());
    }

    @Test
    void poissonGaussianProcess() {
        At at = At.random(COX.model(), 0.7, 4);
        double amplitude = at.value("amplitude");
        assertThat(at.value("level")).isCloseTo(logRate() + 2.5 * at.coordinates("level")[0], within(1e-12));
        double[] f = new CholeskyDecomposition(covariances(at)).getL().operate(at.values("z"));
        double sum = normal(0, 1, at.coordinates("level"))
                + Math.log(2)
                + normal(0, 1, amplitude)
                + Math.log(amplitude)
                + logNormal(-0.5, 1, at.value("length_scale"))
                + normal(0, 1, at.values("z"));
        for (int n = 0; n < N; n++) {
            assertThat(at.values("f")[n]).isCloseTo(f[n], within(1e-7));
            double rate = EXPOSURE[n] * Math.exp(at.value("level") + at.values("f")[n]);
            sum += new PoissonDistribution(rate).logProbability(COUNTS[n]);
        }
        requireFormula(at, sum);
    }

    @Test
    void itemResponse() {
        At at = At.random(ITEMS.model(), 1, 5);
        double[] difficulty = at.values("difficulty");
        double sum = normal(0, 1, at.values("ability"))
                + logNormal(0, 0.5, at.values("discrimination"))
                + normal(0, 2, at.value("difficulty_mean"))
                + scalePrior(1, at.value("difficulty_sd"))
                + normal(0, 1, at.coordinates("difficulty"));
        for (int j = 0; j < difficulty.length; j++) {
            double expected = at.value("difficulty_mean") + at.value("difficulty_sd") * at.coordinates("difficulty")[j];
            assertThat(difficulty[j]).isCloseTo(expected, within(1e-12));
            for (int i = 0; i < ANSWERS.length; i++) {
                double logOdds = at.values("discrimination")[j] * (at.values("ability")[i] - difficulty[j]);
                sum -= Math.log1p(Math.exp(ANSWERS[i][j] == 1 ? -logOdds : logOdds));
            }
        }
        requireFormula(at, sum);
    }

    @Test
    void weibullSurvival() {
        At at = At.random(WEIBULL.model(), 1, 6);
        double average =
                Math.log(Arrays.stream(TIME).sum() / (0.5 + Arrays.stream(EVENT).sum()));
        assertThat(at.value("level")).isCloseTo(average + 2.5 * at.coordinates("level")[0], within(1e-12));
        assertThat(at.value("coefficients"))
                .isCloseTo(2.5 / sd(x()) * at.coordinates("coefficients")[0], within(1e-12));
        double shape = at.value("shape");
        double sum = standardisedPriors(at) + logNormal(0, 1, shape);
        for (int n = 0; n < N; n++) {
            double scale = Math.exp(at.value("level") + at.value("coefficients") * (X[n][0] - mean(x())));
            sum += EVENT[n] == 1
                    ? log(new WeibullDistribution(null, shape, scale), TIME[n])
                    : -Math.pow(TIME[n] / scale, shape);
        }
        requireFormula(at, sum);
    }

    /** The integrator of commons-math takes the same steps. */
    static double[] after(At at, double[] from, double time) {
        double alpha = at.value("alpha");
        double beta = at.value("beta");
        double gamma = at.value("gamma");
        double delta = at.value("delta");
        FirstOrderDifferentialEquations equations = new FirstOrderDifferentialEquations() {
            @Override
            public int getDimension() {
                return 2;
            }

            @Override
            public void computeDerivatives(double t, double[] z, double[] slope) {
                slope[0] = (alpha - beta * z[1]) * z[0];
                slope[1] = (delta * z[0] - gamma) * z[1];
            }
        };
        double[] z = from.clone();
        new ClassicalRungeKuttaIntegrator(0.025).integrate(equations, 0, z, time, z);
        return z;
    }

    @Test
    void lotkaVolterra() {
        At at = At.random(HARES.model(), 0.5, 7);
        double[] mean = {0, 0};
        for (double[] row : POPULATIONS) {
            mean[0] += row[0] / POPULATIONS.length;
            mean[1] += row[1] / POPULATIONS.length;
        }
        double[] sigma = at.values("sigma");
        double[] z = at.values("initial");
        double sum = logNormal(0, 1, at.value("alpha"))
                + logNormal(-Math.log(mean[1]), 1, at.value("beta"))
                + logNormal(0, 1, at.value("gamma"))
                + logNormal(-Math.log(mean[0]), 1, at.value("delta"))
                + logNormal(Math.log(mean[0]), 1, z[0])
                + logNormal(Math.log(mean[1]), 1, z[1])
                + logNormal(-1, 1, sigma);
        for (int t = 0; t < POPULATIONS.length; t++) {
            if (t > 0) {
                z = after(at, z, 0.5);
            }
            for (int i = 0; i < 2; i++) {
                assertThat(at.values("populations")[2 * t + i]).isCloseTo(z[i], within(1e-9 * z[i]));
                sum += log(new LogNormalDistribution(null, Math.log(z[i]), sigma[i]), POPULATIONS[t][i]);
            }
        }
        requireFormula(at, sum);
    }

    // ---- all models -------------------------------------------------------------------------------------------------

    @TestFactory
    List<DynamicTest> gradientsMatchFiniteDifferences() {
        return MODELS.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    Model model = entry.getValue();
                    DMatrixRMaj points = new DMatrixRMaj(model.dimension(), 5);
                    RandomGenerator random =
                            RandomGeneratorFactory.of("L64X128MixRandom").create(3);
                    for (int i = 0; i < points.data.length; i++) {
                        points.data[i] = 0.5 * random.nextGaussian();
                    }
                    assertThat(GradientCheck.worst(model.density(), model.layout(), points))
                            .isEmpty();
                }))
                .toList();
    }

    @Test
    void quantitiesHaveTheNamesDocumented() {
        assertThat(At.quantityNames(SLOPES.model()))
                .containsExactly("level", "coefficients", "group_sd", "sigma", "correlation", "effects", "factor", "z");
        assertThat(At.quantityNames(MARKOV.model()))
                .containsExactly("means", "sds", "initial", "transition", "from_0", "from_1");
        assertThat(At.quantityNames(COX.model())).containsExactly("level", "amplitude", "length_scale", "f", "z");
        assertThat(At.quantityNames(ITEMS.model()))
                .containsExactly("difficulty_mean", "difficulty_sd", "discrimination", "difficulty", "ability");
        assertThat(At.quantityNames(WEIBULL.model())).containsExactly("shape", "level", "coefficients", "intercept");
        assertThat(At.quantityNames(HARES.model()))
                .containsExactly("alpha", "beta", "gamma", "delta", "initial", "sigma", "populations");
    }

    /** Without standardisation the prior scale of a coefficient does not know the predictor's spread. */
    @Test
    void priorsCanBeSet() {
        Model plain = LinearRegression.builder()
                .predictors(X)
                .outcome(Y)
                .priorScale(4)
                .standardise(false)
                .build()
                .model();
        At at = At.random(plain, 1, 8);
        assertThat(at.value("level")).isCloseTo(mean(Y) + 4 * sd(Y) * at.coordinates("level")[0], within(1e-12));
        assertThat(at.value("coefficients")).isCloseTo(4 * sd(Y) * at.coordinates("coefficients")[0], within(1e-12));
        At walk =
                At.random(LocalLevel.builder().series(Y).stepScale(0.1).build().model(), 1, 9);
        At usual = At.point(LocalLevel.of(Y), coordinates(walk, "initial", "level_sd", "sigma", "steps"));
        double sd = walk.value("level_sd");
        assertThat(walk.logDensity() - usual.logDensity())
                .isCloseTo(scalePrior(0.1 * sd(Y), sd) - scalePrior(sd(Y), sd), within(1e-11));
        At persistent = At.random(
                Garch11.builder().series(Y).persistence(20, 1.5).build().model(), 1, 10);
        At uniform =
                At.point(Garch11.of(Y), coordinates(persistent, "mu", "long_run_sd", "persistence", "shock_share"));
        assertThat(persistent.logDensity() - uniform.logDensity())
                .isCloseTo(log(new BetaDistribution(null, 20, 1.5), persistent.value("persistence")), within(1e-10));
    }

    private static double[] coordinates(At at, String... names) {
        return Arrays.stream(names)
                .flatMapToDouble(name -> Arrays.stream(at.coordinates(name)))
                .toArray();
    }
}
