package org.variational.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.divergence.Divergences;
import org.variational.estimator.GradientEstimators;
import org.variational.estimator.Objective;
import org.variational.estimator.ObjectiveState;
import org.variational.family.Categorical;
import org.variational.information.Discrete;
import org.variational.information.Information;
import org.variational.information.MonteCarlo;
import org.variational.information.MonteCarloEstimate;
import org.variational.io.AtomicFile;
import org.variational.random.RandomStreams;

/**
 * Reinforcement learning from feedback as variational inference. A policy over responses is to earn reward without
 * leaving the reference it started from: it maximises {@code E[r] - beta KL(policy, reference)}, which is reverse KL to
 * the target {@code reference * exp(r / beta)}, so that the exact optimum is known (Korbak, Perez and Buckley 2022,
 * arXiv 2205.11275).
 *
 * <p>Responses are words of {@value #LENGTH} letters from an alphabet of {@value #LETTERS}; the reference writes letter
 * by letter and likes to repeat itself, and the reward counts the different letters of a word.
 */
public final class PolicyOptimisation implements Example {

    static final int LETTERS = 4;
    static final int LENGTH = 4;

    /** The prices of divergence, from dear to cheap. */
    private static final double[] BETAS = {8, 4, 2, 1, 0.5, 0.25, 0.125};

    /**
     * The price at which the divergence is also estimated from sampled responses, as one has to where they are too
     * many.
     */
    private static final double SAMPLED_BETA = 1;

    private static final int SAMPLES = 1000;
    private static final double REPEAT = 0.7;
    private static final double RATE = 0.2;
    private static final int STEPS = 5000;
    private static final double FLAT = 1e-6;

    /**
     * A policy found for a price, and the best one.
     *
     * @param slope the largest entry of the gradient where the search ended
     */
    record Policy(double beta, double slope, Discrete found, Discrete exact) {

        static Policy of(double beta) {
            Discrete reference = reference();
            double[] reward = rewards();
            LogDensity target = LogDensities.ofValues(1, response -> {
                int k = (int) response[0];
                return reference.logProbability(k) + reward[k] / beta;
            });
            Objective objective = Objective.of(target, ParameterLayout.unnamed(1), Categorical.of(reference.outcomes()))
                    .divergence(Divergences.reverseKl())
                    .estimator(GradientEstimators.exactEnumeration())
                    .build();
            ObjectiveState state = objective.initialState();
            RandomStreams unused = RandomStreams.of(0);
            double[] start = objective.initialParameters(new double[1], new double[] {1});
            double[] logits =
                    Descent.run(start, RATE, STEPS, (at, gradient) -> objective.evaluate(at, unused, state, gradient));
            double[] gradient = new double[logits.length];
            objective.evaluate(logits, unused, state, gradient);
            double slope = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            return new Policy(beta, slope, Discrete.ofLogits(logits), optimum(beta));
        }

        boolean converged() {
            return slope < FLAT;
        }
    }

    @Override
    public String name() {
        return "rlhf";
    }

    @Override
    public String description() {
        return "reward against divergence from a reference policy, at the exact optimum";
    }

    /** The letters of a response. */
    private static int[] letters(int response) {
        int[] letters = new int[LENGTH];
        int rest = response;
        for (int i = 0; i < LENGTH; i++) {
            letters[i] = rest % LETTERS;
            rest /= LETTERS;
        }
        return letters;
    }

    private static int responses() {
        return (int) Math.pow(LETTERS, LENGTH);
    }

    /** The probability of each response under the reference: the first letter at random, then mostly the same again. */
    static Discrete reference() {
        double[] probabilities = new double[responses()];
        for (int k = 0; k < probabilities.length; k++) {
            int[] letters = letters(k);
            probabilities[k] = 1.0 / LETTERS;
            for (int i = 1; i < LENGTH; i++) {
                probabilities[k] *= letters[i] == letters[i - 1] ? REPEAT : (1 - REPEAT) / (LETTERS - 1);
            }
        }
        return Discrete.of(probabilities);
    }

    /** The number of different letters of each response. */
    static double[] rewards() {
        double[] rewards = new double[responses()];
        for (int k = 0; k < rewards.length; k++) {
            rewards[k] = Arrays.stream(letters(k)).distinct().count();
        }
        return rewards;
    }

    /** The best policy, {@code reference * exp(r / beta)} over its sum. */
    static Discrete optimum(double beta) {
        Discrete reference = reference();
        double[] logits = rewards();
        for (int k = 0; k < logits.length; k++) {
            logits[k] = reference.logProbability(k) + logits[k] / beta;
        }
        return Discrete.ofLogits(logits);
    }

    static double meanReward(Discrete policy) {
        double[] rewards = rewards();
        double mean = 0;
        for (int k = 0; k < rewards.length; k++) {
            mean += policy.probability(k) * rewards[k];
        }
        return mean;
    }

