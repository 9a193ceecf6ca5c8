package org.variational.examples.cli;

import java.util.List;
import java.util.function.Supplier;
import org.variational.VariationalInference;
import org.variational.algorithm.Fit;
import org.variational.divergence.Divergence;
import org.variational.family.VariationalFamily;
import org.variational.model.Model;

/** An example that fits one declared model. */
record ModelExample(String name, String description, Supplier<Model> model) implements Example {

    @Override
    public ExitCode run(RunOptions options, Terminal terminal) {
        Named<VariationalFamily.Factory> family = options.familyOr(Choices.FULL_RANK);
        Named<Divergence> divergence = options.divergenceOr(Choices.REVERSE_KL);
        Model declared = model.get();
        Fit fit;
        try (ProgressLine progress = ProgressLine.on(terminal, name)) {
            fit = options.sampling(VariationalInference.of(declared))
                    .family(family.value())
                    .minimise(divergence.value())
                    .callback(progress)
                    .run();
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        FitReport report = FitReport.of(name, family.name(), divergence.name(), fit);
        return Reports.deliver(List.of(report), options, terminal);
    }
}
