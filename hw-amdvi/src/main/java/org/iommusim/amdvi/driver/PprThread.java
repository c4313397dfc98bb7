package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
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
import org.jspecify.annotations.Nullable;

/**
 * {@code amd_iommu_int_thread_pprlog}: takes page requests out of the log and reports each to the core, which answers through
 * {@link PageResponse}. Requests that nobody can serve are answered here, with a failure. It looks once more when it is through,
 * as {@link EventThread} does.
 */
final class PprThread extends Frame {
    private static final Footprint LOG =
            Footprint.of(Touches.LOGS, AmdViVariables.REGISTER, PhysicalMemory.WORD, Touches.UNIT);
    static final Program<PprThread> PROGRAM = program();

    private static final long CONDITIONS = Status.PPR_INT | Status.PPR_OVERFLOW;

    private final AmdIommu iommu;
    private final LongCell status = num();
    private final LongCell head = num();
    private final LongCell tail = num();
    private final LongCell word0 = num();
    private final LongCell word1 = num();
    private final RefCell<DevData> device = ref();
    private final IntCell bad = count();

    private PprThread(AmdIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
    }

    static Call<?> call(AmdIommu iommu) {
        return new Call<>(PROGRAM, new PprThread(iommu));
    }

    private static Program<PprThread> program() {
        return Program.<PprThread>named("amd_iommu_int_thread_pprlog")
                .step("interrupt", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
                .step("read Status", HostCost.MMIO_READ, LOG, f -> f.status.set(f.iommu.read64(Reg.STATUS)))
                .loop("PPRInt or PPROverflow", f -> (f.status.get() & CONDITIONS) != 0, PprThread::serve)
                .build();
    }

    /** Acknowledges before the indices are read: a request behind that makes a new interrupt. */
    private static void serve(Program.Builder<PprThread> p) {
        p.step("clear Status", HostCost.MMIO_WRITE, LOG, f -> f.iommu.write64(Reg.STATUS, CONDITIONS))
                .step("read PPRHead", HostCost.MMIO_READ, LOG, f -> f.head.set(f.iommu.read64(Reg.PPR_HEAD)))
                .step("read PPRTail", HostCost.MMIO_READ, LOG, f -> f.tail.set(f.iommu.read64(Reg.PPR_TAIL)))
                .loop("requests left", f -> f.head.get() != f.tail.get(), PprThread::one)
                .when("PPROverflow", f -> (f.status.get() & Status.PPR_OVERFLOW) != 0, PprThread::restart)
                .step("read Status again", HostCost.MMIO_READ, LOG, f -> f.status.set(f.iommu.read64(Reg.STATUS)));
    }

    private static void one(Program.Builder<PprThread> p) {
        p.await(
                        "poll the request's type",
                        LOG,
                        f -> f.iommu.device().changed(),
                        WaitQueue.Sleep.UNINTERRUPTIBLE,
                        f -> Ppr.TYPE.get(f.iommu.requests().word(f.head.get(), 0)) != 0,
                        f -> AmdIommu.LOOP_TIMEOUT_PS,
                        f -> 0)
                .step("read request", HostCost.LOCAL, LOG, PprThread::read)
                .step("write PPRHead", HostCost.MMIO_WRITE, LOG, PprThread::advance)
                .lock("dev_data_list", f -> f.iommu.devicesLock)
                .step("search_dev_data", HostCost.ATOMIC, Footprint.of(Touches.DEVICE), f -> f.find())
                .undoNow("dev_data_list")
                .step("ppr_is_valid", HostCost.LOCAL, Footprint.of(Touches.DEVICE, Touches.UNIT), PprThread::judge)
                .either(
                        "bad request",
                        f -> f.bad.get() != 0,
                        q -> q.when(
                                "wants an answer",
                                f -> Ppr.LAST.isSet(f.word0.get()),
                                r -> r.invokeIgnoringError("amd_iommu_complete_ppr", PprThread::refuse)),
                        q -> q.invokeIgnoringError("iommu_call_iopf_notifier", PprThread::report));
    }

    /** {@code amd_iommu_restart_log}. */
    private static void restart(Program.Builder<PprThread> p) {
        p.step("PPRLogEn=0", HostCost.MMIO_WRITE, LOG, f -> f.enable(false))
                .step(
                        "clear PPROverflow",
                        HostCost.MMIO_WRITE,
                        LOG,
                        f -> f.iommu.write64(Reg.STATUS, Status.PPR_OVERFLOW))
                .step("PPRLogEn=1", HostCost.MMIO_WRITE, LOG, f -> f.enable(true));
    }

    private void enable(boolean on) {
        iommu.write64(Reg.CONTROL, Control.PPR_LOG_EN.with(iommu.read64(Reg.CONTROL), on ? 1 : 0));
        if (!on) {
            iommu.message("IOMMU PPR log restarting");
        }
    }

    private void read() {
        word0.set(iommu.requests().word(head.get(), 0));
        word1.set(iommu.requests().word(head.get(), 1));
        iommu.requests().clear(head.get());
    }

    private void advance() {
        head.set(LogRing.next(head.get()));
        iommu.write64(Reg.PPR_HEAD, head.get());
    }

    private void find() {
        device.set(DevData.find(iommu, Ppr.DEVICE_ID.getInt(word0.get())));
    }

    private void judge() {
        long w0 = word0.get();
        DevData dev = device.get();
        boolean unknown = dev == null || dev.faults() == null;
        boolean pasid = Ppr.GN.isSet(w0) && Ppr.pasid(w0) != AmdIommu.NO_PASID && Ppr.pasid(w0) < iommu.pasids();
        bad.set(unknown || !pasid || Ppr.RVSD.isSet(w0) ? 1 : 0);
    }

    private Call<?> refuse() {
        iommu.message("bad page request " + Ppr.text(word0.get(), word1.get()));
        return PageResponse.call(iommu, Ppr.DEVICE_ID.getInt(word0.get()), fault(), IommuFault.RESP_FAILURE);
    }

    private @Nullable Call<?> report() {
        DevData dev = device.require();
        FaultCore core = dev.faults();
        return core == null ? null : core.reportDeviceFault(dev, fault());
    }

    private IommuFault fault() {
        long w0 = word0.get();
        boolean process = Ppr.GN.isSet(w0);
        int flags = (process ? IommuFault.PASID_VALID : 0) | (Ppr.LAST.isSet(w0) ? IommuFault.LAST_PAGE : 0);
        int perm = (Ppr.READ.isSet(w0) ? IommuFault.READ : 0)
                | (Ppr.WRITE.isSet(w0) ? IommuFault.WRITE : 0)
                | (Ppr.EXEC.isSet(w0) ? IommuFault.EXEC : 0)
                | (process && !Ppr.US.isSet(w0) ? IommuFault.PRIV : 0);
        int pasid = process ? Ppr.pasid(w0) : 0;
        return new IommuFault(flags, pasid, Ppr.TAG.getInt(w0), perm, Ppr.ADDRESS.inPlace(word1.get()));
    }
}
