package org.variational.algorithm;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.commons.math3.special.Gamma;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Objective;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalDistribution;
import org.variational.posterior.Posterior;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;
import org.variational.weights.WeightedSample;

/** Draws from an answer, evaluates the density there, and says what can be said. */
final class Examination {

    private static final int LANES = 64;
    private static final int FEWEST_FOR_K_HAT = 100;
    private static final int ERROR_DRAWS = 256;
    private static final long MAX_NUMBERS = 4_000_000;

    /** Degrees of freedom of the heavier-tailed proposal. */
    private static final int TAIL_DEGREES = 5;

    /** Beyond this dimension few draws with Cauchy tails come near the posterior. */
    private static final int MAX_DIMENSION_FOR_MOMENTS = 20;

    private final Task task;
    private final Algorithm.Outcome outcome;
    private final Stop stop;
    private final Inspection inspection;
    private final BooleanSupplier ended;
    private final Objective objective;
    private final CoordinateSplit split;

    Examination(Task task, Algorithm.Outcome outcome, Stop stop, Inspection inspection, BooleanSupplier ended) {
        this.task = task;
        this.outcome = outcome;
        this.stop = stop;
        this.inspection = inspection;
        this.ended = ended;
        this.objective = task.objective();
        this.split = objective.coordinates();
    }

    /** What the draws say. */
    private static final class Draws {
        private final DMatrixRMaj points;
        private final double[] logDensity;
        private final double[] logApproximation;
        private int evaluated;
        private int rejected;
        private int unsupported;
        private long evaluations;

        Draws(int dimension, int count) {
            this.points = new DMatrixRMaj(dimension, count);
            this.logDensity = new double[count];
            this.logApproximation = new double[count];
            Arrays.fill(logDensity, Double.NaN);
        }
    }

    Fit fit(int count, LossTrace trace, Map<String, String> options, Supplier<Duration> elapsed) {
        VariationalDistribution q = distribution(outcome.parameters());
        double[] optimised = optimised(outcome.parameters());
        Draws draws = draw(q, optimised, count);
        double[] bound = elbo(q, draws);
        Posterior posterior = Posterior.of(task.layout(), draws.points, draws.logDensity, draws.logApproximation);
        double kHat = Double.NaN;
        Verdict.Shift shift = Verdict.Shift.UNKNOWN;
        if (draws.evaluated - draws.rejected >= FEWEST_FOR_K_HAT) {
            double[] logWeights = Arrays.copyOf(posterior.logWeights(), draws.evaluated);
            ParetoSmoothing smoothed = ParetoSmoothing.of(logWeights);
            kHat = smoothed.shape();
            if (smoothed.isReliable()) {
                shift = shift(q, draws, smoothed.weights());
            }
        }
        Verdict.Heavier heavier = Verdict.Heavier.UNKNOWN;
        if (kHat >= Verdict.GOOD_K_HAT && q instanceof GaussianDistribution gaussian) {
            Draws wide = drawHeavier(gaussian, optimised, count, TAIL_DEGREES);
            draws.evaluations += wide.evaluations;
            heavier = heavier(gaussian, wide);
        }
        Stop end = stop;
        if (stop.converged()
                && objective.schedule().goal().needsTargetVariance()
                && q instanceof GaussianDistribution gaussian
                && gaussian.family().dimension() <= MAX_DIMENSION_FOR_MOMENTS) {
            Draws widest = drawHeavier(gaussian, optimised, count, 1);
            draws.evaluations += widest.evaluations;
            end = unlessWithoutMinimum(gaussian, widest);
        }
        Verdict verdict = Verdict.of(new Verdict.Evidence(
                end,
                !outcome.drifting().isEmpty(),
                kHat,
                draws.evaluated,
                draws.rejected,
                draws.unsupported,
                posterior.nonFiniteDraws(),
                outcome.evaluations(),
                shift,
                heavier,
                outcome.goalReport(),
                new Verdict.Findings(
                        inspection.nonDeterminism(), inspection.gradient(), unsupportedBy(draws), outcome.findings())));
        Map<String, String> settings = new LinkedHashMap<>(options);
        settings.put("estimator", objective.estimatorName());
        String version = Examination.class.getPackage().getImplementationVersion();
        Provenance provenance = new Provenance(
                version == null ? "development" : version,
                Runtime.version().toString(),
                task.target().implementation(),
                task.model(),
                split.dimension(),
                task.seed(),
                settings,
                stop.iteration(),
                inspection.evaluations() + outcome.evaluations() + draws.evaluations,
                task.target().gradientEvaluations(),
                elapsed.get());
        return new Fit(
                verdict,
                end,
                bound[0],
                bound[1],
                kHat,
                outcome.family(),
                Arrays.copyOf(outcome.parameters(), outcome.family().parameterCount()),
                optimised,
                posterior,
                fitErrors(),
                trace,
                provenance);
    }

