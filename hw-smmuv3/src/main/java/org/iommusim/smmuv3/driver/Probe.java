package org.iommusim.smmuv3.driver;

import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.SmmuVariables;
import org.iommusim.smmuv3.spec.Ste;

/**
 * {@code arm_smmu_device_probe}: reads what the hardware can do, allocates queues and a linear stream table of aborting
 * entries, and brings the SMMU up in the kernel's order. Error: ENODEV without what the driver needs, ENOMEM, ETIMEDOUT
 * if a register is not acknowledged.
 *
 * <p>Queues take one page each, not as many as the hardware allows: nothing here fills more.
 */
final class Probe extends Frame {
    static final Program<Probe> PROGRAM = program();

    private static final int CMDQ_LOG2 = 8;
    private static final int EVTQ_LOG2 = 7;
    /** Requester ids have no more bits. */
    private static final int MOST_SID_BITS = 16;

    private final ArmSmmu smmu;
    private final EventQueue evtq;
    private final IntCell[] idr = new IntCell[8];
    private final IntCell cr0 = count();
    private final IntCell irqCtrl = count();

    private Probe(ArmSmmu smmu, EventQueue evtq) {
        super(smmu.world());
        this.smmu = smmu;
        this.evtq = evtq;
        for (int i = 0; i < idr.length; i++) {
            idr[i] = count();
        }
    }

    static Call<Probe> call(ArmSmmu smmu, EventQueue evtq) {
        return new Call<>(PROGRAM, new Probe(smmu, evtq));
    }

    private static Program<Probe> program() {
        Program.Builder<Probe> p = Program.named("arm_smmu_device_probe");
        hardwareProbe(p);
        structures(p);
        disable(p);
        write32(p, "CR1", Reg.CR1, f -> Probe.cr1());
        write32(p, "CR2", Reg.CR2, f -> Reg.CR2_PTM | Reg.CR2_RECINVSID);
        write64(p, "STRTAB_BASE", Reg.STRTAB_BASE, f -> f.smmu.streamTable() | Reg.STRTAB_BASE_RA);
        write32(
                p,
                "STRTAB_BASE_CFG",
                Reg.STRTAB_BASE_CFG,
                f -> Reg.strtabBaseCfg(Reg.STRTAB_FMT_LINEAR, 0, f.smmu.streamBits()));
        write64(p, "CMDQ_BASE", Reg.CMDQ_BASE, f -> f.smmu.cmdq().baseRegister());
        write32(p, "CMDQ_PROD", Reg.CMDQ_PROD, f -> 0);
        write32(p, "CMDQ_CONS", Reg.CMDQ_CONS, f -> 0);
        enable(p, "CMDQEN", Reg.CR0_CMDQEN);
        p.invoke(
                "CFGI_ALL, CMD_SYNC", f -> f.smmu.cmdq().issue(Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(Cmd.RANGE_ALL)));
        p.when(
                "EL2",
                f -> f.smmu.ids().hyp(),
                q -> q.invoke(
                        "TLBI_EL2_ALL, CMD_SYNC", f -> f.smmu.cmdq().issue(Cmd.tlbi0(Cmd.TLBI_EL2_ALL, 0, 0), 0)));
        p.invoke("TLBI_NSNH_ALL, CMD_SYNC", f -> f.smmu.cmdq().issue(Cmd.tlbi0(Cmd.TLBI_NSNH_ALL, 0, 0), 0));
        write64(p, "EVENTQ_BASE", Reg.EVENTQ_BASE, f -> f.evtq.baseRegister());
        write32(p, "EVENTQ_PROD", Reg.EVENTQ_PROD, f -> 0);
        write32(p, "EVENTQ_CONS", Reg.EVENTQ_CONS, f -> 0);
        enable(p, "EVENTQEN", Reg.CR0_EVENTQEN);
        p.when("ATS", f -> f.smmu.ids().ats(), q -> enable(q, "ATSCHK", Reg.CR0_ATSCHK));
        interrupts(p);
        enable(p, "SMMUEN", Reg.CR0_SMMUEN);
        return p.build();
    }

    // ---- arm_smmu_device_hw_probe -------------------------------------------------------------------------------

