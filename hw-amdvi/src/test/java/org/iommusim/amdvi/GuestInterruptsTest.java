package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.BooleanSupplier;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.GuestIrte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.AnyOrder;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** Interrupts of guests: the bit in the virtual APIC, and who is told. */
class GuestInterruptsTest {
    private static final int SID = InterruptBed.SID;
    private static final long APIC = 0x30_0000;
    private static final long OTHER_APIC = 0x31_0000;
    private static final long LOG = 0x32_0000;
    private static final long GUEST_MODE = Control.GA_EN.mask()
            | Control.GAM_EN.with(0, Control.GAM_VAPIC)
            | Control.GA_LOG_EN.mask()
            | Control.GA_INT_EN.mask();

    private final InterruptBed bed = started(Simulation.seeded(1).build());

    private static InterruptBed started(Simulation sim) {
        InterruptBed bed = new InterruptBed(sim, Map.of("gam", 1L, "gappi", 1L, "gappi_dis", 1L));
        bed.write64(Reg.GA_LOG_BASE, Reg.ringBase(LOG, 9));
        bed.control(GUEST_MODE);
        return bed;
    }

    private static long[] entry(int vector, BitField... set) {
        long[] entry = GuestIrte.of(vector, APIC, 0x77);
        GuestIrte.DESTINATION_LO.put(entry, 0x105);
        for (BitField field : set) {
            field.put(entry, 1);
        }
        return entry;
    }

    private DmaRequest posted(int index) {
        DmaRequest message = bed.send(SID, index);
        bed.run();
        assertThat(message.outcome()).isEqualTo(DmaOutcome.POSTED);
        assertThat(message.messageAddress()).as("nothing leaves").isEqualTo(-1);
        assertThat(message.totalTicks()).isEqualTo(message.latency());
        return message;
    }

    private long irr(int vector) {
        return bed.memory.read(APIC + 0x200 + vector / 32 * 16, 4);
    }

    private long logged() {
        return bed.read64(Reg.GA_TAIL) / 8;
    }

    // ---- what is done

    @Test
    @Rule("AMDVI-IR-17")
    void shouldSetTheVectorPendingInTheVirtualApic() {
        bed.memory.write64(APIC + 0x210, 0x5555_5555_0000_0001L);
        bed.ga(3, entry(0x31));
        assertThat(posted(3).doorbell()).isEqualTo(-1);
        assertThat(bed.memory.read64(APIC + 0x210)).isEqualTo(0x5555_5555_0002_0001L);
        posted(3);
        assertThat(irr(0x31)).as("it is pending already").isEqualTo(0x2_0001);
        assertThat(bed.counter("interrupts.posted")).isEqualTo(2);
        assertThat(bed.counter("interrupts.remapped")).isZero();
        assertThat(logged()).isZero();
        assertThat(bed.interrupts).isEmpty();
    }

    @Test
    @Rule("AMDVI-IR-19")
    void shouldTellTheProcessorOnWhichTheGuestRuns() {
        long[] entry = entry(0x31, GuestIrte.IS_RUN, GuestIrte.GA_LOG_INTR);
        GuestIrte.DESTINATION_HI.put(entry, 0xab);
        bed.ga(3, entry);
        assertThat(posted(3).doorbell()).isEqualTo(5);
        assertThat(irr(0x31)).isEqualTo(0x2_0000);
        assertThat(logged()).isZero();
        bed.control(GUEST_MODE | Control.XT_EN.mask());
        assertThat(posted(3).doorbell()).isEqualTo(0xab00_0105L);
        assertThat(bed.counter("interrupts.doorbells")).isEqualTo(2);
    }

    @Test
    void shouldForgetTheProcessorInTheNextLifeOfARequest() {
        bed.ga(3, entry(0x31, GuestIrte.IS_RUN));
        DmaRequest message = posted(3);
        message.begin(100, SID, DmaRequest.NO_PASID, InterruptBed.MESSAGE, 4, true, bed.sim.now());
        assertThat(message.doorbell()).isEqualTo(-1);
    }

