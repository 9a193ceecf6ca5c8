package org.variational.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/command-line.md shows is what there is. */
class ManualTest {

    private static final Path MANUAL = Path.of("../../docs/command-line.md");

    @Test
    void theJsonOfTheManualHasTheKeysOfARun() throws IOException {
        JsonNode shown = new ObjectMapper().readTree(json());
        JsonNode printed = CommandLineTest.elbo("run", "survival", "--draws", "150", "--format", "json")
                .json();

        assertThat(shown.fieldNames()).toIterable().containsExactlyElementsOf(printed::fieldNames);
        assertThat(shown.get("findings").get(0).fieldNames())
                .toIterable()
                .containsExactlyElementsOf(() -> printed.get("findings").get(0).fieldNames());
        assertThat(shown.get("provenance").fieldNames())
                .toIterable()
                .containsExactlyElementsOf(() -> printed.get("provenance").fieldNames());
        assertThat(shown.get("parameters").get(0).fieldNames())
                .toIterable()
                .containsExactlyElementsOf(
                        () -> printed.get("parameters").get(0).fieldNames());
    }

    @Test
    void theManualNamesEveryOptionAndChoice() throws IOException {
        String manual = Files.readString(MANUAL);
        String help = CommandLineTest.elbo("run", "--help").out();
        Matcher options = Pattern.compile("--[a-z]+").matcher(help);
        while (options.find()) {
            assertThat(manual).contains(options.group());
        }
        Matcher choices =
                Pattern.compile("(?:approximation|minimised): ([^;]+);").matcher(help);
        int lists = 0;
        while (choices.find()) {
            lists++;
            for (String choice : choices.group(1).replaceAll("\\s", "").split(",")) {
                assertThat(manual).contains("`" + choice + "`");
            }
        }
        assertThat(lists).isEqualTo(2);
    }

    @Test
    void theListOfTheManualIsThatOfTheCommand() throws IOException {
        assertThat(block("text")).isEqualTo(CommandLineTest.elbo("list").out());
    }

    /** The first block of JSON. */
    private static String json() throws IOException {
        return block("json");
    }

    /** The first block in a language. */
    private static String block(String language) throws IOException {
        Matcher matcher =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(MANUAL));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }
}
