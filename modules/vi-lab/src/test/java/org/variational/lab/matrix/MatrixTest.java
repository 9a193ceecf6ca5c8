package org.variational.lab.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.lab.matrix.Cell.Status;

/** A part of the matrix, and the optima it is measured by against closed forms. */
class MatrixTest {
    private static final double RHO = 0.5;

    private static List<Matrix.Choice> choices(String... names) {
        return Matrix.divergences().stream()
                .filter(choice -> List.of(names).contains(choice.name()))
                .toList();
    }

    /**
     * A cell that is called ok is within five standard errors and 0.002 (0.01 for total variation, 0.005 for the
     * tail-adaptive rule). The seed is fixed. With another one, a root mean square of up to five deviations beyond five
     * of its standard errors from 25 stretches has a probability below 1e-4 a cell; such a cell would be called wrong,
     * and the first test fail.
     */
    @Test
    void noCellIsSilentlyWrong() {
        List<Cell> cells = new ArrayList<>();
        cells.addAll(Matrix.run(
                Matrix.gaussian(),
                List.of(Matrix.MEAN_FIELD, Matrix.FULL_RANK),
                choices("reverse-kl", "forward-kl", "chi-squared", "importance-weighted,K=2", "tail-adaptive"),
                Matrix.estimators(),
                1));
        cells.addAll(Matrix.run(
                Matrix.twoModes(),
                List.of(Matrix.MEAN_FIELD),
                choices("reverse-kl", "forward-kl", "jensen-shannon", "total-variation", "triangular (user's f)"),
                Matrix.estimators(),
                1));
        cells.addAll(Matrix.run(
                Matrix.outcomes(),
                Matrix.discreteFamilies(),
                choices("reverse-kl", "forward-kl", "squared-hellinger"),
                Matrix.estimators(),
                1));
        int fitted = 0;
        for (Cell cell : cells) {
            assertThat(cell.status()).as(cell.toString()).isNotEqualTo(Status.WRONG);
            if (cell.status() == Status.OK) {
                double tolerance = Matrix.divergences().stream()
                        .filter(choice ->
                                choice.name().equals(cell.combination().divergence()))
                        .findAny()
                        .orElseThrow()
                        .tolerance();
                assertThat(cell.measured().distance())
                        .as(cell.toString())
                        .isLessThanOrEqualTo(Matrix.ERRORS * cell.measured().standardError() + tolerance);
                assertThat(cell.measured().standardError()).as(cell.toString()).isLessThanOrEqualTo(0.05);
                assertThat(cell.reason()).isEmpty();
                fitted++;
            } else if (cell.status() == Status.REFUSED) {
                // the reason, a colon, and what to do
                assertThat(cell.reason()).contains(": ").containsAnyOf("use ", "set ", "supply ");
                assertThat(cell.measured().distance()).isNaN();
            } else {
                assertThat(cell.reason()).isNotEmpty();
            }
        }
        assertThat(fitted).isGreaterThan(60);
    }

    @Test
    void theSameSeedGivesTheSameCells() {
        List<Cell> first = small();
        assertThat(small()).isEqualTo(first);
    }

    private static List<Cell> small() {
        return Matrix.run(Matrix.gaussian(), List.of(Matrix.MEAN_FIELD), choices("forward-kl"), Matrix.estimators(), 7);
    }

    /** The fit with an optimum of another divergence must be found out: the comparison can fail. */
    @Test
    void aFitOfAnotherDivergenceIsCalledWrong() {
        Matrix.Choice forward = choices("forward-kl").get(0);
        Matrix.Choice mistaken =
                new Matrix.Choice("mistaken", forward.divergence(), Population.reverseKl(), Matrix.TOLERANCE);
        List<Cell> cells = Matrix.run(
                Matrix.gaussian(),
                List.of(Matrix.MEAN_FIELD),
                List.of(mistaken),
                Matrix.estimators().subList(1, 2),
                7);
        assertThat(cells).singleElement().extracting(Cell::status).isEqualTo(Status.WRONG);
    }

