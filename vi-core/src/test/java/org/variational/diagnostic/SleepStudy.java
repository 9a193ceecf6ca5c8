package org.variational.diagnostic;

import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.constraint.Constraints;
import org.variational.distribution.LocationScale;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.random.RandomStreams;
import org.variational.weights.LogWeights;

/**
 * Reaction times in raw units of 18 subjects over 10 days, simulated as those of the textbooks: an intercept and a
 * slope for each subject, flat priors on averages and scales, and an exact Gibbs sampler of the posterior.
 */
final class SleepStudy {
    static final int SUBJECTS = 18;
    static final int DAYS = 10;
    static final int ROWS = SUBJECTS * DAYS;
    /** Level, slope and the logarithms of three standard deviations come before the effects. */
    private static final int GLOBALS = 5;

    private final double[] reaction = new double[ROWS];
    private final double[] day = new double[ROWS];
    private final int[] subject = new int[ROWS];

    SleepStudy(long seed) {
        RandomGenerator random = RandomStreams.of(seed).generator("sleep", 0);
        for (int j = 0; j < SUBJECTS; j++) {
            double intercept = 251 + 25 * random.nextGaussian();
            double slope = 10.5 + 6 * random.nextGaussian();
            for (int t = 0; t < DAYS; t++) {
                int i = j * DAYS + t;
                day[i] = t;
                subject[i] = j;
                reaction[i] = intercept + slope * t + 25 * random.nextGaussian();
            }
        }
    }

    /** The model, its effects non-centred. */
    Model model() {
        ModelBuilder m = Model.named("sleep");
        Expr level = m.parameter("level", flat());
        Expr slope = m.parameter("slope", flat());
        Expr sdOfLevels = m.parameter("sd_level", flat().on(Constraints.positive()));
        Expr sdOfSlopes = m.parameter("sd_slope", flat().on(Constraints.positive()));
        Expr sigma = m.parameter("sigma", flat().on(Constraints.positive()));
        LocationScale levels = normal(level, sdOfLevels);
        LocationScale slopes = normal(slope, sdOfSlopes);
        Expr a = m.parameter("a", levels.nonCentered(), SUBJECTS);
        Expr b = m.parameter("b", slopes.nonCentered(), SUBJECTS);
        Rows rows = m.rows(ROWS);
        RowIndex of = rows.index("subject", subject);
        Expr mean = a.at(of).plus(b.at(of).times(rows.data("day", day)));
        rows.observe("reaction", normal(mean, sigma), reaction);
        return m.build();
    }

    /**
     * Draws from the posterior, in the coordinates of the model.
     *
     * @param thin how many sweeps a draw is after the last
     * @param without the row left out, -1 for none
     */
    DMatrixRMaj draws(int count, int thin, int without) {
        RandomGenerator random = RandomStreams.of(5).generator("gibbs", without + 1);
        DMatrixRMaj draws = new DMatrixRMaj(GLOBALS + 2 * SUBJECTS, count);
        Chain chain = new Chain(random, without);
        for (int sweep = -200; sweep < count * thin; sweep++) {
            chain.sweep();
            if (sweep >= 0 && sweep % thin == 0) {
                chain.write(draws, sweep / thin);
            }
        }
        return draws;
    }

    /** The log predictive density of a row given all others, from draws of the posterior without it. */
    double leftOut(int row, int count) {
        Chain chain = new Chain(RandomStreams.of(6).generator("refit", row), row);
        double[] terms = new double[count];
        for (int sweep = -50; sweep < count; sweep++) {
            chain.sweep();
            if (sweep >= 0) {
                double z = (reaction[row] - chain.mean(row)) / chain.sigma;
                terms[sweep] = -0.5 * z * z - Math.log(chain.sigma) - 0.5 * Math.log(2 * Math.PI);
            }
        }
        return LogWeights.logSumExp(terms) - Math.log(count);
    }

    /** Gibbs sampling: every full conditional is known, as flat priors on scales are. */
    private final class Chain {
        private final RandomGenerator random;
        private final int without;
        private final double[] a = new double[SUBJECTS];
        private final double[] b = new double[SUBJECTS];
        private double level = 250;
        private double slope = 10;
        private double sdOfLevels = 25;
        private double sdOfSlopes = 6;
        private double sigma = 25;

        Chain(RandomGenerator random, int without) {
            this.random = random;
            this.without = without;
        }

        double mean(int row) {
            return a[subject[row]] + b[subject[row]] * day[row];
        }

        void sweep() {
            for (int j = 0; j < SUBJECTS; j++) {
                effects(j);
            }
            level = Arrays.stream(a).average().orElseThrow() + sdOfLevels / Math.sqrt(SUBJECTS) * random.nextGaussian();
            slope = Arrays.stream(b).average().orElseThrow() + sdOfSlopes / Math.sqrt(SUBJECTS) * random.nextGaussian();
            sdOfLevels =
                    scale(Arrays.stream(a).map(x -> (x - level) * (x - level)).sum(), SUBJECTS);
            sdOfSlopes =
                    scale(Arrays.stream(b).map(x -> (x - slope) * (x - slope)).sum(), SUBJECTS);
            double square = 0;
            for (int i = 0; i < ROWS; i++) {
                square += i == without ? 0 : Math.pow(reaction[i] - mean(i), 2);
            }
            sigma = scale(square, without < 0 ? ROWS : ROWS - 1);
        }

        private void effects(int j) {
            double aa = 1 / (sdOfLevels * sdOfLevels);
            double bb = 1 / (sdOfSlopes * sdOfSlopes);
            double ab = 0;
            double ya = level * aa;
            double yb = slope * bb;
            double w = 1 / (sigma * sigma);
            for (int i = j * DAYS; i < (j + 1) * DAYS; i++) {
                if (i != without) {
                    aa += w;
                    ab += w * day[i];
                    bb += w * day[i] * day[i];
                    ya += w * reaction[i];
                    yb += w * reaction[i] * day[i];
                }
            }
            double determinant = aa * bb - ab * ab;
            double rootA = Math.sqrt(aa);
            double offB = random.nextGaussian() / Math.sqrt(determinant / aa);
            double offA = (random.nextGaussian() - ab / rootA * offB) / rootA;
            a[j] = (bb * ya - ab * yb) / determinant + offA;
            b[j] = (aa * yb - ab * ya) / determinant + offB;
        }

        /** A scale with a flat prior given n normal deviations with this sum of squares. */
        private double scale(double square, int n) {
            double product = 1;
            for (int k = 0; k < (n - 1) / 2; k++) {
                product *= 1 - random.nextDouble();
            }
            double z = (n - 1) % 2 == 1 ? random.nextGaussian() : 0;
            double chiSquared = z * z - 2 * Math.log(product);
            return Math.sqrt(square / chiSquared);
        }

        void write(DMatrixRMaj draws, int s) {
            double[] globals = {level, slope, Math.log(sdOfLevels), Math.log(sdOfSlopes), Math.log(sigma)};
            for (int k = 0; k < GLOBALS; k++) {
                draws.set(k, s, globals[k]);
            }
            for (int j = 0; j < SUBJECTS; j++) {
                draws.set(GLOBALS + j, s, (a[j] - level) / sdOfLevels);
                draws.set(GLOBALS + SUBJECTS + j, s, (b[j] - slope) / sdOfSlopes);
            }
        }
    }
}
