package org.iommusim.scenario.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes one JSON document, member by member. */
public final class JsonOutput {
    private final StringWriter text = new StringWriter();
    private final JsonGenerator json;

    /** Starts an empty document. */
    public JsonOutput() {
        try {
            json = new JsonFactory().createGenerator(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator(""));
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        json.setPrettyPrinter(printer);
    }

    /** Something that writes a part of a document. */
    @FunctionalInterface
    public interface Part {
        /** Writes it. */
        void write();
    }

    /** Something that Jackson does and that cannot fail in memory. */
    @FunctionalInterface
    private interface Write {
        void run() throws IOException;
    }

    /** An object as an element or as the document. */
    public JsonOutput object(Part members) {
        return write(() -> {
            json.writeStartObject();
            members.write();
            json.writeEndObject();
        });
    }

    /** An object as a member. */
    public JsonOutput object(String name, Part members) {
        return write(() -> json.writeFieldName(name)).object(members);
    }

    /** An array as a member. */
    public JsonOutput array(String name, Part elements) {
        return write(() -> {
            json.writeArrayFieldStart(name);
            elements.write();
            json.writeEndArray();
        });
    }

    /** A text member; absent if {@code null}. */
    public JsonOutput put(String name, @Nullable String value) {
        return value == null ? this : write(() -> json.writeStringField(name, value));
    }

    /** A number member. */
    public JsonOutput put(String name, long value) {
        return write(() -> json.writeNumberField(name, value));
    }

    /** A flag member. */
    public JsonOutput put(String name, boolean value) {
        return write(() -> json.writeBooleanField(name, value));
    }

    /** A list of numbers as a member, on one line. */
    public JsonOutput numbers(String name, List<Long> values) {
        return write(() -> {
            json.writeFieldName(name);
            json.writeRawValue(values.toString());
        });
    }

    /** A text element. */
    public JsonOutput add(String value) {
        return write(() -> json.writeString(value));
    }

    /** A flag element. */
    public JsonOutput add(boolean value) {
        return write(() -> json.writeBoolean(value));
    }

    /** A number element. */
    public JsonOutput add(long value) {
        return write(() -> json.writeNumber(value));
    }

    /** A member that is a tree. */
    public JsonOutput put(String name, JsonValue value) {
        return write(() -> json.writeFieldName(name)).add(value);
    }

    /** An element, or the document, that is a tree. */
    public JsonOutput add(JsonValue value) {
        if (value instanceof JsonValue.Members object) {
            return object(() -> {
                for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                    put(member.getKey(), member.getValue());
                }
            });
        }
        return write(() -> {
            if (value instanceof JsonValue.Elements array) {
                json.writeStartArray();
                array.elements().forEach(this::add);
                json.writeEndArray();
            } else if (value instanceof JsonValue.Text string) {
                json.writeString(string.text());
            } else if (value instanceof JsonValue.Number number) {
                json.writeNumber(number.literal());
            } else if (value instanceof JsonValue.Flag flag) {
                json.writeBoolean(flag.value());
            } else {
                json.writeNull();
            }
        });
    }

    /** The document with a line end behind it. */
    public String text() {
        write(json::flush);
        return text + "\n";
    }

    private JsonOutput write(Write what) {
        try {
            what.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }
}
