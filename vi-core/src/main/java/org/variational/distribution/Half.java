package org.variational.distribution;

import org.variational.expression.Expr;

/** The distribution of {@code |X|} for an X symmetric about 0. */
final class Half extends Univariate.OnPositives {

    private final Standardised.Symmetric whole;

    Half(String name, Standardised.Symmetric whole, Expr... parameters) {
        super(name, parameters);
        this.whole = whole;
    }

    @Override
    public Expr logDensity(Expr value) {
        boolean positive = value.dependsOnParameters() && value.logStep().isConstant(0);
        Expr density = positive ? whole.logDensityOfPositive(value) : whole.logDensity(value);
        return density.plus(Math.log(2)).plus(value.logStep());
    }

    @Override
    boolean possible(double value) {
        return value >= 0 && Double.isFinite(value);
    }

    @Override
    String demand() {
        return "at least 0";
    }

    /** The parameters of the whole distribution are those of this one with a location of 0 before the scale. */
    @Override
    public Sampler sampler() {
        Sampler sampler = whole.sampler();
        int shapes = parameters().size() - 1;
        return (random, p, draw) -> {
            double[][] of = new double[shapes + 2][];
            System.arraycopy(p, 0, of, 0, shapes);
            of[shapes] = new double[] {0};
            of[shapes + 1] = p[shapes];
            sampler.draw(random, of, draw);
            draw[0] = Math.abs(draw[0]);
        };
    }
}
