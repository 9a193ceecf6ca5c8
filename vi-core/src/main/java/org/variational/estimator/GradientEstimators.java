package org.variational.estimator;

/** The gradient estimators, for static import. */
public final class GradientEstimators {
    private GradientEstimators() {}

    /**
     * The path estimator {@code - sum_s c_s J_s'(grad log p - grad log q)}, q's own parameters held fixed: sticking the
     * landing for reverse KL, its generalisation for every other divergence, doubly reparameterised for bounds on groups of
     * draws. Its noise vanishes as q approaches p.
     *
     * @return the estimator
     * @see <a href="https://arxiv.org/abs/1703.09194">Roeder, Wu, Duvenaud (2017), Sticking the landing</a>
     */
    public static GradientEstimator stickingTheLanding() {
        return new PathEstimator("sticking the landing", PathEstimator.Form.PATH);
    }

    /**
     * The reverse-KL gradient with q's entropy differentiated in closed form and log p by the path. Less noisy than sticking
     * the landing far from the optimum, more near it.
     *
     * @return the estimator
     */
    public static GradientEstimator closedFormEntropy() {
        return new PathEstimator("closed-form entropy", PathEstimator.Form.CLOSED_FORM_ENTROPY);
    }

    /**
     * The score-function estimator {@code sum_s b_s d log q / d lambda} with the mean of the other draws as baseline. Needs
     * no gradient of the target and at least 2 draws; noisier than the path estimators.
     *
     * @return the estimator
     * @see <a href="https://arxiv.org/abs/2010.10436">Richter et al. (2020), VarGrad</a>
     */
    public static GradientEstimator scoreFunction() {
        return new ScoreEstimator();
    }
}