    private VariationalDistribution distribution(double[] parameters) {
        return outcome.family()
                .member(Arrays.copyOf(parameters, outcome.family().parameterCount()));
    }

    private double[] optimised(double[] parameters) {
        return Arrays.copyOfRange(parameters, outcome.family().parameterCount(), parameters.length);
    }

    private NormalDraws noise(VariationalDistribution q, String purpose) {
        return DrawScheme.independent()
                .draws(q.noiseDimension(), RandomStreams.of(task.seed()).child(purpose, 0));
    }

    /** Draws from the approximation, evaluated. */
    private Draws draw(VariationalDistribution q, double[] optimised, int count) {
        NormalDraws source = noise(q, "posterior");
        DMatrixRMaj noise = new DMatrixRMaj(1, 1);
        return draw(optimised, count, (batch, points, logDensity) -> {
            noise.reshape(q.noiseDimension(), points.numCols);
            source.fill(batch, noise);
            q.sample(noise, points);
            q.logDensity(points, logDensity);
        });
    }

    /**
     * Draws from a multivariate t of some degrees of freedom with the mean and scale matrix of a Gaussian, evaluated. A draw is one of the Gaussian with
     * its distance from the mean stretched by {@code sqrt(nu / chi^2)}; its density needs only the squared distance, which the
     * Gaussian's own density gives.
     */
    private Draws drawHeavier(GaussianDistribution q, double[] optimised, int count, int degrees) {
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
        return draw(optimised, count, (batch, points, logDensity) -> {
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

    /** The Pareto shapes of weights, and of weights times squared distances, of which the variance is an average. */
    private record Tails(ParetoSmoothing weights, double ofSquares) {}

    private static @Nullable Tails tails(GaussianDistribution q, Draws draws) {
        if (draws.evaluated - draws.rejected < FEWEST_FOR_K_HAT) {
            return null;
        }
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        int count = draws.points.numCols;
        double[] logWeights = new double[draws.evaluated];
        double[] logSquares = new double[draws.evaluated];
        for (int s = 0; s < logWeights.length; s++) {
            logWeights[s] = draws.logDensity[s] - draws.logApproximation[s];
            double square = 0;
            for (int i = 0; i < mean.length; i++) {
                double z = (draws.points.data[i * count + s] - mean[i]) / sd[i];
                square += z * z;
            }
            logSquares[s] = logWeights[s] + Math.log(square);
        }
        return new Tails(
                ParetoSmoothing.of(logWeights), ParetoSmoothing.of(logSquares).shape());
    }

    private Verdict.Heavier heavier(GaussianDistribution q, Draws draws) {
        Tails tails = tails(q, draws);
        if (tails == null) {
            return Verdict.Heavier.UNKNOWN;
        }
        ParetoSmoothing weights = tails.weights();
        return new Verdict.Heavier(
                Math.max(weights.shape(), tails.ofSquares()),
                weights.isReliable() ? shift(q, draws, weights.weights()) : Verdict.Shift.UNKNOWN);
    }

    /**
     * The end of a fit by a divergence that needs the target's variance: the one given, unless draws with the tails of a Cauchy
     * distribution, whose weights are well-behaved, show that the variance is an average without a limit.
     */
    private Stop unlessWithoutMinimum(GaussianDistribution q, Draws draws) {
        Tails tails = tails(q, draws);
        if (tails == null
                || !(tails.weights().shape() < Verdict.GOOD_K_HAT)
                || tails.ofSquares() < ParetoSmoothing.threshold(draws.evaluated)) {
            return stop;
        }
        return new Stop(
                Status.DIVERGED,
                String.format(
                        Locale.ROOT,
                        "the tails of the posterior are so heavy that it seems to have no variance (k-hat of squared distances"
                                + " %.2f), and %s then has no minimum: use reverse KL, or a Student-t family",
                        tails.ofSquares(),
                        objective.schedule().goal().name()),
                stop.iteration(),
                stop.coordinates(),
                stop.rejectedEvaluations(),
                null);
    }

    /** Makes draws and their log density. */
    @FunctionalInterface
    private interface Proposal {
        void draw(int batch, DMatrixRMaj points, double[] logDensity);
    }

    private Draws draw(double[] optimised, int count, Proposal proposal) {
        int d = split.dimension();
        Draws draws = new Draws(d, count);
        int lanes = (int) Math.max(1, Math.min(LANES, MAX_NUMBERS / d));
        boolean evaluate = stop.status() != Status.CANCELLED && stop.status() != Status.TIME_LIMIT;
        GuardedDensity density = new GuardedDensity(task.target(), split);
        double[] logDensity = new double[lanes];
        double[] logApproximation = new double[lanes];
        DMatrixRMaj inferred = new DMatrixRMaj(split.inferredCount(), lanes);
        DMatrixRMaj points = new DMatrixRMaj(d, lanes);
        for (int from = 0, batch = 0; from < count; from += lanes, batch++) {
            proposal.draw(batch, inferred, logApproximation);
            split.join(inferred, optimised, points);
            int used = Math.min(lanes, count - from);
            for (int i = 0; i < d; i++) {
                System.arraycopy(points.data, i * lanes, draws.points.data, i * count + from, used);
            }
            System.arraycopy(logApproximation, 0, draws.logApproximation, from, used);
            evaluate = evaluate && !ended.getAsBoolean();
            if (evaluate) {
                density.evaluate(points, logDensity, null);
                draws.evaluations += density.evaluations();
                for (int s = 0; s < used; s++) {
                    draws.logDensity[from + s] = logDensity[s];
                    draws.rejected += Double.isNaN(logDensity[s]) ? 1 : 0;
                    draws.unsupported += logDensity[s] == Double.NEGATIVE_INFINITY ? 1 : 0;
                }
                draws.evaluated += used;
            }
        }
        return draws;
    }

    /**
     * The coordinate by which draws where the density is zero differ most from the others: in the mean, or in the mean
     * square, of the standardised coordinate, so that a bound on either side or on both shows.
     */
    private String unsupportedBy(Draws draws) {
        int inside = draws.evaluated - draws.rejected - draws.unsupported;
        if (draws.unsupported == 0 || inside == 0) {
            return "";
        }
        int count = draws.points.numCols;
        double largest = 0;
        String name = "";
        for (int i = 0; i < split.dimension(); i++) {
            WeightedSample all =
                    WeightedSample.of(Arrays.copyOfRange(draws.points.data, i * count, i * count + draws.evaluated));
            double sd = all.standardDeviation();
            double byMean = 0;
            double bySquare = 0;
            for (int s = 0; s < draws.evaluated; s++) {
                if (!Double.isNaN(draws.logDensity[s])) {
                    double z = (draws.points.data[i * count + s] - all.mean()) / sd;
                    double weight =
                            draws.logDensity[s] == Double.NEGATIVE_INFINITY ? 1.0 / draws.unsupported : -1.0 / inside;
                    byMean += weight * z;
                    bySquare += weight * z * z;
                }
            }
            double difference = Math.max(Math.abs(byMean), Math.abs(bySquare) / Math.sqrt(2));
            if (difference > largest) {
                largest = difference;
                name = split.name(i);
            }
        }
        return name;
    }

    /**
     * The evidence lower bound and its standard error: the mean of {@code log p - log q}, or that of {@code log p} plus the
     * entropy where it is known and that mean has the smaller error.
     */
    private static double[] elbo(VariationalDistribution q, Draws draws) {
        if (draws.unsupported > 0) {
            return new double[] {Double.NEGATIVE_INFINITY, Double.NaN};
        }
        double[] difference = new double[draws.evaluated - draws.rejected];
        double[] density = new double[difference.length];
        if (difference.length < 2) {
            return new double[] {Double.NaN, Double.NaN};
        }
        for (int s = 0, k = 0; s < draws.evaluated; s++) {
            if (!Double.isNaN(draws.logDensity[s])) {
                density[k] = draws.logDensity[s];
                difference[k++] = draws.logDensity[s] - draws.logApproximation[s];
            }
        }
        double[] plain = meanAndError(difference);
        if (q instanceof VariationalDistribution.ClosedFormEntropy known) {
            double[] closed = meanAndError(density);
            closed[0] += known.entropy();
            return closed[1] < plain[1] ? closed : plain;
        }
        return plain;
    }

    private static double[] meanAndError(double[] values) {
        double mean = 0;
        for (int s = 0; s < values.length; s++) {
            mean += (values[s] - mean) / (s + 1);
        }
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value - mean));
        }
        if (largest == 0) {
            return new double[] {mean, 0};
        }
        double square = 0;
        for (double value : values) {
            double z = (value - mean) / largest;
            square += z * z;
        }
        return new double[] {mean, largest * Math.sqrt(square / (values.length - 1) / values.length)};
    }

