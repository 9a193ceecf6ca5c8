package org.variational.lab.simulated;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.variational.random.NormalQuantile;
import org.variational.random.RandomStreams;

/** Random data of a stated seed. Mutable, for one thread. */
final class Simulator {

    private static final double DIGITS = 1e4;

    private final RandomGenerator random;

    /**
     * A simulator.
     *
     * @param purpose what is simulated; others have other numbers of the same seed
     */
    Simulator(long seed, String purpose) {
        this.random = RandomStreams.of(seed).generator(purpose, 0);
    }

    double uniform() {
        return random.nextDouble();
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    double normal() {
        return NormalQuantile.of(random.nextDouble());
    }

    double[] normals(int count, double mean, double sd) {
        double[] values = new double[count];
        Arrays.setAll(values, i -> mean + sd * normal());
        return values;
    }

    /** A count, by inversion of its distribution function. */
    int poisson(double mean) {
        double u = random.nextDouble();
        double probability = StrictMath.exp(-mean);
        double below = probability;
        int count = 0;
        while (u > below && probability > 0) {
            count++;
            probability *= mean / count;
            below += probability;
        }
        return count;
    }

    int bernoulli(double logit) {
        return random.nextDouble() < 1 / (1 + StrictMath.exp(-logit)) ? 1 : 0;
    }

    /** Four decimals, as data are written down; so that the last bits of a logarithm do not matter. */
    static double rounded(double value) {
        return Math.rint(value * DIGITS) / DIGITS;
    }
}
