package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.UserMemory;
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
import org.iommusim.sim.world.LongCell;
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
            .attempt("iommu_copy_struct_from_user", HostCost.USER_COPY, UserMemory.ACCESS, NestedFrame::copy)
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
        return NothingToDo.call(smmu.world());
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
        return NothingToDo.call(smmu.world());
    }

    @Override
    public Call<?> cacheInvalidate(UserDataArray array, IntCell done) {
        return CacheInvalidate.call(this, array, done);
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
        /** The guest's stream table entry. */
        final LongCell word0 = num();

        final LongCell word1 = num();

        NestedFrame(Smmuv3Viommu viommu, int flags, UserData data, RefCell<IommuDomain> result) {
            super(viommu.smmu.world());
            this.viommu = viommu;
            this.flags = flags;
            this.data = data;
            this.result = result;
        }

        int copy() {
            byte[] ste = new byte[16];
            int error = data.copyStruct(ste, HWPT_DATA_TYPE, ste.length);
            if (error == 0) {
                word0.set(UserData.word(ste, 0));
                word1.set(UserData.word(ste, 8));
            }
            return error;
        }

        /** An entry with V=0 is taken as it is, so that a guest can see what its own invalid entry does: nothing. */
        boolean valid() {
            long w0 = word0.get();
            long w1 = word1.get();
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
            boolean isValid = Ste.V.isSet(word0.get());
            result.set(new NestedDomain(viommu, isValid ? word0.get() : 0, isValid ? word1.get() : 0));
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
