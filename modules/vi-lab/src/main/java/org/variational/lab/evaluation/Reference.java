package org.variational.lab.evaluation;

import java.util.Arrays;
import java.util.List;

/**
 * What is known of a posterior, on both scales.
 *
 * @param places for each known coordinate its place among the model's
 * @param coordinates the moments of these coordinates, on the unconstrained scale
 * @param names the names of known scalars on the user's scale
 * @param quantities the moments of these scalars
 */
record Reference(int[] places, Moments coordinates, List<String> names, Moments quantities) {

    /** The mean over all effects, where the model has one. */
    static final String MEAN_EFFECT = "mean_effect";

    Reference {
        if (places.length != coordinates.dimension() || names.size() != quantities.dimension()) {
            throw new IllegalArgumentException("there are " + places.length + " places of " + coordinates.dimension()
                    + " coordinates, and " + names.size() + " names of " + quantities.dimension() + " quantities");
        }
    }

    /** Nothing but the moments of all coordinates. */
    static Reference ofCoordinates(Moments all) {
        int[] places = new int[all.dimension()];
        Arrays.setAll(places, i -> i);
        return new Reference(places, all, List.of(), Moments.exact(new double[0], new double[0]));
    }
}