    @Test
    @Rule("AMDVI-IR-20")
    void shouldLogForAGuestThatDoesNotRunIfAskedTo() {
        bed.ga(3, entry(0x31, GuestIrte.GA_LOG_INTR));
        assertThat(posted(3).doorbell()).isEqualTo(-1);
        assertThat(irr(0x31)).isEqualTo(0x2_0000);
        assertThat(bed.memory.read64(LOG)).isEqualTo(0x1000_0130_0000_0077L);
        assertThat(bed.interrupts).containsExactly("ga-log");
        posted(3);
        assertThat(logged()).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-IR-22")
    void shouldInterruptAProcessorInPlaceOfTheLogWithGappiEn() {
        bed.control(GUEST_MODE | Control.GAPPI_EN.mask());
        bed.ga(3, entry(0x31, GuestIrte.GA_LOG_INTR));
        assertThat(bed.msi(3)).isEqualTo("0xfee05000 0x4077");
        assertThat(irr(0x31)).isEqualTo(0x2_0000);
        bed.control(GUEST_MODE | Control.GAPPI_EN.mask() | Control.XT_EN.mask());
        assertThat(bed.msi(3)).isEqualTo("0x100fee05000 0x4077");
        bed.ga(4, entry(0x32, GuestIrte.GA_LOG_INTR, GuestIrte.GAPPI_DIS));
        assertThat(posted(4).doorbell()).isEqualTo(-1);
        bed.ga(5, entry(0x33, GuestIrte.IS_RUN));
        assertThat(posted(5).doorbell()).isEqualTo(0x105);
        assertThat(irr(0x31)).isEqualTo(0xe_0000);
        assertThat(logged()).isZero();
        assertThat(bed.counter("interrupts.posted")).isEqualTo(4);
        assertThat(bed.counter("interrupts.wake_ups")).isEqualTo(2);
        assertThat(bed.counter("interrupts.doorbells")).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-IR-17")
    void shouldKnowGuestModeOnlyWithGamEnAndEntriesOf128Bits() {
        bed.ga(3, entry(0x31));
        bed.control(Control.GA_EN.mask());
        assertThat(bed.msi(3)).isEqualTo("FAULT IO_PAGE_FAULT device=0x130 domain=7 flags=0x98 addr=0xfee00000");
        bed.control(GUEST_MODE & ~Control.GA_EN.mask());
        bed.basic(12, (int) (InterruptBed.entry(0x31) | GuestIrte.GUEST_MODE.mask()));
        assertThat(bed.msi(12)).startsWith("FAULT IO_PAGE_FAULT");
        assertThat(irr(0x31)).isZero();
    }

    @Test
    @Rule("AMDVI-IR-09")
    @Rule("AMDVI-IR-10")
    void shouldBlockWhatTheEntryDoesNotPost() {
        long[] reserved = entry(0x31);
        reserved[1] |= 1L << 52;
        bed.ga(3, reserved);
        assertThat(bed.msi(3)).isEqualTo("FAULT IO_PAGE_FAULT device=0x130 domain=7 flags=0x98 addr=0xfee00000");
        long[] off = entry(0x31);
        GuestIrte.REMAP_EN.put(off, 0);
        bed.ga(4, off);
        assertThat(bed.msi(4)).isEqualTo("FAULT IO_PAGE_FAULT device=0x130 domain=7 flags=0x8 addr=0xfee00000");
        GuestIrte.SUP_IO_PF.put(off, 1);
        bed.ga(5, off);
        assertThat(bed.msi(5)).isEqualTo("FAULT");
        assertThat(irr(0x31)).isZero();
        assertThat(bed.counter("interrupts.blocked")).isEqualTo(3);
    }

    // ---- what cannot be reached

    @Test
    @Rule("AMDVI-IR-21")
    void shouldTellThatTheVirtualApicCannotBeReached() {
        long[] entry = entry(0x31, GuestIrte.GA_LOG_INTR);
        GuestIrte.GA_ROOT.putInPlace(entry, 1L << 38);
        bed.ga(3, entry);
        assertThat(bed.msi(3))
                .isEqualTo("FAULT PAGE_TAB_HARDWARE_ERROR device=0x130 domain=7 flags=0x208 addr=0x4000000210");
        assertThat(bed.counter("interrupts.posted")).isZero();
        assertThat(logged()).isZero();
    }

    @Test
    @Rule("AMDVI-IR-21")
    void shouldTellThatTheEntryCannotBeReadAgain() {
        bed.ga(3, entry(0x31, GuestIrte.IS_RUN));
        posted(3);
        bed.device.busFaults().orElseThrow().abortReads(InterruptBed.TABLE + 0x30, 16);
        bed.memory.write(APIC + 0x210, 4, 0);
        DmaRequest message = bed.send(SID, 3);
        bed.run();
        assertThat(bed.text(message))
                .isEqualTo("FAULT PAGE_TAB_HARDWARE_ERROR device=0x130 domain=7 flags=0x408 addr=0x100030");
        assertThat(message.doorbell()).isEqualTo(-1);
        assertThat(irr(0x31)).as("it is pending by then").isEqualTo(0x2_0000);
    }

    // ---- the cache

    @Test
    @Rule("AMDVI-IR-12")
    @Rule("AMDVI-IR-18")
    void shouldCacheVectorAndPageAndNothingThatTellsWhetherTheGuestRuns() {
        bed.ga(3, entry(0x31));
        posted(3);
        long[] changed = entry(0x32, GuestIrte.IS_RUN);
        GuestIrte.GA_ROOT.putInPlace(changed, OTHER_APIC);
        GuestIrte.DESTINATION_LO.put(changed, 9);
        bed.ga(3, changed);
        bed.memory.write(APIC + 0x210, 4, 0);
        assertThat(posted(3).doorbell()).as("never cached").isEqualTo(9);
        assertThat(irr(0x31)).as("cached").isEqualTo(0x2_0000);
        GuestIrte.IS_RUN.put(changed, 0);
        GuestIrte.GA_LOG_INTR.put(changed, 1);
        GuestIrte.GA_TAG.put(changed, 0x99);
        bed.ga(3, changed);
        assertThat(posted(3).doorbell()).isEqualTo(-1);
        assertThat(bed.memory.read64(LOG)).isEqualTo(0x1000_0130_0000_0099L);
        bed.invalidate(Cmd.invalidateInterruptTable0(SID));
        posted(3);
        assertThat(bed.memory.read(OTHER_APIC + 0x210, 4)).isEqualTo(0x4_0000);
        assertThat(bed.violations()).isEmpty();
    }

    /** The checker knows of interrupts that are posted, too. */
    @Test
    void shouldNoticeAnEntryThatIsUsedAfterItsInvalidation() {
        bed.device.mistakes().forgetsInterrupts = true;
        bed.ga(3, entry(0x31));
        posted(3);
        bed.ga(3, entry(0x32));
        posted(3);
        assertThat(bed.violations()).as("not invalidated").isEmpty();
        bed.invalidate(Cmd.invalidateInterruptTable0(SID));
        posted(3);
        assertThat(bed.violations())
                .singleElement()
                .satisfies(found -> assertThat(found.message())
                        .contains("uses an entry of iommu0.irt, made from the interrupt entry at 0x100038"));
    }

    /** A COMPLETION_WAIT behind an invalidation: when it is complete, no bit is set and nobody told by the old entry any more. */
    @Test
    @Rule("AMDVI-IR-14")
    void shouldWaitForMessagesThatAreBeingPosted() {
        bed.ga(3, entry(0x31, GuestIrte.IS_RUN));
        posted(3);
        bed.memory.write(APIC + 0x210, 4, 0);
        DmaRequest message = bed.send(SID, 3);
        long status = bed.submit(Cmd.invalidateInterruptTable0(SID));
        while (message.outcome() == DmaOutcome.PENDING && bed.sim.scheduler().step()) {
            assertThat(bed.isDone(status)).as("the wait came first").isFalse();
        }
        assertThat(irr(0x31)).isEqualTo(0x2_0000);
        bed.run();
        assertThat(bed.isDone(status)).isTrue();
    }

    // ---- order

    private void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
    }

    @Test
    @Rule("AMDVI-IR-16")
    void shouldNotPassOlderWritesOfItsFunction() {
        bed.ga(3, entry(0x31, GuestIrte.IS_RUN));
        posted(3);
        bed.memory.write(APIC + 0x210, 4, 0);
        DmaRequest write = new DmaRequest();
        write.begin(100, SID, DmaRequest.NO_PASID, 0x250_0000L, 64, true, bed.sim.now());
        bed.function(SID).issue(write, r -> {});
        DmaRequest message = bed.send(SID, 3);
        until(() -> irr(0x31) != 0);
        assertThat(write.answeredAt()).isNotNegative();
        assertThat(message.ticks(Station.ORDER_WAIT)).isPositive();
    }

    /** Hypervisors clear IsRun and look for pending interrupts then: hardware has to do it the other way round. */
    @Test
    @Rule("AMDVI-IR-18")
    void shouldLookWhetherTheGuestRunsWhenItsInterruptIsPending() {
        bed.ga(3, entry(0x31, GuestIrte.IS_RUN));
        DmaRequest message = bed.send(SID, 3);
        until(() -> irr(0x31) != 0);
        assertThat(message.outcome()).isEqualTo(DmaOutcome.PENDING);
        bed.ga(3, entry(0x31, GuestIrte.GA_LOG_INTR));
        bed.run();
        assertThat(message.doorbell()).isEqualTo(-1);
        assertThat(logged()).isEqualTo(1);
    }

    /** Wherever a hypervisor takes the guest off its processor: it finds the interrupt, or software is told. */
    @Test
    @Rule("AMDVI-IR-18")
    void shouldMissNoInterruptWheneverTheGuestStopsRunning() {
        int sawItself = 0;
        int steps = 0;
        for (boolean over = false; !over; steps++) {
            InterruptBed unit = started(Simulation.seeded(1).build());
            unit.ga(3, entry(0x31, GuestIrte.IS_RUN));
            DmaRequest message = unit.send(SID, 3);
            for (int step = 0; step < steps; step++) {
                over |= !unit.sim.scheduler().step();
            }
            unit.ga(3, entry(0x31, GuestIrte.GA_LOG_INTR));
            boolean pending = unit.memory.read(APIC + 0x210, 4) != 0;
            unit.run();
            boolean told = unit.read64(Reg.GA_TAIL) != 0;
            assertThat(pending || told).as("after %d steps", steps).isTrue();
            assertThat(told).as("after %d steps", steps).isEqualTo(message.doorbell() < 0);
            sawItself += pending ? 1 : 0;
        }
        assertThat(sawItself).isBetween(1, steps - 1);
    }

    @Test
    void shouldBookThePostingToItsStations() {
        bed.ga(3, entry(0x31));
        posted(3);
        DmaRequest hit = posted(3);
        assertThat(hit.ticks(Station.PORT)).isEqualTo(1_000 + InterruptBed.MEMORY_PS);
        assertThat(hit.ticks(Station.CONFIG_FETCH)).isEqualTo(1_000 + InterruptBed.MEMORY_PS);
    }

    /** Two functions, one virtual APIC: in any order, and with any steps taken back, no bit and no record is lost. */
    @Test
    void shouldTakeEveryStepBackAndLoseNothingInAnyOrder() {
        for (long seed = 0; seed < 20; seed++) {
            InterruptBed any = started(Simulation.seeded(1).exploring(true).build());
            any.remapped(SID + 1, InterruptBed.TABLE, 8);
            for (int index = 0; index < 4; index++) {
                any.ga(index, entry(0x40 + index, GuestIrte.GA_LOG_INTR));
                any.send(SID + index % 2, index); // what is made on the way cannot be taken back
            }
            any.run();
            any.memory.write(APIC + 0x220, 4, 0);
            for (int index = 0; index < 4; index++) {
                any.send(SID + index % 2, index);
            }
            new AnyOrder(any.sim, any, InterruptBed.class).go(new Gen(seed));
            assertThat(any.memory.read(APIC + 0x220, 4)).isEqualTo(0xf);
            assertThat(any.read64(Reg.GA_TAIL)).isEqualTo(64);
        }
    }
}
