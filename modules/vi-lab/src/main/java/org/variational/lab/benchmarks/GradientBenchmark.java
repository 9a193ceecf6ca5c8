package org.variational.lab.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.variational.density.LogDensity;
import org.variational.kernel.Kernels;
import org.variational.lab.benchmarks.Problem.PlainLoop;

/** One log density with its gradient: compiled, at several points at once, and as a plain loop at one. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class GradientBenchmark {

    /** The problem's title. */
    @Param({"eight-schools"})
    public String problem = "eight-schools";

    /** {@code plain}, {@code vector}, or {@code loop} for the plain loop at one point. */
    @Param({"vector"})
    public String kernels = "vector";

    /** The number of points S. */
    @Param({"8"})
    public int lanes = 8;

    /** The number of threads. */
    @Param({"1"})
    public int threads = 1;

    private @Nullable LogDensity density;
    private @Nullable PlainLoop loop;
    private DMatrixRMaj points = new DMatrixRMaj(1, 1);
    private DMatrixRMaj gradient = new DMatrixRMaj(1, 1);
    private double[] values = {};
    private double[] point = {};
    private double[] slope = {};

    /** Declares, compiles and draws the points. */
    @Setup
    public void prepare() {
        Problem chosen = Problem.titled(problem);
        int dimension = chosen.model().dimension();
        points = new DMatrixRMaj(dimension, lanes);
        gradient = new DMatrixRMaj(dimension, lanes);
        values = new double[lanes];
        point = new double[dimension];
        slope = new double[dimension];
        RandomGenerator random = Problem.Simulated.random();
        for (int i = 0; i < points.data.length; i++) {
            points.data[i] = 0.3 * random.nextGaussian();
        }
        for (int d = 0; d < dimension; d++) {
            point[d] = points.data[d * lanes];
        }
        if (kernels.equals("loop")) {
            loop = chosen.plain();
        } else {
            Kernels set =
                    kernels.equals("plain") ? Kernels.plain() : Kernels.vector().orElseThrow();
            density = chosen.model().density(set, threads);
        }
    }

    /** The time of one evaluation at all points. */
    @Benchmark
    public double evaluate() {
        if (density != null) {
            density.evaluate(points, values, gradient);
            return values[0];
        }
        return loop == null ? Double.NaN : loop.evaluate(point, slope);
    }
}
