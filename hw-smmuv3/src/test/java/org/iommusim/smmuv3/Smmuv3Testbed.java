package org.iommusim.smmuv3;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.Simulation;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;

/**
 * An SMMU with memory around it and no software; memory answers after 30 ns. The stream table and the queues have fixed places
 * in it (constants below).
 */
public final class Smmuv3Testbed extends DeviceBed<Smmuv3Device> {
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

    private static final long MEMORY_PS = 30_000;

    private int producer;

    private Smmuv3Testbed(Simulation simulation, String preset, Map<String, Long> overrides) {
        super(simulation, MEMORY_PS, host -> new Smmuv3Provider().createDevice(config(preset, overrides), host));
    }

    private Smmuv3Testbed(String preset, UnaryOperator<IdRegs> change) {
        super(
                Simulation.seeded(1).checks(true).build(),
                MEMORY_PS,
                host -> changed(config(preset, Map.of()), change, host));
    }

    private static IommuConfig config(String preset, Map<String, Long> overrides) {
        return new IommuConfig("smmu0", preset, new TreeMap<>(overrides));
    }

    private static Smmuv3Device changed(IommuConfig config, UnaryOperator<IdRegs> change, IommuHost host) {
        Smmuv3Parameters parameters = new Smmuv3Parameters(config.resolve(new Smmuv3Provider()));
        Identification made = Identification.of(parameters);
        Identification other = new Identification(change.apply(made.ids()), made.gbpa());
        return new Smmuv3Device(config.name(), parameters, other, host);
    }

    /** A testbed with memory of 30 ns. */
    public static Smmuv3Testbed of(String preset) {
        return of(preset, Map.of());
    }

    /** A testbed with some parameters changed. */
    public static Smmuv3Testbed of(String preset, Map<String, Long> overrides) {
        return new Smmuv3Testbed(Simulation.seeded(1).checks(true).build(), preset, overrides);
    }

    /** The same without the stale-use checker. */
    public static Smmuv3Testbed unchecked(String preset, Map<String, Long> overrides) {
        return new Smmuv3Testbed(Simulation.seeded(1).checks(false).build(), preset, overrides);
    }

    /** An SMMU in a simulation that somebody has made. */
    static Smmuv3Testbed in(Simulation simulation, String preset, Map<String, Long> overrides) {
        return new Smmuv3Testbed(simulation, preset, overrides);
    }

    /** A testbed whose SMMU identifies itself otherwise than its parameters say. */
    static Smmuv3Testbed identified(String preset, UnaryOperator<IdRegs> change) {
        return new Smmuv3Testbed(preset, change);
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

    // ---- structures

    /** Writes a stream table entry. */
    public void ste(int sid, long[] words) {
        words(STREAM_TABLE + (long) sid * Ste.BYTES, words);
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
}
