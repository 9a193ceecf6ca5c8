package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.posterior.Summary;

/**
 * Fits with nothing chosen to data simulated from known values. A value is within four posterior standard deviations of
 * the mean except for one in sixteen thousand; the approximation's own standard deviation, which may be too small, is
 * why it is four and not three. The data are fixed by seed.
 */
class RecoveryTest {

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(20260103);

    private static Fit fit(Model model) {
        return VariationalInference.of(model).seed(20260104).run();
    }

    private static void requireNear(Fit fit, String name, double truth) {
        Summary.Row row = fit.summary().row(name);
        assertThat(Math.abs(row.mean() - truth))
                .as("%s is %s with sd %s, true value %s", name, row.mean(), row.sd(), truth)
                .isLessThan(4 * row.sd());
    }

    /**
     * Against the sampling error of the plain estimate, where an approximation's own standard deviation may be too
     * small.
     */
    private static void requireWithin(Fit fit, String name, double truth, double standardError) {
        assertThat(fit.summary().row(name).mean()).as(name).isCloseTo(truth, within(4 * standardError));
    }

    /** That the data have told something: the standard deviation is below a bound well under the prior's. */
    private static void requireInformed(Fit fit, String name, double bound) {
        assertThat(fit.summary().row(name).sd()).as("sd of " + name).isLessThan(bound);
    }

    @Test
    void weibullSurvival() {
        int n = 150;
        double[][] x = new double[n][1];
        double[] time = new double[n];
        int[] event = new int[n];
        for (int i = 0; i < n; i++) {
            x[i][0] = random.nextGaussian();
            double t = Math.exp(1 + 0.7 * x[i][0]) * Math.pow(random.nextExponential(), 1 / 1.8);
            double end = 6 * random.nextDouble();
            event[i] = t < end ? 1 : 0;
            time[i] = Math.min(t, end);
        }
        WeibullSurvival survival =
                WeibullSurvival.builder().predictors(x).times(time, event).build();
        Fit fit = fit(survival.model());
        requireNear(fit, "shape", 1.8);
        requireNear(fit, "intercept", 1);
        requireNear(fit, "coefficients[0]", 0.7);
        requireInformed(fit, "coefficients[0]", 0.2);
        double exact = Math.exp(-Math.pow(3 / Math.exp(1 + 0.7 * 0.5), 1.8));
        DMatrixRMaj beyond = survival.survival(fit.posterior(), new double[][] {{0.5}}, 3);
        assertThat(Math.abs(LatentModelsTest.mean(beyond.data) - exact))
                .isLessThan(4 * LatentModelsTest.sd(beyond.data));
    }

    @Test
    void hiddenMarkov() {
        int n = 150;
        double[] y = new double[n];
        int[] state = new int[n];
        for (int t = 1; t < n; t++) {
            state[t] = random.nextDouble() < 0.1 ? 1 - state[t - 1] : state[t - 1];
        }
        for (int t = 0; t < n; t++) {
            y[t] = (state[t] == 1 ? 3 : -1) + random.nextGaussian();
        }
        HiddenMarkov series = HiddenMarkov.builder().series(y).states(2).build();
        Fit fit = fit(series.model());
        requireNear(fit, "means[0]", -1);
        requireNear(fit, "means[1]", 3);
        requireNear(fit, "transition[0,0]", 0.9);
        requireInformed(fit, "means[0]", 0.3);
        DMatrixRMaj probabilities = series.stateProbabilities(fit.posterior());
        int right = 0;
        for (int t = 0; t < n; t++) {
            right += (probabilities.get(t, 1) > 0.5 ? 1 : 0) == state[t] ? 1 : 0;
        }
        assertThat(right).isGreaterThan(135); // two standard deviations between means of 4: even alone 97.7 % are right
    }

