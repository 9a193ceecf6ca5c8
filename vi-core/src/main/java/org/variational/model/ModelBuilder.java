package org.variational.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.variational.constraint.Constraint;
import org.variational.constraint.Constraints;
import org.variational.density.Labels;
import org.variational.density.Matrices;
import org.variational.density.ParameterLayout.Role;
import org.variational.distribution.Distribution;
import org.variational.distribution.LocationScale;
import org.variational.distribution.Prior;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/**
 * Declares a model: parameters with priors, data, rows with observations, and derived values.
 *
 * <p>Every declaration is checked at once, with messages that name the variables. A builder is mutable and belongs to
 * one thread; the {@link Model} it builds is immutable.
 */
public final class ModelBuilder {

    private static final int MOST_ELEMENTS = 1 << 27;

    private static final Pattern POSITION = Pattern.compile("at row (\\d+)");

    private final String name;
    private final List<Declaration> declarations = new ArrayList<>();
    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> dataNames = new LinkedHashSet<>();
    private final List<RowAxis> axes = new ArrayList<>();
    private final List<Expr> coordinates = new ArrayList<>();
    private boolean extraTerms;
    private int dimension;

    ModelBuilder(String name) {
        this.name = requireName("model", name);
    }

    // ---- parameters -------------------------------------------------------------------------------------------------

    /** Declares a scalar parameter; the support of the prior gives its constraint. */
    public Expr parameter(String parameterName, Prior prior) {
        return declare(parameterName, prior, null, List.of());
    }

    /**
     * Declares a vector of parameters; an elementwise prior holds for each element.
     *
     * @throws IllegalArgumentException if the name is taken, the length is negative, or the prior does not fit the
     *     shape
     */
    public Expr parameter(String parameterName, Prior prior, int length) {
        return declare(parameterName, prior, null, numbered("parameter", parameterName, length));
    }

    /**
     * Declares a matrix of parameters.
     *
     * @throws IllegalArgumentException if the name is taken, a size is negative, or the prior does not fit the shape
     */
    public Expr parameter(String parameterName, Prior prior, int rows, int columns) {
        return declare(parameterName, prior, null, numbered("parameter", parameterName, rows, columns));
    }

    /**
     * Declares a vector of parameters with labels, {@code theta[Choate]}, or a matrix with labels of its rows and of
     * its columns. {@link Labels#numbered} stands for a direction without labels.
     *
     * @param labels one for a vector, two for a matrix
     * @throws IllegalArgumentException if the name is taken, there are more than two labels, or the prior does not fit
     *     the shape
     */
    public Expr parameter(String parameterName, Prior prior, Labels... labels) {
        return declare(parameterName, prior, null, requireDirections("parameter", parameterName, labels));
    }

    /** Labels of sizes that may be wrong, as numbers. */
    static List<Labels> numbered(String what, String declared, int... sizes) {
        for (int size : sizes) {
            if (size < 0) {
                throw new IllegalArgumentException(what + " \"" + declared + "\" cannot have the shape " + sizes[0]
                        + " x " + (sizes.length > 1 ? sizes[1] : 1));
            }
        }
        return Arrays.stream(sizes).mapToObj(Labels::numbered).toList();
    }

    static List<Labels> requireDirections(String what, String declared, Labels... labels) {
        if (labels.length > 2) {
            throw new IllegalArgumentException(what + " \"" + declared + "\" has " + labels.length
                    + " labels; give one for a vector, or two for a matrix");
        }
        return List.of(labels);
    }

