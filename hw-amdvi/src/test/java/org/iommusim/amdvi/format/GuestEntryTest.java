package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.GuestIrte;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** What interrupt remapping entries in guest mode make of messages, bit by bit. */
class GuestEntryTest {
    private static final Efr NOTHING = new Efr(0, 0);

    private final long[] entry = GuestIrte.of(0x31, 0x5000, 7);

    @Test
    @Rule("AMDVI-IR-17")
    void shouldBeInGuestModeByItsBit() {
        assertThat(GuestEntry.isGuest(entry)).isTrue();
        assertThat(GuestEntry.isGuest(new long[] {~GuestIrte.GUEST_MODE.mask(), -1}))
                .isFalse();
    }

    @Test
    @Rule("AMDVI-IR-08")
    void shouldNotPostWithoutRemapEn() {
        assertThat(GuestEntry.posts(entry, NOTHING)).isTrue();
        GuestIrte.REMAP_EN.put(entry, 0);
        assertThat(GuestEntry.posts(entry, NOTHING)).isFalse();
    }

    @Test
    @Rule("AMDVI-IR-09")
    void shouldRefuseExactlyTheReservedBits() {
        for (Efr efr : new Efr[] {NOTHING, new Efr(0, Efr.GAPPI_DIS_SUP.mask())}) {
            long[] reserved = {GuestIrte.reserved0(efr), GuestIrte.RESERVED1};
            for (int word = 0; word < 2; word++) {
                for (int bit = word == 0 ? 1 : 0; bit < Long.SIZE; bit++) {
                    long[] changed = entry.clone();
                    BitField field = BitField.bit("bit", word, bit);
                    field.put(changed, 1);
                    assertThat(GuestEntry.posts(changed, efr))
                            .as("word %d bit %d", word, bit)
                            .isEqualTo(!field.isSet(reserved[word]));
                }
            }
        }
    }

    @Test
    @Rule("AMDVI-IR-19")
    void shouldSayWhereTheGuestRuns() {
        GuestIrte.DESTINATION_LO.put(entry, 0x12_3456);
        GuestIrte.DESTINATION_HI.put(entry, 0xab);
        assertThat(GuestEntry.runs(entry[0])).isFalse();
        GuestIrte.IS_RUN.put(entry, 1);
        assertThat(GuestEntry.runs(entry[0])).isTrue();
        assertThat(GuestEntry.processor(entry[0], entry[1], true)).isEqualTo(0xab12_3456L);
        assertThat(GuestEntry.processor(entry[0], entry[1], false)).isEqualTo(0x56);
    }

    @Test
    @Rule("AMDVI-IR-20")
    void shouldLogIfAskedTo() {
        assertThat(GuestEntry.logs(entry[0])).isFalse();
        GuestIrte.GA_LOG_INTR.put(entry, 1);
        assertThat(GuestEntry.logs(entry[0])).isTrue();
    }

    @Test
    @Rule("AMDVI-IR-22")
    void shouldTakeTheVectorOfGappiFromTheTag() {
        long[] tagged = GuestIrte.of(0x31, 0x5000, 0xffff_ffee);
        GuestIrte.DESTINATION_LO.put(tagged, 0x12_3456);
        assertThat(GuestEntry.data(tagged[0])).isEqualTo(0x40ee);
        assertThat(GuestEntry.address(tagged[0], tagged[1], false)).isEqualTo(0xfee5_6000L);
        assertThat(GuestEntry.address(tagged[0], tagged[1], true)).isEqualTo(0x12_3400_fee5_6000L);
        assertThat(GuestEntry.interrupts(tagged[0])).isTrue();
        GuestIrte.GAPPI_DIS.put(tagged, 1);
        assertThat(GuestEntry.interrupts(tagged[0])).isFalse();
    }
}
