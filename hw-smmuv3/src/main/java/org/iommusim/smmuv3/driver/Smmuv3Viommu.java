package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Ste;

/** {@code struct arm_vsmmu}: one guest's SMMU over one nesting parent, whose VMID its translations carry. */
final class Smmuv3Viommu implements VirtualIommu, Identified {
    /** IOMMU_VIOMMU_TYPE_ARM_SMMUV3. */
    static final int TYPE = 1;
    /** IOMMU_HWPT_DATA_ARM_SMMUV3. */
    static final int HWPT_DATA_TYPE = 2;

    private static final Program<NestedFrame> ALLOC_NESTED = Program.<NestedFrame>named("arm_vsmmu_alloc_domain_nested")
            .check("flags", f -> f.flags == 0, Errno.EOPNOTSUPP)
            .check("data type", f -> f.data.type() == HWPT_DATA_TYPE, Errno.EOPNOTSUPP)
            .check("data length", f -> f.data.length() == 16, Errno.EINVAL)
            .check("arm_smmu_validate_vste", NestedFrame::valid, Errno.EIO)
            .step("kzalloc", HostCost.ALLOCATE, Footprint.LOCAL, NestedFrame::make)
            .build();
    private static final Program<DeviceFrame> VDEVICE_INIT = Program.<DeviceFrame>named("arm_vsmmu_vdevice_init")
            .check("device of this SMMU", f -> f.fits(), Errno.EINVAL)
            .build();

    private final ArmSmmu smmu;
    private final Smmuv3PagingDomain parent;
    private final ViommuCore core;
    private final long id;

    Smmuv3Viommu(ArmSmmu smmu, Smmuv3PagingDomain parent, ViommuCore core) {
        this.smmu = smmu;
        this.parent = parent;
        this.core = core;
        id = smmu.world().nextInstance();
    }

    ArmSmmu smmu() {
        return smmu;
    }

    Smmuv3PagingDomain parent() {
        return parent;
    }

    ViommuCore core() {
        return core;
    }

    /** The VMID that all of the guest's translations carry. */
    int vmid() {
        return parent.tag();
    }

    @Override
    public Call<?> destroy() {
        return NothingToDo.call(smmu);
    }

    @Override
    public Call<?> allocDomainNested(int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(ALLOC_NESTED, new NestedFrame(this, flags, data, result));
    }

    @Override
    public Call<?> vdeviceInit(IommuMaster master, long virtualId) {
        return new Call<>(VDEVICE_INIT, new DeviceFrame(this, master, virtualId));
    }

    @Override
    public Call<?> vdeviceDestroy(IommuMaster master, long virtualId) {
        return NothingToDo.call(smmu);
    }

    @Override
    public Call<?> cacheInvalidate(UserData array, int entryLength, IntCell done) {
        return CacheInvalidate.call(this, array, entryLength, done);
    }

    @Override
    public long stableId() {
        return id;
    }

    /** Frame of {@link #allocDomainNested}. */
    private static final class NestedFrame extends Frame {
        final Smmuv3Viommu viommu;
        final int flags;
        final UserData data;
        final RefCell<IommuDomain> result;

        NestedFrame(Smmuv3Viommu viommu, int flags, UserData data, RefCell<IommuDomain> result) {
            super(viommu.smmu.world());
            this.viommu = viommu;
            this.flags = flags;
            this.data = data;
            this.result = result;
        }

        /** An entry with V=0 is taken as it is, so that a guest can see what its own invalid entry does: nothing. */
        boolean valid() {
            long w0 = data.word(0);
            long w1 = data.word(8);
            if (!Ste.V.isSet(w0)) {
                return true;
            }
            if ((w0 & ~SteTargets.NESTING_ALLOWED_0) != 0 || (w1 & ~SteTargets.NESTING_ALLOWED_1) != 0) {
                return false;
            }
            int config = Ste.CONFIG.getInt(w0);
            int eats = Ste.EATS.getInt(w1);
            return (config == Ste.ABORT || config == Ste.BYPASS || config == Ste.S1)
                    && (eats == Ste.EATS_ABORT || eats == Ste.EATS_TRANS);
        }

        void make() {
            boolean isValid = Ste.V.isSet(data.word(0));
            result.set(new NestedDomain(viommu, isValid ? data.word(0) : 0, isValid ? data.word(8) : 0));
        }
    }

    /** Frame of the operations on vDEVICEs. */
    private static final class DeviceFrame extends Frame {
        final Smmuv3Viommu viommu;
        final IommuMaster master;
        final long virtualId;

        DeviceFrame(Smmuv3Viommu viommu, IommuMaster master, long virtualId) {
            super(viommu.smmu.world());
            this.viommu = viommu;
            this.master = master;
            this.virtualId = virtualId;
        }

        /** A virtual StreamID has 32 bits. */
        boolean fits() {
            return master instanceof Smmuv3Master ours && ours.smmu() == viommu.smmu && virtualId >>> 32 == 0;
        }
    }
}
