package org.variational;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.family.Families.fullRank;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.variational.expression.Expr;
import org.variational.fit.Cancellation;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** A short fit whose bits can be compared between virtual machines: prints one hash per number of threads. */
public final class FitBits {

    private static final int GROUPS = 5;

    private FitBits() {}

    /** Prints the hash of a fit to as many rows as the first argument says, for each of the other ones' threads. */
    public static void main(String[] arguments) {
        for (int i = 1; i < arguments.length; i++) {
            System.out.println(hash(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[i])));
        }
    }

    private static long hash(int rowCount, int threads) {
        Cancellation enough = new Cancellation();
        Fit fit = VariationalInference.of(model(rowCount))
                .family(fullRank())
                .minimise(reverseKl())
                .seed(20260101)
                .draws(8)
                .threads(threads)
                .maxIterations(2)
                .posteriorDraws(60)
                .cancellation(enough)
                .callback(progress -> {
                    // the bits of the first draws are enough, where the interpreter evaluates them
                    if (progress.phase().equals("examination: draws") && progress.fraction() > 0) {
                        enough.cancel();
                    }
                })
                .run();
        long hash = Arrays.hashCode(fit.distribution().parameters());
        hash = 31 * hash + Arrays.hashCode(fit.posterior().draws("tau"));
        hash = 31 * hash + Arrays.hashCode(fit.posterior().logDensity());
        return 31 * hash + Double.hashCode(fit.elbo());
    }

    /** A hierarchical logistic regression. */
    private static Model model(int rowCount) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5L);
        double[] x = new double[rowCount];
        int[] group = new int[rowCount];
        double[] y = new double[rowCount];
        for (int t = 0; t < rowCount; t++) {
            x[t] = random.nextGaussian();
            group[t] = random.nextInt(GROUPS);
            y[t] = random.nextDouble() < 1 / (1 + Math.exp(-x[t] - 0.2 * group[t])) ? 1 : 0;
        }
        ModelBuilder m = Model.named("groups");
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(Expr.constant(0), tau).nonCentered(), GROUPS);
        Expr slope = m.parameter("slope", normal(0, 2));
        Rows rows = m.rows(rowCount);
        Expr level = alpha.at(rows.index("group", group)).plus(slope.times(rows.data("x", x)));
        rows.observe("y", bernoulliLogit(level), y);
        return m.build();
    }
}