    private static void hardwareProbe(Program.Builder<Probe> p) {
        int[] offsets = {Reg.IDR0, Reg.IDR1, Reg.IDR2, Reg.IDR3, Reg.IDR4, Reg.IDR5, Reg.IIDR, Reg.AIDR};
        String[] names = {"IDR0", "IDR1", "IDR2", "IDR3", "IDR4", "IDR5", "IIDR", "AIDR"};
        for (int i = 0; i < offsets.length; i++) {
            int register = i;
            p.step(
                    "read " + names[i],
                    HostCost.MMIO_READ,
                    Touches.MMIO,
                    f -> f.idr[register].set((int) f.smmu.read32(offsets[register])));
        }
        p.attempt("features", HostCost.LOCAL, Footprint.of(Touches.DEVICE_DATA), Probe::features);
    }

    private int features() {
        IdRegs ids = new IdRegs(
                idr[0].get(),
                idr[1].get(),
                idr[2].get(),
                idr[3].get(),
                idr[4].get(),
                idr[5].get(),
                idr[6].get(),
                idr[7].get());
        String missing = missing(ids);
        if (!missing.isEmpty()) {
            smmu.message(missing);
            return Errno.ENODEV;
        }
        smmu.found(ids);
        return 0;
    }

    private static String missing(IdRegs ids) {
        if (!ids.s1p() && !ids.s2p()) {
            return "no translation support!";
        }
        if (!ids.aarch64()) {
            return "AArch64 table format not supported!";
        }
        if (ids.ttendian() == 3) {
            return "unknown/unsupported TT endianness!";
        }
        if (!ids.gran4k()) {
            return "no 4 KiB granule";
        }
        if (ids.queuesPreset() || ids.tablesPreset()) {
            return "embedded implementation not supported";
        }
        return ids.cmdqs() < 2 ? "command queue size too small" : "";
    }

    // ---- arm_smmu_init_structures -------------------------------------------------------------------------------

    private static void structures(Program.Builder<Probe> p) {
        Footprint queue = Touches.PAGES.and(Touches.CMDQ, Touches.EVTQ, Touches.DEVICE_DATA);
        p.attempt("allocate CMDQ", HostCost.ALLOCATE, queue, Probe::allocateCmdq)
                .attempt("allocate EVTQ", HostCost.ALLOCATE, queue, Probe::allocateEvtq)
                .attempt("allocate stream table", HostCost.ALLOCATE, queue, Probe::allocateStreamTable)
                .spend(
                        "price of the stores",
                        f -> (1L << f.smmu.streamBits())
                                * f.smmu.host().simulation().costs().ps(HostCost.TABLE_STORE))
                .step("arm_smmu_init_initial_stes (abort)", HostCost.TABLE_STORE, queue, Probe::initialStes);
    }

    private int allocateCmdq() {
        int log2 = Math.min(smmu.ids().cmdqs(), CMDQ_LOG2);
        long page = smmu.host().pages().allocate(PageOwner.KERNEL);
        if (page < 0) {
            return Errno.ENOMEM;
        }
        smmu.cmdq().allocated(page, log2);
        return 0;
    }

    private int allocateEvtq() {
        int log2 = Math.min(smmu.ids().eventqs(), EVTQ_LOG2);
        long page = smmu.host().pages().allocate(PageOwner.KERNEL);
        if (page < 0) {
            return Errno.ENOMEM;
        }
        evtq.allocated(page, log2);
        return 0;
    }

