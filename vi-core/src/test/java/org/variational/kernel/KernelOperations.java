package org.variational.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/** Every operation of {@link Kernels} with its definition, in a form that tests can enumerate. */
final class KernelOperations {

    static final List<Operation> ALL = all();

    private KernelOperations() {}

    /** How an operation is called, and what it writes for one element and lane. */
    record Operation(String name, double tolerance, IntUnaryOperator outputs, Call call, Definition definition) {

        int outputElements(int elements) {
            return outputs.applyAsInt(elements);
        }

        void run(Kernels kernels, Operands o, double[] out, int outAt) {
            call.run(kernels, o, out, outAt);
        }

        double expected(Operands o, int e, int s, double before) {
            return definition.value(o, e, s, before);
        }
    }

    @FunctionalInterface
    interface Call {
        void run(Kernels k, Operands o, double[] out, int outAt);
    }

    @FunctionalInterface
    interface Definition {
        double value(Operands o, int e, int s, double before);
    }

    @FunctionalInterface
    private interface Unary {
        void run(Kernels k, int length, double[] x, int xAt, double[] out, int outAt);
    }

    @FunctionalInterface
    private interface Binary {
        void run(Kernels k, int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt);
    }

    private static Operation panel(String name, double tolerance, Call call, Definition definition) {
        return new Operation(name, tolerance, e -> e, call, definition);
    }

    private static Operation row(String name, Call call, Definition definition) {
        return new Operation(name, 1e-13, e -> 1, call, definition);
    }

    private static Operation unary(String name, Unary unary, DoubleUnaryOperator function) {
        return panel(
                name,
                1e-14,
                (k, o, out, at) -> unary.run(k, o.elements() * o.lanes(), o.x(), o.at(), out, at),
                (o, e, s, before) -> function.applyAsDouble(o.x(e, s)));
    }

    private static Operation binary(String name, Binary binary, DoubleBinaryOperator function) {
        return panel(
                name,
                0,
                (k, o, out, at) -> binary.run(k, o.elements() * o.lanes(), o.x(), o.at(), o.y(), o.at(), out, at),
                (o, e, s, before) -> function.applyAsDouble(o.x(e, s), o.y(e, s)));
    }

