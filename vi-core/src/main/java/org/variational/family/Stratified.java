package org.variational.family;

/**
 * A mixture whose components can be drawn from one by one.
 *
 * <p>The choice of a component is not a differentiable function of the weights, so that a mixture has no path gradient
 * of its own. Its components have: for {@code q = sum over k of pi_k q_k} and coefficients c (path) and b (score) of a
 * divergence, both from the log weights under the whole mixture,
 * <ul>
 *   <li>the gradient by the parameters of component k is {@code -pi_k E over q_k of c J' h}, with the path score h of
 *       the whole mixture and J the component's own derivative;
 *   <li>the gradient by the weight {@code pi_k} is {@code E over q_k of b}, mapped to the parameters by
 *       {@link #addProbabilityGradient}.
 * </ul>
 * Draws from every component in fixed numbers (stratification) have less variance than draws from the mixture; a draw
 * from component k has base weight {@code pi_k / n_k}.
 */
public interface Stratified extends VariationalDistribution {

    /**
     * The weights of the components.
     *
     * @return as many positive numbers as components, with sum 1
     */
    double[] strataProbabilities();

    /**
     * A component.
     *
     * @param k its index, from 0
     * @return the component, a member of a family of its own with parameters of its own
     */
    VariationalDistribution.Reparameterised stratum(int k);

    /**
     * Where the parameters of a component start among the mixture's.
     *
     * @param k its index, from 0
     * @return the index of its first parameter; the others follow
     */
    int stratumOffset(int k);

    /**
     * Adds {@code sum over k of byProbability[k] * d pi_k / d parameters} to {@code gradient}.
     *
     * @param byProbability one number per component
     * @param gradient one entry per parameter of the mixture, added to
     */
    void addProbabilityGradient(double[] byProbability, double[] gradient);
}
