package org.variational.information;

import java.util.function.ToDoubleFunction;

/**
 * A member of an exponential family {@code h(x) exp(theta . T(x) - A(theta))}: {@code KL = (theta_p - theta_q) . E_p[T]
 * - A(theta_p) + A(theta_q)} and {@code log of the integral of p^a q^(1 - a) = A(a theta_p + (1 - a) theta_q) - a
 * A(theta_p) - (1 - a) A(theta_q)}, which is infinite where A is. See Nielsen and Garcia (2009, arXiv 0911.4863).
 */
final class ExponentialFamily extends Form {
    private final String family;
    private final double[] natural;
    private final double[] meanStatistic;
    private final double meanLogCarrier;
    private final ToDoubleFunction<double[]> logPartition;

    /**
     * @param family what members must share for the closed forms to hold, fixed parameters included
     * @param natural theta
     * @param meanStatistic E[T]
     * @param meanLogCarrier E[log h], NaN if it has no closed form
     * @param logPartition A, {@code +Infinity} where the integral diverges
     */
    ExponentialFamily(
            String family,
            double[] natural,
            double[] meanStatistic,
            double meanLogCarrier,
            ToDoubleFunction<double[]> logPartition) {
        this.family = family;
        this.natural = natural;
        this.meanStatistic = meanStatistic;
        this.meanLogCarrier = meanLogCarrier;
        this.logPartition = logPartition;
    }

    @Override
    double entropy() {
        double entropy = logPartition.applyAsDouble(natural) - meanLogCarrier;
        for (int i = 0; i < natural.length; i++) {
            entropy -= natural[i] * meanStatistic[i];
        }
        return entropy;
    }

    private boolean sharesFamily(Form other) {
        return other instanceof ExponentialFamily q && family.equals(q.family) && natural.length == q.natural.length;
    }

    @Override
    double kl(Form other) {
        if (!sharesFamily(other)) {
            return Double.NaN;
        }
        ExponentialFamily q = (ExponentialFamily) other;
        double kl = q.logPartition.applyAsDouble(q.natural) - logPartition.applyAsDouble(natural);
        for (int i = 0; i < natural.length; i++) {
            kl += (natural[i] - q.natural[i]) * meanStatistic[i];
        }
        return Math.max(0, kl);
    }

    @Override
    double logAffinity(Form other, double a) {
        if (!sharesFamily(other)) {
            return Double.NaN;
        }
        ExponentialFamily q = (ExponentialFamily) other;
        double[] blend = new double[natural.length];
        for (int i = 0; i < blend.length; i++) {
            blend[i] = a * natural[i] + (1 - a) * q.natural[i];
        }
        return logPartition.applyAsDouble(blend)
                - a * logPartition.applyAsDouble(natural)
                - (1 - a) * q.logPartition.applyAsDouble(q.natural);
    }
}
