package org.iommusim.scenario.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a span of time on the host such as {@code 60s}, {@code 500ms}, {@code 10m}, {@code 2h}; in ns. */
final class TimeOption implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    @Override
    public Long convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("found '" + text + "', expected a time such as 60s, 500ms, 10m or 2h");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> count * 1_000_000L;
            case "s" -> count * 1_000_000_000L;
            case "m" -> count * 60_000_000_000L;
            default -> count * 3_600_000_000_000L;
        };
    }
}
