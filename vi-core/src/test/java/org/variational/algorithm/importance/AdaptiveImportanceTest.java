package org.variational.algorithm.importance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.algorithm.importance.AdaptiveImportance.Component;
import org.variational.algorithm.importance.AdaptiveImportance.Goal;
import org.variational.algorithm.importance.AdaptiveImportance.Result;
import org.variational.density.Matrices;
import org.variational.family.FamilyShape;
import org.variational.family.FullRankGaussian;
import org.variational.family.Mixture;
import org.variational.family.MultivariateStudentT;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/** Densities with known moments and evidence; a z-score of 4.5 is exceeded by chance once in 150,000 comparisons. */
class AdaptiveImportanceTest {

    private static final double LARGEST_Z = 4.5;
    private static final double LOG_EVIDENCE = -123.25;
    private static final Goal GOAL = new Goal(1000, 30_000);

    private static AdaptiveImportance.Target pointwise(ToDoubleFunction<double[]> logDensity) {
        return (points, values) -> {
            for (int s = 0; s < points.numCols; s++) {
                values[s] = logDensity.applyAsDouble(Matrices.column(points, s)) + LOG_EVIDENCE;
            }
        };
    }

    private static double normal(double x, double mean, double sd) {
        double z = (x - mean) / sd;
        return -0.5 * z * z - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
    }

    private static double logSum(double a, double b) {
        return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
    }

    private static Component component(double weight, double sd, double... mean) {
        DMatrixRMaj covariance = new DMatrixRMaj(mean.length, mean.length);
        for (int i = 0; i < mean.length; i++) {
            covariance.set(i, i, sd * sd);
        }
        return new Component(mean, covariance, weight);
    }

    private static double[] filled(int d, double value) {
        double[] filled = new double[d];
        Arrays.fill(filled, value);
        return filled;
    }

    /** The error of a weighted mean in its standard errors. */
    private static double z(Result result, ToDoubleFunction<double[]> statistic, double truth) {
        double[] weights = result.weights();
        double[] values = new double[weights.length];
        double mean = 0;
        for (int s = 0; s < values.length; s++) {
            values[s] = statistic.applyAsDouble(Matrices.column(result.points(), s));
            mean += weights[s] * values[s];
        }
        double variance = 0;
        for (int s = 0; s < values.length; s++) {
            variance += Math.pow(weights[s] * (values[s] - mean), 2);
        }
        return (mean - truth) / Math.sqrt(variance);
    }

    private static void assertMoments(Result result, double[] mean, double[] variance) {
        assertTrue(result.reached(), () -> "reached with " + result.kHat() + ", " + result.effectiveSampleSize());
        assertTrue(result.kHat() < 0.5);
        assertTrue(result.effectiveSampleSize() >= GOAL.effectiveDraws());
        assertEquals(LOG_EVIDENCE, result.logEvidence(), LARGEST_Z * result.logEvidenceError(), "evidence");
        assertTrue(result.logEvidenceError() < 0.05);
        for (int i = 0; i < mean.length; i++) {
            int at = i;
            assertEquals(0, z(result, x -> x[at], mean[i]), LARGEST_Z, "mean " + i);
            assertEquals(0, z(result, x -> Math.pow(x[at] - mean[at], 2), variance[i]), LARGEST_Z, "variance " + i);
        }
    }

