package org.iommusim.amdvi.driver;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.LongArrayCell;

/** Registers that do what they are told at once, and a command buffer that remembers what it consumed. It does not translate. */
final class FakeAmdVi implements IommuDevice, EventHandler {
    /** Everything that the driver can use. */
    static final Efr ALL =
            efr(List.of(Efr.PREF_SUP, Efr.PPR_SUP, Efr.GT_SUP, Efr.IA_SUP, Efr.GIO_SUP), List.of(Efr.GCR3_TRP_MODE));
    /** Host tables and nothing else. */
    static final Efr HOST_ONLY = efr(List.of(), List.of());

    /** What the buffer consumed, in words, but for waits. */
    final List<String> commands = new ArrayList<>();
    /** Every value that was written to the control register. */
    final List<Long> controls = new ArrayList<>();
    /** False: the buffer does not move. */
    boolean alive = true;

    private final PhysicalMemory memory;
    private final WaitQueue changed;
    private final LongArrayCell registers;
    private final Scheduler scheduler;
    private final Lane lane;
    private InterruptSink sink = source -> {};

    FakeAmdVi(IommuHost host, Efr efr) {
        memory = host.memory();
        scheduler = host.simulation().scheduler();
        lane = scheduler.newLane("iommu0 commands", Phase.HARDWARE);
        var world = host.simulation().world();
        changed = WaitQueue.polled(world, "iommu0 changed");
        registers = new LongArrayCell(world, AmdViVariables.REGISTER, world.nextInstance(), (int) Reg.BYTES / 8);
        register(Reg.EFR, efr.efr());
        register(Reg.EFR2, efr.efr2());
    }

    /** Host tables of up to 6 levels, guest tables of 4 or 5, GCR3 tables of 3, PASIDs of 16 bits. */
    private static Efr efr(List<BitField> first, List<BitField> second) {
        long[] words = new long[2];
        first.forEach(bit -> bit.put(words, 1));
        second.forEach(bit -> bit.put(words, 1));
        Efr.HATS.put(words, 2);
        Efr.GATS.put(words, 1);
        Efr.GLX_SUP.put(words, 2);
        Efr.PAS_MAX.put(words, 15);
        return new Efr(words[0], words[1]);
    }

    long register(int offset) {
        return registers.get(offset / 8);
    }

    void register(int offset, long value) {
        registers.set(offset / 8, value);
    }

    /** A record comes into a log and is told. */
    void log(int base, int tail, String source, long w0, long w1) {
        long at = Reg.BASE.inPlace(register(base)) + register(tail);
        memory.write64(at, w0);
        memory.write64(at + 8, w1);
        register(tail, (register(tail) + Event.BYTES) % (16L << Reg.LEN.getInt(register(base))));
        sink.raised(source);
    }

    @Override
    public long mmioRead(long offset, int bytes) {
        return register((int) offset);
    }

    @Override
    public void mmioWrite(long offset, int bytes, long value) {
        int at = (int) offset;
        if (at == Reg.STATUS) {
            register(at, register(at) & ~(value & Status.WRITE_1_TO_CLEAR));
        } else {
            register(at, value);
        }
        if (at == Reg.CONTROL) {
            controls.add(value);
        }
        if (at == Reg.CMD_TAIL) {
            scheduler.after(lane, 100_000, this, 0, 0);
        }
        changed.wakeAll();
    }

    @Override
    public void onEvent(int op, long arg) {
        consume();
    }

    void consume() {
        long base = Reg.BASE.inPlace(register(Reg.CMD_BUF_BASE));
        long bytes = 16L << Reg.LEN.getInt(register(Reg.CMD_BUF_BASE));
        boolean on = Control.CMD_BUF_EN.isSet(register(Reg.CONTROL));
        while (alive && on && register(Reg.CMD_HEAD) != register(Reg.CMD_TAIL)) {
            long head = register(Reg.CMD_HEAD);
            execute(memory.read64(base + head), memory.read64(base + head + 8));
            register(Reg.CMD_HEAD, (head + Cmd.BYTES) % bytes);
        }
        changed.wakeAll();
    }

    private void execute(long w0, long w1) {
        if (Cmd.opcode(w0) == Cmd.COMPLETION_WAIT) {
            memory.write64(Cmd.STORE_ADDRESS.inPlace(w0), w1);
        } else {
            commands.add(CmdText.text(w0, w1));
        }
    }

    @Override
    public String name() {
        return "iommu0";
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
