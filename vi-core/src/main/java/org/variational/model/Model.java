package org.variational.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Interactions;
import org.variational.density.LogDensityParts;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Role;
import org.variational.density.RowLogDensity;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.expression.Plan;
import org.variational.expression.RowAxis;
import org.variational.kernel.Kernels;
import org.variational.structure.Structure;

/**
 * A declared model: an immutable description that compiles to a log density in lanes and says what its coordinates
 * mean.
 *
 * <p>The log density is that of the unconstrained coordinates: log likelihood, log prior and the log-Jacobians of the
 * transforms, with all normalising constants of the distributions. Thread-safe; the densities it makes are not.
 */
public final class Model {

    private final String name;
    private final int dimension;
    private final List<Declaration> declarations;
    private final Set<String> dataNames;
    private final boolean extraTerms;
    private final Data data;
    private final Plan plan;
    private final ModelLayout layout;
    private volatile @Nullable Interactions interactions;

    Model(String name, int dimension, List<Declaration> declarations, Set<String> dataNames, boolean extraTerms) {
        this(
                name,
                dimension,
                declarations,
                dataNames,
                extraTerms,
                Data.declared(),
                plan(dimension, declarations, dataNames));
    }

    private Model(
            String name,
            int dimension,
            List<Declaration> declarations,
            Set<String> dataNames,
            boolean extraTerms,
            Data data,
            Plan plan) {
        this.name = name;
        this.dimension = dimension;
        this.declarations = declarations;
        this.dataNames = dataNames;
        this.extraTerms = extraTerms;
        this.data = data;
        this.plan = plan;
        this.layout = new ModelLayout(dimension, declarations, dataNames, data, this::interactions);
    }

