package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.Models;
import org.variational.algorithm.ModelDoctor;

/** The model doctor finds nothing wrong with models that are known to be right. */
class HealthyModelsTest {

    private static Stream<String> problems() {
        return ReferenceProblems.ALL.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("problems")
    void theReferenceProblemsAreHealthy(String name) {
        ReferenceProblems.Declared declared = ReferenceProblems.ALL.get(name).get();
        for (int seed = 1; seed <= 3; seed++) {
            var diagnosis = Models.diagnose(
                    declared.model(), ModelDoctor.Effort.standard().withSeed(seed));
            assertThat(diagnosis.findings()).as(diagnosis.toString()).isEmpty();
            assertThat(diagnosis.evaluations()).isLessThan(700);
        }
    }
}
