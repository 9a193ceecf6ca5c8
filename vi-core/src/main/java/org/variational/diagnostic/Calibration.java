package org.variational.diagnostic;

import java.util.List;
import java.util.Locale;

/**
 * What simulation-based calibration found: for each quantity where the true values lie among the draws fitted to their
 * data.
 *
 * <p>Two families of tests are made, each over all quantities with Holm's correction: uniform ranks (Talts et al.
 * 2018), which sees every kind of error, and symmetry of the probabilities (Yao et al. 2018, VSBC), which sees that the
 * centre is off. With a right posterior each family errs anywhere with at most the probability {@link #level}.
 *
 * @param quantities the scalars, in order of declaration, then the log likelihood
 * @param replications the number of replications that were fitted
 * @param draws the number of draws L that ranks refer to
 * @param level the error probability of each family of tests
 * @param failures what went wrong in replications that are left out, in order
 */
public record Calibration(
        List<Quantity> quantities, int replications, int draws, double level, List<Failure> failures) {

    /** Where the centre of an approximation lies. */
    public enum Direction {
        /** Nothing is shown. */
        NONE,
        /** The draws lie below the true values too often: the centre is too low. */
        TOO_LOW,
        /** The draws lie above the true values too often: the centre is too high. */
        TOO_HIGH
    }

    /**
     * One replication that could not be fitted.
     *
     * @param replication its number, from 0
     * @param reason the exception
     */
    public record Failure(int replication, RuntimeException reason) {}

    /**
     * What was found for one scalar.
     *
     * @param name the scalar
     * @param ranks by replication: how many of L draws lie below the true value, from 0 to L; ties broken at random
     * @param probabilities by replication: the fraction of all draws below the true value, ties counting half
     * @param uniformity the adjusted p-value that the ranks are uniform
     * @param symmetry the adjusted p-value that the probabilities are symmetric around one half
     * @param direction where the centre lies, if symmetry is rejected
     * @param spread twelve times the mean squared distance of the probabilities from one half: 1 if uniform, more if
     *     the draws are too narrow or off centre, less if they are too wide
     */
    public record Quantity(
            String name,
            List<Integer> ranks,
            List<Double> probabilities,
            double uniformity,
            double symmetry,
            Direction direction,
            double spread) {

        /** Copies the lists. */
        public Quantity {
            ranks = List.copyOf(ranks);
            probabilities = List.copyOf(probabilities);
        }
    }

    /** Copies the lists. */
    public Calibration {
        quantities = List.copyOf(quantities);
        failures = List.copyOf(failures);
    }

    /** Whether no test rejects and no replication failed. */
    public boolean passed() {
        return rejected().isEmpty() && failures.isEmpty();
    }

    /** The quantities for which either test rejects. */
    public List<Quantity> rejected() {
        return quantities.stream()
                .filter(quantity -> quantity.uniformity() < level || quantity.symmetry() < level)
                .toList();
    }

    /**
     * The finding for a scalar.
     *
     * @throws IllegalArgumentException if there is no such scalar
     */
    public Quantity quantity(String name) {
        return quantities.stream()
                .filter(quantity -> quantity.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no quantity \"" + name + "\"; there are "
                        + quantities.stream().map(Quantity::name).toList()));
    }

    /** A line per quantity. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "calibration %s: %d of %d quantities rejected at level %.3g in %d replications, %d failed%n%-24s %10s"
                        + " %10s %7s  %s",
                passed() ? "passed" : "not passed",
                rejected().size(),
                quantities.size(),
                level,
                replications,
                failures.size(),
                "quantity",
                "uniform p",
                "centre p",
                "spread",
                "centre"));
        for (Quantity quantity : quantities) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n%-24s %10.4f %10.4f %7.2f  %s",
                    quantity.name(),
                    quantity.uniformity(),
                    quantity.symmetry(),
                    quantity.spread(),
                    quantity.direction().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        }
        return text.toString();
    }
}
