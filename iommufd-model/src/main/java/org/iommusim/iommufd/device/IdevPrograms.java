package org.iommusim.iommufd.device;

import java.util.function.Consumer;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;

/**
 * How each kernel takes a bound device down (device.c). What is the same everywhere: {@code iommufd_device_unbind} removes
 * the idev and must not fail; the idev's {@code destroy} gives up DMA ownership, the igroup and the file.
 */
public final class IdevPrograms {
    private static final ProgramSet KNOWS_NO_VDEVICE = ProgramSet.EMPTY.with(IdevSlots.DESTROY, destroy(b -> {}));

    private IdevPrograms() {}

    /** As posted: unbind removes the vDEVICE by its id, and does not look whether that worked. */
    public static final ProgramSet V5_POSTED = KNOWS_NO_VDEVICE.with(IdevSlots.UNBIND, Unbind.V5_POSTED);

    /** From the review to Linux 6.16: a vDEVICE does not hold its idev, and unbind knows nothing of it. */
    public static final ProgramSet INDEPENDENT = KNOWS_NO_VDEVICE;

    /** Unbind destroys the vDEVICE, whose id is free then, under a lock that the removal of the idev releases. */
    public static final ProgramSet RFC1_AUTO_DESTROY =
            KNOWS_NO_VDEVICE.with(IdevSlots.UNBIND, Unbind.RFC1_AUTO_DESTROY);

    /** The idev is unlinked when its vDEVICE is removed; a user's destroy in progress is waited for. */
    public static final ProgramSet XU_V2 = removesVdevice(RemoveVdev.XU_V2);

    /** The idev is unlinked when its vDEVICE is removed; a user's destroy in progress is overtaken. */
    public static final ProgramSet XU_V3 = removesVdevice(RemoveVdev.XU_V3);

    /** {@code pre_destroy} destroys the vDEVICE, which it looks up by its id. */
    public static final ProgramSet LINUX_6_17 = KNOWS_NO_VDEVICE.with(IdevSlots.PRE_DESTROY, RemoveVdev.LINUX_6_17);

    /** {@code pre_destroy} destroys the vDEVICE, if the entry at its id still holds it. */
    public static final ProgramSet LINUX_7_3 = KNOWS_NO_VDEVICE.with(IdevSlots.PRE_DESTROY, RemoveVdev.LINUX_7_3);

    /** Unbind cuts both links and leaves the vDEVICE to user space. */
    public static final ProgramSet ZOMBIE = KNOWS_NO_VDEVICE.with(IdevSlots.UNBIND, Unbind.ZOMBIE);

    private static ProgramSet removesVdevice(Program<IdevFrame> program) {
        return ProgramSet.EMPTY
                .with(IdevSlots.DESTROY, destroy(b -> b.invoke(IdevSlots.REMOVE_VDEV.name(), f -> f.idev.removeVdev())))
                .with(IdevSlots.REMOVE_VDEV, program);
    }

    private static Program<IdevFrame> destroy(Consumer<Program.Builder<IdevFrame>> first) {
        Program.Builder<IdevFrame> b = Program.named(IdevSlots.DESTROY.name());
        first.accept(b);
        b.invoke("iommu_device_release_dma_owner", f -> DmaOwner.release(f.idev.dev()));
        b.step(
                "iommufd_put_group",
                Footprint.of(IommufdGroup.REF, IommufdGroup.ATTACH, IommufdCtx.GROUPS, IommufdObject.LIFE),
                f -> f.idev.igroup().put());
        b.when(
                "not a mock device",
                f -> !f.idev.isMock(),
                c -> c.step("iommufd_ctx_put", Footprint.of(IommufdCtx.FILE), IdevFrame::putFile));
        return b.build();
    }
}
