package org.variational.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KernelChoiceTest {

    @Test
    void prefersVectorKernelsWhereTheModuleIsPresent() {
        assertThat(KernelChoice.choose(null).name()).startsWith("vector-");
        assertThat(KernelChoice.choose(null).laneMultiple()).isGreaterThan(1);
    }

    @Test
    void thePropertyOverrides() {
        assertThat(KernelChoice.choose("plain")).isSameAs(Kernels.plain());
        assertThat(KernelChoice.choose("vector").name()).startsWith("vector-");
    }

    @Test
    void refusesAnUnknownName() {
        assertThatThrownBy(() -> KernelChoice.choose("fast"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("org.variational.kernels must be \"plain\" or \"vector\", got \"fast\"");
    }

    @Test
    void choosesOnce() {
        assertThat(Kernels.preferred()).isSameAs(Kernels.preferred());
    }

    @Test
    void shortEvaluationsRunPlain() {
        assertThat(Kernels.preferredFor(100)).isSameAs(Kernels.plain());
        assertThat(Kernels.preferredFor(1_000_000)).isSameAs(Kernels.preferred());
    }
}
