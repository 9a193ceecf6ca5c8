package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.variational.models.LatentModelsTest.ANSWERS;
import static org.variational.models.LatentModelsTest.GROUP;
import static org.variational.models.LatentModelsTest.HARES;
import static org.variational.models.LatentModelsTest.WIDE;
import static org.variational.models.LatentModelsTest.X;
import static org.variational.models.LatentModelsTest.Y;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.Labels;
import org.variational.density.QuantityIndex;
import org.variational.model.Model;
import org.variational.posterior.Posterior;

/** Names of groups, predictors, persons and items in the ready-made models. */
class LabelledModelsTest {

    private static final Labels COUNTIES = Labels.of("county", "Aitkin", "Anoka", "Lac qui Parle", "St. Louis");
    private static final String[] COUNTY_OF =
            Arrays.stream(GROUP).mapToObj(COUNTIES.labels()::get).toArray(String[]::new);

    private static List<String> names(Model model) {
        return QuantityIndex.of(model.layout().quantities()).scalarNames();
    }

    private static DMatrixRMaj points(Model model, int draws) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(model.dimension());
        DMatrixRMaj points = new DMatrixRMaj(model.dimension(), draws);
        Arrays.setAll(points.data, i -> random.nextDouble() - 0.5);
        return points;
    }

    private static Posterior posterior(Model model) {
        return Posterior.of(model.layout(), points(model, 5), new double[5]);
    }

    private static void requireSameDensity(Model labelled, Model numbered) {
        double[] a = new double[3];
        double[] b = new double[3];
        labelled.density().evaluate(points(labelled, 3), a, null);
        numbered.density().evaluate(points(numbered, 3), b, null);
        assertThat(a).containsExactly(b);
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException().isThrownBy(call).satisfies(e -> assertThat(e.getMessage())
                .contains(parts));
    }

    @Test
    void interceptsOfCountiesAreNamedAfterThem() {
        VaryingIntercepts radon = VaryingIntercepts.builder()
                .predictors(X, "floor")
                .group(COUNTY_OF)
                .outcome(Y)
                .build();
        assertThat(names(radon.model()))
                .containsExactly(
                        "level",
                        "coefficients[floor]",
                        "group_sd",
                        "sigma",
                        "intercepts[Aitkin]",
                        "intercepts[Anoka]",
                        "intercepts[Lac qui Parle]",
                        "intercepts[St. Louis]");
        assertThat(radon.model().layout().coordinateNames()).contains("intercepts[Anoka]");
        requireSameDensity(radon.model(), VaryingIntercepts.of(X, GROUP, 4, Y));
    }

    @Test
    void groupsWithoutRowsHaveLabelsToo() {
        Labels five = Labels.of("county", "Aitkin", "Anoka", "Lac qui Parle", "St. Louis", "Wright");
        Model model = VaryingIntercepts.builder()
                .predictors(X)
                .group(GROUP, five)
                .outcome(Y)
                .build()
                .model();
        assertThat(names(model)).contains("intercepts[Wright]", "coefficients[0]");
        requireSameDensity(model, VaryingIntercepts.of(X, GROUP, 5, Y));
    }

    @Test
    void slopesAreNamedByGroupAndPredictor() {
        VaryingSlopes slopes = VaryingSlopes.builder()
                .predictors(WIDE, "floor", "uranium")
                .group(GROUP, COUNTIES)
                .outcome(Y)
                .build();
        assertThat(names(slopes.model()))
                .startsWith(
                        "level",
                        "coefficients[floor]",
                        "coefficients[uranium]",
                        "group_sd[intercept]",
                        "group_sd[floor]",
                        "group_sd[uranium]",
                        "sigma",
                        "correlation[intercept,intercept]",
                        "correlation[intercept,floor]")
                .containsSubsequence("effects[Aitkin,intercept]", "effects[Aitkin,floor]", "effects[St. Louis,uranium]")
                .endsWith("z[St. Louis,uranium]");
        requireSameDensity(slopes.model(), VaryingSlopes.of(WIDE, GROUP, 4, Y));
        Model numbered = VaryingSlopes.of(X, GROUP, 4, Y);
        assertThat(names(numbered)).contains("coefficients[0]", "group_sd[1]", "effects[3,1]", "correlation[0,1]");
    }

    @Test
    void groupsToPredictForAreGivenByTheirLabels() {
        VaryingIntercepts intercepts = VaryingIntercepts.builder()
                .predictors(X)
                .group(COUNTY_OF)
                .outcome(Y)
                .build();
        Posterior posterior = posterior(intercepts.model());
        double[][] newX = {{4}, {7}, {4}};
        String[] named = {"St. Louis", "Aitkin", "St. Louis"};
        int[] numbered = {3, 0, 3};
        assertThat(intercepts.expected(posterior, newX, named).data)
                .containsExactly(intercepts.expected(posterior, newX, numbered).data);
        assertThat(intercepts.predict(posterior, newX, named, 2).data)
                .containsExactly(intercepts.predict(posterior, newX, numbered, 2).data);
        refused(
                () -> intercepts.expected(posterior, newX, new String[] {"Aitkin", "Atkin", "Anoka"}),
                "newGroup, row 1",
                "\"group\" has no label \"Atkin\"",
                "Aitkin, Anoka, Lac qui Parle, St. Louis",
                "4 or more");
        Posterior ofNumbers = posterior(VaryingIntercepts.of(X, GROUP, 4, Y));
        refused(() -> intercepts.expected(ofNumbers, newX, named), "give the posterior of a fit of model()");
    }

    @Test
    void personsAndItemsHaveNames() {
        Labels pupils = Labels.of("pupil", "Ann", "Bob", "Cid", "Dee");
        Labels tasks = Labels.of("task", "sum", "product", "root");
        ItemResponse test = ItemResponse.builder().table(ANSWERS, pupils, tasks).build();
        assertThat(names(test.model()))
                .containsExactly(
                        "difficulty_mean",
                        "difficulty_sd",
                        "discrimination[sum]",
                        "discrimination[product]",
                        "discrimination[root]",
                        "difficulty[sum]",
                        "difficulty[product]",
                        "difficulty[root]",
                        "ability[Ann]",
                        "ability[Bob]",
                        "ability[Cid]",
                        "ability[Dee]");
        requireSameDensity(test.model(), ItemResponse.of(ANSWERS));
        Posterior posterior = posterior(test.model());
        String[] person = {"Dee", "Ann"};
        String[] item = {"root", "sum"};
        assertThat(test.expected(posterior, person, item).data)
                .containsExactly(test.expected(posterior, new int[] {3, 0}, new int[] {2, 0}).data);
        assertThat(test.predict(posterior, person, item, 1).data)
                .containsExactly(test.predict(posterior, new int[] {3, 0}, new int[] {2, 0}, 1).data);
        refused(() -> test.expected(posterior, new String[] {"Eve"}, new String[] {"sum"}), "\"pupil\"", "\"Eve\"");
        refused(() -> ItemResponse.builder().table(ANSWERS, tasks, tasks), "4 rows and 3 columns", "3 persons");
    }

    @Test
    void answersInAColumnNameTheirPersonsAndItems() {
        Model model = ItemResponse.builder()
                .persons(new String[] {"Bob", "Ann", "Bob"})
                .items(new String[] {"sum", "sum", "root"})
                .correct(new int[] {1, 0, 1})
                .build()
                .model();
        assertThat(names(model)).endsWith("difficulty[sum]", "difficulty[root]", "ability[Bob]", "ability[Ann]");
    }

    @Test
    void speciesHaveNames() {
        assertThat(names(HARES.model()))
                .contains("initial[prey]", "sigma[predator]", "populations[0,prey]", "populations[4,predator]");
    }

    @Test
    void namesThatAreRefused() {
        RegressionBuilder<?> builder = LinearRegression.builder().outcome(Y);
        refused(() -> builder.predictors(WIDE, "floor", "floor"), "\"predictor\"", "\"floor\" stands at positions");
        refused(
                () -> LinearRegression.builder()
                        .predictors(WIDE, "floor")
                        .outcome(Y)
                        .build(),
                "x has 2 columns",
                "1 names of predictors: floor");
        refused(
                () -> VaryingSlopes.builder()
                        .predictors(X, "intercept")
                        .group(GROUP, 4)
                        .outcome(Y)
                        .build(),
                "a predictor is named \"intercept\"");
        String[] missing = COUNTY_OF.clone();
        missing[2] = null;
        refused(() -> VaryingIntercepts.builder().group(missing), "\"group\" is missing at row 2");
        refused(
                () -> VaryingIntercepts.builder()
                        .predictors(X)
                        .group(GROUP, Labels.of("county", "Aitkin", "Anoka", "Lac qui Parle"))
                        .outcome(Y)
                        .build(),
                "index \"group\" is 3 at row 3");
        refused(
                () -> VaryingIntercepts.builder()
                        .predictors(X)
                        .group(new int[Y.length], Labels.of("county", "Aitkin"))
                        .outcome(Y)
                        .build(),
                "groups is 1");
    }
}
