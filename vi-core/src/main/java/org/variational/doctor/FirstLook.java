package org.variational.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Matrices;
import org.variational.density.ParameterLayout.Block;
import org.variational.diagnostic.Diagnosis.Check;
import org.variational.diagnostic.Diagnosis.Code;
import org.variational.diagnostic.Diagnosis.Finding;
import org.variational.diagnostic.Diagnosis.Level;
import org.variational.diagnostic.Diagnosis.Stage;
import org.variational.model.Model;

/**
 * The stages that look at values and gradients as they are: finite, the same twice, the same alone as in a batch.
 *
 * @param usable D x U, the points with finite value and gradient, the initial point first if it is one
 * @param values the log densities there
 */
record FirstLook(List<Stage> stages, DMatrixRMaj usable, double[] values) {

    /** What another order of summation may change in a number, relatively. */
    private static final double SAME = 1e-10;

    /** The most parameters or coordinates that are tried as the reason for a bad value. */
    private static final int MOST_SUSPECTS = 64;

    /**
     * Looks at the density.
     *
     * @param subject what is examined
     * @param model its model, or null
     * @param points D x P
     * @param ordinary how many of the points, the first, are not draws of the prior
     */
    static FirstLook at(ModelDoctor.Subject subject, @Nullable Model model, DMatrixRMaj points, int ordinary) {
        Looking looking = new Looking(subject, model, points, ordinary);
        List<Stage> stages = List.of(looking.density(), looking.gradient(), looking.determinism(), looking.lanes());
        int[] usable = looking.usable();
        DMatrixRMaj kept = new DMatrixRMaj(points.numRows, usable.length);
        double[] values = new double[usable.length];
        for (int u = 0; u < usable.length; u++) {
            copy(points, usable[u], kept, u);
            values[u] = looking.values[usable[u]];
        }
        return new FirstLook(stages, kept, values);
    }

    private static void copy(DMatrixRMaj from, int column, DMatrixRMaj to, int into) {
        for (int d = 0; d < from.numRows; d++) {
            to.data[d * to.numCols + into] = from.data[d * from.numCols + column];
        }
    }

    private static final class Looking {

        private final ModelDoctor.Subject subject;
        private final @Nullable Model model;
        private final DMatrixRMaj points;
        private final int ordinary;
        private final int lanes;
        private final double[] values;
        private final @Nullable DMatrixRMaj gradient;
        private final @Nullable RuntimeException[] thrown;

        Looking(ModelDoctor.Subject subject, @Nullable Model model, DMatrixRMaj points, int ordinary) {
            this.subject = subject;
            this.model = model;
            this.points = points;
            this.ordinary = ordinary;
            this.lanes = points.numCols;
            this.values = new double[lanes];
            this.gradient = subject.density().hasGradient() ? new DMatrixRMaj(points.numRows, lanes) : null;
            subject.density().evaluate(points, values, gradient);
            this.thrown = new RuntimeException[lanes];
            for (int s = 0; s < lanes; s++) {
                thrown[s] = subject.density().thrown(s);
            }
        }

        private @Nullable Code trouble(int s) {
            if (thrown[s] != null) {
                return Code.EXCEPTION;
            }
            if (Double.isFinite(values[s])) {
                return null;
            }
            return Double.isNaN(values[s])
                    ? Code.NAN_DENSITY
                    : values[s] > 0 ? Code.INFINITE_DENSITY : Code.ZERO_DENSITY;
        }

        Stage density() {
            Map<Code, List<Integer>> bad = new LinkedHashMap<>();
            int good = -1;
            int finite = 0;
            for (int s = 0; s < lanes; s++) {
                Code trouble = trouble(s);
                if (trouble == null) {
                    finite++;
                    good = good < 0 ? s : good;
                } else {
                    bad.computeIfAbsent(trouble, code -> new ArrayList<>()).add(s);
                }
            }
            List<Finding> findings = new ArrayList<>();
            for (Map.Entry<Code, List<Integer>> entry : bad.entrySet()) {
                findings.add(trouble(entry.getKey(), entry.getValue(), good));
            }
            String note = String.format(
                    Locale.ROOT,
                    "finite at %d of %d points: the initial point, %d uniform in [-2, 2], %d draws of the prior",
                    finite,
                    lanes,
                    ordinary - 1,
                    lanes - ordinary);
            return ModelDoctor.made(Check.FINITE_DENSITY, note, findings);
        }

