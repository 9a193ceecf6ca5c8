package org.variational.examples;

import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.multivariateNormal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.variational.VariationalInference;
import org.variational.distribution.Distribution;
import org.variational.divergence.Divergence;
import org.variational.divergence.Divergences;
import org.variational.expression.Expr;
import org.variational.family.Families;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalFamily;
import org.variational.fit.Fit;
import org.variational.io.AtomicFile;
import org.variational.io.FitFiles;
import org.variational.io.FitJson;
import org.variational.io.FitReport;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * The two directions of the Kullback-Leibler divergence. Reverse KL(q, p) punishes an approximation q for mass where
 * the target p has none, so that q seeks a mode and is too narrow; forward KL(p, q) punishes it for missing mass, so
 * that q covers everything and is too wide. A correlated Gaussian and a target with two modes are fitted in both
 * directions by independent (mean-field) and by correlated (full-rank) Gaussians, and compared with the exact optima.
 * That some verdicts are bad is part of the answer, so that the run succeeds all the same.
 */
public final class TwoDirections implements Example {

    /** The correlation of the first target, whose variances are 1. */
    static final double RHO = 0.9;

    /** The distance of the second target's modes from the origin; they lie on the diagonal and have unit covariance. */
    static final double DISTANCE = 3;

    /** The targets of the grid, one a row. */
    enum Target {
        CORRELATED("correlated"),
        BIMODAL("bimodal");

        final String label;

        Target(String label) {
            this.label = label;
        }

        Model model() {
            ModelBuilder m = Model.named(label);
            m.parameter("x", this == CORRELATED ? correlated() : bimodal(), 2);
            return m.build();
        }
    }

    /** The fits of the grid, for each target. */
    enum Choice {
        MEAN_FIELD_REVERSE("mean-field", Families.meanField(), "reverse-kl", Divergences.reverseKl()),
        FULL_RANK_REVERSE("full-rank", Families.fullRank(), "reverse-kl", Divergences.reverseKl()),
        MEAN_FIELD_FORWARD("mean-field", Families.meanField(), "forward-kl", Divergences.forwardKl()),
        FULL_RANK_FORWARD("full-rank", Families.fullRank(), "forward-kl", Divergences.forwardKl());

        final String family;
        final String divergence;
        private final VariationalFamily.Factory factory;
        private final Divergence minimised;

        Choice(String family, VariationalFamily.Factory factory, String divergence, Divergence minimised) {
            this.family = family;
            this.factory = factory;
            this.divergence = divergence;
            this.minimised = minimised;
        }

        boolean reverse() {
            return this == MEAN_FIELD_REVERSE || this == FULL_RANK_REVERSE;
        }

        boolean meanField() {
            return this == MEAN_FIELD_REVERSE || this == MEAN_FIELD_FORWARD;
        }

        /**
         * Reverse KL starts beside the origin, from where it finds a mode; forward KL starts wide, to see all the mass.
         */
        private VariationalInference applyTo(VariationalInference inference) {
            VariationalInference chosen = inference.family(factory).minimise(minimised);
            return reverse()
                    ? chosen.start(new double[] {1, 1}, new double[] {1, 1})
                    : chosen.start(new double[] {0, 0}, new double[] {4, 4});
        }
    }

    /** A Gaussian in two dimensions that is the same for both coordinates. */
    record Ellipse(double mean, double sd, double correlation) {

        static Ellipse of(Fit fit) {
            if (!(fit.distribution() instanceof GaussianDistribution gaussian)) {
                throw new IllegalArgumentException("not Gaussian: " + fit.distribution());
            }
            double[] mean = gaussian.mean();
            double sd = Math.sqrt(gaussian.covariance().get(0, 0));
            double other = Math.sqrt(gaussian.covariance().get(1, 1));
            return new Ellipse(
                    (mean[0] + mean[1]) / 2,
                    Math.sqrt(sd * other),
                    gaussian.covariance().get(0, 1) / (sd * other));
        }

        /** From the mean and the standard deviation along the diagonal; across it the standard deviation is 1. */
        private static Ellipse alongDiagonal(double mean, double sd) {
            double variance = (sd * sd + 1) / 2;
            return new Ellipse(mean / Math.sqrt(2), Math.sqrt(variance), (sd * sd - 1) / (sd * sd + 1));
        }
    }

    private record Cell(Target target, Choice choice, Fit fit) {