    private Verdict.Shift shift(VariationalDistribution q, Draws draws, double[] weights) {
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        double[] largest = new double[4];
        int count = draws.points.numCols;
        for (int i = 0; i < mean.length; i++) {
            int row = split.inferredIndex(i) * count;
            double[] values = Arrays.copyOfRange(draws.points.data, row, row + draws.evaluated);
            if (!Double.isFinite(mean[i]) || !(sd[i] > 0) || Double.isInfinite(sd[i])) {
                WeightedSample unweighted = WeightedSample.of(values);
                mean[i] = unweighted.mean();
                sd[i] = unweighted.standardDeviation();
            }
            WeightedSample sample = WeightedSample.of(values, weights);
            double byMean = Math.abs(sample.mean() - mean[i]) / sd[i];
            double bySd = Math.abs(sample.standardDeviation() - sd[i]) / sd[i];
            double meanError = sample.meanError() / sd[i];
            double sdError = sample.standardDeviationError() / sd[i];
            largest[0] = Math.max(largest[0], byMean - 4 * meanError);
            largest[1] = Math.max(largest[1], bySd - 4 * sdError);
            largest[2] = Math.max(largest[2], byMean + 2 * meanError);
            largest[3] = Math.max(largest[3], bySd + 2 * sdError);
        }
        return new Verdict.Shift(largest[0], largest[1], largest[2], largest[3]);
    }

