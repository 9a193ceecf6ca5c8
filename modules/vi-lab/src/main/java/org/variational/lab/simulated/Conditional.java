package org.variational.lab.simulated;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.variational.lab.simulated.LatentPosterior.Effects;
import org.variational.lab.simulated.LatentPosterior.Independent;

/**
 * Moments of latents given outer parameters.
 *
 * @param logMarginal the log density of the outer parameters, latents integrated out
 * @param mean the means of the latents
 * @param variance their variances
 * @param effectMean the mean of the mean effect
 * @param effectVariance its variance
 */
record Conditional(double logMarginal, double[] mean, double[] variance, double effectMean, double effectVariance) {

    private static final int NODES = 21;
    private static final GaussIntegrator HERMITE = new GaussIntegratorFactory().hermite(NODES);

    /** Of latents that are normal given the outer parameters. */
    static Conditional ofNormal(Inner inner, Effects effects) {
        double[] mean = inner.mode();
        double[] weights = new double[mean.length];
        Arrays.fill(weights, effects.from(), effects.to(), 1.0 / effects.size());
        inner.factor().solveLower(weights);
        double square = 0;
        for (double weight : weights) {
            square += weight * weight;
        }
        return new Conditional(
                inner.logMarginal(), mean, inner.factor().diagonalOfInverse(), average(effects, i -> mean[i]), square);
    }

    /** Of latents that are independent given the outer parameters, by Gauss-Hermite nodes at each one's mode. */
    static Conditional ofIndependent(Independent given, Inner inner, Effects effects) {
        double[] mean = inner.mode().clone();
        double[] variance = inner.factor().diagonalOfInverse();
        double logMarginal = given.rest();
        for (int j = 0; j < mean.length; j++) {
            double centre = mean[j];
            double scale = Math.sqrt(2 * variance[j]);
            double top = given.logDensity(j, centre);
            double sum = 0;
            double first = 0;
            double second = 0;
            for (int k = 0; k < NODES; k++) {
                double x = HERMITE.getPoint(k);
                double log = given.logDensity(j, centre + scale * x) - top;
                double weight = HERMITE.getWeight(k) * Math.exp(x * x + log);
                sum += weight;
                first += weight * x;
                second += weight * x * x;
            }
            logMarginal += top + Math.log(scale * sum);
            first /= sum;
            mean[j] = centre + scale * first;
            variance[j] = scale * scale * (second / sum - first * first);
        }
        return new Conditional(
                logMarginal,
                mean,
                variance,
                average(effects, i -> mean[i]),
                average(effects, i -> variance[i]) / effects.size());
    }

    /** Of latents that are known. */
    static Conditional ofKnown(double[] latents, Effects effects) {
        return new Conditional(0, latents, new double[latents.length], average(effects, i -> latents[i]), 0);
    }

    private static double average(Effects effects, IntToDoubleFunction value) {
        double sum = 0;
        for (int i = effects.from(); i < effects.to(); i++) {
            sum += value.applyAsDouble(i);
        }
        return sum / effects.size();
    }
}
