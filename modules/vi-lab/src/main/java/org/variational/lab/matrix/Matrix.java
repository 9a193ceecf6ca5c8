package org.variational.lab.matrix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.variational.divergence.Divergence;
import org.variational.divergence.Divergences;
import org.variational.estimator.GradientEstimator;
import org.variational.estimator.GradientEstimators;
import org.variational.estimator.Objective;
import org.variational.family.Families;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.lab.matrix.Cell.Status;
import org.variational.random.RandomStreams;

/** Runs combinations of target, family, divergence and estimator and compares each with its optimum. */
final class Matrix {
    /** The number of draws of a step. */
    static final int DRAWS = 128;

    /** A multiple of {@link #DRAWS} with which a bias that falls with the number of draws is looked at again. */
    static final int MORE = 4;

    /** A cell is ok within this many standard errors and the tolerance. */
    static final double ERRORS = 5;

    static final double TOLERANCE = 0.002;
    private static final double LARGEST_ERROR = 0.05;
    private static final double STEEPEST = 2e-3;
    private static final int VARIANCE_REPEATS = 60;

    static final FamilyChoice MEAN_FIELD = new FamilyChoice("mean-field", Families.meanField());
    static final FamilyChoice FULL_RANK = new FamilyChoice("full-rank", Families.fullRank());

    private Matrix() {}

    /** A divergence with its limit for many draws, and the error of the optimum computed from that. */
    record Choice(String name, Divergence divergence, Population population, double tolerance) {
        Choice(String name, Divergence divergence, Population population) {
            this(name, divergence, population, TOLERANCE);
        }
    }

    /** A family by name. */
    record FamilyChoice(String name, VariationalFamily.Factory factory) {}

    /** An estimator by name. */
    record EstimatorChoice(String name, GradientEstimator estimator) {}

    static List<Choice> divergences() {
        Divergence own = Divergence.f(
                w -> (w - 1) * (w - 1) / (w + 1),
                w -> (w - 1) * (w + 3) / ((w + 1) * (w + 1)),
                w -> 8 / ((w + 1) * (w + 1) * (w + 1)));
        return List.of(
                new Choice("reverse-kl", Divergences.reverseKl(), Population.reverseKl()),
                new Choice("forward-kl", Divergences.forwardKl(), Population.forwardKl()),
                new Choice("alpha:0.5", Divergences.alpha(0.5), Population.power(0.5)),
                new Choice("renyi:0.5", Divergences.renyi(0.5), Population.power(0.5)),
                new Choice("renyi:0.5,K=2", Divergences.renyi(0.5, 2), Population.pairs(0.5)),
                new Choice("importance-weighted,K=2", Divergences.importanceWeighted(2), Population.pairs(0)),
                new Choice("chi-squared", Divergences.chiSquared(), Population.power(2)),
                new Choice("alpha:-1", Divergences.alpha(-1), Population.power(-1)),
                new Choice("squared-hellinger", Divergences.squaredHellinger(), Population.power(0.5)),
                new Choice("jeffreys", Divergences.jeffreys(), Population.weighted(1, 1)),
                new Choice("interpolated-kl:0.3", Divergences.interpolatedKl(0.3), Population.weighted(0.7, 0.3)),
                new Choice(
                        "geometric-jensen-shannon:0.5",
                        Divergences.geometricJensenShannon(0.5),
                        Population.geometric(0.5)),
                new Choice("skewed-reverse-kl:0.5", Divergences.skewedReverseKl(0.5), Population.skewedReverse(0.5)),
                new Choice("skewed-forward-kl:0.5", Divergences.skewedForwardKl(0.5), Population.skewedForward(0.5)),
                new Choice("jensen-shannon", Divergences.jensenShannon(), Population.jensenShannon()),
                new Choice("total-variation", Divergences.totalVariation(), Population.totalVariation(0.03), 0.01),
                new Choice("tail-adaptive", Divergences.tailAdaptive(), Population.tailAdaptive(DRAWS), 0.005),
                new Choice("triangular (user's f)", own, Population.triangular()));
    }

