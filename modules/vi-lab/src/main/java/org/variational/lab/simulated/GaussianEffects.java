package org.variational.lab.simulated;

import java.util.Arrays;

/** Latents that are normal given scales: a quadratic log density, collected term by term. */
final class GaussianEffects implements LatentPosterior.Given {

    private final double[] linear;
    private final Band precision;
    private double constant;

    /**
     * No term.
     *
     * @param latents their number
     * @param band the largest difference of the numbers of two in one term
     */
    GaussianEffects(int latents, int band) {
        this.linear = new double[latents];
        this.precision = new Band(latents, band);
    }

    void addConstant(double term) {
        constant += term;
    }

    /** Adds the normal log density of {@code value}, whose mean is the sum of {@code factors} times latents. */
    void addNormal(double value, double sd, int[] latents, double... factors) {
        double weight = 1 / (sd * sd);
        constant += Priors.normal(value, 0, sd);
        for (int i = 0; i < latents.length; i++) {
            linear[latents[i]] += weight * value * factors[i];
            for (int j = 0; j <= i; j++) {
                precision.add(latents[i], latents[j], weight * factors[i] * factors[j]);
            }
        }
    }

    @Override
    public double logDensity(double[] latents) {
        double[] product = precision.product(latents);
        double sum = constant;
        for (int i = 0; i < latents.length; i++) {
            sum += latents[i] * (linear[i] - 0.5 * product[i]);
        }
        return sum;
    }

    @Override
    public void curvature(double[] latents, double[] gradient, Band into) {
        double[] product = precision.product(latents);
        Arrays.setAll(gradient, i -> linear[i] - product[i]);
        into.set(precision);
    }
}
