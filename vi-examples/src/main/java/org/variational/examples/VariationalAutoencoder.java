package org.variational.examples;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.normal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout;
import org.variational.divergence.Divergences;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GradientEstimators;
import org.variational.estimator.Objective;
import org.variational.estimator.ObjectiveState;
import org.variational.expression.Expr;
import org.variational.io.AtomicFile;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.random.RandomStreams;

/**
 * A variational autoencoder of handwritten digits (Kingma and Welling 2014, arXiv 1312.6114), declared as a model.
 *
 * <p>Each image has a code {@code z = mean(image) + sd(image) * noise}: an encoder, a network with optimised weights,
 * turns the image into the Gaussian q(z | image), so that a new image needs no fit of its own. A decoder, another
 * network, turns z into the probability of each pixel. The noise is the row's own parameter, whose approximation is its
 * prior and is not learnt. The evidence lower bound is then the expected log likelihood less the divergence of q(z |
 * image) from the prior of z, which is in closed form and is added to the model as a term, and reported apart.
 */
public final class VariationalAutoencoder implements Example {

    private static final int CODE = 4;
    private static final int HIDDEN = 24;
    private static final int HELD_OUT = 48;
    private static final int MINIBATCH = 32;
    private static final int DRAWS = 4;
    private static final int ITERATIONS = 2000;
    private static final double RATE = 0.01;

    /** The weights have a normal prior with mean 0 and this standard deviation, of which the mode is sought. */
    private static final double WEIGHT_SD = 1;

    private static final int EVALUATION_DRAWS = 64;

    /** The networks around given images, and the terms of the bound, one per image. */
    record Network(Model model, Expr logLikelihood, Expr divergence, Expr probabilities, int images) {

        static Network around(double[][] images) {
            ModelBuilder m = Model.named("vae");
            RandomGenerator random = RandomStreams.of(1).generator("weights", 0);
            Rows rows = m.rows("images", images.length);
            Expr image = rows.data("image", images);

            Expr hidden =
                    layer(m, "encoder", image, Digits.PIXELS, HIDDEN, random).tanh();
            Expr mean = layer(m, "mean", hidden, HIDDEN, CODE, random);
            Expr logSd = layer(m, "log_sd", hidden, HIDDEN, CODE, random);
            Expr noise = rows.parameter("noise", normal(0, 1), CODE);
            Expr code = mean.plus(logSd.exp().times(noise));

            Expr logits = decoder(m, code, random);
            rows.observe("pixels", bernoulliLogit(logits), images);
            Expr divergence = mean.square()
                    .plus(logSd.times(2).exp())
                    .minus(logSd.times(2))
                    .minus(1)
                    .times(0.5)
                    .sum();
            m.addLogDensity(divergence.negate());

            Expr logLikelihood = bernoulliLogit(logits).logDensity(image).sum();
            return new Network(m.build(), logLikelihood, divergence, logits.logistic(), images.length);
        }

        /** The decoder alone, on codes from the prior. */
        static Network decoding(int images) {
            ModelBuilder m = Model.named("decoder");
            Rows rows = m.rows("images", images);
            Expr code = rows.parameter("noise", normal(0, 1), CODE);
            Expr logits = decoder(m, code, RandomStreams.of(1).generator("weights", 0));
            return new Network(m.build(), logits.sum(), logits.sum(), logits.logistic(), images);
        }

        private static Expr decoder(ModelBuilder m, Expr code, RandomGenerator random) {
            Expr hidden = layer(m, "decoder", code, CODE, HIDDEN, random).tanh();
            return layer(m, "pixel", hidden, HIDDEN, Digits.PIXELS, random);
        }

        /** A matrix times the values of each row, plus a vector; weights start with variance 1 / inputs. */
        private static Expr layer(
                ModelBuilder m, String name, Expr values, int inputs, int outputs, RandomGenerator random) {
            double[] start = new double[inputs * outputs];
            Arrays.setAll(start, i -> random.nextGaussian() / Math.sqrt(inputs));
            Expr weights = m.optimised(name + "_weights", inputs, outputs, start);
            m.addLogDensity(normal(0, WEIGHT_SD).logDensity(weights));
            return values.matmul(weights).plus(m.optimised(name + "_bias", 1, outputs, new double[outputs]));
        }

