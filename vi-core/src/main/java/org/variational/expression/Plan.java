package org.variational.expression;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Interactions;
import org.variational.density.LogDensityParts;
import org.variational.kernel.Kernels;

/**
 * Expressions compiled to flat programs: a log density that is the sum of terms, and outputs to be read.
 *
 * <p>Compilation merges equal nodes, computes what depends on data alone once per data set, hoists what is common to
 * all rows out of the rows, and splits sums of row-wise terms so that each part is summed by itself. Immutable and
 * thread-safe; the working memory is in the {@link Evaluator}s made from it.
 */
public final class Plan {

    /** A node whose elements, times a weight, add to the log density; times the row count where an axis is given. */
    record Term(Expr node, double weight, @Nullable RowAxis perRowOf) {}

    final int dimension;
    final Graph graph;
    final Segment constants;
    final Segment globals;
    final List<AxisPlan> axes;
    final List<Term> terms;
    final List<Expr> outputs;
    final double shift;
    final Map<RowAxis, Double> shiftPerRow;
    /** By slot: how often instructions read it. */
    final int[] reads;

    /** What is computed row by row along one axis. */
    static final class AxisPlan {
        final RowAxis axis;
        final Segment constants;
        final Segment varying;
        /** Global varying nodes that rows read. */
        final List<Expr> shared;
        /** Row-wise nodes without lanes: data, and functions of data. */
        final List<Expr> rowConstants;

        final List<Expr> indices;
        final List<Expr> coordinates;
        final List<Term> terms;

        AxisPlan(RowAxis axis, Graph graph, List<Term> terms) {
            this.axis = axis;
            this.terms = terms;
            List<Expr> nodes =
                    graph.nodes().stream().filter(node -> node.axis() == axis).toList();
            List<Expr> computed = graph.computed().stream()
                    .filter(node -> node.axis() == axis)
                    .toList();
            this.constants = new Segment(graph.instructions(
                    computed.stream().filter(node -> !node.varying).toList(), true));
            List<Expr> varyingNodes =
                    computed.stream().filter(node -> node.varying).toList();
            this.varying = new Segment(graph.instructions(varyingNodes, false));
            this.indices = nodes.stream()
                    .filter(node -> node.op instanceof Leaf.IndexData)
                    .toList();
            this.rowConstants = nodes.stream()
                    .filter(node -> !node.varying && !(node.op instanceof Leaf.IndexData))
                    .toList();
            this.coordinates = nodes.stream()
                    .filter(node -> node.op instanceof Leaf.Coordinates)
                    .toList();
            Map<Integer, Expr> reads = new LinkedHashMap<>();
            for (Expr node : varyingNodes) {
                for (Expr input : node.inputs) {
                    if (input.axis() == null && input.varying) {
                        reads.putIfAbsent(graph.slot(input), input);
                    }
                }
            }
            this.shared = List.copyOf(reads.values());
        }
    }

    /** The names that replaced data may have although this plan does not use them. */
    final Set<String> declaredData;

    private Plan(int dimension, Splitter splitter, List<Expr> outputs, Set<String> declaredData) {
        this.declaredData = declaredData;
        this.dimension = dimension;
        this.outputs = outputs;
        this.shift = splitter.shift;
        this.shiftPerRow = splitter.shiftPerRow;
        List<Expr> roots = new ArrayList<>(outputs);
        splitter.terms.forEach(term -> roots.add(term.node()));
        this.graph = Graph.of(roots, List.of());
        this.terms = merged(splitter.terms);
        List<Expr> computed = graph.computed();
        this.constants = new Segment(graph.instructions(
                computed.stream().filter(e -> e.axis() == null && !e.varying).toList(), true));
        this.globals = new Segment(graph.instructions(
                computed.stream().filter(e -> e.axis() == null && e.varying).toList(), false));
        Set<RowAxis> found = new LinkedHashSet<>(shiftPerRow.keySet());
        for (Term term : terms) {
            if (term.perRowOf() != null) {
                found.add(term.perRowOf());
            }
        }
        graph.nodes().forEach(node -> {
            if (node.axis() != null) {
                found.add(node.axis());
            }
        });
        List<AxisPlan> plans = new ArrayList<>();
        for (RowAxis axis : found) {
            List<Term> ofAxis =
                    terms.stream().filter(term -> term.node().axis() == axis).toList();
            plans.add(new AxisPlan(axis, graph, ofAxis));
        }
        this.axes = List.copyOf(plans);
        this.reads = new int[graph.slotCount()];
        for (Expr node : graph.computed()) {
            node.inputs.forEach(input -> reads[graph.slot(input)]++);
        }
        int[] uses = reads.clone();
        terms.forEach(term -> uses[graph.slot(term.node())]++);
        globals.shareAdjoints(uses);
        axes.forEach(axis -> axis.varying.shareAdjoints(uses));
    }

