package org.variational.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables byte for byte. */
class CsvTableTest {

    private static String text(List<String> columns, CsvTable.Rows rows) throws IOException {
        StringWriter out = new StringWriter();
        CsvTable.write(out, columns, rows);
        return out.toString();
    }

    @Test
    void numbersTextsAndQuotes() throws IOException {
        String text = text(List.of("a", "b[0,1]"), table -> {
            table.row(1, 0.1);
            table.row(-7L, Double.NaN);
            table.row("x\"y", Double.POSITIVE_INFINITY);
            table.row("", Double.NEGATIVE_INFINITY);
        });

        assertThat(text).isEqualTo("a,\"b[0,1]\"\n1,0.1\n-7,NaN\n\"x\"\"y\",Inf\n,-Inf\n");
    }

    @Test
    void aTableWithoutRowsIsItsHeader() throws IOException {
        assertThat(text(List.of("a"), table -> {})).isEqualTo("a\n");
    }

    @Test
    void misuseIsRefused() {
        assertThatThrownBy(() -> text(List.of(), table -> {})).hasMessageContaining("at least one column");
        assertThatThrownBy(() -> text(List.of("a", "b"), table -> table.row(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a value for each of 2 columns, got 1");
        assertThatThrownBy(() -> text(List.of("a"), table -> table.row('c')))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got c");
    }

    @Test
    void whatCannotBeWrittenIsAnIOException() {
        Writer full = new Writer() {
            @Override
            public void write(char[] buffer, int offset, int length) throws IOException {
                throw new IOException("no space left");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        assertThatThrownBy(() -> CsvTable.write(full, List.of("a"), table -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("no space left");
    }
}