    private static double sum(int count, IntToDouble term) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += term.value(i);
        }
        return sum;
    }

    @FunctionalInterface
    private interface IntToDouble {
        double value(int i);
    }

    private static List<Operation> all() {
        List<Operation> list = new ArrayList<>();
        list.add(unary("exp", Kernels::exp, Math::exp));
        list.add(unary("log", Kernels::log, Math::log));
        list.add(unary("log1p", Kernels::log1p, Math::log1p));
        list.add(unary("expm1", Kernels::expm1, Math::expm1));
        list.add(unary("tanh", Kernels::tanh, Math::tanh));
        list.add(unary("sqrt", Kernels::sqrt, Math::sqrt));
        list.add(unary("logistic", Kernels::logistic, x -> 1 / (1 + Math.exp(-x))));
        list.add(panel(
                "softplus",
                1e-14,
                (k, o, out, at) -> k.softplus(o.elements() * o.lanes(), o.x(), o.at(), out, at, o.scratch(), 0),
                (o, e, s, before) -> Math.log1p(Math.exp(o.x(e, s)))));
        list.add(panel(
                "slope",
                1e-14,
                (k, o, out, at) -> k.softplus(o.elements() * o.lanes(), o.x(), o.at(), o.scratch(), 0, out, at),
                (o, e, s, before) -> 1 / (1 + Math.exp(-o.x(e, s)))));
        list.add(unary("lgamma", Kernels::lgamma, org.apache.commons.math3.special.Gamma::logGamma));
        list.add(unary("digamma", Kernels::digamma, KernelOperations::digamma));
        list.add(binary("add", Kernels::add, (x, y) -> x + y));
        list.add(binary("subtract", Kernels::subtract, (x, y) -> x - y));
        list.add(binary("multiply", Kernels::multiply, (x, y) -> x * y));
        list.add(binary("divide", Kernels::divide, (x, y) -> x / y));
        list.add(unary(
                "affine",
                (k, n, x, xAt, out, outAt) -> k.affine(n, 1.7, -0.3, x, xAt, out, outAt),
                x -> 1.7 * x - 0.3));
        list.add(panel(
                "addTo",
                0,
                (k, o, out, at) -> k.addTo(o.elements() * o.lanes(), o.x(), o.at(), out, at),
                (o, e, s, before) -> before + o.x(e, s)));
        list.add(panel(
                "addScaledTo",
                1e-15,
                (k, o, out, at) -> k.addScaledTo(o.elements() * o.lanes(), -1.3, o.x(), o.at(), out, at),
                (o, e, s, before) -> before - 1.3 * o.x(e, s)));
        list.add(panel(
                "addProductTo",
                1e-15,
                (k, o, out, at) -> k.addProductTo(o.elements() * o.lanes(), o.x(), o.at(), o.y(), o.at(), out, at),
                (o, e, s, before) -> before + o.x(e, s) * o.y(e, s)));
        list.add(panel(
                "addRow",
                0,
                (k, o, out, at) -> k.addRow(o.elements(), o.lanes(), o.x(), o.at(), o.row(), o.at(), out, at),
                (o, e, s, before) -> o.x(e, s) + o.row(s)));
        list.add(panel(
                "multiplyRow",
                0,
                (k, o, out, at) -> k.multiplyRow(o.elements(), o.lanes(), o.x(), o.at(), o.row(), o.at(), out, at),
                (o, e, s, before) -> o.x(e, s) * o.row(s)));
        list.add(panel(
                "addRowTo",
                0,
                (k, o, out, at) -> k.addRowTo(o.elements(), o.lanes(), o.row(), o.at(), out, at),
                (o, e, s, before) -> before + o.row(s)));
        list.add(panel(
                "addRowProductTo",
                1e-15,
                (k, o, out, at) -> k.addRowProductTo(o.elements(), o.lanes(), o.x(), o.at(), o.row(), o.at(), out, at),
                (o, e, s, before) -> before + o.x(e, s) * o.row(s)));
        list.add(panel(
                "addColumn",
                0,
                (k, o, out, at) -> k.addColumn(o.elements(), o.lanes(), o.x(), o.at(), o.column(), o.at(), out, at),
                (o, e, s, before) -> o.x(e, s) + o.column(e)));
        list.add(panel(
                "multiplyColumn",
                0,
                (k, o, out, at) ->
                        k.multiplyColumn(o.elements(), o.lanes(), o.x(), o.at(), o.column(), o.at(), out, at),
                (o, e, s, before) -> o.x(e, s) * o.column(e)));
        list.add(panel(
                "addColumnProductTo",
                1e-15,
                (k, o, out, at) ->
                        k.addColumnProductTo(o.elements(), o.lanes(), o.x(), o.at(), o.column(), o.at(), out, at),
                (o, e, s, before) -> before + o.x(e, s) * o.column(e)));
        list.add(panel(
                "outer",
                0,
                (k, o, out, at) -> k.outer(o.elements(), o.lanes(), o.column(), o.at(), o.row(), o.at(), out, at),
                (o, e, s, before) -> o.column(e) * o.row(s)));
        list.add(panel(
                "expandColumn",
                0,
                (k, o, out, at) -> k.expandColumn(o.elements(), o.lanes(), o.column(), o.at(), out, at),
                (o, e, s, before) -> o.column(e)));
        list.add(panel(
                "expandRow",
                0,
                (k, o, out, at) -> k.expandRow(o.elements(), o.lanes(), o.row(), o.at(), out, at),
                (o, e, s, before) -> o.row(s)));
        list.add(row(
                "addSumTo",
                (k, o, out, at) -> k.addSumTo(o.elements(), o.lanes(), o.x(), o.at(), out, at),
                (o, e, s, before) -> before + sum(o.elements(), i -> o.x(i, s))));
        list.add(row(
                "addDotTo",
                (k, o, out, at) -> k.addDotTo(o.elements(), o.lanes(), o.x(), o.at(), o.y(), o.at(), out, at),
                (o, e, s, before) -> before + sum(o.elements(), i -> o.x(i, s) * o.y(i, s))));
        list.add(row(
                "addColumnDotTo",
                (k, o, out, at) ->
                        k.addColumnDotTo(o.elements(), o.lanes(), o.x(), o.at(), o.column(), o.at(), out, at),
                (o, e, s, before) -> before + sum(o.elements(), i -> o.x(i, s) * o.column(i))));
        list.add(panel(
                "multiplyMatrix",
                1e-13,
                (k, o, out, at) -> k.multiplyMatrix(
                        o.elements(), Operands.COLUMNS, o.lanes(), o.matrix(), o.at(), o.x(), o.at(), out, at),
                (o, e, s, before) -> sum(Operands.COLUMNS, i -> o.matrix(e, i) * o.x(i, s))));
        list.add(new Operation(
                "addTransposedMatrixTo",
                1e-13,
                e -> Operands.COLUMNS,
                (k, o, out, at) -> k.addTransposedMatrixTo(
                        o.elements(), Operands.COLUMNS, o.lanes(), o.matrix(), o.at(), o.y(), o.at(), out, at),
                (o, e, s, before) -> before + sum(o.elements(), i -> o.matrix(i, e) * o.y(i, s))));
        // x as one row times y as one column
        list.add(row(
                "addMatrixProductTo",
                (k, o, out, at) -> k.addMatrixProductTo(
                        1, o.elements(), 1, o.lanes(), o.x(), o.at(), 0, 1, o.y(), o.at(), 1, 0, out, at, 0, 0),
                (o, e, s, before) -> before + sum(o.elements(), i -> o.x(i, s) * o.y(i, s))));
        list.add(panel(
                "gather",
                0,
                (k, o, out, at) -> k.gather(o.elements(), o.lanes(), o.x(), o.at(), o.index(), o.at(), out, at),
                (o, e, s, before) -> o.x(o.index(e), s)));
        list.add(panel(
                "addScatteredTo",
                1e-14,
                (k, o, out, at) -> k.addScatteredTo(o.elements(), o.lanes(), o.y(), o.at(), o.index(), o.at(), out, at),
                (o, e, s, before) -> before + sum(o.elements(), i -> o.index(i) == e ? o.y(i, s) : 0)));
        return list;
    }

    /** By recurrence up to 30 and three terms of the asymptotic series. */
    private static double digamma(double x) {
        double sum = 0;
        double z = x;
        for (; z < 30; z++) {
            sum += 1 / z;
        }
        double u = 1 / (z * z);
        return Math.log(z) - 0.5 / z - u * (1.0 / 12 - u * (1.0 / 120 - u * (1.0 / 252 - u / 240))) - sum;
    }
}