        /** Points of this model: weights learnt on another, found by name, and noise. */
        DMatrixRMaj points(Weights weights, DMatrixRMaj noise) {
            DMatrixRMaj points = new DMatrixRMaj(1, 1);
            CoordinateSplit.of(model.layout()).join(noise, weights.in(model.layout()), points);
            return points;
        }

        /** The noise of the given number of draws, standard normal or 0. */
        DMatrixRMaj noise(int draws, double scale, RandomGenerator random) {
            DMatrixRMaj noise = new DMatrixRMaj(images * CODE, draws);
            Arrays.setAll(noise.data, i -> scale * random.nextGaussian());
            return noise;
        }
    }

    /** Optimised values by name. */
    record Weights(Map<String, double[]> byName) {

        static Weights of(Model model, double[] optimised) {
            Map<String, double[]> byName = new HashMap<>();
            int used = 0;
            for (ParameterLayout.Block block : model.layout().blocks()) {
                if (block.role() == ParameterLayout.Role.OPTIMISED) {
                    byName.put(block.name(), Arrays.copyOfRange(optimised, used, used + block.length()));
                    used += block.length();
                }
            }
            return new Weights(byName);
        }

        /** The values that a layout has, in its order. */
        double[] in(ParameterLayout layout) {
            return layout.blocks().stream()
                    .filter(block -> block.role() == ParameterLayout.Role.OPTIMISED)
                    .map(block -> Objects.requireNonNull(byName.get(block.name()), block.name()))
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
        }
    }

    /** The evidence lower bound of images in nats per image, and its two parts. */
    record Bound(double logLikelihood, double divergence) {

        static Bound of(Network network, Weights weights) {
            RandomGenerator random = RandomStreams.of(2).generator("evaluation", 0);
            DMatrixRMaj points = network.points(weights, network.noise(EVALUATION_DRAWS, 1, random));
            return new Bound(
                    mean(network.model().evaluate(network.logLikelihood(), points)),
                    mean(network.model().evaluate(network.divergence(), points)));
        }

        private static double mean(DMatrixRMaj values) {
            return Arrays.stream(values.data).average().orElseThrow();
        }

        double elbo() {
            return logLikelihood - divergence;
        }
    }

    /** A learnt autoencoder. */
    record Learnt(Weights weights, Bound training, Bound heldOut) {}

    @Override
    public String name() {
        return "vae";
    }

    @Override
    public String description() {
        return "a variational autoencoder of handwritten digits, its bound split into fit and divergence";
    }

    static Digits training(Digits digits) {
        return digits.range(0, digits.count() - HELD_OUT);
    }

    static Digits heldOut(Digits digits) {
        return digits.range(digits.count() - HELD_OUT, digits.count());
    }

    /** Learns both networks from the training images. */
    static Learnt learn(Digits digits, int iterations, RunOptions options) {
        Network training = Network.around(training(digits).binary());
        ParameterLayout layout = training.model().layout();
        Objective bound = Objective.of(
                        training.model().density(),
                        layout,
                        new FixedNoise(CoordinateSplit.of(layout).inferredCount()))
                .divergence(Divergences.reverseKl())
                .estimator(GradientEstimators.closedFormEntropy())
                .minibatch(MINIBATCH)
                .draws(DRAWS)
                .build();
        double[] ones = new double[layout.dimension()];
        Arrays.fill(ones, 1);
        ObjectiveState state = bound.initialState();
        RandomStreams streams = RandomStreams.of(options.seed());
        double[] end = Descent.run(
                bound.initialParameters(layout.initialPoint(), ones), RATE, iterations, (weights, gradient) -> {
                    options.requireNotCancelled();
                    bound.evaluate(weights, streams, state, gradient);
                });
        Weights learnt = Weights.of(training.model(), bound.optimisedValues(end));
        Network heldOut = Network.around(heldOut(digits).binary());
        return new Learnt(learnt, Bound.of(training, learnt), Bound.of(heldOut, learnt));
    }

