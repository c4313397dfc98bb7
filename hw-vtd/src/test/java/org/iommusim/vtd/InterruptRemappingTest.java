package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Irte;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** What becomes of interrupt messages: the message that leaves, or the fault and its record. */
class InterruptRemappingTest {
    private static final int SID = InterruptBed.SID;
    private static final long COMPATIBLE = 0xfee0_1000L;

    private final InterruptBed bed = InterruptBed.plain();

    private static long[] entry(int vector) {
        return Irte.remapped(vector, 1 << 8, 0);
    }

    // ---- which messages are looked up

    @Test
    @Rule("VTD-IR-02")
    void shouldLetMessagesPassWhileItIsOff() {
        bed.command(Reg.QIE);
        assertThat(bed.msi(SID, COMPATIBLE, 0x4031)).isEqualTo("0xfee01000 0x4031");
        assertThat(bed.msi(SID, Irte.messageAddress(3, false), 0x12)).isEqualTo("0xfee00070 0x12");
        assertThat(bed.counter("interrupts.passed")).isEqualTo(2);
        bed.entry(3, entry(0x31));
        bed.command(Reg.QIE | Reg.IRE);
        assertThat(bed.msi(3)).isEqualTo("0xfee01000 0x4031");
        assertThat(bed.counter("interrupts.remapped")).isEqualTo(1);
    }

    @Test
    @Rule("VTD-IR-03")
    void shouldRemapByTheEntryThatTheMessageNames() {
        bed.entry(3, entry(0x31));
        bed.entry(7, entry(0x37));
        assertThat(bed.msi(3)).isEqualTo("0xfee01000 0x4031");
        assertThat(bed.msi(7)).isEqualTo("0xfee01000 0x4037");
        assertThat(bed.msi(SID, Irte.messageAddress(3, true), 4))
                .as("sub-handle added")
                .isEqualTo("0xfee01000 0x4037");
        assertThat(bed.msi(SID, Irte.messageAddress(3, false), 4))
                .as("not added")
                .isEqualTo("0xfee01000 0x4031");
    }

    @Test
    @Rule("VTD-IR-03")
    @Rule("VTD-IR-08")
    void shouldFindEntriesOfALargeTable() {
        bed.setTable(InterruptBed.TABLE | Reg.IRTA_S);
        bed.command(Reg.QIE | Reg.IRE);
        bed.entry(0xffff, entry(0x44));
        assertThat(bed.msi(0xffff)).as("bit 15 of the handle").isEqualTo("0xfee01000 0x4044");
        assertThat(bed.msi(SID, Irte.messageAddress(0xffff, true), 1))
                .as("beyond every table")
                .isEqualTo("FAULT 0x21 interrupt index beyond the table sid=0x130 index=0");
    }

    @Test
    @Rule("VTD-IR-05")
    void shouldHave32BitDestinationsInExtendedMode() {
        bed.setTable(InterruptBed.TABLE | Reg.IRTA_EIME | 7);
        bed.command(Reg.QIE | Reg.IRE);
        bed.entry(3, Irte.remapped(0x31, 0x1234_5678, 0));
        assertThat(bed.msi(3)).isEqualTo("0x12345600fee78000 0x4031");
    }

    @Test
    @Rule("VTD-IR-05")
    void shouldNotTakeEimeWithoutExtendedInterruptMode() {
        InterruptBed narrow = new InterruptBed(Map.of("eim", 0L));
        narrow.setTable(InterruptBed.TABLE | Reg.IRTA_EIME | 7);
        narrow.command(Reg.QIE | Reg.IRE);
        narrow.entry(3, Irte.remapped(0x31, 0x1234_5678, 0));
        assertThat(narrow.msi(3)).isEqualTo("0xfee56000 0x4031");
    }

