package org.iommusim.scenario.language;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommusim.sim.time.Picoseconds;

/** Numbers with units as scenarios write them. Exact: what is no whole number of the base unit is refused. */
final class Units {
    private static final Pattern WITH_UNIT = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,12})?) ?([A-Za-z/]+)");
    private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]{1,16}");

    private Units() {}

    /** Bytes of {@code 64KiB}; empty if the text is no size. */
    static OptionalLong bytes(String text) {
        return scaled(text, Units::bytesPer);
    }

    /** Picoseconds of {@code 1.5us}; empty if the text is no span of time. */
    static OptionalLong picoseconds(String text) {
        return scaled(text, Units::picosecondsPer);
    }

    /** Bytes per second of {@code 32GB/s}; empty if the text is no rate. */
    static OptionalLong bytesPerSecond(String text) {
        return scaled(text, Units::bytesPerSecondPer);
    }

    /** A number in hexadecimal with {@code 0x}, up to 64 bits. */
    static OptionalLong hex(String text) {
        return HEX.matcher(text).matches()
                ? OptionalLong.of(Long.parseUnsignedLong(text.substring(2), 16))
                : OptionalLong.empty();
    }

    private interface Unit {
        /** How many base units, or 0 if there is no such unit. */
        long factor(String unit);
    }

    private static OptionalLong scaled(String text, Unit units) {
        Matcher matcher = WITH_UNIT.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long factor = units.factor(matcher.group(2));
        if (factor == 0) {
            return OptionalLong.empty();
        }
        BigDecimal exact = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor));
        return whole(exact).map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    private static Optional<Long> whole(BigDecimal exact) {
        if (exact.stripTrailingZeros().scale() > 0) {
            return Optional.empty();
        }
        BigInteger value = exact.toBigInteger();
        return Optional.of(value.bitLength() < Long.SIZE ? value.longValueExact() : Long.MAX_VALUE);
    }

    private static long bytesPer(String unit) {
        return switch (unit) {
            case "B" -> 1;
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "TiB" -> 1L << 40;
            default -> 0;
        };
    }

    private static long picosecondsPer(String unit) {
        return switch (unit) {
            case "ps" -> 1;
            case "ns" -> Picoseconds.NS;
            case "us" -> Picoseconds.US;
            case "ms" -> Picoseconds.MS;
            case "s" -> Picoseconds.S;
            default -> 0;
        };
    }

    private static long bytesPerSecondPer(String unit) {
        return switch (unit) {
            case "MB/s" -> 1_000_000L;
            case "GB/s" -> 1_000_000_000L;
            case "TB/s" -> 1_000_000_000_000L;
            default -> 0;
        };
    }
}
