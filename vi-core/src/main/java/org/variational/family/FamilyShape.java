package org.variational.family;

import java.util.ArrayList;
import java.util.List;
import org.variational.structure.FactorPattern;

/**
 * What it takes to build one of this library's families again: plain data for a checkpoint or a saved posterior.
 * Together with {@link VariationalDistribution#parameters()} it restores a member to the bit.
 *
 * @param kind the family's kind, such as {@code "low-rank Gaussian"}
 * @param dimension the dimension D of the points
 * @param settings the family's numbers in the order of its factory method, such as rank or degrees of freedom
 * @param parts the shapes of the families it is made of
 */
public record FamilyShape(String kind, int dimension, List<Double> settings, List<FamilyShape> parts) {
    private static final String MEAN_FIELD = "mean-field Gaussian";
    private static final String FULL_RANK = "full-rank Gaussian";
    private static final String LOW_RANK = "low-rank Gaussian";
    private static final String LOW_RANK_SCALE = "Gaussian with low-rank scale";
    private static final String SPARSE = "sparse Gaussian";
    private static final String NESTED = "nested Gaussian";
    private static final String CONDITIONAL = "conditionally structured Gaussian";
    private static final String BLOCK = "block Gaussian";
    private static final String MEAN_FIELD_T = "mean-field Student-t";
    private static final String MULTIVARIATE_T = "multivariate Student-t";
    private static final String MIXTURE = "mixture";
    private static final String FLOW = "coupling flow";
    private static final String CATEGORICAL = "categorical";

    /** Copies the lists. */
    public FamilyShape {
        settings = List.copyOf(settings);
        parts = List.copyOf(parts);
    }

    /**
     * The shape of a family.
     *
     * @param family one of this library's families
     * @throws IllegalArgumentException if the family is not one of this library's
     */
    public static FamilyShape of(VariationalFamily family) {
        int d = family.dimension();
        if (family instanceof MeanFieldGaussian) {
            return plain(MEAN_FIELD, d);
        }
        if (family instanceof FullRankGaussian) {
            return plain(FULL_RANK, d);
        }
        if (family instanceof LowRankGaussian lowRank) {
            return plain(LOW_RANK, d, lowRank.rank());
        }
        if (family instanceof LowRankScaleGaussian lowRank) {
            return plain(LOW_RANK_SCALE, d, lowRank.rank());
        }
        if (family instanceof SparseGaussian sparse) {
            return new FamilyShape(SPARSE, d, settings(sparse.pattern()), List.of());
        }
        if (family instanceof NestedGaussian nested) {
            List<Double> settings = settings(nested.nodes());
            settings.addAll(settings(nested.pattern()));
            return new FamilyShape(
                    NESTED, d, settings, List.of(of(nested.nodes().outerFamily())));
        }
        if (family instanceof ConditionallyStructuredGaussian conditional) {
            return new FamilyShape(CONDITIONAL, d, settings(conditional), List.of());
        }
        if (family instanceof BlockGaussian block) {
            List<Double> settings = new ArrayList<>();
            for (BlockGaussian.Block part : block.blocks()) {
                settings.add((double) part.length());
                settings.add(part.local() ? 1.0 : 0.0);
            }
            return new FamilyShape(BLOCK, d, settings, List.of());
        }
        if (family instanceof MeanFieldStudentT student) {
            return plain(MEAN_FIELD_T, d, student.degrees());
        }
        if (family instanceof MultivariateStudentT student) {
            return plain(MULTIVARIATE_T, d, student.degrees());
        }
        if (family instanceof Mixture mixture) {
            return new FamilyShape(
                    MIXTURE, d, List.of((double) mixture.components()), List.of(of(mixture.componentFamily())));
        }
        if (family instanceof CouplingFlow flow) {
            return plain(FLOW, d, flow.layers(), flow.hidden());
        }
        if (family instanceof Categorical categorical) {
            return plain(CATEGORICAL, d, categorical.outcomes());
        }
        throw new IllegalArgumentException(
                "the " + family.name() + " family (" + family.getClass().getName()
                        + ") is not one of this library's, so that its shape is not known here: save what its"
                        + " constructor needs");
    }

    private static FamilyShape plain(String kind, int dimension, double... settings) {
        List<Double> list = new ArrayList<>();
        for (double setting : settings) {
            list.add(setting);
        }
        return new FamilyShape(kind, dimension, list, List.of());
    }

    /** By position its coordinate and the length of its column, then the rows below the diagonals. */
    private static List<Double> settings(FactorPattern pattern) {
        List<Double> settings = new ArrayList<>();
        for (int j = 0; j < pattern.size(); j++) {
            settings.add((double) pattern.node(j));
            settings.add((double) (pattern.end(j) - pattern.start(j)));
        }
        for (int j = 0; j < pattern.size(); j++) {
            for (int entry = pattern.start(j) + 1; entry < pattern.end(j); entry++) {
                settings.add((double) pattern.row(entry));
            }
        }
        return settings;
    }

    /** The pattern of {@code size} rows that the settings from {@code from} on describe. */
    private FactorPattern pattern(int from, int size) {
        int[] nodes = new int[size];
        int[] starts = new int[size + 1];
        for (int j = 0; j < size; j++) {
            nodes[j] = integer(from + 2 * j);
            starts[j + 1] = starts[j] + integer(from + 2 * j + 1);
        }
        int[] rows = new int[Math.max(0, settings.size() - from - size)];
        int next = from + 2 * size;
        for (int j = 0; j < size; j++) {
            for (int entry = starts[j]; entry < starts[j + 1] && entry < rows.length; entry++) {
                rows[entry] = entry == starts[j] ? j : integer(next++);
            }
        }
        return FactorPattern.of(nodes, starts, rows);
    }

