package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;

/**
 * {@code iommu_queue_command_sync}: puts one command into the ring, and remembers whether somebody must wait for it. Error:
 * EIO (no room for a long time).
 */
final class QueueCommand extends Frame {
    /** With the lock held by the caller: {@code __iommu_queue_command_sync}. */
    static final Program<QueueCommand> LOCKED =
            steps(Program.named("__iommu_queue_command_sync")).build();

    static final Program<QueueCommand> PROGRAM = Program.<QueueCommand>named("iommu_queue_command_sync")
            .lock("iommu->lock", f -> f.queue.lock)
            .invoke(
                    "__iommu_queue_command_sync",
                    f -> new Call<>(LOCKED, new QueueCommand(f.iommu, f.word0, f.word1, f.sync)))
            .build();

    private final AmdIommu iommu;
    private final CommandBuffer queue;
    private final long word0;
    private final long word1;
    private final boolean sync;

    private QueueCommand(AmdIommu iommu, long word0, long word1, boolean sync) {
        super(iommu.world());
        this.iommu = iommu;
        this.queue = iommu.commands();
        this.word0 = word0;
        this.word1 = word1;
        this.sync = sync;
    }

    /** {@code iommu_queue_command}. */
    static Call<?> call(AmdIommu iommu, long word0, long word1) {
        return new Call<>(PROGRAM, new QueueCommand(iommu, word0, word1, true));
    }

    /** A wait, which nobody need wait for; the caller holds the lock. */
    static Call<?> locked(AmdIommu iommu, long word0, long word1) {
        return new Call<>(LOCKED, new QueueCommand(iommu, word0, word1, false));
    }

    private static Program.Builder<QueueCommand> steps(Program.Builder<QueueCommand> p) {
        return p.branch(
                        "left <= 0x20",
                        Touches.QUEUE,
                        f -> !f.queue.hasRoom(),
                        q -> q.await(
                                "poll CmdHead",
                                Touches.QUEUE,
                                f -> f.iommu.device().changed(),
                                WaitQueue.Sleep.UNINTERRUPTIBLE,
                                f -> f.queue.hasRoomNow(),
                                f -> AmdIommu.LOOP_TIMEOUT_PS,
                                f -> f.timeout()))
                .step("copy_cmd_to_buffer", HostCost.TABLE_STORE, Touches.QUEUE, f -> f.queue.copy(f.word0, f.word1))
                .step(
                        "write CmdTail",
                        HostCost.MMIO_WRITE,
                        Touches.QUEUE,
                        f -> f.iommu.write64(Reg.CMD_TAIL, f.queue.tailRegister()))
                .step("need_sync = sync", HostCost.FREE, Touches.QUEUE, f -> f.queue.needSync(f.sync));
    }

    private int timeout() {
        iommu.message("Command buffer timeout");
        return Errno.EIO;
    }
}
