package org.iommusim.vtd.driver;

import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.VtdVariables;

/**
 * {@code qi_submit_sync}: puts descriptors into the ring with a wait descriptor of their own behind them, and polls the wait's
 * state word until hardware has written it. The queue's lock is released between two looks, so that others can submit; there
 * is no timeout. When hardware has aborted the wait because some device did not answer, all descriptors are submitted again.
 *
 * <p>Errors: EINVAL (hardware refuses the first descriptor), ETIMEDOUT (a device did not answer and is gone).
 */
final class QiSubmit extends Frame {
    private static final Footprint QUEUE = Footprint.of(Touches.QI, Touches.UNIT, PhysicalMemory.WORD);
    private static final Footprint LOOK = QUEUE.and(VtdVariables.REGISTER);
    static final Program<QiSubmit> PROGRAM = program();

    private final IntelIommu iommu;
    private final InvalidationQueue queue;
    private final EntryList list;
    private final boolean drain;
    /** 1: the descriptors are in the ring. */
    private final IntCell submitted = count();
    /** 1: nothing is left to do. */
    private final IntCell over = count();
    /** Descriptors that are written. */
    private final IntCell written = count();
    /** First slot of this submission. */
    private final IntCell first = count();
    /** Answer of the last look. */
    private final IntCell answer = count();

    private QiSubmit(IntelIommu iommu, EntryList list, boolean drain) {
        super(iommu.world());
        this.iommu = iommu;
        this.queue = iommu.qi();
        this.list = list;
        this.drain = drain;
    }

    static Call<QiSubmit> call(IntelIommu iommu, EntryList list, boolean drain) {
        return new Call<>(PROGRAM, new QiSubmit(iommu, list, drain));
    }

    private static Program<QiSubmit> program() {
        return Program.<QiSubmit>named("qi_submit_sync")
                .loop("not over", f -> f.over.get() == 0, p -> {
                    p.loop("not submitted", f -> f.submitted.get() == 0, QiSubmit::put);
                    p.await(
                            "poll desc_status",
                            LOOK,
                            f -> f.iommu.device().changed(),
                            WaitQueue.Sleep.UNINTERRUPTIBLE,
                            QiSubmit::somethingHappened);
                    p.lock("q_lock (poll)", f -> f.queue.lock)
                            .step("look", HostCost.ATOMIC, QUEUE, f -> f.answer.set(0))
                            .branch(
                                    "not done",
                                    QUEUE,
                                    f -> f.state() != InvalidationQueue.DONE,
                                    q -> q.invokeForAnswer(
                                            "qi_check_fault",
                                            f -> QiCheckFault.call(f.iommu, f.first.get(), f.waitSlot()),
                                            (f, error) -> f.answer.set(error)))
                            .branch(
                                    "complete, aborted or failed",
                                    QUEUE,
                                    QiSubmit::ended,
                                    q -> q.step("reclaim_free_desc", HostCost.ATOMIC, QUEUE, QiSubmit::reclaim))
                            .undoNow("q_lock (poll)");
                })
                .finish("answer", f -> f.answer.get())
                .build();
    }

    private static void put(Program.Builder<QiSubmit> p) {
        p.lock("q_lock", f -> f.queue.lock)
                .branch(
                        "free_cnt is enough",
                        QUEUE,
                        f -> f.queue.hasRoom(f.slots()),
                        q -> q.step("take slots", HostCost.ATOMIC, QUEUE, QiSubmit::take)
                                .loop(
                                        "descriptors left",
                                        f -> f.written.get() < f.list.count(),
                                        r -> r.step("write descriptor", HostCost.TABLE_STORE, QUEUE, QiSubmit::write))
                                .step("write wait descriptor", HostCost.TABLE_STORE, QUEUE, QiSubmit::writeWait)
                                .step(
                                        "write IQT",
                                        HostCost.MMIO_WRITE,
                                        LOOK,
                                        f -> f.iommu.write64(Reg.IQT, f.queue.tailRegister()))
                                .step("submitted", HostCost.FREE, Footprint.LOCAL, f -> f.submitted.set(1)))
                .undoNow("q_lock")
                .when(
                        "queue full",
                        f -> f.submitted.get() == 0,
                        q -> q.await(
                                "cpu_relax until free_cnt is enough",
                                QUEUE,
                                f -> f.iommu.device().changed(),
                                WaitQueue.Sleep.UNINTERRUPTIBLE,
                                f -> f.queue.hasRoom(f.slots())));
    }

    /** Slots that this submission takes: the last one has the wait descriptor. */
    private int slots() {
        return list.count() + 1;
    }

    private int waitSlot() {
        return InvalidationQueue.slot(first.get(), list.count());
    }

    private void take() {
        first.set(queue.take(slots()));
        written.set(0);
    }

    private void write() {
        int i = written.get();
        queue.write(InvalidationQueue.slot(first.get(), i), list.word0(i), list.word1(i));
        written.set(i + 1);
    }

    private void writeWait() {
        long w0 = Inv.waitWrite0(InvalidationQueue.DONE, false, drain);
        queue.write(waitSlot(), w0, Inv.waitWrite1(queue.stateAddress(waitSlot())));
    }

    private int state() {
        return queue.state(waitSlot());
    }

    /** A refused descriptor is for its own submitter to replace: who polls in vain sees the same again and again. */
    private boolean somethingHappened() {
        int errors = (int) iommu.read32(Reg.FSTS) & QiCheckFault.ERRORS;
        return state() != InvalidationQueue.IN_USE
                || (errors & ~Reg.FSTS_IQE) != 0
                || errors != 0 && queue.slotOf(iommu.read64(Reg.IQH)) == first.get();
    }

    private boolean ended() {
        return answer.get() != 0 || state() == InvalidationQueue.DONE;
    }

    /** What was cached of entries is gone, and so is whoever was reading one. */
    private void tellSettled() {
        for (int i = 0; i < list.count(); i++) {
            int type = Inv.type(list.word0(i));
            if (type == Inv.CONTEXT || type == Inv.PASID_CACHE) {
                SourceKind kind = type == Inv.CONTEXT ? SourceKind.DEVICE : SourceKind.CONTEXT;
                iommu.checkers().tell(DescriptorWatcher.class, watcher -> watcher.settled(kind));
            }
        }
    }

    /** EAGAIN: once more from the beginning. */
    private void reclaim() {
        if (answer.get() == 0) {
            tellSettled();
        }
        queue.giveBack(first.get(), slots());
        iommu.device().changed().wakeAll();
        submitted.set(0);
        over.set(answer.get() == Errno.EAGAIN ? 0 : 1);
    }
}
