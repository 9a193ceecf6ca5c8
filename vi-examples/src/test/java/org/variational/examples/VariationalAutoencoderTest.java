package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.variational.examples.VariationalAutoencoder.Learnt;
import org.variational.examples.VariationalAutoencoder.Network;
import org.variational.examples.VariationalAutoencoder.Weights;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.random.RandomStreams;

/** What the autoencoder learns, that its terms are those of the bound, and its approximation. */
class VariationalAutoencoderTest {

    @Test
    void heldOutImagesAreDescribedBetterThanByIndependentPixels(@TempDir Path directory) throws IOException {
        List<String> lines = ExampleRun.of(new VariationalAutoencoder(), directory);

        JsonNode training = new ObjectMapper().readTree(lines.get(0));
        JsonNode heldOut = new ObjectMapper().readTree(lines.get(1));
        assertThat(heldOut.get("elbo").asDouble())
                .isGreaterThan(heldOut.get("independentPixels").asDouble() + 3)
                .isLessThan(training.get("elbo").asDouble())
                .isCloseTo(
                        heldOut.get("logLikelihood").asDouble()
                                - heldOut.get("divergence").asDouble(),
                        within(1e-9));
        assertThat(heldOut.get("divergence").asDouble()).isGreaterThan(1);
        BufferedImage picture = ImageIO.read(Files.newInputStream(directory.resolve("vae.png")));
        assertThat(picture.getHeight()).isGreaterThan(200);
    }

    @Test
    void sameSeedSameBits() {
        Learnt first = VariationalAutoencoder.learn(Digits.read(), 20, RunOptions.seeded(7));
        Learnt second = VariationalAutoencoder.learn(Digits.read(), 20, RunOptions.seeded(7));
        assertThat(second.heldOut()).isEqualTo(first.heldOut());
        assertThat(VariationalAutoencoder.learn(Digits.read(), 20, RunOptions.seeded(8))
                        .heldOut())
                .isNotEqualTo(first.heldOut());
    }

    /** With all weights 0 the encoder is the prior and every pixel is on with probability one half. */
    @Test
    void boundAtZeroWeights() {
        Network network = Network.around(Digits.read().range(0, 3).binary());
        int optimised = network.model().dimension()
                - network.noise(1, 0, RandomStreams.of(1).generator("none", 0)).numRows;
        Weights zero = Weights.of(network.model(), new double[optimised]);
        VariationalAutoencoder.Bound bound = VariationalAutoencoder.Bound.of(network, zero);
        assertThat(bound.divergence()).isZero();
        assertThat(bound.logLikelihood()).isCloseTo(-64 * Math.log(2), within(1e-10));
    }

    @Test
    void fixedNoiseIsTheStandardNormal() {
        FixedNoise family = new FixedNoise(3);
        VariationalDistribution fixed = family.member(family.initialParameters(new double[3], new double[] {1, 1, 1}));
        VariationalDistribution normal = MeanFieldGaussian.of(3).member(new double[6]);
        DMatrixRMaj points = new DMatrixRMaj(new double[][] {{0.3, -1}, {2, 0.1}, {-0.7, 0.4}});
        double[] found = new double[2];
        double[] expected = new double[2];
        fixed.logDensity(points, found);
        normal.logDensity(points, expected);
        assertThat(found).containsExactly(expected, within(1e-14));
        DMatrixRMaj score = points.createLike();
        DMatrixRMaj expectedScore = points.createLike();
        fixed.pointScore(points, score);
        normal.pointScore(points, expectedScore);
        assertThat(score.data).containsExactly(expectedScore.data, within(1e-14));
        DMatrixRMaj draws = points.createLike();
        fixed.sample(points, draws);
        assertThat(draws.data).isEqualTo(points.data);
        assertThat(((VariationalDistribution.ClosedFormEntropy) fixed).entropy())
                .isCloseTo(((VariationalDistribution.ClosedFormEntropy) normal).entropy(), within(1e-14));
        assertThat(fixed.mean()).containsOnly(0);
        assertThat(fixed.standardDeviation()).containsOnly(1);
        assertThatThrownBy(() -> family.member(new double[2])).hasMessageContaining("no parameters");
    }

    @Test
    void blocksAreMeansOfPixels() {
        Digits digits = Digits.read();
        double[] coarse = digits.coarse(2)[0];
        double[] image = digits.images()[0];
        assertThat(coarse).hasSize(16);
        assertThat(coarse[1]).isCloseTo((image[2] + image[3] + image[10] + image[11]) / 4, within(1e-15));
        assertThat(digits.coarse(8)[0][0])
                .isCloseTo(Arrays.stream(image).average().orElseThrow(), within(1e-12));
    }
}
