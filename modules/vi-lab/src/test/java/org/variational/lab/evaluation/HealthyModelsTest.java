package org.variational.lab.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.Models;
import org.variational.diagnostic.Diagnosis;
import org.variational.doctor.ModelDoctor;

/** The model doctor finds nothing wrong with models that are known to be right. */
class HealthyModelsTest {

    /** Centred hierarchies, whose density has a neck: of its geometry the doctor may warn. */
    private static final Set<String> FUNNELS = Set.of("P05_eight_schools_centered", "P08_glmm_poisson");

    private static List<String> problems() {
        return ReferenceProblems.names();
    }

    @ParameterizedTest
    @MethodSource("problems")
    void theReferenceProblemsAreHealthy(String name) {
        ProblemFiles files = ProblemFiles.nearby().orElseGet(() -> abort("the reference problems are absent"));
        ReferenceProblem problem = ReferenceProblem.read(name, files);
        for (int seed = 1; seed <= 3; seed++) {
            Diagnosis diagnosis = Models.diagnose(
                    problem.model(), ModelDoctor.Effort.standard().withSeed(seed));
            if (FUNNELS.contains(name)) {
                assertThat(diagnosis.level()).as(diagnosis.toString()).isNotEqualTo(Diagnosis.Level.FAIL);
            } else {
                assertThat(diagnosis.findings()).as(diagnosis.toString()).isEmpty();
            }
            assertThat(diagnosis.evaluations()).isLessThan(700);
        }
    }
}
