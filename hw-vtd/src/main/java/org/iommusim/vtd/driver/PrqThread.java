package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.VtdVariables;
import org.jspecify.annotations.Nullable;

/**
 * {@code prq_event_thread}: takes page requests out of the queue and reports each to the core, which answers through {@link
 * PageResponse}. Requests that nobody can serve are answered here. The device cannot go while its request is reported:
 * {@code iopf_lock}.
 */
final class PrqThread extends Frame {
    private static final Footprint INDEX =
            Footprint.of(Touches.PRQ, VtdVariables.REGISTER, WaitQueue.SLEEPERS, Touches.UNIT);
    private static final Footprint ENTRY = Footprint.of(Touches.PRQ, PhysicalMemory.WORD);
    static final Program<PrqThread> PROGRAM = program();

    private final IntelIommu iommu;
    private final LongCell head = num();
    private final LongCell tail = num();
    private final LongCell word0 = num();
    private final LongCell word1 = num();
    private final RefCell<DeviceInfo> device = ref();
    private final IntCell bad = count();

    private PrqThread(IntelIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
    }

    static Call<?> call(IntelIommu iommu) {
        return new Call<>(PROGRAM, new PrqThread(iommu));
    }

    private static Program<PrqThread> program() {
        return Program.<PrqThread>named("prq_event_thread")
                .step("interrupt", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
                // Before the indices are read: a request behind that makes a new interrupt.
                .step("clear PRS.PPR", HostCost.MMIO_WRITE, INDEX, f -> f.iommu.write32(Reg.PRS, Reg.PRS_PPR))
                .step("read PQT", HostCost.MMIO_READ, INDEX, f -> f.tail.set(f.iommu.read64(Reg.PQT)))
                .step("read PQH", HostCost.MMIO_READ, INDEX, f -> f.head.set(f.iommu.read64(Reg.PQH)))
                .loop("requests left", f -> f.head.get() != f.tail.get(), PrqThread::one)
                .step("write PQH", HostCost.MMIO_WRITE, INDEX, f -> f.iommu.write64(Reg.PQH, f.tail.get()))
                .branch(
                        "overflow",
                        INDEX,
                        f -> (f.iommu.read32(Reg.PRS) & Reg.PRS_PRO) != 0,
                        p -> p.branch(
                                "queue empty",
                                INDEX,
                                f -> f.iommu.read64(Reg.PQH) == f.iommu.read64(Reg.PQT),
                                q -> q.step("clear PRS.PRO", HostCost.MMIO_WRITE, INDEX, PrqThread::clearOverflow)))
                .step("complete prq_complete", HostCost.WAKE_UP, INDEX, PrqThread::complete)
                .build();
    }

    private static void one(Program.Builder<PrqThread> p) {
        p.step("read request", HostCost.LOCAL, ENTRY, PrqThread::read)
                .when(
                        "no stop marker",
                        f -> !PageReq.isStopMarker(f.word1.get()),
                        q -> q.lock("iopf_lock", f -> f.iommu.iopfLock)
                                .lock("device_rbtree_lock", f -> f.iommu.devicesLock)
                                .step(
                                        "device_rbtree_find",
                                        HostCost.ATOMIC,
                                        Footprint.of(Touches.DEVICE),
                                        f -> f.device.set(DeviceInfo.find(f.iommu, PageReq.RID.getInt(f.word0.get()))))
                                .undoNow("device_rbtree_lock")
                                .step("check", HostCost.LOCAL, Footprint.of(Touches.DEVICE), PrqThread::judge)
                                .either(
                                        "bad request",
                                        f -> f.bad.get() != 0,
                                        r -> r.when(
                                                "wants an answer",
                                                f -> PageReq.LPIG.isSet(f.word1.get()),
                                                s -> s.invokeIgnoringError("handle_bad_prq_event", PrqThread::refuse)),
                                        r -> r.invokeIgnoringError("intel_prq_report", PrqThread::report))
                                .undoNow("iopf_lock"))
                .step("next", HostCost.FREE, Footprint.LOCAL, f -> f.head.set(PageRequests.next(f.head.get())));
    }

    private void read() {
        word0.set(iommu.requests().word(head.get(), 0));
        word1.set(iommu.requests().word(head.get(), 1));
    }

    private void judge() {
        long w0 = word0.get();
        boolean write = PageReq.WRITE.isSet(word1.get());
        boolean read = PageReq.READ.isSet(word1.get());
        boolean privileged = PageReq.PRIV.isSet(w0) && (read || write);
        boolean executes = PageReq.EXE.isSet(w0) && read;
        DeviceInfo info = device.get();
        boolean unknown = info == null || info.faults() == null;
        bad.set(privileged || executes || !canonical() || unknown ? 1 : 0);
    }

    private boolean canonical() {
        long address = PageReq.ADDRESS.inPlace(word1.get());
        return address >> 56 == 0 || address >> 56 == -1;
    }

    private Call<?> refuse() {
        iommu.message("bad page request " + PageReq.text(word0.get(), word1.get()));
        return PageResponse.call(iommu, PageReq.RID.getInt(word0.get()), fault(), Inv.RESPONSE_INVALID);
    }

    private @Nullable Call<?> report() {
        DeviceInfo info = device.require();
        FaultCore core = info.faults();
        return core == null ? null : core.reportDeviceFault(info, fault());
    }

    private IommuFault fault() {
        long w0 = word0.get();
        long w1 = word1.get();
        boolean process = PageReq.PP.isSet(w0);
        int flags = (process ? IommuFault.PASID_VALID : 0) | (PageReq.LPIG.isSet(w1) ? IommuFault.LAST_PAGE : 0);
        int perm = (PageReq.READ.isSet(w1) ? IommuFault.READ : 0)
                | (PageReq.WRITE.isSet(w1) ? IommuFault.WRITE : 0)
                | (PageReq.EXE.isSet(w0) ? IommuFault.EXEC : 0)
                | (PageReq.PRIV.isSet(w0) ? IommuFault.PRIV : 0);
        int pasid = process ? PageReq.PASID.getInt(w0) : 0;
        return new IommuFault(flags, pasid, PageReq.PRG_INDEX.getInt(w1), perm, PageReq.ADDRESS.inPlace(w1));
    }

    private void clearOverflow() {
        iommu.message("PRQ overflow detected");
        iommu.write32(Reg.PRS, Reg.PRS_PRO);
    }

    private void complete() {
        iommu.requests().completions().add(1);
        iommu.requests().drained().wakeAll();
    }
}
