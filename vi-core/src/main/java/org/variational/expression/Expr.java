package org.variational.expression;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.variational.density.Labels;
import org.variational.density.Matrices;
import org.variational.expression.Elementwise.Repeat;
import org.variational.kernel.Kernels;

/**
 * A value in a model: a scalar, vector or matrix that is a function of parameters and data.
 *
 * <p>An expression is <em>global</em>, of a size independent of the data rows (a vector of length n is n x 1), or
 * <em>row-wise</em> along a {@link RowAxis}, with one scalar or one row vector ({@link #columns()} wide) per data row.
 * Expressions are immutable and shared freely; they are declarations, computed only by a compiled {@link Plan}.
 *
 * <p><b>Broadcasting.</b> Elementwise operations take operands of equal shape; a scalar with anything; a row-wise
 * scalar with a row-wise vector on the same axis; a vector whose length is the width with a row-wise vector; a row
 * vector or a column vector with a matrix, or with each other, which gives the matrix of all pairs. Everything else is
 * refused where it is declared, with both operands named.
 *
 * <p>Outside a function's domain the result is NaN or infinite and makes the log density of that lane so.
 */
public final class Expr {

    private static final int MOST_SOURCES = 4;

    final Op op;
    final List<Expr> inputs;
    private final int rows;
    private final int columns;
    private final @Nullable RowAxis axis;
    final boolean varying;
    private final String label;

    private final @Nullable Labels labels;

    private Expr(
            Op op, List<Expr> inputs, int rows, int columns, @Nullable RowAxis axis, boolean varying, String label) {
        this(new Shape(rows, columns, axis), op, inputs, varying, label, null);
    }

    private Expr(Shape shape, Op op, List<Expr> inputs, boolean varying, String label, @Nullable Labels labels) {
        this.op = op;
        this.inputs = inputs;
        this.rows = shape.rows;
        this.columns = shape.columns;
        this.axis = shape.axis;
        this.varying = varying;
        this.label = label;
        this.labels = labels;
    }

    // ---- leaves -----------------------------------------------------------------------------------------------------

    static Expr leaf(Leaf leaf, int rows, int columns, @Nullable RowAxis axis, boolean varying, String label) {
        return new Expr(leaf, List.of(), rows, columns, axis, varying, label);
    }

    private static Expr derived(Op op, int rows, int columns, @Nullable RowAxis axis, Expr... inputs) {
        boolean varying = false;
        for (Expr input : inputs) {
            varying |= input.varying;
        }
        return new Expr(op, List.of(inputs), rows, columns, axis, varying, op.name());
    }

    /** A fixed number. */
    public static Expr constant(double value) {
        return leaf(new Leaf.Constant(new double[] {value}), 1, 1, null, false, Double.toString(value));
    }

    /** A fixed vector; copied. */
    public static Expr constant(double[] values) {
        return leaf(new Leaf.Constant(values.clone()), values.length, 1, null, false, "constant vector");
    }

    /**
     * A fixed matrix; copied.
     *
     * @throws IllegalArgumentException if the rows differ in length
     */
    public static Expr constant(double[][] values) {
        double[] flat = Matrices.flatten("constant matrix", values);
        int columns = values.length == 0 ? 0 : values[0].length;
        return leaf(new Leaf.Constant(flat), values.length, columns, null, false, "constant matrix");
    }

    /** Data of a fixed shape under a name by which they can be replaced; row-major; copied. */
    public static Expr data(String name, int rows, int columns, double[] values) {
        requireLength(name, values.length, rows * columns, "the shape " + rows + " x " + columns);
        return leaf(new Leaf.GlobalData(name, values.clone()), rows, columns, null, false, name);
    }

    /** Row-wise data of the given width under a name by which they can be replaced; row-major; copied. */
    public static Expr data(String name, RowAxis axis, int width, double[] values) {
        requireLength(
                name,
                values.length,
                axis.length() * width,
                axis + (width == 1 ? "" : " with " + width + " values each"));
        return leaf(new Leaf.RowData(name, values.clone()), 1, width, axis, false, name);
    }

    /** The coordinates {@code offset} to {@code offset + rows * columns - 1} of the point, as a row-major matrix. */
    public static Expr coordinates(String name, int offset, int rows, int columns) {
        return leaf(new Leaf.Coordinates(offset), rows, columns, null, true, name);
    }

    /** The coordinates from {@code offset} on, {@code width} for each row of the axis. */
    public static Expr coordinates(String name, int offset, RowAxis axis, int width) {
        return leaf(new Leaf.Coordinates(offset), 1, width, axis, true, name);
    }