    @Test
    @Rule("VTD-IR-06")
    void shouldLetCompatibilityFormatPassOnlyIfItMay() {
        String blocked = "FAULT 0x25 compatibility format blocked sid=0x130 index=0";
        assertThat(bed.msi(SID, COMPATIBLE, 0x4031)).isEqualTo(blocked);
        bed.command(Reg.QIE | Reg.IRE | Reg.CFI);
        assertThat(bed.msi(SID, COMPATIBLE, 0x4031)).isEqualTo("0xfee01000 0x4031");
        bed.setTable(InterruptBed.TABLE | Reg.IRTA_EIME | 7);
        bed.command(Reg.QIE | Reg.CFI);
        bed.command(Reg.QIE | Reg.CFI | Reg.IRE);
        assertThat(bed.msi(SID, COMPATIBLE, 0x4031))
                .as("extended interrupt mode")
                .isEqualTo(blocked);
    }

    /** Two changes in one write are not foreseen; as recorded, CFI stays. */
    @Test
    void shouldKeepCfiIfTheSameWriteEnablesRemapping() {
        bed.command(Reg.QIE);
        bed.command(Reg.QIE | Reg.CFI);
        bed.command(Reg.QIE | Reg.IRE);
        assertThat(bed.msi(SID, COMPATIBLE, 0x4031)).isEqualTo("0xfee01000 0x4031");
        bed.command(Reg.QIE | Reg.IRE);
        assertThat(bed.msi(SID, COMPATIBLE, 0x4031)).startsWith("FAULT 0x25");
    }

    @Test
    @Rule("VTD-IR-01")
    void shouldOnlyTakeWritesWithoutPasidForMessages() {
        bed.command(Reg.QIE);
        DmaRequest read = new DmaRequest();
        read.begin(100, SID, DmaRequest.NO_PASID, COMPATIBLE, 4, false, bed.sim.now());
        bed.function(SID).issue(read, r -> {});
        DmaRequest withPasid = new DmaRequest();
        withPasid.begin(101, SID, 5, COMPATIBLE, 4, true, bed.sim.now());
        bed.function(SID).issue(withPasid, r -> {});
        DmaRequest beyond = new DmaRequest();
        beyond.begin(102, SID, DmaRequest.NO_PASID, 0xfef0_0000L, 4, true, bed.sim.now());
        bed.function(SID).issue(beyond, r -> {});
        bed.run();
        assertThat(read.outcome()).isNotEqualTo(DmaOutcome.INTERRUPT);
        assertThat(withPasid.outcome()).isNotEqualTo(DmaOutcome.INTERRUPT);
        assertThat(beyond.outcome()).isNotEqualTo(DmaOutcome.INTERRUPT);
        assertThat(bed.counter("interrupts.passed")).isZero();
    }

