package org.variational.weights;

/**
 * A generalised Pareto distribution fitted to sorted exceedances by the method of Zhang and Stephens (2009), the shape
 * shrunk towards 1/2 as by ten prior observations.
 */
record GeneralisedPareto(double shape, double scale) {
    private static final double NEGLIGIBLE = 10 * Math.ulp(1.0);

    /**
     * @param x n exceedances in increasing order, the last positive
     * @param smallestQuartile a floor for the lower quartile
     */
    static GeneralisedPareto fit(double[] x, double smallestQuartile) {
        int n = x.length;
        int m = 30 + (int) Math.sqrt(n);
        double largest = x[n - 1];
        double quartile = Math.max(x[(int) Math.floor(n / 4.0 + 0.5) - 1], smallestQuartile);
        double[] theta = new double[m];
        double[] logLikelihood = new double[m];
        double best = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < m; j++) {
            theta[j] = 1 / largest + (1 - Math.sqrt(m / (j + 0.5))) / (3 * quartile);
            double k = meanLog1p(theta[j], x);
            double ratio = -theta[j] / k;
            logLikelihood[j] = ratio > 0 ? n * (Math.log(ratio) - k - 1) : Double.NEGATIVE_INFINITY;
            best = Math.max(best, logLikelihood[j]);
        }
        double total = 0;
        for (int j = 0; j < m; j++) {
            total += Math.exp(logLikelihood[j] - best);
        }
        double kept = 0;
        double sum = 0;
        for (int j = 0; j < m; j++) {
            double weight = Math.exp(logLikelihood[j] - best) / total;
            if (weight >= NEGLIGIBLE) {
                kept += weight;
                sum += weight * theta[j];
            }
        }
        double mean = sum / kept;
        double k = meanLog1p(mean, x);
        return new GeneralisedPareto((n * k + 5) / (n + 10), -k / mean);
    }

    private static double meanLog1p(double theta, double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += Math.log1p(-theta * value);
        }
        return sum / x.length;
    }

    /** The value below which a share p of the distribution lies, {@code sigma ((1 - p)^-k - 1) / k}. */
    double quantile(double p) {
        double exponent = -Math.log1p(-p);
        return Math.abs(shape) < 1e-10 ? scale * exponent : scale * Math.expm1(shape * exponent) / shape;
    }
}
