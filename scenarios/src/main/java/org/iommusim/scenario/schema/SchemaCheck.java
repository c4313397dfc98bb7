package org.iommusim.scenario.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.iommusim.scenario.language.ScenarioException;

/** Checks scenarios against the published schema, as an editor does. */
public final class SchemaCheck {
    /** The schema's resource. */
    public static final String RESOURCE = "/scenario.schema.json";

    private final ObjectMapper mapper = new ObjectMapper();
    private final JsonSchema schema;

    private SchemaCheck(JsonSchema schema) {
        this.schema = schema;
    }

    /** Loads the published schema and its validator. */
    public static SchemaCheck published() {
        try (InputStream in = Objects.requireNonNull(SchemaCheck.class.getResourceAsStream(RESOURCE))) {
            return of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Loads this schema and its validator. */
    static SchemaCheck of(String schema) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().pathType(PathType.JSON_POINTER).build();
        return new SchemaCheck(
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema, config));
    }

    /**
     * Checks a text that is JSON.
     *
     * @throws ScenarioException with the first thing that the schema refuses
     */
    public void check(String file, byte[] utf8) {
        JsonNode tree;
        try {
            tree = mapper.readTree(utf8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<ValidationMessage> refused = schema.validate(tree).stream()
                .sorted(Comparator.comparing(
                                (ValidationMessage m) -> m.getInstanceLocation().toString())
                        .thenComparing(ValidationMessage::getMessage))
                .toList();
        if (!refused.isEmpty()) {
            ValidationMessage first = refused.get(0);
            throw new ScenarioException(
                    file,
                    first.getInstanceLocation().toString(),
                    "found what the schema refuses",
                    "expected that " + first.getMessage().replaceAll("\\s+", " "));
        }
    }
}
