package org.variational.lab.simulated;

import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.List;
import java.util.stream.IntStream;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/** A random walk seen through noise. */
final class LevelSeries implements LatentPosterior {

    private static final double FIRST_MEAN = 10;
    private static final double FIRST_SD = 5;
    private static final double PRIOR_SD_OF_NOISE = 2;
    private static final double PRIOR_SD_OF_STEPS = 1;
    private static final double TRUE_NOISE = 1;
    private static final double TRUE_STEP = 0.3;

    private final double[] y;

    private LevelSeries(double[] y) {
        this.y = y;
    }

    static LevelSeries of(int states, long seed) {
        Simulator random = new Simulator(seed, "level " + states);
        double[] y = new double[states];
        double level = FIRST_MEAN;
        for (int t = 0; t < states; t++) {
            level += TRUE_STEP * random.normal();
            y[t] = Simulator.rounded(level + TRUE_NOISE * random.normal());
        }
        return new LevelSeries(y);
    }

    @Override
    public Model model() {
        ModelBuilder m = Model.named("local level");
        Expr level = m.parameter("level", flat(), y.length);
        Expr noise = m.parameter("sd_noise", halfNormal(PRIOR_SD_OF_NOISE));
        Expr step = m.parameter("sd_step", halfNormal(PRIOR_SD_OF_STEPS));
        m.addLogDensity(normal(FIRST_MEAN, FIRST_SD).logDensity(level.element(0)));
        m.addLogDensity(normal(level.slice(0, y.length - 1), step).logDensity(level.slice(1, y.length)));
        m.derived(MEAN_EFFECT, level.mean());
        m.observe("y", normal(level, noise), y);
        return m.build();
    }

    @Override
    public int rows() {
        return y.length;
    }

    @Override
    public List<Outer> outer() {
        return List.of(
                new Outer("sd_noise", Link.LOG, Math.log(TRUE_NOISE)),
                new Outer("sd_step", Link.LOG, Math.log(TRUE_STEP)));
    }

    @Override
    public List<String> latents() {
        return IntStream.range(0, y.length).mapToObj(t -> "level[" + t + "]").toList();
    }

    @Override
    public Effects effects() {
        return new Effects(0, y.length);
    }

    @Override
    public int band() {
        return 1;
    }

    @Override
    public boolean integrable() {
        return true;
    }

    @Override
    public Given given(double[] outer) {
        GaussianEffects given = new GaussianEffects(y.length, 1);
        given.addConstant(Priors.halfNormalByLog(outer[0], PRIOR_SD_OF_NOISE));
        given.addConstant(Priors.halfNormalByLog(outer[1], PRIOR_SD_OF_STEPS));
        double noise = Math.exp(outer[0]);
        double step = Math.exp(outer[1]);
        given.addNormal(FIRST_MEAN, FIRST_SD, new int[] {0}, 1);
        for (int t = 0; t < y.length; t++) {
            given.addNormal(y[t], noise, new int[] {t}, 1);
            if (t > 0) {
                given.addNormal(0, step, new int[] {t, t - 1}, 1, -1);
            }
        }
        return given;
    }
}
