package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwptNested;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_HWPT_INVALIDATE (hw_pagetable.c) on a vIOMMU. Errors in this order: EINVAL (entry length 0 or above 4096, more than
 * 2^19 entries), ENOENT, EINVAL (an object that has nothing to invalidate), EOPNOTSUPP (a nested HWPT: no driver here
 * invalidates by HWPT), those of the driver, EFAULT. The number of entries handled is told on an error too.
 */
public final class HwptInvalidate extends IoctlFrame {
    private static final String NAME = "IOMMU_HWPT_INVALIDATE";
    private static final int ENTRIES_MAX = 1 << 19;
    private static final int ENTRY_BYTES_MAX = 4096;
    private static final Program<HwptInvalidate> PROGRAM = program();

    private final long hwptId;
    private final UserData array;
    private final int entryLength;
    private final RefCell<IommufdObject> object = ref();
    private final IntCell done = count();
    private final IntCell error = count();

    private HwptInvalidate(IommufdCtx ctx, long hwptId, UserData array, int entryLength) {
        super(ctx);
        this.hwptId = hwptId;
        this.array = array;
        this.entryLength = entryLength;
    }

    private static Program<HwptInvalidate> program() {
        Program.Builder<HwptInvalidate> b = Program.named(NAME);
        b.check("entry_len and entry_num", HwptInvalidate::arrayFits, Errno.EINVAL);
        get(b, "object", f -> f.hwptId, ObjectType.ANY, IommufdObject.class, f -> f.object, Errno.ENOENT);
        b.check("nested hwpt", f -> !(f.object.get() instanceof HwptNested), Errno.EOPNOTSUPP);
        b.check("viommu", f -> f.object.get() instanceof Viommu, Errno.EINVAL);
        b.invokeForAnswer("cache_invalidate", HwptInvalidate::invalidate, (f, e) -> f.error.set(e));
        // entry_num goes back whatever happened: user space continues behind what was handled.
        b.attempt(
                "iommufd_ucmd_respond",
                HostCost.USER_COPY,
                Footprint.LOCAL,
                f -> f.injected(NAME, "iommufd_ucmd_respond"));
        return b.finish("answer", f -> f.error.get()).build();
    }

    /**
     * The ioctl's handler with its frame.
     *
     * @param entryLength bytes of an entry
     */
    public static Call<HwptInvalidate> call(IommufdCtx ctx, long hwptId, UserData array, int entryLength) {
        return new Call<>(PROGRAM, new HwptInvalidate(ctx, hwptId, array, entryLength));
    }

    private boolean arrayFits() {
        if (array.length() == 0) {
            return true;
        }
        return entryLength > 0
                && entryLength <= ENTRY_BYTES_MAX
                && array.length() % entryLength == 0
                && array.length() / entryLength <= ENTRIES_MAX;
    }

    private Call<?> invalidate() {
        return ((Viommu) object.require()).driverPart().require().cacheInvalidate(array.array(entryLength), done);
    }

    /** {@code entry_num}: how many entries were handled. */
    public int entriesHandled() {
        return done.get();
    }
}
