package org.variational.examples;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** A data set that comes with the examples; {@code data/DATA.md} beside the files says where each comes from. */
final class Table {

    private final List<NamedCsvRecord> rows;

    private Table(List<NamedCsvRecord> rows) {
        this.rows = rows;
    }

    /**
     * Reads a table with a header row.
     *
     * @throws IllegalArgumentException if there is no such table
     */
    static Table read(String file) {
        try (InputStream stream = Table.class.getResourceAsStream("data/" + file)) {
            if (stream == null) {
                throw new IllegalArgumentException("there is no data set " + file);
            }
            return new Table(
                    CsvReader.builder().ofNamedCsvRecord(stream).stream().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int rows() {
        return rows.size();
    }

    String[] texts(String column) {
        return rows.stream().map(row -> row.getField(column)).toArray(String[]::new);
    }

    double[] numbers(String column) {
        return rows.stream()
                .mapToDouble(row -> Double.parseDouble(row.getField(column)))
                .toArray();
    }

    int[] integers(String column) {
        return rows.stream()
                .mapToInt(row -> Integer.parseInt(row.getField(column)))
                .toArray();
    }

    /** Several columns, one array per row. */
    double[][] numbers(String... columns) {
        double[][] values = new double[rows()][columns.length];
        for (int c = 0; c < columns.length; c++) {
            double[] column = numbers(columns[c]);
            for (int r = 0; r < column.length; r++) {
                values[r][c] = column[r];
            }
        }
        return values;
    }
}
