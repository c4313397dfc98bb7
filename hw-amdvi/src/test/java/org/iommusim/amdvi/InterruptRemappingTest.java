package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Irte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** What becomes of interrupt messages: the message that leaves, or the abort and its event. */
class InterruptRemappingTest {
    private static final int SID = InterruptBed.SID;
    /** Delivery modes in a message's data. */
    private static final int SMI = 0x200;

    private static final int RESERVED = 0x300;
    private static final int NMI = 0x400;
    private static final int INIT = 0x500;
    private static final int EXT_INT = 0x700;

    private final InterruptBed bed = InterruptBed.plain();

    private static String passed(int data) {
        return "0xfee00000 0x" + Integer.toHexString(data);
    }

    private static String fault(int flags) {
        return String.format("FAULT IO_PAGE_FAULT device=0x130 domain=7 flags=0x%x addr=0xfee00000", flags);
    }

    private static long intCtl(int value) {
        return Dte.IV.mask() | Dte.INT_CTL.with(0, value);
    }

    // ---- which messages are looked up

    @Test
    @Rule("AMDVI-IR-02")
    void shouldLetMessagesPassWithoutAValidEntry() {
        assertThat(bed.msi(3)).as("no entry is remapped yet").startsWith("FAULT");
        bed.write64(Reg.CONTROL, 0);
        bed.run();
        assertThat(bed.msi(3)).as("IommuEn=0").isEqualTo(passed(3));
        bed.entry(SID, 0, 0, ~0L, 0);
        bed.control(0);
        bed.invalidate(Cmd.invalidateDevtabEntry0(SID));
        assertThat(bed.msi(3)).as("V=0").isEqualTo(passed(3));
        bed.interrupts(SID + 1, 0);
        assertThat(bed.msi(SID + 1, NMI)).as("IV=0").isEqualTo(passed(NMI));
        assertThat(bed.counter("interrupts.passed")).isEqualTo(3);
    }

