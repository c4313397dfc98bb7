package org.iommusim.scenario.language;

import java.util.OptionalLong;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.sim.time.Picoseconds;

/** Reads numbers of all kinds, and says in the right unit what a number may be. */
final class Numbers {
    private static final int DIGITS_MAX = 18;

    private Numbers() {}

    /** The number at a place, in the base unit of the member's kind. */
    static long read(Place place, Member member) {
        OptionalLong value = parse(place, member.kind());
        if (value.isEmpty()) {
            throw place.wrong("expected " + member.kind().described());
        }
        long number = value.getAsLong();
        boolean any = member.min() == 0 && member.max() == Long.MAX_VALUE;
        boolean wholeRange = any && (member.kind() == ValueKind.NUMBER || member.kind() == ValueKind.ADDRESS);
        if (!wholeRange && (number < member.min() || number > member.max())) {
            throw place.wrong("expected " + range(member));
        }
        return number;
    }

    /** What a member's limits are, with the unit. */
    static String range(Member member) {
        ValueKind kind = member.kind();
        if (member.max() == Long.MAX_VALUE) {
            return "at least " + text(member.min(), kind);
        }
        return "from " + text(member.min(), kind) + " to " + text(member.max(), kind);
    }

    private static OptionalLong parse(Place place, ValueKind kind) {
        boolean plain = kind == ValueKind.COUNT
                || kind == ValueKind.COUNT_OR_WORD
                || kind == ValueKind.NUMBER
                || kind == ValueKind.ADDRESS;
        if (place.value() instanceof JsonValue.Number number) {
            return plain ? whole(place, number.literal()) : OptionalLong.empty();
        }
        if (!(place.value() instanceof JsonValue.Text string)) {
            return OptionalLong.empty();
        }
        String text = string.text();
        return switch (kind) {
            case SIZE -> Units.bytes(text);
            case DURATION -> Units.picoseconds(text);
            case RATE -> Units.bytesPerSecond(text);
            case NUMBER -> Units.hex(text);
            case ADDRESS -> Units.hex(text).isPresent() ? Units.hex(text) : Units.bytes(text);
            default -> OptionalLong.empty();
        };
    }

    private static OptionalLong whole(Place place, String literal) {
        if (!literal.matches("[0-9]+")) {
            throw place.wrong("expected a whole number, not negative");
        }
        if (literal.length() > DIGITS_MAX) {
            throw place.wrong("expected a smaller number (write addresses in hexadecimal)");
        }
        return OptionalLong.of(Long.parseLong(literal));
    }

    /** A number in the unit in which scenarios write it. */
    static String text(long value, ValueKind kind) {
        return switch (kind) {
            case SIZE, ADDRESS -> bytes(value);
            case DURATION -> duration(value);
            case RATE -> value % 1_000_000_000L == 0 ? value / 1_000_000_000L + "GB/s" : value / 1_000_000L + "MB/s";
            default -> Long.toString(value);
        };
    }

    private static String bytes(long value) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long scaled = value;
        while (scaled != 0 && scaled % 1024 == 0 && unit < units.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return scaled + units[unit];
    }

    private static String duration(long ps) {
        if (ps != 0 && ps % Picoseconds.S == 0) {
            return ps / Picoseconds.S + "s";
        }
        if (ps != 0 && ps % Picoseconds.MS == 0) {
            return ps / Picoseconds.MS + "ms";
        }
        return ps % Picoseconds.NS == 0 ? ps / Picoseconds.NS + "ns" : ps + "ps";
    }
}
