package org.variational.optimizer;

import java.util.Locale;

/** An optimiser that sees gradients no longer than a given norm, which biases where long ones are skewed. */
record Clipped(Optimizer inner, double maxNorm) implements Optimizer {

    Clipped {
        Checks.positive("maxNorm", maxNorm);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "%s clipped at norm %s", inner.name(), maxNorm);
    }

    @Override
    public OptimizerState start(double[] parameters) {
        return inner.start(parameters);
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        double largest = 0;
        for (double g : gradient) {
            largest = Math.max(largest, Math.abs(g));
        }
        double norm = 0;
        if (largest > 0) {
            double square = 0;
            for (double g : gradient) {
                square += (g / largest) * (g / largest);
            }
            norm = largest * Math.sqrt(square);
        }
        if (norm <= maxNorm) {
            inner.step(parameters, gradient, scale, state);
            return;
        }
        double[] shorter = new double[gradient.length];
        for (int i = 0; i < shorter.length; i++) {
            shorter[i] = gradient[i] / largest * (maxNorm / (norm / largest));
        }
        inner.step(parameters, shorter, scale, state);
    }
}
