package org.variational.family;

import org.variational.density.Interactions;
import org.variational.density.ParameterLayout;

/** The variational families by name, each ready to be told its dimension. */
public final class Families {

    private Families() {}

    /**
     * Gaussians with independent coordinates: {@link MeanFieldGaussian}.
     *
     * @return a factory that serves every layout
     */
    public static VariationalFamily.Factory meanField() {
        return layout -> MeanFieldGaussian.of(layout.dimension());
    }

    /**
     * All Gaussians: {@link FullRankGaussian}.
     *
     * @return a factory that refuses a layout of more than about 8,190 coordinates
     */
    public static VariationalFamily.Factory fullRank() {
        return layout -> FullRankGaussian.of(layout.dimension());
    }

    /**
     * Gaussians with low-rank plus diagonal covariance, of rank about the square root of D: {@link LowRankGaussian}.
     *
     * @return a factory that refuses a layout of more than about 100,000 coordinates
     */
    public static VariationalFamily.Factory lowRank() {
        return layout -> LowRankGaussian.of(layout.dimension());
    }

    /**
     * Gaussians with low-rank plus diagonal covariance: {@link LowRankGaussian}.
     *
     * @param rank the rank, at least 1 and at most the dimension
     * @return a factory that refuses a layout of fewer coordinates than the rank
     */
    public static VariationalFamily.Factory lowRank(int rank) {
        return layout -> LowRankGaussian.of(layout.dimension(), rank);
    }

    /**
     * Gaussians with a sparse precision, of the pattern that the density's own Hessian has: {@link SparseGaussian}.
     *
     * @return a factory that refuses a layout that does not know its interactions, or of which the factor would have
     *     more than {@link SparseGaussian#MAX_ENTRIES} entries
     */
    public static VariationalFamily.Factory sparse() {
        return layout -> {
            Interactions known = layout.interactions();
            if (known == null) {
                throw new IllegalArgumentException("a sparse Gaussian needs to know which coordinates act together, and"
                        + " nothing is known of these " + layout.dimension() + ". A declared model knows it; for a"
                        + " density of your own override its interactions(), or name them in sparse(Interactions)."
                        + " fullRank() and lowRank() need no pattern");
            }
            return SparseGaussian.of(known);
        };
    }

    /**
     * Gaussians with a sparse precision of a given pattern: {@link SparseGaussian}.
     *
     * @param interactions which of the inferred coordinates act together
     * @return a factory that refuses a layout of another number of coordinates, or a factor of more than
     *     {@link SparseGaussian#MAX_ENTRIES} entries
     */
    public static VariationalFamily.Factory sparse(Interactions interactions) {
        return layout -> {
            requireDimension(layout, interactions, "sparse(...)");
            return SparseGaussian.of(interactions);
        };
    }

    /**
     * Gaussians given the coordinates that scale others, on which means and scales of the others depend:
     * {@link ConditionallyStructuredGaussian}. For funnels, horseshoes and bilinear models.
     *
     * @return a factory that refuses a layout that does not know its interactions, or in which none scales another
     */
    public static VariationalFamily.Factory conditionalScale() {
        return layout -> {
            Interactions known = layout.interactions();
            if (known == null) {
                throw new IllegalArgumentException("a conditionally structured Gaussian needs to know which coordinates"
                        + " scale others, and nothing is known of these " + layout.dimension()
                        + ". A declared model knows it; for a density of your own override its interactions(), or name"
                        + " them in conditionalScale(Interactions)");
            }
            return ConditionallyStructuredGaussian.of(known);
        };
    }

    /**
     * Gaussians given the coordinates that scale others: {@link ConditionallyStructuredGaussian}.
     *
     * @param interactions which of the inferred coordinates act together, and which scale others
     * @return a factory that refuses a layout of another number of coordinates
     */
    public static VariationalFamily.Factory conditionalScale(Interactions interactions) {
        return layout -> {
            requireDimension(layout, interactions, "conditionalScale(...)");
            return ConditionallyStructuredGaussian.of(interactions);
        };
    }

