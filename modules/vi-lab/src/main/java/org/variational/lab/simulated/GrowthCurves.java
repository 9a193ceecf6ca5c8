package org.variational.lab.simulated;

import static org.variational.constraint.Constraints.positive;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.normal;

import java.util.ArrayList;
import java.util.List;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Weights of thirty animals at five ages in raw units, with an intercept and a slope for each and flat priors on means
 * and scales; the numbers are like those of the growth of rats in Gelfand et al. (1990).
 *
 * @see <a href="https://doi.org/10.1080/01621459.1990.10474968">Gelfand, Hills, Racine-Poon and Smith (1990)</a>
 */
final class GrowthCurves implements LatentPosterior {

    private static final double[] DAYS = {-14, -7, 0, 7, 14};
    private static final double TRUE_INTERCEPT = 242;
    private static final double TRUE_SD_OF_INTERCEPTS = 14;
    private static final double TRUE_SLOPE = 6.2;
    private static final double TRUE_SD_OF_SLOPES = 0.5;
    private static final double TRUE_SIGMA = 6;

    private final int animals;
    private final double[] weight;

    private GrowthCurves(int animals, double[] weight) {
        this.animals = animals;
        this.weight = weight;
    }

    static GrowthCurves of(int animals, long seed) {
        Simulator random = new Simulator(seed, "growth");
        double[] intercepts = random.normals(animals, TRUE_INTERCEPT, TRUE_SD_OF_INTERCEPTS);
        double[] slopes = random.normals(animals, TRUE_SLOPE, TRUE_SD_OF_SLOPES);
        double[] weight = new double[animals * DAYS.length];
        for (int r = 0; r < weight.length; r++) {
            int animal = r / DAYS.length;
            weight[r] = Simulator.rounded(
                    intercepts[animal] + slopes[animal] * DAYS[r % DAYS.length] + TRUE_SIGMA * random.normal());
        }
        return new GrowthCurves(animals, weight);
    }

    @Override
    public Model model() {
        ModelBuilder m = Model.named("growth curves");
        Expr meanIntercept = m.parameter("mean_intercept", flat());
        Expr meanSlope = m.parameter("mean_slope", flat());
        Expr sdIntercept = m.parameter("sd_intercept", flat().on(positive()));
        Expr sdSlope = m.parameter("sd_slope", flat().on(positive()));
        Expr sigma = m.parameter("sigma", flat().on(positive()));
        Expr intercept = m.parameter("intercept", normal(meanIntercept, sdIntercept), animals);
        Expr slope = m.parameter("slope", normal(meanSlope, sdSlope), animals);
        m.derived(MEAN_EFFECT, intercept.mean());
        Rows weighings = m.rows(weight.length);
        int[] animal = new int[weight.length];
        double[] day = new double[weight.length];
        for (int r = 0; r < weight.length; r++) {
            animal[r] = r / DAYS.length;
            day[r] = DAYS[r % DAYS.length];
        }
        RowIndex index = weighings.index("animal", animal);
        Expr mean = intercept.at(index).plus(slope.at(index).times(weighings.data("day", day)));
        weighings.observe("weight", normal(mean, sigma), weight);
        return m.build();
    }

    @Override
    public int rows() {
        return weight.length;
    }

    @Override
    public List<Outer> outer() {
        return List.of(
                new Outer("sd_intercept", Link.LOG, Math.log(TRUE_SD_OF_INTERCEPTS)),
                new Outer("sd_slope", Link.LOG, Math.log(TRUE_SD_OF_SLOPES)),
                new Outer("sigma", Link.LOG, Math.log(TRUE_SIGMA)));
    }

    @Override
    public List<String> latents() {
        List<String> names = new ArrayList<>();
        for (String kind : List.of("intercept", "slope")) {
            for (int i = 0; i < animals; i++) {
                names.add(kind + "[" + i + "]");
            }
        }
        names.add("mean_intercept");
        names.add("mean_slope");
        return names;
    }

    @Override
    public Effects effects() {
        return new Effects(0, animals);
    }

    @Override
    public int band() {
        return 2 * animals + 1;
    }

    @Override
    public boolean integrable() {
        return true;
    }

    @Override
    public Given given(double[] outer) {
        int meanIntercept = 2 * animals;
        int meanSlope = meanIntercept + 1;
        GaussianEffects given = new GaussianEffects(meanSlope + 1, band());
        for (double logScale : outer) {
            given.addConstant(logScale);
        }
        for (int i = 0; i < animals; i++) {
            given.addNormal(0, Math.exp(outer[0]), new int[] {i, meanIntercept}, 1, -1);
            given.addNormal(0, Math.exp(outer[1]), new int[] {animals + i, meanSlope}, 1, -1);
        }
        for (int r = 0; r < weight.length; r++) {
            int animal = r / DAYS.length;
            given.addNormal(
                    weight[r], Math.exp(outer[2]), new int[] {animal, animals + animal}, 1, DAYS[r % DAYS.length]);
        }
        return given;
    }
}
