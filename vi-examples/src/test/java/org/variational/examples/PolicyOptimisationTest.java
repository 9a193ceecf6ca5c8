package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.variational.information.Discrete;
import org.variational.information.Information;

/** Policies found against the known optimum, and the optimum against what makes it one. */
class PolicyOptimisationTest {

    @Test
    void everyPolicyIsItsOptimum(@TempDir Path directory) throws IOException {
        List<String> lines = ExampleRun.of(new PolicyOptimisation(), directory);

        assertThat(lines).hasSize(7);
        double before = 0;
        for (String line : lines) {
            JsonNode json = new ObjectMapper().readTree(line);
            assertThat(json.get("totalVariation").asDouble()).isLessThan(1e-4);
            assertThat(json.get("reward").asDouble())
                    .isCloseTo(json.get("exactReward").asDouble(), within(1e-3))
                    .isGreaterThan(before);
            assertThat(json.get("converged").asBoolean()).isTrue();
            before = json.get("reward").asDouble();
        }
        BufferedImage picture = ImageIO.read(Files.newInputStream(directory.resolve("frontier.png")));
        assertThat(picture.getWidth()).isEqualTo(900);
    }

    /** At the optimum the objective is {@code beta log E_reference[exp(r / beta)]}, and any other policy has less. */
    @Test
    void optimumAttainsTheSoftMaximumOfTheReward() {
        Discrete reference = PolicyOptimisation.reference();
        double[] reward = PolicyOptimisation.rewards();
        for (double beta : new double[] {4, 1, 0.25}) {
            double partition = 0;
            for (int k = 0; k < reward.length; k++) {
                partition += reference.probability(k) * Math.exp(reward[k] / beta);
            }
            double best = beta * Math.log(partition);
            assertThat(objective(PolicyOptimisation.optimum(beta), beta)).isCloseTo(best, within(1e-12));
            assertThat(objective(PolicyOptimisation.optimum(1.1 * beta), beta)).isLessThan(best);
            assertThat(objective(reference, beta)).isLessThan(best);
        }
    }

    private static double objective(Discrete policy, double beta) {
        return PolicyOptimisation.meanReward(policy)
                - beta * Information.klDivergence(policy, PolicyOptimisation.reference());
    }

    /** By hand: aaaa has one letter and probability .25 * .7^3, abcd four letters and .25 * .1^3. */
    @Test
    void referenceAndRewardAreAsDescribed() {
        double[] reward = PolicyOptimisation.rewards();
        int abcd = 1 * 4 + 2 * 16 + 3 * 64;
        assertThat(reward[0]).isEqualTo(1);
        assertThat(reward[abcd]).isEqualTo(4);
        assertThat(PolicyOptimisation.reference().probability(0)).isCloseTo(0.25 * 0.343, within(1e-12));
        assertThat(PolicyOptimisation.reference().probability(abcd)).isCloseTo(0.25 * 0.001, within(1e-12));
    }
}
