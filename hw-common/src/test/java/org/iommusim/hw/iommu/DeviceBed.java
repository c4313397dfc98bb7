package org.iommusim.hw.iommu;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * An IOMMU with memory around it and no software: tests play the driver and the devices. Memory is 1 GiB from address 0
 * without owners; a vendor's tables and queues have fixed places below {@link #FREE}, everything from there on is the user's.
 * The host's own pages, where a device wants some, lie behind {@link #END}.
 */
public abstract class DeviceBed<D extends IommuDevice> implements DmaCompletion, EventHandler {
    /** Where the users' structures begin. */
    public static final long FREE = 0x100_0000;
    /** End of memory. */
    public static final long END = 1L << 30;

    private static final long HOST_BYTES = 0x20_0000;

    public final Simulation sim;
    public final PhysicalMemory memory;
    public final MemoryPort port;
    public final D device;
    /** Requests that are done, in order. */
    public final List<DmaRequest> done = new ArrayList<>();
    /** Sources of the interrupts so far. */
    public final List<String> interrupts = new ArrayList<>();
    /** How long an access to data takes after the translation, ps; 0: it happens at once. */
    public long dataPs;

    private final Lane dataLane;
    private final List<DmaRequest> pending = new ArrayList<>();
    private long nextPage = FREE;
    private long nextRequest;

    /**
     * Makes memory and the device.
     *
     * @param memoryPs how long an access to memory takes, ps
     */
    protected DeviceBed(Simulation simulation, long memoryPs, Function<IommuHost, D> maker) {
        sim = simulation;
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        dataLane = sim.scheduler().newLane("data", Phase.HARDWARE);
        memory.addRam(0, END, PageOwner.UNTRACKED);
        memory.addRam(END, HOST_BYTES, PageOwner.FREE);
        port = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(memoryPs));
        PageAllocator pages = new PageAllocator(sim.world(), memory, new MemoryRange(END, HOST_BYTES));
        device = maker.apply(new IommuHost(sim, memory, port, pages));
        device.connectInterrupts(interrupts::add);
    }

    /** Runs until nothing is pending. */
    public final void run() {
        sim.scheduler().run();
    }

    /** Runs for so long, ps. */
    public final void pass(long ps) {
        sim.scheduler().runUntil(sim.now() + ps);
    }

    // ---- registers and memory

    public final void write(int register, int value) {
        device.mmioWrite(register, 4, value);
    }

    public final void write64(int register, long value) {
        device.mmioWrite(register, 8, value);
    }

    public final int read(int register) {
        return (int) device.mmioRead(register, 4);
    }

    public final long read64(int register) {
        return device.mmioRead(register, 8);
    }

    /** Writes words to memory. */
    public final void words(long address, long... words) {
        for (int i = 0; i < words.length; i++) {
            memory.write64(address + 8L * i, words[i]);
        }
    }

    /** A new empty page for a table or for data; not for those who place their structures behind {@link #FREE} themselves. */
    public final long page() {
        long page = nextPage;
        nextPage += 0x1000;
        return page;
    }

    // ---- DMA

    /** A request of 8 bytes that has arrived at the device; {@code pasid} may be {@link DmaRequest#NO_PASID}. */
    public final DmaRequest request(int sid, int pasid, long iova, boolean isWrite) {
        return arrived(sid, pasid, iova, 8, isWrite);
    }

    /** An interrupt message that has arrived at the device. */
    public final DmaRequest message(int sid, long address) {
        return arrived(sid, DmaRequest.NO_PASID, address, 4, true);
    }

    /** A request of some bytes that has arrived at the device. */
    public final DmaRequest arrived(int sid, int pasid, long iova, int bytes, boolean isWrite) {
        DmaRequest request = new DmaRequest();
        request.begin(nextRequest++, sid, pasid, iova, bytes, isWrite, sim.now());
        request.issued(sim.now());
        request.enter(Station.FRONT_END, sim.now());
        return request;
    }

    /** Hands a request to the device. */
    public final DmaRequest issue(DmaRequest request) {
        device.accept(request, this);
        return request;
    }

    /** Issues a request and runs until nothing is pending. */
    public final DmaRequest dma(DmaRequest request) {
        issue(request);
        run();
        return request;
    }

    /** A read without PASID, carried out. */
    public final DmaRequest dmaRead(int sid, long iova) {
        return dma(request(sid, DmaRequest.NO_PASID, iova, false));
    }

    /** A write without PASID, carried out. */
    public final DmaRequest dmaWrite(int sid, long iova) {
        return dma(request(sid, DmaRequest.NO_PASID, iova, true));
    }

    @Override
    public final void completed(DmaRequest request) {
        boolean moves = request.addressType() != AddressType.TRANSLATION_REQUEST;
        if (!request.outcome().completed() || !moves) {
            answer(request);
            return;
        }
        request.enter(Station.DATA, sim.now());
        if (dataPs == 0) {
            carryOut(request);
        } else {
            pending.add(request);
            sim.scheduler().after(dataLane, dataPs, this, 0, 0);
        }
    }

    @Override
    public final void onEvent(int op, long arg) {
        carryOut(pending.remove(0));
    }

    private void carryOut(DmaRequest request) {
        device.carriedOut(request);
        answer(request);
    }

    private void answer(DmaRequest request) {
        request.answered(sim.now());
        done.add(request);
    }
}
