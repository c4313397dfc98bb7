package org.iommusim.amdvi.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CmdTest {
    private static final Efr QEMU = new Efr(0x29d3, 0);

    @Test
    void shouldLayOutCommands() {
        assertThat(Cmd.completionWait0()).isEqualTo(0x1000_0000_0000_0000L);
        assertThat(Cmd.completionWaitStore0(0x260_0007)).isEqualTo(0x1000_0000_0260_0001L);
        assertThat(Cmd.invalidateDevtabEntry0(0x28)).isEqualTo(0x2000_0000_0000_0028L);
        assertThat(Cmd.invalidateIommuPages0(0x15, 0x54321)).isEqualTo(0x3000_0015_0005_4321L);
        assertThat(Cmd.invalidateInterruptTable0(0x28)).isEqualTo(0x5000_0000_0000_0028L);
        assertThat(Cmd.invalidateIommuAll0()).isEqualTo(0x8000_0000_0000_0000L);
        long iotlb = Cmd.invalidateIotlbPages0(0x1234, 0x5678, 0x20, 0xabcde);
        assertThat(iotlb).isEqualTo(0x4ade_5678_20bc_1234L);
        assertThat(Cmd.iotlbPasid(iotlb)).isEqualTo(0xabcde);
        assertThat(Cmd.completePprRequest0(0x28, 0x54321)).isEqualTo(0x7005_4321_0000_0028L);
        assertThat(Cmd.completePprRequest1(0x1ff, Cmd.PPR_FAILURE)).isEqualTo(0x21ff_0000_0000L);
    }

    @ParameterizedTest
    @CsvSource({
        "12, 0x12345000, 0x12345000",
        "13, 0x12345000, 0x12344001",
        "14, 0x12345000, 0x12345001",
        "15, 0x12345000, 0x12343001",
        "21, 0x12345000, 0x122ff001",
        "63, 0x12345000, 0x3ffffffffffff001"
    })
    void shouldSayTheSizeOfARangeInItsAddress(int shift, String address, String word) {
        long w1 = Cmd.pages1(Long.decode(address), shift);
        assertThat(w1).isEqualTo(Long.decode(word));
        assertThat(Cmd.rangeShift(w1)).isEqualTo(shift);
        assertThat(Cmd.rangeStart(w1)).isEqualTo(Long.decode(address) & -1L << shift);
    }

    @Test
    void shouldKnowTheRangeOfEverything() {
        assertThat(Cmd.allPages1()).isEqualTo(0x7fff_ffff_ffff_f001L);
        assertThat(Cmd.rangeShift(Cmd.allPages1())).isEqualTo(64);
        assertThat(Cmd.rangeStart(Cmd.allPages1())).isZero();
        assertThat(Cmd.rangeShift(-1)).isEqualTo(64);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0xf00fffffffffffff, 0xffffffffffffffff",
        "2, 0xf00000000000ffff, 0x0",
        "3, 0xf000ffff000fffff, 0xfffffffffffff007",
        "4, 0xffffffffffffffff, 0xfffffffffffff035",
        "5, 0xf00000000000ffff, 0x0",
        "6, 0xf00fffffff00ffff, 0xfffffffffffff015",
        "7, 0xf00fffff0000ffff, 0x0000ffff00000004",
        "8, 0xf000000000000000, 0x0"
    })
    void shouldRefuseEveryReservedBit(int opcode, String legal0, String legal1) {
        long w0 = (long) opcode << 60;
        for (int bit = 0; bit < 60; bit++) {
            boolean legal = (Long.parseUnsignedLong(legal0.substring(2), 16) >>> bit & 1) != 0;
            assertThat(CmdChecks.legal(w0 | 1L << bit, 0, QEMU))
                    .as("bit %d", bit)
                    .isEqualTo(legal);
        }
        for (int bit = 0; bit < 64; bit++) {
            boolean legal = (Long.parseUnsignedLong(legal1.substring(2), 16) >>> bit & 1) != 0;
            assertThat(CmdChecks.legal(w0, 1L << bit, QEMU))
                    .as("word 1 bit %d", bit)
                    .isEqualTo(legal);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 10, 15})
    void shouldRefuseOpcodesThatDoNotExist(int opcode) {
        assertThat(CmdChecks.legal((long) opcode << 60, 0, new Efr(-1, -1))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, -1", "2, -1", "3, -1", "4, -1", "5, -1", "6, 0", "7, 1", "8, 6"})
    void shouldTakeACommandOnlyWithItsFeature(int opcode, int feature) {
        long w0 = (long) opcode << 60;
        assertThat(CmdChecks.legal(w0, 0, new Efr(0, 0))).isEqualTo(feature < 0);
        assertThat(CmdChecks.legal(w0, 0, new Efr(feature < 0 ? 0 : 1L << feature, 0)))
                .isTrue();
    }

    @Test
    void shouldShowCommands() {
        assertThat(CmdText.text(Cmd.completionWaitStore0(0x2000) | 6, 0xabc))
                .isEqualTo("COMPLETION_WAIT store=0x2000 data=0xabc interrupt flush");
        assertThat(CmdText.text(Cmd.completionWait0(), 5)).isEqualTo("COMPLETION_WAIT");
        assertThat(CmdText.text(Cmd.invalidateDevtabEntry0(0x28), 0)).isEqualTo("INVALIDATE_DEVTAB_ENTRY device=0x28");
        assertThat(CmdText.text(Cmd.invalidateInterruptTable0(0x28), 0))
                .isEqualTo("INVALIDATE_INTERRUPT_TABLE device=0x28");
        assertThat(CmdText.text(Cmd.invalidateIommuPages0(7, 0), Cmd.pages1(0x1000, 12) | 2))
                .isEqualTo("INVALIDATE_IOMMU_PAGES domain=7 addr=0x1000 size=2^12 PDE");
        assertThat(CmdText.text(Cmd.invalidateIommuPages0(7, 9), Cmd.allPages1() | 4))
                .isEqualTo("INVALIDATE_IOMMU_PAGES domain=7 pasid=9 all");
        assertThat(CmdText.text(Cmd.invalidateIotlbPages0(0x28, 0x28, 1, 9), Cmd.pages1(0x4000, 14) | 4))
                .isEqualTo("INVALIDATE_IOTLB_PAGES device=0x28 pasid=9 addr=0x4000 size=2^14");
        assertThat(CmdText.text(Cmd.prefetchIommuPages0(0x28, 0, 3), Cmd.pages1(0x5000, 12)))
                .isEqualTo("PREFETCH_IOMMU_PAGES device=0x28 addr=0x5000 size=2^12 count=3");
        assertThat(CmdText.text(Cmd.prefetchIommuPages0(0x28, 9, 255), Cmd.pages1(0x4000, 14) | 0x14))
                .isEqualTo("PREFETCH_IOMMU_PAGES device=0x28 pasid=9 addr=0x4000 size=2^14 count=255 Inval");
        assertThat(CmdText.text(Cmd.completePprRequest0(0x28, 9), Cmd.completePprRequest1(5, 1) | 4))
                .isEqualTo("COMPLETE_PPR_REQUEST device=0x28 pasid=9 tag=5 status=1");
        assertThat(CmdText.text(Cmd.invalidateIommuAll0(), 0)).isEqualTo("INVALIDATE_IOMMU_ALL");
        assertThat(CmdText.text(9L << 60, 0)).isEqualTo("opcode 9 word=0x9000000000000000");
    }
}
