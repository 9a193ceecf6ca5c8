package org.variational.lab.simulated;

import java.util.ArrayList;
import java.util.List;
import org.variational.lab.simulated.LatentPosterior.Effects;
import org.variational.lab.simulated.LatentPosterior.Given;
import org.variational.lab.simulated.LatentPosterior.Outer;
import org.variational.lab.simulated.ReferenceTable.Kind;

/** What a reference has moments of: outer parameters on both scales, some latents, and the mean of the effects. */
final class Quantities {

    private final List<Outer> outer;
    private final List<String> latents;
    private final Effects effects;
    private final int stride;
    private final boolean standardised;

    /**
     * The quantities of a posterior.
     *
     * @param stride of the effects every how many are kept; other latents are all kept
     */
    Quantities(LatentPosterior posterior, int stride) {
        this.outer = posterior.outer();
        this.latents = posterior.latents();
        this.effects = posterior.effects();
        this.stride = stride;
        double[] truth = outer.stream().mapToDouble(Outer::truth).toArray();
        this.standardised = posterior.given(truth).standard() != null;
    }

    /** A name and what it means. */
    record Name(Kind kind, String name) {}

    List<Name> names() {
        List<Name> names = new ArrayList<>();
        for (Outer each : outer) {
            names.add(new Name(Kind.COORDINATE, each.name()));
            names.add(new Name(Kind.QUANTITY, each.name()));
        }
        names.add(new Name(Kind.QUANTITY, LatentPosterior.MEAN_EFFECT));
        for (int i = 0; i < latents.size(); i++) {
            if (isKept(i)) {
                names.add(new Name(Kind.QUANTITY, latents.get(i)));
                if (standardised) {
                    names.add(new Name(Kind.STANDARDISED, latents.get(i)));
                }
            }
        }
        return names;
    }

    private boolean isKept(int latent) {
        return latent < effects.from() || latent >= effects.to() || (latent - effects.from()) % stride == 0;
    }

    /** Puts down the moments given outer parameters, in the order of {@link #names()}. */
    void fill(double[] point, Given given, Conditional moments, double[] means, double[] variances) {
        int at = 0;
        for (int k = 0; k < point.length; k++) {
            means[at++] = point[k];
            means[at++] = outer.get(k).link().constrained(point[k]);
        }
        means[at] = moments.effectMean();
        variances[at++] = moments.effectVariance();
        double[] standard = given.standard();
        for (int i = 0; i < latents.size(); i++) {
            if (isKept(i)) {
                means[at] = moments.mean()[i];
                variances[at++] = moments.variance()[i];
                if (standard != null) {
                    means[at] = (moments.mean()[i] - standard[0]) / standard[1];
                    variances[at++] = moments.variance()[i] / (standard[1] * standard[1]);
                }
            }
        }
    }
}
