package org.iommusim.scenario.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CounterexampleLoaderTest {
    private static final String GOOD = """
            {"format": 1, "kernel": "linux-6.13", "patches": [],
             "bounds": {"from": "opened", "timeouts": 0, "user_copies": "prompt", "strict": false},
             "violation": {"checker": "WARN", "message": "m"}, "digest": "00", "choices": ["vmm", "guest"],
             "scenario": SCENARIO}
            """.replace("SCENARIO", BadInputTest.GOOD);

    private static CounterexampleFile load(String text) {
        return new CounterexampleLoader(TestVocabulary.vocabulary())
                .load("c.json", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldTakeKernelAndBoundsFromTheFile() {
        CounterexampleFile file = load(GOOD);
        assertThat(file.scenario().kernel()).isEqualTo("linux-6.13");
        assertThat(file.scenario().exploreOrUnsaid().from()).isEqualTo("opened");
        assertThat(file.choices()).containsExactly("vmm", "guest");
        assertThat(file.strict()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"format\": 1|\"format\": 2|c.json: /format: found the number 2, expected from 1 to 1",
                "\"format\": 1, |''|c.json: /: found no \"format\", expected one in every counterexample",
                "linux-6.13|linux-6.12|c.json: /kernel: found \"linux-6.12\", did you mean \"linux-6.13\"?",
                "\"patches\": []|\"patches\": [\"A7\"]|c.json: /patches/0: found the unknown patch \"A7\", expected one of",
                "\"timeouts\": 0|\"timeouts\": \"stuck\"|c.json: /bounds/timeouts: found \"stuck\", expected a whole number",
                "\"vmm\", \"guest\"|7|c.json: /choices/0: found the number 7, expected a word",
                "\"choices\"|\"choice\"|c.json: /choice: found the unknown field \"choice\", did you mean \"choices\"?",
                "\"bdf\": \"03:00.0\"|\"bdf\": 3|c.json: /scenario/topology/devices/0/bdf: found the number 3",
            })
    void shouldSayInOneLineWhatIsWrong(String there, String instead, String line) {
        assertThat(GOOD).contains(there);
        String bad = GOOD.replace(there, instead == null ? "" : instead);
        assertThatThrownBy(() -> load(bad))
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith(line);
    }
}