    Expr declare(String parameterName, Prior prior, @Nullable RowAxis axis, List<Labels> labels) {
        requireFree(parameterName);
        Declaration.Shape shape = new Declaration.Shape(axis, labels);
        int rows = shape.rows();
        int columns = shape.columns();
        requireSize("parameter", parameterName, rows, columns, axis == null ? 1 : axis.length());
        if (prior instanceof Distribution distribution && distribution.discrete()) {
            throw new IllegalArgumentException("parameter \"" + parameterName + "\": the prior \"" + distribution.name()
                    + "\" is discrete; sum the discrete values out of the density");
        }
        Constraint constraint = prior.support();
        if (axis != null && !(constraint.elementwise() && prior.elementwise())) {
            throw new IllegalArgumentException("parameter \"" + parameterName
                    + "\" has one value per row, which needs a " + "prior and a constraint that act on each element; \""
                    + constraint.name() + "\" acts on all");
        }
        Expr unconstrained = coordinates(parameterName, constraint, axis, rows, columns);
        Expr transformed =
                labelled(constraint.constrain(unconstrained, rows, columns).named(parameterName), axis, labels);
        Expr value = transformed;
        Expr logPrior = null;
        if (prior instanceof Prior.NonCentered nonCentered) {
            LocationScale distribution = nonCentered.distribution();
            value = labelled(fromStandard(distribution, transformed, parameterName), axis, labels);
            logPrior = distribution.standard().logDensity(transformed);
        } else if (prior instanceof Prior.Restricted restricted) {
            logPrior = logPrior(restricted.distribution(), transformed);
        } else if (prior instanceof Distribution distribution) {
            logPrior = logPrior(distribution, transformed);
        }
        int length = constraint.coordinates(rows, columns) * (axis == null ? 1 : axis.length());
        declarations.add(new Declaration.Parameter(
                parameterName,
                Role.INFERRED,
                new Declaration.Coordinates(dimension, new double[length]),
                shape,
                prior,
                constraint,
                new Declaration.Values(unconstrained, transformed, value)));
        if (logPrior != null) {
            declarations.add(new Declaration.Term(logPrior));
        }
        declarations.add(new Declaration.Term(constraint.logJacobian(unconstrained, transformed)));
        coordinates.add(unconstrained);
        dimension += length;
        names.add(parameterName);
        return value;
    }

    private static Expr labelled(Expr value, @Nullable RowAxis axis, List<Labels> labels) {
        return axis != null || labels.isEmpty() ? value : value.labelled(labels.get(0));
    }

    /** Declares a parameter with a flat density on a constraint. */
    void declareFlat(String parameterName, Constraint constraint, List<Labels> labels) {
        declare(parameterName, new Prior.Flat(constraint), null, labels);
    }

