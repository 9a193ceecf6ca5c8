package org.variational.lab.simulated;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.model.Model;

/**
 * A posterior of a few outer parameters and many latents, declared in the model language and written as plain loops.
 *
 * <p>The loops have the constants of the declaration and are on the unconstrained scale: outer parameters are {@link
 * Outer transformed}, and the density has the Jacobian. Latents are not transformed.
 */
interface LatentPosterior {

    /** The name of the mean over all effects, a derived value of every model here. */
    String MEAN_EFFECT = "mean_effect";

    /** The declaration. */
    Model model();

    /** The number of observations. */
    int rows();

    /** The outer parameters, scales among them, in the order of {@link #given}. */
    List<Outer> outer();

    /** The names of the latents. */
    List<String> latents();

    /** The latents over which the mean effect is taken. */
    Effects effects();

    /** The largest difference of the numbers of two latents that are not independent given all others. */
    int band();

    /** Whether the latents can be integrated out, as they are normal or independent given the outer parameters. */
    boolean integrable();

    /** The posterior of the latents given outer parameters on the unconstrained scale. */
    Given given(double[] outer);

    /**
     * An outer parameter.
     *
     * @param name its name on the user's scale
     * @param link its transform
     * @param truth the unconstrained value that the data were simulated with
     */
    record Outer(String name, Link link, double truth) {}

    /** From the unconstrained to the user's scale. */
    enum Link {
        /** No transform. */
        IDENTITY,
        /** A positive number by its logarithm. */
        LOG,
        /** A number between 0 and 1 by its logit. */
        LOGIT;

        double constrained(double value) {
            return switch (this) {
                case IDENTITY -> value;
                case LOG -> Math.exp(value);
                case LOGIT -> 1 / (1 + Math.exp(-value));
            };
        }

        /** The log density of a parameter on the unconstrained scale, by that on the user's. */
        double jacobian(double value) {
            return switch (this) {
                case IDENTITY -> 0;
                case LOG -> value;
                case LOGIT -> -Math.abs(value) - 2 * Math.log1p(Math.exp(-Math.abs(value)));
            };
        }
    }

    /**
     * Consecutive latents that are effects of one kind.
     *
     * @param from the first
     * @param to one after the last
     */
    record Effects(int from, int to) {

        int size() {
            return to - from;
        }
    }

    /** Latents given outer parameters. */
    interface Given {

        /** The log density of outer parameters and latents. */
        double logDensity(double[] latents);

        /** Overwrites the gradient, and the precision by minus the second derivatives. */
        void curvature(double[] latents, double[] gradient, Band precision);

        /** Location and scale that a non-centred declaration standardises the effects by; null where there is none. */
        default double @Nullable [] standard() {
            return null;
        }
    }

    /** Latents that are independent of each other. */
    interface Independent extends Given {

        /** What of the log density depends on one latent; all these and {@link #rest()} are the log density. */
        double logDensity(int latent, double value);

        /** What of the log density depends on no latent. */
        double rest();
    }
}
