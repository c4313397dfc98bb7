package org.iommusim.hw.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.Variable;

/**
 * Registers that acknowledge at once, and a command queue that consumes soon and remembers what it consumed: for a test that
 * looks at what a driver writes. It does not translate. A vendor says what its registers do and how a command is consumed.
 */
public abstract class FakeIommu implements IommuDevice, EventHandler {
    private static final long QUEUE_PS = 100_000;

    /** What the queue consumed, in words. */
    public final List<String> commands = new ArrayList<>();
    /** Kinds of commands that are refused. */
    public IntPredicate illegal = kind -> false;
    /** False: the queue does not move. */
    public boolean alive = true;

    protected final PhysicalMemory memory;

    private final String name;
    private final long bytes;
    private final WaitQueue changed;
    private final IntArrayCell registers;
    private final Scheduler scheduler;
    private final Lane lane;
    private InterruptSink sink = source -> {};

    /**
     * Makes it, all registers 0.
     *
     * @param queue name of its queue's lane, behind its own
     * @param bytes size of the register block
     */
    protected FakeIommu(IommuHost host, String name, String queue, Variable variable, long bytes) {
        this.name = name;
        this.bytes = bytes;
        memory = host.memory();
        scheduler = host.simulation().scheduler();
        lane = scheduler.newLane(name + " " + queue, Phase.HARDWARE);
        var world = host.simulation().world();
        changed = WaitQueue.polled(world, name + " changed");
        registers = new IntArrayCell(world, variable, world.nextInstance(), (int) bytes / Integer.BYTES);
    }

    /** A write to a register by software; 8 bytes to its lower half. */
    protected abstract void written(int offset, int size, long value);

    /** Takes what is in the queue, if it moves. */
    protected abstract void take();

    /** Consumes what is in the queue now. */
    public final void consume() {
        take();
        changed.wakeAll();
    }

    /** Has the queue looked at in a moment. */
    protected final void consumeSoon() {
        scheduler.after(lane, QUEUE_PS, this, 0, 0);
    }

    public final int register(int offset) {
        return registers.get(offset / Integer.BYTES);
    }

    public final void register(int offset, int value) {
        registers.set(offset / Integer.BYTES, value);
    }

    public final long register64(int offset) {
        return register(offset) & 0xffff_ffffL | (long) register(offset + 4) << 32;
    }

    public final void register64(int offset, long value) {
        register(offset, (int) value);
        register(offset + 4, (int) (value >>> 32));
    }

    /** Interrupts. */
    public final void raise(String source) {
        sink.raised(source);
    }

    @Override
    public final long mmioRead(long offset, int size) {
        return size == Long.BYTES ? register64((int) offset) : register((int) offset) & 0xffff_ffffL;
    }

    @Override
    public final void mmioWrite(long offset, int size, long value) {
        written((int) offset, size, value);
        changed.wakeAll();
    }

    @Override
    public final void onEvent(int op, long arg) {
        consume();
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String kind() {
        return "fake";
    }

    @Override
    public final long mmioBytes() {
        return bytes;
    }

    @Override
    public final void accept(DmaRequest request, DmaCompletion completion) {
        throw new UnsupportedOperationException("the fake does not translate");
    }

    @Override
    public final void connectInterrupts(InterruptSink newSink) {
        sink = newSink;
    }

    @Override
    public final WaitQueue changed() {
        return changed;
    }

    @Override
    public final List<String> units() {
        return List.of();
    }
}
