package org.iommusim.scenario.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one JSON document into a tree. */
public final class JsonReader {
    /** Deepest nesting that is read; scenarios need six levels. */
    public static final int DEPTH_MAX = 64;

    private final JsonParser parser;

    private JsonReader(JsonParser parser) {
        this.parser = parser;
    }

    /**
     * Reads a document.
     *
     * @throws JsonSyntaxException if the bytes are not exactly one JSON value, if an object has a member twice, or if
     *     values nest more than {@link #DEPTH_MAX} deep
     */
    public static JsonValue read(byte[] utf8) throws JsonSyntaxException {
        try (JsonParser parser = new JsonFactory().createParser(utf8)) {
            JsonReader reader = new JsonReader(parser);
            parser.nextToken();
            JsonValue value = reader.value("", 0);
            if (parser.nextToken() != null) {
                throw new JsonSyntaxException(
                        at(parser.currentTokenLocation()), "found more after the document", "expected the end");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new JsonSyntaxException(
                    at(e.getLocation()), "found broken JSON (" + cause(e.getOriginalMessage()) + ")", "expected JSON");
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    private JsonValue value(String pointer, int depth) throws IOException, JsonSyntaxException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new JsonSyntaxException(at(parser.currentLocation()), "found nothing", "expected JSON");
        }
        if (depth > DEPTH_MAX) {
            throw new JsonSyntaxException(
                    at(parser.currentTokenLocation()),
                    "found a value nested more than " + DEPTH_MAX + " deep",
                    "expected at most " + DEPTH_MAX + " levels");
        }
        return switch (token) {
            case START_OBJECT -> members(pointer, depth);
            case START_ARRAY -> elements(pointer, depth);
            case VALUE_STRING -> new JsonValue.Text(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonValue.Number(parser.getText());
            case VALUE_TRUE -> new JsonValue.Flag(true);
            case VALUE_FALSE -> new JsonValue.Flag(false);
            case VALUE_NULL -> new JsonValue.Null();
            default -> throw new IllegalStateException("token " + token);
        };
    }

    private JsonValue members(String pointer, int depth) throws IOException, JsonSyntaxException {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            String member = child(pointer, name);
            parser.nextToken();
            JsonValue value = value(member, depth + 1);
            if (members.put(name, value) != null) {
                throw new JsonSyntaxException(member, "found \"" + name + "\" twice in one object", "expected it once");
            }
        }
        return new JsonValue.Members(members);
    }

    private JsonValue elements(String pointer, int depth) throws IOException, JsonSyntaxException {
        List<JsonValue> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(pointer + "/" + elements.size(), depth + 1));
        }
        return new JsonValue.Elements(elements);
    }

    /** The pointer of a member of the object at a pointer (RFC 6901). */
    public static String child(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /** Jackson knows no location of what is beyond its own limits, e.g. a name of 50,000 letters. */
    private static String at(@Nullable JsonLocation location) {
        return location == null ? "" : "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /** What Jackson found, without its advice to programmers: {@code unrecognized token 'nope'}. */
    private static String cause(String message) {
        String found = message.replaceAll("\\s+", " ").replaceAll("(: | \\(start marker|, only ).*", "");
        return found.substring(0, 1).toLowerCase(Locale.ROOT) + found.substring(1);
    }
}