    /**
     * Compiles a log density and outputs.
     *
     * @param dimension the dimension D of the points
     * @param terms expressions whose elements all add to the log density; row-wise ones add for every row
     * @param outputs expressions to be read by {@link Evaluator#outputs}
     * @param declaredData names that replaced data may have whether or not this plan uses them
     */
    public static Plan of(int dimension, List<Expr> terms, List<Expr> outputs, Set<String> declaredData) {
        Splitter splitter = new Splitter();
        Set<@Nullable RowAxis> axes = new LinkedHashSet<>();
        terms.forEach(term -> axes.add(term.axis()));
        for (RowAxis axis : axes) {
            splitter.add(terms.stream().filter(term -> term.axis() == axis).toList(), axis);
        }
        return new Plan(dimension, splitter, List.copyOf(outputs), Set.copyOf(declaredData));
    }

    /** Terms on the same slot become one. */
    private List<Term> merged(List<Term> split) {
        record Key(int slot, @Nullable RowAxis perRowOf) {}
        Map<Key, Term> bySlot = new LinkedHashMap<>();
        for (Term term : split) {
            bySlot.merge(
                    new Key(graph.slot(term.node()), term.perRowOf()),
                    term,
                    (a, b) -> new Term(a.node(), a.weight() + b.weight(), a.perRowOf()));
        }
        return List.copyOf(bySlot.values());
    }

    /** Takes sums apart into their summands, down to nodes that must be computed; shared summands are met once. */
    private static final class Splitter {
        final List<Term> terms = new ArrayList<>();
        final Map<RowAxis, Double> shiftPerRow = new LinkedHashMap<>();
        double shift;

        /** Adds the sums of the elements of all roots, which are along one axis, or global where it is null. */
        void add(List<Expr> roots, @Nullable RowAxis axis) {
            Map<Expr, Double> weights = new IdentityHashMap<>();
            roots.forEach(root -> weights.merge(root, 1.0, Double::sum));
            List<Expr> inputsFirst = Graph.inputsFirst(roots, Set.of());
            for (int i = inputsFirst.size() - 1; i >= 0; i--) {
                Expr node = inputsFirst.get(i);
                double weight = weights.getOrDefault(node, 0.0);
                if (weight != 0 && node.size() != 0) {
                    split(node, weight, axis, weights);
                }
            }
        }

        private void split(Expr node, double weight, @Nullable RowAxis axis, Map<Expr, Double> weights) {
            Expr first = node.inputs.isEmpty() ? node : node.inputs.get(0);
            if (node.op instanceof Arithmetic.Add) {
                for (Expr input : node.inputs) {
                    weights.merge(input, weight * node.size() / input.size(), Double::sum);
                }
            } else if (node.op instanceof Arithmetic.Subtract) {
                weights.merge(first, weight, Double::sum);
                weights.merge(node.inputs.get(1), -weight, Double::sum);
            } else if (node.op instanceof Arithmetic.Affine affine) {
                weights.merge(first, weight * affine.scale(), Double::sum);
                addShift(weight * affine.shift() * node.size(), axis);
            } else if (node.op instanceof Reduction.Sum) {
                weights.merge(first, weight, Double::sum);
            } else {
                terms.add(new Term(node, weight, axis != null && node.axis() == null ? axis : null));
            }
        }

        private void addShift(double constant, @Nullable RowAxis axis) {
            if (axis == null) {
                shift += constant;
            } else if (constant != 0) {
                shiftPerRow.merge(axis, constant, Double::sum);
            }
        }
    }

    /** The names of the data, indices included, that the terms and outputs depend on. */
    public Set<String> dataNames() {
        Set<String> names = new LinkedHashSet<>();
        for (Expr node : graph.nodes()) {
            if (node.op instanceof Leaf.GlobalData leaf) {
                names.add(leaf.dataName());
            } else if (node.op instanceof Leaf.RowData leaf) {
                names.add(leaf.dataName());
            } else if (node.op instanceof Leaf.IndexData leaf) {
                names.add(leaf.dataName());
            }
        }
        return names;
    }

