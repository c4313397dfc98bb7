package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** {@code struct arm_smmu_master}: one PCIe function, whose StreamID is its requester id. */
final class Smmuv3Master implements IommuMaster {
    private final Smmuv3Driver driver;
    private final ArmSmmu smmu;
    private final PciFunction function;
    private final long id;
    private final RefCell<IommuDomain> domain;
    private final IntCell released;
    private final IntCell atsEnabled;
    /** Where its events go; under {@code streams_mutex}. */
    private final RefCell<Vmaster> vmaster;
    /** The list of masters; under {@code streams_mutex}. */
    private final RefCell<Smmuv3Master> next;

    Smmuv3Master(Smmuv3Driver driver, ArmSmmu smmu, PciFunction function, IommuDomain first) {
        this.driver = driver;
        this.smmu = smmu;
        this.function = function;
        id = smmu.world().nextInstance();
        domain = new RefCell<>(smmu.world(), Touches.MASTER, id, first);
        released = new IntCell(smmu.world(), Touches.MASTER, id + (1L << 40), 0);
        atsEnabled = new IntCell(smmu.world(), Touches.MASTER, id + (4L << 40), 0);
        vmaster = new RefCell<>(smmu.world(), Touches.MASTER, id + (2L << 40));
        next = new RefCell<>(smmu.world(), Touches.MASTER, id + (3L << 40));
    }

    ArmSmmu smmu() {
        return smmu;
    }

    int sid() {
        return function.requesterId();
    }

    RefCell<IommuDomain> attached() {
        return domain;
    }

    RefCell<Vmaster> vmaster() {
        return vmaster;
    }

    /** {@code arm_smmu_ats_supported}: both ends can do it. */
    boolean atsSupported() {
        return smmu.ids().ats() && function.atc() != null;
    }

    /** {@code master->ats_enabled}: its cache must be invalidated too. */
    boolean atsEnabled() {
        return atsEnabled.get() != 0;
    }

    void atsEnabled(boolean on) {
        atsEnabled.set(on ? 1 : 0);
    }

    /** {@code arm_smmu_find_master}; call with {@code streams_mutex} held. */
    static @Nullable Smmuv3Master find(ArmSmmu smmu, int sid) {
        Smmuv3Master master = smmu.masters().get();
        while (master != null && master.sid() != sid) {
            master = master.next.get();
        }
        return master;
    }

    /** Puts it into the list of masters. */
    void insert() {
        next.set(smmu.masters().get());
        smmu.masters().set(this);
    }

    /** Takes it out of the list and marks it gone. */
    void remove() {
        RefCell<Smmuv3Master> link = smmu.masters();
        while (link.require() != this) {
            link = link.require().next;
        }
        link.set(next.get());
        released.set(1);
    }

    @Override
    public PciFunction function() {
        return function;
    }

    @Override
    public IommuDriver driver() {
        return driver;
    }

    @Override
    public IommuDomain domain() {
        return domain.require();
    }

    @Override
    public boolean released() {
        return released.get() != 0;
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return "master " + function;
    }

    /** {@code struct arm_smmu_vmaster}: the vIOMMU and the virtual StreamID under which a guest knows the device. */
    record Vmaster(Smmuv3Viommu viommu, long virtualSid) implements Identified {
        @Override
        public long stableId() {
            return viommu.stableId() * 31 + virtualSid + 1;
        }
    }
}
