package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.provider.IommuConfig;
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
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/**
 * An SMMU with memory around it and no software: tests and benchmarks play the driver and the devices. Memory is 1 GiB
 * from address 0 without owners; the stream table, queues and structures have fixed places in it (constants below), and
 * everything from {@link #FREE} on is the user's.
 *
 * <p>To measure: set up, {@link #enable}, then {@code device.accept(request, completion)}, {@code
 * device.carriedOut(request)} in the completion, and step the scheduler.
 */
public final class Smmuv3Testbed implements DmaCompletion, EventHandler {
    /** Where the stream table lies: linear, 2^{@link #LOG2_STREAMS} entries. */
    public static final long STREAM_TABLE = 0x10_0000;
    /** log2 of the number of streams. */
    public static final int LOG2_STREAMS = 8;
    /** Where the command queue lies. */
    public static final long COMMANDS = 0x20_0000;
    /** log2 of its size. */
    public static final int LOG2_COMMANDS = 4;
    /** Where the event queue lies. */
    public static final long EVENTS = 0x21_0000;
    /** log2 of its size. */
    public static final int LOG2_EVENTS = 3;
    /** Where the users' structures begin. */
    public static final long FREE = 0x100_0000;
    /** End of memory. */
    public static final long END = 1L << 30;

    public final Simulation sim;
    public final PhysicalMemory memory;
    public final MemoryPort port;
    public final Smmuv3Device device;
    /** Requests that are done, in order. */
    public final List<DmaRequest> done = new ArrayList<>();
    /** Sources of the interrupts so far. */
    public final List<String> interrupts = new ArrayList<>();

    private int producer;
    private long nextRequest;
    /** How long an access to data takes after the translation, ps; 0: it happens at once. */
    public long dataPs;

    private Smmuv3Testbed(String preset, Map<String, Long> overrides, long memoryPs, boolean checks) {
        this(preset, overrides, memoryPs, checks, null);
    }

