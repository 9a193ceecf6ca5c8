package org.variational.lab.simulated;

import java.util.ArrayList;
import java.util.List;
import org.variational.lab.simulated.LatentPosterior.Given;
import org.variational.lab.simulated.LatentPosterior.Independent;
import org.variational.lab.simulated.LatentPosterior.Outer;

/**
 * Moments by importance sampling of the outer parameters, with the latents integrated out: exactly where they are
 * normal, by Gauss-Hermite quadrature where they are independent.
 */
final class MarginalSampler {

    private static final int BATCHES = 40;
    private static final int ROUNDS = 2;
    private static final int DRAWS_OF_ROUND = 500;
    private static final int FEW = 5;
    private static final double DEGREES_OF_FEW = 8;

    /** With many outer parameters few draws of heavier tails come near the posterior. */
    private static final double DEGREES_OF_MANY = 30;

    private final LatentPosterior posterior;
    private final double[] centre;
    private final double top;
    private final Simulator random;
    private Proposal proposal;

    MarginalSampler(LatentPosterior posterior, long seed) {
        this.posterior = posterior;
        this.random = new Simulator(seed, "marginal");
        double[] truth = posterior.outer().stream().mapToDouble(Outer::truth).toArray();
        boolean few = truth.length <= FEW;
        Inner atTruth =
                new Inner(posterior.given(truth), new double[posterior.latents().size()], posterior.band());
        this.centre = atTruth.mode();
        proposal = Proposal.atMode(
                few ? DEGREES_OF_FEW : DEGREES_OF_MANY,
                outer -> conditional(posterior.given(outer)).logMarginal(),
                truth);
        this.top = conditional(posterior.given(proposal.centre())).logMarginal();
        for (int round = 0; few && round < ROUNDS; round++) {
            proposal = refitted();
        }
    }

    private Conditional conditional(Given given) {
        Inner inner = new Inner(given, centre, posterior.band());
        return given instanceof Independent independent
                ? Conditional.ofIndependent(independent, inner, posterior.effects())
                : Conditional.ofNormal(inner, posterior.effects());
    }

    private double weight(double[] outer, double logMarginal) {
        return Math.exp(logMarginal - top - proposal.logDensity(outer));
    }

    /** The proposal with the weighted moments of its own draws. */
    private Proposal refitted() {
        int n = proposal.dimension();
        List<double[]> points = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        double total = 0;
        double[] mean = new double[n];
        for (int s = 0; s < DRAWS_OF_ROUND; s++) {
            double[] point = proposal.at(proposal.noise(random), 1);
            double weight = weight(point, conditional(posterior.given(point)).logMarginal());
            points.add(point);
            weights.add(weight);
            total += weight;
            for (int i = 0; i < n; i++) {
                mean[i] += weight * point[i];
            }
        }
        double[][] covariance = new double[n][n];
        for (int i = 0; i < n; i++) {
            mean[i] /= total;
        }
        for (int s = 0; s < points.size(); s++) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    covariance[i][j] +=
                            weights.get(s) / total * (points.get(s)[i] - mean[i]) * (points.get(s)[j] - mean[j]);
                }
            }
        }
        return Proposal.of(DEGREES_OF_FEW, mean, covariance);
    }

    /** The reference from pairs of opposite draws, in batches. */
    ReferenceTable run(int draws, int stride) {
        Quantities quantities = new Quantities(posterior, stride);
        int size = quantities.names().size();
        double[] means = new double[size];
        double[] variances = new double[size];
        Batches batches = new Batches(size);
        int pairs = Math.max(1, draws / (2 * BATCHES));
        double sum = 0;
        double squares = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            for (int pair = 0; pair < pairs; pair++) {
                double[] noise = proposal.noise(random);
                for (int sign = -1; sign <= 1; sign += 2) {
                    double[] outer = proposal.at(noise, sign);
                    Given given = posterior.given(outer);
                    Conditional moments = conditional(given);
                    double weight = weight(outer, moments.logMarginal());
                    quantities.fill(outer, given, moments, means, variances);
                    batches.add(weight, means, variances);
                    sum += weight;
                    squares += weight * weight;
                }
            }
            batches.endBatch();
        }
        String how = posterior.given(proposal.centre()) instanceof Independent
                ? "latents by Gauss-Hermite quadrature"
                : "latents exactly";
        return ReferenceTable.of(
                quantities.names(),
                batches,
                "importance sampling of the outer parameters, " + how + "; " + 2 * pairs * BATCHES + " draws worth "
                        + Math.round(sum * sum / squares));
    }
}
