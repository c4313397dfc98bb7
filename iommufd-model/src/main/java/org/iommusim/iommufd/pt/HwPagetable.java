package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/** What a device is attached to: an IOMMU driver's domain as an object ({@code struct iommufd_hw_pagetable}). */
public abstract class HwPagetable extends IommufdObject {
    /** The variable of all domains of HWPTs. */
    public static final Variable DOMAIN = Variable.named("iommufd.hwpt.domain");

    private final IommuDriver driver;
    private final RefCell<IommuDomain> domain;

    /** Memory for a HWPT without a domain. */
    protected HwPagetable(IommufdCtx ctx, ObjectType type, IommuDriver driver) {
        super(ctx, type);
        this.driver = driver;
        domain = new RefCell<>(ctx.kernel().world(), DOMAIN, stableId());
    }

    /** The driver of its domain. */
    public final IommuDriver driver() {
        return driver;
    }

    /** Its domain; {@code null} inside until it was allocated. */
    public final RefCell<IommuDomain> domain() {
        return domain;
    }

    /**
     * {@code iommufd_hw_pagetable_put}: drops the reference of a device that was detached. An automatic HWPT goes with its
     * last device. Call with no lock held.
     */
    public abstract Call<?> hwPagetablePut();
}
