package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** The IOMMU core's operations on groups (iommu.c): who owns a group's DMA and what its devices are attached to. */
public final class IommuCore extends Frame {
    private static final Footprint GROUP =
            Footprint.of(IommuGroup.OWNER, IommuGroup.GROUP_DOMAIN, IommuGroup.DEVICES, HostDevice.DEV_IOMMU);

    /** The group->mutex is held. On a failure the devices that were moved go back. */
    private static final Program<IommuCore> SET_DOMAIN = Program.<IommuCore>named("__iommu_group_set_domain")
            .step("read the group", GROUP, f -> {
                f.old.set(f.group.domain().get());
                f.count.set(f.group.devices().items().size());
                f.index.set(0);
            })
            .guarded(
                    "attach",
                    b -> b.loop(
                            "each device",
                            f -> f.index.get() < f.count.get(),
                            c -> c.invoke("attach_dev", f -> f.attach(f.domain.require()))
                                    .step("device moved", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1))),
                    b -> b.loop(
                            "each moved device",
                            f -> f.index.get() > 0,
                            c -> c.step("last moved", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(-1))
                                    .invoke("attach_dev to the old domain", f -> f.attach(f.old.require()))))
            .step("group->domain", GROUP, f -> f.group.domain().set(f.domain.require()))
            .build();

    private static final Program<IommuCore> CLAIM = Program.<IommuCore>named("iommu_device_claim_dma_owner")
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
                            .step(
                                    "owner_cnt++",
                                    GROUP,
                                    f -> f.group.ownerCount().add(1))
                            .succeed("claimed again"))
            .step(
                    "blocking domain",
                    Footprint.LOCAL,
                    f -> f.domain.set(f.device.driver().blockedDomain()))
            .invoke("__iommu_group_set_domain", f -> new Call<>(SET_DOMAIN, f))
            .step("owner, owner_cnt = 1", GROUP, f -> {
                f.group.owner().set(f.owner);
                f.group.ownerCount().set(1);
            })
            .build();

    private static final Program<IommuCore> RELEASE = Program.<IommuCore>named("iommu_device_release_dma_owner")
            .lock("group->mutex", f -> f.group.mutex())
            .step("owner_cnt--", GROUP, IommuCore::dropOwner)
            .when(
                    "last claim",
                    f -> f.last.get() != 0,
                    b -> b.step(
                                    "default domain",
                                    Footprint.LOCAL,
                                    f -> f.domain.set(f.device.driver().identityDomain()))
                            // Must not fail: nobody is left who could do anything about it.
                            .invokeForAnswer(
                                    "__iommu_group_set_domain",
                                    f -> new Call<>(SET_DOMAIN, f),
                                    (f, e) -> f.mustSucceed(e)))
            .build();

    private static final Program<IommuCore> ATTACH = Program.<IommuCore>named("iommu_attach_group_handle")
            .lock("group->mutex", f -> f.group.mutex())
            .invoke("__iommu_group_set_domain", f -> new Call<>(SET_DOMAIN, f))
            .build();

    private static final Program<IommuCore> DETACH = Program.<IommuCore>named("iommu_detach_group_handle")
            .lock("group->mutex", f -> f.group.mutex())
            .step(
                    "core domain",
                    GROUP,
                    f -> f.domain.set(
                            f.group.owner().get() == null
                                    ? f.device.driver().identityDomain()
                                    : f.device.driver().blockedDomain()))
            .invokeForAnswer("__iommu_group_set_domain", f -> new Call<>(SET_DOMAIN, f), (f, e) -> f.mustSucceed(e))
            .build();

    private static final Program<IommuCore> PROBE = Program.<IommuCore>named("iommu_probe_device")
            .lock("group->mutex", f -> f.group.mutex())
            .invoke("probe_device", f -> f.device.probe(f.master))
            .step("add to group", GROUP, f -> {
                f.device.probed(f.master.require());
                f.group.devices().add(f.device);
                f.group.domain().set(f.device.master().domain());
            })
            .build();

    private static final Program<IommuCore> RELEASE_DEVICE = Program.<IommuCore>named("iommu_release_device")
            .lock("group->mutex", f -> f.group.mutex())
            .step("remove from group", GROUP, f -> {
                f.group.devices().remove(f.device);
                if (f.group.devices().isEmpty()) {
                    f.group.domain().set(null);
                }
            })
            .invoke("release_device", f -> f.device.driver().releaseDevice(f.device.master()))
            // struct device may live on; its IOMMU state does not.
            .step("dev->iommu = NULL", GROUP, f -> f.device.released())
            .build();

    private final HostDevice device;
    private final IommuGroup group;
    private final @Nullable Identified owner;
    private final RefCell<IommuDomain> domain = ref();
    private final RefCell<IommuDomain> old = ref();
    private final RefCell<IommuMaster> master = ref();
    private final IntCell index = count();
    private final IntCell count = count();
    private final IntCell last = count();

    private IommuCore(HostDevice device, @Nullable Identified owner, @Nullable IommuDomain target) {
        super(device.kernel().world());
        this.device = device;
        group = device.group();
        this.owner = owner;
        if (target != null) {
            domain.set(target);
        }
    }

    /** Takes the DMA of the device's group for {@code owner} and blocks it. Errors: EPERM (somebody else has it). */
    static Call<?> claimDmaOwner(HostDevice device, Identified owner) {
        return new Call<>(CLAIM, new IommuCore(device, owner, null));
    }

    /** Gives a claim back; with the last one the group returns to the kernel's default domain. */
    static Call<?> releaseDmaOwner(HostDevice device) {
        return new Call<>(RELEASE, new IommuCore(device, null, null));
    }

    /** {@code iommu_attach_group_handle}, {@code iommu_replace_group_handle}. On an error nothing has changed. */
    static Call<?> attach(HostDevice device, IommuDomain domain) {
        return new Call<>(ATTACH, new IommuCore(device, null, domain));
    }

    /** Back to the core's domain: blocking while the group has an owner. */
    static Call<?> detach(HostDevice device) {
        return new Call<>(DETACH, new IommuCore(device, null, null));
    }

    /** A device appeared. Errors: those of probe_device. */
    public static Call<?> probeDevice(HostDevice device) {
        return new Call<>(PROBE, new IommuCore(device, null, null));
    }

    /** A device is gone: {@code dev->iommu} with it, whatever references there are to the device. */
    public static Call<?> releaseDevice(HostDevice device) {
        return new Call<>(RELEASE_DEVICE, new IommuCore(device, null, null));
    }

    private Call<?> attach(IommuDomain to) {
        HostDevice moved = group.devices().items().get(index.get());
        return moved.driver().attachDev(moved.master(), to);
    }

    private void dropOwner() {
        device.touch("the group");
        int left = group.ownerCount().add(-1);
        if (left < 0) {
            device.kernel().warn("iommu_device_release_dma_owner", group + " has no owner");
        }
        if (left == 0) {
            group.owner().set(null);
        }
        last.set(left == 0 ? 1 : 0);
    }

    private void mustSucceed(int error) {
        if (error != 0) {
            device.kernel().warn("__iommu_group_set_domain_nofail", device + ": " + Errno.name(error));
        }
    }
}
