package org.variational.model;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.expression.Evaluator;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/**
 * The log likelihoods of the N observations under one name, compiled: {@code log p(y_i | theta)} of some of them at a
 * time, so that N x S numbers need never be held at once. It has working memory and is for one thread.
 */
public final class PointwiseLogLikelihood {

    private final Evaluator evaluator;
    private final Expr value;

    PointwiseLogLikelihood(Evaluator evaluator, Expr value) {
        this.evaluator = evaluator;
        this.value = value;
    }

    /** The number of observations N: of data rows, or of elements of what was observed globally; 1 if that is joint. */
    public int observations() {
        RowAxis axis = value.axis();
        return axis == null ? value.size() : evaluator.rowCount(axis);
    }

    /**
     * The log likelihoods of consecutive observations. Along data rows only those asked for are computed.
     *
     * @param points D x S
     * @param from the first observation
     * @param to the one after the last
     * @return {@code (to - from) x S}
     * @throws IllegalArgumentException if the points have another dimension, or there are no such observations
     */
    public DMatrixRMaj evaluate(DMatrixRMaj points, int from, int to) {
        int all = observations();
        if (from < 0 || to > all || from > to) {
            throw new IllegalArgumentException(
                    "there are " + all + " observations, but those from " + from + " to " + to + " were asked for");
        }
        int lanes = points.numCols;
        RowAxis axis = value.axis();
        double[] values;
        if (axis != null && from < to && to - from < all) {
            values = evaluator
                    .outputsOfRows(points, axis, IntStream.range(from, to).toArray())[0];
        } else {
            values = Arrays.copyOfRange(evaluator.outputs(points)[0], from * lanes, to * lanes);
        }
        return DMatrixRMaj.wrap(to - from, lanes, values);
    }
}
