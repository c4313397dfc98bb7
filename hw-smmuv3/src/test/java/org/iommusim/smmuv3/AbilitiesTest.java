package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a device says that it can do, over all presets and parameters. */
class AbilitiesTest {
    static Stream<String> presets() {
        return Smmuv3Presets.all().stream().map(Preset::name);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldMakeEveryPreset(String preset) {
        Smmuv3Testbed bed = Smmuv3Testbed.of(preset);

        assertThatCode(() -> RecordedIdentification.check(bed.device.ids())).doesNotThrowAnyException();
        assertThat(bed.read(Reg.IDR0)).isEqualTo(bed.device.ids().idr0());
        assertThat(bed.read(Reg.IDR5)).isEqualTo(bed.device.ids().idr5());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldMakeOrRefuseEveryValueOfEveryParameterInOneLine(String preset) {
        List<String> made = new ArrayList<>();
        for (Parameter parameter : Smmuv3Parameters.all()) {
            for (long value : new long[] {parameter.min(), parameter.max()}) {
                if (value > 4096) {
                    value = Math.max(parameter.min(), 4096); // large caches take memory and show nothing more
                }
                try {
                    Smmuv3Testbed bed = Smmuv3Testbed.of(preset, Map.of(parameter.name(), value));
                    RecordedIdentification.check(bed.device.ids());
                    made.add(parameter.name());
                } catch (IommuConfigException refused) {
                    assertThat(refused.getMessage()).as(parameter.name()).isNotBlank();
                    assertThat(refused.getMessage().lines())
                            .as(parameter.name())
                            .hasSize(1);
                }
            }
        }
        assertThat(made).contains("httu", "ds", "vax", "hyp", "msi", "cd2l", "oas_bits", "ssid_bits", "bbml", "fwb");
    }

    @Test
    void shouldIdentifyItselfAsTheRecordedVectorsDo() {
        IdRegs ids = Smmuv3Testbed.of("qemu").device.ids();

        assertThat(ids).isEqualTo(new IdRegs(0xd44101b, 0x2730010, 0, 0x1414, 0, 0x74, 0, 1));
    }

    @Test
    void shouldSayWhatParametersSay() {
        IdRegs ids = Smmuv3Testbed.of(
                        "mmu-600", Map.of("httu", 2L, "ds", 1L, "vax", 1L, "hyp", 1L, "oas_bits", 52L, "bbml", 2L))
                .device
                .ids();

        assertThat(ids.httu()).isEqualTo(2);
        assertThat(ids.ds()).isTrue();
        assertThat(ids.vax()).isTrue();
        assertThat(ids.hyp()).isTrue();
        assertThat(ids.oasBits()).isEqualTo(52);
        assertThat(ids.bbml()).isEqualTo(2);
    }
}