    /**
     * A fingerprint of the data that the terms and outputs depend on: SHA-256 over names, widths and the bits of all
     * numbers and indices, in the order of their names.
     *
     * @param data what replaces the data of the declaration
     * @return 64 hexadecimal digits; the same for the same data, whatever else is declared
     */
    public String fingerprint(Data data) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        Map<String, int[]> indices = new TreeMap<>();
        for (Expr node : graph.nodes()) {
            if (node.op instanceof Leaf.IndexData leaf) {
                int[] given = data.indices(leaf.dataName());
                indices.put(leaf.dataName(), given == null ? leaf.values() : given);
            }
        }
        new TreeMap<>(numbers(data)).forEach((name, matrix) -> {
            begin(digest, name, matrix.numCols, matrix.getNumElements());
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * matrix.getNumElements());
            bytes.asDoubleBuffer().put(matrix.data, 0, matrix.getNumElements());
            digest.update(bytes);
        });
        indices.forEach((name, values) -> {
            begin(digest, name, 0, values.length);
            ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * values.length);
            bytes.asIntBuffer().put(values);
            digest.update(bytes);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    /** So that no two lists of data give the same bytes. */
    private static void begin(MessageDigest digest, String name, int width, int count) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(3 * Integer.BYTES)
                .putInt(text.length)
                .putInt(width)
                .putInt(count)
                .flip());
        digest.update(text);
    }

    /**
     * Which coordinates act together in the log density, and which multiply one another: found by following them
     * through all operations, element by element.
     *
     * @param data replacements of declared data
     * @return what was found; all related to all where the lists of it would not fit in memory
     */
    public Interactions interactions(Data data) {
        return InteractionAnalysis.of(this, new BoundData(this, data));
    }

    /**
     * The log density by parts, evaluated tile by tile like the whole; the same bits whatever the number of threads.
     *
     * @param data replacements of declared data
     * @param threads the number of threads for row-wise parts, at least 1
     * @param setOf for each coordinate the number of its set, from 0; -1 where it is in none
     * @return null if a summand depends on coordinates of two sets, or it is not known what summands depend on
     * @throws IllegalArgumentException if there is not one number a coordinate
     */
    public @Nullable LogDensityParts parts(Data data, int threads, int[] setOf) {
        if (setOf.length != dimension) {
            throw new IllegalArgumentException(
                    "each of " + dimension + " coordinates needs the number of its set, got " + setOf.length);
        }
        return SummandParts.of(this, data, threads, setOf);
    }

    /**
     * The numbers that the terms and outputs depend on, by name; indices are left out.
     *
     * @param data replacements of declared data
     * @return copies; one row per data row where the data are row-wise
     */
    public Map<String, DMatrixRMaj> numbers(Data data) {
        Map<String, DMatrixRMaj> numbers = new LinkedHashMap<>();
        for (Expr node : graph.nodes()) {
            String name = node.op instanceof Leaf.GlobalData global
                    ? global.dataName()
                    : node.op instanceof Leaf.RowData rows ? rows.dataName() : null;
            double[] declared = node.op instanceof Leaf.GlobalData global
                    ? global.values()
                    : node.op instanceof Leaf.RowData rows ? rows.values() : null;
            if (name != null && declared != null) {
                double[] given = data.numbers(name, node.columns());
                double[] values = given == null ? declared : given;
                int rows = node.columns() == 0 ? 0 : values.length / node.columns();
                numbers.put(name, new DMatrixRMaj(rows, node.columns(), true, values.clone()));
            }
        }
        return numbers;
    }

    /** About how many arithmetic operations one evaluation takes at one point, for a number of rows along each axis. */
    long operations(ToIntFunction<RowAxis> rowCount) {
        long operations = globals.operations(1);
        for (AxisPlan axis : axes) {
            operations += axis.varying.operations(rowCount.applyAsInt(axis.axis));
        }
        return operations;
    }

    /**
     * Working memory for this plan on some data, on the kernels that suit the number of operations; otherwise as
     * {@link #evaluator(Data, Kernels, int)}.
     */
    public Evaluator evaluator(Data data, int threads) {
        return new Evaluator(this, data, null, threads);
    }

    /**
     * Working memory for this plan on some data.
     *
     * @param data replacements of declared data
     * @param kernels the kernels to run on
     * @param threads the number of threads for row-wise parts, at least 1; results do not depend on it
     * @throws IllegalArgumentException if replaced data do not exist, do not fit, or disagree on the number of rows, or
     *     if {@code threads} is not positive
     */
    public Evaluator evaluator(Data data, Kernels kernels, int threads) {
        return new Evaluator(this, data, kernels, threads);
    }
}
