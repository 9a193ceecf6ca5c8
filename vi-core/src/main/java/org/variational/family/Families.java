package org.variational.family;

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
}
