package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.iommufd.device.IommufdGroup;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.variant.Variant;

/** Known bugs of ioctls and of mmap; and their mends where 7.3 has them. */
public final class IoctlVariants {
    /** Fixed in 6.17-rc7 (7a425ec75d2b). */
    private static final Variant MMAP_LOADS_FIRST = Variant.of(
            "mmap-takes-owner-late",
            "A07",
            "mmap finds a region and takes a reference on its owner in two steps, between which both may be freed",
            ProgramPatch.over(IommufdMmap.MAP, "mmap-takes-owner-late")
                    .insertBefore(
                            "mtree_load, users++ unless 0",
                            b -> b.attempt("mtree_load", HostCost.ATOMIC, IommufdMmap.MMAP, IommufdMmap::findAlone)
                                    .take(
                                            "users++",
                                            ObjectPrograms.USERS,
                                            f -> {
                                                f.owner().usersInc("iommufd_fops_mmap");
                                                return 0;
                                            },
                                            Undo.onFailure(
                                                    "users-- of owner",
                                                    ObjectPrograms.USERS,
                                                    f -> f.owner().usersDec("iommufd_fops_mmap"))))
                    .drop("mtree_load, users++ unless 0")
                    .build());

    /** Not in 7.3. */
    private static final Variant HW_INFO_PUTS_EARLY = Variant.of(
            "hw-info-puts-device-early",
            "A22",
            "mended: IOMMU_GET_HW_INFO has put the device before it copies to user memory",
            ProgramPatch.over(GetHwInfo.PROGRAM, "hw-info-puts-device-early")
                    .insertBefore("there is room for data", b -> b.undoNow("get idev"))
                    .drop("device_iommu_capable")
                    .build());

    /** Fixed in 6.12.96 ("Set upper bounds on cache invalidation entry_num and entry_len"). */
    private static final Variant INVALIDATE_UNBOUNDED = Variant.of(
            "invalidate-without-bounds",
            "A24",
            "IOMMU_HWPT_INVALIDATE takes entries of any length and any number of them",
            ProgramPatch.over(HwptInvalidate.CHECKED, "invalidate-without-bounds")
                    .drop("entry_len and entry_num")
                    .build());

    /** Not in 7.3. */
    private static final Variant VDEVICE_HOLDS_IGROUP = Variant.of(
            "vdevice-alloc-holds-igroup",
            "J113",
            "mended: IOMMU_VDEVICE_ALLOC holds the igroup until it has left its lock",
            ProgramPatch.over(
                            VdeviceAllocPrograms.LINUX_7_3.get(VdeviceAllocPrograms.SLOT), "vdevice-alloc-holds-igroup")
                    .insertBefore(
                            "igroup->lock",
                            b -> b.take(
                                    "hold the igroup",
                                    Footprint.of(IommufdGroup.REF, IommufdCtx.GROUPS, IommufdObject.LIFE),
                                    f -> {
                                        f.igroup.set(f.idev.require().igroupGet());
                                        return 0;
                                    },
                                    Undo.always(
                                            "put the igroup",
                                            Footprint.of(IommufdGroup.REF, IommufdCtx.GROUPS, IommufdGroup.ATTACH),
                                            f -> f.igroup.require().put())))
                    .build());

    private IoctlVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(MMAP_LOADS_FIRST, HW_INFO_PUTS_EARLY, INVALIDATE_UNBOUNDED, VDEVICE_HOLDS_IGROUP);
    }
}
