package org.variational.lab.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.random.RandomStreams;

/**
 * A random target of a class, with exact moments. Everything about it follows from its seed: consecutive seeds go
 * through all classes and dimensions in turn, {@link #CELLS} in all.
 *
 * <p>Shapes are moved by a random linear map, to locations up to some hundred standard deviations from the origin and
 * scales over several orders of magnitude, and a random constant is added to the log density.
 *
 * @param kind the class
 * @param density the log density; for one fit
 * @param moments its exact means and standard deviations
 */
record RandomTarget(Kind kind, LogDensity density, Moments moments) {

    /** The dimensions, in order. */
    static final List<Integer> DIMENSIONS = List.of(1, 2, 5, 10, 30, 100);

    /** A class of targets. */
    enum Kind {
        /** Normal with a random covariance. */
        GAUSSIAN("gaussian", 1),
        /** Normal, with a covariance of condition 1e4 to 1e8. */
        ILL_CONDITIONED("ill-conditioned", 2),
        /** Student-t, multivariate or in independent coordinates, with 2.5 to 10 degrees of freedom. */
        HEAVY_TAILED("heavy-tailed", 1),
        /** Log-gamma, skew normal and sinh-arcsinh coordinates, mixed by the map. */
        SKEWED("skewed", 1),
        /** Neal's funnel, and from 5 coordinates on also centred hierarchical models. */
        FUNNEL("funnel", 2),
        /** Mixtures of two to four normal distributions, near and far, with minor modes. */
        MULTIMODAL("multimodal", 1),
        /** Twisted normal distributions. */
        TWISTED("twisted", 2),
        /** Logistic, Poisson (up to 2 coordinates) and linear regressions with unknown scale. */
        POSTERIOR("posterior", 1);

        private final String label;
        private final int fewest;

        Kind(String label, int fewest) {
            this.label = label;
            this.fewest = fewest;
        }

        String label() {
            return label;
        }
    }

    private record Cell(Kind kind, int dimension) {}

    private static final List<Cell> ALL = cells();

    /** The number of pairs of a class and a dimension. */
    static final int CELLS = ALL.size();

