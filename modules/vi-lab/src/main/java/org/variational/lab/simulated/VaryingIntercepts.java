package org.variational.lab.simulated;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.math3.special.Gamma;
import org.variational.distribution.LocationScale;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** Counts or binary answers, ten of each group, with an intercept that varies over the groups. */
final class VaryingIntercepts implements LatentPosterior {

    /** What is observed. */
    enum Response {
        /** Counts with the logarithmic link. */
        POISSON,
        /** Binary answers with the logistic link. */
        BERNOULLI
    }

    private static final int ROWS_OF_GROUP = 10;
    private static final double PRIOR_SD_OF_MEAN = 5;
    private static final double PRIOR_SD_OF_SLOPE = 2.5;
    private static final double TRUE_MEAN = 0.5;
    private static final double TRUE_SCALE = 0.8;

    private final Response response;
    private final int groups;
    private final boolean nonCentred;
    private final double[][] x;
    private final int[] y;
    private final double[] slopes;

    private VaryingIntercepts(
            Response response, int groups, boolean nonCentred, double[][] x, int[] y, double[] slopes) {
        this.response = response;
        this.groups = groups;
        this.nonCentred = nonCentred;
        this.x = x;
        this.y = y;
        this.slopes = slopes;
    }

    /**
     * Simulates.
     *
     * @param effects the number of fixed effects besides the mean of the intercepts
     * @param nonCentred how the intercepts are declared; the data are the same
     */
    static VaryingIntercepts of(Response response, int groups, int effects, boolean nonCentred, long seed) {
        Simulator random = new Simulator(seed, response.name().toLowerCase(Locale.ROOT) + " " + groups + " " + effects);
        double[] slopes =
                IntStream.range(0, effects).mapToDouble(k -> 0.2 * (k % 3 - 1)).toArray();
        double[] intercepts = random.normals(groups, TRUE_MEAN, TRUE_SCALE);
        double[][] x = new double[groups * ROWS_OF_GROUP][effects];
        int[] y = new int[x.length];
        for (int r = 0; r < y.length; r++) {
            double predictor = intercepts[r / ROWS_OF_GROUP];
            for (int k = 0; k < effects; k++) {
                x[r][k] = Simulator.rounded(random.normal());
                predictor += slopes[k] * x[r][k];
            }
            y[r] = response == Response.POISSON
                    ? random.poisson(StrictMath.exp(predictor))
                    : random.bernoulli(predictor);
        }
        return new VaryingIntercepts(response, groups, nonCentred, x, y, slopes);
    }

    @Override
    public Model model() {
        ModelBuilder m = Model.named(response.name().toLowerCase(Locale.ROOT) + " varying intercepts");
        Expr mu = m.parameter("mu", normal(0, PRIOR_SD_OF_MEAN));
        Expr beta = m.parameter("beta", normal(0, PRIOR_SD_OF_SLOPE), slopes.length);
        Expr tau = m.parameter("tau", halfNormal(1));
        LocationScale population = normal(mu, tau);
        Expr alpha = m.parameter("alpha", nonCentred ? population.nonCentered() : population, groups);
        m.derived(MEAN_EFFECT, alpha.mean());
        Rows rows = m.rows(y.length);
        Expr intercept = alpha.at(rows.index(
                "group",
                IntStream.range(0, y.length).map(r -> r / ROWS_OF_GROUP).toArray()));
        Expr predictor = intercept.plus(rows.data("x", x).matmul(beta));
        rows.observe("y", response == Response.POISSON ? poissonLog(predictor) : bernoulliLogit(predictor), y);
        return m.build();
    }

    /** The data as a table with columns y, group and x1, x2, ..., comma-separated, with a head. */
    String table() {
        StringBuilder text = new StringBuilder("y,group");
        for (int k = 1; k <= slopes.length; k++) {
            text.append(",x").append(k);
        }
        text.append('\n');
        for (int r = 0; r < y.length; r++) {
            text.append(y[r]).append(',').append(r / ROWS_OF_GROUP);
            for (double value : x[r]) {
                text.append(',').append(value);
            }
            text.append('\n');
        }
        return text.toString();
    }

    @Override
    public int rows() {
        return y.length;
    }

    @Override
    public List<Outer> outer() {
        List<Outer> outer = new ArrayList<>();
        outer.add(new Outer("mu", Link.IDENTITY, TRUE_MEAN));
        for (int k = 0; k < slopes.length; k++) {
            outer.add(new Outer("beta[" + k + "]", Link.IDENTITY, slopes[k]));
        }
        outer.add(new Outer("tau", Link.LOG, Math.log(TRUE_SCALE)));
        return outer;
    }

