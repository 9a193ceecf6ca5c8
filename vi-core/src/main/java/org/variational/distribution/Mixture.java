package org.variational.distribution;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.variational.constraint.Constraint;
import org.variational.expression.Expr;

/** One of several distributions, chosen with the given probabilities. */
final class Mixture implements Distribution {

    /** How far from one declared probabilities may sum. */
    private static final double TOLERANCE = 1e-8;

    private final Expr weights;
    private final List<Distribution> components;
    private final List<Expr> parameters;

    Mixture(Expr weights, List<Distribution> components) {
        this.weights = weights;
        this.components = List.copyOf(components);
        if (components.isEmpty() || weights.size() != components.size()) {
            throw new IllegalArgumentException("mixture: there are " + components.size()
                    + " components, but the weights " + weights.describe() + " have " + weights.size() + " elements");
        }
        Distribution first = components.get(0);
        for (Distribution other : components) {
            if (other.discrete() != first.discrete()
                    || other.elementwise() != first.elementwise()
                    || other.size() != first.size()) {
                throw new IllegalArgumentException("mixture: the components " + first.name() + " and " + other.name()
                        + " have values of different kinds");
            }
        }
        double[] numbers = Univariate.checked(
                        "mixture", "each weight", weights, w -> w >= 0 && w <= 1, "between 0 and 1")
                .declaredValues();
        if (numbers != null && weights.axis() == null) {
            requireSumOfOne("mixture: weights", numbers);
        }
        List<Expr> all = new ArrayList<>();
        for (int k = 0; k < components.size(); k++) {
            all.add(weights.element(k));
        }
        components.forEach(component -> all.addAll(component.parameters()));
        this.parameters = List.copyOf(all);
    }

    static void requireSumOfOne(String what, double[] numbers) {
        double sum = Arrays.stream(numbers).sum();
        if (!(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new IllegalArgumentException(what + " must sum to 1, but sum to " + sum);
        }
    }

    /**
     * The number of the first of {@code p[from]} to {@code p[to - 1]} at which their running sum passes a uniform
     * number, or -1 if one of them is NaN.
     */
    static int draw(double uniform, double[][] p, int from, int to) {
        double left = uniform;
        int drawn = to - 1;
        for (int k = from; k < to; k++) {
            if (Double.isNaN(p[k][0])) {
                return -1;
            }
        }
        for (int k = from; k < drawn; k++) {
            left -= p[k][0];
            if (left < 0) {
                drawn = k;
            }
        }
        return drawn - from;
    }

    @Override
    public String name() {
        return "mixture of "
                + components.stream().map(Distribution::name).distinct().toList();
    }

    @Override
    public List<Expr> parameters() {
        return parameters;
    }

    @Override
    public boolean elementwise() {
        return components.get(0).elementwise();
    }

    @Override
    public boolean discrete() {
        return components.get(0).discrete();
    }

    @Override
    public int size() {
        return components.get(0).size();
    }

    /** The support of the first component; all components must have the same. */
    @Override
    public Constraint support() {
        Constraint support = components.get(0).support();
        for (Distribution component : components) {
            if (!component.support().name().equals(support.name())) {
                throw new IllegalArgumentException(name() + ": a parameter needs one support, but the components have "
                        + support.name() + " and " + component.support().name());
            }
        }
        return support;
    }

    @Override
    public void checkObserved(String data, double[] values) {
        int width = size();
        double[] row = new double[width];
        for (int from = 0; from < values.length; from += width) {
            System.arraycopy(values, from, row, 0, width);
            IllegalArgumentException last = null;
            for (Distribution component : components) {
                try {
                    component.checkObserved(data, row);
                    last = null;
                    break;
                } catch (IllegalArgumentException impossible) {
                    last = impossible;
                }
            }
            if (last != null) {
                throw new IllegalArgumentException(
                        "data \"" + data + "\" is " + Arrays.toString(row) + " at row " + from / width
                                + ", which no component of the " + name() + " allows",
                        last);
            }
        }
    }

    @Override
    public Expr logDensity(Expr value) {
        Expr logWeights = weights.log();
        List<Expr> parts = new ArrayList<>();
        for (int k = 0; k < components.size(); k++) {
            parts.add(components.get(k).logDensity(value).plus(logWeights.element(k)));
        }
        return logSumExp(parts);
    }

    /** The elementwise log-sum-exp of values of one shape, or scalars among them. */
    static Expr logSumExp(List<Expr> parts) {
        int size = parts.stream().mapToInt(Expr::size).max().orElseThrow();
        if (size == 1) {
            return Expr.concatenate(parts.toArray(Expr[]::new)).logSumExp();
        }
        Expr[] whole = parts.stream()
                .map(part -> part.size() == 1 ? Expr.constant(new double[size]).plus(part) : part)
                .toArray(Expr[]::new);
        Expr[] sums = new Expr[size];
        Expr all = Expr.concatenate(whole);
        if (all.axis() == null) {
            Expr shape = Arrays.stream(whole)
                    .filter(part -> part.columns() > 1)
                    .findFirst()
                    .orElse(whole[0]);
            return all.reshape(whole.length, size).transpose().logSumExpOfRows().reshape(shape.rows(), shape.columns());
        }
        for (int i = 0; i < size; i++) {
            int[] positions = new int[whole.length];
            for (int k = 0; k < positions.length; k++) {
                positions[k] = k * size + i;
            }
            sums[i] = all.select(positions).logSumExp();
        }
        return Expr.concatenate(sums);
    }

    @Override
    public Sampler sampler() {
        int count = components.size();
        int[] start = new int[count + 1];
        start[0] = count;
        List<Sampler> samplers = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            start[k + 1] = start[k] + components.get(k).parameters().size();
            samplers.add(components.get(k).sampler());
        }
        return (random, p, draw) -> {
            int k = draw(random.nextDouble(), p, 0, count);
            if (k < 0) {
                Arrays.fill(draw, Double.NaN);
                return;
            }
            samplers.get(k).draw(random, Arrays.copyOfRange(p, start[k], start[k + 1]), draw);
        };
    }

    @Override
    public String toString() {
        return "mixture" + components;
    }
}
