package org.variational.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;

/** Reads a format. */
final class FormatConverter implements ITypeConverter<Format> {
    @Override
    public Format convert(String value) {
        for (Format format : Format.values()) {
            if (format.name().toLowerCase(Locale.ROOT).equals(value)) {
                return format;
            }
        }
        throw new UsageException("there is no format \"" + value + "\" (there are text, json)");
    }
}
