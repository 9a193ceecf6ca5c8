package org.variational.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.variational.expression.Evaluations.elements;
import static org.variational.expression.Evaluations.points;
import static org.variational.expression.Evaluations.requireAgreement;
import static org.variational.expression.Evaluations.requireClose;

import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.special.Gamma;
import org.junit.jupiter.api.Test;
import org.variational.expression.Evaluations;
import org.variational.expression.Evaluations.Result;
import org.variational.expression.Expr;

/** Vectors of length one: the map, the density of lengths, and integrals over the sphere. */
class UnitVectorTest {

    private static final Constraint UNIT = Constraints.unitVector();

    private static Expr coordinates(int size) {
        return Expr.coordinates("u", 0, size, 1);
    }

    private static Expr value(int size) {
        return UNIT.constrain(coordinates(size), size, 1);
    }

    private static Expr term(int size) {
        return UNIT.logJacobian(coordinates(size), value(size));
    }

    private static double[] shifted(double[] u) {
        double[] w = u.clone();
        for (int i = 0; i < w.length; i++) {
            w[i] += 1 / Math.sqrt(w.length);
        }
        return w;
    }

    private static double length(double[] w) {
        double square = 0;
        for (double x : w) {
            square += x * x;
        }
        return Math.sqrt(square);
    }

    @Test
    void mapAndItsGradient() {
        for (int size : new int[] {2, 3, 5}) {
            requireAgreement(
                    value(size),
                    u -> {
                        double[] w = shifted(u);
                        double length = length(w);
                        for (int i = 0; i < w.length; i++) {
                            w[i] /= length;
                        }
                        return w;
                    },
                    points(9, size, -1, 3, 1),
                    1e-13);
        }
        assertThat(elements(value(4), new double[4])).containsExactly(0.5, 0.5, 0.5, 0.5);
    }

    /** The density of a vector w is that of its squared length, chi-squared, over the area of the spheres. */
    @Test
    void termIsTheDensityOfTheLength() {
        for (int size : new int[] {2, 3, 5}) {
            double logArea =
                    Math.log(2) + 0.5 * size * Math.log(Math.PI) - Gamma.logGamma(0.5 * size); // of the unit sphere
            ChiSquaredDistribution squares = new ChiSquaredDistribution(size + 1);
            requireAgreement(
                    term(size),
                    u -> {
                        double r = length(shifted(u));
                        double ofLength = squares.logDensity(r * r) + Math.log(2 * r);
                        double ofVector = ofLength - logArea - (size - 1) * Math.log(r);
                        return new double[] {ofVector + logArea};
                    },
                    points(9, size, -1, 3, 2),
                    1e-11);
        }
    }

    /**
     * The trapezoidal rule; the density has the slope of a cone at the origin, so its error is of order step^(size +
     * 1).
     */
    private static double integral(int size, int points, double reach, ToDoubleFunction<double[]> weight) {
        double step = 2 * reach / (points - 1);
        int total = (int) Math.pow(points, size);
        double[][] grid = new double[total][size];
        for (int s = 0; s < total; s++) {
            int rest = s;
            for (int d = 0; d < size; d++) {
                grid[s][d] = -reach - 1 / Math.sqrt(size) + step * (rest % points);
                rest /= points;
            }
        }
        double[] logs = Evaluations.evaluate(term(size), grid).values();
        double sum = 0;
        for (int s = 0; s < total; s++) {
            double[] w = shifted(grid[s]);
            double r = length(w);
            if (r > 0) {
                for (int d = 0; d < size; d++) {
                    w[d] /= r;
                }
                sum += Math.exp(logs[s]) * weight.applyAsDouble(w);
            }
        }
        return sum * Math.pow(step, size);
    }

    /**
     * Integrals over the sphere: its length or area, and the normalising constants of the von Mises and Fisher
     * distributions, {@code 2 pi I_0(k)} with {@code I_0(1.5) = 1.6467231897728904} and {@code 4 pi sinh(k) / k}.
     */
    @Test
    void densitiesIntegrateOverTheSphere() {
        requireClose("circle", integral(2, 401, 9, x -> 1), 2 * Math.PI, 1e-4);
        double vonMises = integral(2, 401, 9, x -> Math.exp(1.5 * (0.6 * x[0] - 0.8 * x[1])));
        requireClose("von Mises", vonMises, 2 * Math.PI * 1.6467231897728904, 1e-4);
        requireClose("sphere", integral(3, 91, 8, x -> 1), 4 * Math.PI, 1e-3);
        double fisher = integral(3, 91, 8, x -> Math.exp(2 * x[2]));
        requireClose("Fisher", fisher, 4 * Math.PI * Math.sinh(2) / 2, 1e-3);
    }

    @Test
    void valuesComeBack() {
        double[] x = {0.48, -0.6, 0.64};
        double[] u = UNIT.unconstrain(x, 3, 1);
        double[] back = elements(value(3), u);
        for (int i = 0; i < 3; i++) {
            requireClose("element " + i, back[i], x[i], 1e-15);
        }
        requireClose("length", length(shifted(u)), 1, 1e-15);
    }

    @Test
    void finiteFarOut() {
        double[][] far = {{700, 700}, {-700, 700}, {1e150, 0}};
        Result result = Evaluations.evaluate(term(2), far);
        for (int s = 0; s < far.length; s++) {
            assertThat(result.values()[s]).isFinite();
            assertThat(result.gradients()[s]).doesNotContain(Double.NaN);
            requireClose("length", length(elements(value(2), far[s])), 1, 1e-15);
        }
    }

    @Test
    void refusals() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UNIT.coordinates(1, 1))
                .withMessageContainingAll("unitVector", "at least 2", "1 x 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UNIT.coordinates(2, 2))
                .withMessageContainingAll("unitVector", "2 x 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UNIT.unconstrain(new double[] {1, 1}, 2, 1))
                .withMessageContainingAll("unitVector", "length", "1.41");
    }
}