    @Override
    public List<String> latents() {
        return IntStream.range(0, groups).mapToObj(j -> "alpha[" + j + "]").toList();
    }

    @Override
    public Effects effects() {
        return new Effects(0, groups);
    }

    @Override
    public int band() {
        return 0;
    }

    @Override
    public boolean integrable() {
        return true;
    }

    @Override
    public Independent given(double[] outer) {
        double[] fixed = new double[y.length];
        for (int r = 0; r < y.length; r++) {
            for (int k = 0; k < slopes.length; k++) {
                fixed[r] += x[r][k] * outer[1 + k];
            }
        }
        double mean = outer[0];
        double logScale = outer[outer.length - 1];
        double rest = Priors.normal(mean, 0, PRIOR_SD_OF_MEAN) + Priors.halfNormalByLog(logScale, 1);
        for (int k = 0; k < slopes.length; k++) {
            rest += Priors.normal(outer[1 + k], 0, PRIOR_SD_OF_SLOPE);
        }
        return response == Response.POISSON
                ? new Counts(mean, Math.exp(logScale), fixed, rest)
                : new Answers(mean, Math.exp(logScale), fixed, rest);
    }

    /** The intercepts given mean, scale and slopes. */
    private abstract class Intercepts implements Independent {

        private final double mean;
        private final double scale;

        Intercepts(double mean, double scale) {
            this.mean = mean;
            this.scale = scale;
        }

        /** The log likelihood of a group's rows. */
        abstract double logLikelihood(int group, double intercept);

        /** Its slope in [0] and minus its second derivative in [1]. */
        abstract void derivatives(int group, double intercept, double[] into);

        @Override
        public double logDensity(int group, double intercept) {
            return Priors.normal(intercept, mean, scale) + logLikelihood(group, intercept);
        }

        @Override
        public double logDensity(double[] intercepts) {
            double sum = rest();
            for (int j = 0; j < groups; j++) {
                sum += logDensity(j, intercepts[j]);
            }
            return sum;
        }

        @Override
        public void curvature(double[] intercepts, double[] gradient, Band precision) {
            precision.clear();
            double[] derivatives = new double[2];
            for (int j = 0; j < groups; j++) {
                derivatives(j, intercepts[j], derivatives);
                gradient[j] = derivatives[0] - (intercepts[j] - mean) / (scale * scale);
                precision.add(j, j, derivatives[1] + 1 / (scale * scale));
            }
        }

        @Override
        public double[] standard() {
            return new double[] {mean, scale};
        }
    }

    /** Counts, by the sums of a group. */
    private final class Counts extends Intercepts {

        private final double[] total = new double[groups];
        private final double[] rate = new double[groups];
        private final double rest;

        Counts(double mean, double scale, double[] fixed, double rest) {
            super(mean, scale);
            double sum = rest;
            for (int r = 0; r < y.length; r++) {
                total[r / ROWS_OF_GROUP] += y[r];
                rate[r / ROWS_OF_GROUP] += Math.exp(fixed[r]);
                sum += y[r] * fixed[r] - Gamma.logGamma(y[r] + 1.0);
            }
            this.rest = sum;
        }

        @Override
        public double rest() {
            return rest;
        }

        @Override
        double logLikelihood(int group, double intercept) {
            return total[group] * intercept - rate[group] * Math.exp(intercept);
        }

        @Override
        void derivatives(int group, double intercept, double[] into) {
            into[1] = rate[group] * Math.exp(intercept);
            into[0] = total[group] - into[1];
        }
    }

    /** Binary answers. */
    private final class Answers extends Intercepts {

        private final double[] fixed;
        private final double rest;

        Answers(double mean, double scale, double[] fixed, double rest) {
            super(mean, scale);
            this.fixed = fixed;
            this.rest = rest;
        }

        @Override
        public double rest() {
            return rest;
        }

        @Override
        double logLikelihood(int group, double intercept) {
            double sum = 0;
            double product = 1;
            for (int r = group * ROWS_OF_GROUP; r < (group + 1) * ROWS_OF_GROUP; r++) {
                double logit = fixed[r] + intercept;
                sum += y[r] * logit - Math.max(logit, 0);
                product *= 1 + Math.exp(-Math.abs(logit));
            }
            return sum - Math.log(product);
        }

        @Override
        void derivatives(int group, double intercept, double[] into) {
            into[0] = 0;
            into[1] = 0;
            for (int r = group * ROWS_OF_GROUP; r < (group + 1) * ROWS_OF_GROUP; r++) {
                double probability = 1 / (1 + Math.exp(-fixed[r] - intercept));
                into[0] += y[r] - probability;
                into[1] += probability * (1 - probability);
            }
        }
    }
}
