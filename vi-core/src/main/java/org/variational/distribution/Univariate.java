package org.variational.distribution;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import org.variational.constraint.Constraint;
import org.variational.constraint.Constraints;
import org.variational.expression.Expr;

/** What univariate distributions share: a name, parameters, and checks of both parameters and data. */
abstract class Univariate implements Distribution {

    private final String name;
    private final List<Expr> parameters;

    Univariate(String name, Expr... parameters) {
        this.name = name;
        this.parameters = List.of(parameters);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final List<Expr> parameters() {
        return parameters;
    }

    /** Whether data may have this value, whatever the parameters. */
    abstract boolean possible(double value);

    /** What {@link #possible} demands, to follow "must be". */
    abstract String demand();

    /** What else to say of impossible data, after what {@link #demand} says; often nothing. */
    String remedy(double[] values) {
        return "";
    }

    @Override
    public void checkObserved(String data, double[] values) {
        for (int row = 0; row < values.length; row++) {
            if (!possible(values[row])) {
                throw new IllegalArgumentException("data \"" + data + "\" is " + values[row] + " at row " + row
                        + ", but " + name + " data must be " + demand() + remedy(values));
            }
        }
    }

    @Override
    public String toString() {
        return name + parameters;
    }

    // ---- checks of parameters ---------------------------------------------------------------------------------------

    /** The parameter itself, refused if its declared numbers are not positive and finite. */
    static Expr positive(String distribution, String parameter, Expr value) {
        return checked(distribution, parameter, value, x -> x > 0 && Double.isFinite(x), "positive and finite");
    }

    /** The parameter itself, refused if its declared numbers are not finite. */
    static Expr finite(String distribution, String parameter, Expr value) {
        return checked(distribution, parameter, value, Double::isFinite, "finite");
    }

    /** The parameter itself, refused if its declared numbers are not strictly between 0 and 1. */
    static Expr probability(String distribution, String parameter, Expr value) {
        return checked(distribution, parameter, value, x -> x > 0 && x < 1, "between 0 and 1");
    }

    /** The parameter itself, refused if one of its declared numbers fails the test. */
    static Expr checked(String distribution, String parameter, Expr value, DoublePredicate test, String demand) {
        double[] numbers = value.declaredValues();
        if (numbers != null) {
            for (int i = 0; i < numbers.length; i++) {
                if (!test.test(numbers[i])) {
                    throw new IllegalArgumentException(distribution + ": " + parameter + " must be " + demand + ", got "
                            + numbers[i] + (numbers.length == 1 ? "" : " at element " + i + " of " + value.describe()));
                }
            }
        }
        return value;
    }

    // ---- kinds of values --------------------------------------------------------------------------------------------

    /** A distribution on the whole line. */
    abstract static class OnReals extends Univariate {

        OnReals(String name, Expr... parameters) {
            super(name, parameters);
        }

        @Override
        public final Constraint support() {
            return Constraints.real();
        }

        @Override
        final boolean possible(double value) {
            return Double.isFinite(value);
        }

        @Override
        final String demand() {
            return "finite";
        }
    }

    /** A distribution on the positive numbers. */
    abstract static class OnPositives extends Univariate {

        private static final Expr ZERO = Expr.constant(0);

        OnPositives(String name, Expr... parameters) {
            super(name, parameters);
        }

        @Override
        public final Constraint support() {
            return Constraints.positive();
        }

        /** The lower end of the support. */
        public final Expr lowerEnd() {
            return ZERO;
        }

        @Override
        boolean possible(double value) {
            return value > 0 && Double.isFinite(value);
        }

        @Override
        String demand() {
            return "positive";
        }
    }

    /** A distribution on integers, which cannot be the prior of a parameter. */
    abstract static class OnIntegers extends Univariate {

        OnIntegers(String name, Expr... parameters) {
            super(name, parameters);
        }

        /** The log probability of one integer, {@code -Infinity} where the parameters exclude it. */
        Expr logProbability(int value) {
            return logDensity(Expr.constant(value));
        }

        /** The largest possible value, infinite if there is none. */
        double largest() {
            return Double.POSITIVE_INFINITY;
        }

        @Override
        final String remedy(double[] values) {
            double least = Arrays.stream(values).min().orElse(0);
            double most = Arrays.stream(values).max().orElse(0);
            return least == 1 && most == largest() + 1
                    ? ". The values run from 1 to " + (long) most + ": subtract 1 from each, so that they count from 0"
                    : "";
        }

        @Override
        public final boolean discrete() {
            return true;
        }

        @Override
        public final Constraint support() {
            throw new IllegalArgumentException(
                    name() + " is discrete, so it cannot be the prior of a parameter; sum the discrete value out of"
                            + " the model, for instance with a mixture");
        }

        @Override
        boolean possible(double value) {
            return value >= 0 && value == Math.rint(value) && Double.isFinite(value);
        }

        @Override
        String demand() {
            return "integers of at least 0";
        }
    }
}
