package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.density.CountedDensity;
import org.variational.density.LogDensityParts;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** Parts of log densities: each of its own coordinates, and together the whole. */
class SummandPartsTest {

    private static final int GROUPS = 7;

    /** Groups of one to many rows, in no order; intercept and slope of a group are coordinates 3 + j and 10 + j. */
    private static Model groups(int rows, boolean nonCentred) {
        Random random = new Random(5);
        int[] group = new int[rows];
        int[] y = new int[rows];
        double[] x = new double[rows];
        for (int r = 0; r < rows; r++) {
            group[r] = r < GROUPS ? r : (int) (GROUPS * random.nextDouble() * random.nextDouble());
            y[r] = random.nextInt(6);
            x[r] = random.nextGaussian();
        }
        ModelBuilder m = Model.named("groups");
        Expr mu = m.parameter("mu", normal(0, 3));
        Expr tau = m.parameter("tau", halfNormal(1), 2);
        var population = normal(mu, tau.element(0));
        Expr intercept = m.parameter("intercept", nonCentred ? population.nonCentered() : population, GROUPS);
        Expr slope = m.parameter("slope", normal(0, tau.element(1)), GROUPS);
        Rows data = m.rows(rows);
        Expr eta = intercept
                .at(data.index("group", group))
                .plus(slope.at(data.index("again", group)).times(data.data("x", x)));
        data.observe("y", poissonLog(eta), y);
        return m.build();
    }

    private static int[] setsOfGroups() {
        int[] setOf = new int[3 + 2 * GROUPS];
        Arrays.fill(setOf, 0, 3, -1);
        for (int j = 0; j < GROUPS; j++) {
            setOf[3 + j] = j;
            setOf[3 + GROUPS + j] = j;
        }
        return setOf;
    }

    private static DMatrixRMaj points(int dimension, int lanes) {
        DMatrixRMaj points = new DMatrixRMaj(dimension, lanes);
        Random random = new Random(7);
        Arrays.setAll(points.data, i -> 0.5 * random.nextGaussian());
        return points;
    }

    private static DMatrixRMaj parts(LogDensityParts of, DMatrixRMaj points) {
        DMatrixRMaj parts = new DMatrixRMaj(1, 1);
        of.evaluate(points, parts);
        return parts;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void partsSumToTheWholeAndDependOnTheirOwn(boolean nonCentred) {
        Model model = groups(60, nonCentred);
        int[] setOf = setsOfGroups();
        LogDensityParts of = Objects.requireNonNull(model.density().parts(setOf));
        assertThat(of.count()).isEqualTo(GROUPS);
        int lanes = 5;
        DMatrixRMaj points = points(model.dimension(), lanes);
        DMatrixRMaj parts = parts(of, points);
        double[] whole = new double[lanes];
        model.density().evaluate(points, whole, null);
        for (int s = 0; s < lanes; s++) {
            double sum = 0;
            double size = 0;
            for (int j = 0; j <= GROUPS; j++) {
                sum += parts.get(j, s);
                size += Math.abs(parts.get(j, s));
            }
            assertThat(sum).isCloseTo(whole[s], within(1e-14 * 60 * size));
        }
        for (int i = 3; i < model.dimension(); i++) {
            DMatrixRMaj moved = points.copy();
            for (int s = 0; s < lanes; s++) {
                moved.add(i, s, 0.3);
            }
            DMatrixRMaj after = parts(of, moved);
            for (int j = 0; j <= GROUPS; j++) {
                boolean changed = after.get(j, 0) != parts.get(j, 0);
                assertThat(changed).as("part %d by coordinate %d", j, i).isEqualTo(j == setOf[i]);
            }
        }
    }

    @Test
    void threadsChangeNoBit() {
        Model model = groups(20_000, false);
        DMatrixRMaj points = points(model.dimension(), 16);
        DMatrixRMaj one = parts(Objects.requireNonNull(model.density(1).parts(setsOfGroups())), points);
        DMatrixRMaj four = parts(Objects.requireNonNull(model.density(4).parts(setsOfGroups())), points);
        assertThat(four.data).containsExactly(one.data);
    }

    @Test
    void whatDoesNotComeApartHasNoParts() {
        Model model = groups(60, false);
        int[] setOf = setsOfGroups();
        // the scale of the intercepts belongs to all groups
        setOf[1] = 0;
        assertThat(model.density().parts(setOf)).isNull();
    }

    @Test
    void evaluationsOfPartsAreCounted() {
        Model model = groups(60, false);
        CountedDensity counted = CountedDensity.of(model.density());
        parts(Objects.requireNonNull(counted.parts(setsOfGroups())), points(model.dimension(), 9));
        assertThat(counted.valueEvaluations()).isEqualTo(9);
    }

    @Test
    void eachCoordinateNeedsASet() {
        Model model = groups(60, false);
        assertThatThrownBy(() -> model.density().parts(new int[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("each of 17 coordinates needs the number of its set, got 2");
    }
}
