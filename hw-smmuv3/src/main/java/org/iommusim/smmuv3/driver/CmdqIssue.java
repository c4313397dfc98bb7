package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.SmmuVariables;

/**
 * {@code arm_smmu_cmdq_issue_cmdlist}: puts commands into the ring, moves PROD, and waits for a CMD_SYNC behind them.
 * Several tasks may do so at once; each batch goes in as a whole under the queue's lock, and the wait for completion is
 * outside of it. (The kernel reserves entries without a lock; the order of commands that can result is the same.)
 */
final class CmdqIssue extends Frame {
    /** CMDQ_BATCH_ENTRIES less the CMD_SYNC. */
    private static final int BATCH = 63;

    private static final Footprint ROOM = Footprint.of(Touches.CMDQ, SmmuVariables.REGISTER);
    private static final Footprint ENTRY = Footprint.of(Touches.CMDQ, PhysicalMemory.WORD, Touches.DEVICE_DATA);
    private static final Footprint DONE =
            Footprint.of(Touches.CMDQ, SmmuVariables.REGISTER, PhysicalMemory.WORD, Touches.DEVICE_DATA);

    static final Program<CmdqIssue> PROGRAM = program();

    private final ArmSmmu smmu;
    private final CommandQueue queue;
    private final CommandList commands;
    private final boolean sync;
    /** Commands of the list that are in the ring. */
    private final IntCell issued = count();
    /** Entries of the present batch, its CMD_SYNC included; 0: no room yet. */
    private final IntCell batch = count();
    /** Entries of it that are written. */
    private final IntCell written = count();
    /** Position of its first entry. */
    private final LongCell first = num();

    private CmdqIssue(ArmSmmu smmu, CommandList commands, boolean sync) {
        super(smmu.world());
        this.smmu = smmu;
        this.queue = smmu.cmdq();
        this.commands = commands;
        this.sync = sync;
    }

    static Call<CmdqIssue> call(ArmSmmu smmu, CommandList commands, boolean sync) {
        return new Call<>(PROGRAM, new CmdqIssue(smmu, commands, sync));
    }

    private static Program<CmdqIssue> program() {
        return Program.<CmdqIssue>named("arm_smmu_cmdq_issue_cmdlist")
                .loop(
                        "commands left",
                        f -> f.issued.get() < f.commands.count(),
                        p -> p.lock("cmdq lock", f -> f.queue.lock)
                                .step("reserve entries", HostCost.MMIO_READ, ROOM, CmdqIssue::reserve)
                                .either("room", f -> f.batch.get() != 0, CmdqIssue::put, CmdqIssue::waitForRoom))
                .when(
                        "sync",
                        f -> f.sync,
                        p -> p.await(
                                "wait for CMD_SYNC",
                                DONE,
                                f -> f.smmu.device().changed(),
                                WaitQueue.Sleep.UNINTERRUPTIBLE,
                                f -> f.queue.synced(f.first.get() + f.batch.get() - 1),
                                f -> ArmSmmu.POLL_TIMEOUT_PS,
                                f -> f.timeout("CMD_SYNC timeout")))
                .build();
    }

    private static void put(Program.Builder<CmdqIssue> p) {
        p.loop(
                        "entries left",
                        f -> f.written.get() < f.batch.get(),
                        q -> q.step("write command", HostCost.TABLE_STORE, ENTRY, CmdqIssue::write))
                .step("dma_wmb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
                .step("write CMDQ_PROD", HostCost.MMIO_WRITE, ROOM, CmdqIssue::ring)
                .undoNow("cmdq lock");
    }

    private static void waitForRoom(Program.Builder<CmdqIssue> p) {
        p.undoNow("cmdq lock")
                .await(
                        "poll CONS for room",
                        ROOM,
                        f -> f.smmu.device().changed(),
                        WaitQueue.Sleep.UNINTERRUPTIBLE,
                        f -> f.queue.room() >= f.wanted(),
                        f -> ArmSmmu.POLL_TIMEOUT_PS,
                        f -> f.timeout("CMDQ timeout: no room"));
    }

    /** Entries that the next batch takes: the last one of a list has the CMD_SYNC. */
    private int wanted() {
        int left = commands.count() - issued.get();
        int most = Math.min(BATCH, queue.entries() - 1);
        return left <= most && sync ? left + 1 : Math.min(left, most);
    }

    private void reserve() {
        int wanted = wanted();
        if (queue.room() >= wanted) {
            first.set(queue.reserve(wanted));
            batch.set(wanted);
            written.set(0);
        }
    }

    private void write() {
        int entry = written.get();
        long position = first.get() + entry;
        int command = issued.get() + entry;
        if (command < commands.count()) {
            queue.write(position, commands.word0(command), commands.word1(command));
        } else if (smmu.syncByMsi()) {
            queue.write(position, Cmd.syncMsi0(0), Cmd.syncMsi1(queue.address(position)));
        } else {
            queue.write(position, Cmd.sync0(Cmd.CS_SEV), 0);
        }
        written.set(entry + 1);
    }

    private void ring() {
        long end = first.get() + batch.get();
        smmu.write32(Reg.CMDQ_PROD, queue.index(end));
        int next = Math.min(commands.count(), issued.get() + batch.get());
        issued.set(next);
        if (next < commands.count()) {
            batch.set(0);
        }
    }

    private int timeout(String what) {
        smmu.message(what);
        return Errno.ETIMEDOUT;
    }
}