        private Finding trouble(Code code, List<Integer> at, int good) {
            int s = at.get(0);
            List<Double> point = Matrices.columnList(points, s);
            List<String> culprits = good < 0 ? List.of() : culprits(good, s);
            StringBuilder text = new StringBuilder();
            RuntimeException exception = thrown[s];
            text.append(exception != null ? "the log density throws " + exception : "the log density is " + values[s])
                    .append(String.format(Locale.ROOT, " at %d of %d points, first ", at.size(), lanes))
                    .append(s == 0 ? "the initial point " : s < ordinary ? "" : "a draw of the prior ")
                    .append(ModelDoctor.Subject.describe(point));
            if (!culprits.isEmpty()) {
                text.append("; it comes from ").append(String.join(", ", culprits));
            }
            String term = exception == null ? brokenTerm(s) : "";
            if (!term.isEmpty()) {
                text.append("; ").append(term);
            }
            text.append(
                    code == Code.ZERO_DENSITY
                            ? ": declare the bounds of the parameters, so that they are transformed"
                            : ": check divisions, logarithms, roots and overflow there, or restrict the parameters by"
                                    + " their priors");
            return new Finding(code, good < 0 ? Level.FAIL : Level.WARN, culprits, point, text.toString());
        }

        /** Which observation of a model is to blame at a point, and which of its rows. */
        private String brokenTerm(int s) {
            if (model == null) {
                return "";
            }
            DMatrixRMaj point = new DMatrixRMaj(points.numRows, 1);
            copy(points, s, point, 0);
            for (String observation : model.observations()) {
                double[] terms = model.pointwiseLogLikelihood(observation, point).data;
                for (int row = 0; row < terms.length; row++) {
                    if (!Double.isFinite(terms[row])) {
                        return "the log likelihood of \"" + observation + "\" is " + terms[row] + " at row " + row;
                    }
                }
            }
            return model.observations().isEmpty()
                    ? ""
                    : "all likelihoods are finite, so a prior or an added term is not";
        }

        /** The parameters, or coordinates of one, whose change alone turns a good point bad or a bad one good. */
        private List<String> culprits(int good, int bad) {
            List<int[]> blocks = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (Block block : subject.layout().blocks()) {
                if (block.length() > 0) {
                    blocks.add(new int[] {block.offset(), block.length()});
                    names.add(block.name());
                }
            }
            List<Integer> guilty = guilty(good, bad, blocks);
            if (guilty.size() == 1) {
                int[] block = blocks.get(guilty.get(0));
                List<int[]> single = new ArrayList<>();
                for (int i = 0; i < block[1]; i++) {
                    single.add(new int[] {block[0] + i, 1});
                }
                List<Integer> coordinates = single.size() > 1 ? guilty(good, bad, single) : List.of();
                if (!coordinates.isEmpty()) {
                    return coordinates.stream()
                            .map(i -> subject.name(block[0] + i))
                            .toList();
                }
            }
            return guilty.stream().map(names::get).toList();
        }

        private List<Integer> guilty(int good, int bad, List<int[]> runs) {
            if (runs.size() > MOST_SUSPECTS) {
                return List.of();
            }
            for (boolean spoil : new boolean[] {true, false}) {
                DMatrixRMaj mixed = new DMatrixRMaj(points.numRows, runs.size());
                for (int k = 0; k < runs.size(); k++) {
                    copy(points, spoil ? good : bad, mixed, k);
                    for (int d = runs.get(k)[0]; d < runs.get(k)[0] + runs.get(k)[1]; d++) {
                        mixed.set(d, k, points.get(d, spoil ? bad : good));
                    }
                }
                double[] found = new double[runs.size()];
                subject.density().evaluate(mixed, found, null);
                List<Integer> guilty = new ArrayList<>();
                for (int k = 0; k < found.length; k++) {
                    if (Double.isFinite(found[k]) != spoil) {
                        guilty.add(k);
                    }
                }
                if (!guilty.isEmpty()) {
                    return guilty;
                }
            }
            return List.of();
        }

        private List<Integer> brokenSlopes(int s) {
            List<Integer> broken = new ArrayList<>();
            for (int d = 0; gradient != null && d < points.numRows; d++) {
                if (!Double.isFinite(gradient.get(d, s))) {
                    broken.add(d);
                }
            }
            return broken;
        }

        Stage gradient() {
            if (gradient == null) {
                return ModelDoctor.skipped(Check.FINITE_GRADIENT, "the density has no gradient");
            }
            List<String> names = new ArrayList<>();
            int first = -1;
            int looked = 0;
            int broken = 0;
            for (int s = 0; s < lanes; s++) {
                if (trouble(s) != null) {
                    continue;
                }
                looked++;
                List<Integer> slopes = brokenSlopes(s);
                if (!slopes.isEmpty()) {
                    broken++;
                    first = first < 0 ? s : first;
                    slopes.stream()
                            .map(subject::name)
                            .filter(n -> !names.contains(n))
                            .forEach(names::add);
                }
            }
            if (looked == 0) {
                return ModelDoctor.skipped(Check.FINITE_GRADIENT, "the log density is finite nowhere");
            }
            List<Finding> findings = new ArrayList<>();
            if (first >= 0) {
                List<Double> point = Matrices.columnList(points, first);
                int d = brokenSlopes(first).get(0);
                findings.add(new Finding(
                        Code.NON_FINITE_GRADIENT,
                        first < ordinary ? Level.FAIL : Level.WARN,
                        names,
                        point,
                        String.format(
                                Locale.ROOT,
                                "the gradient with respect to %s is %s at %d of %d points where the log density is"
                                        + " finite, first %s: check roots and powers at 0 and ratios of infinities in"
                                        + " its derivative",
                                subject.name(d),
                                gradient.get(d, first),
                                broken,
                                looked,
                                ModelDoctor.Subject.describe(point))));
            }
            return ModelDoctor.made(Check.FINITE_GRADIENT, "all coordinates at " + looked + " points", findings);
        }

