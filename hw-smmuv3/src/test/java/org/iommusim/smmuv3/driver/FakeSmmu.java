package org.iommusim.smmuv3.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.queue.RingIndex;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.SmmuVariables;

/**
 * Registers that acknowledge at once, and a command queue that consumes soon and remembers what it consumed. It does
 * not translate.
 */
final class FakeSmmu implements IommuDevice, EventHandler {
    /** An SMMU with everything that the driver can use: both stages, 4K, 44 bits, MSI, RIL, 2^8 streams. */
    static final IdRegs ALL = new IdRegs(
            0x3 | 2 << 2 | 1 << 4 | 1 << 12 | 1 << 13 | 1 << 18 | 2 << 21 | 1 << 24 | 1 << 26,
            8 | 8 << 6 | 7 << 16 | 8 << 21,
            0,
            1 << 2 | 1 << 10,
            0,
            IdRegs.addressCode(44) | 7 << 4,
            0x43b,
            2);
    /** The same without range invalidation and MSI. */
    static final IdRegs PLAIN = new IdRegs(ALL.idr0() & ~(1 << 13), ALL.idr1(), 0, 1 << 2, 0, ALL.idr5(), 0x43b, 2);

    /** What the command queue consumed, in words, CMD_SYNC as {@code SYNC}. */
    final List<String> commands = new ArrayList<>();

    /** Opcodes that are illegal. */
    IntPredicate illegal = opcode -> false;
    /** False: the queue does not move. */
    boolean alive = true;
    /** False: CR0 is never acknowledged. */
    boolean acknowledges = true;

    private final PhysicalMemory memory;
    private final WaitQueue changed;
    private final IntArrayCell registers;
    private final Scheduler scheduler;
    private final Lane lane;
    private InterruptSink sink = source -> {};

    FakeSmmu(IommuHost host, IdRegs ids) {
        memory = host.memory();
        scheduler = host.simulation().scheduler();
        lane = scheduler.newLane("smmu0 cmdq", Phase.HARDWARE);
        var world = host.simulation().world();
        changed = WaitQueue.polled(world, "smmu0 changed");
        registers = new IntArrayCell(world, SmmuVariables.REGISTER, world.nextInstance(), (int) Reg.BYTES / 4);
        int[] values = {ids.idr0(), ids.idr1(), ids.idr2(), ids.idr3(), ids.idr4(), ids.idr5(), ids.iidr(), ids.aidr()};
        for (int i = 0; i < values.length; i++) {
            registers.set(i, values[i]);
        }
    }

    int register(int offset) {
        return registers.get(offset / 4);
    }

    void register(int offset, int value) {
        registers.set(offset / 4, value);
    }

    void raise(String source) {
        sink.raised(source);
    }

    @Override
    public long mmioRead(long offset, int bytes) {
        return registers.get((int) offset / 4) & 0xffff_ffffL;
    }

    @Override
    public void mmioWrite(long offset, int bytes, long value) {
        int at = (int) offset;
        register(at, (int) value);
        if (bytes == 8) {
            register(at + 4, (int) (value >>> 32));
        }
        switch (at) {
            case Reg.CR0 -> register(Reg.CR0ACK, acknowledges ? (int) value : ~(int) value);
            case Reg.IRQ_CTRL -> register(Reg.IRQ_CTRLACK, (int) value);
            case Reg.GBPA -> register(Reg.GBPA, (int) value & ~Reg.GBPA_UPDATE);
            case Reg.CMDQ_PROD, Reg.GERRORN -> scheduler.after(lane, 100_000, this, 0, 0);
            default -> {}
        }
        changed.wakeAll();
    }

    @Override
    public void onEvent(int op, long arg) {
        consume();
    }

    void consume() {
        int log2 = register(Reg.CMDQ_BASE) & 0x1f;
        long base = (register(Reg.CMDQ_BASE) & 0xffff_ffe0L) | (long) (register(Reg.CMDQ_BASE + 4) & 0xfffff) << 32;
        while (alive && (register(Reg.CR0) & Reg.CR0_CMDQEN) != 0 && register(Reg.GERROR) == register(Reg.GERRORN)) {
            int cons = register(Reg.CMDQ_CONS) & Reg.Q_INDEX;
            if (RingIndex.empty(register(Reg.CMDQ_PROD), cons, log2)) {
                break;
            }
            long at = base + ((long) RingIndex.entry(cons, log2) << Cmd.SHIFT);
            long w0 = memory.read64(at);
            long w1 = memory.read64(at + 8);
            if (illegal.test(Cmd.opcode(w0))) {
                register(Reg.CMDQ_CONS, cons | Reg.CERROR_ILL << Reg.CMDQ_CONS_ERR_SHIFT);
                register(Reg.GERROR, register(Reg.GERROR) ^ Reg.GERROR_CMDQ_ERR);
                sink.raised("gerror");
                break;
            }
            commands.add(Cmd.text(w0, w1));
            if (Cmd.opcode(w0) == Cmd.SYNC && Cmd.SYNC_CS.getInt(w0) == Cmd.CS_IRQ) {
                memory.write(Cmd.SYNC_MSIADDR.inPlace(w1), 4, Cmd.SYNC_MSIDATA.get(w0));
            }
            register(Reg.CMDQ_CONS, RingIndex.next(cons, log2));
        }
        changed.wakeAll();
    }

    @Override
    public String name() {
        return "smmu0";
    }

    @Override
    public String kind() {
        return "fake";
    }

    @Override
    public long mmioBytes() {
        return Reg.BYTES;
    }

    @Override
    public void accept(DmaRequest request, DmaCompletion completion) {
        throw new UnsupportedOperationException("the fake does not translate");
    }

    @Override
    public void connectInterrupts(InterruptSink newSink) {
        sink = newSink;
    }

    @Override
    public WaitQueue changed() {
        return changed;
    }

    @Override
    public List<String> units() {
        return List.of();
    }
}
