package org.variational.lab.evaluation;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.cli.ExitCode;
import org.variational.cli.FitChoices;
import org.variational.cli.HelpOption;
import org.variational.cli.Terminal;
import org.variational.cli.UsageException;
import org.variational.lab.evaluation.CalibrationTable.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code elbo calibrate}: fits random targets with exact moments and counts how often the verdict is right. */
@Command(
        name = "calibrate",
        description = "Fits random targets with exact moments and counts how often the verdict is right.",
        sortOptions = false,
        footer = {
            "",
            "Seeds 1 to 1000000 are for choosing thresholds, those from 1000001 for validation.",
            "Exit codes: 0 counted, 1 no fit gave an answer or the file could not be written, 2 wrong command line.",
        })
public final class CalibrateCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--targets",
            paramLabel = "N",
            defaultValue = "450",
            description = "How many targets, best a multiple of 45, the pairs of class and dimension; 450 unless set.")
    private int targets;

    @Option(
            names = "--seed",
            paramLabel = "FIRST",
            defaultValue = "1",
            description = "The seed of the first target; the others follow. 1 unless set.")
    private long firstSeed;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private FitChoices choices;

    @Option(names = "--out", paramLabel = "FILE.csv", description = "A file for a row per target.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    private final boolean interactive;

    /**
     * The command.
     *
     * @param interactive whether a person watches standard error
     */
    public CalibrateCommand(boolean interactive) {
        this.interactive = interactive;
    }

    @Override
    public Integer call() {
        if (targets < 1) {
            throw new UsageException("--targets must be at least 1, got " + targets);
        }
        TableFile file = TableFile.at(out);
        int threads = choices.threads();
        Terminal terminal =
                new Terminal(spec.commandLine().getOut(), spec.commandLine().getErr(), interactive);
        CalibrationTable table = new CalibrationTable();
        for (int done = 0; done < targets; done += RandomTarget.CELLS) {
            int count = Math.min(RandomTarget.CELLS, targets - done);
            for (Row row : Parallel.map(threads, firstSeed + done, count, this::fit)) {
                table.add(row);
                complain(row, terminal);
            }
            // After every round, so that a long calibration that is ended leaves what it has.
            file.write(table::writeCsv, terminal);
            if (interactive) {
                terminal.err().print("\r" + (done + count) + " of " + targets + " targets");
                terminal.err().flush();
            }
        }
        if (interactive) {
            terminal.err().println();
        }
        terminal.out().print(table.text());
        terminal.out().flush();
        return (file.isWritten() && table.hasAnswer() ? ExitCode.OK : ExitCode.FAILED).value();
    }

    private static void complain(Row row, Terminal terminal) {
        if (!row.attempt().hasAnswer()) {
            terminal.err()
                    .println("elbo: seed " + row.seed() + " (" + row.kind().label() + ", " + row.dimension()
                            + " coordinates): " + row.attempt().verdict() + ": "
                            + row.attempt().message());
            terminal.err().flush();
        }
    }

    private Row fit(long seed) {
        RandomTarget target = RandomTarget.of(seed);
        VariationalInference inference = choices.applyTo(VariationalInference.of(target.density()));
        return new Row(
                target.kind(),
                target.moments().dimension(),
                seed,
                Attempt.of(inference.seed(seed), Reference.ofCoordinates(target.moments())));
    }
}