        Stage determinism() {
            double[] again = new double[lanes];
            DMatrixRMaj slopes = gradient == null ? null : new DMatrixRMaj(points.numRows, lanes);
            subject.density().evaluate(points, again, slopes);
            List<Finding> findings = new ArrayList<>();
            difference(again, slopes, gradient)
                    .ifPresent(difference -> findings.add(new Finding(
                            Code.NON_DETERMINISTIC,
                            Level.FAIL,
                            difference.names(),
                            Matrices.columnList(points, difference.lane()),
                            difference.text()
                                    + " when evaluated again at the same point: make it a function of the point alone,"
                                    + " without random numbers and without state kept between calls")));
            if (subject.density().changesPoints()) {
                findings.add(new Finding(
                        Code.CHANGES_POINTS,
                        Level.WARN,
                        List.of(),
                        List.of(),
                        "the density changes the points it is given: it must read them only"));
            }
            return ModelDoctor.made(Check.DETERMINISM, lanes + " points evaluated twice", findings);
        }

        private record Difference(int lane, List<String> names, String text) {}

        private static boolean same(double a, double b) {
            return Double.compare(a, b) == 0 || Math.abs(a - b) <= SAME * (1 + Math.abs(a));
        }

        private Optional<Difference> difference(
                double[] others, @Nullable DMatrixRMaj otherSlopes, @Nullable DMatrixRMaj slopes) {
            for (int s = 0; s < lanes; s++) {
                if (!same(values[s], others[s])) {
                    return Optional.of(
                            new Difference(s, List.of(), "the log density is " + values[s] + " and then " + others[s]));
                }
                for (int d = 0; otherSlopes != null && slopes != null && d < points.numRows; d++) {
                    double size = 1 + largest(slopes, s);
                    double a = slopes.get(d, s);
                    double b = otherSlopes.get(d, s);
                    if (Double.compare(a, b) != 0 && !(Math.abs(a - b) <= SAME * size)) {
                        return Optional.of(new Difference(
                                s,
                                List.of(subject.name(d)),
                                "the gradient with respect to " + subject.name(d) + " is " + a + " and then " + b));
                    }
                }
            }
            return Optional.empty();
        }

        private static double largest(DMatrixRMaj slopes, int s) {
            double largest = 0;
            for (int d = 0; d < slopes.numRows; d++) {
                largest = Math.max(largest, Math.abs(slopes.get(d, s)));
            }
            return Double.isFinite(largest) ? largest : 0;
        }

        Stage lanes() {
            double[] alone = new double[lanes];
            DMatrixRMaj slopes = gradient == null ? null : new DMatrixRMaj(points.numRows, lanes);
            DMatrixRMaj point = new DMatrixRMaj(points.numRows, 1);
            DMatrixRMaj slope = gradient == null ? null : new DMatrixRMaj(points.numRows, 1);
            double[] value = new double[1];
            for (int s = 0; s < lanes; s++) {
                copy(points, s, point, 0);
                subject.density().evaluate(point, value, slope);
                alone[s] = value[0];
                if (slopes != null && slope != null) {
                    copy(slope, 0, slopes, s);
                }
            }
            List<Finding> findings = new ArrayList<>();
            difference(alone, slopes, gradient)
                    .ifPresent(difference -> findings.add(disagreement(difference, "in a batch, then alone")));
            if (findings.isEmpty() && gradient != null) {
                double[] plain = new double[lanes];
                subject.density().evaluate(points, plain, null);
                difference(plain, null, null)
                        .ifPresent(difference ->
                                findings.add(disagreement(difference, "with the gradient, then without it")));
            }
            return ModelDoctor.made(Check.LANES, lanes + " points, each also alone and without gradient", findings);
        }

        private Finding disagreement(Difference difference, String how) {
            return new Finding(
                    Code.LANES_DISAGREE,
                    Level.FAIL,
                    difference.names(),
                    Matrices.columnList(points, difference.lane()),
                    difference.text() + " (" + how
                            + "): each column of the points is a point of its own, element (d, s) of a D x S row-major"
                            + " matrix is data[d * S + s], and S changes from call to call");
        }

        int[] usable() {
            int[] usable = new int[lanes];
            int count = 0;
            for (int s = 0; s < lanes; s++) {
                if (trouble(s) == null && brokenSlopes(s).isEmpty()) {
                    usable[count++] = s;
                }
            }
            return Arrays.copyOf(usable, count);
        }
    }
}
