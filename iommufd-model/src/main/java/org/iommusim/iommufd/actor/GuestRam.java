package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.Variable;

/**
 * A guest's memory: guest physical addresses are backed by memory of its VMM. The guest kernel takes the pages of its own
 * tables from the last eighth of its first memslot.
 */
final class GuestRam implements GuestMemory {
    private static final Variable MEMSLOTS = Variable.named("guest.memslots");
    private static final Variable PAGES = Variable.named("guest.pages");
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final Kernel kernel;
    private final Process process;
    private final String name;
    private final CellList<Memslot> memslots;
    private final IntArrayCell used;

    GuestRam(Kernel kernel, Process process, String name) {
        this.kernel = kernel;
        this.process = process;
        this.name = name;
        memslots = new CellList<>(kernel.world(), MEMSLOTS);
        used = new IntArrayCell(kernel.world(), PAGES, kernel.world().nextInstance(), 0);
    }

    /** Backs guest physical addresses by memory of the VMM. */
    void addMemslot(long guestPhysical, long va, long bytes) {
        memslots.add(new Memslot(guestPhysical, va, bytes, kernel.world().nextInstance()));
        used.grow(ownPages());
    }

    private int ownPages() {
        return memslots.isEmpty() ? 0 : (int) (memslots.items().get(0).bytes / PAGE / 8);
    }

    private long firstOwnPage() {
        Memslot first = memslots.items().get(0);
        return first.guestPhysical + first.bytes - ownPages() * PAGE;
    }

    private long physical(long guestPhysical) {
        for (Memslot slot : memslots.items()) {
            if (guestPhysical >= slot.guestPhysical && guestPhysical < slot.guestPhysical + slot.bytes) {
                long physical = process.translate(slot.va + guestPhysical - slot.guestPhysical);
                if (physical >= 0) {
                    return physical;
                }
            }
        }
        throw new ScriptException(
                name,
                "guest physical address 0x" + Long.toHexString(guestPhysical)
                        + " is not backed by memory: a memslot is missing");
    }

    @Override
    public long read64(long guestPhysical) {
        return kernel.memory().read64(physical(guestPhysical));
    }

    @Override
    public void write64(long guestPhysical, long value) {
        kernel.memory().write64(physical(guestPhysical), value);
    }

    @Override
    public long allocatePage() {
        return allocatePages(1, 1);
    }

    @Override
    public long allocatePages(int count, int alignPages) {
        int pages = ownPages();
        int at = 0;
        while (at + count <= pages) {
            long misaligned = (firstOwnPage() / PAGE + at) % alignPages;
            if (misaligned != 0) {
                at += (int) (alignPages - misaligned);
                continue;
            }
            int blocked = lastUsed(at, count);
            if (blocked < 0) {
                return take(at, count);
            }
            at = blocked + 1;
        }
        throw new ScriptException(
                name,
                "the guest kernel is out of memory: its first memslot has " + pages
                        + " pages for tables, which is an eighth of it");
    }

    private int lastUsed(int first, int count) {
        for (int i = first + count - 1; i >= first; i--) {
            if (used.get(i) != 0) {
                return i;
            }
        }
        return -1;
    }

    private long take(int first, int count) {
        for (int i = first; i < first + count; i++) {
            long page = physical(firstOwnPage() + i * PAGE);
            used.set(i, 1);
            if (kernel.memory().owner(page) == PageOwner.GUEST_FREE) {
                kernel.memory().setOwner(page, PageOwner.PROCESS);
            }
            kernel.memory().zeroPage(page);
        }
        return firstOwnPage() + first * PAGE;
    }

    @Override
    public void freePages(long guestPhysical, int count) {
        int first = (int) ((guestPhysical - firstOwnPage()) / PAGE);
        for (int i = first; i < first + count; i++) {
            used.set(i, 0);
            long page = physical(firstOwnPage() + i * PAGE);
            // A VMM that took the memory away may have left the page to the last pin.
            if (kernel.memory().owner(page) == PageOwner.PROCESS) {
                kernel.memory().setOwner(page, PageOwner.GUEST_FREE);
            }
        }
    }

    private record Memslot(long guestPhysical, long va, long bytes, long stableId) implements Identified {}
}