    @Test
    @Rule("AMDVI-IR-03")
    void shouldDoWhatIntCtlSays() {
        bed.basic(3, InterruptBed.entry(0x31));
        bed.interrupts(1, intCtl(Dte.INTCTL_ABORT));
        bed.interrupts(2, intCtl(Dte.INTCTL_PASS));
        bed.interrupts(4, intCtl(Dte.INTCTL_RESERVED));
        assertThat(bed.msi(1, 3)).isEqualTo(fault(0x48).replace("0x130", "0x1"));
        assertThat(bed.msi(2, 3)).isEqualTo(passed(3));
        assertThat(bed.msi(3)).isEqualTo("0xfee01000 0x4031");
        assertThat(bed.msi(4, 3)).startsWith("FAULT ILLEGAL_DEV_TABLE_ENTRY device=0x4");
        assertThat(bed.counter("interrupts.remapped")).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-IR-03")
    void shouldRefuseEntriesThatRemapWithoutATable() {
        for (int value = 0; value < 4; value++) {
            bed.interrupts(value, Dte.INT_CTL.with(0, value));
            if (value <= Dte.INTCTL_PASS) {
                assertThat(bed.msi(value, 3)).isEqualTo(passed(3));
            } else {
                assertThat(bed.msi(value, 3))
                        .isEqualTo("FAULT ILLEGAL_DEV_TABLE_ENTRY device=0x" + value
                                + " domain=0 flags=0x8 addr=0xfee00000");
            }
        }
    }

    @Test
    @Rule("AMDVI-IR-04")
    void shouldAskAnotherBitForEachKindOfInterrupt() {
        bed.interrupts(1, Dte.IV.mask());
        for (int kind : new int[] {NMI, INIT, EXT_INT, RESERVED, 0x600}) {
            assertThat(bed.msi(1, kind)).as("kind 0x%x", kind).startsWith("FAULT IO_PAGE_FAULT");
        }
        assertThat(bed.msi(1, SMI)).isEqualTo(passed(SMI));
        bed.interrupts(2, Dte.IV.mask() | Dte.NMI_PASS.mask());
        bed.interrupts(3, Dte.IV.mask() | Dte.INIT_PASS.mask());
        bed.interrupts(4, Dte.IV.mask() | Dte.EINT_PASS.mask());
        int[] kinds = {NMI, INIT, EXT_INT};
        for (int sid = 2; sid <= 4; sid++) {
            for (int i = 0; i < kinds.length; i++) {
                boolean passes = i == sid - 2;
                assertThat(bed.msi(sid, kinds[i]).equals(passed(kinds[i])))
                        .as("device %d kind 0x%x", sid, kinds[i])
                        .isEqualTo(passes);
            }
        }
    }

    @Test
    @Rule("AMDVI-IR-04")
    @Rule("AMDVI-IR-07")
    void shouldRemapAllKindsWith2048Interrupts() {
        bed.remapped(1, InterruptBed.TABLE, 11);
        bed.basic(0x7ff, InterruptBed.entry(0x77));
        assertThat(bed.msi(1, 0x7ff)).as("ExtInt").startsWith("FAULT");
        bed.control(Control.NUM_INT_REMAP_MODE.with(0, 1));
        assertThat(bed.msi(1, 0x7ff)).isEqualTo("0xfee01000 0x4077");
        InterruptBed few = new InterruptBed(Map.of("interrupts_2k", 0L));
        few.remapped(1, InterruptBed.TABLE, 11);
        few.basic(0x7ff, InterruptBed.entry(0x77));
        few.control(Control.NUM_INT_REMAP_MODE.with(0, 1));
        assertThat(few.msi(1, 0x7ff)).as("not offered").startsWith("FAULT");
    }

    @Test
    @Rule("AMDVI-IR-01")
    void shouldOnlyTakeWritesWithoutPasidForMessages() {
        bed.basic(0, InterruptBed.entry(0x31));
        DmaRequest read = bed.dmaRead(SID, InterruptBed.MESSAGE);
        DmaRequest withPasid = bed.dma(bed.request(SID, 5, InterruptBed.MESSAGE, true));
        DmaRequest beyond = bed.dmaWrite(SID, 0xfef0_0000L);
        assertThat(read.outcome()).isNotEqualTo(DmaOutcome.INTERRUPT);
        assertThat(withPasid.outcome()).isNotEqualTo(DmaOutcome.INTERRUPT);
        assertThat(beyond.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(bed.counter("interrupts.remapped") + bed.counter("interrupts.blocked"))
                .isZero();
    }

    // ---- the table

    @Test
    @Rule("AMDVI-IR-06")
    void shouldReadEntriesOf128BitsWithGaEn() {
        bed.ga(3, Irte.ga(0x31, 0x1234_5678));
        bed.control(Control.GA_EN.mask());
        assertThat(bed.msi(3)).isEqualTo("0xfee78000 0x4031");
        bed.control(Control.GA_EN.mask() | Control.XT_EN.mask());
        assertThat(bed.msi(3)).isEqualTo("0x12345600fee78000 0x4031");
        bed.ga(4, 0, 0);
        assertThat(bed.msi(4)).isEqualTo(fault(0x8));
    }

    @Test
    @Rule("AMDVI-IR-06")
    void shouldReadShortEntriesAtBothHalvesOfAWord() {
        for (int index = 4; index < 6; index++) {
            bed.basic(index, InterruptBed.entry(0x30 + index));
            assertThat(bed.msi(index)).isEqualTo("0xfee01000 0x403" + index);
        }
    }

    @Test
    @Rule("AMDVI-IR-07")
    @Rule("AMDVI-IR-10")
    void shouldBlockAnIndexBeyondTheTable() {
        bed.basic(255, InterruptBed.entry(0x55));
        bed.basic(256, InterruptBed.entry(0x55));
        assertThat(bed.msi(255)).isEqualTo("0xfee01000 0x4055");
        assertThat(bed.msi(256)).isEqualTo(fault(0x8));
        bed.remapped(1, InterruptBed.TABLE, 9);
        assertThat(bed.msi(1, 256)).isEqualTo("0xfee01000 0x4055");
    }

    @Test
    @Rule("AMDVI-IR-08")
    @Rule("AMDVI-IR-09")
    @Rule("AMDVI-IR-10")
    void shouldBlockWhatTheEntryDoesNotRemap() {
        assertThat(bed.msi(3)).isEqualTo(fault(0x8));
        bed.basic(4, InterruptBed.entry(0x31) | 4 << 2);
        assertThat(bed.msi(4)).isEqualTo(fault(0x98));
        assertThat(bed.counter("interrupts.blocked")).isEqualTo(2);
    }

    /** IG is the function's, SupIOPF the entry's: what is found before an entry is read only IG keeps quiet. */
    @Test
    @Rule("AMDVI-IR-10")
    void shouldNotTellWhatIsToBeKeptQuiet() {
        bed.basic(3, (int) Irte.SUP_IO_PF.mask());
        assertThat(bed.msi(3)).isEqualTo("FAULT");
        assertThat(bed.msi(4)).isEqualTo(fault(0x8));
        bed.interrupts(1, intCtl(Dte.INTCTL_ABORT) | Dte.IG.mask());
        assertThat(bed.msi(1, 3)).isEqualTo("FAULT");
        bed.interrupts(2, intCtl(Dte.INTCTL_REMAP) | Dte.IG.mask() | Dte.INT_TAB_ROOT.inPlace(InterruptBed.TABLE));
        assertThat(bed.msi(2, 0)).as("an entry without RemapEn").isEqualTo("FAULT");
        assertThat(bed.msi(2, 1)).as("beyond the table").isEqualTo("FAULT");
    }

    @Test
    @Rule("AMDVI-IR-11")
    void shouldTellThatTheTableCannotBeRead() {
        bed.remapped(1, 1L << 38, 8);
        String expected = "FAULT PAGE_TAB_HARDWARE_ERROR device=0x%x domain=7 flags=0x208 addr=0x400000000c";
        assertThat(bed.msi(1, 3)).isEqualTo(String.format(expected, 1));
        long silent = intCtl(Dte.INTCTL_REMAP)
                | Dte.IG.mask()
                | Dte.INT_TAB_LEN.with(0, 8)
                | Dte.INT_TAB_ROOT.inPlace(1L << 38);
        bed.interrupts(2, silent);
        assertThat(bed.msi(2, 3)).isEqualTo(String.format(expected, 2));
    }

    @Test
    @Rule("AMDVI-IR-10")
    void shouldBlockWritesOfAnotherLength() {
        bed.basic(0, InterruptBed.entry(0x31));
        assertThat(bed.text(bed.dmaWrite(SID, InterruptBed.MESSAGE))).isEqualTo(fault(0x48));
    }

    /** Everything of the function is remapped, and yet the unit tells of an event. */
    @Test
    @Rule("AMDVI-IR-15")
    void shouldNotRemapTheUnitsOwnMessages() {
        bed.control(Control.EVENT_INT_EN.mask());
        assertThat(bed.msi(3)).isEqualTo(fault(0x8));
        assertThat(bed.interrupts).containsExactly(Interrupts.EVENTS);
    }

    /** The write takes its time in memory, the message none; and yet the data is there when the message leaves. */
    @Test
    @Rule("AMDVI-IR-16")
    void shouldNotPassOlderWritesOfItsFunction() {
        bed.basic(3, InterruptBed.entry(0x31));
        bed.msi(3);
        DmaRequest write = write(SID, 100);
        DmaRequest message = bed.send(SID, 3);
        DmaRequest younger = write(SID, 101);
        while (message.messageAddress() == -1) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        assertThat(write.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(write.answeredAt()).isNotNegative();
        assertThat(younger.answeredAt()).as("a younger one does not count").isNegative();
        assertThat(message.ticks(Station.ORDER_WAIT)).isPositive();
        bed.run();
        assertThat(message.totalTicks()).isEqualTo(message.latency());
        assertThat(younger.answeredAt()).isNotNegative();
    }

    private DmaRequest write(int sid, long id) {
        DmaRequest write = new DmaRequest();
        write.begin(id, sid, DmaRequest.NO_PASID, 0x250_0000L + 64 * id, 64, true, bed.sim.now());
        bed.function(sid).issue(write, r -> {});
        return write;
    }
}
