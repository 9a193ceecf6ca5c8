package org.variational.lab.matrix;

/**
 * One combination and what came of it.
 *
 * @param combination what was put together
 * @param measured what was measured
 * @param status what it is worth
 * @param reason a sentence for every status but {@link Status#OK}, for which it is empty
 */
record Cell(Combination combination, Measured measured, Status status, String reason) {

    /** The names of what was put together. */
    record Combination(String target, String family, String divergence, String estimator) {}

    /**
     * What was measured of a fit.
     *
     * @param distance the root mean square of the deviations from the optimum
     * @param standardError the root mean square of the deviations' Monte-Carlo standard errors
     * @param gradientVariance the trace of the gradient's covariance at the optimum times the number of draws
     */
    record Measured(double distance, double standardError, double gradientVariance) {

        /** Nothing was fitted: all are NaN. */
        static final Measured NOTHING = new Measured(Double.NaN, Double.NaN, Double.NaN);
    }

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
