package org.variational.algorithm;

/**
 * How often the density has been evaluated.
 *
 * @param made the evaluations, one for every point
 * @param rejected those of them that could not be used
 */
public record EvaluationCount(long made, long rejected) {

    /** None. */
    public static final EvaluationCount NONE = new EvaluationCount(0, 0);

    /** These and more. */
    public EvaluationCount plus(EvaluationCount more) {
        return new EvaluationCount(made + more.made, rejected + more.rejected);
    }
}
