package org.variational.examples;

import static org.variational.distribution.Distributions.categoricalLogit;
import static org.variational.distribution.Distributions.normal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.VariationalInference;
import org.variational.density.LogDensity;
import org.variational.divergence.Divergences;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.family.Families;
import org.variational.fit.Fit;
import org.variational.information.Discrete;
import org.variational.information.Information;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Distillation: what a large classifier knows, taught to a small one (Hinton, Vinyals and Dean 2015, arXiv 1503.02531).
 *
 * <p>The teacher reads handwritten digits of 64 pixels; it is a Bayesian softmax regression whose soft labels are
 * averages over its posterior. The student sees 16 blocks of pixels and has a quarter of the weights. It is taught by
 * forward KL(teacher, student), which wants every class that the teacher thinks possible covered, or by reverse
 * KL(student, teacher), which wants no class that the teacher excludes; both after the probabilities of teacher and
 * student are flattened by a temperature. A student that learns from the true labels alone stands for comparison. Every
 * image is held out once, in {@value #FOLDS} folds.
 */
public final class Distillation implements Example {

    static final int FOLDS = 4;
    private static final int CLASSES = 10;
    private static final double TEACHER_WEIGHT_SD = 3;
    private static final double STUDENT_WEIGHT_SD = 10;
    private static final int BLOCK = 2;
    private static final int TEACHER_DRAWS = 200;
    private static final int STEPS = 500;
    private static final double RATE = 0.1;
    private static final int BINS = 10;

    /** How a student is taught. */
    enum Lesson {
        FORWARD("forward KL"),
        REVERSE("reverse KL"),
        LABELS("true labels");

        final String label;

        Lesson(String label) {
            this.label = label;
        }
    }

    record Course(Lesson lesson, double temperature) {}

    static final List<Course> COURSES = List.of(
            new Course(Lesson.FORWARD, 1),
            new Course(Lesson.FORWARD, 3),
            new Course(Lesson.REVERSE, 1),
            new Course(Lesson.REVERSE, 3),
            new Course(Lesson.LABELS, 1));

    /**
     * How a classifier did on held-out images.
     *
     * @param accuracy the share of images it gets right
     * @param agreement the share of images on which it and the teacher choose the same digit
     * @param forwardKl the mean KL(teacher, classifier) of the class probabilities
     * @param reverseKl the mean KL(classifier, teacher)
     * @param logLoss the mean of minus the log probability of the true digit
     * @param calibrationError the expected calibration error: the gap between confidence and accuracy, averaged over
     *     bins
     */
    record Score(
            double accuracy,
            double agreement,
            double forwardKl,
            double reverseKl,
            double logLoss,
            double calibrationError) {

        static Score of(List<Discrete> classifier, List<Discrete> teacher, int[] labels) {
            int n = labels.length;
            double accuracy = 0;
            double agreement = 0;
            double forward = 0;
            double reverse = 0;
            double logLoss = 0;
            double[] gap = new double[BINS];
            for (int i = 0; i < n; i++) {
                Discrete p = classifier.get(i);
                int choice = likeliest(p);
                double right = choice == labels[i] ? 1 : 0;
                accuracy += right;
                agreement += choice == likeliest(teacher.get(i)) ? 1 : 0;
                forward += Information.klDivergence(teacher.get(i), p) / n;
                reverse += Information.klDivergence(p, teacher.get(i)) / n;
                logLoss -= p.logProbability(labels[i]) / n;
                int bin = Math.min(BINS - 1, (int) (BINS * p.probability(choice)));
                gap[bin] += (p.probability(choice) - right) / n;
            }
            double calibration = Arrays.stream(gap).map(Math::abs).sum();
            return new Score(accuracy / n, agreement / n, forward, reverse, logLoss, calibration);
        }

        private static int likeliest(Discrete p) {
            return IntStream.range(0, p.outcomes())
                    .reduce((a, b) -> p.probability(b) > p.probability(a) ? b : a)
                    .orElseThrow();
        }
    }

    /** The held-out probabilities of the teacher and of each student, in the order of the images. */
    record Results(List<Discrete> teacher, List<List<Discrete>> students) {}

    @Override
    public String name() {
        return "distillation";
    }

    @Override
    public String description() {
        return "a Bayesian teacher's soft labels taught to a smaller classifier by forward and by reverse KL";
    }

    /** Softmax regression: logits that are linear in the inputs. */
    private static Expr logits(Expr inputs, Expr weights, Expr bias) {
        return inputs.matmul(weights).plus(bias);
    }

    /** The class probabilities of the teacher after learning from some images, at those and at others. */
    private static List<List<Discrete>> teach(Digits known, Digits unknown, RunOptions options) {
        ModelBuilder m = Model.named("teacher");
        Rows rows = m.rows("images", known.count());
        Expr weights = m.parameter("weights", normal(0, TEACHER_WEIGHT_SD), Digits.PIXELS, CLASSES);
        Expr bias = m.parameter("bias", normal(0, TEACHER_WEIGHT_SD), 1, CLASSES);
        Expr logits = logits(rows.data("image", known.images()), weights, bias);
        rows.observe("digit", categoricalLogit(logits), known.labels());
        Model model = m.build();
        Fit fit = options.applyTo(VariationalInference.of(model))
                .family(Families.meanField())
                .minimise(Divergences.reverseKl())
                .tolerance(0.1)
                .posteriorDraws(TEACHER_DRAWS)
                .run();
        DMatrixRMaj draws = fit.posterior().unconstrained();
        Data others = Data.declared().with("image", unknown.images()).with("digit", asNumbers(unknown.labels()));
        return List.of(average(model, logits, draws), average(model.with(others), logits, draws));
    }

    private static double[] asNumbers(int[] labels) {
        return Arrays.stream(labels).asDoubleStream().toArray();
    }

    /** For each image the softmax of the logits, averaged over the draws. */
    private static List<Discrete> average(Model model, Expr logits, DMatrixRMaj draws) {
        DMatrixRMaj values = model.evaluate(logits, draws);
        List<Discrete> averages = new ArrayList<>();
        for (int first = 0; first < values.numRows; first += CLASSES) {
            double[] sum = new double[CLASSES];
            double[] logit = new double[CLASSES];
            for (int s = 0; s < values.numCols; s++) {
                for (int c = 0; c < CLASSES; c++) {
                    logit[c] = values.get(first + c, s);
                }
                Discrete one = Discrete.ofLogits(logit);
                for (int c = 0; c < CLASSES; c++) {
                    sum[c] += one.probability(c);
                }
            }
            averages.add(Discrete.ofWeights(sum));
        }
        return averages;
    }

    /** The class probabilities of a student at unknown images. */
    private static List<Discrete> study(Digits known, List<Discrete> soft, Digits unknown, Course course) {
        ModelBuilder m = Model.named("student");
        Rows rows = m.rows("images", known.count());
        double[][] inputs = known.coarse(BLOCK);
        int width = inputs[0].length;
        Expr weights = m.optimised("weights", width, CLASSES, new double[width * CLASSES]);
        Expr bias = m.optimised("bias", 1, CLASSES, new double[CLASSES]);
        m.addLogDensity(normal(0, STUDENT_WEIGHT_SD).logDensity(weights));
        Expr logits = logits(rows.data("blocks", inputs), weights, bias);
        if (course.lesson() == Lesson.LABELS) {
            rows.observe("digit", categoricalLogit(logits), known.labels());
        } else {
            double[][] logTeacher =
                    soft.stream().map(p -> flattened(p, course.temperature())).toArray(double[][]::new);
            Expr teacher = rows.data("log_teacher", logTeacher);
            Expr cool = logits.dividedBy(course.temperature());
            Expr student = cool.minus(cool.logSumExp());
            Expr divergence = course.lesson() == Lesson.FORWARD
                    ? teacher.exp().times(teacher.minus(student)).sum()
                    : student.exp().times(student.minus(teacher)).sum();
            // gradients shrink with the square of the temperature
            m.addLogDensity(divergence.times(-course.temperature() * course.temperature()));
        }
        Model model = m.build();
        DMatrixRMaj learnt = mode(model.density());
        Data others = Data.declared().with("blocks", unknown.coarse(BLOCK));
        if (course.lesson() == Lesson.LABELS) {
            others = others.with("digit", asNumbers(unknown.labels()));
        } else {
            others = others.with("log_teacher", new double[unknown.count()][CLASSES]);
        }
        return average(model.with(others), logits, learnt);
    }

    /** The log probabilities of {@code p^(1 / temperature)} over its sum. */
    private static double[] flattened(Discrete p, double temperature) {
        double[] logits = new double[p.outcomes()];
        Arrays.setAll(logits, c -> p.logProbability(c) / temperature);
        Discrete flat = Discrete.ofLogits(logits);
        Arrays.setAll(logits, flat::logProbability);
        return logits;
    }

    /** The mode of a log density, found from 0. */
    private static DMatrixRMaj mode(LogDensity density) {
        int d = density.dimension();
        double[] value = new double[1];
        double[] mode = Descent.run(new double[d], RATE, STEPS, (point, gradient) -> {
            density.evaluate(DMatrixRMaj.wrap(d, 1, point), value, DMatrixRMaj.wrap(d, 1, gradient));
            Arrays.setAll(gradient, i -> -gradient[i]);
        });
        return DMatrixRMaj.wrap(d, 1, mode);
    }

    /** Teaches on all folds but one, and asks about that one. */
    static Results hold(int fold, Digits digits, RunOptions options) {
        int from = from(fold, digits);
        int to = from(fold + 1, digits);
        Digits known = digits.without(from, to);
        Digits unknown = digits.range(from, to);
        List<List<Discrete>> teacher = teach(known, unknown, options);
        List<List<Discrete>> students = COURSES.stream()
                .map(course -> {
                    options.requireNotCancelled();
                    return study(known, teacher.get(0), unknown, course);
                })
                .toList();
        return new Results(teacher.get(1), students);
    }

    static int from(int fold, Digits digits) {
        return digits.count() * fold / FOLDS;
    }

    private static Results results(Digits digits, RunOptions options) {
        List<Discrete> teacher = new ArrayList<>();
        List<List<Discrete>> students = new ArrayList<>();
        COURSES.forEach(course -> students.add(new ArrayList<>()));
        for (int fold = 0; fold < FOLDS; fold++) {
            Results held = hold(fold, digits, options);
            teacher.addAll(held.teacher());
            for (int c = 0; c < COURSES.size(); c++) {
                students.get(c).addAll(held.students().get(c));
            }
        }
        return new Results(teacher, students);
    }

    @Override
    public ExampleResult run(RunOptions options) {
        Digits digits = Digits.read();
        Results results = results(digits, options);
        StringBuilder text = new StringBuilder(String.format(
                "%-12s %11s  %8s %9s  %10s %10s  %8s %11s\n",
                "taught by",
                "temperature",
                "accuracy",
                "agreement",
                "forward KL",
                "reverse KL",
                "log loss",
                "calibration"));
        List<String> json = new ArrayList<>();
        Score teacher = Score.of(results.teacher(), results.teacher(), digits.labels());
        text.append(line("(teacher)", 1, teacher));
        json.add(json("(teacher)", 1, teacher));
        for (int c = 0; c < COURSES.size(); c++) {
            Course course = COURSES.get(c);
            Score score = Score.of(results.students().get(c), results.teacher(), digits.labels());
            text.append(line(course.lesson().label, course.temperature(), score));
            json.add(json(course.lesson().label, course.temperature(), score));
        }
        text.append("\nagreement and KL: with the teacher, on held-out images; calibration: expected calibration"
                + " error\n");
        return new ExampleResult(text.toString(), "", json, ExampleResult.Files.NONE, true);
    }

    private static String line(String taughtBy, double temperature, Score score) {
        return String.format(
                Locale.ROOT,
                "%-12s %11.0f  %8.3f %9.3f  %10.3f %10.3f  %8.3f %11.3f\n",
                taughtBy,
                temperature,
                score.accuracy(),
                score.agreement(),
                score.forwardKl(),
                score.reverseKl(),
                score.logLoss(),
                score.calibrationError());
    }

    private static String json(String taughtBy, double temperature, Score score) {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("model", "distillation");
        node.put("taughtBy", taughtBy);
        node.put("temperature", temperature);
        node.put("accuracy", score.accuracy());
        node.put("agreement", score.agreement());
        node.put("forwardKl", score.forwardKl());
        node.put("reverseKl", score.reverseKl());
        node.put("logLoss", score.logLoss());
        node.put("calibrationError", score.calibrationError());
        return node.toString();
    }
}