    /** The write takes its time in memory, the message none; and yet the data is there when the message leaves. */
    @Test
    @Rule("VTD-IR-21")
    void shouldNotPassOlderWritesOfItsFunction() {
        bed.entry(3, entry(0x31));
        bed.msi(3);
        DmaRequest write = write(SID, 100);
        DmaRequest message = bed.send(SID, Irte.messageAddress(3, false), 0);
        DmaRequest younger = write(SID, 101);
        DmaRequest other = bed.send(SID + 1, Irte.messageAddress(3, false), 0);
        while (message.messageAddress() == -1) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        assertThat(write.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(write.answeredAt()).isNotNegative();
        assertThat(younger.answeredAt()).as("a younger one does not count").isNegative();
        assertThat(other.answeredAt()).as("another function's does not wait").isBetween(0L, write.answeredAt() - 1);
        assertThat(message.ticks(Station.ORDER_WAIT)).isPositive();
        bed.run();
        assertThat(message.totalTicks()).isEqualTo(message.latency());
        assertThat(younger.answeredAt()).isNotNegative();
    }

    private DmaRequest write(int sid, long id) {
        DmaRequest write = new DmaRequest();
        write.begin(id, sid, DmaRequest.NO_PASID, 0x50_0000L + 64 * id, 64, true, bed.sim.now());
        bed.function(sid).issue(write, r -> {});
        return write;
    }

    // ---- faults

    @Test
    @Rule("VTD-IR-07")
    void shouldBlockRequestsWithReservedBits() {
        bed.entry(3, entry(0x31));
        String blocked = "FAULT 0x20 reserved bits in an interrupt request sid=0x130 index=";
        assertThat(bed.msi(SID, Irte.messageAddress(3, true), 0x1_0000)).isEqualTo(blocked + 3);
        assertThat(bed.msi(SID, Irte.messageAddress(3, false), 0x1_0000))
                .as("without SHV the data is not looked at")
                .isEqualTo("0xfee01000 0x4031");
        DmaRequest eight = new DmaRequest();
        eight.begin(100, SID, DmaRequest.NO_PASID, Irte.messageAddress(3, false), 8, true, bed.sim.now());
        bed.function(SID).issue(eight, r -> {});
        bed.run();
        assertThat(bed.text(eight)).as("not four bytes").isEqualTo(blocked + 0);
    }

    @Test
    @Rule("VTD-IR-08")
    @Rule("VTD-IR-13")
    void shouldBlockAnIndexBeyondTheTable() {
        bed.entry(255, entry(0x55));
        bed.entry(256, entry(0x55));
        assertThat(bed.msi(255)).isEqualTo("0xfee01000 0x4055");
        assertThat(bed.msi(256)).isEqualTo("FAULT 0x21 interrupt index beyond the table sid=0x130 index=256");
    }

    @Test
    @Rule("VTD-IR-09")
    @Rule("VTD-IR-11")
    void shouldBlockEntriesThatAreNotPresentOrReserved() {
        assertThat(bed.msi(3)).isEqualTo("FAULT 0x22 interrupt entry not present sid=0x130 index=3");
        long[] reserved = entry(0x31);
        reserved[1] |= 1L << 20;
        bed.entry(3, reserved);
        assertThat(bed.msi(3)).isEqualTo("FAULT 0x24 reserved bits in an interrupt entry sid=0x130 index=3");
    }

    @Test
    @Rule("VTD-IR-10")
    void shouldBlockWhenTheTableCannotBeRead() {
        bed.setTable(1L << 38 | 7);
        bed.command(Reg.QIE | Reg.IRE);
        assertThat(bed.msi(3)).isEqualTo("FAULT 0x23 interrupt entry not readable sid=0x130 index=3");
    }

    @Test
    @Rule("VTD-IR-12")
    void shouldBlockOtherSourcesThanTheEntryAllows() {
        long[] own = entry(0x31);
        Irte.SVT.put(own, Irte.SVT_SID);
        Irte.SID.put(own, SID);
        bed.entry(3, own);
        assertThat(bed.msi(3)).isEqualTo("0xfee01000 0x4031");
        assertThat(bed.msi(SID + 1, Irte.messageAddress(3, false), 0))
                .as("also from the cache")
                .isEqualTo("FAULT 0x26 interrupt source not allowed sid=0x131 index=3");
        assertThat(bed.msi(3)).isEqualTo("0xfee01000 0x4031");
    }

    /** Remapping is on and blocks compatibility format, and yet the unit tells of a fault in it. */
    @Test
    @Rule("VTD-IR-20")
    void shouldNotRemapTheUnitsOwnMessages() {
        bed.device.mmioWrite(Reg.FECTL + Reg.EVENT_ADDR, 4, COMPATIBLE);
        bed.device.mmioWrite(Reg.FECTL, 4, 0);
        assertThat(bed.msi(SID, COMPATIBLE, 0x4031)).startsWith("FAULT 0x25");
        assertThat(bed.interrupts).containsExactly("fault");
    }

    /** FPD is the entry's: what is found before the entry is read is always recorded. */
    @Test
    @Rule("VTD-IR-14")
    void shouldNotRecordWhatTheEntryKeepsQuiet() {
        bed.entry(3, Irte.FPD.mask(), 0);
        assertThat(bed.msi(3)).isEqualTo("FAULT");
        long[] reserved = entry(0x31);
        reserved[0] |= Irte.FPD.mask() | 1 << 12;
        bed.entry(4, reserved);
        assertThat(bed.msi(4)).isEqualTo("FAULT");
        long[] source = entry(0x31);
        source[0] |= Irte.FPD.mask();
        Irte.SVT.put(source, Irte.SVT_RESERVED);
        bed.entry(5, source);
        assertThat(bed.msi(5)).isEqualTo("FAULT");
        bed.entry(256, Irte.FPD.mask(), 0);
        assertThat(bed.msi(256)).startsWith("FAULT 0x21");
        assertThat(bed.counter("interrupts.blocked")).isEqualTo(4);
    }
}
