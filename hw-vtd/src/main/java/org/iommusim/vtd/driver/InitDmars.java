package org.iommusim.vtd.driver;

import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.VtdVariables;

/**
 * {@code init_dmars} and {@code alloc_iommu}: reads what the unit can do and brings it up in the kernel's order: queued
 * invalidation before the root table, because setting the root must be followed by invalidations; then page requests, the
 * fault interrupt, and translation last. Errors: ENODEV without what the driver needs, ENOMEM, ETIMEDOUT.
 *
 * <p>The root table is empty at first: what has no entry is blocked.
 */
final class InitDmars extends Frame {
    static final Program<InitDmars> PROGRAM = program();

    /** Where event messages go; the vector does not matter here. */
    private static final int MESSAGE_ADDRESS = 0xfee0_0000;

    private final IntelIommu iommu;
    private final LongCell cap = num();
    private final LongCell ecap = num();

    private InitDmars(IntelIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
    }

    static Call<?> call(IntelIommu iommu) {
        return new Call<>(PROGRAM, new InitDmars(iommu));
    }

    IntelIommu iommu() {
        return iommu;
    }

    private static Program<InitDmars> program() {
        Program.Builder<InitDmars> p = Program.named("init_dmars");
        p.step("read CAP", HostCost.MMIO_READ, Touches.MMIO, f -> f.cap.set(f.iommu.read64(Reg.CAP)))
                .step("read ECAP", HostCost.MMIO_READ, Touches.MMIO, f -> f.ecap.set(f.iommu.read64(Reg.ECAP)))
                .attempt("alloc_iommu", HostCost.LOCAL, Footprint.of(Touches.UNIT), InitDmars::features);
        queue(p);
        p.branch(
                "translation left on",
                Touches.MMIO,
                f -> (f.iommu.read32(Reg.GSTS) & Reg.TE) != 0,
                q -> GlobalCommand.clear(q, "TE", Reg.TE));
        p.attempt("iommu_alloc_root_entry", HostCost.ALLOCATE, Touches.PAGES, InitDmars::allocateRoot);
        root(p);
        p.when("page requests", f -> f.iommu.pageRequests(), InitDmars::requests);
        event(p, "FE", Reg.FECTL);
        GlobalCommand.set(p, "TE", Reg.TE);
        p.when("protected memory", f -> f.iommu.cap().plmr() || f.iommu.cap().phmr(), q -> {
            write32(q, "PMEN=0", Reg.PMEN, f -> 0);
            GlobalCommand.poll(q, "PMEN.PRS=0", f -> (f.iommu.read32(Reg.PMEN) & Reg.PMEN_PRS) == 0);
        });
        return p.build();
    }

    private int features() {
        Cap found = new Cap(cap.get(), ecap.get());
        String missing = missing(found);
        if (!missing.isEmpty()) {
            iommu.message(missing);
            return Errno.ENODEV;
        }
        iommu.found(found);
        return 0;
    }

    private static String missing(Cap found) {
        if (!found.qi()) {
            return "no queued invalidation";
        }
        boolean second = found.smts() ? found.ssts() : true;
        if (SsFormat.levels(found) == 0 && (second || !found.fsts())) {
            return "Cannot get a valid agaw";
        }
        return "";
    }

    /** {@code intel_iommu_init_qi}. */
    private static void queue(Program.Builder<InitDmars> p) {
        p.invoke("dmar_fault: clear what firmware left", f -> FaultThread.call(f.iommu));
        p.branch("QI left on", Touches.MMIO, f -> (f.iommu.read32(Reg.GSTS) & Reg.QIE) != 0, q -> {
            GlobalCommand.poll(q, "IQH=IQT", f -> f.iommu.read64(Reg.IQH) == f.iommu.read64(Reg.IQT));
            GlobalCommand.clear(q, "QIE", Reg.QIE);
        });
        p.attempt(
                "dmar_enable_qi",
                HostCost.ALLOCATE,
                Touches.PAGES.and(Touches.QI),
                f -> f.iommu.qi().allocate() ? 0 : Errno.ENOMEM);
        write64(p, "IQT=0", Reg.IQT, f -> 0);
        write64(p, "IQA", Reg.IQA, f -> f.iommu.qi().baseRegister());
        GlobalCommand.set(p, "QIE", Reg.QIE);
    }

    private int allocateRoot() {
        long table = iommu.tables().allocate(1);
        if (table == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        iommu.rootTable(table);
        return 0;
    }

    /** {@code iommu_set_root_entry}. */
    private static void root(Program.Builder<InitDmars> p) {
        p.invoke("iommu_flush_write_buffer", f -> FlushNotPresent.writeBuffer(f.iommu));
        write64(p, "RTADDR", Reg.RTADDR, f -> f.iommu.rootTable() | f.mode());
        GlobalCommand.set(p, "SRTP", Reg.SRTP);
        p.when(
                "SRTP does not invalidate",
                f -> !f.iommu.cap().esrtps(),
                q -> q.invokeIgnoringError(
                                "flush_context global",
                                f -> f.iommu.qi().submit(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0))
                        .when(
                                "scalable",
                                f -> f.iommu.scalable(),
                                r -> r.invokeIgnoringError(
                                        "qi_flush_pasid_cache global",
                                        f -> f.iommu.qi().submit(Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0), 0)))
                        .invokeIgnoringError(
                                "flush_iotlb global",
                                f -> f.iommu.qi().submit(Flushes.iotlb(f.iommu, Inv.G_IOTLB_GLOBAL, 0), 0)));
    }

    private long mode() {
        return (long) (iommu.scalable() ? Reg.TTM_SCALABLE : Reg.TTM_LEGACY) << Reg.RTADDR_TTM_SHIFT;
    }

    /** {@code intel_iommu_enable_prq}. */
    private static void requests(Program.Builder<InitDmars> p) {
        p.attempt(
                "allocate the page request queue",
                HostCost.ALLOCATE,
                Touches.PAGES.and(Touches.PRQ),
                f -> f.iommu.requests().allocate() ? 0 : Errno.ENOMEM);
        write64(p, "PQH=0", Reg.PQH, f -> 0);
        write64(p, "PQT=0", Reg.PQT, f -> 0);
        write64(p, "PQA", Reg.PQA, f -> f.iommu.requests().baseRegister());
        event(p, "PE", Reg.PECTL);
    }

    /** {@code dmar_msi_write} and {@code dmar_msi_unmask}. */
    private static void event(Program.Builder<InitDmars> p, String name, int control) {
        write32(p, name + "DATA", control + Reg.EVENT_DATA, f -> 0);
        write32(p, name + "ADDR", control + Reg.EVENT_ADDR, f -> MESSAGE_ADDRESS);
        write32(p, name + "UADDR", control + Reg.EVENT_UADDR, f -> 0);
        write32(p, name + "CTL (unmask)", control, f -> 0);
    }

    private static void write32(Program.Builder<InitDmars> p, String name, int offset, ToIntFunction<InitDmars> value) {
        p.step("write " + name, HostCost.MMIO_WRITE, written(), f -> f.iommu.write32(offset, value.applyAsInt(f)));
    }

    private static void write64(
            Program.Builder<InitDmars> p, String name, int offset, ToLongFunction<InitDmars> value) {
        p.step("write " + name, HostCost.MMIO_WRITE, written(), f -> f.iommu.write64(offset, value.applyAsLong(f)));
    }

    private static Footprint written() {
        return Footprint.of(VtdVariables.REGISTER, Touches.UNIT, Touches.QI, Touches.PRQ);
    }
}
