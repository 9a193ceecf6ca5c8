package org.variational.examples;

import java.util.function.Supplier;
import org.variational.model.Model;

/** Something that can be run by name. */
public interface Example {

    /**
     * The name.
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

    /** Whether it is fitted with the family and the divergence of the options; others choose theirs themselves. */
    default boolean takesFitChoice() {
        return false;
    }

    /**
     * Runs it.
     *
     * @param options how
     * @return what it found
     * @throws IllegalArgumentException if the family and the divergence of the options do not fit together or to the
     *     model
     * @throws org.variational.algorithm.FitException if a fit has no answer
     * @throws java.util.concurrent.CancellationException if it was cancelled before it had a result
     */
    ExampleResult run(RunOptions options);

    /**
     * An example that fits one declared model with the family and the divergence of the options.
     *
     * @param description what it shows, in one line
     * @param model declares the model
     */
    static Example fitting(String name, String description, Supplier<Model> model) {
        return new ModelExample(name, description, model);
    }
}
