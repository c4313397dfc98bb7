package org.iommusim.vtd.driver;

import java.util.function.LongPredicate;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.VtdVariables;

/**
 * {@code intel_iommu_drain_pasid_prq}: when it ends, no page request of a PASID is in the queue or on its way to it. Its entry
 * must not be present any more, or new ones keep coming. First the thread must have handled what is in the queue; then
 * hardware pushes out what it still has (an IOTLB and a device TLB invalidation between two waits, the second of which drains
 * page requests), and if the queue overflowed meanwhile, all that once more.
 */
final class PrqDrain extends Frame {
    static final Footprint QUEUE = Footprint.of(Touches.PRQ, VtdVariables.REGISTER, PhysicalMemory.WORD, Touches.UNIT);
    static final Program<PrqDrain> PROGRAM = program();

    private final DeviceInfo info;
    private final IntelIommu iommu;
    private final int pasid;
    private final int did;
    private final LongCell head = num();
    private final LongCell tail = num();
    /** {@code prq_complete} when this look began. */
    private final IntCell completions = count();
    /** 1: a request of the PASID is in the queue. */
    private final IntCell found = count();
    /** 1: nothing is left. */
    private final IntCell empty = count();

    private final IntCell drained = count();

    private PrqDrain(DeviceInfo info, int pasid, int did) {
        super(info.iommu().world());
        this.info = info;
        this.iommu = info.iommu();
        this.pasid = pasid;
        this.did = did;
    }

    static Call<?> call(DeviceInfo info, int pasid, int did) {
        return new Call<>(PROGRAM, new PrqDrain(info, pasid, did));
    }

    private static Program<PrqDrain> program() {
        return Program.<PrqDrain>named("intel_iommu_drain_pasid_prq")
                .branch(
                        "pri_enabled",
                        Footprint.of(Touches.IOPF),
                        f -> f.info.priEnabled.get() != 0,
                        p -> p.loop("requests in the queue", f -> f.empty.get() == 0, PrqDrain::software)
                                .loop("requests in hardware", f -> f.drained.get() == 0, PrqDrain::hardware))
                .build();
    }

    private static void software(Program.Builder<PrqDrain> p) {
        p.step("reinit_completion", HostCost.ATOMIC, QUEUE, f -> f.completions.set(f.now()))
                .step("read PQT", HostCost.MMIO_READ, QUEUE, f -> f.tail.set(f.iommu.read64(Reg.PQT)))
                .step("read PQH", HostCost.MMIO_READ, QUEUE, f -> f.head.set(f.iommu.read64(Reg.PQH)))
                .step("look for the PASID", HostCost.LOCAL, QUEUE, PrqDrain::look)
                .when("found", f -> f.found.get() != 0, q -> waitForThread(q, "wait_for_completion(prq_complete)"))
                .step("queue looked at", HostCost.FREE, Footprint.LOCAL, f -> f.empty.set(1 - f.found.get()));
    }

    private static void hardware(Program.Builder<PrqDrain> p) {
        p.step("reinit_completion again", HostCost.ATOMIC, QUEUE, f -> f.completions.set(f.now()))
                .invokeIgnoringError(
                        "qi_submit_sync(QI_OPT_WAIT_DRAIN)", f -> f.iommu.qi().submitDrainingRequests(f.descriptors()))
                .step("drained", HostCost.FREE, Footprint.LOCAL, f -> f.drained.set(1))
                .branch("PRS.PRO", QUEUE, f -> (f.iommu.read32(Reg.PRS) & Reg.PRS_PRO) != 0, q -> {
                    waitForThread(q, "wait for the end of the overflow");
                    q.step("drain again", HostCost.FREE, Footprint.LOCAL, f -> f.drained.set(0));
                });
    }

    private static void waitForThread(Program.Builder<PrqDrain> p, String id) {
        p.await(
                id,
                QUEUE,
                f -> f.iommu.requests().drained(),
                WaitQueue.Sleep.UNINTERRUPTIBLE,
                f -> f.now() != f.completions.get());
    }

    private int now() {
        return iommu.requests().completions().get();
    }

    private void look() {
        lookFor(this::drains);
    }

    /** A request without a PASID belongs to the entry of the device itself. */
    private boolean drains(long w0) {
        int of = PageReq.PP.isSet(w0) ? PageReq.PASID.getInt(w0) : IntelIommu.NO_PASID;
        return PageReq.RID.getInt(w0) == info.sid() && of == pasid;
    }

    /** Of any device, and only with a PASID; for patches. */
    boolean drainsByPasidAlone(long w0) {
        return PageReq.PP.isSet(w0) && PageReq.PASID.getInt(w0) == pasid;
    }

    /**
     * Looks through what is in the queue.
     *
     * @param which tells by its first word whether a request is waited for
     */
    void lookFor(LongPredicate which) {
        found.set(0);
        for (long at = head.get(); at != tail.get(); at = PageRequests.next(at)) {
            if (which.test(iommu.requests().word(at, 0))) {
                found.set(1);
            }
        }
    }

    private EntryList descriptors() {
        EntryList list = new EntryList().add(Inv.waitFence0(), 0);
        if (pasid == IntelIommu.NO_PASID) {
            list.add(Flushes.iotlbDomain(iommu, did), 0);
        } else {
            list.add(Inv.pasidIotlb0(Inv.G_PASID_ALL, did, pasid), 0);
        }
        return Flushes.addDeviceTlb(list, info, pasid, 0, Flushes.EVERYTHING);
    }
}
