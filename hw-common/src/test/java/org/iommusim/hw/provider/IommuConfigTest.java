package org.iommusim.hw.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IommuConfigTest {
    private static final IommuProvider PROVIDER = new IommuProvider() {
        @Override
        public String kind() {
            return "test";
        }

        @Override
        public String title() {
            return "Test";
        }

        @Override
        public List<Preset> presets() {
            Map<String, Long> values = new LinkedHashMap<>();
            values.put("entries", 64L);
            return List.of(Preset.of("small", "a small one", values));
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(
                    new Parameter("entries", "entries", 128, 1, 1024, "TLB entries", "uncalibrated"),
                    new Parameter("latency", "cycles", 3, 0, 100, "lookup latency", "uncalibrated"));
        }

        @Override
        public IommuUnit create(IommuConfig config, IommuHost host) {
            throw new IllegalStateException("not made here");
        }
    };

    private static IommuConfig config(String preset, Object... overrides) {
        SortedMap<String, Long> values = new TreeMap<>();
        for (int i = 0; i < overrides.length; i += 2) {
            values.put((String) overrides[i], ((Number) overrides[i + 1]).longValue());
        }
        return new IommuConfig("iommu0", preset, values);
    }

    @Test
    void shouldPutOverridesOverPresetOverDefault() {
        assertThat(config("").resolve(PROVIDER)).containsEntry("entries", 128L).containsEntry("latency", 3L);
        assertThat(config("small").resolve(PROVIDER)).containsEntry("entries", 64L);
        assertThat(config("small", "entries", 32).resolve(PROVIDER)).containsEntry("entries", 32L);
    }

    @Test
    void shouldNameWhatIsWrong() {
        assertThatThrownBy(() -> config("large").resolve(PROVIDER))
                .isInstanceOfSatisfying(IommuConfigException.class, e -> {
                    assertThat(e.field()).isEqualTo("preset");
                    assertThat(e.expected()).isEqualTo("one of [small]");
                });
        assertThatThrownBy(() -> config("", "ways", 4).resolve(PROVIDER))
                .isInstanceOfSatisfying(
                        IommuConfigException.class,
                        e -> assertThat(e.expected()).isEqualTo("one of [entries, latency]"));
        assertThatThrownBy(() -> config("", "entries", 0).resolve(PROVIDER))
                .isInstanceOfSatisfying(
                        IommuConfigException.class,
                        e -> assertThat(e.expected()).isEqualTo("entries from 1 to 1024"));
    }
}
