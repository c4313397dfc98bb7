package org.iommusim.iommufd.selftest;

import java.util.OptionalLong;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.jspecify.annotations.Nullable;

/** {@code mock_domain_nop_attach} and {@code mock_domain_set_dev_pasid_nop}. */
final class MockAttach extends Frame {
    /** The PASID whose every second attachment fails. */
    private static final int FAILING_PASID = 1024;

    static final Program<MockAttach> ATTACH = Program.<MockAttach>named("mock_domain_nop_attach")
            .check(
                    "dirty tracking fits",
                    f -> !(f.master.noDirty() && f.domain instanceof PagingDomain paging && paging.dirtyOps() != null),
                    Errno.EINVAL)
            .when(
                    "through a viommu",
                    f -> f.viommu() != null,
                    b -> b.lock("xa_lock(vdevs)", f -> f.core().vdevsLock())
                            .attempt(
                                    "iommufd_viommu_get_vdev_id",
                                    HostCost.ATOMIC,
                                    ViommuCore.LOOK_UP,
                                    MockAttach::findVdevice)
                            .undoNow("xa_lock(vdevs)"))
            // Moving between two domains of one vIOMMU keeps the virtual id, even if the vDEVICE is another one by now.
            .branch(
                    "another viommu",
                    Footprint.of(MockMaster.VIOMMU),
                    f -> f.viommu() != f.master.viommu().get(),
                    b -> b.lock("viommu_rwsem", f -> f.master.viommuRwsem())
                            .step("mdev->viommu, vdev_id", Footprint.of(MockMaster.VIOMMU), f -> {
                                f.master.viommu().set(f.viommu());
                                f.master.vdevId().set(f.vdevId.get());
                            })
                            .undoNow("viommu_rwsem"))
            .step("mdev->domain", Footprint.of(MockMaster.DOMAIN), f -> f.master.domain(f.domain))
            .build();

    private static final Program<MockAttach> SET_PASID = Program.<MockAttach>named("mock_domain_set_dev_pasid_nop")
            .attempt("pasid_1024_fake_error", HostCost.ATOMIC, Footprint.of(MockMaster.FAKE_ERROR), MockAttach::fake)
            .build();

    private final MockMaster master;
    private final IommuDomain domain;
    private final int pasid;
    private final LongCell vdevId = num();

    private MockAttach(MockMaster master, IommuDomain domain, int pasid) {
        super(master.driver().world());
        this.master = master;
        this.domain = domain;
        this.pasid = pasid;
    }

    /** Attaches the device. Errors: EINVAL, ENOENT. */
    static Call<?> attach(MockMaster master, IommuDomain domain) {
        return new Call<>(ATTACH, new MockAttach(master, domain, 0));
    }

    /** Attaches a PASID. Errors: ENOMEM. */
    static Call<?> setPasid(MockMaster master, IommuDomain domain, int pasid) {
        return new Call<>(SET_PASID, new MockAttach(master, domain, pasid));
    }

    /** True if its hardware still answers. */
    boolean present() {
        return master.function().present();
    }

    private @Nullable MockViommu viommu() {
        return domain instanceof MockNestedDomain nested ? nested.viommu() : null;
    }

    private ViommuCore core() {
        MockViommu viommu = viommu();
        if (viommu == null) {
            throw new IllegalStateException(domain + " is on no vIOMMU");
        }
        return viommu.core();
    }

    private int findVdevice() {
        OptionalLong id = core().virtualIdOf(master);
        vdevId.set(id.orElse(0));
        return id.isPresent() ? 0 : Errno.ENOENT;
    }

    /** So that the core's way back can be tried: the call after one that succeeded fails, whatever became of it. */
    private int fake() {
        if (pasid != FAILING_PASID) {
            return 0;
        }
        boolean fail =
                domain.type() != IommuDomain.Type.BLOCKED && master.fakeError().get() != 0;
        master.fakeError().set(fail || domain.type() == IommuDomain.Type.BLOCKED ? 0 : 1);
        return fail ? Errno.ENOMEM : 0;
    }
}
