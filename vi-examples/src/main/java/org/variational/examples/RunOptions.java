package org.variational.examples;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.divergence.Divergence;
import org.variational.divergence.Divergences;
import org.variational.family.Families;
import org.variational.family.VariationalFamily;

/**
 * What the command line of {@code elbo run} says.
 *
 * @param family the family, or null if none was chosen
 * @param divergence the divergence, or null if none was chosen
 * @param seed the seed
 * @param draws the number of draws from the fitted approximation, 0 if not chosen
 * @param out the directory for files, or null if none is wanted
 * @param format how results are printed
 */
public record RunOptions(
        @Nullable Named<VariationalFamily.Factory> family,
        @Nullable Named<Divergence> divergence,
        long seed,
        int draws,
        @Nullable Path out,
        Format format) {

    /** The family taken where a divergence alone is chosen. */
    public static final Named<VariationalFamily.Factory> FULL_RANK = new Named<>("full-rank", Families.fullRank());

    /** The divergence taken where a family alone is chosen. */
    public static final Named<Divergence> REVERSE_KL = new Named<>("reverse-kl", Divergences.reverseKl());

    /**
     * The family chosen, or another if none was.
     *
     * @param otherwise the other
     */
    public Named<VariationalFamily.Factory> familyOr(Named<VariationalFamily.Factory> otherwise) {
        return family == null ? otherwise : family;
    }

    /**
     * The divergence chosen, or another if none was.
     *
     * @param otherwise the other
     */
    public Named<Divergence> divergenceOr(Named<Divergence> otherwise) {
        return divergence == null ? otherwise : divergence;
    }

    /**
     * Applies the seed and the number of draws.
     *
     * @param inference a fit
     * @return the fit with these settings
     */
    public VariationalInference sampling(VariationalInference inference) {
        VariationalInference seeded = inference.seed(seed);
        return draws == 0 ? seeded : seeded.posteriorDraws(draws);
    }

    /**
     * Refuses a choice of family or divergence, for examples that make the choice themselves.
     *
     * @param example the example's name
     * @throws UsageException if one was chosen
     */
    public void refuseFamilyAndDivergence(String example) {
        if (family != null || divergence != null) {
            throw new UsageException(example + " chooses its families and divergences itself; leave out "
                    + (family != null ? "--family" : "--divergence"));
        }
    }
}