    @Test
    @Tag("slow")
    void varyingSlopes() {
        int groups = 20;
        int n = 12 * groups;
        double[][] effects = new double[groups][];
        for (int j = 0; j < groups; j++) {
            double a = random.nextGaussian();
            effects[j] = new double[] {2 + a, -1 + 0.5 * (0.6 * a + 0.8 * random.nextGaussian())};
        }
        double[][] x = new double[n][1];
        int[] group = new int[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            group[i] = i % groups;
            x[i][0] = random.nextGaussian();
            y[i] = effects[group[i]][0] + effects[group[i]][1] * x[i][0] + 0.4 * random.nextGaussian();
        }
        VaryingSlopes slopes = VaryingSlopes.builder()
                .predictors(x)
                .group(group, groups)
                .outcome(y)
                .build();
        Fit fit = fit(slopes.model());
        requireWithin(fit, "coefficients[0]", -1, 0.5 / Math.sqrt(groups));
        requireWithin(fit, "sigma", 0.4, 0.4 / Math.sqrt(2 * n));
        requireWithin(fit, "group_sd[0]", 1, 1 / Math.sqrt(2 * groups));
        requireWithin(fit, "group_sd[1]", 0.5, 0.5 / Math.sqrt(2 * groups));
        requireWithin(fit, "correlation[1,0]", 0.6, (1 - 0.6 * 0.6) / Math.sqrt(groups));
        requireWithin(fit, "effects[3,1]", effects[3][1], 0.4 / Math.sqrt(12));
    }

    @Test
    @Tag("slow")
    void itemResponse() {
        int persons = 60;
        int items = 12;
        double[] ability = new double[persons];
        Arrays.setAll(ability, i -> random.nextGaussian());
        int[][] correct = new int[persons][items];
        for (int i = 0; i < persons; i++) {
            for (int j = 0; j < items; j++) {
                double logOdds = (0.8 + 0.1 * j) * (ability[i] - (j - 5.5) / 4);
                correct[i][j] = random.nextDouble() < 1 / (1 + Math.exp(-logOdds)) ? 1 : 0;
            }
        }
        Fit fit = fit(ItemResponse.of(correct));
        requireNear(fit, "difficulty[0]", -5.5 / 4);
        requireNear(fit, "difficulty[11]", 5.5 / 4);
        requireNear(fit, "discrimination[6]", 1.4);
        requireInformed(fit, "difficulty[6]", 0.5);
    }

    @Test
    @Tag("slow")
    void lotkaVolterra() {
        double[][] y = new double[16][];
        double[] z = {30, 6};
        for (int t = 0; t < y.length; t++) {
            y[t] = new double[] {
                z[0] * Math.exp(0.1 * random.nextGaussian()), z[1] * Math.exp(0.1 * random.nextGaussian())
            };
            for (int i = 0; i < 10_000; i++) {
                double prey = z[0];
                z[0] += 1e-4 * prey * (0.6 - 0.03 * z[1]);
                z[1] += 1e-4 * z[1] * (0.02 * prey - 0.7);
            }
        }
        LotkaVolterra hares = LotkaVolterra.builder().populations(y).build();
        Fit fit = fit(hares.model());
        requireNear(fit, "alpha", 0.6);
        requireNear(fit, "beta", 0.03);
        requireNear(fit, "gamma", 0.7);
        requireNear(fit, "delta", 0.02);
        requireInformed(fit, "alpha", 0.1);
    }

    @Test
    @Tag("slow")
    void poissonGaussianProcess() {
        int n = 40;
        double[][] x = new double[n][1];
        int[] y = new int[n];
        for (int i = 0; i < n; i++) {
            x[i][0] = 0.25 * i;
            double rate = Math.exp(2 + Math.sin(x[i][0]));
            double arrivals = random.nextExponential();
            while (arrivals < rate) {
                y[i]++;
                arrivals += random.nextExponential();
            }
        }
        PoissonGaussianProcess process =
                PoissonGaussianProcess.builder().inputs(x).outcome(y).build();
        Fit fit = fit(process.model());
        DMatrixRMaj rates = process.expected(fit.posterior(), new double[][] {{1.6}, {4.7}});
        double[] truth = {Math.exp(2 + Math.sin(1.6)), Math.exp(2 + Math.sin(4.7))};
        for (int i = 0; i < 2; i++) {
            double[] draws = Arrays.copyOfRange(rates.data, i * rates.numCols, (i + 1) * rates.numCols);
            assertThat(Math.abs(LatentModelsTest.mean(draws) - truth[i])).isLessThan(4 * LatentModelsTest.sd(draws));
            assertThat(LatentModelsTest.sd(draws)).isLessThan(0.4 * truth[i]);
        }
    }
}