    private Smmuv3Testbed(
            String preset,
            Map<String, Long> overrides,
            long memoryPs,
            boolean checks,
            @Nullable UnaryOperator<IdRegs> change) {
        sim = Simulation.seeded(1).checks(checks).build();
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        dataLane = sim.scheduler().newLane("data", Phase.HARDWARE);
        memory.addRam(0, END, PageOwner.UNTRACKED);
        memory.addRam(END, 0x20_0000, PageOwner.FREE);
        port = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(memoryPs));
        PageAllocator pages = new PageAllocator(sim.world(), memory, new MemoryRange(END, 0x20_0000));
        IommuHost host = new IommuHost(sim, memory, port, pages);
        IommuConfig config = new IommuConfig("smmu0", preset, new TreeMap<>(overrides));
        device = change == null ? new Smmuv3Provider().createDevice(config, host) : changed(config, change, host);
        device.connectInterrupts(interrupts::add);
    }

    private static Smmuv3Device changed(IommuConfig config, UnaryOperator<IdRegs> change, IommuHost host) {
        Smmuv3Parameters parameters = new Smmuv3Parameters(config.resolve(new Smmuv3Provider()));
        Identification made = Identification.of(parameters);
        Identification other = new Identification(change.apply(made.ids()), made.gbpa());
        return new Smmuv3Device(config.name(), parameters, other, host);
    }

    /** A testbed with memory of 30 ns. */
    public static Smmuv3Testbed of(String preset) {
        return new Smmuv3Testbed(preset, Map.of(), 30_000, true);
    }

    /** A testbed with some parameters changed. */
    public static Smmuv3Testbed of(String preset, Map<String, Long> overrides) {
        return new Smmuv3Testbed(preset, overrides, 30_000, true);
    }

    /** The same without the stale-use checker. */
    public static Smmuv3Testbed unchecked(String preset, Map<String, Long> overrides) {
        return new Smmuv3Testbed(preset, overrides, 30_000, false);
    }

    /** A testbed whose SMMU identifies itself otherwise than its parameters say. */
    static Smmuv3Testbed identified(String preset, UnaryOperator<IdRegs> change) {
        return new Smmuv3Testbed(preset, Map.of(), 30_000, true, change);
    }

    /** Programs queues, stream table and interrupts, and enables everything; returns this. */
    public Smmuv3Testbed enable() {
        write64(Reg.CMDQ_BASE, COMMANDS | LOG2_COMMANDS);
        write64(Reg.EVENTQ_BASE, EVENTS | LOG2_EVENTS);
        write64(Reg.STRTAB_BASE, STREAM_TABLE);
        write(Reg.STRTAB_BASE_CFG, LOG2_STREAMS);
        write(Reg.CR2, Reg.CR2_RECINVSID);
        write(Reg.IRQ_CTRL, Reg.IRQ_CTRL_EVENTQ | Reg.IRQ_CTRL_GERROR);
        write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN);
        sim.scheduler().run();
        return this;
    }

    public void write(int register, int value) {
        device.mmioWrite(register, 4, value);
    }

    public void write64(int register, long value) {
        device.mmioWrite(register, 8, value);
    }

    public int read(int register) {
        return (int) device.mmioRead(register, 4);
    }

    // ---- structures

    /** Writes a stream table entry. */
    public void ste(int sid, long[] words) {
        words(STREAM_TABLE + (long) sid * Ste.BYTES, words);
    }

    /** Writes words to memory. */
    public void words(long address, long[] words) {
        for (int i = 0; i < words.length; i++) {
            memory.write64(address + 8L * i, words[i]);
        }
    }

    /** An STE with stage 1 only. */
    public static long[] stage1Ste(long cd, int vmid) {
        long[] ste = Ste.valid(Ste.S1);
        Ste.S1CONTEXTPTR.putInPlace(ste, cd);
        Ste.S2VMID.put(ste, vmid);
        Ste.SHCFG.put(ste, Ste.SHCFG_INCOMING);
        return ste;
    }

    /** An STE with stage 2 only: 48 bits, 4 KiB, from level 0; faults are recorded. */
    public static long[] stage2Ste(long root, int vmid) {
        long[] ste = Ste.valid(Ste.S2);
        Ste.S2VMID.put(ste, vmid);
        Ste.S2T0SZ.put(ste, 16);
        Ste.S2SL0.put(ste, 2);
        Ste.S2TG.put(ste, Cd.TG0_4K);
        Ste.S2PS.put(ste, IdRegs.addressCode(48));
        Ste.S2AA64.put(ste, 1);
        Ste.S2R.put(ste, 1);
        Ste.S2TTB.putInPlace(ste, root);
        return ste;
    }

    /** An STE with stage 1 over stage 2. */
    public static long[] nestedSte(long cdIpa, long root2, int vmid) {
        long[] ste = stage2Ste(root2, vmid);
        Ste.CONFIG.put(ste, Ste.NESTED);
        Ste.S1CONTEXTPTR.putInPlace(ste, cdIpa);
        return ste;
    }

    /** A CD: lower half of 48 bits, 4 KiB; faults are recorded. */
    public static long[] cd(long root, int asid) {
        long[] cd = new long[Cd.WORDS];
        Cd.V.put(cd, 1);
        Cd.AA64.put(cd, 1);
        Cd.T0SZ.put(cd, 16);
        Cd.TG0.put(cd, Cd.TG0_4K);
        Cd.EPD1.put(cd, 1);
        Cd.IPS.put(cd, IdRegs.addressCode(48));
        Cd.R.put(cd, 1);
        Cd.A.put(cd, 1);
        Cd.ASID.put(cd, asid);
        Cd.TTB0.putInPlace(cd, root);
        Cd.MAIR.put(cd, 0xff);
        return cd;
    }

    // ---- commands and events

    /** Puts a command into the queue without telling the SMMU; returns its index, wrap bit included. */
    public int put(long w0, long w1) {
        long at = COMMANDS + ((long) (producer & (1 << LOG2_COMMANDS) - 1) << Cmd.SHIFT);
        memory.write64(at, w0);
        memory.write64(at + 8, w1);
        int index = producer;
        producer = producer + 1 & (1 << LOG2_COMMANDS + 1) - 1;
        return index;
    }

    /** Tells the SMMU of all commands so far. */
    public void ring() {
        write(Reg.CMDQ_PROD, producer);
    }

    /** Has a command and a CMD_SYNC carried out. */
    public void command(long w0, long w1) {
        put(w0, w1);
        put(Cmd.sync0(Cmd.CS_NONE), 0);
        ring();
        sim.scheduler().run();
    }

    /** True if the command queue has consumed everything. */
    public boolean consumed() {
        return (read(Reg.CMDQ_CONS) & Reg.Q_INDEX) == producer;
    }

    /** A word of the {@code number}th record of the event queue's memory. */
    public long event(int number, int word) {
        return memory.read64(EVENTS + 32L * number + 8L * word);
    }

    /** Number of event records written and not taken. */
    public int events() {
        return (read(Reg.EVENTQ_PROD) - read(Reg.EVENTQ_CONS)) & (1 << LOG2_EVENTS + 1) - 1;
    }

    // ---- DMA

    /** A request of 8 bytes that has arrived at the SMMU. */
    public DmaRequest request(int sid, int pasid, long iova, boolean isWrite) {
        DmaRequest request = new DmaRequest();
        request.begin(nextRequest++, sid, pasid, iova, 8, isWrite, sim.now());
        request.issued(sim.now());
        request.enter(Station.FRONT_END, sim.now());
        return request;
    }

    /** Hands a request to the SMMU. */
    public DmaRequest issue(DmaRequest request) {
        device.accept(request, this);
        return request;
    }

    /** Issues a read and runs until nothing is pending. */
    public DmaRequest dmaRead(int sid, long iova) {
        DmaRequest request = issue(request(sid, DmaRequest.NO_PASID, iova, false));
        sim.scheduler().run();
        return request;
    }

    /** Issues a write and runs until nothing is pending. */
    public DmaRequest dmaWrite(int sid, long iova) {
        DmaRequest request = issue(request(sid, DmaRequest.NO_PASID, iova, true));
        sim.scheduler().run();
        return request;
    }

    @Override
    public void completed(DmaRequest request) {
        if (!request.outcome().completed()) {
            answer(request);
            return;
        }
        request.enter(Station.DATA, sim.now());
        if (dataPs == 0) {
            carryOut(request);
        } else {
            request.slot(done.size());
            pending = request;
            sim.scheduler().after(dataLane, dataPs, this, 0, 0);
        }
    }

    private final Lane dataLane;
    private DmaRequest pending;

    @Override
    public void onEvent(int op, long arg) {
        carryOut(pending);
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
