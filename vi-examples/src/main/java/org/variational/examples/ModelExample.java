package org.variational.examples;

import java.util.List;
import java.util.function.Supplier;
import org.variational.VariationalInference;
import org.variational.divergence.Divergence;
import org.variational.family.VariationalFamily;
import org.variational.fit.Fit;
import org.variational.io.FitReport;
import org.variational.model.Model;

/** An example that fits one declared model. */
record ModelExample(String name, String description, Supplier<Model> model) implements Example {

    /** What reports say of the family and the divergence where the library's default decides. */
    private static final String AUTOMATIC = "automatic";

    @Override
    public ExitCode run(RunOptions options, Terminal terminal) {
        String family = AUTOMATIC;
        String divergence = AUTOMATIC;
        VariationalInference inference = options.sampling(VariationalInference.of(model.get()));
        if (options.family() != null || options.divergence() != null) {
            Named<VariationalFamily.Factory> chosenFamily = options.familyOr(RunOptions.FULL_RANK);
            Named<Divergence> chosenDivergence = options.divergenceOr(RunOptions.REVERSE_KL);
            family = chosenFamily.name();
            divergence = chosenDivergence.name();
            inference = inference.family(chosenFamily.value()).minimise(chosenDivergence.value());
        }
        Fit fit;
        try (ProgressLine progress = ProgressLine.on(terminal, name)) {
            fit = inference.callback(progress).run();
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        FitReport report = FitReport.of(name, family, divergence, fit);
        return Reports.deliver(List.of(report), options, terminal);
    }
}
