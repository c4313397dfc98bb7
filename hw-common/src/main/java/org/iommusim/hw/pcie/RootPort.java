package org.iommusim.hw.pcie;

import java.util.Arrays;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.FreeNumbers;
import org.iommusim.sim.time.Picoseconds;
import org.jspecify.annotations.Nullable;

/**
 * A root port with its link and the IOMMU behind which it sits: carries a request up, has it translated, does the data
 * access, carries the answer down. Reads are answered with their data; writes are posted and end when the data is in
 * memory. A request that the IOMMU ends is answered with an error completion (reads) or dropped (writes).
 */
public final class RootPort implements EventHandler, DmaCompletion {
    /**
     * When a device gives up a request that it may not send, ps. Uncalibrated; it only has to take some time, or else a
     * device that tries again at once would do so for ever.
     */
    private static final long GIVE_UP_PS = Picoseconds.US;

    private static final int NO_PLACE = -1;

    private static final int OP_ARRIVED = 0;
    private static final int OP_DATA = 1;
    private static final int OP_ANSWERED = 2;
    private static final int OP_UP = 3;
    private static final int OP_DOWN = 4;

    private final Simulation sim;
    private final String name;
    private final @Nullable IommuDevice iommu;
    private final PhysicalMemory memory;
    private final MemoryPort port;
    private final LinkDirection up;
    private final LinkDirection down;
    private final Lane giveUp;

    // Requests in flight by slot; a slot is free when its request is null.
    private @Nullable DmaRequest[] requests = new DmaRequest[16];
    private PciFunction[] functions = new PciFunction[16];
    private DmaCompletion[] completions = new DmaCompletion[16];
    // Where a write stands among its function's completions; see AtsLink.
    private int[] places = new int[16];

    private final FreeNumbers freeSlots = new FreeNumbers();

    /**
     * Makes a port.
     *
     * @param iommu who translates; {@code null}: addresses are physical
     * @param port the root complex's way to memory for data
     */
    public RootPort(
            Simulation sim,
            String name,
            @Nullable IommuDevice iommu,
            PhysicalMemory memory,
            MemoryPort port,
            LinkTiming timing) {
        this.sim = sim;
        this.name = name;
        this.iommu = iommu;
        this.memory = memory;
        this.port = port;
        up = new LinkDirection(sim.scheduler(), name + " up", timing);
        down = new LinkDirection(sim.scheduler(), name + " down", timing);
        giveUp = sim.scheduler().newLane(name + " give up", Phase.HARDWARE);
        freeSlots.grow(0, requests.length);
    }

    /** Name within the machine. */
    public String name() {
        return name;
    }

    /** The IOMMU that translates for this port, or {@code null}. */
    public @Nullable IommuDevice iommu() {
        return iommu;
    }

    void issue(PciFunction function, DmaRequest request, DmaCompletion completion) {
        request.issued(sim.now());
        int slot = takeSlot();
        requests[slot] = request;
        functions[slot] = function;
        completions[slot] = completion;
        places[slot] = NO_PLACE;
        request.slot(slot);
        if (function.present() && function.busMaster()) {
            sendUp(request, function, 0);
        } else {
            request.fail(DmaOutcome.LOST);
            sim.scheduler().after(giveUp, GIVE_UP_PS, this, OP_ANSWERED, slot);
        }
    }

    /** Sends a request over its next link: switch ports first, from the device on, the root port's own link last. */
    private void sendUp(DmaRequest request, PciFunction function, int passed) {
        int payload = request.write() && moves(request) ? request.bytes() : 0;
        if (passed < function.way().size()) {
            function.way().get(passed).up.send(payload, this, OP_UP, at(request, passed + 1));
        } else {
            up.send(payload, this, OP_ARRIVED, request.slot());
        }
    }

    /** Sends an answer over its next link: the root port's own link first, the switch port next to the device last. */
    private void sendDown(DmaRequest request, PciFunction function, int left) {
        int payload = !moves(request) ? Long.BYTES : request.outcome().answersData() ? request.bytes() : 0;
        LinkDirection link =
                left == function.way().size() ? down : function.way().get(left).down;
        link.send(payload, this, left == 0 ? OP_ANSWERED : OP_DOWN, at(request, left - 1));
    }

