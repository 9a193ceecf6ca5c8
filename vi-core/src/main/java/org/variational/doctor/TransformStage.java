package org.variational.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.density.Matrices;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.diagnostic.Diagnosis.Check;
import org.variational.diagnostic.Diagnosis.Code;
import org.variational.diagnostic.Diagnosis.Finding;
import org.variational.diagnostic.Diagnosis.Level;
import org.variational.diagnostic.Diagnosis.Stage;
import org.variational.model.Model;
import org.variational.model.Transform;

/**
 * Checks every transform: constraining what was unconstrained leads back, log-Jacobians are those of central
 * differences, and both stay finite far out.
 *
 * <p>A round trip passes if it recovers either the coordinates or the value to {@link #ROUND_TRIP}: where a transform
 * saturates, the value no longer tells the coordinates apart. Where a value has more elements than coordinates, the
 * log-Jacobian may refer to the first or the last elements, the lower triangle with or without its diagonal, or the
 * surface on which the values lie.
 */
final class TransformStage {

    private static final double ROUND_TRIP = 1e-12;
    private static final double JACOBIAN = 1e-6;
    private static final double STEP = 1e-3;

    /** The points at which Jacobians are compared with differences. */
    private static final int POINTS = 3;

    /** Coordinates at which values and Jacobians must still be numbers: a scale of e^700 is one. */
    private static final double[] FAR = {30, -30, 700, -700};

    private final Transform transform;
    private final DMatrixRMaj points;
    private final List<Finding> findings = new ArrayList<>();

    private TransformStage(Transform transform, DMatrixRMaj points) {
        this.transform = transform;
        this.points = points;
    }

    /** The stage of a density that has only a layout: its quantities must be numbers where the density is. */
    static Stage ofLayout(ModelDoctor.Subject subject, DMatrixRMaj points) {
        List<Finding> findings = new ArrayList<>();
        quantities(subject, points, findings);
        return ModelDoctor.made(
                Check.TRANSFORMS,
                subject.layout().quantities().size() + " quantities at " + points.numCols + " points",
                findings);
    }

    /** The stage of a model. */
    static Stage of(ModelDoctor.Subject subject, Model model, DMatrixRMaj points, int mostCoordinates) {
        List<Finding> findings = new ArrayList<>();
        int jacobians = 0;
        List<Transform> transforms = model.transforms();
        for (Transform transform : transforms) {
            if (transform.length() == 0) {
                continue;
            }
            TransformStage stage = new TransformStage(transform, points);
            stage.roundTrips(subject.layout().initialPoint());
            if (transform.constraint().elementwise() || transform.length() <= mostCoordinates) {
                stage.jacobians();
                jacobians++;
            }
            findings.addAll(stage.findings);
        }
        quantities(subject, points, findings);
        return ModelDoctor.made(
                Check.TRANSFORMS,
                String.format(
                        Locale.ROOT,
                        "%d transforms there and back, %d Jacobians against differences",
                        transforms.size(),
                        jacobians),
                findings);
    }

    private static void quantities(ModelDoctor.Subject subject, DMatrixRMaj points, List<Finding> findings) {
        List<Quantity> quantities = subject.layout().quantities();
        DMatrixRMaj values =
                new DMatrixRMaj(quantities.stream().mapToInt(Quantity::size).sum(), points.numCols);
        subject.layout().quantitiesAt(points, values);
        int row = 0;
        for (Quantity quantity : quantities) {
            List<String> broken = new ArrayList<>();
            int at = -1;
            List<String> names = quantity.scalarNames();
            for (int i = 0; i < quantity.size(); i++, row++) {
                for (int s = 0; s < points.numCols; s++) {
                    if (Double.isNaN(values.get(row, s))) {
                        broken.add(names.get(i));
                        at = s;
                        break;
                    }
                }
            }
            if (at >= 0) {
                findings.add(new Finding(
                        Code.NON_FINITE_TRANSFORM,
                        Level.WARN,
                        broken,
                        Matrices.columnList(points, at),
                        "\"" + quantity.name() + "\" is not a number on the user's scale at "
                                + ModelDoctor.Subject.describe(Matrices.columnList(points, at))
                                + ": its draws will not be summarised there; check the roots, logarithms and divisions"
                                + " that define it"));
            }
        }
    }

    private void find(Code code, Level level, DMatrixRMaj at, int s, String text) {
        findings.add(new Finding(
                code,
                level,
                List.of(transform.name()),
                Matrices.columnList(at, s),
                "the transform \"" + transform.constraint().name() + "\" of \"" + transform.name() + "\" " + text));
    }

