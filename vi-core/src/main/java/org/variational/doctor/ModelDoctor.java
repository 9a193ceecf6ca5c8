package org.variational.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.GuardedLayout;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Block;
import org.variational.density.ParameterLayout.Role;
import org.variational.diagnostic.Diagnosis;
import org.variational.diagnostic.Diagnosis.Check;
import org.variational.diagnostic.Diagnosis.Finding;
import org.variational.diagnostic.Diagnosis.Stage;
import org.variational.estimator.CoordinateSplit;
import org.variational.model.Model;
import org.variational.random.RandomStreams;

/**
 * Examines a model or a density before it is fitted: is it finite where a fit starts, is its gradient its own, are its
 * transforms right, how is it scaled, which directions does it leave undetermined, and are its data used.
 *
 * <p>The density is looked at from the initial point, uniform points of [-2, 2]^D and, for a model whose prior can be
 * drawn, draws of the prior; then along a path of limited-memory BFGS to the place where a Gaussian fits best. The work
 * is bounded by the {@link Effort}; the same seed gives the same diagnosis.
 */
public final class ModelDoctor {

    /**
     * How much is looked at.
     *
     * @param seed of the points
     * @param points uniform points, and as many prior draws, at least 1
     * @param coordinates the most coordinates whose slopes and curvatures are compared, at least 1; a random choice
     *     that takes from every parameter where there are more
     * @param steps the most steps of the climb, at least 1
     */
    public record Effort(long seed, int points, int coordinates, int steps) {

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if a count is not positive
         */
        public Effort {
            if (points < 1 || coordinates < 1 || steps < 1) {
                throw new IllegalArgumentException("points, coordinates and steps must be at least 1, got " + points
                        + ", " + coordinates + " and " + steps);
            }
        }

        /** A few hundred evaluations: 4 points of each kind, up to 24 coordinates, up to 100 steps. */
        public static Effort standard() {
            return new Effort(1, 4, 24, 100);
        }

        /** Some thousands of evaluations: 32 points of each kind, up to 200 coordinates, up to 1000 steps. */
        public static Effort thorough() {
            return new Effort(1, 32, 200, 1000);
        }

        /** This effort with other points. */
        public Effort withSeed(long other) {
            return new Effort(other, points, coordinates, steps);
        }
    }

    private final String subject;
    private final @Nullable Model model;
    private final Effort effort;
    private final Subject examined;

    private ModelDoctor(
            String subject, LogDensity density, ParameterLayout layout, @Nullable Model model, Effort effort) {
        this.subject = subject;
        this.model = model;
        this.effort = effort;
        if (density.dimension() != layout.dimension()) {
            throw new IllegalArgumentException("the density has dimension " + density.dimension() + ", its layout "
                    + layout.dimension() + ": pass the layout that belongs to this density");
        }
        CoordinateSplit split = CoordinateSplit.of(layout);
        this.examined =
                new Subject(new DensityProbe(density), GuardedLayout.of(layout), split, chosen(layout, split, effort));
    }

    /**
     * Examines a model.
     *
     * @param effort how much is looked at
     */
    public static Diagnosis examine(Model model, Effort effort) {
        return new ModelDoctor(model.name(), model.density(), model.layout(), model, effort).examine();
    }

    /**
     * Examines a density.
     *
     * @param layout the names and meaning of its coordinates
     * @param effort how much is looked at
     * @throws IllegalArgumentException if the dimensions differ, or the blocks of the layout do not cover its
     *     coordinates
     */
    public static Diagnosis examine(LogDensity density, ParameterLayout layout, Effort effort) {
        return new ModelDoctor("density", density, layout, null, effort).examine();
    }

    /**
     * What is examined.
     *
     * @param split which coordinates are inferred
     * @param coordinates the inferred coordinates to look at one by one
     */
    record Subject(DensityProbe density, ParameterLayout layout, CoordinateSplit split, int[] coordinates) {

        String name(int coordinate) {
            return split.name(coordinate);
        }

        static String describe(List<Double> point) {
            StringBuilder text = new StringBuilder("[");
            for (int d = 0; d < Math.min(8, point.size()); d++) {
                text.append(d == 0 ? "" : ", ").append(String.format(Locale.ROOT, "%.6g", point.get(d)));
            }
            return text.append(point.size() > 8 ? ", ...]" : "]").toString();
        }
    }