    /** The families; the components of mixtures are of the given family. */
    static List<FamilyChoice> families(FamilyChoice component) {
        return List.of(
                MEAN_FIELD,
                FULL_RANK,
                new FamilyChoice("low-rank:1", Families.lowRank(1)),
                new FamilyChoice("blocks", Families.blocks()),
                new FamilyChoice("mean-field-t:5", Families.meanFieldStudentT(5)),
                new FamilyChoice("multivariate-t:5", Families.multivariateStudentT(5)),
                new FamilyChoice("mixture:2 of " + component.name(), Families.mixture(2, component.factory())),
                new FamilyChoice("coupling-flow:2,2", Families.couplingFlow(2, 2)));
    }

    static List<FamilyChoice> discreteFamilies() {
        return List.of(new FamilyChoice("categorical:3", Families.categorical(3)));
    }

    static List<EstimatorChoice> estimators() {
        return List.of(
                new EstimatorChoice("automatic", GradientEstimators.automatic()),
                new EstimatorChoice("sticking-the-landing", GradientEstimators.stickingTheLanding()),
                new EstimatorChoice("closed-form-entropy", GradientEstimators.closedFormEntropy()),
                new EstimatorChoice("doubly-reparameterised", GradientEstimators.doublyReparameterised()),
                new EstimatorChoice("total-derivative", GradientEstimators.totalDerivative()),
                new EstimatorChoice("score-function", GradientEstimators.scoreFunction()),
                new EstimatorChoice("self-normalised", GradientEstimators.selfNormalised()),
                new EstimatorChoice("markov-chains", GradientEstimators.markovChains()),
                new EstimatorChoice("stratified-path", GradientEstimators.stratifiedPath()),
                new EstimatorChoice("exact-enumeration", GradientEstimators.exactEnumeration()));
    }

    static Target gaussian() {
        return Target.gaussian(0.5);
    }

    static Target twoModes() {
        return Target.twoModes(1.04, -0.78);
    }

    static Target outcomes() {
        return Target.outcomes(0.2, 0.5, 0.3);
    }

