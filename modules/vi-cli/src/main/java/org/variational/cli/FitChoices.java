package org.variational.cli;

import java.util.ArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.divergence.Divergence;
import org.variational.family.VariationalFamily;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The options of commands that make many fits in the same way; what is not chosen is left to the library. */
public final class FitChoices {

    @Option(
            names = "--algorithm",
            paramLabel = "ALGORITHM",
            defaultValue = "default",
            converter = AlgorithmConverter.class,
            completionCandidates = AlgorithmNames.class,
            description = "How it is fitted: ${COMPLETION-CANDIDATES}; default unless set.")
    @SuppressWarnings("NullAway.Init")
    private Named<UnaryOperator<VariationalInference>> algorithm;

    @Option(
            names = "--family",
            paramLabel = "FAMILY",
            converter = RunCommand.FamilyConverter.class,
            completionCandidates = RunCommand.FamilyNames.class,
            description = "The approximation: ${COMPLETION-CANDIDATES}; the library's choice unless set.")
    private @Nullable Named<VariationalFamily.Factory> family;

    @Option(
            names = "--divergence",
            paramLabel = "DIVERGENCE",
            converter = RunCommand.DivergenceConverter.class,
            completionCandidates = RunCommand.DivergenceNames.class,
            description = "What is minimised: ${COMPLETION-CANDIDATES}; the library's choice unless set.")
    private @Nullable Named<Divergence> divergence;

    @Option(
            names = "--budget",
            paramLabel = "EVALUATIONS",
            description = "The largest number of density evaluations of a fit; the library's choice unless set.")
    private @Nullable Long budget;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many fits are made at the same time; 1 unless set. Only the seconds depend on it.")
    private int threads;

    /**
     * How many fits are made at the same time.
     *
     * @return at least 1
     * @throws UsageException if the command line says less
     */
    public int threads() {
        if (threads < 1) {
            throw new UsageException("--threads must be at least 1, got " + threads);
        }
        return threads;
    }

    /**
     * Applies the choices.
     *
     * @param inference a fit
     * @return the fit with these settings
     * @throws UsageException if the budget is not positive
     */
    public VariationalInference applyTo(VariationalInference inference) {
        if (budget != null && budget < 1) {
            throw new UsageException("--budget must be at least 1, got " + budget);
        }
        VariationalInference chosen = algorithm.value().apply(inference);
        if (family != null) {
            chosen = chosen.family(family.value());
        }
        if (divergence != null) {
            chosen = chosen.minimise(divergence.value());
        }
        return budget == null ? chosen : chosen.evaluationBudget(budget);
    }

    /** Reads an algorithm. */
    static final class AlgorithmConverter implements ITypeConverter<Named<UnaryOperator<VariationalInference>>> {
        @Override
        public Named<UnaryOperator<VariationalInference>> convert(String value) {
            return Choices.ALGORITHMS.parse(value);
        }
    }

    /** The algorithms, for the help text. */
    static final class AlgorithmNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        AlgorithmNames() {
            super(Choices.ALGORITHMS.usages());
        }
    }
}