    /**
     * The Monte-Carlo error that the fit itself leaves in the mean of every scalar: every replicate of the answer makes draws
     * from the same noise, and the means of their quantities are compared.
     */
    private double[] fitErrors() {
        ParameterLayout layout = task.layout();
        int size = layout.quantities().stream()
                .mapToInt(ParameterLayout.Quantity::size)
                .sum();
        double[] errors = new double[size];
        List<double[]> replicates = outcome.replicates();
        int n = replicates.size();
        if (n < 2) {
            Arrays.fill(errors, Double.NaN);
            return errors;
        }
        int lanes = (int) Math.max(1, Math.min(ERROR_DRAWS, MAX_NUMBERS / (split.dimension() + size + 1)));
        DMatrixRMaj noise = new DMatrixRMaj(distribution(outcome.parameters()).noiseDimension(), lanes);
        noise(distribution(outcome.parameters()), "error").fill(0, noise);
        DMatrixRMaj inferred = new DMatrixRMaj(split.inferredCount(), lanes);
        DMatrixRMaj points = new DMatrixRMaj(split.dimension(), lanes);
        DMatrixRMaj values = new DMatrixRMaj(size, lanes);
        double[] mean = new double[size];
        double[] square = new double[size];
        for (int b = 0; b < n; b++) {
            double[] parameters = replicates.get(b);
            distribution(parameters).sample(noise, inferred);
            split.join(inferred, optimised(parameters), points);
            layout.quantitiesAt(points, values);
            for (int j = 0; j < size; j++) {
                double average = 0;
                for (int s = 0; s < lanes; s++) {
                    average += values.data[j * lanes + s] / lanes;
                }
                double before = average - mean[j];
                mean[j] += before / (b + 1);
                square[j] += before * (average - mean[j]);
            }
        }
        for (int j = 0; j < size; j++) {
            errors[j] = Math.sqrt(square[j] / (n - 1) / n);
        }
        return errors;
    }
}
