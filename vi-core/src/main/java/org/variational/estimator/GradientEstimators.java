package org.variational.estimator;

/**
 * The gradient estimators, for static import.
 *
 * <p>All are unbiased for reverse KL and for the bounds on groups of draws; divergences with self-normalised weights
 * leave a bias of order 1 / S, which {@link Objective#notes()} states. Which estimator serves which divergence and
 * family:
 * <table>
 *   <caption>What each estimator needs</caption>
 *   <tr><th>estimator</th><th>divergence</th><th>family</th><th>target</th></tr>
 *   <tr><td>sticking the landing</td><td>any with a path form</td><td>reparameterised</td><td>gradient</td></tr>
 *   <tr><td>doubly reparameterised</td><td>bounds on groups</td><td>reparameterised</td><td>gradient</td></tr>
 *   <tr><td>closed-form entropy</td><td>reverse KL</td><td>reparameterised, closed entropy</td><td>gradient</td></tr>
 *   <tr><td>total derivative</td><td>reverse KL, bounds on groups</td><td>reparameterised</td><td>gradient</td></tr>
 *   <tr><td>score function</td><td>any with a score form</td><td>any</td><td>values, at least 2 draws</td></tr>
 *   <tr><td>self-normalised</td><td>normalised weights, score form</td><td>any</td><td>values, at least 2
 *   draws</td></tr>
 *   <tr><td>stratified path</td><td>path and score form, no groups</td><td>mixtures</td><td>gradient</td></tr>
 *   <tr><td>exact enumeration</td><td>score form, no groups</td><td>finitely many outcomes</td><td>values</td></tr>
 *   <tr><td>Markov chains</td><td>forward KL</td><td>any</td><td>values</td></tr>
 * </table>
 * Optimised coordinates always need the target's gradient.
 */
public final class GradientEstimators {
    private static final double DEFENSIVE_SHARE = 0.1;

    private GradientEstimators() {}

    /**
     * The estimator that fits the problem: exact enumeration where outcomes are finitely many; sticking the landing
     * where the path can be followed, mixed for reverse KL with the closed-form-entropy gradient and for bounds on
     * groups with the total derivative, by the variances measured on earlier steps; the stratified path for mixtures;
     * else the score function.
     */
    public static GradientEstimator automatic() {
        return new AutomaticEstimator();
    }

    /**
     * The path estimator {@code - sum_s c_s J_s'(grad log p - grad log q)}, q's own parameters held fixed: sticking the
     * landing for reverse KL, its generalisation for every other divergence, doubly reparameterised for bounds on
     * groups of draws. Its noise vanishes as q approaches p; far from p others may be less noisy.
     *
     * @see <a href="https://arxiv.org/abs/1703.09194">Roeder, Wu, Duvenaud (2017), Sticking the landing</a>
     */
    public static GradientEstimator stickingTheLanding() {
        return new PathEstimator("sticking the landing", PathEstimator.Form.PATH);
    }

    /**
     * The doubly reparameterised estimator of bounds on groups of draws: sticking the landing, refused for anything
     * else.
     *
     * @see <a href="https://arxiv.org/abs/1810.04152">Tucker et al. (2019), Doubly reparameterized gradient
     *     estimators</a>
     */
    public static GradientEstimator doublyReparameterised() {
        return new PathEstimator("doubly reparameterised", PathEstimator.Form.DOUBLE);
    }

    /**
     * The reverse-KL gradient with q's entropy differentiated in closed form and log p by the path. Less noisy than
     * sticking the landing far from the optimum, more near it.
     */
    public static GradientEstimator closedFormEntropy() {
        return new PathEstimator("closed-form entropy", PathEstimator.Form.CLOSED_FORM_ENTROPY);
    }

    /**
     * The total derivative of a lower bound through the draws and through log q: the textbook reparameterised gradient.
     * For bounds on groups far from the optimum it can be less noisy than the doubly reparameterised one.
     */
    public static GradientEstimator totalDerivative() {
        return new PathEstimator("total derivative", PathEstimator.Form.TOTAL);
    }

    /**
     * The score-function estimator {@code sum_s b_s d log q / d lambda} with the mean of the other draws as baseline.
     * Needs no gradient of the target and at least 2 draws; noisier than the path estimators.
     *
     * @see <a href="https://arxiv.org/abs/2010.10436">Richter et al. (2020), VarGrad</a>
     */
    public static GradientEstimator scoreFunction() {
        return new ScoreEstimator();
    }

    /** Self-normalised importance sampling with a tenth of the draws from a heavy-tailed defensive proposal. */
    public static GradientEstimator selfNormalised() {
        return selfNormalised(DEFENSIVE_SHARE);
    }

    /**
     * Self-normalised importance sampling: the score form, with a share of the draws from a multivariate Student-t with
     * 5 degrees of freedom around q's mean, at twice q's variances and without correlations. Weights use the density of
     * the mixture of both, so that they stay bounded where p's tails are lighter than those of the Student-t.
     *
     * @param defensiveShare the share of draws from the Student-t, from 0 to below 1; above 0 at least one draw is
     * @throws IllegalArgumentException if the share is outside
     * @see <a href="https://doi.org/10.1080/01621459.2000.10473909">Owen and Zhou (2000), Safe and effective importance
     *     sampling</a>
     */
    public static GradientEstimator selfNormalised(double defensiveShare) {
        if (!(defensiveShare >= 0 && defensiveShare < 1)) {
            throw new IllegalArgumentException(
                    "the defensive share must be at least 0 and below 1, got " + defensiveShare);
        }
        return new SelfNormalisedEstimator(defensiveShare);
    }

    /**
     * Markovian score climbing: the forward-KL gradient from Markov chains that target p, one for each draw, moved by
     * independent Metropolis-Hastings steps that propose from q. Weights are recomputed with the new q in every step.
     * Needs no gradient of the target. The estimate reports the rejection rate; its value is the cross-entropy {@code -
     * mean log q}, forward KL up to p's entropy.
     *
     * @see <a href="https://arxiv.org/abs/2003.10374">Naesseth, Lindsten, Blei (2020), Markovian score climbing</a>
     */
    public static GradientEstimator markovChains() {
        return new MarkovChainEstimator();
    }

    /**
     * The exact gradient of a family with finitely many outcomes ({@link org.variational.family.Enumerable}): the score
     * form summed over all outcomes. The number of draws plays no part.
     */
    public static GradientEstimator exactEnumeration() {
        return new EnumerationEstimator();
    }

    /**
     * The path gradient of a mixture ({@link org.variational.family.Stratified}): the draws are shared equally among
     * the components, whose parameters follow the path form; the components' weights follow the score form.
     */
    public static GradientEstimator stratifiedPath() {
        return new StratifiedEstimator();
    }
}