    /** All cells of one target, in the order of the lists. */
    static List<Cell> run(
            Target target,
            List<FamilyChoice> families,
            List<Choice> divergences,
            List<EstimatorChoice> estimators,
            long seed) {
        ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Future<List<Cell>>> rows = new ArrayList<>();
            for (FamilyChoice family : families) {
                for (Choice divergence : divergences) {
                    rows.add(pool.submit(() -> row(target, family, divergence, estimators, seed)));
                }
            }
            List<Cell> cells = new ArrayList<>();
            for (Future<List<Cell>> row : rows) {
                cells.addAll(row.get());
            }
            return cells;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a combination failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<Cell> row(
            Target target, FamilyChoice familyChoice, Choice choice, List<EstimatorChoice> estimators, long seed) {
        VariationalFamily family = familyChoice.factory().forLayout(target.layout());
        FutureTask<Optimum> optimum = new FutureTask<>(() -> Optimum.of(target, family, choice.population()));
        List<Cell> cells = new ArrayList<>();
        for (EstimatorChoice estimator : estimators) {
            Objective.Builder builder = Objective.of(target.density(), target.layout(), family)
                    .divergence(choice.divergence())
                    .estimator(estimator.estimator());
            Cell.Combination combination =
                    new Cell.Combination(target.name(), familyChoice.name(), choice.name(), estimator.name());
            Objective objective;
            try {
                objective = builder.draws(DRAWS).build();
            } catch (IllegalArgumentException e) {
                cells.add(new Cell(combination, Cell.Measured.NOTHING, Status.REFUSED, String.valueOf(e.getMessage())));
                continue;
            }
            optimum.run();
            Optimum best;
            try {
                best = optimum.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("no optimum of " + choice.name(), e);
            }
            Runner runner = new Runner(target, choice, best, objective, builder, RandomStreams.of(seed));
            cells.add(runner.cell(combination));
        }
        return cells;
    }

    /** A fit's deviations from the optimum and their standard errors. */
    private record Comparison(double[] deviations, double[] errors, Descent descent) {
        double distance() {
            return rootMeanSquare(deviations);
        }

        double error() {
            return rootMeanSquare(errors);
        }
    }

    private static double rootMeanSquare(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).average().orElse(0));
    }

    private record Runner(
            Target target,
            Choice choice,
            Optimum optimum,
            Objective objective,
            Objective.Builder builder,
            RandomStreams streams) {

        Cell cell(Cell.Combination combination) {
            Comparison comparison = compare(objective, 1);
            double variance = Descent.gradientVariance(
                    objective, optimum.parameters(), VARIANCE_REPEATS, streams.child("variance", 0));
            Status status = Status.OK;
            String reason = "";
            double distance = comparison.distance();
            double error = comparison.error();
            if (comparison.descent().unusable() > 0) {
                status = Status.UNRELIABLE;
                reason = comparison.descent().unusable() + " steps had no usable gradient";
            } else if (!(optimum.value() < Optimum.LARGEST_VALUE) && !Double.isNaN(optimum.value())) {
                return new Cell(
                        combination,
                        Cell.Measured.NOTHING,
                        Status.UNRELIABLE,
                        "there is no optimum: the divergence is infinite, because q has heavier tails than p allows");
            } else if (!(optimum.slope() < STEEPEST)) {
                status = Status.UNRELIABLE;
                reason = String.format(
                        Locale.ROOT, "the optimum is not known: the gradient found there is %.1e", optimum.slope());
            } else if (!(error <= LARGEST_ERROR)) {
                status = Status.UNRELIABLE;
                reason = String.format(
                        Locale.ROOT, "the standard error is %.2f: take more draws or another estimator", error);
            } else if (!(distance <= ERRORS * error + choice.tolerance())) {
                String known = statedBias();
                Comparison more = known.isEmpty()
                        ? comparison
                        : compare(builder.draws(MORE * DRAWS).build(), 1);
                if (!known.isEmpty() && shrinks(comparison, more)) {
                    status = Status.BIASED;
                    reason = String.format(
                            Locale.ROOT,
                            "%s; with %d draws a step the distance is %.4f, its standard error %.4f",
                            known,
                            MORE * DRAWS,
                            more.distance(),
                            more.error());
                } else if (!(optimum.secondMoment() < Optimum.LARGEST_VALUE)) {
                    status = Status.UNRELIABLE;
                    reason = "the coefficients have infinite variance, with which no bias is of order 1/S and no"
                            + " standard error holds";
                } else {
                    Comparison longer = compare(builder.draws(DRAWS).build(), MORE);
                    status = shrinks(comparison, longer) ? Status.NOT_CONVERGED : Status.WRONG;
                    reason = String.format(
                            Locale.ROOT,
                            "%s, its standard error %.4f",
                            status == Status.WRONG
                                    ? String.format(
                                            Locale.ROOT,
                                            "neither more draws nor more steps explain it: with %d times as many"
                                                    + " steps the distance is %.4f",
                                            MORE,
                                            longer.distance())
                                    : String.format(
                                            Locale.ROOT,
                                            "with %d times as many steps the distance is %.4f",
                                            MORE,
                                            longer.distance()),
                            longer.error());
                }
            }
            return new Cell(combination, new Cell.Measured(distance, error, variance), status, reason);
        }

        private String statedBias() {
            if (choice.divergence().coupling() == Divergence.Coupling.GROUPED
                    && choice.divergence().groupSize() == 0) {
                return "the bound of the whole batch differs from its limit by order 1/S";
            }
            return objective.notes().isEmpty() ? "" : "order 1/S by self-normalised weights";
        }

        private Comparison compare(Objective fitted, int longer) {
            double[] start = fitted.initialParameters(target.startMean(), target.startSd());
            Descent descent = Descent.of(fitted, start, longer, streams);
            double[] found = features(descent.parameters());
            double[] best = target.nearestOptimum(features(optimum.parameters()), found);
            double[][] batches = new double[descent.batches().length][];
            for (int b = 0; b < batches.length; b++) {
                batches[b] = target.deviations(features(descent.batches()[b]), best);
            }
            return new Comparison(target.deviations(found, best), Descent.standardErrors(batches), descent);
        }

        private double[] features(double[] parameters) {
            VariationalDistribution q = objective.distribution(parameters);
            return target.features(q);
        }

        /**
         * Whether the second distance is clearly less than the first: by more than a third of it, or no distance at
         * all.
         */
        private boolean shrinks(Comparison first, Comparison second) {
            boolean vanishes = second.distance() <= ERRORS * second.error() + choice.tolerance()
                    && second.error() <= first.distance() / (2 * ERRORS);
            return vanishes || second.distance() + 2 * second.error() < first.distance() * 2 / 3;
        }
    }
}
