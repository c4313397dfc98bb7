package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.smmuv3.spec.IdRegs;
import org.junit.jupiter.api.Test;

class RecordedIdentificationTest {
    private final SortedMap<String, Long> registers = new TreeMap<>();

    RecordedIdentificationTest() {
        registers.put("IDR0", 0xd44101bL);
        registers.put("IDR1", 0x2730010L);
        registers.put("IDR2", 0L);
        registers.put("IDR3", 0x1414L);
        registers.put("IDR4", 0L);
        registers.put("IDR5", 0x74L);
        registers.put("AIDR", 1L);
        registers.put("GBPA", 0x1000L);
    }

    @Test
    void shouldTakeRegistersAsTheyAre() {
        Identification made = RecordedIdentification.of(registers);
        assertThat(made.ids()).isEqualTo(new IdRegs(0xd44101b, 0x2730010, 0, 0x1414, 0, 0x74, 0, 1));
        assertThat(made.gbpa()).isEqualTo(0x1000);
    }

    @Test
    void shouldRefuseWhatTheModelCannotDo() {
        registers.put("IDR0", 0xd44101bL | 1 << 10 | 1 << 16);
        registers.put("IDR3", 0x1494L);
        assertThatThrownBy(() -> RecordedIdentification.of(registers))
                .isInstanceOf(IommuConfigException.class)
                .hasMessage("asks for IDR3.MPAM, IDR0.PRI without IDR3.PPS");
    }

    @Test
    void shouldRefuseWhatNoSmmuCanBe() {
        registers.put("IDR0", 0xd44101bL & ~3);
        assertThatThrownBy(() -> RecordedIdentification.of(registers)).hasMessage("offers neither stage 1 nor stage 2");
        registers.put("IDR0", 0xd44101bL | 3 << 6);
        assertThatThrownBy(() -> RecordedIdentification.of(registers)).hasMessage("asks for IDR0.HTTU=3");
        registers.put("IDR0", 0xd44101bL);
        registers.put("IDR5", 0x77L);
        assertThatThrownBy(() -> RecordedIdentification.of(registers))
                .hasMessage("offers IDR5.OAS=7, addresses of 56 bits");
        registers.put("IDR5", 0x04L);
        assertThatThrownBy(() -> RecordedIdentification.of(registers)).hasMessage("offers no table format");
    }

    @Test
    void shouldRefuseStalls() {
        registers.put("IDR0", 0xf44101bL);
        assertThatThrownBy(() -> RecordedIdentification.of(registers)).hasMessage("asks for IDR0.STALL_MODEL=3");
    }

    @Test
    void shouldRefuseRegistersThatAreMissingUnknownOrTooWide() {
        registers.put("IDR7", 0L);
        assertThatThrownBy(() -> RecordedIdentification.of(registers)).hasMessage("found an unknown register");
        registers.remove("IDR7");
        registers.put("IDR5", 1L << 32);
        assertThatThrownBy(() -> RecordedIdentification.of(registers)).hasMessage("found 0x100000000");
        registers.remove("IDR5");
        assertThatThrownBy(() -> RecordedIdentification.of(registers)).hasMessage("found no such register");
    }
}
