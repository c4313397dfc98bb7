package org.iommusim.scenario.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.run.RunOptions;
import org.junit.jupiter.api.Test;

class SweepTest {
    private static Sweep sweep(Axis... axes) {
        return Sweep.of(
                Library.find("orderly-unplug-replug"), List.of(axes), new ScenarioLoader(Installed.vocabulary()));
    }

    @Test
    void shouldRunEveryCombinationWithTheLastAxisChangingFastest() {
        Sweep sweep = sweep(
                new Axis("/seed", List.of("1", "2")), new Axis("/topology/traffic/0/count", List.of("10", "20", "30")));
        List<String> points = new ArrayList<>();
        sweep.run(2, RunOptions.DEFAULT, (point, result) -> {
            points.add(String.join(" ", point.values()));
            assertThat(result.scenario().seed())
                    .isEqualTo(Long.parseLong(point.values().get(0)));
            assertThat(result.traffics().get(0).answered())
                    .isEqualTo(Long.parseLong(point.values().get(1)));
        });
        assertThat(points).containsExactly("1 10", "1 20", "1 30", "2 10", "2 20", "2 30");
    }

    @Test
    void shouldRefuseAGridThatNobodyWants() {
        List<String> values =
                IntStream.range(0, 101).mapToObj(Integer::toString).toList();
        assertThatThrownBy(() -> sweep(new Axis("/seed", values), new Axis("/topology/traffic/0/count", values)))
                .isInstanceOf(ScenarioException.class)
                .hasMessageContaining("more than 10000 points");
    }

    @Test
    void shouldTakeAValueAsItIsWritten() {
        assertThat(Axis.json("12")).isEqualTo(new JsonValue.Number("12"));
        assertThat(Axis.json("true")).isEqualTo(new JsonValue.Flag(true));
        assertThat(Axis.json("\"12\"")).isEqualTo(new JsonValue.Text("12"));
        assertThat(Axis.json("64KiB")).isEqualTo(new JsonValue.Text("64KiB"));
        assertThat(Axis.json("{}")).isEqualTo(new JsonValue.Text("{}"));
    }
}
