package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.VtdVariables;

/**
 * {@code qi_check_fault}: what a submitter does while its wait descriptor is not complete; call it with {@code q_lock} held.
 *
 * <p>IQE: hardware stands at a descriptor that it refuses. If it is the submitter's first one, a copy of its wait descriptor
 * takes its place and the submitter fails. ITE: some device has not answered, and hardware has given up all wait descriptors
 * that it has fetched; these slots are marked, so that each submitter tries again. What it has not fetched yet goes on when
 * ITE is cleared.
 *
 * <p>Answers: 0 (look again), EAGAIN (submit again), EINVAL, ETIMEDOUT (the device is gone: do not try again).
 */
final class QiCheckFault extends Frame {
    /** What stops the queue, and ICE. */
    static final int ERRORS = Reg.FSTS_IQE | Reg.FSTS_ITE | Reg.FSTS_ICE;

    private static final Footprint REGISTERS = Touches.MMIO;
    private static final Footprint STATES =
            Footprint.of(Touches.QI, Touches.UNIT, PhysicalMemory.WORD, VtdVariables.REGISTER);
    private static final Footprint FIND = Footprint.of(Touches.DEVICE, PciFunction.CONFIG_SPACE);
    static final Program<QiCheckFault> PROGRAM = program();

    private final IntelIommu iommu;
    private final InvalidationQueue queue;
    private final int first;
    private final int waitSlot;
    private final IntCell fault = count();
    private final LongCell head = num();
    private final LongCell tail = num();
    /** Source id of the device that did not answer; 0: not known. */
    private final IntCell sid = count();

    private QiCheckFault(IntelIommu iommu, int first, int waitSlot) {
        super(iommu.world());
        this.iommu = iommu;
        this.queue = iommu.qi();
        this.first = first;
        this.waitSlot = waitSlot;
    }

    static Call<QiCheckFault> call(IntelIommu iommu, int first, int waitSlot) {
        return new Call<>(PROGRAM, new QiCheckFault(iommu, first, waitSlot));
    }

    private static Program<QiCheckFault> program() {
        Program.Builder<QiCheckFault> p = Program.<QiCheckFault>named("qi_check_fault")
                .check("not aborted", STATES, f -> !f.aborted(), Errno.EAGAIN)
                .step("read FSTS", HostCost.MMIO_READ, REGISTERS, f -> f.fault.set((int) f.iommu.read32(Reg.FSTS)));
        return p.when("IQE", f -> f.has(Reg.FSTS_IQE), QiCheckFault::invalid)
                .when("ITE", f -> f.has(Reg.FSTS_ITE), QiCheckFault::timedOut)
                .when(
                        "ICE",
                        f -> f.has(Reg.FSTS_ICE),
                        q -> q.step("clear ICE", HostCost.MMIO_WRITE, REGISTERS, f -> f.clear(Reg.FSTS_ICE)))
                .build();
    }

    private static void invalid(Program.Builder<QiCheckFault> p) {
        p.step("read IQH", HostCost.MMIO_READ, REGISTERS, f -> f.head.set(f.iommu.read64(Reg.IQH)))
                .when(
                        "it is the first descriptor",
                        f -> f.queue.slotOf(f.head.get()) == f.first,
                        q -> q.step(
                                        "put the wait descriptor in its place",
                                        HostCost.TABLE_STORE,
                                        STATES,
                                        f -> f.queue.copy(f.waitSlot, f.first))
                                .step("clear IQE", HostCost.MMIO_WRITE, REGISTERS, f -> f.clear(Reg.FSTS_IQE))
                                .finish("invalid descriptor", f -> Errno.EINVAL));
    }

    private static void timedOut(Program.Builder<QiCheckFault> p) {
        p.step("read IQH of the abort", HostCost.MMIO_READ, REGISTERS, f -> f.head.set(f.iommu.read64(Reg.IQH)))
                .step("read IQT", HostCost.MMIO_READ, REGISTERS, f -> f.tail.set(f.iommu.read64(Reg.IQT)))
                .step("read IQER", HostCost.MMIO_READ, REGISTERS, f -> f.sid.set(f.timedOutDevice()))
                .step("clear ITE", HostCost.MMIO_WRITE, REGISTERS, f -> f.clear(Reg.FSTS_ITE))
                .step("mark QI_ABORT", HostCost.ATOMIC, STATES, f -> f.mark(1))
                .branch(
                        "device is gone",
                        FIND,
                        QiCheckFault::deviceGone,
                        q -> q.finish("do not try again", f -> Errno.ETIMEDOUT))
                .check("not aborted now", STATES, f -> !f.aborted(), Errno.EAGAIN);
    }

    private boolean has(int bit) {
        return (fault.get() & bit) != 0;
    }

    private boolean aborted() {
        return queue.state(waitSlot) == InvalidationQueue.ABORT;
    }

    private void clear(int bit) {
        iommu.message("QI " + (bit == Reg.FSTS_IQE ? "invalid descriptor" : bit == Reg.FSTS_ITE ? "timed out" : "ICE"));
        iommu.write32(Reg.FSTS, bit);
    }

    private int timedOutDevice() {
        return (int) (iommu.read64(Reg.IQERCD) >>> Reg.IQERCD_ITESID_SHIFT) & 0xffff;
    }

    /**
     * Marks what hardware has fetched and not completed, from the newest slot back to the one behind the tail.
     *
     * @param step slots from one mark to the next
     */
    void mark(int step) {
        int newest = InvalidationQueue.slot(queue.slotOf(head.get()), -1);
        int end = InvalidationQueue.slot(queue.slotOf(tail.get()), -1);
        int slot = step == 1 ? newest : newest | 1;
        for (int i = 0; i < InvalidationQueue.SLOTS / step && (i == 0 || slot != end); i++) {
            if (queue.state(slot) == InvalidationQueue.IN_USE) {
                queue.setState(slot, InvalidationQueue.ABORT);
            }
            slot = InvalidationQueue.slot(slot, -step);
        }
        iommu.device().changed().wakeAll();
    }

    private boolean deviceGone() {
        DeviceInfo device = DeviceInfo.find(iommu, sid.get());
        return sid.get() != 0 && (device == null || !device.function().present());
    }
}
