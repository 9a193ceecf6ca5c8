package org.variational.lab.simulated;

import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.special.Gamma;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Counts on a square lattice, whose log rates are a mean and effects with the conditional autoregression
 *
 * <pre>{@code
 * log p(e | s) = -(sum over neighbours (e_i - e_j)^2 + ridge sum e_i^2) / (2 s^2) - n log s + constant
 * }</pre>
 *
 * <p>The ridge makes it proper; the constant is left out.
 *
 * @see <a href="https://doi.org/10.1111/j.2517-6161.1974.tb00999.x">Besag (1974)</a>
 */
final class CountLattice implements LatentPosterior {

    private static final double RIDGE = 0.02;
    private static final double PRIOR_SD_OF_MEAN = 5;
    private static final double TRUE_SCALE = 0.6;
    private static final double TRUE_MEAN_COUNT = 3;

    private final int side;
    private final int[] counts;
    private final double truth;

    private CountLattice(int side, int[] counts, double truth) {
        this.side = side;
        this.counts = counts;
        this.truth = truth;
    }

    static CountLattice of(int side, long seed) {
        Simulator random = new Simulator(seed, "lattice");
        int n = side * side;
        Band precision = new Band(n, side);
        addPrior(side, 1 / (TRUE_SCALE * TRUE_SCALE), precision);
        precision.factor();
        double[] effects = random.normals(n, 0, 1);
        precision.solveUpper(effects);
        double total = 0;
        for (double effect : effects) {
            total += StrictMath.exp(effect);
        }
        // the mean that gives the mean count wanted, whatever the effects are
        double mean = StrictMath.log(TRUE_MEAN_COUNT * n / total);
        int[] counts = new int[n];
        for (int i = 0; i < n; i++) {
            counts[i] = random.poisson(StrictMath.exp(mean + effects[i]));
        }
        return new CountLattice(side, counts, mean);
    }

    private static void addPrior(int side, double weight, Band precision) {
        for (int i = 0; i < side * side; i++) {
            precision.add(i, i, weight * RIDGE);
            for (int j : laterNeighbours(side, i)) {
                precision.add(i, i, weight);
                precision.add(j, j, weight);
                precision.add(i, j, -weight);
            }
        }
    }

    /** The neighbours to the right and below. */
    private static int[] laterNeighbours(int side, int i) {
        return IntStream.of(i % side < side - 1 ? i + 1 : -1, i + side < side * side ? i + side : -1)
                .filter(j -> j >= 0)
                .toArray();
    }

    @Override
    public Model model() {
        int n = counts.length;
        List<Integer> from = new ArrayList<>();
        List<Integer> to = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            for (int j : laterNeighbours(side, i)) {
                from.add(i);
                to.add(j);
            }
        }
        ModelBuilder m = Model.named("counts on a lattice");
        Expr mu = m.parameter("mu", normal(0, PRIOR_SD_OF_MEAN));
        Expr scale = m.parameter("scale", halfNormal(1));
        Expr effect = m.parameter("effect", flat(), n);
        Expr difference = effect.select(integers(to)).minus(effect.select(integers(from)));
        m.addLogDensity(difference.dividedBy(scale).square().times(-0.5));
        m.addLogDensity(effect.dividedBy(scale).square().times(-0.5 * RIDGE));
        m.addLogDensity(scale.log().times(-n));
        m.derived(MEAN_EFFECT, effect.mean());
        Rows sites = m.rows(n);
        sites.observe("count", poissonLog(sites.of(effect).plus(mu)), counts);
        return m.build();
    }

    private static int[] integers(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public int rows() {
        return counts.length;
    }

    @Override
    public List<Outer> outer() {
        return List.of(new Outer("mu", Link.IDENTITY, truth), new Outer("scale", Link.LOG, Math.log(TRUE_SCALE)));
    }

    @Override
    public List<String> latents() {
        return IntStream.range(0, counts.length)
                .mapToObj(i -> "effect[" + i + "]")
                .toList();
    }

    @Override
    public Effects effects() {
        return new Effects(0, counts.length);
    }

    @Override
    public int band() {
        return side;
    }

    @Override
    public boolean integrable() {
        return false;
    }

    @Override
    public Given given(double[] outer) {
        return new Sites(outer[0], outer[1]);
    }

    private final class Sites implements Given {

        private final double mean;
        private final double rest;
        private final Band prior = new Band(counts.length, side);

        Sites(double mean, double logScale) {
            this.mean = mean;
            addPrior(side, Math.exp(-2 * logScale), prior);
            double sum = Priors.normal(mean, 0, PRIOR_SD_OF_MEAN)
                    + Priors.halfNormalByLog(logScale, 1)
                    - counts.length * logScale;
            for (int count : counts) {
                sum -= Gamma.logGamma(count + 1.0);
            }
            this.rest = sum;
        }

        @Override
        public double logDensity(double[] effects) {
            double[] product = prior.product(effects);
            double sum = rest;
            for (int i = 0; i < effects.length; i++) {
                double predictor = mean + effects[i];
                sum += counts[i] * predictor - Math.exp(predictor) - 0.5 * effects[i] * product[i];
            }
            return sum;
        }

        @Override
        public void curvature(double[] effects, double[] gradient, Band precision) {
            double[] product = prior.product(effects);
            precision.set(prior);
            for (int i = 0; i < effects.length; i++) {
                double rate = Math.exp(mean + effects[i]);
                gradient[i] = counts[i] - rate - product[i];
                precision.add(i, i, rate);
            }
        }
    }
}
