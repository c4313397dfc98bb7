package org.iommusim.scenario.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonEditTest {
    private static JsonValue read(String text) {
        try {
            return JsonReader.read(text.getBytes(StandardCharsets.UTF_8));
        } catch (JsonSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "/a/1/b; {\"a\": [1, {\"b\": 9}], \"c/d\": {\"~\": 3}}",
                "/a/0; {\"a\": [9, {\"b\": 2}], \"c/d\": {\"~\": 3}}",
                "/a/1/new; {\"a\": [1, {\"b\": 2, \"new\": 9}], \"c/d\": {\"~\": 3}}",
                "/c~1d/~0; {\"a\": [1, {\"b\": 2}], \"c/d\": {\"~\": 9}}",
                "/c~1d; {\"a\": [1, {\"b\": 2}], \"c/d\": 9}",
                "/; {\"a\": [1, {\"b\": 2}], \"c/d\": {\"~\": 3}, \"\": 9}"
            })
    void shouldPutAValueWhereThePointerSays(String pointer, String after) throws JsonSyntaxException {
        JsonValue tree = read("{\"a\": [1, {\"b\": 2}], \"c/d\": {\"~\": 3}}");
        assertThat(JsonEdit.put(tree, pointer, new JsonValue.Number("9"))).isEqualTo(read(after));
        assertThat(tree).isEqualTo(read("{\"a\": [1, {\"b\": 2}], \"c/d\": {\"~\": 3}}"));
    }

    @Test
    void shouldReplaceTheWholeDocument() throws JsonSyntaxException {
        assertThat(JsonEdit.put(read("{}"), "", read("[1]"))).isEqualTo(read("[1]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a; a",
                "/b/c; /b",
                "/a/2; /a/2",
                "/a/01; /a/01",
                "/a/-; /a/-",
                "/a/0/x; /a/0",
                "/a/99999999999; /a/99999999999"
            })
    void shouldNameThePlaceThatIsNotThere(String pointer, String place) {
        JsonValue tree = read("{\"a\": [1, {\"b\": 2}]}");
        assertThatThrownBy(() -> JsonEdit.put(tree, pointer, new JsonValue.Null()))
                .isInstanceOfSatisfying(
                        JsonSyntaxException.class, e -> assertThat(e.place()).isEqualTo(place));
    }
}
