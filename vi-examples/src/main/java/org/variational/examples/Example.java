package org.variational.examples;

import java.util.function.Supplier;
import org.variational.model.Model;

/** Something that {@code elbo run NAME} runs. */
public interface Example {

    /**
     * The name on the command line.
     *
     * @return lower case, words joined by hyphens
     */
    String name();

    /**
     * What it shows, in one line.
     *
     * @return a phrase without a full stop
     */
    String description();

    /**
     * Runs it. Results go to the terminal's {@code out} in the format that the options ask for.
     *
     * @param options what the command line says
     * @param terminal where to write
     * @return how it went
     * @throws UsageException if an option makes no sense for this example
     */
    ExitCode run(RunOptions options, Terminal terminal);

    /**
     * An example that fits one declared model with the family and the divergence of the command line.
     *
     * @param name the name on the command line
     * @param description what it shows, in one line
     * @param model declares the model
     */
    static Example fitting(String name, String description, Supplier<Model> model) {
        return new ModelExample(name, description, model);
    }
}
