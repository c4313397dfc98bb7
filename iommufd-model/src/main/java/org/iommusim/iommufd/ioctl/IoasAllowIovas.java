package org.iommusim.iommufd.ioctl;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.DataLayouts;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptReserve;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_IOAS_ALLOW_IOVAS (ioas.c). Errors in this order: EOPNOTSUPP (reserved), ENOENT; per range EFAULT, EINVAL (its start is
 * not below its end), EINVAL (it overlaps one before it); EADDRINUSE (one is reserved: the old list stays).
 */
public final class IoasAllowIovas extends IoctlFrame {
    private static final String NAME = "IOMMU_IOAS_ALLOW_IOVAS";
    private static final Program<IoasAllowIovas> PROGRAM = program();

    private final RefCell<Ioas> ioas = ref();
    private final RefCell<List<long[]>> ranges = ref();

    private IoasAllowIovas(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<IoasAllowIovas> program() {
        Program.Builder<IoasAllowIovas> b = Program.named(NAME);
        b.check("__reserved", f -> f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        get(b, "ioas", f -> f.ucmd.id("ioas_id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        b.attempt("iommufd_ioas_load_iovas", HostCost.USER_COPY, UserMemory.ACCESS, IoasAllowIovas::load);
        b.invoke("iopt_set_allow_iova", f -> IoptReserve.allow(f.ioas.require().iopt(), f.ranges.require()));
        return b.build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasAllowIovas> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasAllowIovas(ucmd));
    }

    private int load() {
        int injected = injected(NAME, "iommufd_ioas_load_iovas");
        if (injected != 0) {
            return injected;
        }
        List<long[]> loaded = new ArrayList<>();
        byte[] bytes = new byte[DataLayouts.IOVA_RANGE.size()];
        for (long i = 0; i < ucmd.id("num_iovas"); i++) {
            if (ucmd.memory().copyFromUser(ucmd.u64("allowed_iovas") + i * bytes.length, bytes) != 0) {
                return Errno.EFAULT;
            }
            StructImage range = DataLayouts.IOVA_RANGE.image(bytes);
            long first = range.u64("start");
            long last = range.u64("last");
            if (Long.compareUnsigned(first, last) >= 0 || overlaps(loaded, first, last)) {
                return Errno.EINVAL;
            }
            loaded.add(new long[] {first, last});
        }
        ranges.set(List.copyOf(loaded));
        return 0;
    }

    private static boolean overlaps(List<long[]> ranges, long first, long last) {
        return ranges.stream()
                .anyMatch(r -> Long.compareUnsigned(r[0], last) <= 0 && Long.compareUnsigned(r[1], first) >= 0);
    }
}