    /**
     * Variances 1 - rho^2, 1, sqrt(1 - rho^2), (3 + sqrt(1 + 8 rho^2)) / 4, (3 - sqrt(1 + 8 rho^2)) / 2; full rank is
     * exact.
     */
    @Test
    void optimaOfTheGaussianAreTheClosedForms() {
        double root = Math.sqrt(1 + 8 * RHO * RHO);
        variance("reverse-kl", 1 - RHO * RHO);
        variance("forward-kl", 1);
        variance("jeffreys", Math.sqrt(1 - RHO * RHO));
        variance("alpha:0.5", Math.sqrt(1 - RHO * RHO));
        variance("chi-squared", (3 + root) / 4);
        variance("alpha:-1", (3 - root) / 2);
        for (Matrix.Choice choice : Matrix.divergences()) {
            FullRankGaussian family = FullRankGaussian.of(2);
            Optimum optimum = Optimum.of(Matrix.gaussian(), family, choice.population());
            double[] features = Matrix.gaussian().features(family.member(optimum.parameters()));
            assertThat(features)
                    .as(choice.name())
                    .usingComparatorWithPrecision(2e-4)
                    .containsExactly(1, -1, 1, 1, RHO);
        }
    }

    private static void variance(String name, double variance) {
        MeanFieldGaussian family = MeanFieldGaussian.of(2);
        Optimum optimum =
                Optimum.of(Matrix.gaussian(), family, choices(name).get(0).population());
        double[] sd = family.member(optimum.parameters()).standardDeviation();
        assertThat(sd[0] * sd[0]).as(name).isCloseTo(variance, within(1e-5));
        assertThat(sd[1] * sd[1]).as(name).isCloseTo(variance, within(1e-5));
        assertThat(family.member(optimum.parameters()).mean())
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(1, -1);
    }

    /** Forward KL takes the moments of half N(-m, I) and half N(m, I): covariance I + m m'. */
    @Test
    void forwardKlOfTwoModesHasTheirMoments() {
        FullRankGaussian family = FullRankGaussian.of(2);
        Optimum optimum = Optimum.of(
                Matrix.twoModes(), family, choices("forward-kl").get(0).population());
        double a = 1 + 1.04 * 1.04;
        double b = 1 + 0.78 * 0.78;
        assertThat(Matrix.twoModes().features(family.member(optimum.parameters())))
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(0, 0, Math.sqrt(a), Math.sqrt(b), -1.04 * 0.78 / Math.sqrt(a * b));
    }

    @Test
    void cellsAsJsonAndAsTable() {
        Cell fitted =
                new Cell(new Cell.Combination("t", "f", "d", "e"), new Cell.Measured(0.01, 0.02, 3), Status.OK, "");
        Cell refused = new Cell(
                new Cell.Combination("t", "f", "d", "g"), Cell.Measured.NOTHING, Status.REFUSED, "no: use another");
        assertThat(MatrixCommand.json(fitted))
                .isEqualTo(
                        "{\"divergence\":\"d\",\"family\":\"f\",\"estimator\":\"e\",\"target\":\"t\",\"distance\":0.01,"
                                + "\"standardError\":0.02,\"gradientVariance\":3.0,\"status\":\"ok\"}");
        assertThat(MatrixCommand.json(refused))
                .contains("\"distance\":null")
                .contains("\"status\":\"refused: no: use another\"");
        assertThat(MatrixCommand.tables("", List.of(fitted, refused)))
                .isEqualTo("### f\n| | e |\n|---|---|\n| d | 0.0100 ± 0.0200, 3.0e+00 |\n\n");
        assertThat(MatrixCommand.legend(List.of(fitted, refused)))
                .contains("- ok: 1")
                .contains("no: use another (1");
    }
}