    private static long at(DmaRequest request, int hop) {
        return (long) hop << Integer.SIZE | request.slot();
    }

    @Override
    public void onEvent(int op, long arg) {
        int slot = (int) arg;
        int hop = (int) (arg >> Integer.SIZE);
        DmaRequest request = request(slot);
        switch (op) {
            case OP_UP -> sendUp(request, functions[slot], hop);
            case OP_ARRIVED -> arrived(request);
            case OP_DATA -> moveData(request);
            case OP_DOWN -> sendDown(request, functions[slot], hop);
            case OP_ANSWERED -> answer(request);
            default -> throw new IllegalArgumentException("root port op " + op);
        }
    }

    private DmaRequest request(int slot) {
        DmaRequest request = requests[slot];
        if (request == null) {
            throw new IllegalStateException(name + " slot " + slot + " is free");
        }
        return request;
    }

    LinkDirection upLink() {
        return up;
    }

    LinkDirection downLink() {
        return down;
    }

    /** True if it moves data: a translation request does not. */
    private static boolean moves(DmaRequest request) {
        return request.addressType() != AddressType.TRANSLATION_REQUEST;
    }

    private void arrived(DmaRequest request) {
        Atc atc = functions[request.slot()].atc();
        places[request.slot()] =
                atc != null && request.write() && moves(request) ? atc.link().writeArrived() : NO_PLACE;
        request.enter(Station.FRONT_END, sim.now());
        if (iommu == null) {
            request.translated(DmaOutcome.BYPASS, request.wireAddress(), sim.now());
            completed(request);
        } else {
            iommu.accept(request, this);
        }
    }

    /** The IOMMU is done with a request. */
    @Override
    public void completed(DmaRequest request) {
        if (request.outcome().completed() && moves(request)) {
            request.enter(Station.DATA, sim.now());
            port.access(request.physicalAddress(), request.bytes(), this, OP_DATA, request.slot());
        } else {
            if (request.outcome() == DmaOutcome.RAZ_WI && !request.write()) {
                request.data(0);
            }
            goDown(request);
        }
    }

    private void moveData(DmaRequest request) {
        long address = request.physicalAddress();
        if (!memory.present(address)) {
            request.fail(DmaOutcome.BUS_ERROR);
        } else if (request.write()) {
            writeData(request, address);
        } else {
            request.data(memory.read64(address));
        }
        if (iommu != null) {
            iommu.carriedOut(request);
        }
        goDown(request);
    }

    /** Writes the request's eight data bytes over and over; a real payload of that length. */
    private void writeData(DmaRequest request, long address) {
        long end = address + request.bytes();
        for (long word = address & -8L; word < end; word += 8) {
            if (word >= address && word + 8 <= end) {
                memory.write64(word, request.data());
            } else {
                for (long b = Math.max(word, address); b < Math.min(word + 8, end); b++) {
                    memory.write(b, 1, request.data() >>> 8 * (b & 7) & 0xff);
                }
            }
        }
    }

    private void goDown(DmaRequest request) {
        if (request.write() && moves(request)) {
            answer(request);
        } else {
            request.enter(Station.LINK_DOWN, sim.now());
            PciFunction function = functions[request.slot()];
            sendDown(request, function, function.way().size());
        }
    }

    private void answer(DmaRequest request) {
        int slot = request.slot();
        DmaCompletion completion = completions[slot];
        if (!functions[slot].present()) {
            request.fail(DmaOutcome.LOST);
        }
        requests[slot] = null;
        freeSlots.release(slot);
        Atc atc = functions[slot].atc();
        if (atc != null && places[slot] != NO_PLACE) {
            atc.link().writeFinished(places[slot]);
        }
        if (moves(request)) {
            request.answered(sim.now());
        }
        completion.completed(request);
    }

    private int takeSlot() {
        if (freeSlots.isEmpty()) {
            int old = requests.length;
            requests = Arrays.copyOf(requests, 2 * old);
            functions = Arrays.copyOf(functions, 2 * old);
            completions = Arrays.copyOf(completions, 2 * old);
            places = Arrays.copyOf(places, 2 * old);
            freeSlots.grow(old, 2 * old);
        }
        return freeSlots.take();
    }

    @Override
    public String toString() {
        return name;
    }
}
