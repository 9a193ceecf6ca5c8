package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.random.RandomStreams;

class CouplingFlowTest {

    private static CouplingFlow.Member member(CouplingFlow family, double size) {
        RandomGenerator random = RandomStreams.of(2).generator("flow", 0);
        double[] parameters = new double[family.parameterCount()];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = size * random.nextGaussian();
        }
        return family.member(parameters);
    }

    /** log q(z) = log N(eps) - log |det dz/d eps|, the Jacobian by central differences. */
    @Test
    void densityIsThatOfTheTransformedNoise() {
        int d = 5;
        CouplingFlow.Member q = member(CouplingFlow.of(d, 6, 7), 0.6);
        DMatrixRMaj noise = new DMatrixRMaj(d, 1, true, 0.3, -1.1, 0.8, 1.9, -0.4);
        DMatrixRMaj point = new DMatrixRMaj(d, 1);
        q.sample(noise, point);
        DMatrixRMaj jacobian = new DMatrixRMaj(d, d);
        double step = 1e-5;
        for (int j = 0; j < d; j++) {
            DMatrixRMaj up = noise.copy();
            DMatrixRMaj down = noise.copy();
            up.data[j] += step;
            down.data[j] -= step;
            DMatrixRMaj high = new DMatrixRMaj(d, 1);
            DMatrixRMaj low = new DMatrixRMaj(d, 1);
            q.sample(up, high);
            q.sample(down, low);
            for (int i = 0; i < d; i++) {
                jacobian.set(i, j, (high.data[i] - low.data[i]) / (2 * step));
            }
        }
        double expected = -0.5 * d * Math.log(2 * Math.PI) - Math.log(Math.abs(CommonOps_DDRM.det(jacobian)));
        for (double eps : noise.data) {
            expected -= 0.5 * eps * eps;
        }
        double[] logQ = new double[1];
        q.logDensity(point, logQ);
        assertThat(logQ[0]).isCloseTo(expected, within(1e-7));
    }

    @Test
    void everyPairOfCoordinatesInteracts() {
        int d = 6;
        CouplingFlow.Member q = member(CouplingFlow.of(d), 0.5);
        DMatrixRMaj noise = new DMatrixRMaj(d, 1);
        DMatrixRMaj point = new DMatrixRMaj(d, 1);
        q.sample(noise, point);
        for (int j = 0; j < d; j++) {
            DMatrixRMaj moved = noise.copy();
            moved.data[j] = 1;
            DMatrixRMaj image = new DMatrixRMaj(d, 1);
            q.sample(moved, image);
            for (int i = 0; i < d; i++) {
                assertThat(image.data[i]).as(j + " acts on " + i).isNotEqualTo(point.data[i]);
            }
        }
    }

    @Test
    void startsAsAGaussianWhoseNetworksHaveGradients() {
        CouplingFlow family = CouplingFlow.of(3);
        CouplingFlow.Member q =
                family.member(family.initialParameters(new double[] {1, 2, 3}, new double[] {0.5, 1, 2}));
        DMatrixRMaj noise = new DMatrixRMaj(3, 1, true, 1, -1, 2);
        DMatrixRMaj point = new DMatrixRMaj(3, 1);
        q.sample(noise, point);
        assertThat(point.data).containsExactly(new double[] {1.5, 1, 7}, within(1e-15));
        double[] gradient = new double[family.parameterCount()];
        q.addPathGradient(noise, point, new DMatrixRMaj(3, 1, true, 1, 1, 1), gradient);
        int nonZero = 0;
        for (double slope : gradient) {
            nonZero += slope != 0 ? 1 : 0;
        }
        assertThat(nonZero).isGreaterThan(family.parameterCount() / 4);
    }

    @Test
    void hugeParametersKeepDrawsFiniteAndInvertible() {
        CouplingFlow.Member q = member(CouplingFlow.of(4, 6, 8), 3);
        DMatrixRMaj noise = new DMatrixRMaj(4, 1, true, 4, -4, 4, -4);
        DMatrixRMaj point = new DMatrixRMaj(4, 1);
        q.sample(noise, point);
        double[] logQ = new double[1];
        q.logDensity(point, logQ);
        assertThat(logQ[0]).isFinite();
    }

    @Test
    void sizesAreChecked() {
        assertThatIllegalArgumentException().isThrownBy(() -> CouplingFlow.of(3, 0, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CouplingFlow.of(100_000, 6, 1000))
                .withMessageContaining("meanField()");
    }
}