    private static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (int dimension : DIMENSIONS) {
            for (Kind kind : Kind.values()) {
                if (dimension >= kind.fewest) {
                    cells.add(new Cell(kind, dimension));
                }
            }
        }
        return List.copyOf(cells);
    }

    /** The target of a seed; seed 1 has the first class in one dimension. */
    static RandomTarget of(long seed) {
        Cell cell = ALL.get(Math.floorMod(seed - 1, CELLS));
        RandomGenerator random = RandomStreams.of(seed).generator("target", 0);
        int dimension = cell.dimension();
        return switch (cell.kind()) {
            case GAUSSIAN -> moved(cell.kind(), Shapes.normal(dimension), map(dimension, random), random);
            case ILL_CONDITIONED ->
                moved(cell.kind(), Shapes.normal(dimension), illConditioned(dimension, random), random);
            case HEAVY_TAILED -> moved(cell.kind(), heavyTailed(dimension, random), map(dimension, random), random);
            case SKEWED -> moved(cell.kind(), skewed(dimension, random), map(dimension, random), random);
            case FUNNEL ->
                dimension >= 5 && random.nextBoolean()
                        ? hierarchy(dimension - 2, random)
                        : moved(
                                cell.kind(),
                                Shapes.funnel(dimension, between(0.3, 3, random)),
                                map(dimension, random),
                                random);
            case MULTIMODAL -> moved(cell.kind(), mixture(dimension, random), map(dimension, random), random);
            case TWISTED -> moved(cell.kind(), twisted(dimension, random), map(dimension, random), random);
            case POSTERIOR -> posterior(dimension, random);
        };
    }

    private static RandomTarget moved(Kind kind, Shape shape, DMatrixRMaj map, RandomGenerator random) {
        int dimension = shape.dimension();
        double[] scale =
                new MovedShape(shape, map, new double[dimension], 0).moments().sd();
        double distance = Math.pow(10, between(-1, 2, random));
        double[] shift = new double[dimension];
        for (int d = 0; d < dimension; d++) {
            shift[d] = distance * scale[d] * random.nextGaussian();
        }
        double constant = random.nextGaussian() * Math.pow(10, between(0, 4, random));
        MovedShape density = new MovedShape(shape, map, shift, constant);
        return new RandomTarget(kind, density, density.moments());
    }

    private static double between(double low, double high, RandomGenerator random) {
        return low + (high - low) * random.nextDouble();
    }

    /** Units over two orders of magnitude, and for half of the targets a rotation of directions over one. */
    private static DMatrixRMaj map(int dimension, RandomGenerator random) {
        DMatrixRMaj map;
        if (random.nextBoolean()) {
            map = rotation(dimension, random);
            CommonOps_DDRM.multCols(map, powers(dimension, -0.5, 0.5, random));
        } else {
            map = CommonOps_DDRM.identity(dimension);
        }
        CommonOps_DDRM.multRows(powers(dimension, -1, 1, random), map);
        CommonOps_DDRM.scale(Math.pow(10, between(-2, 2, random)), map);
        return map;
    }

    private static double[] powers(int count, double low, double high, RandomGenerator random) {
        double[] powers = new double[count];
        Arrays.setAll(powers, i -> Math.pow(10, between(low, high, random)));
        return powers;
    }

    private static DMatrixRMaj rotation(int dimension, RandomGenerator random) {
        DMatrixRMaj noise = new DMatrixRMaj(dimension, dimension);
        Arrays.setAll(noise.data, i -> random.nextGaussian());
        QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(dimension, dimension);
        qr.decompose(noise);
        return qr.getQ(null, false);
    }

    /** A rotation of scales that span the square root of the condition. */
    private static DMatrixRMaj illConditioned(int dimension, RandomGenerator random) {
        double decades = between(4, 8, random) / 2;
        double[] scales = powers(dimension, -decades, 0, random);
        scales[0] = 1;
        scales[1] = Math.pow(10, -decades);
        DMatrixRMaj map = rotation(dimension, random);
        CommonOps_DDRM.multCols(map, scales);
        return map;
    }

    private static Shape heavyTailed(int dimension, RandomGenerator random) {
        if (random.nextBoolean()) {
            return Shapes.studentT(dimension, between(2.5, 10, random));
        }
        List<Marginal> marginals = new ArrayList<>();
        for (int d = 0; d < dimension; d++) {
            marginals.add(new Marginal.StudentT(between(2.5, 10, random)));
        }
        return Shapes.product(marginals);
    }

    private static Shape skewed(int dimension, RandomGenerator random) {
        List<Marginal> marginals = new ArrayList<>();
        for (int d = 0; d < dimension; d++) {
            marginals.add(
                    switch (random.nextInt(3)) {
                        case 0 -> new Marginal.LogGamma(Math.pow(10, between(-0.5, 1, random)));
                        case 1 ->
                            new Marginal.SkewNormal(
                                    (random.nextBoolean() ? 1 : -1) * Math.pow(10, between(0, 1, random)));
                        default -> new Marginal.SinhArcsinh(between(-1, 1, random), between(0.6, 1.5, random));
                    });
        }
        return Shapes.product(marginals);
    }

    /** Modes 1 to 12 apart in random directions, a third of them with one of a weight of 1 to 10 %. */
    private static Shape mixture(int dimension, RandomGenerator random) {
        int components = 2 + random.nextInt(3);
        double separation = between(1, 12, random);
        double[] weights = new double[components];
        double[] sds = new double[components];
        double[][] centres = new double[components][dimension];
        for (int k = 0; k < components; k++) {
            weights[k] = 0.2 + random.nextExponential();
            sds[k] = Math.pow(10, between(-0.3, 0.3, random));
            double length = 0;
            for (int d = 0; d < dimension; d++) {
                centres[k][d] = random.nextGaussian();
                length += centres[k][d] * centres[k][d];
            }
            for (int d = 0; d < dimension; d++) {
                centres[k][d] *= separation / Math.sqrt(length);
            }
        }
        double others = Arrays.stream(weights).sum() - weights[0];
        if (random.nextInt(3) == 0) {
            double minor = Math.pow(10, between(-2, -1, random));
            weights[0] = minor / (1 - minor) * others;
        }
        double total = Arrays.stream(weights).sum();
        for (int k = 0; k < components; k++) {
            weights[k] /= total;
        }
        return Shapes.mixture(weights, centres, sds);
    }

    /** One, or about a third, of the coordinates bent. */
    private static Shape twisted(int dimension, RandomGenerator random) {
        double bend = Math.pow(10, between(-1, 0.5, random));
        boolean many = random.nextBoolean();
        double[] bends = new double[dimension - 1];
        for (int j = 0; j < bends.length; j++) {
            if (j == 0 || (many && random.nextInt(3) == 0)) {
                bends[j] = random.nextBoolean() ? bend : -bend;
            }
        }
        return Shapes.twisted(bends);
    }

    private static RandomTarget hierarchy(int effects, RandomGenerator random) {
        double[] y = new double[effects];
        double[] error = powers(effects, -0.3, 0.7, random);
        double mu = 3 * random.nextGaussian();
        double tau = Math.pow(10, between(-1.5, 1, random));
        for (int i = 0; i < effects; i++) {
            y[i] = mu + Math.hypot(tau, error[i]) * random.nextGaussian();
        }
        Hierarchy hierarchy = new Hierarchy(y, error);
        return new RandomTarget(Kind.FUNNEL, LogDensities.of(effects + 2, hierarchy.density()), hierarchy.moments());
    }

    private static RandomTarget posterior(int dimension, RandomGenerator random) {
        if (dimension <= 2) {
            SmallRegression regression = SmallRegression.random(dimension, random.nextBoolean(), random);
            return new RandomTarget(Kind.POSTERIOR, regression.density(), regression.moments());
        }
        double degrees = Math.ceil(Math.pow(10, between(0.7, 2.5, random)));
        double sum = degrees * Math.pow(10, between(-2, 2, random));
        // The log scale is a coordinate of its own: the map mixes the coefficients alone.
        DMatrixRMaj map = CommonOps_DDRM.identity(dimension);
        CommonOps_DDRM.insert(map(dimension - 1, random), map, 0, 0);
        return moved(Kind.POSTERIOR, Shapes.normalGamma(dimension, degrees, sum), map, random);
    }
}
