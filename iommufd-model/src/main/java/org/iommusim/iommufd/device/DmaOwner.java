package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.jspecify.annotations.Nullable;

/** Who owns a group's DMA (iommu.c): {@code iommu_device_claim_dma_owner}, {@code iommu_device_release_dma_owner}. */
final class DmaOwner extends Frame {
    private static final Footprint GROUP =
            Footprint.of(IommuGroup.OWNER, IommuGroup.GROUP_DOMAIN, HostDevice.DEV_IOMMU, PasidArray.PASIDS);

    private static final Program<DmaOwner> CLAIM = Program.<DmaOwner>named("iommu_device_claim_dma_owner")
            .lock("group->mutex", f -> f.group.mutex())
            .branch(
                    "claimed already",
                    GROUP,
                    f -> f.group.ownerCount().get() > 0,
                    b -> b.check(
                                    "by the same owner",
                                    GROUP,
                                    f -> f.group.owner().get() == f.owner,
                                    Errno.EPERM)
                            .step("owner_cnt++", GROUP, DmaOwner::claimAgain)
                            .succeed("claimed again"))
            .check("nothing is attached", GROUP, f -> f.group.pasids().isEmpty(), Errno.EBUSY)
            .invoke(
                    "__iommu_group_set_domain",
                    f -> GroupDomain.set(f.group, f.device.driver().blockedDomain()))
            .step("owner, owner_cnt = 1", GROUP, f -> {
                f.group.owner().set(f.owner);
                f.group.ownerCount().set(1);
                f.tellClaimed();
            })
            .build();

    private static final Program<DmaOwner> RELEASE = Program.<DmaOwner>named("iommu_device_release_dma_owner")
            .lock("group->mutex", f -> f.group.mutex())
            .step("owner_cnt--", GROUP, DmaOwner::drop)
            .when(
                    "last claim",
                    f -> f.last.get() != 0,
                    b -> b.invoke(
                            "__iommu_group_set_domain_nofail",
                            f -> GroupDomain.setNoFail(
                                    f.group, f.device.driver().identityDomain())))
            .build();

    private final HostDevice device;
    private final IommuGroup group;
    private final @Nullable Identified owner;
    private final IntCell last = count();

    private DmaOwner(HostDevice device, @Nullable Identified owner) {
        super(device.kernel().world());
        this.device = device;
        group = device.group();
        this.owner = owner;
    }

    /** Takes the DMA of the device's group for {@code owner} and blocks it. Errors: EPERM (somebody else has it), EBUSY. */
    static Call<?> claim(HostDevice device, Identified owner) {
        return new Call<>(CLAIM, new DmaOwner(device, owner));
    }

    /** Gives a claim back; with the last one the group returns to the kernel's default domain. */
    static Call<?> release(HostDevice device) {
        return new Call<>(RELEASE, new DmaOwner(device, null));
    }

    private void claimAgain() {
        group.ownerCount().add(1);
        tellClaimed();
    }

    private void tellClaimed() {
        device.kernel().tell(DeviceWatcher.class, watcher -> watcher.claimed(device));
    }

    /** A PASID that is still attached stops the release: the group keeps its owner. */
    private void drop() {
        device.touch("the group");
        int count = group.ownerCount().get();
        device.kernel().tell(DeviceWatcher.class, watcher -> watcher.disclaimed(device, count - 1));
        if (count > 1) {
            group.ownerCount().set(count - 1);
        } else if (count == 0 || !group.pasids().isEmpty()) {
            group.kernel().warn("__iommu_release_dma_ownership", group + " has no owner, or PASIDs are attached");
        } else {
            group.ownerCount().set(0);
            group.owner().set(null);
            last.set(1);
        }
    }
}