    /**
     * The log likelihood per image of held-out images where pixels are independent, at smoothed training frequencies.
     */
    static double independentPixels(Digits digits) {
        double[][] training = training(digits).binary();
        double[][] heldOut = heldOut(digits).binary();
        double sum = 0;
        for (int i = 0; i < Digits.PIXELS; i++) {
            int pixel = i;
            double on =
                    Arrays.stream(training).mapToDouble(image -> image[pixel]).sum();
            double frequency = (on + 0.5) / (training.length + 1);
            for (double[] image : heldOut) {
                sum += Math.log(image[i] == 1 ? frequency : 1 - frequency);
            }
        }
        return sum / heldOut.length;
    }

    @Override
    public ExampleResult run(RunOptions options) {
        Digits digits = Digits.read();
        Learnt learnt = learn(digits, ITERATIONS, options);
        double independent = independentPixels(digits);
        return new ExampleResult(
                text(learnt, independent),
                "",
                json(learnt, independent),
                directory -> AtomicFile.write(
                        directory.resolve("vae.png"), out -> out.write(picture(digits, learnt.weights()))),
                true);
    }

    private static String text(Learnt learnt, double independent) {
        String format = "%-22s %15s %12s %10s\n";
        String row = "%-22s %15.2f %12.2f %10.2f\n";
        Bound training = learnt.training();
        Bound heldOut = learnt.heldOut();
        return String.format(format, "nats per image", "log likelihood", "divergence", "ELBO")
                + String.format(
                        Locale.ROOT, row, "training", training.logLikelihood(), training.divergence(), training.elbo())
                + String.format(
                        Locale.ROOT, row, "held out", heldOut.logLikelihood(), heldOut.divergence(), heldOut.elbo())
                + String.format(Locale.ROOT, row, "independent pixels", independent, 0.0, independent)
                + "\nlog likelihood: expected under the encoder; divergence: KL(q(z | image), prior), the"
                + " regulariser.\n"
                + "--out DIR draws held-out images, their reconstructions, and samples.\n";
    }

    private static List<String> json(Learnt learnt, double independent) {
        List<String> lines = new ArrayList<>();
        for (boolean training : new boolean[] {true, false}) {
            Bound bound = training ? learnt.training() : learnt.heldOut();
            ObjectNode node = new ObjectMapper().createObjectNode();
            node.put("model", "vae");
            node.put("images", training ? "training" : "held out");
            node.put("logLikelihood", bound.logLikelihood());
            node.put("divergence", bound.divergence());
            node.put("elbo", bound.elbo());
            if (!training) {
                node.put("independentPixels", independent);
            }
            lines.add(node.toString());
        }
        return lines;
    }

    /** Held-out images, what the networks make of them, and samples from the prior. */
    private static byte[] picture(Digits digits, Weights weights) throws IOException {
        int columns = 16;
        double[][] originals = heldOut(digits).range(0, columns).binary();
        Network around = Network.around(originals);
        RandomGenerator random = RandomStreams.of(3).generator("samples", 0);
        double[][] reconstructed = probabilities(around, weights, around.noise(1, 0, random));
        Network decoder = Network.decoding(2 * columns);
        double[][] samples = probabilities(decoder, weights, decoder.noise(1, 1, random));
        ImageGrid grid = new ImageGrid(Digits.SIDE, columns);
        grid.add("held-out images", originals);
        grid.add("reconstructions", reconstructed);
        grid.add("samples", samples);
        return grid.png();
    }

    private static double[][] probabilities(Network network, Weights weights, DMatrixRMaj noise) {
        double[] flat = network.model().evaluate(network.probabilities(), network.points(weights, noise)).data;
        double[][] images = new double[network.images()][];
        Arrays.setAll(images, n -> Arrays.copyOfRange(flat, n * Digits.PIXELS, (n + 1) * Digits.PIXELS));
        return images;
    }
}