    @Override
    public ExampleResult run(RunOptions options) {
        List<Policy> policies = new ArrayList<>();
        for (double beta : BETAS) {
            policies.add(Policy.of(beta));
            options.requireNotCancelled();
        }
        return new ExampleResult(
                table(policies),
                "",
                json(policies),
                directory -> AtomicFile.write(directory.resolve("frontier.png"), out -> out.write(frontier(policies))),
                policies.stream().allMatch(Policy::converged));
    }

    private static String table(List<Policy> policies) {
        Discrete reference = reference();
        String format = "%8s  %8s %8s  %8s %8s  %12s %9s\n";
        StringBuilder text =
                new StringBuilder(String.format(format, "beta", "reward", "exact", "KL", "exact", "distance", "slope"));
        for (Policy policy : policies) {
            text.append(String.format(
                    Locale.ROOT,
                    "%8.3f  %8.4f %8.4f  %8.4f %8.4f  %12.1e %9.0e\n",
                    policy.beta(),
                    meanReward(policy.found()),
                    meanReward(policy.exact()),
                    Information.klDivergence(policy.found(), reference),
                    Information.klDivergence(policy.exact(), reference),
                    Information.totalVariation(policy.found(), policy.exact()),
                    policy.slope()));
        }
        text.append(String.format(
                Locale.ROOT,
                "\nreward of the reference %.4f; KL in nats from the reference; distance: total variation from"
                        + " the\noptimum; slope: what is left of the gradient\n",
                meanReward(reference)));
        for (Policy policy : policies) {
            if (policy.beta() == SAMPLED_BETA) {
                text.append(sampled(policy, reference));
            }
        }
        return text.append("--out DIR draws the frontier.\n").toString();
    }

    /** The divergence from the log probabilities of sampled responses alone, by both estimators. */
    private static String sampled(Policy policy, Discrete reference) {
        RandomGenerator random = RandomStreams.of(1).generator("responses", 0);
        double[] logPolicy = new double[SAMPLES];
        double[] logReference = new double[SAMPLES];
        for (int s = 0; s < SAMPLES; s++) {
            double left = random.nextDouble();
            int k = 0;
            while (k < policy.found().outcomes() - 1 && left >= policy.found().probability(k)) {
                left -= policy.found().probability(k);
                k++;
            }
            logPolicy[s] = policy.found().logProbability(k);
            logReference[s] = reference.logProbability(k);
        }
        MonteCarlo draws = MonteCarlo.of(logPolicy, logReference);
        MonteCarloEstimate plain = draws.klDivergence();
        MonteCarloEstimate nonNegative = draws.klDivergenceNonNegative();
        return String.format(
                Locale.ROOT,
                "KL at beta %.0f from %d sampled responses: %.4f +- %.4f by log p - log q, %.4f +- %.4f by r - 1 -"
                        + " log r\n",
                policy.beta(),
                SAMPLES,
                plain.value(),
                plain.standardError(),
                nonNegative.value(),
                nonNegative.standardError());
    }

    private static List<String> json(List<Policy> policies) {
        Discrete reference = reference();
        List<String> lines = new ArrayList<>();
        for (Policy policy : policies) {
            ObjectNode node = new ObjectMapper().createObjectNode();
            node.put("model", "rlhf");
            node.put("beta", policy.beta());
            node.put("reward", meanReward(policy.found()));
            node.put("exactReward", meanReward(policy.exact()));
            node.put("kl", Information.klDivergence(policy.found(), reference));
            node.put("exactKl", Information.klDivergence(policy.exact(), reference));
            node.put("totalVariation", Information.totalVariation(policy.found(), policy.exact()));
            node.put("converged", policy.converged());
            lines.add(node.toString());
        }
        return lines;
    }

    /** Mean reward over divergence: the exact frontier as a line, the policies found as points on it. */
    private static byte[] frontier(List<Policy> policies) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(600)
                .title("What divergence from the reference buys")
                .xAxisTitle("KL(policy, reference) in nats")
                .yAxisTitle("mean reward")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
        Discrete reference = reference();
        List<Double> divergence = new ArrayList<>();
        List<Double> reward = new ArrayList<>();
        for (double logBeta = 4; logBeta > -3; logBeta -= 0.05) {
            Discrete best = optimum(Math.exp(logBeta));
            divergence.add(Information.klDivergence(best, reference));
            reward.add(meanReward(best));
        }
        XYSeries exact = chart.addSeries("optimum, reference * exp(r / beta)", divergence, reward);
        exact.setMarker(SeriesMarkers.NONE);
        XYSeries found = chart.addSeries(
                "found, beta from 8 to 1/8",
                policies.stream()
                        .map(policy -> Information.klDivergence(policy.found(), reference))
                        .toList(),
                policies.stream().map(policy -> meanReward(policy.found())).toList());
        found.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", png);
        return png.toByteArray();
    }
}
