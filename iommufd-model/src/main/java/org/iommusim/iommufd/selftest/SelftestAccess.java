package org.iommusim.iommufd.selftest;

import org.iommusim.iommufd.access.AccessLife;
import org.iommusim.iommufd.access.AccessOps;
import org.iommusim.iommufd.access.AccessPin;
import org.iommusim.iommufd.access.IommufdAccess;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * The driver of an access with its file ({@code struct selftest_access}). What it has pinned is a list of ranges, each with a
 * number that user space knows.
 */
final class SelftestAccess extends KernelFile implements AccessOps {
    /** The variable of all lists of pinned ranges and of the accesses behind files. */
    static final Variable STACCESS = Variable.named("iommufd.selftest.access");
    /** The same as a footprint. */
    static final Footprint ITEMS = Footprint.of(STACCESS);

    /** {@code iommufd_test_access_unmap}: the address space loses a range, so what overlaps it is unpinned. */
    private static final Program<Unmap> UNMAP = Program.<Unmap>named("iommufd_test_access_unmap")
            .lock("staccess->lock", f -> f.staccess.lock)
            .step("first item", ITEMS, Unmap::next)
            .loop(
                    "each item that overlaps",
                    f -> f.item.get() != null,
                    b -> b.step("list_del", HostCost.LOCAL, ITEMS, f -> f.staccess.items.remove(f.item.require()))
                            .invokeIgnoringError("iommufd_access_unpin_pages", f -> f.staccess.unpin(f.item.require()))
                            .step("next item", HostCost.LOCAL, ITEMS, Unmap::next))
            .build();

    private static final Program<Unmap> RELEASE = Program.<Unmap>named("iommufd_test_staccess_release")
            .branch(
                    "has an access",
                    ITEMS,
                    f -> f.staccess.access.get() != null,
                    b -> b.invoke("iommufd_test_access_unmap", f -> f.staccess.unmap(0, -1L))
                            .invoke("iommufd_access_destroy", f -> AccessLife.destroy(f.staccess.access.require())))
            .build();

    private final boolean needsPinPages;
    private final Lock lock;
    private final RefCell<IommufdAccess> access;
    private final CellList<Item> items;
    private final IntCell nextId;

    SelftestAccess(Kernel kernel, boolean needsPinPages) {
        super(kernel, "[iommufd_test_staccess]");
        this.needsPinPages = needsPinPages;
        var world = kernel.world();
        lock = new Lock(world, "staccess->lock", Lock.Kind.MUTEX);
        access = new RefCell<>(world, STACCESS, stableId());
        items = new CellList<>(world, STACCESS);
        nextId = new IntCell(world, STACCESS, stableId() + (1L << 40), 0);
    }

    /** {@code staccess->access}; empty until the file can be used. */
    RefCell<IommufdAccess> access() {
        return access;
    }

    /** Protects the list. */
    Lock lock() {
        return lock;
    }

    /** Adds a pinned range; under {@link #lock}. */
    Item add(long iova, long length) {
        Item item = new Item(nextId.get(), iova, length, kernel().world().nextInstance());
        nextId.add(1);
        items.add(item);
        return item;
    }

    /** Takes a range out of the list; under {@link #lock}. */
    void remove(Item item) {
        items.remove(item);
    }

    /** The range with a number, or {@code null}; under {@link #lock}. */
    @Nullable
    Item find(long id) {
        for (Item item : items.items()) {
            if (Integer.toUnsignedLong(item.id) == id) {
                return item;
            }
        }
        return null;
    }

    /** Gives the pins of a range back. */
    Call<?> unpin(Item item) {
        return AccessPin.unpin(access.require(), item.iova, item.length);
    }

    @Override
    public boolean needsPinPages() {
        return needsPinPages;
    }

    @Override
    public Call<?> unmap(long iova, long length) {
        return new Call<>(UNMAP, new Unmap(this, iova, length));
    }

    @Override
    public Call<?> release() {
        return new Call<>(RELEASE, new Unmap(this, 0, 0));
    }

    /**
     * A pinned range ({@code struct selftest_access_item}).
     *
     * @param id user space's number
     * @param iova its start
     * @param length its bytes
     */
    record Item(int id, long iova, long length, long stableId) implements Identified {
        boolean overlaps(long first, long last) {
            return Long.compareUnsigned(first, iova + length - 1) <= 0 && Long.compareUnsigned(last, iova) >= 0;
        }
    }

    private static final class Unmap extends Frame {
        final SelftestAccess staccess;
        final long first;
        final long last;
        final RefCell<Item> item = ref();

        Unmap(SelftestAccess staccess, long iova, long length) {
            super(staccess.kernel().world());
            this.staccess = staccess;
            first = iova;
            last = iova + length - 1;
        }

        void next() {
            item.set(null);
            for (Item candidate : staccess.items.items()) {
                if (candidate.overlaps(first, last)) {
                    item.set(candidate);
                    return;
                }
            }
        }
    }
}