    /** The values of the parameters declared so far. */
    List<Expr> values() {
        List<Expr> values = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                values.add(parameter.values().parameter());
            }
        }
        return values;
    }

    /** The terms of the log density declared so far. */
    List<Expr> terms() {
        List<Expr> terms = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Term term) {
                terms.add(term.value());
            }
        }
        return terms;
    }

    private Expr coordinates(
            String parameterName, Constraint constraint, @Nullable RowAxis axis, int rows, int columns) {
        int count;
        try {
            count = constraint.coordinates(rows, columns);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("parameter \"" + parameterName + "\": " + e.getMessage(), e);
        }
        if (axis != null) {
            return Expr.coordinates(parameterName, dimension, axis, count);
        }
        return constraint.elementwise()
                ? Expr.coordinates(parameterName, dimension, rows, columns)
                : Expr.coordinates(parameterName, dimension, count, 1);
    }

    private static Expr logPrior(Distribution prior, Expr value) {
        String what = "parameter " + value.describe() + " does not fit its prior \"" + prior.name() + "\"";
        return fitting(what, prior, value, prior::logDensity);
    }

    private static Expr fromStandard(LocationScale prior, Expr standardised, String name) {
        String what =
                "parameter " + standardised.describe() + " does not fit its non-centred prior \"" + prior.name() + "\"";
        Expr value;
        try {
            value = prior.fromStandard(standardised).named(name);
        } catch (IllegalArgumentException e) {
            throw misfit(what, prior, standardised, e);
        }
        if (!sameShape(value, standardised)) {
            throw misfit(what, prior, standardised, null);
        }
        return value;
    }

    /** The log density of a value, refused in words of the declaration if it has not that value's shape. */
    private static Expr fitting(String what, Distribution distribution, Expr value, UnaryOperator<Expr> logDensity) {
        Expr density;
        try {
            density = logDensity.apply(value);
        } catch (IllegalArgumentException e) {
            throw misfit(what, distribution, value, e);
        }
        boolean fits = distribution.elementwise()
                ? sameShape(density, value)
                : density.size() == 1 && density.axis() == value.axis();
        if (!fits) {
            throw misfit(what, distribution, value, null);
        }
        return density;
    }

    private static boolean sameShape(Expr a, Expr b) {
        return a.rows() == b.rows() && a.columns() == b.columns() && a.axis() == b.axis();
    }

    private static IllegalArgumentException misfit(
            String what, Distribution distribution, Expr value, @Nullable IllegalArgumentException cause) {
        List<String> shaped = new ArrayList<>();
        String remedy = "";
        for (Expr parameter : distribution.parameters()) {
            if (parameter.axis() == null && parameter.size() == 1) {
                continue;
            }
            shaped.add(parameter.describe());
            if (parameter.axis() != null && parameter.axis() != value.axis()) {
                remedy = "; parameters and values must be of the same rows";
            } else if (value.axis() != null && distribution.elementwise() && parameter.size() != value.size()) {
                remedy = "; of a vector that is not row-wise, rows.of(vector) gives each data row its element, and"
                        + " vector.at(index) that of its group";
            }
        }
        String parameters = shaped.isEmpty() ? "" : ", which has " + String.join(" and ", shaped);
        String detail = cause == null || distribution.elementwise() ? "" : ": " + cause.getMessage();
        return new IllegalArgumentException(what + parameters + remedy + detail, cause);
    }

    /** Declares a matrix that is learnt, not inferred, starting from the given values; reported as a point. */
    public Expr optimised(String valueName, int rows, int columns, double[] initial) {
        return optimised(valueName, numbered("optimised", valueName, rows, columns), initial);
    }

    /** Declares a vector that is learnt, not inferred, starting from 0. */
    public Expr optimised(String valueName, int length) {
        return optimised(valueName, numbered("optimised", valueName, length), new double[Math.max(0, length)]);
    }

    /** Declares a vector with labels that is learnt, not inferred, starting from 0. */
    public Expr optimised(String valueName, Labels labels) {
        return optimised(valueName, List.of(labels), new double[labels.size()]);
    }

    private Expr optimised(String valueName, List<Labels> labels, double[] initial) {
        requireFree(valueName);
        Declaration.Shape shape = new Declaration.Shape(null, labels);
        int rows = shape.rows();
        int columns = shape.columns();
        requireSize("optimised", valueName, rows, columns, 1);
        if (initial.length != rows * columns) {
            throw new IllegalArgumentException("optimised \"" + valueName + "\" has " + initial.length
                    + " initial values, but its shape " + rows + " x " + columns + " needs " + rows * columns);
        }
        for (double x : initial) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException("optimised \"" + valueName + "\" has the initial value " + x);
            }
        }
        Expr value = labelled(Expr.coordinates(valueName, dimension, rows, columns), null, labels);
        declarations.add(new Declaration.Parameter(
                valueName,
                Role.OPTIMISED,
                new Declaration.Coordinates(dimension, initial.clone()),
                shape,
                null,
                Constraints.real(),
                new Declaration.Values(value, value, value)));
        coordinates.add(value);
        dimension += initial.length;
        names.add(valueName);
        return value;
    }

    // ---- data and rows ----------------------------------------------------------------------------------------------

    /** Names a vector of data, by which it can be replaced on the built model. */
    public Expr data(String dataName, double[] values) {
        return newData(dataName, () -> Expr.data(dataName, values.length, 1, requireFinite(dataName, values, 1)));
    }

    /** Names a matrix of data. */
    public Expr data(String dataName, double[][] values) {
        int columns = values.length == 0 ? 0 : values[0].length;
        return newData(
                dataName,
                () -> Expr.data(
                        dataName,
                        values.length,
                        columns,
                        requireFinite(dataName, Matrices.flatten("data \"" + dataName + "\"", values), columns)));
    }

    /** Declares data rows: conditionally independent observations with their covariates. */
    public Rows rows(int count) {
        return rows("rows" + (axes.isEmpty() ? "" : String.valueOf(axes.size() + 1)), count);
    }

    /** Declares data rows under a name, for models with several sets of them. */
    public Rows rows(String rowsName, int count) {
        RowAxis axis = RowAxis.of(requireName("rows", rowsName), count);
        axes.add(axis);
        return new Rows(this, axis);
    }

    /** What the declaration makes, under a data name that is taken only if it succeeds. */
    <T> T newData(String dataName, Supplier<T> declaration) {
        requireName("data", dataName);
        if (dataNames.contains(dataName)) {
            throw new IllegalArgumentException("data \"" + dataName + "\" is declared twice");
        }
        T declared = declaration.get();
        dataNames.add(dataName);
        return declared;
    }

    static double[] requireFinite(String dataName, double[] values, int columns) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException("data \"" + dataName + "\" is " + values[i] + " at row "
                        + i / Math.max(1, columns) + (columns > 1 ? ", column " + i % columns : "")
                        + "; remove or impute missing values before declaring them");
            }
        }
        return values;
    }

    // ---- density ----------------------------------------------------------------------------------------------------

    /** Observes global data, such as one vector from a multivariate distribution. */
    public void observe(String dataName, Distribution distribution, double[] values) {
        observe(dataName, distribution, data(dataName, values), values);
    }

    /** Observes a matrix of global data; an elementwise distribution holds for each element. */
    public void observe(String dataName, Distribution distribution, double[][] values) {
        Expr declared = data(dataName, values);
        observe(dataName, distribution, declared, Matrices.flatten("data \"" + dataName + "\"", values));
    }

    /** Observes declared data; frees their name if they cannot be. */
    void observe(String dataName, Distribution distribution, Expr declared, double[] values) {
        try {
            checkObserved(dataName, distribution, values, declared.columns());
            observe(dataName, distribution, declared);
        } catch (IllegalArgumentException e) {
            dataNames.remove(dataName);
            throw e;
        }
    }

    /** Lets the distribution check the data, which it numbers one by one, and says where in a matrix a number is. */
    private static void checkObserved(String dataName, Distribution distribution, double[] values, int columns) {
        try {
            distribution.checkObserved(dataName, values);
        } catch (IllegalArgumentException e) {
            Matcher position = POSITION.matcher(String.valueOf(e.getMessage()));
            if (!distribution.elementwise() || columns < 2 || !position.find()) {
                throw e;
            }
            int at = Integer.parseInt(position.group(1));
            throw new IllegalArgumentException(
                    position.replaceFirst("at row " + at / columns + ", column " + at % columns), e);
        }
    }

    private void observe(String dataName, Distribution distribution, Expr values) {
        String what =
                "observation " + values.describe() + " does not fit the distribution \"" + distribution.name() + "\"";
        Expr logLikelihood = fitting(what, distribution, values, distribution::logDensity);
        declarations.add(new Declaration.Observation(dataName, distribution, values));
        declarations.add(new Declaration.Term(logLikelihood));
    }

    /** Adds all elements of an expression to the log density; of every row, where it is row-wise. */
    public void addLogDensity(Expr term) {
        declarations.add(new Declaration.Term(term));
        extraTerms = true;
    }

    /**
     * Reports a function of parameters under a name, with draws and summaries like a parameter. One of a single element
     * is reported as a scalar; {@code derived(name, value, Labels.numbered(1))} reports a vector.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public Expr derived(String derivedName, Expr value) {
        List<Labels> labels;
        if (value.axis() != null) {
            labels = value.columns() == 1 ? List.of() : List.of(Labels.numbered(value.columns()));
        } else if (value.columns() > 1) {
            labels = List.of(Labels.numbered(value.rows()), Labels.numbered(value.columns()));
        } else {
            labels = value.rows() == 1 ? List.of() : List.of(Labels.numbered(value.rows()));
        }
        return report(derivedName, value, labels);
    }

    /**
     * Reports a function of parameters under a name, with labels of its elements, or of its rows and columns.
     *
     * @param labels one for a vector, two for a matrix; {@link Labels#numbered} for a direction without labels
     * @throws IllegalArgumentException if the name is taken, the value is row-wise, or it has not as many elements as
     *     labels
     */
    public Expr derived(String derivedName, Expr value, Labels... labels) {
        List<Labels> given = requireDirections("derived", derivedName, labels);
        if (value.axis() != null) {
            throw new IllegalArgumentException("derived \"" + derivedName + "\" has one value per row of "
                    + value.axis() + ", which are numbered; take its labels away");
        }
        Declaration.Shape shape = new Declaration.Shape(null, given);
        int rows = shape.rows();
        int columns = shape.columns();
        boolean asRow = given.size() == 1 && value.rows() == 1 && value.columns() == rows;
        if (!asRow && (rows != value.rows() || columns != value.columns())) {
            throw new IllegalArgumentException("derived \"" + derivedName + "\" is " + value.rows() + " x "
                    + value.columns() + ", but its labels are for " + rows + " x " + columns + ": "
                    + given.stream()
                            .map(each -> each.size() + " of \"" + each.name() + "\"")
                            .collect(Collectors.joining(", ")));
        }
        return report(derivedName, value, given);
    }

    private Expr report(String derivedName, Expr value, List<Labels> labels) {
        requireFree(derivedName);
        names.add(derivedName);
        Expr named = value.named(derivedName);
        declarations.add(new Declaration.Derived(derivedName, named, labels));
        return named;
    }

    /**
     * Marks parameters and derived values as auxiliary: they serve the parameterisation, such as standardised effects
     * and Cholesky factors, and are not what a user asks for. They are listed after all others and are else like them.
     *
     * @throws IllegalArgumentException if a name is not declared
     */
    public void auxiliary(String... declaredNames) {
        for (String declared : declaredNames) {
            if (!names.contains(declared)) {
                throw new IllegalArgumentException("auxiliary \"" + declared + "\" is not declared before this; "
                        + (names.isEmpty() ? "nothing is" : "names are " + String.join(", ", names)));
            }
        }
        declarations.add(new Declaration.Auxiliary(new LinkedHashSet<>(List.of(declaredNames))));
    }

    /**
     * The model declared so far.
     *
     * @throws IllegalStateException if it has no parameters, or uses parameters declared with another builder
     */
    public Model build() {
        if (dimension == 0) {
            throw new IllegalStateException("model \"" + name + "\" has no parameters, so there is nothing to infer; "
                    + "declare at least one with parameter(name, prior)");
        }
        List<Expr> values = terms();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Derived derived) {
                values.add(derived.value());
            }
        }
        Expr.foreignCoordinates(values, coordinates).ifPresent(foreign -> {
            throw new IllegalStateException("model \"" + name + "\" uses " + foreign.describe()
                    + ", which was declared with another builder; declare all parameters of a model with its own");
        });
        return new Model(name, dimension, List.copyOf(declarations), Set.copyOf(dataNames), extraTerms);
    }

    private static void requireSize(String what, String name, int rows, int columns, int dataRows) {
        if (rows < 0 || columns < 0) {
            throw new IllegalArgumentException(
                    what + " \"" + name + "\" cannot have the shape " + rows + " x " + columns);
        }
        if ((double) rows * columns * dataRows > MOST_ELEMENTS) {
            throw new IllegalArgumentException(what + " \"" + name + "\" of shape " + rows + " x " + columns
                    + (dataRows == 1 ? "" : " for each of " + dataRows + " rows") + " has more than the "
                    + MOST_ELEMENTS + " elements that a fit can hold");
        }
    }

    private void requireFree(String candidate) {
        requireName("parameter", candidate);
        if (candidate.contains("~")) {
            throw new IllegalArgumentException("parameter name must not contain ~, which names coordinates such as p~0,"
                    + " got \"" + candidate + "\"");
        }
        if (names.contains(candidate)) {
            throw new IllegalArgumentException(
                    "the name \"" + candidate + "\" is taken; names are " + String.join(", ", names));
        }
    }

    private static String requireName(String what, String candidate) {
        if (candidate.isBlank() || candidate.contains("[") || candidate.contains("\"")) {
            throw new IllegalArgumentException(
                    what + " name must not be blank or contain [ or a quote, got \"" + candidate + "\"");
        }
        return candidate;
    }
}
