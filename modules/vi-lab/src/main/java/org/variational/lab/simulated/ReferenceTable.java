package org.variational.lab.simulated;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.variational.lab.simulated.Batches.Estimated;
import org.variational.lab.simulated.Quantities.Name;

/** The moments of a posterior with their errors, and how they were found. Immutable. */
public final class ReferenceTable {

    /** What a number is. */
    public enum Kind {
        /** A scalar on the user's scale; for one that is not transformed the coordinate too. */
        QUANTITY,
        /** A coordinate that is a transformed parameter. */
        COORDINATE,
        /** The coordinate of an effect that is declared as non-centred. */
        STANDARDISED
    }

    /**
     * Moments with errors.
     *
     * @param mean the mean
     * @param sd the standard deviation
     * @param meanError the standard error of the mean
     * @param sdError that of the standard deviation
     */
    public record Row(double mean, double sd, double meanError, double sdError) {}

    private static final String COLUMNS = "kind,name,mean,sd,mean_error,sd_error";

    private final String how;
    private final Map<Name, Row> rows;

    private ReferenceTable(String how, Map<Name, Row> rows) {
        this.how = how;
        this.rows = rows;
    }

    static ReferenceTable of(List<Name> names, Batches batches, String how) {
        Map<Name, Row> rows = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            Estimated found = batches.estimated(i);
            rows.put(names.get(i), new Row(found.mean(), found.sd(), found.meanError(), found.sdError()));
        }
        return new ReferenceTable(how, rows);
    }

    /** The stored reference; empty if there is none. */
    static Optional<ReferenceTable> stored(String source) {
        try (InputStream file = ReferenceTable.class.getResourceAsStream("references/" + source + ".csv")) {
            if (file == null) {
                return Optional.empty();
            }
            try (Reader reader = new InputStreamReader(file, StandardCharsets.UTF_8)) {
                return Optional.of(read(reader));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ReferenceTable read(Reader reader) throws IOException {
        Map<Name, Row> rows = new LinkedHashMap<>();
        for (NamedCsvRecord line :
                CsvReader.builder().commentStrategy(CommentStrategy.SKIP).ofNamedCsvRecord(reader).stream()
                        .toList()) {
            Kind kind = Kind.valueOf(line.getField("kind").toUpperCase(Locale.ROOT));
            rows.put(
                    new Name(kind, line.getField("name")),
                    new Row(
                            number(line, "mean"),
                            number(line, "sd"),
                            number(line, "mean_error"),
                            number(line, "sd_error")));
        }
        return new ReferenceTable("", rows);
    }

    private static double number(NamedCsvRecord line, String column) {
        return Double.parseDouble(line.getField(column));
    }

    /** The moments of a scalar; empty if they are not kept. */
    public Optional<Row> row(Kind kind, String name) {
        return Optional.ofNullable(rows.get(new Name(kind, name)));
    }

    /** The names of the scalars on the user's scale. */
    public List<String> quantities() {
        List<String> names = new ArrayList<>();
        for (Name name : rows.keySet()) {
            if (name.kind() == Kind.QUANTITY) {
                names.add(name.name());
            }
        }
        return names;
    }

    /** How the moments were found. */
    String how() {
        return how;
    }

    /** Three standard errors of the means in standard deviations, in the root mean square over all rows. */
    double meanResolution() {
        return 3
                * Math.sqrt(rows.values().stream()
                        .mapToDouble(row -> Math.pow(row.meanError() / row.sd(), 2))
                        .average()
                        .orElseThrow());
    }

    /** The same of the standard deviations. */
    double sdResolution() {
        return 3
                * Math.sqrt(rows.values().stream()
                        .mapToDouble(row -> Math.pow(row.sdError() / row.sd(), 2))
                        .average()
                        .orElseThrow());
    }

    /** The rows as text, below comments. */
    String text(List<String> comments) {
        StringBuilder text = new StringBuilder();
        comments.forEach(comment -> text.append("# ").append(comment).append('\n'));
        text.append(COLUMNS).append('\n');
        rows.forEach((name, row) -> text.append(String.format(
                Locale.ROOT,
                "%s,%s,%.7g,%.6g,%.2g,%.2g%n",
                name.kind().name().toLowerCase(Locale.ROOT),
                name.name(),
                row.mean(),
                row.sd(),
                row.meanError(),
                row.sdError())));
        return text.toString();
    }
}
