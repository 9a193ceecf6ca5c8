package org.variational.kernel;

import java.util.Optional;

/**
 * The arithmetic inner loops of the library, over arrays whose innermost axis is the lane.
 *
 * <p>A <em>panel</em> of {@code elements} rows is a contiguous run of {@code elements * lanes} doubles, row {@code e}
 * holding element {@code e} in every lane. Three kinds of operand occur:
 * <ul>
 *   <li>a full panel, one value per element and lane;
 *   <li>a <em>lane row</em>, {@code lanes} values shared by all elements;
 *   <li>a <em>column</em>, {@code elements} values shared by all lanes (data).
 * </ul>
 *
 * <p>Every array argument is followed by the offset of its first used entry. {@code lanes}, and the {@code length} of
 * an elementwise call, must be a multiple of {@link #laneMultiple()}; callers pad. Outputs may be the same array and
 * offset as an input in elementwise calls (in place), and must not overlap otherwise. Lanes never mix: the value
 * written to lane {@code s} depends on lane {@code s} of the operands only, and not on the number of lanes, so a batch
 * equals its points evaluated one by one, to the bit. Methods named {@code add...To} accumulate into their last
 * argument; all others overwrite it.
 *
 * <p>Implementations are stateless and thread-safe, and give the same bits interpreted and compiled.
 */
public interface Kernels {

    /** The name recorded in a fit's provenance: {@code "plain"} or {@code "vector-<bits>"}. */
    String name();

    /** The number of doubles every lane count and elementwise length must be a multiple of; a power of two. */
    int laneMultiple();

    /** Writes {@code exp(x)}; 0 below about -745.2, infinity above about 709.8. */
    void exp(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code log(x)}; {@code -Infinity} at 0, NaN below. */
    void log(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code log(1 + x)}, accurate near 0. */
    void log1p(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code exp(x) - 1}, accurate near 0. */
    void expm1(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code tanh(x)}. */
    void tanh(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code sqrt(x)}, correctly rounded. */
    void sqrt(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code 1 / (1 + exp(-x))}, without overflow. */
    void logistic(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code softplus(x) = log(1 + exp(x))}, without overflow, and its slope {@code logistic(x)}. */
    void softplus(int length, double[] x, int xAt, double[] out, int outAt, double[] slope, int slopeAt);

    /** Writes {@code log Gamma(x)} for {@code x > 0}. */
    void lgamma(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code digamma(x)}, the derivative of {@code log Gamma}, for {@code x > 0}. */
    void digamma(int length, double[] x, int xAt, double[] out, int outAt);

    /** Writes {@code x + y}. */
    void add(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt);

    /** Writes {@code x - y}. */
    void subtract(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt);

    /** Writes {@code x * y}. */
    void multiply(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt);

    /** Writes {@code x / y}. */
    void divide(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt);

    /** Writes {@code scale * x + shift} (may be fused). */
    void affine(int length, double scale, double shift, double[] x, int xAt, double[] out, int outAt);

    /** Adds {@code x} to {@code sum}. */
    void addTo(int length, double[] x, int xAt, double[] sum, int sumAt);

    /** Adds {@code scale * x} to {@code sum} (may be fused). */
    void addScaledTo(int length, double scale, double[] x, int xAt, double[] sum, int sumAt);

    /** Adds {@code x * y} to {@code sum} (may be fused). */
    void addProductTo(int length, double[] x, int xAt, double[] y, int yAt, double[] sum, int sumAt);

