package org.variational.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.cli.Elbo;
import org.variational.cli.Terminal;

/** The command line is the same from both modules, but for who does the work. */
class LabTest {

    @ParameterizedTest
    @ValueSource(strings = {"list", "--help", "--version"})
    void whatTheExamplesModuleTellsOfTheInstrumentsIsTrue(String word) {
        StringWriter out = new StringWriter();
        int code = Elbo.run(
                new Terminal(new PrintWriter(out), new PrintWriter(new StringWriter()), false), List.of(), word);

        assertThat(LabRun.of(word)).isEqualTo(new LabRun(code, out.toString(), ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evaluate",
                "evaluate references",
                "calibrate",
                "matrix",
                "bench",
                "bench gradient",
                "bench gaussians",
                "run",
                "list"
            })
    void everyCommandHasHelpAndRefusesWhatItDoesNotKnow(String command) {
        LabRun help = LabRun.of((command + " --help").split(" "));
        LabRun unknown = LabRun.of((command + " --nonsense").split(" "));

        assertThat(help.code()).isZero();
        assertThat(help.out()).startsWith("Usage: elbo " + command);
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).endsWith("Try: elbo " + command + " --help" + System.lineSeparator());
    }
}