    /** Inferred coordinates: all, or in turn a random one of every block that has any left. */
    private static int[] chosen(ParameterLayout layout, CoordinateSplit split, Effort effort) {
        List<List<Integer>> byBlock = new ArrayList<>();
        RandomGenerator random = RandomStreams.of(effort.seed()).generator("examined coordinates", 0);
        for (Block block : layout.blocks()) {
            if (block.role() != Role.INFERRED || block.length() == 0) {
                continue;
            }
            List<Integer> shuffled = new ArrayList<>();
            for (int i = 0; i < block.length(); i++) {
                shuffled.add(block.offset() + i);
            }
            if (split.inferredCount() > effort.coordinates()) {
                for (int i = 0; i < Math.min(effort.coordinates(), block.length() - 1); i++) {
                    int other = random.nextInt(i, shuffled.size());
                    shuffled.set(other, shuffled.set(i, shuffled.get(other)));
                }
            }
            byBlock.add(shuffled);
        }
        List<Integer> taken = new ArrayList<>();
        for (int round = 0; taken.size() < Math.min(effort.coordinates(), split.inferredCount()); round++) {
            for (List<Integer> block : byBlock) {
                if (round < block.size() && taken.size() < effort.coordinates()) {
                    taken.add(block.get(round));
                }
            }
        }
        return taken.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private Diagnosis examine() {
        DMatrixRMaj points = points();
        FirstLook look = FirstLook.at(examined, model, points, 1 + effort.points());
        List<Stage> stages = new ArrayList<>(look.stages());
        DMatrixRMaj usable = look.usable();
        if (usable.numCols == 0) {
            for (Check check : List.of(Check.GRADIENT, Check.SCALES)) {
                stages.add(skipped(check, "there is no point at which the density and its gradient are finite"));
            }
        } else {
            stages.add(GradientStage.of(examined, usable));
            stages.add(ScaleStage.of(examined, usable, look.values(), effort));
        }
        if (model == null) {
            stages.add(TransformStage.ofLayout(examined, points));
            stages.add(skipped(Check.DATA, "a hand-written density keeps its data to itself"));
        } else {
            stages.add(TransformStage.of(examined, model, points, effort.coordinates()));
            stages.add(DataStage.of(model));
        }
        return new Diagnosis(subject, stages, examined.density().evaluations());
    }

    static Stage skipped(Check check, String why) {
        return new Stage(check, why, false, List.of());
    }

    static Stage made(Check check, String note, List<Finding> findings) {
        return new Stage(check, note, true, findings);
    }

    /**
     * D x P: the initial point, uniform points, and draws of the prior where there is one. Optimised values stay as
     * they are.
     */
    private DMatrixRMaj points() {
        CoordinateSplit split = examined.split();
        int dimension = split.dimension();
        DMatrixRMaj prior = priorDraws();
        int drawn = prior == null ? 0 : prior.numCols;
        double[] initial = examined.layout().initialPoint();
        DMatrixRMaj points = new DMatrixRMaj(dimension, 1 + effort.points() + drawn);
        RandomGenerator random = RandomStreams.of(effort.seed()).generator("examined points", 0);
        for (int d = 0; d < dimension; d++) {
            Arrays.fill(points.data, d * points.numCols, (d + 1) * points.numCols, initial[d]);
        }
        for (int i = 0; i < split.inferredCount(); i++) {
            int d = split.inferredIndex(i);
            for (int s = 1; s <= effort.points(); s++) {
                points.set(d, s, 4 * random.nextDouble() - 2);
            }
            for (int s = 0; s < drawn && prior != null; s++) {
                points.set(d, 1 + effort.points() + s, prior.get(d, s));
            }
        }
        return points;
    }

    private @Nullable DMatrixRMaj priorDraws() {
        if (model == null) {
            return null;
        }
        try {
            return model.priorDraws(
                    effort.points(), RandomStreams.of(effort.seed()).generator("examined prior", 0));
        } catch (IllegalStateException noProperPrior) {
            return null;
        }
    }
}
