package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.DataLayouts;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * IOMMU_IOAS_IOVA_RANGES (ioas.c). Errors in this order: EOPNOTSUPP (reserved), ENOENT, EFAULT, EMSGSIZE (more ranges than
 * user space has room for: those that fit, and how many there are, are written all the same).
 */
public final class IoasIovaRanges extends IoctlFrame {
    private static final String NAME = "IOMMU_IOAS_IOVA_RANGES";
    private static final Footprint COPY = Footprint.of(IoPagetable.RESERVED, IoPagetable.ALIGNMENT)
            .and(UserMemory.ACCESS.variables().toArray(Variable[]::new));
    private static final Program<IoasIovaRanges> PROGRAM = program();

    private final RefCell<Ioas> ioas = ref();
    private final IntCell count = count();
    private final LongCell alignment = num();

    private IoasIovaRanges(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<IoasIovaRanges> program() {
        Program.Builder<IoasIovaRanges> b = Program.named(NAME);
        b.check("__reserved", f -> f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        get(b, "ioas", f -> f.ucmd.id("ioas_id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        b.lockShared("iova_rwsem", f -> f.ioas.require().iopt().iovaRwsem());
        b.attempt("copy each range to user", HostCost.USER_COPY, COPY, IoasIovaRanges::copyRanges);
        respond(b, NAME);
        b.check("all of them fit", f -> f.count.get() <= f.room(), Errno.EMSGSIZE);
        return b.build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasIovaRanges> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasIovaRanges(ucmd));
    }

    private long room() {
        return ucmd.id("num_iovas");
    }

    private int copyRanges() {
        IoPagetable iopt = ioas.require().iopt();
        alignment.set(iopt.iovaAlignment());
        List<long[]> ranges = iopt.usable();
        count.set(ranges.size());
        long address = ucmd.u64("allowed_iovas");
        for (int i = 0; i < ranges.size() && i < room(); i++) {
            byte[] range = DataLayouts.IOVA_RANGE
                    .writer()
                    .set("start", ranges.get(i)[0])
                    .set("last", ranges.get(i)[1])
                    .image()
                    .bytes();
            if (ucmd.memory().copyToUser(address + (long) i * range.length, range) != 0) {
                return Errno.EFAULT;
            }
        }
        return 0;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("num_iovas", count.get()).set("out_iova_alignment", alignment.get());
    }
}