    private static Result run(ToDoubleFunction<double[]> logDensity, Component... starts) {
        return AdaptiveImportance.run(pointwise(logDensity), List.of(starts), GOAL, RandomStreams.of(7));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 10})
    void gaussianFromAFarAndWideStart(int d) {
        // x_0 ~ N(0, 1), x_i | x_0 ~ N(2 x_0, 0.01)
        ToDoubleFunction<double[]> density = x -> {
            double log = normal(x[0], 0, 1);
            for (int i = 1; i < d; i++) {
                log += normal(x[i], 2 * x[0], 0.1);
            }
            return log;
        };
        double[] variance = filled(d, 4.01);
        variance[0] = 1;
        assertMoments(run(density, component(1, 3, filled(d, 2))), new double[d], variance);
    }

    @Test
    void studentT() {
        int d = 3;
        VariationalDistribution t = MultivariateStudentT.of(d, 7).member(new double[9]);
        AdaptiveImportance.Target target = (points, values) -> {
            t.logDensity(points, values);
            for (int s = 0; s < points.numCols; s++) {
                values[s] += LOG_EVIDENCE;
            }
        };
        Result result =
                AdaptiveImportance.run(target, List.of(component(1, 1, filled(d, 0.5))), GOAL, RandomStreams.of(3));
        assertMoments(result, new double[d], filled(d, 7.0 / 5));
    }

    @Test
    void banana() {
        Result result = run(x -> normal(x[0], 0, 1) + normal(x[1], x[0] * x[0], 1), component(1, 1, 0, 0));
        assertMoments(result, new double[] {0, 1}, new double[] {1, 3});
        assertTrue(result.distribution().family().components() > 1, "one t distribution is not bent");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void funnel(int d) {
        ToDoubleFunction<double[]> density = x -> {
            double log = normal(x[0], 0, 1);
            for (int i = 1; i < d; i++) {
                log += normal(x[i], 0, Math.exp(x[0] / 2));
            }
            return log;
        };
        double[] variance = filled(d, Math.exp(0.5));
        variance[0] = 1;
        assertMoments(run(density, component(1, 1, new double[d])), new double[d], variance);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void separatedModes(int d) {
        // 30 % at 0 with sd 1 and 70 % at 12 with sd 0.5
        ToDoubleFunction<double[]> density = x -> {
            double first = Math.log(0.3);
            double second = Math.log(0.7);
            for (double at : x) {
                first += normal(at, 0, 1);
                second += normal(at, 12, 0.5);
            }
            return logSum(first, second);
        };
        Result result = run(density, component(0.5, 1, new double[d]), component(0.5, 1, filled(d, 12)));
        double variance = 0.3 + 0.7 * 0.25 + 0.21 * 144;
        assertMoments(result, filled(d, 8.4), filled(d, variance));
        assertEquals(0, z(result, x -> x[0] > 6 ? 1 : 0, 0.7), LARGEST_Z);
    }

    @Test
    void unequalScalesAroundOneCentre() {
        ToDoubleFunction<double[]> density = x -> logSum(
                Math.log(0.5) + normal(x[0], 0, 0.1) + normal(x[1], 0, 0.1),
                Math.log(0.5) + normal(x[0], 0, 3) + normal(x[1], 0, 3));
        double variance = 0.5 * (0.01 + 9);
        // the curvature at the mode is that of the narrow part
        assertMoments(run(density, component(1, 0.1, 0, 0)), new double[2], filled(2, variance));
    }

    @Test
    void evidenceIsRightOnAverageAndItsErrorTrue() {
        int runs = 20;
        double[] z = IntStream.range(0, runs)
                .mapToDouble(seed -> {
                    Result result = AdaptiveImportance.run(
                            pointwise(x -> normal(x[0], 0, 1) + normal(x[1], x[0] * x[0], 1)),
                            List.of(component(1, 1, 0, 0)),
                            new Goal(200, 10_000),
                            RandomStreams.of(seed));
                    return (result.logEvidence() - LOG_EVIDENCE) / result.logEvidenceError();
                })
                .toArray();
        assertEquals(0, Arrays.stream(z).sum() / Math.sqrt(runs), LARGEST_Z);
        // the sum of squares of 20 normal numbers is above 54 or below 3.6 once in 10,000 times
        double squares = Arrays.stream(z).map(value -> value * value).sum();
        assertTrue(squares > 3.6 && squares < 54, () -> "chi-square " + squares);
    }

    @Test
    void drawsAreThoseOfTheDensity() {
        Result result = run(x -> normal(x[0], 0, 1) + normal(x[1], x[0] * x[0], 1), component(1, 1, 0, 0));
        VariationalDistribution narrow = FullRankGaussian.of(2).member(new double[] {0, 0.5, -0.5, 0.2, -0.3});
        double[] mean = new double[2];
        double[] deviation = new double[2];
        // draws of the result itself, and new ones from the mixture
        DMatrixRMaj noise = new DMatrixRMaj(result.distribution().noiseDimension(), 4000);
        DrawScheme.independent().draws(noise.numRows, RandomStreams.of(99)).fill(0, noise);
        DMatrixRMaj fresh = new DMatrixRMaj(2, noise.numCols);
        result.distribution().sample(noise, fresh);
        List<DMatrixRMaj> samples = List.of(result.points(), fresh);
        for (int k = 0; k < 2; k++) {
            DMatrixRMaj points = samples.get(k);
            double[] numerator = new double[points.numCols];
            double[] denominator = new double[points.numCols];
            narrow.logDensity(points, numerator);
            result.distribution().logDensity(points, denominator);
            double squares = 0;
            for (int s = 0; s < points.numCols; s++) {
                double ratio = Math.exp(numerator[s] - denominator[s]);
                mean[k] += ratio / points.numCols;
                squares += ratio * ratio / points.numCols;
            }
            deviation[k] = Math.sqrt((squares - mean[k] * mean[k]) / points.numCols);
            assertEquals(1, mean[k], LARGEST_Z * deviation[k]);
            assertTrue(deviation[k] < 0.05);
        }
    }

    @Test
    void theWeightsAreThoseOfDrawsAndDensities() {
        AdaptiveImportance.Target target = pointwise(x -> normal(x[0], 0, 1) + normal(x[1], x[0] * x[0], 1));
        Result result = AdaptiveImportance.run(target, List.of(component(1, 1, 0, 0)), GOAL, RandomStreams.of(7));
        double[] logDensity = new double[result.points().numCols];
        double[] logMixture = new double[result.points().numCols];
        target.evaluate(result.points(), logDensity);
        result.distribution().logDensity(result.points(), logMixture);
        for (int s = 0; s < logDensity.length; s++) {
            assertEquals(logDensity[s] - logMixture[s], result.logWeights()[s], 1e-12 * Math.abs(logDensity[s]));
        }
        assertEquals(1, Arrays.stream(result.weights()).sum(), 1e-12);
    }

    @Test
    void sameStreamsSameBits() {
        ToDoubleFunction<double[]> density = x -> normal(x[0], 0, 1) + normal(x[1], 2 * x[0] * x[0], 0.5);
        Result once = run(density, component(1, 1, 0, 0));
        Result again = run(density, component(1, 1, 0, 0));
        assertArrayEquals(once.logWeights(), again.logWeights());
        assertArrayEquals(once.points().data, again.points().data);
        assertArrayEquals(once.distribution().parameters(), again.distribution().parameters());
        Result other =
                AdaptiveImportance.run(pointwise(density), List.of(component(1, 1, 0, 0)), GOAL, RandomStreams.of(8));
        assertFalse(Arrays.equals(once.logWeights(), other.logWeights()));
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 60, 130, 500, 777})
    void evaluationsAreThoseMadeAndWithinTheBudget(int budget) {
        long[] made = new long[1];
        AdaptiveImportance.Target hard = (points, values) -> {
            made[0] += points.numCols;
            pointwise(x -> normal(x[0], 0, 3) + normal(x[1], 0, Math.exp(2 * x[0])))
                    .evaluate(points, values);
        };
        Result result = AdaptiveImportance.run(
                hard, List.of(component(1, 1, 0, 0)), new Goal(100_000, budget), RandomStreams.of(1));
        assertFalse(result.reached());
        assertEquals(made[0], result.evaluations());
        assertTrue(result.evaluations() <= budget);
        assertTrue(result.points().numCols >= Math.min(budget, 120), "the last mixture has a batch of draws");
    }

    @Test
    void stepsCanBeStoppedAtAnyTime() {
        AdaptiveImportance sampler = AdaptiveImportance.of(
                pointwise(x -> normal(x[0], 0, 1) + normal(x[1], 2 * x[0] * x[0], 0.5)),
                List.of(component(1, 1, 0, 0)),
                GOAL,
                RandomStreams.of(7));
        assertThrows(IllegalStateException.class, sampler::result);
        boolean more = true;
        while (more) {
            more = sampler.step();
            assertEquals(sampler.evaluations(), sampler.result().evaluations());
        }
        assertFalse(sampler.step());
        assertEquals(
                run(x -> normal(x[0], 0, 1) + normal(x[1], 2 * x[0] * x[0], 0.5), component(1, 1, 0, 0))
                        .logEvidence(),
                sampler.result().logEvidence());
    }

    @Test
    void whatCannotBeEvaluatedIsRejectedAndHasNoMass() {
        Result result = run(x -> x[0] < 0 ? Double.NaN : normal(x[0], 0, 1), component(1, 1, 0));
        assertTrue(result.reached());
        assertTrue(result.rejected() > 0);
        assertEquals(LOG_EVIDENCE + Math.log(0.5), result.logEvidence(), LARGEST_Z * result.logEvidenceError());
        assertEquals(0, z(result, x -> x[0], Math.sqrt(2 / Math.PI)), LARGEST_Z);
    }

    @Test
    void aDensityThatIsZeroAtAllDrawsEndsWithTheBudget() {
        Result result = AdaptiveImportance.run(
                pointwise(x -> Double.NEGATIVE_INFINITY),
                List.of(component(1, 1, 0)),
                new Goal(100, 1000),
                RandomStreams.of(7));
        assertFalse(result.reached());
        assertEquals(0, result.effectiveSampleSize());
        assertEquals(Double.NEGATIVE_INFINITY, result.logEvidence());
        assertTrue(Double.isNaN(result.kHat()));
    }

    @Test
    void theMatchedMixtureHasTheMomentsOfTheWeightedDraws() {
        Result result = run(x -> normal(x[0], 0, 1) + normal(x[1], x[0] * x[0], 1), component(1, 1, 0, 0));
        Mixture.Member matched = result.matched();
        assertEquals(
                result.distribution().family().components(), matched.family().components());
        assertArrayEquals(result.mean(), matched.mean(), 1e-10);
        for (int i = 0; i < 2; i++) {
            assertEquals(Math.sqrt(result.covariance().get(i, i)), matched.standardDeviation()[i], 1e-10);
        }
    }

    @Test
    void partsShareTheDraws() {
        Result result = run(x -> normal(x[0], 0, 1) + normal(x[1], 1, 2), component(1, 1, 0, 0));
        double total = 0;
        int count = 0;
        for (int g = 0; g < 3; g++) {
            Result part = result.part(g, 3);
            count += part.logWeights().length;
            total += Math.exp(part.logEvidence() - result.logEvidence()) * part.logWeights().length;
            assertEquals(result.points().get(1, g), part.points().get(1, 0));
        }
        assertEquals(result.logWeights().length, count);
        assertEquals(count, total, 1e-9 * count);
    }

    @Test
    void theMixtureCanBeSaved() {
        Mixture.Member mixture = run(
                        x -> normal(x[0], 0, 1) + normal(x[1], 2 * x[0] * x[0], 0.5), component(1, 1, 0, 0))
                .distribution();
        VariationalDistribution restored =
                FamilyShape.of(mixture.family()).family().member(mixture.parameters());
        DMatrixRMaj point = new DMatrixRMaj(2, 1, true, 0.3, -0.2);
        double[] saved = new double[1];
        double[] own = new double[1];
        restored.logDensity(point, saved);
        mixture.logDensity(point, own);
        assertArrayEquals(own, saved);
    }

    @Test
    void misuseIsRefusedWhenBuilt() {
        Component one = component(1, 1, 0);
        AdaptiveImportance.Target target = pointwise(x -> 0);
        RandomStreams streams = RandomStreams.of(1);
        assertThrows(IllegalArgumentException.class, () -> AdaptiveImportance.of(target, List.of(), GOAL, streams));
        assertThrows(
                IllegalArgumentException.class,
                () -> AdaptiveImportance.of(target, List.of(one, component(1, 1, 0, 0)), GOAL, streams));
        assertThrows(IllegalArgumentException.class, () -> component(0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> component(1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> component(1, 1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Goal(0, 100));
        assertThrows(IllegalArgumentException.class, () -> new Goal(100, 9));
    }
}