    private int allocateStreamTable() {
        int bits = Math.min(smmu.ids().sidSize(), MOST_SID_BITS);
        int pages = (int) Math.max(1, ((long) Ste.BYTES << bits) / PhysicalMemory.PAGE_BYTES);
        long table = smmu.tables().allocate(pages);
        if (table == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        smmu.streamTable(table, bits);
        return 0;
    }

    private void initialStes() {
        long abort = Ste.abort()[0];
        for (int sid = 0; sid < 1 << smmu.streamBits(); sid++) {
            smmu.memory().write64(smmu.ste(sid), abort);
        }
    }

    // ---- arm_smmu_device_reset ----------------------------------------------------------------------------------

    private static void disable(Program.Builder<Probe> p) {
        p.step("read CR0", HostCost.MMIO_READ, Touches.MMIO, f -> f.cr0.set((int) f.smmu.read32(Reg.CR0)))
                .when("SMMU currently enabled", f -> (f.cr0.get() & Reg.CR0_SMMUEN) != 0, q -> {
                    write32(q, "GBPA", Reg.GBPA, f -> Reg.GBPA_ABORT | Reg.GBPA_UPDATE);
                    poll(q, "GBPA.UPDATE", f -> (f.smmu.read32(Reg.GBPA) & 0x8000_0000L) == 0 ? 1 : 0);
                })
                .step("nothing enabled", HostCost.FREE, Footprint.LOCAL, f -> f.cr0.set(0));
        write32(p, "CR0 (disable)", Reg.CR0, f -> 0);
        poll(p, "CR0ACK (disable)", f -> f.smmu.read32(Reg.CR0ACK) == 0 ? 1 : 0);
    }

    private static int cr1() {
        return Reg.SH_INNER << Reg.CR1_TABLE_SH_SHIFT
                | Reg.CR1_CACHE_WB << Reg.CR1_TABLE_OC_SHIFT
                | Reg.CR1_CACHE_WB << Reg.CR1_TABLE_IC_SHIFT
                | Reg.SH_INNER << Reg.CR1_QUEUE_SH_SHIFT
                | Reg.CR1_CACHE_WB << Reg.CR1_QUEUE_OC_SHIFT
                | Reg.CR1_CACHE_WB << Reg.CR1_QUEUE_IC_SHIFT;
    }

    private static void enable(Program.Builder<Probe> p, String name, int bit) {
        p.step(name + " on", HostCost.FREE, Footprint.LOCAL, f -> f.cr0.set(f.cr0.get() | bit));
        write32(p, "CR0." + name, Reg.CR0, f -> f.cr0.get());
        poll(p, "CR0ACK." + name, f -> f.smmu.read32(Reg.CR0ACK) == f.cr0.get() ? 1 : 0);
    }

    /** {@code arm_smmu_setup_irqs}. */
    private static void interrupts(Program.Builder<Probe> p) {
        write32(p, "IRQ_CTRL (disable)", Reg.IRQ_CTRL, f -> 0);
        poll(p, "IRQ_CTRLACK (disable)", f -> f.smmu.read32(Reg.IRQ_CTRLACK) == 0 ? 1 : 0);
        // Interrupts are wires here: no MSI addresses.
        write64(p, "GERROR_IRQ_CFG0", Reg.GERROR_IRQ_CFG0, f -> 0);
        write64(p, "EVENTQ_IRQ_CFG0", Reg.EVENTQ_IRQ_CFG0, f -> 0);
        p.step(
                "interrupts on",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> f.irqCtrl.set(Reg.IRQ_CTRL_EVENTQ | Reg.IRQ_CTRL_GERROR));
        write32(p, "IRQ_CTRL", Reg.IRQ_CTRL, f -> f.irqCtrl.get());
        poll(p, "IRQ_CTRLACK", f -> f.smmu.read32(Reg.IRQ_CTRLACK) == f.irqCtrl.get() ? 1 : 0);
    }

    // ---- registers ----------------------------------------------------------------------------------------------

    private static void write32(Program.Builder<Probe> p, String name, int offset, ToIntFunction<Probe> value) {
        write(p, name, f -> f.smmu.write32(offset, value.applyAsInt(f)));
    }

    private static void write64(Program.Builder<Probe> p, String name, int offset, ToLongFunction<Probe> value) {
        write(p, name, f -> f.smmu.write64(offset, value.applyAsLong(f)));
    }

    private static void write(Program.Builder<Probe> p, String name, Consumer<Probe> body) {
        Footprint touched = Footprint.of(SmmuVariables.REGISTER, Touches.DEVICE_DATA, Touches.CMDQ, Touches.EVTQ);
        p.step("write " + name, HostCost.MMIO_WRITE, touched, body);
    }

    private static void poll(Program.Builder<Probe> p, String name, ToIntFunction<Probe> done) {
        p.await(
                "poll " + name,
                Touches.MMIO,
                f -> f.smmu.device().changed(),
                WaitQueue.Sleep.UNINTERRUPTIBLE,
                f -> done.applyAsInt(f) != 0,
                f -> ArmSmmu.POLL_TIMEOUT_PS,
                f -> Errno.ETIMEDOUT);
    }
}
