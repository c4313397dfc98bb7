package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.FieldType;
import org.iommusim.iommufd.abi.VfioCompatIoctl;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;

/**
 * VFIO_IOMMU_GET_INFO (vfio_compat.c): page sizes, and a chain of two capabilities behind the structure: how many maps there
 * may be, and which addresses can be mapped. A capability that does not fit is left out, and the answer's argsz says how much
 * room all of them need. Errors in this order: EFAULT, EINVAL (argsz), ENODEV (no compat IOAS), EFAULT.
 */
final class VfioGetInfo extends VfioFrame {
    private static final int PGSIZES = 1;
    private static final int CAPS = 2;
    private static final int CAP_IOVA_RANGE = 1;
    private static final int CAP_DMA_AVAIL = 3;
    private static final int HEADER = 8;
    private static final int DMA_AVAIL_SIZE = 12;
    private static final int RANGES = 16;
    private static final int RANGE_SIZE = 16;
    private static final int INFO_SIZE = 24;
    private static final long PAGE = 4096;
    private static final Footprint COPY =
            Footprint.of(IoPagetable.RESERVED).and(UserMemory.ACCESS.variables().toArray(Variable[]::new));

    private static final Program<VfioGetInfo> PROGRAM = program();

    private final LongCell pageSizes = num();

    private VfioGetInfo(IommufdCtx ctx, Caller caller, long argument) {
        super(ctx, caller, argument);
    }

    private static Program<VfioGetInfo> program() {
        Program.Builder<VfioGetInfo> b = Program.named("VFIO_IOMMU_GET_INFO");
        copyIn(b, VfioCompatIoctl.VFIO_IOMMU_GET_INFO.layout());
        return compatIoas(b)
                .lock("ioas->mutex", f -> f.ioas.require().mutex())
                .step(
                        "iommufd_get_pagesizes",
                        Footprint.of(Ioas.HWPT_LIST, HwPagetable.DOMAIN, IoPagetable.ALIGNMENT),
                        VfioGetInfo::loadPageSizes)
                .undoNow("ioas->mutex")
                .lockShared("iova_rwsem", f -> f.ioas.require().iopt().iovaRwsem())
                .attempt("copy to user", HostCost.USER_COPY, COPY, VfioGetInfo::copyOut)
                .build();
    }

    static Call<?> call(IommufdCtx ctx, Caller caller, long argument) {
        return new Call<>(PROGRAM, new VfioGetInfo(ctx, caller, argument));
    }

    /** Sizes below a page are not shown; at least the alignment is. */
    private void loadPageSizes() {
        long sizes = -1L;
        for (HwptPaging hwpt : ioas.require().hwptList().items()) {
            sizes &= hwpt.paging().pageSizes();
        }
        if ((sizes & PAGE - 1) != 0) {
            sizes = sizes & -PAGE | PAGE;
        }
        long alignment = ioas.require().iopt().iovaAlignment();
        pageSizes.set(Long.compareUnsigned(sizes, alignment) < 0 ? alignment : sizes);
    }

    private int copyOut() {
        long argsz = argsz();
        List<long[]> ranges = ioas.require().iopt().usable();
        byte[] avail = capability(CAP_DMA_AVAIL, DMA_AVAIL_SIZE);
        FieldType.U32.write(avail, HEADER, 0xffff_ffffL);
        byte[] usable = ranges(ranges);
        int second = align(INFO_SIZE + avail.length);
        int end = align(second + usable.length);
        // The link to the second capability is written as soon as there is room up to where it would begin.
        if (argsz >= second) {
            FieldType.U32.write(avail, 4, second);
        }
        int error = copyCapability(avail, INFO_SIZE, argsz);
        error = error == 0 ? copyRanges(usable, ranges.size(), second, argsz) : error;
        return error == 0 ? copyInfo(argsz, end) : error;
    }

    private int copyInfo(long argsz, int total) {
        return copyOut(
                input.require()
                        .writer()
                        .set("flags", PGSIZES | CAPS)
                        .set("iova_pgsizes", pageSizes.get())
                        .set("cap_offset", argsz >= total ? INFO_SIZE : 0)
                        .set("argsz", total),
                (int) Math.min(argsz, INFO_SIZE));
    }

    private int copyCapability(byte[] capability, int offset, long argsz) {
        return argsz - offset < capability.length ? 0 : process.copyToUser(argument + offset, capability);
    }

    /** As many ranges as fit; their header only if all do. */
    private int copyRanges(byte[] capability, int count, int offset, long argsz) {
        for (int i = 0; i < count; i++) {
            int end = RANGES + (i + 1) * RANGE_SIZE;
            if (argsz - offset >= end
                    && process.copyToUser(
                                    argument + offset + end - RANGE_SIZE, capability, end - RANGE_SIZE, RANGE_SIZE)
                            != 0) {
                return Errno.EFAULT;
            }
        }
        return argsz - offset >= capability.length ? process.copyToUser(argument + offset, capability, 0, RANGES) : 0;
    }

    private static byte[] ranges(List<long[]> ranges) {
        byte[] capability = capability(CAP_IOVA_RANGE, RANGES + ranges.size() * RANGE_SIZE);
        FieldType.U32.write(capability, HEADER, ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            FieldType.U64.write(capability, RANGES + i * RANGE_SIZE, ranges.get(i)[0]);
            FieldType.U64.write(capability, RANGES + i * RANGE_SIZE + 8, ranges.get(i)[1]);
        }
        return capability;
    }

    /** A capability with its header: id, version 1, no next one. */
    private static byte[] capability(int id, int bytes) {
        byte[] capability = new byte[bytes];
        FieldType.U16.write(capability, 0, id);
        FieldType.U16.write(capability, 2, 1);
        return capability;
    }

    private static int align(int offset) {
        return offset + 7 & -8;
    }
}