    private void roundTrips(double[] initial) {
        int lanes = points.numCols + FAR.length;
        DMatrixRMaj all = new DMatrixRMaj(points.numRows, lanes);
        for (int d = 0; d < points.numRows; d++) {
            System.arraycopy(points.data, d * points.numCols, all.data, d * lanes, points.numCols);
            boolean own = d >= transform.offset() && d < transform.offset() + transform.length();
            for (int k = 0; k < FAR.length; k++) {
                all.set(d, points.numCols + k, own ? FAR[k] : initial[d]);
            }
        }
        DMatrixRMaj values = transform.constrain(all);
        double[] logJacobians = transform.logJacobian(all);
        boolean failed = false;
        for (int s = 0; s < lanes; s++) {
            double[] value = Matrices.column(values, s);
            double[] point = Matrices.column(all, s);
            boolean far = Arrays.stream(point, transform.offset(), transform.offset() + transform.length())
                    .anyMatch(u -> Math.abs(u) > 2);
            if (!Double.isFinite(logJacobians[s]) || !Arrays.stream(value).allMatch(Double::isFinite)) {
                boolean overflow = far
                        && Arrays.stream(value).noneMatch(Double::isNaN)
                        && !Double.isNaN(logJacobians[s])
                        && Arrays.stream(point).anyMatch(u -> Math.abs(u) > 700);
                if (!overflow && !failed) {
                    failed = true;
                    find(
                            Code.NON_FINITE_TRANSFORM,
                            far ? Level.WARN : Level.FAIL,
                            all,
                            s,
                            "gives values or a log-Jacobian (" + logJacobians[s]
                                    + ") that are not finite at coordinate "
                                    + point[transform.offset()]
                                    + ": compute it on the log scale, with softplus and logistic instead of"
                                    + " exponentials and their ratios");
                }
            } else if (!failed) {
                failed = comesBackWrong(all, s, point, value, far);
            }
        }
    }

    private boolean comesBackWrong(DMatrixRMaj all, int s, double[] point, double[] value, boolean far) {
        double[] back;
        try {
            back = transform.unconstrain(value, point);
        } catch (IllegalArgumentException e) {
            if (far) {
                return false;
            }
            find(
                    Code.ROUND_TRIP,
                    Level.FAIL,
                    all,
                    s,
                    "makes a value that its inverse refuses: " + e.getMessage() + "; check its unconstrain");
            return true;
        }
        double worst = 0;
        for (int i = 0; i < back.length; i++) {
            double u = point[transform.offset() + i];
            worst = Math.max(worst, distance(u, back[i], 1 + Math.abs(u)));
        }
        if (worst <= ROUND_TRIP) {
            return false;
        }
        DMatrixRMaj returned = new DMatrixRMaj(point.length, 1, true, point.clone());
        System.arraycopy(back, 0, returned.data, transform.offset(), back.length);
        double[] again = transform.constrain(returned).data;
        double size = Arrays.stream(value).map(Math::abs).max().orElse(0);
        double off = 0;
        for (int i = 0; i < value.length; i++) {
            off = Math.max(off, distance(value[i], again[i], size));
        }
        if (off <= ROUND_TRIP) {
            return false;
        }
        find(
                Code.ROUND_TRIP,
                Level.FAIL,
                all,
                s,
                String.format(
                        Locale.ROOT,
                        "does not lead back: unconstraining and constraining its value changes it by %.3g of its size,"
                                + " and the coordinates by %.3g; check its unconstrain",
                        off,
                        worst));
        return true;
    }

    /** The distance of two numbers in units of a size; infinite if it is not a number. */
    private static double distance(double a, double b, double size) {
        double distance = Math.abs(a - b) / Math.max(size, Double.MIN_NORMAL);
        return Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
    }

    private void jacobians() {
        int lanes = Math.min(POINTS, points.numCols);
        DMatrixRMaj some = new DMatrixRMaj(points.numRows, lanes);
        for (int d = 0; d < points.numRows; d++) {
            System.arraycopy(points.data, d * points.numCols, some.data, d * lanes, lanes);
        }
        double[] claimed = transform.logJacobian(some);
        for (int s = 0; s < lanes; s++) {
            double[] point = Matrices.column(some, s);
            Slopes slopes = slopes(point);
            if (!Double.isFinite(claimed[s]) || !Double.isFinite(slopes.tolerance())) {
                continue;
            }
            double target = claimed[s];
            OptionalDouble nearest = Arrays.stream(measures(slopes.matrix()))
                    .filter(Double::isFinite)
                    .reduce((a, b) -> Math.abs(a - target) <= Math.abs(b - target) ? a : b);
            if (nearest.isPresent() && Math.abs(nearest.getAsDouble() - target) > slopes.tolerance()) {
                find(
                        Code.WRONG_JACOBIAN,
                        Level.FAIL,
                        some,
                        s,
                        String.format(
                                Locale.ROOT,
                                "states the log-Jacobian %.8g, but differences give %.8g; check its logJacobian",
                                target,
                                nearest.getAsDouble()));
                return;
            }
        }
    }

