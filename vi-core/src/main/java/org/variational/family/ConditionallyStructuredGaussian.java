package org.variational.family;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.structure.Structure;

/**
 * Gaussians given a few outer coordinates u, on which means and scales of the others depend: {@code u ~ N(m, L L')} and
 * {@code b_i = mu_i + w_i' (u - m) + exp(s_i + v_i' (u - m)) eps_i}, where w_i and v_i have entries for the outer
 * coordinates that coordinate i acts together with.
 *
 * <p>A member has the parameters of u, a {@link FullRankGaussian}, then for every other coordinate in rising order
 * {@code mu_i, s_i, w_i, v_i}. With no entry of v it is a Gaussian. Neal's funnel is a member. Mean, covariance and
 * entropy are closed: {@code E b_i = mu_i}, {@code Var b_i = w_i' S w_i + exp(2 s_i + 2 v_i' S v_i)} with
 * {@code S = L L'}, {@code H = H(u) + sum_i (s_i + (1 + log 2 pi) / 2)}. Given u the others are independent.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://arxiv.org/abs/1904.09591">Tan, Bhaskaran and Nott (2019), Conditionally structured variational
 *     Gaussian approximation with importance weights</a>
 */
public final class ConditionallyStructuredGaussian implements VariationalFamily {

    /** A separator that leaves fewer others is one of many that all act together. */
    private static final int LEAST_GAIN = 4;

    private static final int LOCATION = 0;
    private static final int LOG_SCALE = 1;
    private static final int FIRST_SLOPE = 2;

    private final FullRankGaussian outerFamily;
    private final int[] outer;
    private final int[] inner;
    /** By inner coordinate, the places among the outer ones of those that it depends on. */
    private final int[][] parents;
    /** By inner coordinate, where its parameters start; then their number. */
    private final int[] starts;

    private ConditionallyStructuredGaussian(int[] outer, int[] inner, int[][] parents) {
        this.outerFamily = FullRankGaussian.of(outer.length);
        this.outer = outer;
        this.inner = inner;
        this.parents = parents;
        this.starts = new int[inner.length + 1];
        starts[0] = outerFamily.parameterCount();
        for (int i = 0; i < inner.length; i++) {
            starts[i + 1] = starts[i] + FIRST_SLOPE + 2 * parents[i].length;
        }
    }

    /**
     * The family with given outer coordinates.
     *
     * @param dimension D
     * @param outer the outer coordinates, in rising order, at least one
     * @param parents for every other coordinate in rising order the places in {@code outer} of those that it depends
     *     on, in rising order
     * @throws IllegalArgumentException if a number is out of range or order, or there is not one list for each of the
     *     others
     */
    public static ConditionallyStructuredGaussian of(int dimension, int[] outer, int[][] parents) {
        Shapes.checkDimension(dimension);
        boolean fits = outer.length > 0 && isRising(outer, dimension) && parents.length == dimension - outer.length;
        for (int i = 0; fits && i < parents.length; i++) {
            fits = isRising(parents[i], outer.length);
        }
        if (!fits) {
            throw new IllegalArgumentException("a conditionally structured Gaussian of dimension " + dimension
                    + " needs at least one outer coordinate, all of them in rising order, and for every other"
                    + " coordinate the places among these of those that it depends on; these numbers are none");
        }
        int[] copied = outer.clone();
        int[] inner = IntStream.range(0, dimension)
                .filter(i -> Arrays.binarySearch(copied, i) < 0)
                .toArray();
        return new ConditionallyStructuredGaussian(
                copied, inner, Arrays.stream(parents).map(int[]::clone).toArray(int[][]::new));
    }

