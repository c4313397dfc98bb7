package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.hw.kernel.NothingToDo;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct amd_iommu_viommu}: one guest's IOMMU over one nesting parent. The guest gives its own domain ids; the same id
 * of two guests must not be the same tag in hardware, and the same id of one guest must be, so the vIOMMU keeps which host
 * domain id stands for which of the guest's. In Linux 7.3 nested domains can be made with the code that is there, but nothing
 * calls it: it has no vDEVICEs and carries out no invalidations. Both are here: a vDEVICE's virtual id is the guest's device
 * id, and so the index into the guest's device table.
 */
final class AmdViommu implements VirtualIommu, Identified {
    /** The type that this model gives it; far from those that the kernel has given out. */
    static final int TYPE = 0x1022;

    /** A device id has 16 bits. */
    private static final int DEVICE_ID_BITS = 16;

    private static final Footprint LIST = Footprint.of(Touches.DOMAIN);
    private static final Program<InitFrame> INIT = Program.<InitFrame>named("amd_iommufd_viommu_init")
            .check("type, nesting", Footprint.of(Touches.UNIT), InitFrame::supported, Errno.EOPNOTSUPP)
            .check("parent of this unit", InitFrame::parentFits, Errno.EINVAL)
            .lock("domain->lock", f -> ((AmdPaging) f.parent).lock)
            .step("list_add(&pdom->viommu_list)", HostCost.ATOMIC, LIST, InitFrame::make)
            .build();
    private static final Program<DestroyFrame> DESTROY = Program.<DestroyFrame>named("amd_iommufd_viommu_destroy")
            .lock("domain->lock", f -> f.viommu.parent.lock)
            .step("list_del(&aviommu->pdom_list)", HostCost.ATOMIC, LIST, f -> f.viommu.unlist())
            .build();
    private static final Program<DeviceFrame> VDEVICE_INIT = Program.<DeviceFrame>named("amd_viommu_vdevice_init")
            .check("device of this unit, virtual device id", DeviceFrame::fits, Errno.EINVAL)
            .build();

    private final AmdIommu iommu;
    private final AmdPaging parent;
    private final ViommuCore core;
    private final long id;
    private final RefCell<AmdViommu> next;

    /** {@code gdomid_array}. */
    final RefCell<GuestDomainId> guestIds;
    /** Its {@code xa_lock}. */
    final Lock guestIdsLock;

    private AmdViommu(AmdIommu iommu, AmdPaging parent, ViommuCore core) {
        this.iommu = iommu;
        this.parent = parent;
        this.core = core;
        id = iommu.world().nextInstance();
        next = new RefCell<>(iommu.world(), Touches.DOMAIN, id);
        guestIds = new RefCell<>(iommu.world(), Touches.GDOMIDS, id);
        guestIdsLock = new Lock(iommu.world(), iommu.name() + " xa_lock(gdomid_array)", Lock.Kind.SPIN);
    }

    /** Makes one. Errors: EOPNOTSUPP (type), EINVAL (parent). */
    static Call<?> init(AmdIommu iommu, IommuDomain parent, int type, ViommuCore core, RefCell<VirtualIommu> result) {
        return new Call<>(INIT, new InitFrame(iommu, parent, type, core, result));
    }

    AmdIommu iommu() {
        return iommu;
    }

    AmdPaging parent() {
        return parent;
    }

    ViommuCore core() {
        return core;
    }

    /** The next one over the same parent. */
    @Nullable
    AmdViommu next() {
        return next.get();
    }

    private void unlist() {
        RefCell<AmdViommu> link = parent.viommus();
        while (link.require() != this) {
            link = link.require().next;
        }
        link.set(next.get());
    }

    /**
     * {@code iommu_flush_pages_v1_hdom_ids}: host tables under nested translations have changed, which are tagged with the host
     * domain ids of the guest's.
     */
    void addFlushes(EntryList list, Gather.@Nullable Range ranges) {
        for (GuestDomainId g = guestIds.get(); g != null; g = g.next()) {
            Flushes.addPages(list, g.hostId(), Flushes.NOT_GUEST, ranges);
        }
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new DestroyFrame(this));
    }

    @Override
    public Call<?> allocDomainNested(int flags, UserData data, RefCell<IommuDomain> result) {
        return NestedDomain.alloc(this, flags, data, result);
    }

    @Override
    public Call<?> vdeviceInit(IommuMaster master, long virtualId) {
        return new Call<>(VDEVICE_INIT, new DeviceFrame(this, master, virtualId));
    }

    @Override
    public Call<?> vdeviceDestroy(IommuMaster master, long virtualId) {
        return NothingToDo.call(iommu.world());
    }

    @Override
    public Call<?> cacheInvalidate(UserDataArray array, IntCell done) {
        return NestedInvalidate.call(this, array, done);
    }

    @Override
    public long stableId() {
        return id;
    }

    /** Frame of {@link #init}. */
    private static final class InitFrame extends Frame {
        final AmdIommu iommu;
        final IommuDomain parent;
        final int type;
        final ViommuCore core;
        final RefCell<VirtualIommu> result;

        InitFrame(AmdIommu iommu, IommuDomain parent, int type, ViommuCore core, RefCell<VirtualIommu> result) {
            super(iommu.world());
            this.iommu = iommu;
            this.parent = parent;
            this.type = type;
            this.core = core;
            this.result = result;
        }

        boolean supported() {
            return type == TYPE && iommu.nesting();
        }

        boolean parentFits() {
            return parent instanceof AmdPaging ours && ours.iommu() == iommu && ours.nestParent();
        }

        void make() {
            AmdPaging over = (AmdPaging) parent;
            AmdViommu made = new AmdViommu(iommu, over, core);
            made.next.set(over.viommus().get());
            over.viommus().set(made);
            result.set(made);
        }
    }

    /** Frame of {@link #destroy}. */
    private static final class DestroyFrame extends Frame {
        final AmdViommu viommu;

        DestroyFrame(AmdViommu viommu) {
            super(viommu.iommu.world());
            this.viommu = viommu;
        }
    }

    /** Frame of {@link #vdeviceInit}. */
    private static final class DeviceFrame extends Frame {
        final AmdViommu viommu;
        final IommuMaster master;
        final long virtualId;

        DeviceFrame(AmdViommu viommu, IommuMaster master, long virtualId) {
            super(viommu.iommu.world());
            this.viommu = viommu;
            this.master = master;
            this.virtualId = virtualId;
        }

        boolean fits() {
            return master instanceof DevData ours && ours.iommu() == viommu.iommu && virtualId >>> DEVICE_ID_BITS == 0;
        }
    }
}
