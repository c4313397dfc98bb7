package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.access.AccessPin;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_ACCESS_PAGES ({@code iommufd_test_access_pages}): pins a range and remembers it. Errors in this order: ENOMEM
 * (more than 16 MiB), EOPNOTSUPP (flags), EBADFD, EOPNOTSUPP (the access does not pin), those of pinning, EFAULT, EBADE
 * (the pages are not those at {@code uptr}), EFAULT.
 */
final class TestAccessPages extends AccessFrame {
    /** {@code MOCK_FLAGS_ACCESS_WRITE}. */
    private static final int WRITE = 1;

    private static final String NAME = "iommufd_test_access_pages";
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;
    private static final Program<TestAccessPages> PROGRAM = program();

    private final LongCell iova = num();
    private final RefCell<AccessPin> pin = ref();
    private final RefCell<SelftestAccess.Item> item = ref();

    private TestAccessPages(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestAccessPages> program() {
        Program.Builder<TestAccessPages> b = Program.named(NAME);
        b.check("length", f -> Long.compareUnsigned(f.ucmd.u64("length"), LENGTH_MAX) <= 0, Errno.ENOMEM);
        b.check("flags", f -> (f.flags() & ~(WRITE | SYZ)) == 0, Errno.EOPNOTSUPP);
        getAccess(b);
        b.check("it pins pages", f -> f.staccess().needsPinPages(), Errno.EOPNOTSUPP);
        resolveIova(b, f -> f.iova);
        // Around the pin, so that no unmap can come between it and the list.
        b.lock("staccess->lock", f -> f.staccess().lock());
        b.invoke("iommufd_access_pin_pages", TestAccessPages::pin);
        b.take(
                "pinned",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall(
                        "iommufd_access_unpin_pages",
                        f -> AccessPin.unpin(f.staccess().access().require(), f.iova.get(), f.ucmd.u64("length"))));
        b.when(
                "uptr",
                f -> f.ucmd.u64("uptr") != 0,
                c -> c.attempt("iommufd_test_check_pages", HostCost.LOCAL, Process.MM, TestAccessPages::comparePages));
        b.take(
                "list_add_tail item",
                HostCost.ALLOCATE,
                SelftestAccess.ITEMS,
                TestAccessPages::addItem,
                Undo.onFailure(
                        "list_del item", SelftestAccess.ITEMS, f -> f.staccess().remove(f.item.require())));
        return respond(b, NAME).build();
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestAccessPages(ucmd));
    }

    private int flags() {
        return ucmd.u32("flags");
    }

    private Call<?> pin() {
        Call<AccessPin> call =
                AccessPin.pin(staccess().access().require(), iova.get(), ucmd.u64("length"), (flags() & WRITE) != 0);
        pin.set(call.frame());
        return call;
    }

    private int comparePages() {
        long va = ucmd.u64("uptr") - iova.get() % PAGE & -PAGE;
        for (long frame : pin.require().frames()) {
            long page = ucmd.process().translate(va);
            if (page < 0) {
                return Errno.EFAULT;
            }
            if (page != frame) {
                return Errno.EBADE;
            }
            va += PAGE;
        }
        return 0;
    }

    private int addItem() {
        item.set(staccess().add(iova.get(), ucmd.u64("length")));
        return 0;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_access_pages_id", item.require().id());
    }
}
