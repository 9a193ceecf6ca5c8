package org.variational.family;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.random.RandomStreams;

/**
 * Mixtures {@code q = sum over k of pi_k q_k} of K members of one reparameterised family, such as Gaussians with
 * independent coordinates: what it takes to cover several modes.
 *
 * <p>Parameters: K logits, {@code pi = softmax(logits)} (a constant added to all of them changes nothing), then the
 * parameters of every component. The noise is one row that chooses the component, then the component's noise. Since
 * that choice is not differentiable, a member is {@link Stratified} and not {@link
 * VariationalDistribution.Reparameterised}.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 */
public final class Mixture implements VariationalFamily {

    /** Numbers of a component beside its parameters: its weight, its shares in a batch of draws, the member itself. */
    private static final long OF_EACH_COMPONENT = 65;

    private final int components;
    private final VariationalFamily componentFamily;

    private Mixture(int components, VariationalFamily componentFamily) {
        if (components < 1) {
            throw new IllegalArgumentException(
                    "a mixture has at least one component, but " + components + " were asked for");
        }
        VariationalDistribution probe = componentFamily.member(componentFamily.initialParameters(
                new double[componentFamily.dimension()], ones(componentFamily.dimension())));
        if (!(probe instanceof VariationalDistribution.Reparameterised)) {
            throw new IllegalArgumentException(
                    "the components of a mixture must be reparameterised, and members of the " + componentFamily.name()
                            + " family are not. Use a Gaussian or Student-t family for them");
        }
        long each = OF_EACH_COMPONENT + componentFamily.parameterCount();
        long most = FullRankGaussian.MAX_BYTES / Double.BYTES / each;
        if (components > most) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a mixture of %d components of dimension %d takes %d bytes for each of the several vectors a fit"
                            + " holds (the limit is %d). Use at most %d components, or a component family with fewer"
                            + " parameters",
                    components,
                    componentFamily.dimension(),
                    components * each * Double.BYTES,
                    FullRankGaussian.MAX_BYTES,
                    most));
        }
        this.components = components;
        this.componentFamily = componentFamily;
    }

    /**
     * The mixtures of the given number of members of a family.
     *
     * @param components K, at least 1
     * @param componentFamily the family of the components, with reparameterised members
     * @throws IllegalArgumentException if there is no component, components have no path gradient, or there are so
     *     many that a vector would be larger than {@link FullRankGaussian#MAX_BYTES}
     */
    public static Mixture of(int components, VariationalFamily componentFamily) {
        return new Mixture(components, componentFamily);
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public String name() {
        return "mixture of " + components + " of the " + componentFamily.name() + " family";
    }

    @Override
    public int dimension() {
        return componentFamily.dimension();
    }

    /**
     * The number of components.
     *
     * @return K
     */
    public int components() {
        return components;
    }

    /** The family of the components. */
    public VariationalFamily componentFamily() {
        return componentFamily;
    }

    @Override
    public int parameterCount() {
        return components * (1 + componentFamily.parameterCount());
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /**
     * Equal weights, and components placed around the mean: with K of at least 2 the centre of component k is the mean
     * plus the standard deviation times {@code 0.8 u_k}, u a set of K standard normal vectors from a fixed stream,
     * centred and scaled to unit variance per coordinate, and each component has 0.6 times the standard deviations.
     * Mean and standard deviations of the mixture are as asked for; equal components would have equal gradients and
     * stay equal.
     */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        int d = dimension();
        double[][] centres = new double[components][d];
        RandomGenerator random = RandomStreams.of(0).generator("mixture centres", components);
        for (double[] centre : centres) {
            Arrays.setAll(centre, i -> random.nextGaussian());
        }
        double spread = components > 1 ? 0.8 : 0;
        double[] own = standardDeviation.clone();
        for (int i = 0; i < d; i++) {
            double average = 0;
            for (double[] centre : centres) {
                average += centre[i] / components;
            }
            double variance = 0;
            for (double[] centre : centres) {
                variance += (centre[i] - average) * (centre[i] - average) / components;
            }
            double scale = components > 1 ? spread * standardDeviation[i] / Math.sqrt(variance) : 0;
            for (double[] centre : centres) {
                centre[i] = mean[i] + scale * (centre[i] - average);
            }
            own[i] *= Math.sqrt(1 - spread * spread);
        }
        double[] parameters = new double[parameterCount()];
        int size = componentFamily.parameterCount();
        for (int k = 0; k < components; k++) {
            System.arraycopy(
                    componentFamily.initialParameters(centres[k], own), 0, parameters, components + k * size, size);
        }
        return parameters;
    }

    /** A mixture. */
    public static final class Member implements Stratified {
        private final Mixture family;
        private final double[] parameters;
        private final Simplex weights;
        private final VariationalDistribution.Reparameterised[] members;
        /** Log responsibilities, then responsibilities, K x S. */
        private double[] responsibility = {};

        private double[] perLane = {};
        private final DMatrixRMaj componentScore = new DMatrixRMaj(0, 0);
        private final DMatrixRMaj chosenNoise = new DMatrixRMaj(0, 0);
        private final DMatrixRMaj chosenPoints = new DMatrixRMaj(0, 0);

        private Member(Mixture family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.weights = new Simplex(parameters, 0, family.components);
            this.members = new VariationalDistribution.Reparameterised[family.components];
            int size = family.componentFamily.parameterCount();
            for (int k = 0; k < members.length; k++) {
                int from = stratumOffset(k);
                members[k] = (VariationalDistribution.Reparameterised)
                        family.componentFamily.member(Arrays.copyOfRange(parameters, from, from + size));
            }
        }

        @Override
        public Mixture family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        @Override
        public double[] strataProbabilities() {
            return weights.probability.clone();
        }

        @Override
        public VariationalDistribution.Reparameterised stratum(int k) {
            return members[k];
        }

        @Override
        public int stratumOffset(int k) {
            return family.components + k * family.componentFamily.parameterCount();
        }

        @Override
        public void addProbabilityGradient(double[] byProbability, double[] gradient) {
            Shapes.checkLength(byProbability, members.length, "derivatives by the weights");
            Shapes.checkGradient(family, gradient);
            weights.addProbabilityGradient(byProbability, gradient, 0);
        }

        @Override
        public int noiseDimension() {
            return 1 + members[0].noiseDimension();
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int rows = members[0].noiseDimension();
            int lanes = Shapes.lanes(noise, 1 + rows, "noise");
            int d = family.dimension();
            Shapes.checkLanes(points, d, lanes, "points");
            int[] component = new int[lanes];
            for (int s = 0; s < lanes; s++) {
                component[s] = weights.choose(noise.data[s]);
            }
            int[] chosen = new int[lanes];
            for (int k = 0; k < members.length; k++) {
                int count = 0;
                for (int s = 0; s < lanes; s++) {
                    if (component[s] == k) {
                        chosen[count++] = s;
                    }
                }
                if (count == 0) {
                    continue;
                }
                chosenNoise.reshape(rows, count);
                chosenPoints.reshape(d, count);
                for (int i = 0; i < rows; i++) {
                    for (int c = 0; c < count; c++) {
                        chosenNoise.data[i * count + c] = noise.data[(1 + i) * lanes + chosen[c]];
                    }
                }
                members[k].sample(chosenNoise, chosenPoints);
                for (int i = 0; i < d; i++) {
                    for (int c = 0; c < count; c++) {
                        points.data[i * lanes + chosen[c]] = chosenPoints.data[i * count + c];
                    }
                }
            }
        }

        /** Fills {@code perLane} with the log density and {@code responsibility} with the components' shares in it. */
        private void share(DMatrixRMaj points, int lanes) {
            int n = members.length;
            perLane = Shapes.atLeast(perLane, lanes);
            responsibility = Shapes.atLeast(responsibility, n * lanes);
            for (int k = 0; k < n; k++) {
                members[k].logDensity(points, perLane);
                for (int s = 0; s < lanes; s++) {
                    responsibility[k * lanes + s] = weights.logProbability[k] + perLane[s];
                }
            }
            for (int s = 0; s < lanes; s++) {
                double max = Double.NEGATIVE_INFINITY;
                for (int k = 0; k < n; k++) {
                    max = Math.max(max, responsibility[k * lanes + s]);
                }
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    double part = Math.exp(responsibility[k * lanes + s] - max);
                    responsibility[k * lanes + s] = part;
                    sum += part;
                }
                for (int k = 0; k < n; k++) {
                    responsibility[k * lanes + s] /= sum;
                }
                perLane[s] = max + Math.log(sum);
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            share(points, lanes);
            System.arraycopy(perLane, 0, logDensity, 0, lanes);
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int d = family.dimension();
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLanes(score, d, lanes, "scores");
            share(points, lanes);
            Arrays.fill(score.data, 0, d * lanes, 0);
            componentScore.reshape(d, lanes);
            for (int k = 0; k < members.length; k++) {
                members[k].pointScore(points, componentScore);
                for (int i = 0, at = 0; i < d; i++) {
                    for (int s = 0; s < lanes; s++, at++) {
                        score.data[at] += responsibility[k * lanes + s] * componentScore.data[at];
                    }
                }
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weight, double[] gradient) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLength(weight, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            share(points, lanes);
            double total = Lanes.sum(weight, lanes);
            int size = family.componentFamily.parameterCount();
            double[] own = new double[size];
            for (int k = 0; k < members.length; k++) {
                for (int s = 0; s < lanes; s++) {
                    perLane[s] = weight[s] * responsibility[k * lanes + s];
                }
                gradient[k] += Lanes.sum(perLane, lanes) - total * weights.probability[k];
                Arrays.fill(own, 0);
                members[k].addParameterScore(points, perLane, own);
                int at = stratumOffset(k);
                for (int i = 0; i < size; i++) {
                    gradient[at + i] += own[i];
                }
            }
        }

        @Override
        public double[] mean() {
            double[] mean = new double[family.dimension()];
            for (int k = 0; k < members.length; k++) {
                double[] own = members[k].mean();
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += weights.probability[k] * own[i];
                }
            }
            return mean;
        }

        @Override
        public double[] standardDeviation() {
            double[] mean = mean();
            double[] sd = new double[mean.length];
            for (int k = 0; k < members.length; k++) {
                double[] centre = members[k].mean();
                double[] own = members[k].standardDeviation();
                for (int i = 0; i < mean.length; i++) {
                    double away = centre[i] - mean[i];
                    sd[i] += weights.probability[k] * (own[i] * own[i] + away * away);
                }
            }
            Arrays.setAll(sd, i -> Math.sqrt(sd[i]));
            return sd;
        }
    }
}
