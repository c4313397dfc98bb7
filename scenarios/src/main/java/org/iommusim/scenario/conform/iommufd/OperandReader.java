package org.iommusim.scenario.conform.iommufd;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommusim.scenario.conform.VectorNode;
import org.iommusim.scenario.json.JsonValue;

/** Reads numbers: plain ones, words, lists of bits, symbols, addresses. Knows which symbols have a value by now. */
final class OperandReader {
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,20}");
    private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]{1,16}");
    private static final Pattern PLACE =
            Pattern.compile("([@$][A-Za-z_][A-Za-z_0-9]*)(?:([+-])(0x[0-9a-fA-F]{1,15}|[0-9]{1,18}))?");

    private final Set<String> symbols = new HashSet<>();

    OperandReader() {
        symbols.add(Player.FIRST_FILE);
    }

    /** From here on the symbol has a value. */
    void define(String symbol) {
        symbols.add(symbol);
    }

    boolean defined(String symbol) {
        return symbols.contains(symbol);
    }

    /** A number that an operation is given. */
    Operand input(VectorNode node, String structure, String field) {
        Operand operand = operand(node, structure, field);
        if (operand instanceof Operand.Symbol symbol && !defined(symbol.name())) {
            throw node.wrong("found " + symbol.name(), "expected a symbol that an earlier operation binds");
        }
        return operand;
    }

    /** A number that an operation answers. */
    Operand operand(VectorNode node, String structure, String field) {
        if (node.value() instanceof JsonValue.Elements) {
            long bits = 0;
            for (VectorNode element : node.elements()) {
                bits |= number(element, structure, field);
            }
            return new Operand.Constant(bits);
        }
        if (node.value() instanceof JsonValue.Text text) {
            Matcher place = PLACE.matcher(text.text());
            if (place.matches()) {
                return place(node, place);
            }
        }
        return new Operand.Constant(number(node, structure, field));
    }

    private static Operand place(VectorNode node, Matcher place) {
        long offset = 0;
        if (place.group(3) != null) {
            offset = Long.decode(place.group(3)) * (place.group(2).equals("-") ? -1 : 1);
        }
        String name = place.group(1);
        if (name.startsWith("$")) {
            return new Operand.Symbol(name, offset);
        }
        Optional<Region> region = Region.named(name);
        if (region.isEmpty()) {
            throw node.wrong("found " + name, "expected @buf, @ro, @hole, @blob or @huge");
        }
        return new Operand.Constant(region.get().base() + offset);
    }

    /** A number without symbols. */
    static long number(VectorNode node, String structure, String field) {
        JsonValue value = node.value();
        String text = value instanceof JsonValue.Text string
                ? string.text()
                : value instanceof JsonValue.Number number ? number.literal() : "";
        if (value instanceof JsonValue.Flag flag) {
            return flag.value() ? 1 : 0;
        }
        if (HEX.matcher(text).matches()) {
            return Long.parseUnsignedLong(text.substring(2), 16);
        }
        try {
            if (DECIMAL.matcher(text).matches()) {
                return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
            }
        } catch (NumberFormatException e) {
            throw node.wrong("found " + value.described(), "expected 64 bits");
        }
        Map<String, Long> words = Names.of(structure, field);
        Long word = words.get(text);
        if (word == null) {
            throw node.wrong(
                    "found " + value.described(),
                    "expected a number" + (words.isEmpty() ? "" : " or one of " + words.keySet()));
        }
        return word;
    }
}
