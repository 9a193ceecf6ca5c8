package org.variational.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.distribution.Distribution;
import org.variational.distribution.Sampler;
import org.variational.expression.Expr;

/**
 * Draws from a declared distribution at points: evaluates its parameters, lines them up with the elements, and samples.
 */
final class Draws {

    private final Expr like;
    private final List<Expr> parameters;
    private final double[][] values;
    private final int points;

    private Draws(Expr like, List<Expr> parameters, double[][] values, int points) {
        this.like = like;
        this.parameters = parameters;
        this.values = values;
        this.points = points;
    }

    /**
     * One draw per point, with the shape of {@code like}.
     *
     * @param outputs evaluates expressions at the points: entry {@code element * points + s}, row after row
     * @param points the number of points S
     * @return elements x S
     */
    static DMatrixRMaj of(
            Distribution distribution,
            Expr like,
            Function<List<Expr>, double[][]> outputs,
            int points,
            RandomGenerator random) {
        List<Expr> wanted = new ArrayList<>(distribution.parameters());
        wanted.add(like);
        double[][] values = outputs.apply(wanted);
        return new Draws(like, distribution.parameters(), values, points).draw(distribution, random);
    }

    private DMatrixRMaj draw(Distribution distribution, RandomGenerator random) {
        int elements = values[parameters.size()].length / points;
        int size = like.size();
        int perDraw = distribution.elementwise() ? 1 : size;
        Sampler sampler = distribution.sampler();
        DMatrixRMaj result = new DMatrixRMaj(elements, points);
        double[] draw = new double[perDraw];
        double[][] arguments = new double[parameters.size()][];
        for (int first = 0; first < elements; first += perDraw) {
            for (int s = 0; s < points; s++) {
                for (int j = 0; j < arguments.length; j++) {
                    arguments[j] = distribution.elementwise()
                            ? new double[] {values[j][position(parameters.get(j), first) * points + s]}
                            : whole(j, first / Math.max(1, size), s);
                }
                sampler.draw(random, arguments, draw);
                for (int i = 0; i < perDraw; i++) {
                    result.set(first + i, s, draw[i]);
                }
            }
        }
        return result;
    }

    /** The element of a parameter that belongs to element e of the draw. */
    private int position(Expr parameter, int e) {
        int size = like.size();
        int row = e / size;
        int within = e % size;
        if (parameter.axis() != null) {
            return parameter.size() == 1 ? row : row * parameter.size() + within;
        }
        if (parameter.size() == 1) {
            return 0;
        }
        if (parameter.size() == size) {
            return within;
        }
        return parameter.rows() == 1 ? within % like.columns() : within / like.columns();
    }

    /** All elements of a parameter, of one row where it is row-wise. */
    private double[] whole(int j, int row, int s) {
        Expr parameter = parameters.get(j);
        int base = parameter.axis() == null ? 0 : row * parameter.size();
        double[] elements = new double[parameter.size()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = values[j][(base + i) * points + s];
        }
        return elements;
    }
}
