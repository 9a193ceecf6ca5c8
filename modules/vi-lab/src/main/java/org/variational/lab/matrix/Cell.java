package org.variational.lab.matrix;

/**
 * One combination and what came of it.
 *
 * @param target the target's name
 * @param family the family's name
 * @param divergence the divergence's name
 * @param estimator the estimator's name
 * @param distance the root mean square of the deviations from the optimum, NaN if nothing was fitted
 * @param standardError the root mean square of the deviations' Monte-Carlo standard errors, NaN if nothing was fitted
 * @param gradientVariance the trace of the gradient's covariance at the optimum times the number of draws, NaN if
 *     nothing was fitted
 * @param status what it is worth
 * @param reason a sentence for every status but {@link Status#OK}, for which it is empty
 */
record Cell(
        String target,
        String family,
        String divergence,
        String estimator,
        double distance,
        double standardError,
        double gradientVariance,
        Status status,
        String reason) {

    /** What a cell is worth. */
    enum Status {
        /** The optimum was reached within Monte-Carlo error. */
        OK("ok", ""),
        /** The fit ends beside the optimum by a bias that the library states, and that shrinks as stated. */
        BIASED("biased", "b"),
        /** The iterates had not settled. */
        NOT_CONVERGED("not converged", "c"),
        /** Noise or weights leave nothing to be said. */
        UNRELIABLE("unreliable", "u"),
        /** The fit ends beside the optimum, and nothing says so. */
        WRONG("wrong", "!"),
        /** The combination is refused when it is built. */
        REFUSED("refused", "r");

        private final String label;
        private final String mark;

        Status(String label, String mark) {
            this.label = label;
            this.mark = mark;
        }

        String label() {
            return label;
        }

        /** What is put behind a number in a table. */
        String mark() {
            return mark;
        }
    }

    /** The status with its reason. */
    String statusAndReason() {
        return reason.isEmpty() ? status.label() : status.label() + ": " + reason;
    }
}
