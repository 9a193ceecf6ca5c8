package org.variational.lab.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.variational.lab.simulated.ReferenceTable.Kind;
import org.variational.lab.simulated.ReferenceTable.Row;
import org.variational.lab.simulated.VaryingIntercepts.Response;
import org.variational.model.Model;

/** A posterior on data that are simulated anew, and always the same, whenever they are needed. Immutable. */
public final class SimulatedProblem {

    private static final long SEED = 20261130;

    private static final int[] GROUPS = {100, 1000, 10_000};
    private static final int[] FIXED_EFFECTS = {1, 20};
    /** The most coordinates of a problem that is not large. */
    static final int LARGE = 2000;

    private static final List<SimulatedProblem> ALL = declared();

    private final String name;
    private final String source;
    private final boolean large;
    private final boolean nonCentred;
    private final Supplier<LatentPosterior> posterior;

    private SimulatedProblem(
            String name, String source, boolean large, boolean nonCentred, Supplier<LatentPosterior> posterior) {
        this.name = name;
        this.source = source;
        this.large = large;
        this.nonCentred = nonCentred;
        this.posterior = posterior;
    }

    /** All problems, in order. */
    public static List<SimulatedProblem> all() {
        return ALL;
    }

    private static List<SimulatedProblem> declared() {
        List<SimulatedProblem> all = new ArrayList<>();
        for (Response response : Response.values()) {
            for (int groups : GROUPS) {
                for (int effects : FIXED_EFFECTS) {
                    String source = response.name().toLowerCase(Locale.ROOT) + "_" + groups + "_" + effects;
                    for (boolean nonCentred : new boolean[] {false, true}) {
                        add(
                                all,
                                source + (nonCentred ? "_noncentred" : "_centred"),
                                source,
                                groups > LARGE,
                                nonCentred,
                                () -> VaryingIntercepts.of(response, groups, effects, nonCentred, SEED));
                    }
                }
            }
        }
        add(all, "crossed_50_80", false, () -> CrossedEffects.of(50, 80, 2000, SEED));
        add(all, "level_100", false, () -> LevelSeries.of(100, SEED));
        add(all, "level_1000", false, () -> LevelSeries.of(1000, SEED));
        add(all, "level_5000", true, () -> LevelSeries.of(5000, SEED));
        add(all, "volatility_250", false, () -> Volatility.of(250, SEED));
        add(all, "volatility_2000", true, () -> Volatility.of(2000, SEED));
        add(all, "lattice_32", false, () -> CountLattice.of(32, SEED));
        add(all, "growth_30", false, () -> GrowthCurves.of(30, SEED));
        return List.copyOf(all);
    }

    /** The problem of a name; empty if there is none. */
    public static Optional<SimulatedProblem> named(String name) {
        return ALL.stream().filter(problem -> problem.name.equals(name)).findFirst();
    }

    private static void add(
            List<SimulatedProblem> all, String title, boolean large, Supplier<LatentPosterior> posterior) {
        add(all, title, title, large, false, posterior);
    }

    private static void add(
            List<SimulatedProblem> all,
            String title,
            String source,
            boolean large,
            boolean nonCentred,
            Supplier<LatentPosterior> posterior) {
        String name = String.format(Locale.ROOT, "N%02d_%s", all.size() + 1, title);
        all.add(new SimulatedProblem(name, source, large, nonCentred, posterior));
    }

    /** Its name, such as {@code N26_level_100}. */
    public String name() {
        return name;
    }

    /** Whether it has more than 2,000 coordinates. */
    public boolean isLarge() {
        return large;
    }

    /** The name of what it is the posterior of, which other declarations may share. */
    String source() {
        return source;
    }

    /** The posterior, simulated. */
    LatentPosterior posterior() {
        return posterior.get();
    }

    /** Simulates the data, declares the model and reads the reference. */
    public Declared declare() {
        LatentPosterior simulated = posterior.get();
        ReferenceTable table = ReferenceTable.stored(source)
                .orElseThrow(() -> new IllegalStateException("there is no reference of " + source));
        return new Declared(simulated.model(), simulated.rows(), nonCentred, table);
    }

    /**
     * A declared problem.
     *
     * @param model the model with its data
     * @param rows the number of observations
     * @param nonCentred whether the coordinates of its effects are standardised
     * @param reference the moments
     */
    public record Declared(Model model, int rows, boolean nonCentred, ReferenceTable reference) {

        /** The moments of a coordinate, by the name of its scalar; empty if they are not kept. */
        public Optional<Row> coordinate(String name) {
            Optional<Row> effect = nonCentred ? reference.row(Kind.STANDARDISED, name) : Optional.empty();
            return effect.or(() -> reference.row(Kind.COORDINATE, name)).or(() -> reference.row(Kind.QUANTITY, name));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
