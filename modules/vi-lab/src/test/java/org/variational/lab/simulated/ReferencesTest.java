package org.variational.lab.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.lab.simulated.Batches.Estimated;
import org.variational.lab.simulated.LatentPosterior.Given;
import org.variational.lab.simulated.LatentPosterior.Outer;
import org.variational.lab.simulated.Quantities.Name;
import org.variational.lab.simulated.ReferenceTable.Kind;
import org.variational.lab.simulated.ReferenceTable.Row;
import org.variational.lab.simulated.VaryingIntercepts.Response;

/** References: the samplers against each other and exact numbers, and what is stored. */
class ReferencesTest {

    /** Departures of four standard errors occur once in 16,000, and there are fewer than 100 comparisons here. */
    private static final double ALLOWED = 4.5;

    private static List<SimulatedProblem> problems() {
        return SimulatedProblem.all();
    }

    /** One of each posterior all of whose latents are kept. */
    private static List<SimulatedProblem> sources() {
        return problems().stream()
                .filter(problem -> !problem.isLarge() && !problem.name().endsWith("_noncentred"))
                .toList();
    }

    private static List<LatentPosterior> posteriors() {
        return List.of(
                VaryingIntercepts.of(Response.POISSON, 8, 1, false, 1),
                VaryingIntercepts.of(Response.BERNOULLI, 12, 2, true, 1),
                CrossedEffects.of(5, 4, 60, 1),
                LevelSeries.of(20, 1),
                GrowthCurves.of(8, 1));
    }

    @ParameterizedTest
    @MethodSource("posteriors")
    void aChainAgreesWithImportanceSampling(LatentPosterior posterior) {
        ReferenceTable marginal = new MarginalSampler(posterior, 1).run(1000, 1);
        ReferenceTable chain = new WhitenedChain(posterior, 1).run(2500, 1);

        for (Name name : new Quantities(posterior, 1).names()) {
            Row exact = marginal.row(name.kind(), name.name()).orElseThrow();
            Row found = chain.row(name.kind(), name.name()).orElseThrow();
            assertThat(found.mean())
                    .as(name.toString())
                    .isCloseTo(exact.mean(), within(ALLOWED * Math.hypot(found.meanError(), exact.meanError())));
            assertThat(found.sd())
                    .as(name.toString())
                    .isCloseTo(exact.sd(), within(ALLOWED * Math.hypot(found.sdError(), exact.sdError())));
        }
    }

    /** The marginal of the outer parameters of a tiny posterior on a grid of its latent. */
    @Test
    void aLatentIsIntegratedByItsNodes() {
        LatentPosterior posterior = VaryingIntercepts.of(Response.BERNOULLI, 1, 1, false, 3);
        double[] outer = posterior.outer().stream().mapToDouble(Outer::truth).toArray();
        LatentPosterior.Independent given = (LatentPosterior.Independent) posterior.given(outer);
        Conditional found = Conditional.ofIndependent(given, new Inner(given, new double[1], 0), posterior.effects());

        double step = 0.001;
        double sum = 0;
        double first = 0;
        double second = 0;
        for (double b = -8; b < 8; b += step) {
            double density = Math.exp(given.logDensity(new double[] {b}) - found.logMarginal());
            sum += step * density;
            first += step * density * b;
            second += step * density * b * b;
        }

        assertThat(sum).isCloseTo(1, within(1e-7));
        assertThat(found.effectMean()).isCloseTo(first, within(1e-6));
        assertThat(found.effectVariance()).isCloseTo(second - first * first, within(1e-6));
    }

    /** One state: its level and observation are one normal pair. */
    @Test
    void normalLatentsAreIntegratedExactly() {
        LatentPosterior posterior = LevelSeries.of(1, 1);
        double noise = 1.3;
        double step = 0.4;
        Given given = posterior.given(new double[] {Math.log(noise), Math.log(step)});
        Conditional found = Conditional.ofNormal(new Inner(given, new double[1], 1), posterior.effects());

        double weight = 1 / (noise * noise) + 1.0 / 25;
        // the observation that the conditional mean comes from
        double y = (found.effectMean() * weight - 10.0 / 25) * noise * noise;
        double marginal = Priors.normal(y, 10, Math.sqrt(25 + noise * noise))
                + Priors.halfNormalByLog(Math.log(noise), 2)
                + Priors.halfNormalByLog(Math.log(step), 1);

        assertThat(found.effectVariance()).isCloseTo(1 / weight, within(1e-12));
        assertThat(found.logMarginal()).isCloseTo(marginal, within(1e-10));
    }

