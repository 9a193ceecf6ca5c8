package org.variational.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An example, run with its own choices and its files written to a directory. */
final class ExampleRun {

    private ExampleRun() {}

    /** What it prints for programs. */
    static List<String> of(Example example, Path directory) throws IOException {
        ExampleResult result = example.run(RunOptions.seeded(1));
        result.files().writeTo(directory);
        return result.json();
    }
}
