package org.variational.lab.simulated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.variational.cli.ExitCode;
import org.variational.cli.HelpOption;
import org.variational.cli.NearNames;
import org.variational.cli.UsageException;
import org.variational.io.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code elbo evaluate references}: computes the references of the simulated problems anew. */
@Command(
        name = "references",
        description = "Computes references of the simulated problems by importance sampling, quadrature and chains.",
        sortOptions = false)
public final class ReferencesCommand implements Callable<Integer> {

    private static final long SEED = 1;
    private static final int KEPT_OF_LARGE = 100;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "POSTERIOR",
            arity = "1..*",
            description = "Names of problems without number and kind of declaration, such as poisson_100_1.")
    @SuppressWarnings("NullAway.Init")
    private List<String> sources;

    @Option(
            names = "--draws",
            paramLabel = "N",
            defaultValue = "40000",
            description = "Draws of the outer parameters, or sweeps of the chain; 40,000 unless set.")
    private int draws;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "The folder for POSTERIOR.csv, which must be there.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    /** The command. */
    public ReferencesCommand() {}

    @Override
    public Integer call() throws IOException {
        if (draws < 1) {
            throw new UsageException("--draws must be at least 1, got " + draws);
        }
        if (!Files.isDirectory(out)) {
            throw new UsageException("--out needs a folder, got \"" + out + "\"");
        }
        for (SimulatedProblem problem :
                sources.stream().map(ReferencesCommand::problem).toList()) {
            long start = System.nanoTime();
            String source = problem.source();
            ReferenceTable table = reference(problem.posterior(), draws);
            List<String> comments =
                    List.of("elbo evaluate references " + source + " --draws " + draws + " --out DIR", table.how());
            AtomicFile.writeText(out.resolve(source + ".csv"), file -> file.write(table.text(comments)));
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "%s: %s; resolution %.3f of means, %.3f of standard deviations; %.0f seconds%n",
                            source,
                            table.how(),
                            table.meanResolution(),
                            table.sdResolution(),
                            (System.nanoTime() - start) / 1e9);
            spec.commandLine().getOut().flush();
        }
        return ExitCode.OK.value();
    }

    /** Computes a reference. */
    static ReferenceTable reference(LatentPosterior posterior, int draws) {
        int latents = posterior.latents().size();
        int stride = latents > SimulatedProblem.LARGE - 1 ? latents / KEPT_OF_LARGE : 1;
        return posterior.integrable()
                ? new MarginalSampler(posterior, SEED).run(draws, stride)
                : new WhitenedChain(posterior, SEED).run(draws, stride);
    }

    private static SimulatedProblem problem(String source) {
        List<SimulatedProblem> all = SimulatedProblem.all();
        return all.stream()
                .filter(problem -> problem.source().equals(source))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> names = all.stream()
                            .map(SimulatedProblem::source)
                            .distinct()
                            .toList();
                    return new UsageException("there is no posterior \"" + source + "\""
                            + NearNames.question(source, names) + " (there are " + String.join(", ", names) + ")");
                });
    }
}
