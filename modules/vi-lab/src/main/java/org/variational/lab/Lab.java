package org.variational.lab;

import java.util.List;
import org.variational.cli.Elbo;
import org.variational.cli.Terminal;
import org.variational.lab.benchmarks.Bench;
import org.variational.lab.evaluation.CalibrateCommand;
import org.variational.lab.evaluation.EvaluateCommand;
import org.variational.lab.matrix.MatrixCommand;

/** The command line with the instruments: {@link Elbo} with the commands of this module. */
public final class Lab {

    private Lab() {}

    /**
     * Runs the command line and ends the virtual machine with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        System.exit(run(Elbo.terminal(), args));
    }

    /**
     * Runs the command line.
     *
     * @param terminal where it writes
     * @param args the command and its options
     * @return the exit code
     */
    public static int run(Terminal terminal, String... args) {
        return Elbo.run(terminal, commands(terminal), args);
    }

    static List<Object> commands(Terminal terminal) {
        return List.of(
                new EvaluateCommand(terminal.interactive()),
                new CalibrateCommand(terminal.interactive()),
                new MatrixCommand(),
                new Bench());
    }
}
