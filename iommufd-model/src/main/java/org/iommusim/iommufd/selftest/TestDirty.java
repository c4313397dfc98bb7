package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_DIRTY ({@code iommufd_test_dirty}): a bitmap in user memory says which pages a device writes. Errors in this
 * order: EINVAL (page size, length, alignment, no pointer), ENOENT, EINVAL (tracking is off), ENOMEM, EFAULT. Bits of
 * addresses that are not mapped count too.
 */
final class TestDirty extends SelftestFrame {
    /** {@code kvmalloc} refuses to allocate more. */
    private static final long ALLOCATION_MAX = Integer.MAX_VALUE;

    private static final Footprint DIRTY = MockPagingDomain.dirtyState().and(HwPagetable.DOMAIN);
    private static final int CHUNK = 1 << 16;
    private static final Program<TestDirty> PROGRAM = program();

    private final RefCell<HwptPaging> hwpt = ref();
    private final RefCell<byte[]> bits = ref();
    private final IntCell set = count();

    private TestDirty(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestDirty> program() {
        Program.Builder<TestDirty> b = Program.named("iommufd_test_dirty");
        b.check("range and uptr", TestDirty::argumentsFit, Errno.EINVAL);
        getMock(b, f -> f.hwpt);
        b.check("MOCK_DIRTY_TRACK", DIRTY, f -> mock(f.hwpt).tracking(), Errno.EINVAL);
        b.check("kvzalloc", f -> f.bitmapBytes() <= ALLOCATION_MAX, Errno.ENOMEM);
        b.attempt("copy_from_user", HostCost.USER_COPY, MockData.USER, TestDirty::copy);
        b.step("set_dirty each", HostCost.LOCAL, DIRTY, TestDirty::setAll);
        return respond(b, "iommufd_test_dirty").build();
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestDirty(ucmd));
    }

    private boolean argumentsFit() {
        long pageSize = ucmd.u64("page_size");
        return pageSize != 0
                && ucmd.u64("length") != 0
                && Long.remainderUnsigned(ucmd.u64("iova"), pageSize) == 0
                && Long.remainderUnsigned(ucmd.u64("length"), pageSize) == 0
                && ucmd.u64("uptr") != 0;
    }

    private long pages() {
        return Long.divideUnsigned(ucmd.u64("length"), ucmd.u64("page_size"));
    }

    private long bitmapBytes() {
        return (pages() >>> 3) + ((pages() & 7) == 0 ? 0 : 1);
    }

    /** Looks whether all of it can be read before it takes memory for it: user space may claim any length. */
    private int copy() {
        long from = ucmd.u64("uptr");
        int bytes = (int) bitmapBytes();
        byte[] chunk = new byte[Math.min(CHUNK, bytes)];
        for (int done = 0; done < bytes; done += chunk.length) {
            if (ucmd.memory().copyFromUser(from + done, chunk, 0, Math.min(chunk.length, bytes - done)) != 0) {
                return Errno.EFAULT;
            }
        }
        byte[] copied = new byte[bytes];
        bits.set(copied);
        return ucmd.memory().copyFromUser(from, copied);
    }

    private void setAll() {
        byte[] bitmap = bits.require();
        long page = ucmd.u64("page_size");
        for (long i = 0; i < pages(); i++) {
            if ((bitmap[(int) (i >>> 3)] & 1 << (i & 7)) != 0) {
                mock(hwpt).written(ucmd.u64("iova") + i * page);
                set.add(1);
            }
        }
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_nr_dirty", set.get());
    }
}
