package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.hw.kernel.NothingToDo;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * One guest's VT-d over one nesting parent. No kernel has such a vIOMMU: nesting is done there on the parent itself, which
 * works here as well. It exists so that the object model can be looked at with this hardware: a vDEVICE's virtual id is the
 * source id under which the guest knows the device, and so the index into the guest's root and context tables.
 */
final class VtdViommu implements VirtualIommu, Identified {
    /** The type that this model gives it; far from those that the kernel has given out. */
    static final int TYPE = 0x8086;

    /** A source id has 16 bits. */
    private static final int SID_BITS = 16;

    private static final Program<InitFrame> INIT = Program.<InitFrame>named("vtd_viommu_init")
            .check("type, nested_supported", Footprint.of(Touches.UNIT), InitFrame::supported, Errno.EOPNOTSUPP)
            .check("parent of this unit", InitFrame::parentFits, Errno.EINVAL)
            .step("init", HostCost.LOCAL, Footprint.LOCAL, InitFrame::make)
            .build();
    private static final Program<DeviceFrame> VDEVICE_INIT = Program.<DeviceFrame>named("vtd_viommu_vdevice_init")
            .check("device of this unit, virtual source id", DeviceFrame::fits, Errno.EINVAL)
            .build();

    private final IntelIommu iommu;
    private final DmarPaging parent;
    private final ViommuCore core;
    private final long id;
    private final RefCell<Nested> nested;

    private VtdViommu(IntelIommu iommu, DmarPaging parent, ViommuCore core) {
        this.iommu = iommu;
        this.parent = parent;
        this.core = core;
        id = iommu.world().nextInstance();
        nested = new RefCell<>(iommu.world(), Touches.DOMAIN, id);
    }

    /** Makes one. Errors: EOPNOTSUPP (type), EINVAL (parent). */
    static Call<?> init(IntelIommu iommu, IommuDomain parent, int type, ViommuCore core, RefCell<VirtualIommu> result) {
        return new Call<>(INIT, new InitFrame(iommu, parent, type, core, result));
    }

    IntelIommu iommu() {
        return iommu;
    }

    ViommuCore core() {
        return core;
    }

    /** Nested domains that were made on it. */
    RefCell<Nested> nested() {
        return nested;
    }

    void add(DmarNested domain) {
        nested.set(new Nested(domain, nested.get()));
    }

    void remove(DmarNested domain) {
        nested.set(without(nested.get(), domain));
    }

    private static @Nullable Nested without(@Nullable Nested list, DmarNested domain) {
        if (list == null || list.domain == domain) {
            return list == null ? null : list.next;
        }
        return new Nested(list.domain, without(list.next, domain));
    }

    @Override
    public Call<?> destroy() {
        return NothingToDo.call(iommu.world());
    }

    @Override
    public Call<?> allocDomainNested(int flags, UserData data, RefCell<IommuDomain> result) {
        return AllocDomain.nested(iommu, parent, this, flags, data, result);
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

    /** An immutable list of nested domains. */
    record Nested(DmarNested domain, @Nullable Nested next) implements Identified {
        @Override
        public long stableId() {
            return (next == null ? 7 : next.stableId()) * 1_000_003 + domain.stableId();
        }
    }

    /** Frame of {@link #init}. */
    private static final class InitFrame extends Frame {
        final IntelIommu iommu;
        final IommuDomain parent;
        final int type;
        final ViommuCore core;
        final RefCell<VirtualIommu> result;

        InitFrame(IntelIommu iommu, IommuDomain parent, int type, ViommuCore core, RefCell<VirtualIommu> result) {
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
            return parent instanceof DmarPaging ours && ours.iommu() == iommu && ours.nestParent();
        }

        void make() {
            result.set(new VtdViommu(iommu, (DmarPaging) parent, core));
        }
    }

    /** Frame of {@link #vdeviceInit}. */
    private static final class DeviceFrame extends Frame {
        final VtdViommu viommu;
        final IommuMaster master;
        final long virtualId;

        DeviceFrame(VtdViommu viommu, IommuMaster master, long virtualId) {
            super(viommu.iommu.world());
            this.viommu = viommu;
            this.master = master;
            this.virtualId = virtualId;
        }

        boolean fits() {
            return master instanceof DeviceInfo ours && ours.iommu() == viommu.iommu && virtualId >>> SID_BITS == 0;
        }
    }
}
