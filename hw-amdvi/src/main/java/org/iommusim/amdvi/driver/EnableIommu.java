package org.iommusim.amdvi.driver;

import java.util.List;
import java.util.function.ToLongFunction;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;

/**
 * {@code early_enable_iommu}, {@code enable_iommus_v2} and what comes before them: reads what the unit can do and brings it up
 * in the kernel's order: what somebody has left on goes off, device table and command buffer come before translation, then
 * everything is invalidated; logs last. Errors: ENODEV without what the driver needs, ENOMEM.
 *
 * <p>Every entry of the device table is valid from the beginning and allows nothing: without V everything would pass.
 */
final class EnableIommu extends Frame {
    /** {@code iommu_disable}. */
    private static final List<BitField> DISABLE_ORDER = List.of(
            Control.CMD_BUF_EN,
            Control.EVENT_INT_EN,
            Control.EVENT_LOG_EN,
            Control.GA_LOG_EN,
            Control.GA_INT_EN,
            Control.PPR_LOG_EN,
            Control.PPR_INT_EN,
            Control.IOMMU_EN,
            Control.IRT_CACHE_DIS);

    static final Program<EnableIommu> PROGRAM = program();

    /** Entries of the device table: one for each device id. */
    private static final int DEVICES = 1 << 16;

    private static final int TABLE_PAGES = DEVICES * Dte.BYTES / 0x1000;
    /** CTRL_INV_TO_1S. */
    private static final int INV_TIMEOUT_1S = 4;

    private final AmdIommu iommu;
    private final LongCell efr = num();
    private final LongCell efr2 = num();

    private EnableIommu(AmdIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
    }

    static Call<?> call(AmdIommu iommu) {
        return new Call<>(PROGRAM, new EnableIommu(iommu));
    }

    private static Program<EnableIommu> program() {
        Program.Builder<EnableIommu> p = Program.named("early_enable_iommu");
        p.step("read EFR", HostCost.MMIO_READ, Touches.MMIO, f -> f.efr.set(f.iommu.read64(Reg.EFR)))
                .step("read EFR2", HostCost.MMIO_READ, Touches.MMIO, f -> f.efr2.set(f.iommu.read64(Reg.EFR2)))
                .attempt("iommu_init_pci", HostCost.LOCAL, Footprint.of(Touches.UNIT), EnableIommu::features)
                .attempt("alloc_dev_table", HostCost.ALLOCATE, Touches.PAGES, EnableIommu::allocateTable)
                .attempt("alloc_command_buffer", HostCost.ALLOCATE, Touches.PAGES, EnableIommu::allocateCommands)
                .attempt(
                        "alloc_event_buffer, alloc_ppr_log",
                        HostCost.ALLOCATE,
                        Touches.PAGES.and(Touches.LOGS),
                        EnableIommu::allocateLogs);
        DISABLE_ORDER.forEach(bit -> clear(p, "iommu_disable: " + bit.name() + "=0", bit));
        write(p, "iommu_init_flags", Reg.CONTROL, EnableIommu::flags);
        write(p, "iommu_set_device_table", Reg.DEV_TAB_BASE, EnableIommu::deviceTable);
        write(p, "CmdBufBase", Reg.CMD_BUF_BASE, f -> f.iommu.commands().baseRegister());
        write(p, "CmdHead=0", Reg.CMD_HEAD, f -> 0);
        write(p, "CmdTail=0", Reg.CMD_TAIL, f -> 0);
        set(p, "CmdBufEn", Control.CMD_BUF_EN);
        p.when("guest tables", f -> f.iommu.efr().gt(), q -> set(q, "GTEn", Control.GT_EN));
        p.when("GCR3TRPMode", f -> f.iommu.efr().gcr3Trp(), q -> set(q, "GCR3TRPMode", Control.GCR3_TRP_MODE));
        set(p, "IommuEn", Control.IOMMU_EN);
        p.invoke("amd_iommu_flush_all_caches", EnableIommu::flushAll);
        write(p, "EvtLogBase", Reg.EVT_LOG_BASE, f -> f.iommu.events().baseRegister());
        write(p, "EvtHead=0", Reg.EVT_HEAD, f -> 0);
        write(p, "EvtTail=0", Reg.EVT_TAIL, f -> 0);
        set(p, "EventLogEn", Control.EVENT_LOG_EN);
        p.when("page requests", f -> f.iommu.pageRequests(), EnableIommu::requests);
        set(p, "EventIntEn", Control.EVENT_INT_EN);
        return p.build();
    }

    private static void requests(Program.Builder<EnableIommu> p) {
        write(p, "PPRLogBase", Reg.PPR_LOG_BASE, f -> f.iommu.requests().baseRegister());
        write(p, "PPRHead=0", Reg.PPR_HEAD, f -> 0);
        write(p, "PPRTail=0", Reg.PPR_TAIL, f -> 0);
        set(p, "PPRLogEn", Control.PPR_LOG_EN);
        set(p, "PPREn", Control.PPR_EN);
        set(p, "PPRIntEn", Control.PPR_INT_EN);
    }

    private int features() {
        iommu.found(new Efr(efr.get(), efr2.get()));
        if (iommu.hostLevels() == 0 && !iommu.guestTables()) {
            iommu.message("neither host nor guest tables");
            return Errno.ENODEV;
        }
        return 0;
    }

    private int allocateTable() {
        long table = iommu.tables().allocate(TABLE_PAGES);
        if (table == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        iommu.deviceTable(table);
        for (int id = 0; id < DEVICES; id++) {
            iommu.memory().write64(iommu.dte(id), Dte.V.mask() | Dte.TV.mask());
        }
        return 0;
    }

    private int allocateCommands() {
        return iommu.commands().allocate() ? 0 : Errno.ENOMEM;
    }

    private int allocateLogs() {
        boolean requests = !iommu.pageRequests() || iommu.requests().allocate();
        return requests && iommu.events().allocate() ? 0 : Errno.ENOMEM;
    }

    private long flags() {
        long enhanced = iommu.efr().eph() ? Control.EPH_EN.mask() : 0;
        return Control.INV_TIMEOUT.with(Control.COHERENT.mask(), INV_TIMEOUT_1S) | enhanced;
    }

    private long deviceTable() {
        return Reg.DEV_TAB_SIZE.with(iommu.deviceTable(), TABLE_PAGES - 1);
    }

    private Call<?> flushAll() {
        return IssueCommands.call(IssueCommands.FLUSH_ALL, iommu, () -> {
            EntryList list = new EntryList();
            if (iommu.efr().ia()) {
                return list.add(Cmd.invalidateIommuAll0(), 0);
            }
            // The kernel goes through all ids; here nothing was translated before.
            Flushes.addPages(list, AmdIommu.IDENTITY_DOMAIN, Flushes.NOT_GUEST, null);
            return list;
        });
    }

    private static void clear(Program.Builder<EnableIommu> p, String name, BitField bit) {
        write(p, name, Reg.CONTROL, f -> f.iommu.read64(Reg.CONTROL) & ~bit.mask());
    }

    private static void set(Program.Builder<EnableIommu> p, String name, BitField bit) {
        write(p, name + "=1", Reg.CONTROL, f -> f.iommu.read64(Reg.CONTROL) | bit.mask());
    }

    private static void write(
            Program.Builder<EnableIommu> p, String name, int offset, ToLongFunction<EnableIommu> value) {
        p.step(
                name,
                HostCost.MMIO_WRITE,
                Touches.QUEUE.and(Touches.LOGS),
                f -> f.iommu.write64(offset, value.applyAsLong(f)));
    }
}
