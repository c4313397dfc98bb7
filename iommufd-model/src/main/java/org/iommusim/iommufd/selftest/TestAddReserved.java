package org.iommusim.iommufd.selftest;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptReserve;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_ADD_RESERVED ({@code iommufd_test_add_reserved}). Errors in this order: EINVAL (no length), EOVERFLOW,
 * ENOENT, those of reserving.
 */
final class TestAddReserved extends SelftestFrame {
    private static final Program<TestAddReserved> PROGRAM = program();

    private final RefCell<Ioas> ioas = ref();

    private TestAddReserved(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestAddReserved> program() {
        Program.Builder<TestAddReserved> b = Program.named("iommufd_test_add_reserved");
        b.check("length", f -> f.ucmd.u64("length") != 0, Errno.EINVAL);
        b.check("does not wrap", f -> Long.compareUnsigned(f.last(), f.start()) >= 0, Errno.EOVERFLOW);
        get(b, "ioas", f -> f.ucmd.id("id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        return b.invoke("iopt_reserve_iova", TestAddReserved::reserve).build();
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestAddReserved(ucmd));
    }

    private long start() {
        return ucmd.u64("start");
    }

    private long last() {
        return start() + ucmd.u64("length") - 1;
    }

    /** Without an owner: reserved for as long as the IOAS lives. */
    private Call<?> reserve() {
        return IoptReserve.add(ioas.require().iopt(), List.of(new long[] {start(), last()}), null);
    }
}
