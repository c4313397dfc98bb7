package org.iommusim.scenario.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.api.Test;

/** Whatever happens to a scenario's text, the loader answers with a scenario or with one line. */
public class MutatedInputTest {
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "null",
        "-1",
        "1e9",
        "\"$vmm.fd\"",
        "\"\"",
        "true",
        "\"0x10\"",
        "\\",
        "\u0007"
    };

    @Test
    void shouldNeverFailInAnotherWay() {
        for (int seed = 0; seed < 2000; seed++) {
            String text = mutated(seed);
            try {
                new ScenarioLoader(TestVocabulary.vocabulary()).load("x.json", text.getBytes(StandardCharsets.UTF_8));
            } catch (ScenarioException e) {
                assertThat(e.getMessage())
                        .as("seed %d", seed)
                        .startsWith("x.json: ")
                        .doesNotContain("\n", "\r");
                assertThat(e.getMessage().toLowerCase(Locale.ROOT)).doesNotContain("exception");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + "\n" + text, e);
            }
        }
    }

    /** The good scenario after a few random edits. */
    public static String mutated(int seed) {
        RandomStream random = new RandomStreams(seed).split("mutation");
        StringBuilder text = new StringBuilder(BadInputTest.GOOD);
        for (long edits = 1 + random.nextLong(3); edits > 0; edits--) {
            int at = (int) random.nextLong(text.length());
            int end = Math.min(text.length(), at + (int) random.nextLong(12));
            text.replace(at, end, PIECES[(int) random.nextLong(PIECES.length)]);
        }
        return text.toString();
    }
}