    private static boolean isRising(int[] numbers, int below) {
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] < (i == 0 ? 0 : numbers[i - 1] + 1) || numbers[i] >= below) {
                return false;
            }
        }
        return true;
    }

    /**
     * The family whose outer coordinates are those that scale others, and of the rest those that are coupled to many:
     * few that have a member in every pair that is multiplied, those with most partners first, and of equal ones those
     * that act together with fewest; then the separators of the {@link Structure} of what is left.
     *
     * @throws IllegalArgumentException if no coordinate scales another
     */
    public static ConditionallyStructuredGaussian of(Interactions interactions) {
        int[] scales = scales(interactions);
        if (scales.length == 0) {
            throw new IllegalArgumentException("a conditionally structured Gaussian is for densities in which some"
                    + " coordinates scale others, and none of these " + interactions.dimension()
                    + " does: use sparse() or fullRank()");
        }
        int d = interactions.dimension();
        int[] outer = withSeparators(scales, interactions);
        int[][] parents = IntStream.range(0, d)
                .filter(i -> Arrays.binarySearch(outer, i) < 0)
                .mapToObj(i -> Arrays.stream(interactions.related().neighbours(i))
                        .map(j -> Arrays.binarySearch(outer, j))
                        .filter(place -> place >= 0)
                        .toArray())
                .toArray(int[][]::new);
        return of(d, outer, parents);
    }

    private static int[] withSeparators(int[] scales, Interactions interactions) {
        int[] rest = IntStream.range(0, interactions.dimension())
                .filter(i -> Arrays.binarySearch(scales, i) < 0)
                .toArray();
        List<String> names = Arrays.stream(rest).mapToObj(Integer::toString).toList();
        int[] separators = Structure.of(names, interactions.among(rest)).separators();
        boolean few = LEAST_GAIN * separators.length <= rest.length;
        return IntStream.concat(
                        Arrays.stream(scales),
                        Arrays.stream(separators).filter(i -> few).map(i -> rest[i]))
                .sorted()
                .toArray();
    }

    private static int[] scales(Interactions interactions) {
        Adjacency pairs = interactions.multiplied();
        int d = pairs.dimension();
        int[] left = IntStream.range(0, d).map(pairs::degree).toArray();
        boolean[] taken = new boolean[d];
        while (true) {
            int most = 0;
            for (int i = 1; i < d; i++) {
                int related = interactions.related().degree(i);
                boolean fewer = related < interactions.related().degree(most);
                most = left[i] > left[most] || (left[i] == left[most] && fewer) ? i : most;
            }
            if (left[most] == 0) {
                return IntStream.range(0, d).filter(i -> taken[i]).toArray();
            }
            taken[most] = true;
            left[most] = 0;
            for (int other : pairs.neighbours(most)) {
                left[other] = taken[other] ? 0 : left[other] - 1;
            }
        }
    }

    @Override
    public String name() {
        return "conditionally structured Gaussian";
    }

    @Override
    public int dimension() {
        return outer.length + inner.length;
    }

    @Override
    public int parameterCount() {
        return starts[inner.length];
    }

    /** The outer coordinates, in rising order. */
    public int[] outer() {
        return outer.clone();
    }

    /** For every other coordinate in rising order, the places among the outer ones of those that it depends on. */
    public int[][] parents() {
        return Arrays.stream(parents).map(int[]::clone).toArray(int[][]::new);
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] ofOuter = outerFamily.initialParameters(picked(mean, outer), picked(standardDeviation, outer));
        double[] parameters = Arrays.copyOf(ofOuter, parameterCount());
        for (int i = 0; i < inner.length; i++) {
            parameters[starts[i] + LOCATION] = mean[inner[i]];
            parameters[starts[i] + LOG_SCALE] = Math.log(standardDeviation[inner[i]]);
        }
        return parameters;
    }

    private static double[] picked(double[] numbers, int[] which) {
        return Arrays.stream(which).mapToDouble(i -> numbers[i]).toArray();
    }

    /** A Gaussian given its outer coordinates. */
    public static final class Member
            implements VariationalDistribution.Reparameterised, VariationalDistribution.ClosedFormEntropy {
        private final ConditionallyStructuredGaussian family;
        private final double[] parameters;
        private final FullRankGaussian.Member ofOuter;
        private final DMatrixRMaj outerPoints = new DMatrixRMaj(0, 0);
        private final DMatrixRMaj outerVectors = new DMatrixRMaj(0, 0);
        /** {@code u - m}. */
        private double[] displacements = {};

        private double[] scale = {};
        private double[] noise = {};

        private Member(ConditionallyStructuredGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.ofOuter = family.outerFamily.member(Arrays.copyOf(parameters, family.starts[0]));
        }

        @Override
        public ConditionallyStructuredGaussian family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        @Override
        public int noiseDimension() {
            return family.dimension();
        }

        /** The noise of the outer coordinates comes first. */
        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int d = family.dimension();
            int k = family.outer.length;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            DMatrixRMaj outerNoise = outerNoise(noise, lanes);
            outerPoints.reshape(k, lanes);
            ofOuter.sample(outerNoise, outerPoints);
            for (int a = 0; a < k; a++) {
                System.arraycopy(outerPoints.data, a * lanes, points.data, family.outer[a] * lanes, lanes);
            }
            displace(lanes);
            for (int i = 0; i < family.inner.length; i++) {
                int to = family.inner[i] * lanes;
                locate(i, lanes, points.data, to);
                for (int s = 0; s < lanes; s++) {
                    points.data[to + s] += scale[s] * noise.data[(k + i) * lanes + s];
                }
            }
        }

        private DMatrixRMaj outerNoise(DMatrixRMaj noise, int lanes) {
            int k = family.outer.length;
            return new DMatrixRMaj(k, lanes, true, Arrays.copyOf(noise.data, k * lanes));
        }

        /** Takes the outer coordinates of points. */
        private void takeOuter(DMatrixRMaj points, int lanes) {
            int k = family.outer.length;
            outerPoints.reshape(k, lanes);
            for (int a = 0; a < k; a++) {
                System.arraycopy(points.data, family.outer[a] * lanes, outerPoints.data, a * lanes, lanes);
            }
            displace(lanes);
        }

        private void displace(int lanes) {
            int k = family.outer.length;
            displacements = Shapes.atLeast(displacements, k * lanes);
            scale = Shapes.atLeast(scale, lanes);
            noise = Shapes.atLeast(noise, lanes);
            for (int at = 0; at < k * lanes; at++) {
                displacements[at] = outerPoints.data[at] - parameters[at / lanes];
            }
        }

        /** Writes the conditional means of an inner coordinate, and fills {@code scale}. */
        private void locate(int i, int lanes, double[] location, int at) {
            int start = family.starts[i];
            int[] parents = family.parents[i];
            Arrays.fill(location, at, at + lanes, parameters[start + LOCATION]);
            Arrays.fill(scale, 0, lanes, parameters[start + LOG_SCALE]);
            for (int k = 0; k < parents.length; k++) {
                int from = parents[k] * lanes;
                Lanes.addRow(lanes, parameters[start + FIRST_SLOPE + k], displacements, from, location, at);
                Lanes.addRow(
                        lanes, parameters[start + FIRST_SLOPE + parents.length + k], displacements, from, scale, 0);
            }
            for (int s = 0; s < lanes; s++) {
                scale[s] = Math.exp(scale[s]);
            }
        }

        /** Fills {@code scale} and {@code noise} with those of an inner coordinate at points. */
        private void whiten(int i, int lanes, double[] points) {
            locate(i, lanes, noise, 0);
            int at = family.inner[i] * lanes;
            for (int s = 0; s < lanes; s++) {
                noise[s] = (points[at + s] - noise[s]) / scale[s];
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            takeOuter(points, lanes);
            ofOuter.logDensity(outerPoints, logDensity);
            for (int i = 0; i < family.inner.length; i++) {
                whiten(i, lanes, points.data);
                for (int s = 0; s < lanes; s++) {
                    logDensity[s] -= 0.5 * (noise[s] * noise[s] + Shapes.LOG_TWO_PI) + Math.log(scale[s]);
                }
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLanes(score, family.dimension(), lanes, "scores");
            takeOuter(points, lanes);
            outerVectors.reshape(family.outer.length, lanes);
            ofOuter.pointScore(outerPoints, outerVectors);
            for (int i = 0; i < family.inner.length; i++) {
                whiten(i, lanes, points.data);
                int at = family.inner[i] * lanes;
                for (int s = 0; s < lanes; s++) {
                    score.data[at + s] = -noise[s] / scale[s];
                    scale[s] = noise[s] / scale[s];
                    noise[s] = noise[s] * noise[s] - 1;
                }
                addSlopes(i, lanes, scale, noise, outerVectors.data);
            }
            for (int a = 0; a < family.outer.length; a++) {
                System.arraycopy(outerVectors.data, a * lanes, score.data, family.outer[a] * lanes, lanes);
            }
        }

        /** Adds {@code byLocation_s w_i + byScale_s v_i} to a panel with a row for each outer coordinate. */
        private void addSlopes(int i, int lanes, double[] byLocation, double[] byScale, double[] panel) {
            int first = family.starts[i] + FIRST_SLOPE;
            int[] parents = family.parents[i];
            for (int k = 0; k < parents.length; k++) {
                int to = parents[k] * lanes;
                Lanes.addRow(lanes, parameters[first + k], byLocation, 0, panel, to);
                Lanes.addRow(lanes, parameters[first + parents.length + k], byScale, 0, panel, to);
            }
        }

        /** Adds what conditional means and log scales that should rise by so much give the parameters of one. */
        private void addInner(int i, int lanes, double[] byLocation, double[] byScale, double[] gradient) {
            int start = family.starts[i];
            int[] parents = family.parents[i];
            gradient[start + LOCATION] += Lanes.sum(byLocation, lanes);
            gradient[start + LOG_SCALE] += Lanes.sum(byScale, lanes);
            for (int k = 0; k < parents.length; k++) {
                int from = parents[k] * lanes;
                double ofLocation = 0;
                double ofScale = 0;
                for (int s = 0; s < lanes; s++) {
                    ofLocation += byLocation[s] * displacements[from + s];
                    ofScale += byScale[s] * displacements[from + s];
                }
                gradient[start + FIRST_SLOPE + k] += ofLocation;
                gradient[start + FIRST_SLOPE + parents.length + k] += ofScale;
            }
        }

        /** Adds to the gradient of the outer family's parameters, which come first. */
        private void addToOuter(double[] ofOuterParameters, double[] gradient) {
            for (int j = 0; j < ofOuterParameters.length; j++) {
                gradient[j] += ofOuterParameters[j];
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int lanes = Shapes.lanes(points, family.dimension(), "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            takeOuter(points, lanes);
            double[] own = new double[family.starts[0]];
            ofOuter.addParameterScore(outerPoints, weights, own);
            addToOuter(own, gradient);
            double[] bySlopes = new double[family.outer.length * lanes];
            for (int i = 0; i < family.inner.length; i++) {
                whiten(i, lanes, points.data);
                for (int s = 0; s < lanes; s++) {
                    scale[s] = weights[s] * noise[s] / scale[s];
                    noise[s] = weights[s] * (noise[s] * noise[s] - 1);
                }
                addInner(i, lanes, scale, noise, gradient);
                addSlopes(i, lanes, scale, noise, bySlopes);
            }
            for (int a = 0; a < family.outer.length; a++) {
                for (int s = 0; s < lanes; s++) {
                    gradient[a] -= bySlopes[a * lanes + s];
                }
            }
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension();
            int k = family.outer.length;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            takeOuter(points, lanes);
            double[] bySlopes = new double[k * lanes];
            double[] byLocation = new double[lanes];
            double[] byScale = new double[lanes];
            for (int i = 0; i < family.inner.length; i++) {
                locate(i, lanes, this.noise, 0);
                int at = family.inner[i] * lanes;
                for (int s = 0; s < lanes; s++) {
                    byLocation[s] = vectors.data[at + s];
                    byScale[s] = byLocation[s] * scale[s] * noise.data[(k + i) * lanes + s];
                }
                addInner(i, lanes, byLocation, byScale, gradient);
                addSlopes(i, lanes, byLocation, byScale, bySlopes);
            }
            outerVectors.reshape(k, lanes);
            for (int a = 0; a < k; a++) {
                for (int s = 0, at = a * lanes; s < lanes; s++, at++) {
                    outerVectors.data[at] = bySlopes[at] + vectors.data[family.outer[a] * lanes + s];
                    // the others follow the displacement of u and not its mean
                    gradient[a] -= bySlopes[at];
                }
            }
            double[] own = new double[family.starts[0]];
            ofOuter.addPathGradient(outerNoise(noise, lanes), outerPoints, outerVectors, own);
            addToOuter(own, gradient);
        }

        @Override
        public double entropy() {
            double sum = ofOuter.entropy() + 0.5 * family.inner.length * (1 + Shapes.LOG_TWO_PI);
            for (int i = 0; i < family.inner.length; i++) {
                sum += parameters[family.starts[i] + LOG_SCALE];
            }
            return sum;
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            double[] own = new double[family.starts[0]];
            ofOuter.addEntropyGradient(scale, own);
            addToOuter(own, gradient);
            for (int i = 0; i < family.inner.length; i++) {
                gradient[family.starts[i] + LOG_SCALE] += scale;
            }
        }

        @Override
        public double[] mean() {
            double[] mean = new double[family.dimension()];
            for (int a = 0; a < family.outer.length; a++) {
                mean[family.outer[a]] = parameters[a];
            }
            for (int i = 0; i < family.inner.length; i++) {
                mean[family.inner[i]] = parameters[family.starts[i] + LOCATION];
            }
            return mean;
        }

        @Override
        public double[] standardDeviation() {
            double[] deviations = new double[family.dimension()];
            double[] ofU = ofOuter.standardDeviation();
            for (int a = 0; a < family.outer.length; a++) {
                deviations[family.outer[a]] = ofU[a];
            }
            DMatrixRMaj covariance = ofOuter.covariance();
            for (int i = 0; i < family.inner.length; i++) {
                int start = family.starts[i];
                int[] parents = family.parents[i];
                double ofLocation = square(covariance, parents, start + FIRST_SLOPE);
                double ofScale = square(covariance, parents, start + FIRST_SLOPE + parents.length);
                deviations[family.inner[i]] =
                        Math.sqrt(ofLocation + Math.exp(2 * (parameters[start + LOG_SCALE] + ofScale)));
            }
            return deviations;
        }

        /** {@code x' S x} for the parameters from {@code first} on. */
        private double square(DMatrixRMaj covariance, int[] parents, int first) {
            double sum = 0;
            for (int a = 0; a < parents.length; a++) {
                for (int b = 0; b < parents.length; b++) {
                    sum += parameters[first + a] * parameters[first + b] * covariance.get(parents[a], parents[b]);
                }
            }
            return sum;
        }
    }
}
