package org.variational.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;

class PosteriorTest {

    /** tau = exp(u0), theta = (u1, u2), and an optimised weight w = u3. */
    private record Layout() implements ParameterLayout {

        @Override
        public int dimension() {
            return 4;
        }

        @Override
        public List<String> coordinateNames() {
            return List.of("log tau", "theta[0]", "theta[1]", "w");
        }

        @Override
        public List<Block> blocks() {
            return List.of(
                    new Block("tau", 0, 1, Role.INFERRED, false),
                    new Block("theta", 1, 2, Role.INFERRED, false),
                    new Block("w", 3, 1, Role.OPTIMISED, false));
        }

        @Override
        public List<Quantity> quantities() {
            return List.of(
                    Quantity.scalar("tau", Role.INFERRED),
                    Quantity.vector("theta", 2, Role.INFERRED),
                    Quantity.scalar("w", Role.OPTIMISED));
        }

        @Override
        public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
            values.setTo(points);
            for (int s = 0; s < points.numCols; s++) {
                values.data[s] = Math.exp(points.data[s]);
            }
        }
    }

    private static final DMatrixRMaj POINTS =
            new DMatrixRMaj(new double[][] {{0, Math.log(2), Math.log(3)}, {1, 2, 3}, {4, 5, 6}, {7, 7, 7}});

    private static Posterior posterior() {
        return Posterior.of(new Layout(), POINTS, new double[] {-1, -2, Double.NaN});
    }

    @Test
    void drawsHaveNamesAndTheUsersScale() {
        Posterior posterior = posterior();
        assertThat(posterior.size()).isEqualTo(3);
        assertThat(posterior.scalarNames()).containsExactly("tau", "theta[0]", "theta[1]", "w");
        assertThat(posterior.draws("tau")[1]).isCloseTo(2, within(1e-15));
        assertThat(posterior.draws("theta[1]")).containsExactly(4, 5, 6);
        assertThat(posterior.drawsOf("theta").get(1, 2)).isEqualTo(6);
        assertThat(posterior.drawsOf("tau").numRows).isEqualTo(1);
        assertThat(posterior.unconstrained().get(0, 0)).isZero();
        assertThat(posterior.coordinateNames()).startsWith("log tau");
        assertThat(posterior.logDensity()).containsExactly(-1, -2, Double.NaN);
        assertThat(posterior.effectiveSampleSize()).isEqualTo(3);
        assertThat(posterior).hasToString("posterior: 3 draws of tau, theta, w");
        assertThat(posterior.nonFiniteDraws()).isZero();
    }

    @Test
    void unknownNamesAreRefusedWithTheNamesThereAre() {
        assertThatThrownBy(() -> posterior().draws("sigma"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"sigma\"")
                .hasMessageContaining("tau, theta, w");
        assertThatThrownBy(() -> posterior().draws("theta"))
                .hasMessageContaining("2 elements")
                .hasMessageContaining("theta[0]");
        assertThatThrownBy(() -> posterior().drawsOf("sigma")).hasMessageContaining("tau, theta, w");
    }

    @Test
    void arraysAreCopied() {
        Posterior posterior = posterior();
        posterior.draws("theta[1]")[0] = 99;
        posterior.unconstrained().set(0, 0, 99);
        posterior.logDensity()[0] = 99;
        assertThat(posterior.draws("theta[1]")[0]).isEqualTo(4);
        assertThat(posterior.unconstrained().get(0, 0)).isZero();
        assertThat(posterior.logDensity()[0]).isEqualTo(-1);
    }

    @Test
    void shapesMustAgree() {
        assertThatThrownBy(() -> Posterior.of(new Layout(), new DMatrixRMaj(3, 2), new double[2]))
                .hasMessageContaining("3 coordinates");
        assertThatThrownBy(() -> Posterior.of(new Layout(), POINTS, new double[2]))
                .hasMessageContaining("3 draws");
    }

    @Test
    void drawsThatOverflowAreCounted() {
        DMatrixRMaj points = POINTS.copy();
        points.set(0, 1, 1000);
        assertThat(Posterior.of(new Layout(), points, new double[3]).nonFiniteDraws())
                .isEqualTo(1);
    }

    @Test
    void theSummaryCombinesBothErrors() {
        Summary summary = Summary.of(List.of("GOOD"), posterior(), new double[] {0, 0.5, 0, 0.25});
        Summary.Row theta = summary.row("theta[0]");
        assertThat(theta.mean()).isCloseTo(2, within(1e-15));
        assertThat(theta.sd()).isCloseTo(1, within(1e-15));
        assertThat(theta.q05()).isCloseTo(1.1, within(1e-14));
        assertThat(theta.q50()).isEqualTo(2);
        assertThat(theta.q95()).isCloseTo(2.9, within(1e-14));
        assertThat(theta.mcse()).isCloseTo(Math.sqrt(1 / 3.0 + 0.25), within(1e-14));
        assertThat(summary.row("w").sd()).isZero();
        assertThat(summary.row("w").mcse()).isEqualTo(0.25);
        assertThat(summary.toString().lines().toList())
                .startsWith("GOOD")
                .anyMatch(line -> line.startsWith("w ") && line.endsWith("(optimised)"));
        assertThatThrownBy(() -> summary.row("sigma")).hasMessageContaining("sigma");
        assertThatThrownBy(() -> Summary.of(List.of(), posterior(), new double[3]))
                .hasMessageContaining("4 scalars");
    }

    @Test
    void oneDrawHasNoSpread() {
        Posterior one = Posterior.of(new Layout(), new DMatrixRMaj(4, 1), new double[1]);
        Summary summary = Summary.of(List.of(), one, new double[4]);
        assertThat(summary.row("theta[0]").sd()).isNaN();
        assertThat(summary.row("theta[0]").mcse()).isNaN();
        assertThat(summary.row("theta[0]").mean()).isZero();
        assertThat(summary.row("w").sd()).isZero();
    }

    /** The error of the fit stays when the draws are repeated a thousand times. */
    @Test
    void moreDrawsDoNotHideTheErrorOfTheFit() {
        DMatrixRMaj many = new DMatrixRMaj(4, 3000);
        for (int i = 0; i < 4; i++) {
            for (int s = 0; s < 3000; s++) {
                many.set(i, s, POINTS.get(i, s % 3));
            }
        }
        Posterior posterior = Posterior.of(new Layout(), many, new double[3000]);
        Summary summary = Summary.of(List.of(), posterior, new double[] {0, 0.5, 0, 0});
        assertThat(summary.row("theta[0]").mcse()).isGreaterThan(0.5);
        assertThat(summary.row("theta[1]").mcse()).isLessThan(0.02);
    }
}