    /** Writes {@code x[e,s] + row[s]}. */
    void addRow(int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] out, int outAt);

    /** Writes {@code x[e,s] * row[s]}. */
    void multiplyRow(int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] out, int outAt);

    /** Adds {@code row[s]} to every element of {@code sum[e,s]}. */
    void addRowTo(int elements, int lanes, double[] row, int rowAt, double[] sum, int sumAt);

    /** Adds {@code x[e,s] * row[s]} to {@code sum[e,s]} (may be fused). */
    void addRowProductTo(
            int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] sum, int sumAt);

    /** Writes {@code x[e,s] + column[e]}. */
    void addColumn(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] out, int outAt);

    /** Writes {@code x[e,s] * column[e]}. */
    void multiplyColumn(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] out, int outAt);

    /** Adds {@code x[e,s] * column[e]} to {@code sum[e,s]} (may be fused). */
    void addColumnProductTo(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] sum, int sumAt);

    /** Writes {@code column[e] * row[s]}. */
    void outer(
            int elements, int lanes, double[] column, int columnAt, double[] row, int rowAt, double[] out, int outAt);

    /** Writes {@code column[e]} to every lane: the panel of a column. */
    void expandColumn(int elements, int lanes, double[] column, int columnAt, double[] out, int outAt);

    /** Writes {@code row[s]} to every element: the panel of a lane row. */
    void expandRow(int elements, int lanes, double[] row, int rowAt, double[] out, int outAt);

    /**
     * Adds {@code sum over e of x[e,s]} to the lane row {@code sum}, in an order that depends on {@code elements}
     * alone.
     */
    void addSumTo(int elements, int lanes, double[] x, int xAt, double[] sum, int sumAt);

    /** Adds {@code sum over e of x[e,s] * y[e,s]} to the lane row {@code sum}. */
    void addDotTo(int elements, int lanes, double[] x, int xAt, double[] y, int yAt, double[] sum, int sumAt);

    /** Adds {@code sum over e of x[e,s] * column[e]} to the lane row {@code sum}. */
    void addColumnDotTo(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] sum, int sumAt);

    /**
     * Writes {@code out[r,s] = sum over k of a[r * columns + k] * x[k,s]}: a data matrix, {@code rows} x
     * {@code columns} row-major, times a thin panel of {@code columns} elements.
     */
    void multiplyMatrix(
            int rows, int columns, int lanes, double[] a, int aAt, double[] x, int xAt, double[] out, int outAt);

    /**
     * Adds {@code sum over r of a[r * columns + k] * y[r,s]} to {@code sum[k,s]}: the adjoint of
     * {@link #multiplyMatrix}.
     */
    void addTransposedMatrixTo(
            int rows, int columns, int lanes, double[] a, int aAt, double[] y, int yAt, double[] sum, int sumAt);

    /**
     * Adds the lane-by-lane matrix product {@code sum over k of a[i,k,s] * b[k,j,s]} to {@code sum[i,j,s]}. Element
     * {@code (i, k)} of {@code a} starts at {@code aAt + (i * aRowStride + k * aColumnStride) * lanes}, and likewise
     * for {@code b} and {@code sum}: strides, in elements, express transposes and blocks without copies.
     */
    void addMatrixProductTo(
            int rows,
            int inner,
            int columns,
            int lanes,
            double[] a,
            int aAt,
            int aRowStride,
            int aColumnStride,
            double[] b,
            int bAt,
            int bRowStride,
            int bColumnStride,
            double[] sum,
            int sumAt,
            int sumRowStride,
            int sumColumnStride);

    /** Writes {@code out[e,s] = x[index[indexAt + e], s]}. */
    void gather(int elements, int lanes, double[] x, int xAt, int[] index, int indexAt, double[] out, int outAt);

    /** Adds {@code y[e,s]} to {@code sum[index[indexAt + e], s]}, in ascending order of {@code e}. */
    void addScatteredTo(
            int elements, int lanes, double[] y, int yAt, int[] index, int indexAt, double[] sum, int sumAt);

    /**
     * The kernels in use: vector kernels where the {@code jdk.incubator.vector} module is present, plain Java
     * otherwise; the system property {@code org.variational.kernels}, {@code plain} or {@code vector}, overrides the
     * choice.
     *
     * @return the kernels chosen once for this virtual machine
     * @throws IllegalStateException if the property names vector kernels and the module is absent, or has another value
     */
    static Kernels preferred() {
        return KernelChoice.preferred();
    }

    /**
     * The plain Java kernels, which run everywhere.
     *
     * @return kernels that need no module and take any number of lanes
     */
    static Kernels plain() {
        return KernelChoice.PLAIN;
    }

    /**
     * The vector kernels, whatever the system property says.
     *
     * @return the kernels, or empty where the module {@code jdk.incubator.vector} is absent or the machine has no
     *     vectors of at least two doubles
     */
    static Optional<Kernels> vector() {
        return KernelChoice.vector();
    }

    /**
     * The kernels for evaluations of a given size: {@link #preferred}, but plain ones where no property asks for others
     * and an evaluation is so short that a fit ends before the compiler of the virtual machine has made vector kernels
     * fast.
     *
     * @param operations about how many arithmetic operations an evaluation takes at one point
     * @return a choice that depends on the arguments and the virtual machine's settings alone
     */
    static Kernels preferredFor(long operations) {
        return KernelChoice.preferredFor(operations);
    }
}
