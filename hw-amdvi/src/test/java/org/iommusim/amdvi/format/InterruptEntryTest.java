package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Irte;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** What interrupt remapping entries make of messages, bit by bit. */
class InterruptEntryTest {
    private static long[] basic(int vector, int destination) {
        return new long[] {Irte.basic(vector, destination), 0};
    }

    @Test
    @Rule("AMDVI-IR-05")
    void shouldMakeAMessageOfABasicEntry() {
        long[] entry = basic(0x31, 0x12);
        assertThat(InterruptEntry.remaps(entry)).isTrue();
        assertThat(InterruptEntry.address(entry, false, false)).isEqualTo(0xfee1_2000L);
        assertThat(InterruptEntry.data(entry, false)).isEqualTo(0x4031);
        assertThat(InterruptEntry.address(entry, false, true))
                .as("XTEn is about entries of 128 bits")
                .isEqualTo(0xfee1_2000L);
    }

    @Test
    @Rule("AMDVI-IR-05")
    @Rule("AMDVI-IR-06")
    void shouldMakeAMessageOfALongEntry() {
        long[] entry = Irte.ga(0x31, 0x8765_4321);
        assertThat(InterruptEntry.address(entry, true, true)).isEqualTo(0x8765_4300_fee2_1000L);
        assertThat(InterruptEntry.address(entry, true, false)).isEqualTo(0xfee2_1000L);
        assertThat(InterruptEntry.data(entry, true)).isEqualTo(0x4031);
        assertThat(InterruptEntry.data(Irte.ga(0xff, 0), true)).isEqualTo(0x40ff);
    }

    @Test
    @Rule("AMDVI-IR-05")
    void shouldHandOnModeTypeAndTrigger() {
        for (boolean ga : new boolean[] {false, true}) {
            long[] entry = ga ? Irte.ga(0x31, 1) : basic(0x31, 1);
            Irte.DM.put(entry, 1);
            Irte.RQ_EOI.put(entry, 1);
            Irte.INT_TYPE.put(entry, Irte.TYPE_ARBITRATED);
            assertThat(InterruptEntry.address(entry, ga, false)).isEqualTo(0xfee0_1004L);
            assertThat(InterruptEntry.data(entry, ga)).isEqualTo(0xc131);
            assertThat(InterruptEntry.remaps(entry)).isTrue();
        }
    }

    @Test
    @Rule("AMDVI-IR-08")
    void shouldNotRemapWithoutRemapEn() {
        long[] entry = basic(0x31, 1);
        Irte.REMAP_EN.put(entry, 0);
        Irte.INT_TYPE.put(entry, 7);
        assertThat(InterruptEntry.remaps(entry)).isFalse();
        assertThat(InterruptEntry.flags(entry)).isZero();
    }

    @Test
    @Rule("AMDVI-IR-09")
    void shouldNotRemapReservedValues() {
        for (int type = 0; type < 8; type++) {
            long[] entry = basic(0x31, 1);
            Irte.INT_TYPE.put(entry, type);
            assertThat(InterruptEntry.remaps(entry)).as("type %d", type).isEqualTo(type < 2);
            assertThat(InterruptEntry.flags(entry)).isEqualTo(Event.PR | Event.RZ);
        }
        long[] guest = Irte.ga(0x31, 1);
        Irte.GUEST_MODE.put(guest, 1);
        assertThat(InterruptEntry.remaps(guest)).isFalse();
    }

    @Test
    @Rule("AMDVI-IR-10")
    void shouldSaySuppressedOnlyByItsBit() {
        long[] entry = {0, 0};
        assertThat(InterruptEntry.suppresses(entry)).isFalse();
        Irte.SUP_IO_PF.put(entry, 1);
        assertThat(InterruptEntry.suppresses(entry)).isTrue();
        assertThat(InterruptEntry.suppresses(new long[] {~Irte.SUP_IO_PF.mask(), -1}))
                .isFalse();
    }
}
