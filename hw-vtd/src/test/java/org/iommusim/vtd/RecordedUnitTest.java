package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.vtd.spec.Cap;
import org.junit.jupiter.api.Test;

class RecordedUnitTest {
    private static final long CAP = 0x80d2008c222f0606L;
    private static final long ECAP = 0xf00f4aL;

    private final SortedMap<String, Long> registers = new TreeMap<>();

    RecordedUnitTest() {
        registers.put("VER", 0x10L);
        registers.put("CAP", CAP);
        registers.put("ECAP", ECAP);
    }

    @Test
    void shouldTakeRegistersAsTheyAre() {
        RecordedUnit made = RecordedUnit.of(registers);
        assertThat(made.version()).isEqualTo(0x10);
        assertThat(made.cap()).isEqualTo(new Cap(CAP, ECAP));
    }

    @Test
    void shouldOnlyChangeParametersThatCanBeSeen() {
        SortedMap<String, Long> defaults = new TreeMap<>();
        for (Parameter parameter : VtdParameters.all()) {
            defaults.put(parameter.name(), parameter.defaultValue());
        }
        SortedMap<String, Long> changed = RecordedUnit.of(registers).parameters(defaults);
        assertThat(changed.keySet()).isEqualTo(defaults.keySet());
        changed.entrySet().removeIf(e -> e.getValue().equals(defaults.get(e.getKey())));
        assertThat(changed)
                .containsEntry("haw", 48L)
                .containsEntry("iq_error_info", 0L)
                .containsEntry("iq_retry_at_tail", 1L)
                .containsEntry("partial_invalidation", 1L)
                .containsEntry("walk_ss_l2", 0L)
                .containsEntry("walk_fs_l5", 0L)
                .hasSize(12);
    }

    @Test
    void shouldRefuseRegistersThatAreMissingUnknownOrTooWide() {
        registers.put("IDR0", 0L);
        assertThatThrownBy(() -> RecordedUnit.of(registers))
                .isInstanceOf(IommuConfigException.class)
                .hasMessage("found an unknown register");
        registers.remove("IDR0");
        registers.put("VER", 0x100L);
        assertThatThrownBy(() -> RecordedUnit.of(registers)).hasMessage("found 0x100");
        registers.remove("VER");
        assertThatThrownBy(() -> RecordedUnit.of(registers)).hasMessage("found no such register");
    }
}
