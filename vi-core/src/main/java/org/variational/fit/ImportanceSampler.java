package org.variational.fit;

import java.util.function.ObjDoubleConsumer;
import org.apache.commons.math3.special.Gamma;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;

/** Makes draws from an answer and evaluates the density there, as long as the limits permit. */
final class ImportanceSampler {

    private static final int LANES = 64;
    private static final long MAX_NUMBERS = 4_000_000;

    private final Task task;
    private final CoordinateSplit split;
    private final double[] optimised;
    private final boolean permitted;
    private final Limits limits;
    private final ObjDoubleConsumer<String> progress;
    private long evaluations;

    /**
     * @param task what is fitted
     * @param optimised the values of the optimised coordinates
     * @param permitted whether the density may be evaluated at all
     * @param limits what bounds the fit
     * @param progress told of what is drawn, and the share done
     */
    ImportanceSampler(
            Task task, double[] optimised, boolean permitted, Limits limits, ObjDoubleConsumer<String> progress) {
        this.task = task;
        this.split = task.objective().coordinates();
        this.optimised = optimised;
        this.permitted = permitted;
        this.limits = limits;
        this.progress = progress;
    }

    /** The density evaluations so far. */
    long evaluations() {
        return evaluations;
    }

    private NormalDraws noise(VariationalDistribution q, String purpose) {
        return DrawScheme.independent()
                .draws(q.noiseDimension(), RandomStreams.of(task.seed()).child(purpose, 0));
    }

    /**
     * Draws from the approximation, evaluated.
     *
     * @param better draws whose weights are better; null for those of the distribution
     */
    ImportanceSample draw(VariationalDistribution q, Algorithm.@Nullable WeightedDraws better, int count) {
        return draw("draws", new ImportanceSample(split, count), 0, proposal(q, better));
    }

    /** The same draws and more, so that there are {@code count} of them. */
    ImportanceSample extend(
            ImportanceSample draws, VariationalDistribution q, Algorithm.@Nullable WeightedDraws better, int count) {
        return draw("more draws", draws.enlarged(count), draws.size(), proposal(q, better));
    }

    private Proposal proposal(VariationalDistribution q, Algorithm.@Nullable WeightedDraws better) {
        if (better != null) {
            RandomStreams streams = RandomStreams.of(task.seed()).child("posterior", 0);
            return (batch, points, logDensity) -> better.draw(streams, batch, points, logDensity);
        }
        NormalDraws source = noise(q, "posterior");
        DMatrixRMaj noise = new DMatrixRMaj(1, 1);
        return (batch, points, logDensity) -> {
            noise.reshape(q.noiseDimension(), points.numCols);
            source.fill(batch, noise);
            q.sample(noise, points);
            q.logDensity(points, logDensity);
        };
    }

    /**
     * Draws from a multivariate t of some degrees of freedom with the mean and scale matrix of a Gaussian, evaluated. A
     * draw is one of the Gaussian with its distance from the mean stretched by {@code sqrt(nu / chi^2)}; its density
     * needs only the squared distance, which the Gaussian's own density gives.
     */
    ImportanceSample drawHeavier(GaussianDistribution q, int count, int degrees) {
        double[] mean = q.mean();
        int d = mean.length;
        double[] atMean = new double[1];
        q.logDensity(new DMatrixRMaj(d, 1, true, mean), atMean);
        double constant = Gamma.logGamma((degrees + d) / 2.0)
                - Gamma.logGamma(degrees / 2.0)
                - 0.5 * d * Math.log(degrees / 2.0)
                + atMean[0];
        NormalDraws source = noise(q, "heavier-" + degrees);
        NormalDraws chiSquare = DrawScheme.independent()
                .draws(degrees, RandomStreams.of(task.seed()).child("stretch", degrees));
        DMatrixRMaj noise = new DMatrixRMaj(1, 1);
        DMatrixRMaj normals = new DMatrixRMaj(1, 1);
        return draw("heavier tails", new ImportanceSample(split, count), 0, (batch, points, logDensity) -> {
            int lanes = points.numCols;
            noise.reshape(q.noiseDimension(), lanes);
            normals.reshape(degrees, lanes);
            source.fill(batch, noise);
            chiSquare.fill(batch, normals);
            q.sample(noise, points);
            for (int s = 0; s < lanes; s++) {
                double square = 0;
                for (int k = 0; k < degrees; k++) {
                    square += normals.data[k * lanes + s] * normals.data[k * lanes + s];
                }
                double stretch = Math.sqrt(degrees / square);
                for (int i = 0; i < d; i++) {
                    points.data[i * lanes + s] = mean[i] + stretch * (points.data[i * lanes + s] - mean[i]);
                }
            }
            q.logDensity(points, logDensity);
            for (int s = 0; s < lanes; s++) {
                double distance = 2 * Math.max(0, atMean[0] - logDensity[s]);
                logDensity[s] = constant - 0.5 * (degrees + d) * Math.log1p(distance / degrees);
            }
        });
    }

    /** Makes draws and their log density. */
    @FunctionalInterface
    private interface Proposal {
        void draw(int batch, DMatrixRMaj points, double[] logDensity);
    }

    /** Fills the room from a position on, with batches of noise that were not used before. */
    private ImportanceSample draw(String what, ImportanceSample draws, int first, Proposal proposal) {
        int d = split.dimension();
        int count = draws.size();
        int lanes = (int) Math.max(1, Math.min(LANES, MAX_NUMBERS / d));
        boolean evaluate = permitted && draws.evaluated == first;
        GuardedDensity density = new GuardedDensity(task.target(), split);
        double[] logDensity = new double[lanes];
        double[] logApproximation = new double[lanes];
        DMatrixRMaj inferred = new DMatrixRMaj(split.inferredCount(), lanes);
        DMatrixRMaj points = new DMatrixRMaj(d, lanes);
        for (int from = first; from < count; from += lanes) {
            int batch = draws.nextBatch++;
            proposal.draw(batch, inferred, logApproximation);
            split.join(inferred, optimised, points);
            int used = Math.min(lanes, count - from);
            for (int i = 0; i < d; i++) {
                System.arraycopy(points.data, i * lanes, draws.points.data, i * count + from, used);
            }
            System.arraycopy(logApproximation, 0, draws.logApproximation, from, used);
            evaluate = evaluate && !limits.ended();
            if (evaluate) {
                progress.accept(what, (double) (from - first) / (count - first));
                density.evaluate(points, logDensity, null);
                evaluations += density.evaluations();
                if (task.target().cutShort()) {
                    evaluate = false;
                    continue;
                }
                for (int s = 0; s < used; s++) {
                    // a scale below the rounding of the mean has draws to which its own density gives no number
                    double known = Double.isFinite(logApproximation[s]) ? logDensity[s] : Double.NaN;
                    draws.logDensity[from + s] = known;
                    draws.rejected += Double.isNaN(known) ? 1 : 0;
                    draws.unsupported += known == Double.NEGATIVE_INFINITY ? 1 : 0;
                }
                draws.evaluated += used;
            }
        }
        return draws;
    }
}
