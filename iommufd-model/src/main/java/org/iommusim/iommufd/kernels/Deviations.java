package org.iommusim.iommufd.kernels;

import java.util.List;
import org.iommusim.iommufd.policy.Deviation;

/** What kernels are known and accepted to do wrong, and the consequences of their design that were agreed to. */
final class Deviations {
    private static final Deviation A2 =
            new Deviation("A2", "unbind destroys a forgotten vDEVICE, and its id is free: the next object may get it");
    private static final Deviation B1 = new Deviation(
            "B1",
            "a forgotten vDEVICE keeps its virtual id: a device in the same slot cannot have it until IOMMU_DESTROY");
    private static final Deviation B2 =
            new Deviation("B2", "a forgotten vDEVICE keeps its vIOMMU: IOMMU_DESTROY of that answers EBUSY");
    private static final Deviation B8 =
            new Deviation("B8", "hardware state behind a vDEVICE outlives the binding of its device");
    private static final Deviation D1 = new Deviation(
            "D1",
            "unbind destroys a forgotten vDEVICE; its id is lost until the context is closed, IOMMU_DESTROY answers ENOENT");
    private static final Deviation D2 =
            new Deviation("D2", "IOMMU_DESTROY of a vDEVICE answers EBUSY while unbind holds it for a moment");
    private static final Deviation D6 = new Deviation(
            "D6",
            "IOMMU_VDEVICE_ALLOC copies to user memory under igroup->lock: an unbind waits for that without limit");
    private static final Deviation D7 = new Deviation(
            "D7",
            "an ioctl that holds a device for more than 60 s fails its unbind: WARN, and the device is never released");
    private static final Deviation D8 = new Deviation(
            "D8",
            "an attached device whose vDEVICE was destroyed keeps the virtual id: events name the next owner of the id");
    private static final Deviation D9 =
            new Deviation("D9", "a vDEVICE goes only after its device was reset, disabled and detached");
    private static final Deviation E6 =
            new Deviation("E6", "a failed IOMMU_HWPT_INVALIDATE counts commands as done that were never issued");
    private static final Deviation E7 = new Deviation(
            "E7",
            "an invalidation resolves the virtual id first and issues later: the device may have another owner by then");
    private static final Deviation E8 = new Deviation(
            "E8", "IOMMU_VEVENTQ_ALLOC copies to user memory under a lock for which other VMs' attach and detach wait");
    private static final Deviation E9 =
            new Deviation("E9", "an invalidation may find a vDEVICE that its driver has torn down already");
    private static final Deviation E10 = new Deviation(
            "E10",
            "an automatic page table that another attach holds for a moment stays for ever, and its IOAS with it");
    private static final Deviation E11 = new Deviation(
            "E11", "the wake-up of a put does not reach the remover: a removal that has to wait takes 60 s");

    /** The kernel destroys what user space forgot, and does not keep its id: what those proposals were made for. */
    static final List<Deviation> FORCED_REMOVAL = List.of(A2, D2, E11);
    /** The vDEVICE outlives its device: agreed to in the review. */
    static final List<Deviation> INDEPENDENT_VDEVICE = List.of(B1, B2, B8, E11);
    /** The same where a vDEVICE without device has no hardware state. */
    static final List<Deviation> ZOMBIE_VDEVICE = List.of(B1, B2, E11);
    /** The kernel destroys what user space forgot. */
    static final List<Deviation> TOMBSTONE = List.of(D1, D2, E11);
    /** Linux 6.17 and later: what was mended since 6.17 is not among them. */
    static final List<Deviation> LINUX_6_17 = List.of(D1, D2, D6, D7, D8, D9, E6, E7, E8, E9, E10, E11);

    private Deviations() {}
}
