package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;

/**
 * {@code iommu_completion_wait}: waits until all commands that are queued so far are complete. Waits have rising numbers, and
 * are queued in the order of their numbers, because the number is taken with the lock held that is held while the command is
 * queued; so who sees his number, or a later one, knows that his commands are complete. If all that is queued has a wait behind
 * it already, that one's number is waited for: that it is queued does not mean that it is complete.
 *
 * <p>Error: EIO (hardware has not written the number for a long time; most callers ignore it, as in the kernel).
 */
final class CompletionWait extends Frame {
    static final Program<CompletionWait> PROGRAM = Program.<CompletionWait>named("iommu_completion_wait")
            .lock("iommu->lock", f -> f.queue.lock)
            .step("get_cmdsem_val", HostCost.ATOMIC, Touches.QUEUE, CompletionWait::number)
            .when(
                    "need_sync",
                    f -> f.wanted.get() != 0,
                    p -> p.invoke("queue COMPLETION_WAIT", CompletionWait::queueWait))
            .undoNow("iommu->lock")
            .await(
                    "wait_on_sem",
                    Touches.QUEUE,
                    f -> f.iommu.device().changed(),
                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                    CompletionWait::reached,
                    f -> AmdIommu.LOOP_TIMEOUT_PS,
                    f -> f.timeout())
            .step("complete", HostCost.FREE, Touches.QUEUE, CompletionWait::tellSettled)
            .build();

    private final AmdIommu iommu;
    private final CommandBuffer queue;
    /** The number that is waited for. */
    private final LongCell data = num();
    /** 1: a wait of its own is queued. */
    private final IntCell wanted = count();

    private CompletionWait(AmdIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
        this.queue = iommu.commands();
    }

    static Call<?> call(AmdIommu iommu) {
        return new Call<>(PROGRAM, new CompletionWait(iommu));
    }

    /** The next number if a wait is needed, else the last one. */
    private void number() {
        wanted.set(queue.needSync() ? 1 : 0);
        data.set(queue.needSync() ? queue.nextSequence() : queue.sequence());
    }

    /** A number of its own, whether or not a wait is needed. */
    void newNumber() {
        wanted.set(1);
        data.set(queue.nextSequence());
    }

    /** {@code need_sync}, looked at by somebody who may not hold the lock. */
    boolean needSync() {
        return queue.needSync();
    }

    private Call<?> queueWait() {
        return QueueCommand.locked(iommu, Cmd.completionWaitStore0(queue.semaphoreAddress()), data.get());
    }

    /** {@code wait_on_sem}: the number, or a later one, is there. */
    boolean reached() {
        return queue.reached(data.get());
    }

    private int timeout() {
        iommu.message("Completion-Wait loop timed out");
        return Errno.EIO;
    }

    /** Whoever was reading an entry of the device table before is through. */
    private void tellSettled() {
        iommu.checkers().tell(DescriptorWatcher.class, watcher -> watcher.settled(SourceKind.DEVICE));
    }

    AmdIommu iommu() {
        return iommu;
    }
}
