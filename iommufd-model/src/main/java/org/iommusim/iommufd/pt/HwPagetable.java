package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.eventq.IopfDomain;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** What a device is attached to: an IOMMU driver's domain as an object ({@code struct iommufd_hw_pagetable}). */
public abstract class HwPagetable extends IommufdObject implements IopfDomain {
    /** The variable of all domains of HWPTs. */
    public static final Variable DOMAIN = Variable.named("iommufd.hwpt.domain");

    private static final Program<Destroy> DESTROY = Program.<Destroy>named("__iommufd_hwpt_destroy")
            .invoke("iommu_domain_free", f -> f.hwpt.freeDomain())
            .branch(
                    "has a fault queue",
                    Footprint.of(DOMAIN, IommufdObject.LIFE),
                    f -> f.hwpt.fault() != null,
                    b -> b.step(
                            "fault users--",
                            ObjectPrograms.USERS.and(DOMAIN),
                            f -> f.hwpt.fault.require().usersDec("__iommufd_hwpt_destroy")))
            .build();

    private final IommuDriver driver;
    private final RefCell<IommuDomain> domain;
    private final boolean pasidCompat;
    private final RefCell<Fault> fault;

    /** Memory for a HWPT without a domain. */
    protected HwPagetable(IommufdCtx ctx, ObjectType type, IommuDriver driver, boolean pasidCompat) {
        super(ctx, type);
        this.driver = driver;
        this.pasidCompat = pasidCompat;
        domain = new RefCell<>(ctx.kernel().world(), DOMAIN, stableId());
        fault = new RefCell<>(ctx.kernel().world(), DOMAIN, stableId() + (1L << 40));
    }

    /** The driver of its domain. */
    public final IommuDriver driver() {
        return driver;
    }

    /** Its domain; {@code null} inside until it was allocated. */
    public final RefCell<IommuDomain> domain() {
        return domain;
    }

    /** {@code hwpt->pasid_compat}: PASIDs may be attached to it, or to a device that is. */
    public final boolean pasidCompat() {
        return pasidCompat;
    }

    /** {@code find_hwpt_paging}: the HWPT below it that holds maps, itself if it does. */
    public abstract HwptPaging findPaging();

    @Override
    public final IommuDomain iommuDomain() {
        touch("hwpt->domain");
        return domain.require();
    }

    @Override
    public final @Nullable Fault fault() {
        touch("hwpt->fault");
        return fault.get();
    }

    /** {@code hwpt->fault} and {@code domain->iopf_handler}: faults of what is attached go there. */
    public final void fault(Fault queue) {
        fault.set(queue);
    }

    /** {@code __iommufd_hwpt_destroy}: what both kinds of HWPTs give back first. */
    final Call<?> destroyCommon() {
        return new Call<>(DESTROY, new Destroy(this));
    }

    private @Nullable Call<?> freeDomain() {
        IommuDomain freed = domain.get();
        return freed == null ? null : driver.domainFree(freed);
    }

    /** Tells of the fault queue that it reports to. */
    final void holdsFault(ReferenceSink sink) {
        Fault queue = fault();
        if (queue != null) {
            sink.users(queue, 1, this + " reports to it");
        }
    }

    /**
     * {@code iommufd_hw_pagetable_put}: drops the reference of a device that was detached. An automatic HWPT goes with its
     * last device. Call with no lock held.
     */
    public abstract Call<?> hwPagetablePut();

    private static final class Destroy extends Frame {
        private final HwPagetable hwpt;

        Destroy(HwPagetable hwpt) {
            super(hwpt.ctx().kernel().world());
            this.hwpt = hwpt;
        }
    }
}
