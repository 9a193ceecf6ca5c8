package org.variational.lab;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.variational.cli.Terminal;

/** A command, run without a terminal, and what it gave. */
public record LabRun(int code, String out, String err) {

    public static LabRun of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Lab.run(new Terminal(new PrintWriter(out), new PrintWriter(err), false), args);
        return new LabRun(code, out.toString(), err.toString());
    }
}