        String name() {
            return target.label + "-" + choice.family + "-" + choice.divergence;
        }

        String json() {
            return FitJson.line(FitReport.of(fit).named(choice.family, choice.divergence));
        }
    }

    @Override
    public String name() {
        return "two-directions";
    }

    @Override
    public String description() {
        return "reverse and forward KL on two known targets, against the exact optima";
    }

    private static Distribution correlated() {
        return multivariateNormal(
                Expr.constant(0), Expr.constant(new double[][] {{1, 0}, {RHO, Math.sqrt(1 - RHO * RHO)}}));
    }

    private static Distribution bimodal() {
        Expr unit = Expr.constant(new double[][] {{1, 0}, {0, 1}});
        double coordinate = DISTANCE / Math.sqrt(2);
        Expr centre = Expr.constant(new double[] {coordinate, coordinate});
        return mixture(
                Expr.constant(new double[] {0.5, 0.5}),
                multivariateNormal(centre.negate(), unit),
                multivariateNormal(centre, unit));
    }

    /**
     * The exact optimum, of two equal ones the upper. Moments of the target for forward KL; for reverse KL and the
     * correlated target {@code 1 / Lambda_ii}; for reverse KL and two modes by numerical integration along the
     * diagonal.
     */
    static Ellipse optimum(Target target, Choice choice) {
        if (target == Target.CORRELATED) {
            double narrow = choice == Choice.MEAN_FIELD_REVERSE ? Math.sqrt(1 - RHO * RHO) : 1;
            return new Ellipse(0, narrow, choice.meanField() ? 0 : RHO);
        }
        return switch (choice) {
            case MEAN_FIELD_REVERSE -> new Ellipse(2.985862 / Math.sqrt(2), 1.010549, 0);
            case FULL_RANK_REVERSE -> Ellipse.alongDiagonal(2.984306, 1.023369);
            case MEAN_FIELD_FORWARD -> new Ellipse(0, Math.sqrt(1 + DISTANCE * DISTANCE / 2), 0);
            case FULL_RANK_FORWARD -> Ellipse.alongDiagonal(0, Math.sqrt(1 + DISTANCE * DISTANCE));
        };
    }

    static Fit fit(Target target, Choice choice, RunOptions options) {
        return choice.applyTo(options.applyTo(VariationalInference.of(target.model())))
                .run();
    }

    @Override
    public ExampleResult run(RunOptions options) {
        List<Cell> cells = new ArrayList<>();
        for (Target target : Target.values()) {
            for (Choice choice : Choice.values()) {
                cells.add(new Cell(target, choice, fit(target, choice, options)));
                options.requireNotCancelled();
            }
        }
        return new ExampleResult(
                table(cells), "", cells.stream().map(Cell::json).toList(), directory -> write(cells, directory), true);
    }

    private static void write(List<Cell> cells, Path directory) throws IOException {
        TwoDirectionsPicture picture = new TwoDirectionsPicture();
        for (Cell cell : cells) {
            FitFiles.write(cell.fit(), directory.resolve(cell.name()));
            picture.add(cell.target(), cell.choice(), Ellipse.of(cell.fit()));
        }
        AtomicFile.write(directory.resolve("two-directions.png"), out -> out.write(picture.png()));
    }

    private static String table(List<Cell> cells) {
        StringBuilder text = new StringBuilder();
        String format = "%-11s %-11s %-11s  %6s %6s  %6s %6s  %6s %6s  %s\n";
        text.append(String.format(
                format, "target", "divergence", "family", "mean", "exact", "sd", "exact", "corr.", "exact", "verdict"));
        for (Cell cell : cells) {
            Ellipse found = Ellipse.of(cell.fit());
            Ellipse exact = optimum(cell.target(), cell.choice());
            double sign = found.mean() < 0 ? -1 : 1;
            text.append(String.format(
                    Locale.ROOT,
                    format,
                    cell.target().label,
                    cell.choice().divergence,
                    cell.choice().family,
                    number(found.mean()),
                    number(sign * exact.mean()),
                    number(found.sd()),
                    number(exact.sd()),
                    number(found.correlation()),
                    number(exact.correlation()),
                    cell.fit().verdict().level()));
        }
        return text.append(
                        "\nReverse KL takes one mode, or too little of the only one; forward KL covers everything.\n")
                .append("--out DIR draws the picture.\n")
                .toString();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value == 0 ? 0.0 : value);
    }
}
