package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.variational.examples.TwoDirections.Choice;
import org.variational.examples.TwoDirections.Ellipse;
import org.variational.examples.TwoDirections.Target;

/** The fits reach the exact optima, and the optima are exact. */
class TwoDirectionsTest {

    private static final int TARGETS_AND_CHOICES = 8;

    /**
     * The fits stop when means are within 0.02 standard deviations and standard deviations within 2 %; three times
     * that, and 4,000 draws add an error of sd / sqrt(4000) to what is printed of the draws: 0.08 leaves more than 6
     * standard errors.
     */
    @Test
    void everyFitIsNearItsOptimum(@TempDir Path directory) throws IOException {
        List<String> lines = ExampleRun.of(new TwoDirections(), directory);

        assertThat(lines).hasSize(TARGETS_AND_CHOICES);
        int line = 0;
        for (Target target : Target.values()) {
            for (Choice choice : Choice.values()) {
                JsonNode json = new ObjectMapper().readTree(lines.get(line++));
                assertThat(json.get("model").asText()).isEqualTo(target.label);
                assertThat(json.get("family").asText()).isEqualTo(choice.family);
                assertThat(json.get("divergence").asText()).isEqualTo(choice.divergence);
                Ellipse exact = TwoDirections.optimum(target, choice);
                for (JsonNode parameter : json.get("parameters")) {
                    assertThat(Math.abs(parameter.get("mean").asDouble()) / exact.sd())
                            .isCloseTo(exact.mean() / exact.sd(), within(0.12));
                    assertThat(parameter.get("sd").asDouble() / exact.sd()).isCloseTo(1, within(0.08));
                }
                assertThat(directory.resolve(
                                target.label + "-" + choice.family + "-" + choice.divergence + "/draws.csv"))
                        .exists();
            }
        }
        assertPicture(directory.resolve("two-directions.png"));
    }

    /** The corners of a panel are pale, its target is not, and both approximations are drawn. */
    private static void assertPicture(Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        Map<Boolean, Long> orange = pixels(image, 0xd9480f);
        Map<Boolean, Long> green = pixels(image, 0x0b7a4b);

        assertThat(orange.get(true)).isGreaterThan(10_000);
        assertThat(green.get(true)).isGreaterThan(5_000);
        Color mode = new Color(image.getRGB(image.getWidth() / 4, image.getHeight() - 360));
        assertThat(mode.getBlue()).isGreaterThan(mode.getRed() + 30);
        assertThat(new Color(image.getRGB(2, 2))).isEqualTo(Color.WHITE);
    }

    private static Map<Boolean, Long> pixels(BufferedImage image, int colour) {
        int[] all = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return java.util.Arrays.stream(all)
                .boxed()
                .collect(Collectors.partitioningBy(pixel -> (pixel & 0xffffff) == colour, Collectors.counting()));
    }

    @Test
    void theReadmeShowsAPicture() throws IOException {
        BufferedImage image = ImageIO.read(Files.newInputStream(Path.of("..", "docs", "images", "two-directions.png")));

        assertThat(image.getWidth()).isGreaterThan(1000);
    }

    /**
     * Reverse KL from two modes to a Gaussian is smallest at the optima, by integration along the diagonal (trapezoids,
     * whose error is below 1e-12 here): 1e-5 to any side of them it is larger or equal to rounding.
     */
    @Test
    void reverseOptimaOfTwoModesAreStationary() {
        double full = 2.984306;
        double fullSd = 1.023369;
        double meanField = 2.985862;
        double meanFieldSd = 1.010549;
        assertStationary((m, s) -> alongDiagonal(m, s), full, fullSd);
        assertStationary((m, s) -> alongDiagonal(m, s) - Math.log(s) + s * s / 2, meanField, meanFieldSd);
        Ellipse upper = TwoDirections.optimum(Target.BIMODAL, Choice.FULL_RANK_REVERSE);
        assertThat(upper.mean()).isCloseTo(full / Math.sqrt(2), within(1e-12));
        assertThat(2 * upper.sd() * upper.sd() - 1).isCloseTo(fullSd * fullSd, within(1e-12));
        Ellipse round = TwoDirections.optimum(Target.BIMODAL, Choice.MEAN_FIELD_REVERSE);
        assertThat(round).isEqualTo(new Ellipse(meanField / Math.sqrt(2), meanFieldSd, 0));
    }

    /** The optimum in units of the curvature: a Newton step from it is at most one unit of its last digit. */
    private static void assertStationary(ToDoubleBiFunction<Double, Double> loss, double mean, double sd) {
        double h = 1e-4;
        double centre = loss.applyAsDouble(mean, sd);
        double up = loss.applyAsDouble(mean + h, sd);
        double down = loss.applyAsDouble(mean - h, sd);
        double wide = loss.applyAsDouble(mean, sd + h);
        double narrow = loss.applyAsDouble(mean, sd - h);
        assertThat(up + down - 2 * centre).isPositive();
        assertThat(wide + narrow - 2 * centre).isPositive();
        assertThat((up - down) / 2 * h / (up + down - 2 * centre)).isCloseTo(0, within(3e-6));
        assertThat((wide - narrow) / 2 * h / (wide + narrow - 2 * centre)).isCloseTo(0, within(3e-6));
    }

    /** {@code E_q[log q - log p]} without constants, for q = N(mean, sd^2) and p = N(-3, 1) / 2 + N(3, 1) / 2. */
    private static double alongDiagonal(double mean, double sd) {
        double step = 0.01;
        double sum = 0;
        for (int i = -1000; i <= 1000; i++) {
            double t = i * step;
            double u = mean + sd * t;
            double d = TwoDirections.DISTANCE;
            double logP = -(u - d) * (u - d) / 2 + Math.log1p(Math.exp(-2 * d * u));
            sum -= Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI) * logP * step;
        }
        return sum - Math.log(sd);
    }
}