    /** The numbers of outer coordinates and of nodes, then outer coordinates, nodes and whitening. */
    private static List<Double> settings(NestedGaussian.Nodes nodes) {
        List<Double> settings = new ArrayList<>();
        settings.add((double) nodes.outer().length);
        settings.add((double) nodes.points().length);
        for (int coordinate : nodes.outer()) {
            settings.add((double) coordinate);
        }
        for (double[][] rows : List.of(nodes.points(), nodes.whitening())) {
            for (double[] row : rows) {
                for (double number : row) {
                    settings.add(number);
                }
            }
        }
        return settings;
    }

    private NestedGaussian nested() {
        VariationalFamily outerFamily = part("nested Gaussian", "the family of its outer coordinates");
        int[] outer = new int[size(0)];
        double[][] points = new double[size(1)][outer.length];
        double[][] whitening = new double[outer.length][outer.length];
        int next = 2;
        for (int a = 0; a < outer.length; a++) {
            outer[a] = integer(next++);
        }
        for (double[][] rows : List.of(points, whitening)) {
            for (double[] row : rows) {
                for (int a = 0; a < row.length; a++) {
                    row[a] = setting(next++);
                }
            }
        }
        return NestedGaussian.of(
                new NestedGaussian.Nodes(outerFamily, outer, points, whitening),
                pattern(next, Math.max(0, dimension - outer.length)));
    }

    /** The number of outer coordinates and these, then for every other one the number of its parents and these. */
    private static List<Double> settings(ConditionallyStructuredGaussian conditional) {
        List<Double> settings = new ArrayList<>();
        List<int[]> lists = new ArrayList<>();
        lists.add(conditional.outer());
        lists.addAll(List.of(conditional.parents()));
        for (int[] list : lists) {
            settings.add((double) list.length);
            for (int number : list) {
                settings.add((double) number);
            }
        }
        return settings;
    }

    private ConditionallyStructuredGaussian conditional() {
        int[] outer = list(0);
        int[][] parents = new int[Math.max(0, dimension - outer.length)][];
        int next = 1 + outer.length;
        for (int i = 0; i < parents.length; i++) {
            parents[i] = list(next);
            next += 1 + parents[i].length;
        }
        return ConditionallyStructuredGaussian.of(dimension, outer, parents);
    }

    /** A list of integers that follow their number. */
    private int[] list(int from) {
        int[] list = new int[Math.max(0, Math.min(integer(from), settings.size()))];
        for (int i = 0; i < list.length; i++) {
            list[i] = integer(from + 1 + i);
        }
        return list;
    }

    private VariationalFamily part(String of, String what) {
        if (parts.size() != 1) {
            throw new IllegalArgumentException(
                    "the shape of a " + of + " has one part, " + what + ", but this one has " + parts.size());
        }
        return parts.get(0).family();
    }

    /**
     * Builds the family.
     *
     * @return a family equal to the one the shape was taken from
     * @throws IllegalArgumentException if the kind is unknown, or the settings do not fit it
     */
    public VariationalFamily family() {
        return switch (kind) {
            case MEAN_FIELD -> MeanFieldGaussian.of(dimension);
            case FULL_RANK -> FullRankGaussian.of(dimension);
            case LOW_RANK -> LowRankGaussian.of(dimension, integer(0));
            case LOW_RANK_SCALE -> LowRankScaleGaussian.of(dimension, integer(0));
            case SPARSE -> SparseGaussian.of(pattern(0, dimension));
            case NESTED -> nested();
            case CONDITIONAL -> conditional();
            case BLOCK -> {
                List<BlockGaussian.Block> blocks = new ArrayList<>();
                for (int i = 0; i < settings.size(); i += 2) {
                    blocks.add(new BlockGaussian.Block(integer(i), integer(i + 1) == 1));
                }
                yield BlockGaussian.of(blocks);
            }
            case MEAN_FIELD_T -> MeanFieldStudentT.of(dimension, setting(0));
            case MULTIVARIATE_T -> MultivariateStudentT.of(dimension, setting(0));
            case MIXTURE -> Mixture.of(integer(0), part("mixture", "the family of its components"));
            case FLOW -> CouplingFlow.of(dimension, integer(0), integer(1));
            case CATEGORICAL -> Categorical.of(integer(0));
            default ->
                throw new IllegalArgumentException("there is no family of kind \"" + kind
                        + "\" here. The shape was saved by another version, or is not a shape");
        };
    }

    private double setting(int i) {
        if (i >= settings.size()) {
            throw new IllegalArgumentException(
                    "the shape of a " + kind + " needs more than the " + settings.size() + " settings it has");
        }
        return settings.get(i);
    }

    /** A number of things, of which each takes a setting at least. */
    private int size(int i) {
        int size = integer(i);
        if (size < 1 || size > settings.size()) {
            throw new IllegalArgumentException("setting " + i + " of the shape of a " + kind + " is the number of "
                    + settings.size() + " settings or fewer, and at least 1, but it is " + size);
        }
        return size;
    }

    private int integer(int i) {
        double value = setting(i);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "setting " + i + " of the shape of a " + kind + " must be an integer, but it is " + value);
        }
        return (int) value;
    }
}
