package org.variational.lab.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.variational.lab.LabRun;

class GroupsCommandTest {

    @Test
    void aRowForEachNumberOfGroupsWithAVerdictForEachFit() {
        LabRun run = LabRun.of("bench", "groups", "--groups", "4,6", "--fits", "2", "--response", "bernoulli");
        assertThat(run.code()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        for (int row = 2; row < 4; row++) {
            List<String> cells = List.of(lines.get(row).strip().split("\\s+"));
            assertThat(cells).hasSize(8);
            // four or six intercepts, their mean and scale, and a slope
            int groups = 2 * row;
            assertThat(cells.get(0)).isEqualTo(Integer.toString(groups));
            assertThat(cells.get(1)).isEqualTo(Integer.toString(groups + 3));
            assertThat(Double.parseDouble(cells.get(2))).isPositive();
            assertThat(Double.parseDouble(cells.get(3))).isPositive();
        }
        boolean compared = !lines.get(2).contains("-");
        assertThat(run.out().contains("glmmTMB was not run")).isEqualTo(!compared);
    }

    @Test
    void misuseIsNamed() {
        assertThat(LabRun.of("bench", "groups", "--response", "gamma").err())
                .contains("--response is poisson or bernoulli, got \"gamma\"");
        assertThat(LabRun.of("bench", "groups", "--fits", "1").err())
                .contains("--fits and --groups must be at least 2");
    }

    @Test
    void theTableHasTheDataOfTheModel() {
        VaryingIntercepts problem = VaryingIntercepts.of(VaryingIntercepts.Response.POISSON, 3, 2, false, 1);
        List<String> lines = problem.table().lines().toList();
        assertThat(lines.get(0)).isEqualTo("y,group,x1,x2");
        assertThat(lines).hasSize(1 + problem.rows());
        assertThat(lines.get(11)).matches("\\d+,1,-?[\\d.E-]+,-?[\\d.E-]+");
    }
}
