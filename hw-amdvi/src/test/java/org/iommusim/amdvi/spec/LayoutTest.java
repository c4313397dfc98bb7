package org.iommusim.amdvi.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.spec.BitField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
    private static List<BitField> fields(Class<?> holder) throws IllegalAccessException {
        List<BitField> fields = new ArrayList<>();
        for (var f : holder.getFields()) {
            if (Modifier.isStatic(f.getModifiers()) && f.getType() == BitField.class) {
                fields.add((BitField) f.get(null));
            }
        }
        return fields;
    }

    @ParameterizedTest
    @ValueSource(
            classes = {Efr.class, Control.class, Dte.class, Ppr.class, GuestIrte.class, GaRecord.class, Gcr3Entry.class
            })
    void shouldNotOverlapWithinAStructure(Class<?> holder) throws IllegalAccessException {
        long[] seen = new long[Dte.WORDS];
        for (BitField field : fields(holder)) {
            assertThat(seen[field.word()] & field.mask()).as(field.toString()).isZero();
            seen[field.word()] |= field.mask();
        }
        assertThat(seen[0]).isNotZero();
    }

    @Test
    void shouldKnowEveryBitOfADeviceTableEntryOrCallItReserved() throws IllegalAccessException {
        long[] known = new long[Dte.WORDS];
        for (BitField field : fields(Dte.class)) {
            known[field.word()] |= field.mask();
        }
        long[] reserved = {Dte.RESERVED0, 0, Dte.RESERVED2, Dte.RESERVED3};
        for (int word = 0; word < Dte.WORDS; word++) {
            assertThat(known[word] & reserved[word]).isZero();
            assertThat(known[word] | reserved[word]).as("word %d", word).isEqualTo(-1L);
        }
    }

    @Test
    void shouldKnowEveryBitOfAGuestsInterruptEntryOrCallItReserved() throws IllegalAccessException {
        long[] known = new long[Irte.GA_WORDS];
        for (BitField field : fields(GuestIrte.class)) {
            known[field.word()] |= field.mask();
        }
        assertThat(known).containsExactly(~GuestIrte.RESERVED0, ~GuestIrte.RESERVED1);
    }

    @Test
    void shouldReserveBitsOfADeviceTableEntryByWhatTheUnitCanDo() {
        Efr nothing = new Efr(0, 0);
        assertThat(Dte.reserved(0, nothing, false)).isEqualTo(~0x7fff_ffff_ffff_ff83L);
        assertThat(Dte.reserved(0, nothing, true)).isEqualTo(0x8000_0000_0000_000cL);
        assertThat(Dte.reserved(1, nothing, false)).isZero();
        assertThat(Dte.reserved(2, nothing, false)).isEqualTo(0x00f0_0000_0000_0000L);
        assertThat(Dte.reserved(2, new Efr(1 << 4, 0), false)).isEqualTo(0x0030_0000_0000_0000L);
        assertThat(Dte.reserved(3, nothing, false)).isEqualTo(0x003f_0000_0000_7fffL);
    }

    @Test
    void shouldLayOutDeviceTableEntries() {
        assertThat(Dte.address(0x2_0000, 0x28)).isEqualTo(0x2_0500);
        // As recorded from QEMU: 4 levels, everything allowed, domain 0x15.
        assertThat(Dte.host(0x300_2000, 4, 0x15)).containsExactly(0x6000_0000_0300_2803L, 0x15, 0, 0);
        long[] words = Dte.passThrough(7);
        assertThat(words).containsExactly(0x6000_0000_0000_0003L, 7, 0, 0);
        Dte.putGuest(words, 0x000f_edcb_a987_6000L, 2, 5);
        assertThat(Dte.gcr3(words[0], words[1])).isEqualTo(0x000f_edcb_a987_6000L);
        assertThat(Dte.GV.in(words)).isEqualTo(1);
        assertThat(words[2]).isEqualTo(1L << 54);
        Dte.putGcr3(words, 0x8000_7000L);
        assertThat(words).containsExactly(0x7d80_0000_0000_0003L, 0x0000_0800_0000_0007L, 1L << 54, 0);
        Dte.putGuest(words, 0x4000_8000L, 1, 4);
        assertThat(words).containsExactly(0x6080_0000_0000_0003L, 0x8001_0007L, 0, 0);
    }

    @Test
    void shouldShowDeviceTableEntries() {
        assertThat(Dte.text(new long[Dte.WORDS])).isEqualTo("DTE not valid");
        long[] words = Dte.host(0x300_2000, 4, 0x15);
        assertThat(Dte.text(words)).isEqualTo("DTE Mode=4 root=0x3002000 DomainID=21 IR IW");
        Dte.putGuest(words, 0x5000, 2, 5);
        Dte.GIOV.put(words, 1);
        Dte.I.put(words, 1);
        Dte.PPR.put(words, 1);
        Dte.TV.put(words, 0);
        Dte.IR.put(words, 0);
        Dte.IW.put(words, 0);
        assertThat(Dte.text(words))
                .isEqualTo("DTE TV=0 Mode=4 root=0x3002000 DomainID=21 GIOV GLX=1 GCR3=0x5000 GuestPagingMode=1 I PPR");
    }

    @Test
    void shouldLayOutHostTableEntries() {
        assertThat(V1Pte.table(0x300_5fff, 3)).isEqualTo(0x6000_0000_0300_5601L);
        assertThat(V1Pte.page(0x1_0000_0000L, true, true)).isEqualTo(0x6000_0001_0000_0001L);
        assertThat(V1Pte.page(0x1000, true, false)).isEqualTo(0x2000_0000_0000_1001L);
        assertThat(V1Pte.page(0x1000, false, true)).isEqualTo(0x4000_0000_0000_1001L);
        assertThat(V1Pte.shift(1)).isEqualTo(12);
        assertThat(V1Pte.shift(6)).isEqualTo(57);
    }

    @ParameterizedTest
    @CsvSource({
        "13, 0x1000000, 0x6000000001000e01",
        "14, 0x1000000, 0x6000000001001e01",
        "21, 0x1000000, 0x60000000010ffe01",
        "22, 0x1800000, 0x60000000019ffe01",
        "51, 0x0, 0x6003fffffffffe01"
    })
    void shouldSayTheSizeOfAPageInItsAddress(int shift, String address, String entry) {
        long sized = V1Pte.sizedPage(Long.decode(address), shift, true, true);
        assertThat(sized).isEqualTo(Long.decode(entry));
        assertThat(V1Pte.sizedShift(sized)).isEqualTo(shift);
    }

    @Test
    void shouldFindNoSizeInAnAddressWithoutAZero() {
        assertThat(V1Pte.sizedShift(V1Pte.ADDRESS)).isZero();
        assertThat(V1Pte.sizedShift(-1L >>> 13)).isEqualTo(52);
    }

    @Test
    void shouldFindGcr3Entries() {
        assertThat(Gcr3Entry.address(0x1000, 0, 0x4_0a05)).isEqualTo(0x1028);
        assertThat(Gcr3Entry.address(0x1000, 1, 0x4_0a05)).isEqualTo(0x1028);
        assertThat(Gcr3Entry.address(0x1000, 2, 0x4_0a05)).isEqualTo(0x1008);
        assertThat(Gcr3Entry.address(0x1000, 0, 0x1ff)).isEqualTo(0x1ff8);
        assertThat(Gcr3Entry.pasids(1)).isEqualTo(512);
        assertThat(Gcr3Entry.pasids(3)).isEqualTo(1 << 27);
        assertThat(Gcr3Entry.valid(0x1234_5fff)).isEqualTo(0x1234_5001);
    }

    @Test
    void shouldLayOutInterruptEntries() {
        assertThat(Irte.isMessage(0xfedf_ffffL)).isFalse();
        assertThat(Irte.isMessage(0xfee0_0000L)).isTrue();
        assertThat(Irte.isMessage(0xfeef_ffffL)).isTrue();
        assertThat(Irte.isMessage(0xfef0_0000L)).isFalse();
        assertThat(Irte.index(0xfa05)).isEqualTo(0x205);
        assertThat(Irte.address(0x8000, 5, false)).isEqualTo(0x8014);
        assertThat(Irte.address(0x8000, 5, true)).isEqualTo(0x8050);
        assertThat(Irte.basic(0x31, 0xab)).isEqualTo(0x31_ab01);
        assertThat(Irte.messageAddress(0xab12_3456, false)).isEqualTo(0xfee5_6000L);
        assertThat(Irte.messageAddress(0xab12_3456, true)).isEqualTo(0xab12_3400_fee5_6000L);
        long[] words = Irte.ga(0x31, 0xab12_3456);
        assertThat(words).containsExactly(0x1234_5601L, 0xab00_0000_0000_0031L);
        assertThat(Irte.destination(words[0], words[1])).isEqualTo(0xab12_3456);
    }

    @Test
    void shouldReserveTheBitOfGappiInUnitsThatDoNotHaveIt() {
        assertThat(GuestIrte.reserved0(new Efr(-1, ~(1 << 4)))).isEqualTo(0x38);
        assertThat(GuestIrte.reserved0(new Efr(0, 1 << 4))).isEqualTo(0x18);
    }

    /** As the kernel lays {@code struct irte_ga} out for guests. */
    @Test
    void shouldLayOutGuestsInterruptEntries() {
        long[] words = GuestIrte.of(0x31, 0x000f_edcb_a987_6000L, 0x1234_5678);
        assertThat(words).containsExactly(0x1234_5678_0000_0081L, 0x000f_edcb_a987_6031L);
        GuestIrte.SUP_IO_PF.put(words, 1);
        GuestIrte.GA_LOG_INTR.put(words, 1);
        GuestIrte.GAPPI_DIS.put(words, 1);
        GuestIrte.IS_RUN.put(words, 1);
        GuestIrte.DESTINATION_LO.put(words, 0x12_3456);
        GuestIrte.DESTINATION_HI.put(words, 0xab);
        assertThat(words).containsExactly(0x1234_5678_1234_56e7L, 0xab0f_edcb_a987_6031L);
        assertThat(Irte.destination(words[0], words[1])).isEqualTo(0xab12_3456);
    }

    /** A virtual APIC has 32 bits of its IRR in every 16 bytes, from 0x200 on. */
    @ParameterizedTest
    @CsvSource({"0, 0x5200, 0x1", "0x1f, 0x5200, 0x80000000", "0x20, 0x5210, 0x1", "0xff, 0x5270, 0x80000000"})
    void shouldFindTheBitOfAVectorInAVirtualApic(int vector, long address, long bit) {
        long[] entry = GuestIrte.of(vector, 0x5000, -1);
        assertThat(GuestIrte.irrAddress(entry)).isEqualTo(address);
        assertThat(GuestIrte.irrBit(entry)).isEqualTo(bit);
    }

    @Test
    void shouldFindRegisters() {
        assertThat(Reg.deviceTableBase(0)).isZero();
        assertThat(Reg.deviceTableBase(1)).isEqualTo(0x100);
        assertThat(Reg.deviceTableBase(7)).isEqualTo(0x130);
        assertThat(Reg.deviceTableEntries(0x200_01ff)).isEqualTo(65536);
        assertThat(Reg.deviceTableEntries(0x200_0000)).isEqualTo(128);
        assertThat(Reg.ringBase(0x240_0000, 8)).isEqualTo(0x0800_0000_0240_0000L);
        // As the kernel writes them: run bits read-only, the rest of the lower byte written with 1 to clear.
        assertThat(Status.WRITE_1_TO_CLEAR).isEqualTo(0x667);
        assertThat(Status.EVT_LOG_RUN | Status.CMD_BUF_RUN | Status.PPR_LOG_RUN).isEqualTo(0x98);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 10", "3, 100", "4, 1000", "5, 10000", "6, 100000"})
    void shouldSayHowLongAnInvalidationMayTake(int code, int millis) {
        assertThat(Control.invTimeoutMillis(code << 5 | 0x1f)).isEqualTo(millis);
    }

    @Test
    void shouldRefuseTheReservedTimeout() {
        assertThatIllegalArgumentException().isThrownBy(() -> Control.invTimeoutMillis(7 << 5));
    }
}
