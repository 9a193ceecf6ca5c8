package org.variational.lab.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.density.ParameterLayout.Block;
import org.variational.lab.simulated.LatentPosterior.Given;
import org.variational.lab.simulated.LatentPosterior.Independent;
import org.variational.lab.simulated.LatentPosterior.Outer;
import org.variational.model.Model;

/** The simulated problems: the declarations against plain loops, and the loops against differences. */
class SimulatedProblemTest {

    private static List<SimulatedProblem> problems() {
        return SimulatedProblem.all();
    }

    /** Large ones are the same code with more groups or states. */
    private static List<SimulatedProblem> small() {
        return problems().stream().filter(problem -> !problem.isLarge()).toList();
    }

    /** Points near the truth, on the scale of {@link LatentPosterior}. */
    private record Point(double[] outer, double[] latents) {

        static Point near(LatentPosterior posterior, long seed) {
            Simulator random = new Simulator(seed, "point");
            double[] outer =
                    posterior.outer().stream().mapToDouble(Outer::truth).toArray();
            Arrays.setAll(outer, i -> outer[i] + 0.1 * random.normal());
            return new Point(outer, random.normals(posterior.latents().size(), 0.3, 0.5));
        }
    }

    @ParameterizedTest
    @MethodSource("small")
    void theDeclaredDensityIsThatOfPlainLoops(SimulatedProblem problem) {
        LatentPosterior posterior = problem.posterior();
        Model model = posterior.model();
        Point point = Point.near(posterior, 1);
        Given given = posterior.given(point.outer);
        double[] standard = problem.name().endsWith("_noncentred") ? given.standard() : null;
        double expected = given.logDensity(point.latents);
        if (standard != null) {
            expected += posterior.effects().size() * Math.log(standard[1]);
        }

        double[] found = new double[1];
        model.density().evaluate(coordinates(model, posterior, point, standard), found, null);

        // The sums have up to 100,000 terms of the order of 1, and squares that cancel in part.
        assertThat(found[0]).isCloseTo(expected, within(1e-10 * (1 + Math.abs(expected))));
    }

    private static DMatrixRMaj coordinates(Model model, LatentPosterior posterior, Point point, double[] standard) {
        Map<String, Double> values = new HashMap<>();
        List<Outer> outer = posterior.outer();
        for (int i = 0; i < outer.size(); i++) {
            values.put(outer.get(i).name(), point.outer[i]);
        }
        List<String> latents = posterior.latents();
        for (int i = 0; i < latents.size(); i++) {
            double value = point.latents[i];
            values.put(latents.get(i), standard == null ? value : (value - standard[0]) / standard[1]);
        }
        DMatrixRMaj coordinates = new DMatrixRMaj(model.dimension(), 1);
        for (Block block : model.layout().blocks()) {
            for (int i = 0; i < block.length(); i++) {
                Double scalar = values.remove(block.name());
                coordinates.data[block.offset() + i] =
                        scalar != null ? scalar : values.remove(block.name() + "[" + i + "]");
            }
        }
        assertThat(values).isEmpty();
        return coordinates;
    }

    @ParameterizedTest
    @MethodSource("small")
    void theLoopsHaveTheirDerivatives(SimulatedProblem problem) {
        LatentPosterior posterior = problem.posterior();
        Point point = Point.near(posterior, 2);
        Given given = posterior.given(point.outer);
        int n = point.latents.length;
        double[] gradient = new double[n];
        double[] above = new double[n];
        double[] below = new double[n];
        double[] direction = new Simulator(3, "direction").normals(n, 0, 1);
        Band precision = new Band(n, posterior.band());
        double step = 1e-5;
        given.curvature(moved(point.latents, direction, step), above, precision);
        given.curvature(moved(point.latents, direction, -step), below, precision);
        given.curvature(point.latents, gradient, precision);

        double slope = 0;
        double size = 0;
        for (int i = 0; i < n; i++) {
            slope += gradient[i] * direction[i];
            size += Math.abs(gradient[i] * direction[i]);
        }
        double difference = (given.logDensity(moved(point.latents, direction, step))
                        - given.logDensity(moved(point.latents, direction, -step)))
                / (2 * step);
        assertThat(difference).isCloseTo(slope, within(1e-6 * (1 + size)));
        double[] product = precision.product(direction);
        for (int i = 0; i < n; i++) {
            assertThat((below[i] - above[i]) / (2 * step))
                    .isCloseTo(product[i], within(1e-5 * (1 + Math.abs(product[i]))));
        }
        if (given instanceof Independent independent) {
            double sum = independent.rest();
            for (int i = 0; i < n; i++) {
                sum += independent.logDensity(i, point.latents[i]);
            }
            assertThat(sum).isCloseTo(given.logDensity(point.latents), within(1e-10 * Math.abs(sum)));
        }
    }

    private static double[] moved(double[] from, double[] direction, double step) {
        double[] to = new double[from.length];
        Arrays.setAll(to, i -> from[i] + step * direction[i]);
        return to;
    }

    @Test
    void theDataAreAlwaysTheSame() {
        for (String title : List.of("N01_poisson_100_1_centred", "N25_crossed_50_80", "N32_growth_30")) {
            SimulatedProblem problem = SimulatedProblem.named(title).orElseThrow();

            assertThat(problem.declare().model().dataFingerprint())
                    .isEqualTo(problem.declare().model().dataFingerprint());
        }
    }

    @Test
    void largeProblemsHaveMoreThanTwoThousandCoordinates() {
        for (SimulatedProblem problem : problems()) {
            if (problem.name().contains("_20_") || problem.name().endsWith("_noncentred")) {
                // As many coordinates as with one fixed effect, and nineteen more.
                continue;
            }
            LatentPosterior posterior = problem.posterior();
            int dimension = posterior.outer().size() + posterior.latents().size();

            assertThat(problem.isLarge()).as(problem.name()).isEqualTo(dimension > 2000);
        }
    }

    @Test
    void aBandMatrixIsFactoredSolvedAndInverted() {
        int n = 7;
        Band matrix = new Band(n, 2);
        Simulator random = new Simulator(1, "band");
        for (int i = 0; i < n; i++) {
            matrix.add(i, i, 4);
            for (int j = Math.max(0, i - 2); j < i; j++) {
                matrix.add(i, j, random.normal());
            }
        }
        double[] x = random.normals(n, 0, 1);
        double[] right = matrix.product(x);
        Band factor = new Band(n, 2);
        factor.set(matrix);

        assertThat(factor.factor()).isTrue();

        double[] solved = right.clone();
        factor.solve(solved);
        assertThat(solved).containsExactly(x, within(1e-12));
        double[] upper = random.normals(n, 0, 1);
        double[] squares = upper.clone();
        factor.solveUpper(squares);
        double[] product = matrix.product(squares);
        factor.solveLower(product);
        assertThat(product).containsExactly(upper, within(1e-12));
        double[] diagonal = factor.diagonalOfInverse();
        for (int i = 0; i < n; i++) {
            double[] unit = new double[n];
            unit[i] = 1;
            factor.solve(unit);
            assertThat(diagonal[i]).isCloseTo(unit[i], within(1e-12));
        }
        matrix.add(3, 3, -20);
        assertThat(matrix.factor()).isFalse();
    }
}