    private static void requireDimension(ParameterLayout layout, Interactions interactions, String where) {
        if (layout.dimension() != interactions.dimension()) {
            throw new IllegalArgumentException("the interactions named in " + where + " are between "
                    + interactions.dimension() + " coordinates, but " + layout.dimension() + " are inferred");
        }
    }

    /**
     * Gaussians with one dense block per parameter and independent blocks: {@link BlockGaussian}. The coordinates of
     * local parameters, with one value per data row or group, are blocks of their own.
     *
     * @return a factory that serves every layout whose blocks are not too large
     */
    public static VariationalFamily.Factory blocks() {
        return layout -> BlockGaussian.of(layout, false);
    }

    /**
     * Gaussians with one dense block per parameter, in which parameters with one value per data row or group depend
     * linearly on all other parameters: {@link BlockGaussian}.
     *
     * @return a factory that serves every layout whose blocks are not too large
     */
    public static VariationalFamily.Factory blocksWithLocalsGivenGlobals() {
        return layout -> BlockGaussian.of(layout, true);
    }

    /**
     * Independent Student-t coordinates: {@link MeanFieldStudentT}.
     *
     * @param degrees the degrees of freedom, fixed
     * @return a factory that serves every layout
     */
    public static VariationalFamily.Factory meanFieldStudentT(double degrees) {
        return layout -> MeanFieldStudentT.of(layout.dimension(), degrees);
    }

    /**
     * Multivariate Student-t distributions: {@link MultivariateStudentT}.
     *
     * @param degrees the degrees of freedom, fixed
     * @return a factory that refuses a layout of more than about 8,190 coordinates
     */
    public static VariationalFamily.Factory multivariateStudentT(double degrees) {
        return layout -> MultivariateStudentT.of(layout.dimension(), degrees);
    }

    /**
     * Mixtures of Gaussians with independent coordinates: {@link Mixture}.
     *
     * @param components the number of components
     * @return a factory that refuses a layout for which the components do not fit into memory
     */
    public static VariationalFamily.Factory mixture(int components) {
        return mixture(components, meanField());
    }

    /**
     * Mixtures of members of a family: {@link Mixture}.
     *
     * @param components the number of components
     * @return a factory that serves the layouts that the components' family serves, unless the components do not fit
     *     into memory
     */
    public static VariationalFamily.Factory mixture(int components, VariationalFamily.Factory componentFamily) {
        return layout -> Mixture.of(components, componentFamily.forLayout(layout));
    }

    /**
     * Normalising flows of affine coupling layers: {@link CouplingFlow}.
     *
     * @return a factory that serves every layout
     */
    public static VariationalFamily.Factory couplingFlow() {
        return layout -> CouplingFlow.of(layout.dimension());
    }

    /**
     * Normalising flows of affine coupling layers: {@link CouplingFlow}.
     *
     * @param layers the number of layers
     * @param hidden the number of hidden units of a layer
     * @return a factory that serves every layout
     */
    public static VariationalFamily.Factory couplingFlow(int layers, int hidden) {
        return layout -> CouplingFlow.of(layout.dimension(), layers, hidden);
    }

    /**
     * All distributions on finitely many outcomes: {@link Categorical}.
     *
     * @param outcomes the number of outcomes
     * @return a factory that refuses a layout of more than one coordinate
     */
    public static VariationalFamily.Factory categorical(int outcomes) {
        return layout -> {
            requireOneCoordinate(layout);
            return Categorical.of(outcomes);
        };
    }

    private static void requireOneCoordinate(ParameterLayout layout) {
        if (layout.dimension() != 1) {
            throw new IllegalArgumentException(
                    "a categorical family has one coordinate, the index of the outcome, but the"
                            + " layout has " + layout.dimension()
                            + ". Declare one discrete quantity, or number the joint outcomes");
        }
    }
}
