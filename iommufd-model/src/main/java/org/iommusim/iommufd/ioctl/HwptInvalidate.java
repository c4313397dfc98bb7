package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.InvalidationWatcher;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwptNested;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_HWPT_INVALIDATE (hw_pagetable.c). Errors in this order: EOPNOTSUPP (reserved), and if there are entries EINVAL (no
 * array, entry length 0 or above 4096, more than 2^19 entries), ENOENT, EINVAL (an object that has nothing to invalidate),
 * those of the driver, EFAULT. The number of entries handled is told on an error too.
 */
public final class HwptInvalidate extends IoctlFrame {
    private static final String NAME = "IOMMU_HWPT_INVALIDATE";
    private static final int ENTRIES_MAX = 1 << 19;
    private static final int ENTRY_BYTES_MAX = 4096;

    static final Program<HwptInvalidate> CHECKED = checked();
    static final Program<HwptInvalidate> PROGRAM = program();

    private final RefCell<IommufdObject> object = ref();
    private final IntCell done = count();
    private final IntCell error = count();

    private HwptInvalidate(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<HwptInvalidate> checked() {
        Program.Builder<HwptInvalidate> b = Program.named("iommufd_hwpt_invalidate checked");
        b.check("__reserved", f -> f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        b.check("entry_len and entry_num", HwptInvalidate::arrayFits, Errno.EINVAL);
        get(b, "object", f -> f.ucmd.id("hwpt_id"), ObjectType.ANY, IommufdObject.class, f -> f.object, Errno.ENOENT);
        b.check(
                "something to invalidate",
                f -> f.object.get() instanceof HwptNested || f.object.get() instanceof Viommu,
                Errno.EINVAL);
        b.invoke("cache_invalidate", HwptInvalidate::invalidate);
        return b.build();
    }

    private static Program<HwptInvalidate> program() {
        Program.Builder<HwptInvalidate> b = Program.named(NAME);
        b.invokeForAnswer("invalidate", f -> new Call<>(CHECKED, f), (f, e) -> f.error.set(e));
        // entry_num goes back whatever happened: user space continues behind what was handled.
        respond(b, NAME);
        return b.finish("answer", f -> f.error.get()).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<HwptInvalidate> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new HwptInvalidate(ucmd));
    }

    /** The same without its command in user memory; the array is wherever {@code array} says. */
    public static Call<HwptInvalidate> call(IommufdCtx ctx, long hwptId, UserDataArray array) {
        return call(Ucmd.of(
                ctx,
                array.memory(),
                Ucmd.structure(IommufdIoctl.HWPT_INVALIDATE)
                        .set("hwpt_id", hwptId)
                        .set("data_uptr", array.address())
                        .set("data_type", array.type())
                        .set("entry_len", array.entryLength())
                        .set("entry_num", array.entryNum())));
    }

    private boolean arrayFits() {
        long entries = ucmd.id("entry_num");
        long bytes = ucmd.id("entry_len");
        return entries == 0
                || ucmd.u64("data_uptr") != 0 && bytes > 0 && bytes <= ENTRY_BYTES_MAX && entries <= ENTRIES_MAX;
    }

    private Call<?> invalidate() {
        UserDataArray array = ucmd.userDataArray();
        if (object.require() instanceof Viommu viommu) {
            return viommu.driverPart().require().cacheInvalidate(array, done);
        }
        return ((HwptNested) object.require()).domain().require().cacheInvalidateUser(array, done);
    }

    @Override
    protected void answer(StructWriter out) {
        if (object.get() instanceof Viommu) {
            ctx.kernel().tell(InvalidationWatcher.class, watcher -> watcher.answers(entriesHandled()));
        }
        out.set("entry_num", entriesHandled());
    }

    /** {@code entry_num}: how many entries were handled. */
    public int entriesHandled() {
        return done.get();
    }
}
