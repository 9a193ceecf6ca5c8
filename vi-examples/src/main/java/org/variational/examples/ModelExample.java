package org.variational.examples;

import java.util.function.Supplier;
import org.variational.VariationalInference;
import org.variational.model.Model;

/** An example that fits one declared model. */
record ModelExample(String name, String description, Supplier<Model> model) implements Example {

    /** What reports say of the family and the divergence where the library's default decides. */
    private static final String AUTOMATIC = "automatic";

    @Override
    public boolean takesFitChoice() {
        return true;
    }

    @Override
    public ExampleResult run(RunOptions options) {
        VariationalInference inference = options.applyTo(VariationalInference.of(model.get()));
        FitChoice chosen = options.fitChoice();
        if (chosen == null) {
            return ExampleResult.of(inference.run(), AUTOMATIC, AUTOMATIC);
        }
        return ExampleResult.of(
                inference.family(chosen.family()).minimise(chosen.divergence()).run(),
                chosen.familyName(),
                chosen.divergenceName());
    }
}
