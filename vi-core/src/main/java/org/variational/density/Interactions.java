package org.variational.density;

import java.util.List;

/**
 * Which coordinates of a log density act together: the pattern of its Hessian, and the products in it.
 *
 * <p>Two coordinates are {@code related} if the mixed second derivative may be different from zero anywhere. They are
 * {@code multiplied} if an expression in one scales an expression in the other inside a nonlinear function, as a scale
 * does to everything that it divides: given the one, the log density may be close to quadratic in the other, but it is
 * not in both. Where a model says neither, all are related.
 *
 * @param related the pattern of the Hessian
 * @param multiplied the pairs of which one scales the other
 */
public record Interactions(Adjacency related, Adjacency multiplied) {

    /**
     * Checks the dimensions.
     *
     * @throws IllegalArgumentException if they differ
     */
    public Interactions {
        if (related.dimension() != multiplied.dimension()) {
            throw new IllegalArgumentException("interactions are between the coordinates of one density, but there are "
                    + related.dimension() + " and " + multiplied.dimension() + " of them");
        }
    }

    /**
     * The interactions of a density that is a sum of terms, none of which has a product.
     *
     * @param dimension the number of coordinates D
     * @param terms for each term the coordinates that it touches
     */
    public static Interactions of(int dimension, List<int[]> terms) {
        return new Interactions(Adjacency.of(dimension, terms), Adjacency.of(dimension, List.of()));
    }

    /**
     * The same, where some coordinates scale all that they are related to, such as the standard deviation of a group
     * of effects.
     *
     * @param scales the coordinates that do
     */
    public Interactions withScales(int... scales) {
        Adjacency.Builder builder = new Adjacency.Builder(related.dimension());
        for (int scale : scales) {
            builder.relate(new int[] {scale}, related.neighbours(scale));
        }
        return new Interactions(related, builder.build());
    }

    /**
     * The interactions of some coordinates, the others held fixed.
     *
     * @param coordinates which, distinct; numbered anew in this order
     */
    public Interactions among(int... coordinates) {
        return new Interactions(related.among(coordinates), multiplied.among(coordinates));
    }

    /** The number of coordinates D. */
    public int dimension() {
        return related.dimension();
    }
}