    private static Plan plan(int dimension, List<Declaration> declarations, Set<String> dataNames) {
        List<Expr> terms = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Term term) {
                terms.add(term.value());
            }
        }
        return Plan.of(dimension, terms, List.of(), dataNames);
    }

    /** Starts a declaration. */
    public static ModelBuilder named(String name) {
        return new ModelBuilder(name);
    }

    /** The name given at declaration. */
    public String name() {
        return name;
    }

    /** The number of unconstrained coordinates D. */
    public int dimension() {
        return dimension;
    }

    /** What the coordinates mean. The layout returned is new and may be used by one thread. */
    public ParameterLayout layout() {
        return new ModelLayout(dimension, declarations, dataNames, data, this::interactions);
    }

    /** The compiled log density, on the kernels that suit its size and on one thread. */
    public RowLogDensity density() {
        return density(1);
    }

    /** The compiled log density, on the kernels that suit its size; see {@link Kernels#preferredFor}. */
    public RowLogDensity density(int threads) {
        return new ModelDensity(dimension, plan.evaluator(data, threads), longestAxis(), structured(threads));
    }

    /**
     * The compiled log density.
     *
     * @param kernels the kernels to run on
     * @param threads the number of threads for the rows, at least 1; results do not depend on it
     */
    public RowLogDensity density(Kernels kernels, int threads) {
        return new ModelDensity(dimension, plan.evaluator(data, kernels, threads), longestAxis(), structured(threads));
    }

    private ModelDensity.Structured structured(int threads) {
        return new ModelDensity.Structured() {
            @Override
            public Interactions interactions() {
                return Model.this.interactions();
            }

            @Override
            public @Nullable LogDensityParts parts(int[] setOf) {
                return plan.parts(data, threads, setOf);
            }
        };
    }

    /** Which coordinates act together in the log density, with the data that it has. */
    public Interactions interactions() {
        Interactions known = interactions;
        if (known == null) {
            known = plan.interactions(data);
            interactions = known;
        }
        return known;
    }

    /**
     * What the declaration says about the shape of the posterior: which coordinates scale others, which parts are
     * independent given a few, and how sparse the precision is. Printed, it takes a few lines.
     */
    public Structure structure() {
        return Structure.of(layout.coordinateNames(), interactions());
    }

    /** The axis whose rows can be subsampled: the one with most rows among those with terms; null if there is none. */
    private @Nullable RowAxis longestAxis() {
        RowAxis longest = null;
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Term term) {
                RowAxis axis = term.value().axis();
                if (axis != null && (longest == null || axis.length() > longest.length())) {
                    longest = axis;
                }
            }
        }
        return longest;
    }

    /**
     * This model with other data under a declared name, such as held-out rows. Data of the same rows are replaced
     * together; data replaced before stay so.
     *
     * @throws IllegalArgumentException if a name is not declared, a width or an index does not fit, rows disagree, or
     *     observed values are impossible under their distribution
     */
    public Model with(Data replaced) {
        Data all = data.with(replaced);
        plan.evaluator(all, Kernels.plain(), 1).close();
        Model other = new Model(name, dimension, declarations, dataNames, extraTerms, all, plan);
        DMatrixRMaj anywhere = new DMatrixRMaj(dimension, 1);
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Observation observation) {
                double[] values = other.evaluate(observation.data(), anywhere).data;
                observation.distribution().checkObserved(observation.name(), values);
            }
        }
        return other;
    }

    /** The names of the observed data. */
    public List<String> observations() {
        List<String> observed = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Observation observation) {
                observed.add(observation.name());
            }
        }
        return observed;
    }

    private Declaration.Observation observation(String observationName) {
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Observation observation
                    && observation.name().equals(observationName)) {
                return observation;
            }
        }
        throw new IllegalArgumentException(
                "model \"" + name + "\" has no observation \"" + observationName + "\"; it has " + observations());
    }

    /**
     * The log likelihood of each row of an observation at each point.
     *
     * @param observationName the name the data were observed under
     * @param points D x S
     * @return N x S; one row for an observation that is global and joint
     * @throws IllegalArgumentException if there is no such observation, or the points have another dimension
     */
    public DMatrixRMaj pointwiseLogLikelihood(String observationName, DMatrixRMaj points) {
        PointwiseLogLikelihood likelihood = pointwiseLogLikelihood(observationName);
        return likelihood.evaluate(points, 0, likelihood.observations());
    }

    /**
     * The log likelihood of each row of an observation, compiled, to be evaluated for some rows at a time.
     *
     * @param observationName the name the data were observed under
     * @throws IllegalArgumentException if there is no such observation
     */
    public PointwiseLogLikelihood pointwiseLogLikelihood(String observationName) {
        Declaration.Observation observation = observation(observationName);
        Expr likelihood = observation.distribution().logDensity(observation.data());
        Expr perRow = likelihood.axis() == null ? likelihood : likelihood.sum();
        Plan compiled = Plan.of(dimension, List.of(), List.of(perRow), dataNames);
        return new PointwiseLogLikelihood(compiled.evaluator(data, Kernels.preferred(), 1), perRow);
    }

    /**
     * Any expression of this model at each point: linear predictors, derived values, terms.
     *
     * @param value an expression declared with this model's builder
     * @param points D x S
     * @return one row per element, row after row for row-wise values; one column per point
     */
    public DMatrixRMaj evaluate(Expr value, DMatrixRMaj points) {
        Expr.foreignCoordinates(List.of(value), parameters()).ifPresent(foreign -> {
            throw new IllegalArgumentException(
                    "model \"" + name + "\" has no parameter " + foreign.describe() + "; it was declared elsewhere");
        });
        double[] values = outputs(List.of(value), points)[0];
        DMatrixRMaj result = new DMatrixRMaj(values.length / points.numCols, points.numCols);
        System.arraycopy(values, 0, result.data, 0, values.length);
        return result;
    }

    private List<Expr> parameters() {
        List<Expr> parameters = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                parameters.add(parameter.values().transformed());
            }
        }
        return parameters;
    }

    /** The transforms of the parameters, in order of declaration; values that are optimised have none. */
    public List<Transform> transforms() {
        List<Transform> transforms = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter && parameter.role() == Role.INFERRED) {
                transforms.add(new Transform(parameter, this));
            }
        }
        return transforms;
    }

    /**
     * The numbers that the log density depends on, by the name they were declared under: observations, predictors, and
     * whatever replaces them. Indices are left out.
     *
     * @return copies; one row per data row where the data are row-wise
     */
    public Map<String, DMatrixRMaj> data() {
        return plan.numbers(data);
    }

    /**
     * A fingerprint of the data that the log density depends on, indices included, as provenance records it.
     *
     * @return the 64 hexadecimal digits of a SHA-256; the same for the same names, shapes and bits
     */
    public String dataFingerprint() {
        return plan.fingerprint(data);
    }

    /** The names of declared data, indices included, on which neither the log density nor a derived value depends. */
    public List<String> unusedData() {
        List<Expr> derived = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Derived value) {
                derived.add(value.value());
            }
        }
        List<String> unused = new ArrayList<>(dataNames);
        unused.removeAll(plan.dataNames());
        unused.removeAll(Plan.of(dimension, List.of(), derived, dataNames).dataNames());
        Collections.sort(unused);
        return unused;
    }

    double[][] outputs(List<Expr> values, DMatrixRMaj points) {
        try (var evaluator = Plan.of(dimension, List.of(), values, dataNames).evaluator(data, Kernels.preferred(), 1)) {
            return evaluator.outputs(points);
        }
    }

    /**
     * Draws of new data from the distribution of an observation, one for each point: posterior prediction when the
     * points are posterior draws, at new rows when the data were replaced.
     *
     * @param observationName the name the data were observed under
     * @param points D x S
     * @param random the source of randomness
     * @return as many rows as the observation has numbers, in row-major order; one column per point
     */
    public DMatrixRMaj predict(String observationName, DMatrixRMaj points, RandomGenerator random) {
        Declaration.Observation observation = observation(observationName);
        return Draws.of(
                observation.distribution(),
                observation.data(),
                values -> outputs(values, points),
                points.numCols,
                random);
    }

    /**
     * Draws of the parameters from the prior.
     *
     * @param count how many
     * @param random the source of randomness
     * @return D x count, on the unconstrained scale
     * @throws IllegalStateException if a prior is flat, or the model has terms added by hand, so that there is no prior
     *     to draw from
     */
    public DMatrixRMaj priorDraws(int count, RandomGenerator random) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of prior draws must be at least 1, got " + count);
        }
        if (extraTerms) {
            throw new IllegalStateException("model \"" + name
                    + "\" has terms added with addLogDensity, so its prior cannot be drawn parameter by parameter");
        }
        DMatrixRMaj points = new DMatrixRMaj(dimension, count);
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                PriorDraws.write(parameter, points, values -> outputs(values, points), random);
            }
        }
        return points;
    }

    /**
     * The coordinates of parameter values given by name on the user's scale; parameters not named get coordinate 0.
     *
     * @param values row-major values of inferred or optimised parameters; for a non-centred one, of its standardised
     *     value
     * @throws IllegalArgumentException if a name is unknown, a length is wrong, or a value violates its constraint
     */
    public double[] unconstrain(Map<String, double[]> values) {
        Map<String, double[]> left = new LinkedHashMap<>(values);
        double[] point = layout.initialPoint();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                double[] given = left.remove(parameter.name());
                if (given != null) {
                    PriorDraws.unconstrain(parameter, given, point);
                }
            }
        }
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("model \"" + name + "\" has no parameters " + left.keySet());
        }
        return point;
    }

    /**
     * The model in a line: its parameters, the rows of its data, and what it observes.
     *
     * @return such as {@code model radon: 5 parameters (89 coordinates), 919 rows, observes log_radon}
     */
    @Override
    public String toString() {
        int inferred = 0;
        int derived = 0;
        int optimised = 0;
        List<String> observed = new ArrayList<>();
        Set<RowAxis> axes = new LinkedHashSet<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                inferred += parameter.role() == Role.INFERRED ? 1 : 0;
                optimised += parameter.role() == Role.OPTIMISED ? 1 : 0;
            } else if (declaration instanceof Declaration.Derived) {
                derived++;
            } else if (declaration instanceof Declaration.Observation observation) {
                observed.add(observation.name());
            } else if (declaration instanceof Declaration.Term term
                    && term.value().axis() != null) {
                axes.add(term.value().axis());
            }
        }
        StringBuilder text = new StringBuilder("model ").append(name).append(": ");
        text.append(count(inferred, "parameter"));
        if (optimised > 0) {
            text.append(", ").append(count(optimised, "optimised value"));
        }
        text.append(" (").append(count(dimension, "coordinate")).append(")");
        if (derived > 0) {
            text.append(", ").append(count(derived, "derived value"));
        }
        try (var evaluator = plan.evaluator(data, Kernels.plain(), 1)) {
            for (RowAxis axis : axes) {
                text.append(", ").append(count(evaluator.rowCount(axis), "row"));
                text.append(axes.size() == 1 ? "" : " of " + axis.name());
            }
        }
        if (!observed.isEmpty() || !extraTerms) {
            text.append(", observes ").append(observed.isEmpty() ? "nothing" : String.join(", ", observed));
        }
        return text.append(extraTerms ? ", adds its own log density" : "").toString();
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