    /**
     * Derivatives of the value.
     *
     * @param matrix elements x coordinates; of an elementwise transform the diagonal, as one column
     * @param tolerance what differencing may do to the logarithm of the determinant
     */
    private record Slopes(DMatrixRMaj matrix, double tolerance) {}

    /** Richardson's extrapolation of central differences, whose error is of the order of the step's fourth power. */
    private Slopes slopes(double[] point) {
        boolean elementwise = transform.constraint().elementwise();
        int directions = elementwise ? 1 : transform.length();
        double[] steps = {STEP, -STEP, STEP / 2, -STEP / 2};
        DMatrixRMaj shifted = new DMatrixRMaj(point.length, directions * steps.length);
        for (int d = 0; d < point.length; d++) {
            for (int k = 0; k < shifted.numCols; k++) {
                boolean moved = elementwise
                        ? d >= transform.offset() && d < transform.offset() + transform.length()
                        : d == transform.offset() + k / steps.length;
                shifted.set(d, k, point[d] + (moved ? steps[k % steps.length] : 0));
            }
        }
        DMatrixRMaj values = transform.constrain(shifted);
        DMatrixRMaj slopes = new DMatrixRMaj(values.numRows, directions);
        double rounding = 0;
        for (int i = 0; i < values.numRows; i++) {
            double steepest = 0;
            for (int j = 0; j < directions; j++) {
                int k = j * steps.length;
                double wide = (values.get(i, k) - values.get(i, k + 1)) / (2 * STEP);
                double narrow = (values.get(i, k + 2) - values.get(i, k + 3)) / STEP;
                slopes.set(i, j, (4 * narrow - wide) / 3);
                steepest = Math.max(steepest, Math.abs(slopes.get(i, j)));
            }
            if (steepest > 0) {
                rounding += 4 * Math.ulp(values.get(i, 0)) / (STEP * steepest);
            }
        }
        return new Slopes(slopes, JACOBIAN * (1 + transform.length()) + rounding * transform.length());
    }

    /** The logarithms of the determinants in the measures that a log-Jacobian may refer to. */
    private double[] measures(DMatrixRMaj slopes) {
        if (transform.constraint().elementwise()) {
            double sum = 0;
            for (double slope : slopes.data) {
                sum += Math.log(Math.abs(slope));
            }
            return new double[] {sum};
        }
        int n = slopes.numCols;
        int elements = slopes.numRows;
        if (elements == n) {
            return new double[] {Math.log(Math.abs(CommonOps_DDRM.det(slopes)))};
        }
        DMatrixRMaj gram = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransA(slopes, slopes, gram);
        return new double[] {
            0.5 * Math.log(Math.abs(CommonOps_DDRM.det(gram))),
            ofElements(slopes, firstElements(n, 0)),
            ofElements(slopes, firstElements(n, elements - n)),
            ofElements(slopes, triangle(elements, 0)),
            ofElements(slopes, triangle(elements, 1))
        };
    }

    private static int[] firstElements(int n, int from) {
        int[] rows = new int[n];
        Arrays.setAll(rows, i -> from + i);
        return rows;
    }

    /** The elements of a square matrix on or below the diagonal, or strictly below. */
    private int[] triangle(int elements, int below) {
        int columns = transform.columns();
        int[] rows = new int[elements];
        int count = 0;
        for (int e = 0; e < elements; e++) {
            if (e % columns + below <= e / columns) {
                rows[count++] = e;
            }
        }
        return Arrays.copyOf(rows, count);
    }

    private static double ofElements(DMatrixRMaj slopes, int[] rows) {
        if (rows.length != slopes.numCols) {
            return Double.NaN;
        }
        DMatrixRMaj square = new DMatrixRMaj(rows.length, rows.length);
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows.length; j++) {
                square.set(i, j, slopes.get(rows[i], j));
            }
        }
        return Math.log(Math.abs(CommonOps_DDRM.det(square)));
    }
}
