package org.variational.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.variational.diagnostic.Verdict;
import org.variational.fit.Fit;
import org.variational.io.FitFiles;
import org.variational.io.FitJson;
import org.variational.io.FitReport;

/**
 * What a run of an example found, for people, for programs and as files.
 *
 * @param text for people: lines, each with {@code \n} at its end
 * @param explanation all findings of the verdict, likewise; empty if there is none
 * @param json for programs: objects of JSON, each on a line of its own, without their ends
 * @param files writes the files
 * @param usable whether the answer can be used
 */
public record ExampleResult(String text, String explanation, List<String> json, Files files, boolean usable) {

    /** Writes the files of a run. */
    @FunctionalInterface
    public interface Files {

        /** No files. */
        Files NONE = directory -> {};

        /**
         * Writes them, each whole or not at all.
         *
         * @param directory is there
         * @throws IOException if one cannot be written
         */
        void writeTo(Path directory) throws IOException;
    }

    /** Copies the list. */
    public ExampleResult {
        json = List.copyOf(json);
    }

    /**
     * The result of one fit.
     *
     * @param family the name of the family in JSON
     * @param divergence the name of the divergence, likewise
     */
    public static ExampleResult of(Fit fit, String family, String divergence) {
        return new ExampleResult(
                fit.summary().toString().replace(System.lineSeparator(), "\n"),
                fit.verdict().explain().replace(System.lineSeparator(), "\n") + "\n",
                List.of(FitJson.line(FitReport.of(fit).named(family, divergence))),
                directory -> FitFiles.write(fit, directory),
                fit.verdict().level() != Verdict.Level.UNRELIABLE);
    }
}
