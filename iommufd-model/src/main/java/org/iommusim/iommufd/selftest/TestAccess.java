package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.access.AccessIoas;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** IOMMU_TEST_OP_ACCESS_REPLACE_IOAS and IOMMU_TEST_OP_DESTROY_ACCESS_PAGES. */
final class TestAccess extends AccessFrame {
    private static final Program<TestAccess> REPLACE = replace();
    private static final Program<TestAccess> DESTROY = destroy();

    private final RefCell<SelftestAccess.Item> item = ref();

    private TestAccess(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestAccess> replace() {
        Program.Builder<TestAccess> b = Program.named("iommufd_test_access_replace_ioas");
        getAccess(b);
        return b.invoke(
                        "iommufd_access_replace",
                        f -> AccessIoas.replace(f.staccess().access().require(), f.ucmd.id("ioas_id")))
                .build();
    }

    private static Program<TestAccess> destroy() {
        Program.Builder<TestAccess> b = Program.named("iommufd_test_access_item_destroy");
        getAccess(b);
        return b.lock("staccess->lock", f -> f.staccess().lock())
                .attempt("list_del item", HostCost.LOCAL, SelftestAccess.ITEMS, TestAccess::take)
                .invokeIgnoringError(
                        "iommufd_access_unpin_pages", f -> f.staccess().unpin(f.item.require()))
                .build();
    }

    /** Errors: EBADFD, those of moving an access. */
    static Call<?> replaceIoas(Ucmd ucmd) {
        return new Call<>(REPLACE, new TestAccess(ucmd));
    }

    /** Errors: EBADFD, ENOENT (nothing is pinned under this number). */
    static Call<?> destroyPages(Ucmd ucmd) {
        return new Call<>(DESTROY, new TestAccess(ucmd));
    }

    private int take() {
        SelftestAccess.Item found = staccess().find(ucmd.id("access_pages_id"));
        if (found == null) {
            return Errno.ENOENT;
        }
        staccess().remove(found);
        item.set(found);
        return 0;
    }
}
