package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Irte;
import org.junit.jupiter.api.Test;

class InterruptEntryTest {
    private static final int SID = 0x0130;

    private final long[] entry = Irte.remapped(0x31, 0x1234_5678, 0);

    private void set(BitField field, long value) {
        field.put(entry, value);
    }

    @Test
    @Rule("VTD-IR-04")
    @Rule("VTD-IR-05")
    void shouldMakeTheMessageThatLeaves() {
        assertThat(InterruptEntry.address(entry, false)).isEqualTo(0xfee5_6000L);
        assertThat(InterruptEntry.address(entry, true)).isEqualTo(0x1234_5600_fee7_8000L);
        assertThat(InterruptEntry.data(entry)).isEqualTo(0x4031);
        set(Irte.DM, 1);
        set(Irte.TM, 1);
        set(Irte.DLM, 5);
        assertThat(InterruptEntry.address(entry, false)).isEqualTo(0xfee5_6004L);
        assertThat(InterruptEntry.data(entry)).isEqualTo(0xc531);
        set(Irte.RH, 1);
        set(Irte.DM, 0);
        assertThat(InterruptEntry.address(entry, false)).isEqualTo(0xfee5_6008L);
    }

    @Test
    @Rule("VTD-IR-09")
    void shouldTakeOnlyPresentEntries() {
        assertThat(InterruptEntry.check(entry, SID)).isEqualTo(FaultReason.NONE);
        entry[1] = -1; // whatever else is wrong
        set(Irte.P, 0);
        assertThat(InterruptEntry.check(entry, SID)).isEqualTo(FaultReason.IR_NOT_PRESENT);
    }

    /** Each bit on its own: reserved ones, those that are not looked at, and those that have a meaning. */
    @Test
    @Rule("VTD-IR-11")
    void shouldRefuseExactlyTheReservedBits() {
        for (int word = 0; word < 2; word++) {
            for (int bit = 0; bit < 64; bit++) {
                long[] other = entry.clone();
                other[word] |= 1L << bit;
                boolean reserved = word == 0 ? bit >= 12 && bit <= 14 || bit >= 24 && bit <= 31 : bit >= 20;
                assertThat(InterruptEntry.checkEntry(other))
                        .as("word %d bit %d", word, bit)
                        .isEqualTo(reserved ? FaultReason.IR_RESERVED : FaultReason.NONE);
            }
        }
    }

    @Test
    void shouldReportReservedBitsBeforeTheSource() {
        set(Irte.SVT, Irte.SVT_SID);
        entry[0] |= 1 << 12;
        assertThat(InterruptEntry.check(entry, SID)).isEqualTo(FaultReason.IR_RESERVED);
    }

    @Test
    void shouldAllowEverySourceWithoutVerification() {
        set(Irte.SID, 0xffff);
        assertThat(InterruptEntry.check(entry, SID)).isEqualTo(FaultReason.NONE);
    }

    /** Against the rule written out: SQ says which low bits do not count. */
    @Test
    @Rule("VTD-IR-12")
    void shouldCompareTheSourceWithoutTheBitsThatSqTakesOut() {
        set(Irte.SVT, Irte.SVT_SID);
        set(Irte.SID, SID);
        int[] ignored = {0, 0b100, 0b110, 0b111};
        for (int sq = 0; sq < 4; sq++) {
            set(Irte.SQ, sq);
            for (int bit = 0; bit < 16; bit++) {
                boolean counts = (ignored[sq] >> bit & 1) == 0;
                assertThat(InterruptEntry.check(entry, SID ^ 1 << bit))
                        .as("SQ %d bit %d", sq, bit)
                        .isEqualTo(counts ? FaultReason.IR_SOURCE : FaultReason.NONE);
            }
            assertThat(InterruptEntry.check(entry, SID)).isEqualTo(FaultReason.NONE);
        }
    }

    @Test
    @Rule("VTD-IR-12")
    void shouldCompareBusesWithARangeThatIncludesBothEnds() {
        set(Irte.SVT, Irte.SVT_BUS);
        set(Irte.SID, 0x0205);
        for (int bus = 0; bus < 256; bus++) {
            assertThat(InterruptEntry.check(entry, bus << 8 | 0x33))
                    .as("bus %d", bus)
                    .isEqualTo(bus >= 2 && bus <= 5 ? FaultReason.NONE : FaultReason.IR_SOURCE);
        }
        set(Irte.SID, 0x0502);
        assertThat(InterruptEntry.check(entry, 0x0300)).as("an empty range").isEqualTo(FaultReason.IR_SOURCE);
    }

    @Test
    @Rule("VTD-IR-12")
    void shouldAllowNoSourceWithAReservedVerification() {
        set(Irte.SVT, Irte.SVT_RESERVED);
        set(Irte.SID, SID);
        assertThat(InterruptEntry.check(entry, SID)).isEqualTo(FaultReason.IR_SOURCE);
    }

    @Test
    void shouldSayWhetherItsFaultsAreRecorded() {
        assertThat(InterruptEntry.suppresses(entry)).isFalse();
        set(Irte.FPD, 1);
        assertThat(InterruptEntry.suppresses(entry)).isTrue();
    }
}