    private static void requireLength(String name, int actual, int expected, String shape) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    "data \"" + name + "\" has " + actual + " values, but " + shape + " needs " + expected);
        }
    }

    // ---- shape ------------------------------------------------------------------------------------------------------

    /** The number of rows: 1 for a scalar and for row-wise values. */
    public int rows() {
        return rows;
    }

    /** The number of columns: 1 for a scalar and for a vector; the width of row-wise values. */
    public int columns() {
        return columns;
    }

    /** The number of elements; per row where row-wise. */
    public int size() {
        return rows * columns;
    }

    /** The axis of row-wise values, null for global ones. */
    public @Nullable RowAxis axis() {
        return axis;
    }

    /** The numbers declared for a constant or for data, row-major; null for anything computed. A copy. */
    public double @Nullable [] declaredValues() {
        if (op instanceof Leaf.Constant leaf) {
            return leaf.values().clone();
        }
        if (op instanceof Leaf.GlobalData leaf) {
            return leaf.values().clone();
        }
        return op instanceof Leaf.RowData leaf ? leaf.values().clone() : null;
    }

    /** Whether the value depends on the point; data and functions of data alone do not. */
    public boolean dependsOnParameters() {
        return varying;
    }

    /**
     * Coordinates that some values are computed from although they are none of the known ones, if there are any.
     *
     * @param known the known coordinates, or values computed from them
     */
    public static Optional<Expr> foreignCoordinates(Collection<Expr> values, Collection<Expr> known) {
        Set<Op> own = Collections.newSetFromMap(new IdentityHashMap<>());
        Graph.inputsFirst(known, Set.of()).forEach(node -> own.add(node.op));
        return Graph.inputsFirst(values, Set.of()).stream()
                .filter(node -> node.op instanceof Leaf.Coordinates && !own.contains(node.op))
                .findFirst();
    }

    /** A short description for messages: the name, or what it is computed from where it has none, and the shape. */
    public String describe() {
        String shape = size() == 1 ? "scalar" : columns == 1 ? "vector of " + rows : rows + " x " + columns;
        if (axis != null) {
            shape = (columns == 1 ? "scalar" : "vector of " + columns) + " per row of " + axis;
        }
        List<String> sources = sources();
        String what = sources.isEmpty() ? "\"" + label + "\"" : "a value computed from " + String.join(", ", sources);
        return what + " (" + shape + ")";
    }

    /** The quoted names that a value without a name is computed from, the first few; none for one that has a name. */
    private List<String> sources() {
        Set<String> names = new LinkedHashSet<>();
        if (isUnnamed()) {
            Deque<Expr> open = new ArrayDeque<>(inputs);
            Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            while (!open.isEmpty() && names.size() < MOST_SOURCES) {
                Expr input = open.pop();
                if (input.isUnnamed()) {
                    input.inputs.stream().filter(seen::add).forEach(open::add);
                } else if (!(input.op instanceof Leaf.Constant)) {
                    names.add("\"" + input.label + "\"");
                }
            }
        }
        return List.copyOf(names);
    }

    private boolean isUnnamed() {
        return !(op instanceof Leaf) && label.equals(op.name());
    }

    /** This value under another name in messages. */
    public Expr named(String name) {
        return new Expr(op, inputs, rows, columns, axis, varying, name);
    }

    /** The same value with labels of its rows, which {@link #at} compares with those of an index. */
    public Expr labelled(Labels others) {
        return new Expr(new Shape(rows, columns, axis), op, inputs, varying, label, others);
    }

    @Override
    public String toString() {
        return describe();
    }

    // ---- arithmetic -------------------------------------------------------------------------------------------------

    /** {@code this + other}, elementwise. */
    public Expr plus(Expr other) {
        if (other.isScalarConstant()) {
            return plus(other.scalarConstant());
        }
        if (isScalarConstant()) {
            return other.plus(scalarConstant());
        }
        Shape shape = Shape.of("plus", this, other);
        return derived(
                new Arithmetic.Add(),
                shape.rows,
                shape.columns,
                shape.axis,
                fitted(this, shape, other),
                fitted(other, shape, this));
    }

    /** {@code this + number}. */
    public Expr plus(double number) {
        return affine(1, number);
    }

    /** {@code this - other}, elementwise. */
    public Expr minus(Expr other) {
        Shape shape = Shape.of("minus", this, other);
        if (varying && other.varying && shape.matches(this) && shape.matches(other)) {
            return derived(new Arithmetic.Subtract(), shape.rows, shape.columns, shape.axis, this, other);
        }
        return plus(other.negate());
    }

    /** {@code this - number}. */
    public Expr minus(double number) {
        return affine(1, -number);
    }

    /** {@code this * other}, elementwise; {@link #matmul} is the matrix product. */
    public Expr times(Expr other) {
        if (other.isScalarConstant()) {
            return times(other.scalarConstant());
        }
        if (isScalarConstant()) {
            return other.times(scalarConstant());
        }
        Shape shape = Shape.of("times", this, other);
        return derived(
                new Arithmetic.Multiply(),
                shape.rows,
                shape.columns,
                shape.axis,
                fitted(this, shape, other),
                fitted(other, shape, this));
    }

    /** {@code this * number}. */
    public Expr times(double number) {
        return affine(number, 0);
    }

    /** {@code this / other}, elementwise. */
    public Expr dividedBy(Expr other) {
        Shape shape = Shape.of("dividedBy", this, other);
        boolean sharedDivisor = other.size() == 1 && other.axis == null && !shape.matches(other);
        if (sharedDivisor || !other.varying) {
            return times(other.reciprocal());
        }
        return derived(
                new Arithmetic.Divide(), shape.rows, shape.columns, shape.axis, full(this, shape), full(other, shape));
    }

    /** {@code this / number}. */
    public Expr dividedBy(double number) {
        return affine(1 / number, 0);
    }

    /** {@code -this}. */
    public Expr negate() {
        return affine(-1, 0);
    }

    private Expr affine(double scale, double shift) {
        if (scale == 1 && shift == 0) {
            return this;
        }
        if (isScalarConstant()) {
            return constant(scale * scalarConstant() + shift);
        }
        if (op instanceof Arithmetic.Affine inner) {
            return inputs.get(0).affine(scale * inner.scale(), scale * inner.shift() + shift);
        }
        return derived(new Arithmetic.Affine(scale, shift), rows, columns, axis, this);
    }

    /** {@code this * this}. */
    public Expr square() {
        return times(this);
    }

    // ---- elementwise functions --------------------------------------------------------------------------------------

    private boolean isScalarConstant() {
        return op instanceof Leaf.Constant && size() == 1 && columns == 1;
    }

    private double scalarConstant() {
        return op instanceof Leaf.Constant leaf ? leaf.values()[0] : Double.NaN;
    }

    /** Whether this is the fixed scalar of the given value; data, which can be replaced, never are. */
    public boolean isConstant(double number) {
        return isScalarConstant() && scalarConstant() == number;
    }

    /** Whether an index names every element, so that nothing outside a function's domain is computed without need. */
    private static boolean namesAll(Expr index, int count) {
        BitSet named = new BitSet(count);
        if (index.op instanceof Leaf.IndexData leaf) {
            for (int i : leaf.values()) {
                named.set(i);
            }
        }
        return named.cardinality() >= count;
    }

    /** The function of this; of a gather, the gather of the function where that is less work. */
    private Expr apply(Function function) {
        if (isScalarConstant()) {
            double[] panel = {scalarConstant(), 0, 0};
            function.apply(Kernels.plain(), 1, panel, 0, panel, 1, panel, 2);
            return constant(panel[1]);
        }
        if (op instanceof Shaping.GatherRows
                && axis != null
                && inputs.get(0).rows <= axis.length()
                && namesAll(inputs.get(1), inputs.get(0).rows)) {
            return derived(op, rows, columns, axis, inputs.get(0).apply(function), inputs.get(1));
        }
        return derived(function, rows, columns, axis, this);
    }

    /** {@code exp(this)}. */
    public Expr exp() {
        return apply(Function.EXP);
    }

    /**
     * The natural logarithm. That of an exponential or of a logistic function, or of one minus the latter, also of
     * elements selected or gathered from them, is taken in closed form, so that it stays finite where its argument
     * rounds to 0 or 1.
     */
    public Expr log() {
        Expr inner = inputs.isEmpty() ? this : inputs.get(0);
        if (op == Function.EXP) {
            return inner;
        }
        if (op == Function.LOGISTIC) {
            return inner.negate().softplus().negate();
        }
        if (op.equals(new Arithmetic.Affine(-1, 1)) && inner.source().op == Function.LOGISTIC) {
            return inner.logOfRest();
        }
        if (source().op == Function.EXP || source().op == Function.LOGISTIC) {
            return ofSource(Expr::log);
        }
        return apply(Function.LOG);
    }

    /**
     * {@code log(1 + this)}, accurate near 0, and in closed form for the negative of a logistic function or of elements
     * selected or gathered from one.
     */
    public Expr log1p() {
        if (op.equals(new Arithmetic.Affine(-1, 0)) && inputs.get(0).source().op == Function.LOGISTIC) {
            return inputs.get(0).logOfRest();
        }
        return apply(Function.LOG1P);
    }

    /** What this selects or gathers elements from, however many times over; this itself if it does neither. */
    private Expr source() {
        return op instanceof Shaping.Select || op instanceof Shaping.GatherRows
                ? inputs.get(0).source()
                : this;
    }

    /** An elementwise function applied before elements are selected or gathered rather than after. */
    private Expr ofSource(UnaryOperator<Expr> function) {
        if (op instanceof Shaping.Select) {
            return derived(op, rows, columns, axis, inputs.get(0).ofSource(function));
        }
        if (op instanceof Shaping.GatherRows) {
            return derived(op, rows, columns, axis, inputs.get(0).ofSource(function), inputs.get(1));
        }
        return function.apply(this);
    }

    /** {@code log(1 - this)} for elements of a logistic function. */
    private Expr logOfRest() {
        return ofSource(logistic -> logistic.inputs.get(0).softplus().negate());
    }

    /** {@code exp(this) - 1}, accurate near 0. */
    public Expr expm1() {
        return apply(Function.EXPM1);
    }

    /** The square root; its slope is infinite at 0. */
    public Expr sqrt() {
        return apply(Function.SQRT);
    }

    /**
     * {@code 1 / this}. That of a global exponential is an exponential, whose slope does not overflow before it does.
     */
    public Expr reciprocal() {
        if (op == Function.EXP && axis == null) {
            return inputs.get(0).negate().exp();
        }
        if (op instanceof Shaping.GatherRows && inputs.get(0).op == Function.EXP) {
            return derived(op, rows, columns, axis, inputs.get(0).reciprocal(), inputs.get(1));
        }
        return apply(Function.RECIPROCAL);
    }

    /** The hyperbolic tangent. */
    public Expr tanh() {
        return apply(Function.TANH);
    }

    /** {@code 1 / (1 + exp(-this))}. */
    public Expr logistic() {
        return apply(Function.LOGISTIC);
    }

    /** {@code log(1 + exp(this))}. */
    public Expr softplus() {
        return apply(Function.SOFTPLUS);
    }

    /** {@code log Gamma(this)}, for positive values. */
    public Expr lgamma() {
        return apply(Function.LGAMMA);
    }

    /** The derivative of {@code log Gamma}, for positive values. */
    public Expr digamma() {
        return apply(Function.DIGAMMA);
    }

    /** The error function. */
    public Expr erf() {
        return apply(Function.ERF);
    }

    /** The standard normal distribution function Phi. */
    public Expr normalCdf() {
        return apply(Function.NORMAL_CDF);
    }

    /** {@code log Phi(this)}, accurate far into the lower tail. */
    public Expr logNormalCdf() {
        return apply(Function.LOG_NORMAL_CDF);
    }

    /**
     * The logarithm of {@code 1/2 + atan(this) / pi}, the standard Cauchy distribution function, accurate in both
     * tails.
     */
    public Expr logCauchyCdf() {
        return apply(Function.LOG_CAUCHY_CDF);
    }

    /** The sine. */
    public Expr sin() {
        return apply(Function.SIN);
    }

    /** The cosine. */
    public Expr cos() {
        return apply(Function.COS);
    }

    /** The inverse tangent. */
    public Expr atan() {
        return apply(Function.ATAN);
    }

    /**
     * 0 where this is at least 0, {@code -Infinity} where it is negative, NaN where it is NaN; the slope is 0. Added to
     * a log density, it confines the density to where this is not negative. Of an exponential or logistic function or
     * one minus the latter, and of elements selected or gathered from them, which never are negative, it is the scalar
     * 0.
     */
    public Expr logStep() {
        boolean rest = op.equals(new Arithmetic.Affine(-1, 1)) && inputs.get(0).source().op == Function.LOGISTIC;
        Op from = source().op;
        return rest || from == Function.EXP || from == Function.LOGISTIC ? constant(0) : apply(Function.LOG_STEP);
    }

    /** The absolute value; its slope at 0 is taken as 0. */
    public Expr abs() {
        return apply(Function.ABS);
    }

    /** {@code this^exponent} for a fixed exponent. */
    public Expr pow(double exponent) {
        if (exponent == 2) {
            return square();
        }
        return derived(new Elementwise.Power(exponent), rows, columns, axis, this);
    }

    /** {@code this^exponent} for positive values, as {@code exp(exponent * log(this))}. */
    public Expr pow(Expr exponent) {
        return exponent.times(log()).exp();
    }

    /** The larger of the two, elementwise; not differentiable where they tie. */
    public Expr max(Expr other) {
        return extremum(other, true);
    }

    /** The smaller of the two, elementwise; not differentiable where they tie. */
    public Expr min(Expr other) {
        return extremum(other, false);
    }

    /**
     * The value limited to {@code [lower, upper]}; its slope is 0 outside.
     *
     * @throws IllegalArgumentException if {@code lower} is above {@code upper}
     */
    public Expr clip(double lower, double upper) {
        if (!(lower <= upper)) {
            throw new IllegalArgumentException("clip needs lower <= upper, got " + lower + " and " + upper);
        }
        return max(constant(lower)).min(constant(upper));
    }

    private Expr extremum(Expr other, boolean largest) {
        Shape shape = Shape.of(largest ? "max" : "min", this, other);
        return derived(
                new Elementwise.Extremum(largest),
                shape.rows,
                shape.columns,
                shape.axis,
                full(this, shape),
                full(other, shape));
    }

    // ---- shaping ----------------------------------------------------------------------------------------------------

    /** Element i of a vector, or of the row vector of each data row, counting from 0. */
    public Expr element(int i) {
        requireIndex("element", i, size());
        return select(new int[] {i}, 1, 1);
    }

    /** The element in the given row and column, counting from 0. */
    public Expr element(int row, int column) {
        requireGlobal("element(row, column)");
        requireIndex("row", row, rows);
        requireIndex("column", column, columns);
        return select(new int[] {row * columns + column}, 1, 1);
    }

    /** Row i as a column vector, counting from 0. */
    public Expr row(int i) {
        requireGlobal("row");
        requireIndex("row", i, rows);
        return select(range(i * columns, columns, 1), columns, 1);
    }

    /** Column j as a vector, counting from 0; for row-wise values, the j-th number of each row. */
    public Expr column(int j) {
        requireIndex("column", j, columns);
        return axis == null ? select(range(j, rows, columns), rows, 1) : select(new int[] {j}, 1, 1);
    }

    /** Elements {@code from} (inclusive) to {@code to} (exclusive) of a vector, or of the vector of each data row. */
    public Expr slice(int from, int to) {
        if (from < 0 || to > size() || from > to) {
            throw new IllegalArgumentException("slice from " + from + " to " + to + " is outside " + describe());
        }
        int length = to - from;
        return axis == null ? select(range(from, length, 1), length, 1) : select(range(from, length, 1), 1, length);
    }

    /** The transposed matrix. */
    public Expr transpose() {
        requireGlobal("transpose");
        int[] index = new int[size()];
        for (int i = 0; i < columns; i++) {
            for (int j = 0; j < rows; j++) {
                index[i * rows + j] = j * columns + i;
            }
        }
        return select(index, columns, rows);
    }

    /** The diagonal of a square matrix, as a vector. */
    public Expr diagonal() {
        requireSquare("diagonal");
        return select(range(0, rows, rows + 1), rows, 1);
    }

    /**
     * The same elements, in row-major order, under another shape.
     *
     * @throws IllegalArgumentException if the number of elements differs
     */
    public Expr reshape(int newRows, int newColumns) {
        requireGlobal("reshape");
        if (newRows * newColumns != size()) {
            throw new IllegalArgumentException(
                    "cannot reshape " + describe() + " to " + newRows + " x " + newColumns + ": sizes differ");
        }
        return select(range(0, size(), 1), newRows, newColumns);
    }

    /** The elements at the given positions (row-major order, counting from 0), as a vector; positions may repeat. */
    public Expr select(int... positions) {
        for (int position : positions) {
            requireIndex("position", position, size());
        }
        return axis == null
                ? select(positions.clone(), positions.length, 1)
                : select(positions.clone(), 1, positions.length);
    }

    private Expr select(int[] index, int newRows, int newColumns) {
        return derived(new Shaping.Select(index), newRows, newColumns, axis, this);
    }

    private static int[] range(int from, int length, int step) {
        int[] index = new int[length];
        for (int i = 0; i < length; i++) {
            index[i] = from + i * step;
        }
        return index;
    }

    /**
     * The element of this vector, or the row of this matrix, that the index names for each data row.
     *
     * @throws IllegalArgumentException if an index is outside this vector
     */
    public Expr at(RowIndex index) {
        requireGlobal("at");
        index.requireBelow(rows, describe());
        index.requireLabels(labels, describe());
        return derived(new Shaping.GatherRows(), 1, columns, index.axis(), this, index.leaf());
    }

    /**
     * The number that the index names within the vector of each data row.
     *
     * @throws IllegalArgumentException if this is not row-wise on the axis of the index, or an index is outside the
     *     width
     */
    public Expr pick(RowIndex index) {
        if (axis != index.axis()) {
            throw new IllegalArgumentException("pick: " + describe() + " is not on the axis of index \"" + index.name()
                    + "\" (" + index.axis() + ")");
        }
        index.requireBelow(columns, describe());
        return derived(new Shaping.Pick(), 1, 1, axis, this, index.leaf());
    }

    /**
     * The element that a number names, counting from 0: of this vector, for each element of {@code position}; or of the
     * vector of each data row. NaN where the number is not that of an element. The position counts as fixed: it has no
     * slope.
     *
     * @param position of any shape where this is global, a scalar where this is row-wise
     * @throws IllegalArgumentException if the position is on another axis, or not a scalar for row-wise vectors
     */
    public Expr elementAt(Expr position) {
        if (axis == null) {
            return derived(new Shaping.Lookup(), position.rows, position.columns, position.axis, this, position);
        }
        if (position.size() != 1 || (position.axis != null && position.axis != axis)) {
            throw new IllegalArgumentException("elementAt: " + describe()
                    + " needs a scalar position, global or on its rows, " + "got " + position.describe());
        }
        return derived(new Shaping.Lookup(), 1, 1, axis, this, position);
    }

    /**
     * The elements of all parts one after the other, as a vector, or as one vector per row where the parts are
     * row-wise.
     *
     * @throws IllegalArgumentException if there are no parts, or they mix axes
     */
    public static Expr concatenate(Expr... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("concatenate needs at least one part");
        }
        RowAxis common = null;
        int total = 0;
        for (Expr part : parts) {
            if (part.axis != null) {
                if (common != null && common != part.axis) {
                    throw new IllegalArgumentException("concatenate: " + parts[0].describe() + " and " + part.describe()
                            + " are on different axes");
                }
                common = part.axis;
            }
            total += part.size();
        }
        boolean anyVarying = Arrays.stream(parts).anyMatch(part -> part.varying);
        Expr[] fitted = new Expr[parts.length];
        for (int i = 0; i < parts.length; i++) {
            Expr part = parts[i];
            if (part.axis == common && part.varying == anyVarying) {
                fitted[i] = part;
            } else if (part.axis == common) {
                fitted[i] = part.broadcast(Repeat.NONE, part.rows, part.columns, common);
            } else {
                fitted[i] = part.broadcast(part.size() == 1 ? Repeat.SCALAR : Repeat.COLUMN_OF, 1, part.size(), common);
            }
        }
        return common == null
                ? derived(new Shaping.Concatenate(), total, 1, null, fitted)
                : derived(new Shaping.Concatenate(), 1, total, common, fitted);
    }

    // ---- reductions -------------------------------------------------------------------------------------------------

    /** The sum of all elements; per row where row-wise. */
    public Expr sum() {
        return size() == 1 ? this : derived(new Reduction.Sum(size()), 1, 1, axis, this);
    }

    /** The mean of all elements; per row where row-wise. */
    public Expr mean() {
        return sum().dividedBy(size());
    }

    /** The sums of the rows of a matrix, as a vector. */
    public Expr rowSums() {
        requireGlobal("rowSums");
        return derived(new Reduction.Sum(columns), rows, 1, null, this);
    }

    /** The sums of the columns of a matrix, as a vector. */
    public Expr columnSums() {
        return transpose().rowSums();
    }

    /** {@code log(sum(exp(this)))} over all elements; per row where row-wise. */
    public Expr logSumExp() {
        if (size() == 0) {
            return constant(Double.NEGATIVE_INFINITY);
        }
        return size() == 1 ? this : derived(new Reduction.LogSumExp(size()), 1, 1, axis, this);
    }

    /** {@code log(sum(exp(.)))} of each row of a matrix, as a vector. */
    public Expr logSumExpOfRows() {
        requireGlobal("logSumExpOfRows");
        return derived(new Reduction.LogSumExp(columns), rows, 1, null, this);
    }

    /** Running sums of a vector, or along each row of a matrix, or within the vector of each data row. */
    public Expr cumulativeSum() {
        int run = axis == null && columns == 1 ? rows : columns;
        return derived(new Reduction.CumulativeSum(run), rows, columns, axis, this);
    }

    /** The inner product of two vectors of equal length; per row where either is row-wise. */
    public Expr dot(Expr other) {
        if (size() != other.size()) {
            throw new IllegalArgumentException("dot: " + describe() + " and " + other.describe() + " differ in length");
        }
        if (axis != null && other.axis == null) {
            return matmul(other.asColumn());
        }
        if (axis == null && other.axis != null) {
            return other.matmul(asColumn());
        }
        return times(axis == null ? other.reshapeLike(this) : other).sum();
    }

    private Expr asColumn() {
        return columns == 1 ? this : reshape(size(), 1);
    }

    private Expr reshapeLike(Expr other) {
        return rows == other.rows ? this : reshape(other.rows, other.columns);
    }

    // ---- linear algebra ---------------------------------------------------------------------------------------------

    /**
     * The matrix product. The left side may be row-wise: its vectors are the rows of a matrix with one row per data
     * row.
     *
     * @throws IllegalArgumentException if the inner dimensions differ, or the right side is row-wise
     */
    public Expr matmul(Expr right) {
        if (right.axis != null) {
            throw new IllegalArgumentException(
                    "matmul: the right side " + right.describe() + " is row-wise; put the row-wise factor on the left");
        }
        if (columns != right.rows) {
            throw new IllegalArgumentException("matmul: inner dimensions differ, " + describe() + " has " + columns
                    + " columns and " + right.describe() + " has " + right.rows + " rows");
        }
        Expr b = varying && !right.varying ? right.broadcast(Repeat.NONE, right.rows, right.columns, null) : right;
        return derived(new LinearAlgebra.MatrixProduct(columns, right.columns), rows, right.columns, axis, this, b);
    }

    /**
     * The lower Cholesky factor of a symmetric positive-definite matrix, of which the lower triangle is read.
     *
     * @throws IllegalArgumentException if this is not square, or a constant or data that are not symmetric and
     *     positive definite
     */
    public Expr cholesky() {
        requireSquare("cholesky");
        FixedMatrices.requirePositiveDefinite(this, declaredValues());
        return derived(new LinearAlgebra.Cholesky(rows), rows, rows, null, this);
    }

    /**
     * {@code L^-1 right} with this lower-triangular matrix L.
     *
     * @throws IllegalArgumentException if this is not square, is a constant or data with a number above the diagonal,
     *     or has not as many rows as the right side
     */
    public Expr solveLower(Expr right) {
        return triangularSolve(right, false);
    }

    /**
     * {@code L^-T right} with this lower-triangular matrix L.
     *
     * @throws IllegalArgumentException as for {@link #solveLower}
     */
    public Expr solveLowerTransposed(Expr right) {
        return triangularSolve(right, true);
    }

    private Expr triangularSolve(Expr right, boolean transposed) {
        requireSquare("solveLower");
        FixedMatrices.requireLowerTriangular(this, declaredValues());
        right.requireGlobal("solveLower");
        if (right.rows != rows) {
            throw new IllegalArgumentException(
                    "solveLower: " + describe() + " and " + right.describe() + " differ in rows");
        }
        boolean either = varying || right.varying;
        Expr l = either && !varying ? broadcast(Repeat.NONE, rows, columns, null) : this;
        Expr b = either && !right.varying ? right.broadcast(Repeat.NONE, right.rows, right.columns, null) : right;
        return derived(
                new LinearAlgebra.TriangularSolve(rows, right.columns, transposed), rows, right.columns, null, l, b);
    }

    /**
     * The log-determinant of {@code L L'}, for this lower-triangular L with positive diagonal.
     *
     * @throws IllegalArgumentException if this is not square, or a constant or data with a number above the diagonal
     */
    public Expr logDeterminantOfFactor() {
        requireSquare("logDeterminantOfFactor");
        FixedMatrices.requireLowerTriangular(this, declaredValues());
        return diagonal().log().sum().times(2);
    }

    /** {@code x' A x} with this square matrix A. */
    public Expr quadraticForm(Expr x) {
        requireSquare("quadraticForm");
        return x.dot(matmul(x));
    }

    // ---- recursion --------------------------------------------------------------------------------------------------

    /**
     * A recursion {@code carry[t] = step(carry[t-1], elements[t])}, compiled once and run over time.
     *
     * @param initial the carry before the first step, a vector
     * @param sequence a matrix whose row t is what step t reads, or a vector with one number a step
     * @param step builds the next carry from the previous one (a vector of the same length) and from row t (a vector);
     *     it is called once, with placeholders, and may use any other global expression
     * @return a matrix whose row t is the carry after step t
     * @throws IllegalArgumentException if the step changes the length of the carry, or uses row-wise values
     */
    public static Expr scan(Expr initial, Expr sequence, BiFunction<Expr, Expr, Expr> step) {
        initial.requireGlobal("scan");
        sequence.requireGlobal("scan");
        Expr carry = leaf(new Leaf.Placeholder(), initial.size(), 1, null, true, "carry");
        Expr element = leaf(new Leaf.Placeholder(), sequence.columns, 1, null, true, "element");
        Expr next = step.apply(carry, element);
        if (next.axis != null || next.size() != carry.size()) {
            throw new IllegalArgumentException("scan: the step turns a carry of " + carry.size() + " into "
                    + next.describe() + "; it must keep its length");
        }
        Scan scan = Scan.of(carry, element, next, sequence.rows);
        List<Expr> inputs = new ArrayList<>();
        inputs.add(initial);
        inputs.add(sequence);
        inputs.addAll(scan.captures());
        return new Expr(scan, List.copyOf(inputs), sequence.rows, carry.size(), null, true, "scan");
    }

    // ---- broadcasting -----------------------------------------------------------------------------------------------

    private record Shape(int rows, int columns, @Nullable RowAxis axis) {

        boolean matches(Expr e) {
            return e.rows == rows && e.columns == columns && e.axis == axis;
        }

        static Shape of(String operation, Expr a, Expr b) {
            if (a.axis != null && b.axis != null && a.axis != b.axis) {
                throw new IllegalArgumentException(
                        operation + ": " + a.describe() + " and " + b.describe() + " are on different row axes");
            }
            RowAxis axis = a.axis != null ? a.axis : b.axis;
            if (axis != null) {
                int width = Math.max(a.size(), b.size());
                if ((a.size() == width || a.size() == 1) && (b.size() == width || b.size() == 1)) {
                    return new Shape(1, width, axis);
                }
            } else if (a.rows == b.rows && a.columns == b.columns) {
                return new Shape(a.rows, a.columns, null);
            } else if (a.size() == 1) {
                return new Shape(b.rows, b.columns, null);
            } else if (b.size() == 1) {
                return new Shape(a.rows, a.columns, null);
            } else {
                int rows = Math.max(a.rows, b.rows);
                int columns = Math.max(a.columns, b.columns);
                if (repeats(a, rows, columns) && repeats(b, rows, columns)) {
                    return new Shape(rows, columns, null);
                }
            }
            throw new IllegalArgumentException(
                    operation + ": shapes do not fit, " + a.describe() + " and " + b.describe());
        }

        private static boolean repeats(Expr e, int rows, int columns) {
            return (e.rows == rows || e.rows == 1) && (e.columns == columns || e.columns == 1);
        }
    }

    /** The operand in a form that the arithmetic operations line up themselves. */
    private static Expr fitted(Expr e, Shape shape, Expr other) {
        boolean globalScalar = e.size() == 1 && e.axis == null;
        if (shape.matches(e) || globalScalar || (e.axis == shape.axis && e.size() == shape.rows * shape.columns)) {
            return e;
        }
        Repeat repeat = e.size() == 1
                ? Repeat.SCALAR
                : e.axis == null && (shape.axis != null || e.rows == 1) ? Repeat.COLUMN_OF : Repeat.ROW_OF;
        return e.varying || other.varying
                ? e.broadcast(repeat, shape.rows, shape.columns, shape.axis)
                : derived(new Elementwise.Broadcast(repeat, shape.columns), shape.rows, shape.columns, shape.axis, e);
    }

    /** The operand as a full panel of the shape, in every lane if anything varies. */
    private static Expr full(Expr e, Shape shape) {
        if (shape.matches(e) && e.varying) {
            return e;
        }
        Repeat repeat = shape.matches(e)
                ? Repeat.NONE
                : e.size() == 1
                        ? Repeat.SCALAR
                        : e.axis == null && (shape.axis != null || e.rows == 1) ? Repeat.COLUMN_OF : Repeat.ROW_OF;
        return e.broadcast(repeat, shape.rows, shape.columns, shape.axis);
    }

    private Expr broadcast(Repeat repeat, int newRows, int newColumns, @Nullable RowAxis newAxis) {
        return new Expr(
                new Elementwise.Broadcast(repeat, newColumns),
                List.of(this),
                newRows,
                newColumns,
                newAxis,
                true,
                label);
    }

    // ---- checks -----------------------------------------------------------------------------------------------------

    private void requireGlobal(String operation) {
        if (axis != null) {
            throw new IllegalArgumentException(operation + " needs a global value, got " + describe());
        }
    }

    private void requireSquare(String operation) {
        requireGlobal(operation);
        if (rows != columns) {
            throw new IllegalArgumentException(operation + " needs a square matrix, got " + describe());
        }
    }

    private void requireIndex(String what, int index, int bound) {
        if (index < 0 || index >= bound) {
            throw new IllegalArgumentException(
                    what + " " + index + " is outside " + describe() + ", which has " + bound);
        }
    }
}
