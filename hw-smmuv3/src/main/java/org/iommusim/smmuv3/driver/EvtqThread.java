package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.SmmuVariables;

/**
 * {@code arm_smmu_evtq_thread}: takes records out of the event queue one by one and handles each. A record that is a
 * guest's goes to its vIOMMU with the virtual StreamID; all of them go to the listeners.
 */
final class EvtqThread extends Frame {
    /** IOMMU_VEVENTQ_TYPE_ARM_SMMUV3. */
    static final int VEVENTQ_TYPE = 1;

    static final Program<EvtqThread> PROGRAM = program();

    private final ArmSmmu smmu;
    private final EventQueue queue;
    private final IntCell prod = count();
    private final LongArrayCell event;
    private final IntCell more = count();
    private final RefCell<Smmuv3Master.Vmaster> reportTo = ref();

    private EvtqThread(ArmSmmu smmu, EventQueue queue) {
        super(smmu.world());
        this.smmu = smmu;
        this.queue = queue;
        event = new LongArrayCell(world(), FRAME, world().nextInstance(), Event.WORDS);
    }

    static Call<EvtqThread> call(ArmSmmu smmu, EventQueue queue) {
        return new Call<>(PROGRAM, new EvtqThread(smmu, queue));
    }

    private static Program<EvtqThread> program() {
        Footprint index = Footprint.of(Touches.EVTQ, SmmuVariables.REGISTER);
        Footprint record = Footprint.of(Touches.EVTQ, PhysicalMemory.WORD);
        Footprint streams = Footprint.of(Touches.MASTER, Touches.IOMMUFD);
        return Program.<EvtqThread>named("arm_smmu_evtq_thread")
                .step("interrupt", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
                .step("read EVENTQ_PROD", HostCost.MMIO_READ, index, EvtqThread::look)
                .loop(
                        "not empty",
                        f -> f.more.get() != 0,
                        p -> p.step("queue_read", HostCost.LOCAL, record, EvtqThread::read)
                                .step("write EVENTQ_CONS", HostCost.MMIO_WRITE, index, f -> f.queue.advance())
                                .lock("streams_mutex", f -> f.smmu.streamsMutex)
                                .step("arm_smmu_handle_event", HostCost.ATOMIC, streams, EvtqThread::handle)
                                .when(
                                        "a guest's",
                                        f -> f.reportTo.get() != null,
                                        q -> q.invokeIgnoringError("iommufd_viommu_report_event", EvtqThread::report))
                                .undoNow("streams_mutex")
                                .step("read EVENTQ_PROD again", HostCost.MMIO_READ, index, EvtqThread::look))
                .branch(
                        "overflow",
                        index,
                        f -> f.queue.overflowed(f.prod.get()),
                        p -> p.step("queue_sync_cons_ovf", HostCost.MMIO_WRITE, index, EvtqThread::acknowledge))
                .build();
    }

    private void look() {
        prod.set(queue.readProd());
        more.set(queue.empty(prod.get()) ? 0 : 1);
    }

    private void read() {
        for (int i = 0; i < Event.WORDS; i++) {
            event.set(i, smmu.memory().read64(queue.next() + 8L * i));
        }
    }

    private void handle() {
        long w0 = event.get(0);
        long w1 = event.get(1);
        long w2 = event.get(2);
        long w3 = event.get(3);
        smmu.event(new long[] {w0, w1, w2, w3}, Event.text(w0, w1, w2, w3));
        Smmuv3Master master = Smmuv3Master.find(smmu, (int) Event.SID.get(w0));
        Smmuv3Master.Vmaster vmaster = master == null ? null : master.vmaster().get();
        boolean stage2 = Event.hasClass(Event.ID.getInt(w0)) && Event.S2.isSet(w1);
        boolean guests = vmaster != null && concernsGuests(Event.ID.getInt(w0)) && !Event.STALL.isSet(w1) && !stage2;
        reportTo.set(guests ? vmaster : null);
    }

    /** The record with the virtual StreamID in place of the physical one ({@code arm_vmaster_report_event}). */
    private Call<?> report() {
        Smmuv3Master.Vmaster vmaster = reportTo.require();
        Smmuv3Master master = Smmuv3Master.find(smmu, (int) Event.SID.get(event.get(0)));
        if (master != null) {
            vmaster.viommu().core().reporting(master, vmaster.virtualSid());
        }
        long w0 = Event.SID.with(event.get(0), vmaster.virtualSid());
        byte[] payload = UserData.bytes(w0, event.get(1), event.get(2), event.get(3));
        return vmaster.viommu().core().reportEvent(VEVENTQ_TYPE, payload);
    }

    /** Codes that the kernel hands on; the others can only be the host's own doing. */
    private static boolean concernsGuests(int code) {
        return switch (code) {
            case Event.C_BAD_STE, Event.F_STREAM_DISABLED, Event.C_BAD_SUBSTREAMID, Event.C_BAD_CD -> true;
            default -> Event.isTranslationFault(code);
        };
    }

    private void acknowledge() {
        smmu.message("EVTQ overflow detected -- events lost");
        queue.acknowledgeOverflow(prod.get());
    }
}