    @Test
    void errorsAreThoseOfBatches() {
        Batches batches = new Batches(1);
        Simulator random = new Simulator(1, "batches");
        int count = 200;
        for (int batch = 0; batch < count; batch++) {
            for (int s = 0; s < 50; s++) {
                batches.add(1, new double[] {3 + 2 * random.normal()}, new double[] {5});
            }
            batches.endBatch();
        }

        Estimated found = batches.estimated(0);

        // Variance 4 between the means and 5 within them; an error estimated from 200 batches is within 25 %.
        double error = 2 / Math.sqrt(50.0 * count);
        assertThat(found.mean()).isCloseTo(3, within(ALLOWED * error));
        assertThat(found.sd()).isCloseTo(3, within(ALLOWED * found.sdError()));
        assertThat(found.meanError()).isCloseTo(error, within(0.25 * error));
        double sdError = 4 * Math.sqrt(2 / (50.0 * count)) / (2 * 3);
        assertThat(found.sdError()).isCloseTo(sdError, within(0.25 * sdError));
    }

    @Test
    void aTableIsWrittenAndRead() throws IOException {
        LatentPosterior posterior = LevelSeries.of(40, 1);
        ReferenceTable table = new MarginalSampler(posterior, 1).run(80, 10);

        ReferenceTable read = ReferenceTable.read(new StringReader(table.text(List.of("how"))));

        assertThat(read.quantities())
                .containsExactly(
                        "sd_noise", "sd_step", "mean_effect", "level[0]", "level[10]", "level[20]", "level[30]");
        assertThat(read.row(Kind.QUANTITY, "level[1]")).isEmpty();
        for (Name name : new Quantities(posterior, 10).names()) {
            Row written = table.row(name.kind(), name.name()).orElseThrow();
            Row found = read.row(name.kind(), name.name()).orElseThrow();
            assertThat(found.mean()).isCloseTo(written.mean(), within(1e-6 * Math.abs(written.mean())));
            assertThat(found.sd()).isCloseTo(written.sd(), within(1e-5 * written.sd()));
        }
    }

    @ParameterizedTest
    @MethodSource("problems")
    void everyProblemHasAReferenceWithSmallErrors(SimulatedProblem problem) {
        ReferenceTable table = ReferenceTable.stored(problem.source()).orElseThrow();

        assertThat(table.row(Kind.QUANTITY, LatentPosterior.MEAN_EFFECT)).isPresent();
        assertThat(table.meanResolution()).isLessThan(0.02);
        assertThat(table.sdResolution()).isLessThan(0.04);
    }

    /** A stored reference is of the data that are simulated now: a few draws come to the same. */
    @ParameterizedTest
    @MethodSource("sources")
    void aStoredReferenceIsOfTheseData(SimulatedProblem problem) {
        LatentPosterior posterior = problem.posterior();
        double[] means = referenceMeans(posterior, problem.source());
        Given given = posterior.given(means);
        Inner inner = new Inner(given, new double[posterior.latents().size()], posterior.band());
        ReferenceTable table = ReferenceTable.stored(problem.source()).orElseThrow();

        double[] departures = IntStream.range(0, posterior.latents().size())
                .mapToObj(i -> new Departure(
                        inner.mode()[i],
                        table.row(Kind.QUANTITY, posterior.latents().get(i))))
                .mapToDouble(Departure::inStandardDeviations)
                .toArray();

        // The mode at the means of the outer parameters, beside means over all of them: near, but not the same.
        assertThat(Math.sqrt(IntStream.range(0, departures.length)
                        .mapToDouble(i -> departures[i] * departures[i])
                        .average()
                        .orElseThrow()))
                .isLessThan(0.25);
    }

    private record Departure(double value, Optional<Row> row) {

        double inStandardDeviations() {
            return (value - row.orElseThrow().mean()) / row.orElseThrow().sd();
        }
    }

    private static double[] referenceMeans(LatentPosterior posterior, String source) {
        ReferenceTable table = ReferenceTable.stored(source).orElseThrow();
        return posterior.outer().stream()
                .mapToDouble(outer ->
                        table.row(Kind.COORDINATE, outer.name()).orElseThrow().mean())
                .toArray();
    }
}
