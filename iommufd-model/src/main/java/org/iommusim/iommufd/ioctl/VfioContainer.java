package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptSettings;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;

/** VFIO_SET_IOMMU and VFIO_CHECK_EXTENSION (vfio_compat.c). */
final class VfioContainer extends VfioFrame {
    private static final long TYPE1 = 1;
    private static final long TYPE1_V2 = 3;
    private static final long DMA_CC_IOMMU = 4;
    private static final long UNMAP_ALL = 9;

    private static final Program<VfioContainer> SET_IOMMU = compatIoas(Program.<VfioContainer>named("VFIO_SET_IOMMU")
                    .check("type", f -> f.argument == TYPE1 || f.argument == TYPE1_V2, Errno.EINVAL))
            // A type 1 container may unmap a part of a map, so no leaf may be larger than a page.
            .when(
                    "type 1",
                    f -> f.argument == TYPE1,
                    b -> b.invoke(
                            "iopt_disable_large_pages",
                            f -> IoptSettings.largePages(f.ioas.require().iopt(), false)))
            .build();

    private static final Program<VfioContainer> CHECK_EXTENSION = Program.<VfioContainer>named("VFIO_CHECK_EXTENSION")
            .when(
                    "DMA_CC_IOMMU",
                    f -> f.argument == DMA_CC_IOMMU,
                    b -> compatIoas(b)
                            .lock("ioas->mutex", f -> f.ioas.require().mutex())
                            .step(
                                    "iommufd_vfio_cc_iommu",
                                    Footprint.of(Ioas.HWPT_LIST, HwptPaging.AUTO),
                                    VfioContainer::coherency)
                            .succeed("coherency"))
            .step("known extension", Footprint.LOCAL, f -> f.result.set(f.known() ? 1 : 0))
            .build();

    private final LongCell result;

    private VfioContainer(IommufdCtx ctx, Caller caller, long argument, LongCell result) {
        super(ctx, caller, argument);
        this.result = result;
    }

    /**
     * VFIO_SET_IOMMU: type 1, version 1 or 2. Errors in this order: EINVAL (type), ENODEV (no compat IOAS), those of {@link
     * IoptSettings#largePages}.
     */
    static Call<?> setIommu(IommufdCtx ctx, Caller caller, long type, LongCell result) {
        return new Call<>(SET_IOMMU, new VfioContainer(ctx, caller, type, result));
    }

    /**
     * VFIO_CHECK_EXTENSION: 1 for what there is, 0 for what there is not. Error: ENODEV (enforced coherency is asked for and
     * there is no compat IOAS).
     *
     * @param result gets the answer
     */
    static Call<?> checkExtension(IommufdCtx ctx, Caller caller, long extension, LongCell result) {
        return new Call<>(CHECK_EXTENSION, new VfioContainer(ctx, caller, extension, result));
    }

    private boolean known() {
        return argument == TYPE1 || argument == TYPE1_V2 || argument == UNMAP_ALL;
    }

    private void coherency() {
        boolean all = ioas.require().hwptList().items().stream().allMatch(HwptPaging::enforceCacheCoherency);
        result.set(all ? 1 : 0);
    }
}
