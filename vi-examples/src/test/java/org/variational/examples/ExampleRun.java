package org.variational.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

/** An example, run with JSON as its output and files in a directory. */
record ExampleRun(ExitCode code, List<String> lines) {

    static ExampleRun of(Example example, Path directory) {
        StringWriter out = new StringWriter();
        Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(new StringWriter()), false);
        ExitCode code = example.run(new RunOptions(null, null, 1, 0, directory, Format.JSON), terminal);
        return new ExampleRun(code, out.toString().lines().toList());
    }
}
