package org.iommusim.iommufd.mm;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.LongCell;
import org.jspecify.annotations.Nullable;

/** The areas of a process, and what is behind each address. */
final class AddressSpace {
    private static final long MMAP_BASE = 0x10_0000_0000L;
    /** First address that user space cannot have ({@code TASK_SIZE}, 47 bits less a guard page). */
    private static final long TASK_SIZE = (1L << 47) - PhysicalMemory.PAGE_BYTES;

    private static final long MOST_BYTES = 1L << 40;
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final Kernel kernel;
    private final CellList<Vma> vmas;
    private final LongCell mmapNext;
    /** Owners of areas that were unmapped and that do not know it yet. */
    private final CellList<AreaOwner> closing;

    AddressSpace(Kernel kernel, long instance) {
        this.kernel = kernel;
        vmas = new CellList<>(kernel.world(), Process.VMA);
        mmapNext = new LongCell(kernel.world(), Process.VMA, instance, MMAP_BASE);
        closing = new CellList<>(kernel.world(), Process.VMA);
    }

    /** The address, or EINVAL, ENOMEM. */
    long mmap(MmapRequest request) {
        long bytes = request.bytes();
        Backing existing = request.backing();
        long unit = existing != null ? existing.unitBytes() : request.has(MmapFlag.HUGE) ? Process.HUGE_BYTES : PAGE;
        if (bytes <= 0 || bytes > MOST_BYTES || bytes % unit != 0 || request.va() % unit != 0) {
            return Errno.EINVAL;
        }
        if (request.va() < 0 || request.va() > TASK_SIZE - bytes || !covered(request)) {
            return Errno.EINVAL;
        }
        Backing backing =
                existing != null ? existing : new Backing(kernel, (int) (bytes / PAGE), request.has(MmapFlag.HUGE));
        if (existing != null) {
            existing.get();
        } else if (request.has(MmapFlag.POPULATE) && backing.populate() != 0) {
            return Errno.ENOMEM;
        }
        long va = request.va() == 0 ? choose(bytes) : request.va();
        munmap(va, bytes);
        int first = (int) (request.offset() / PAGE);
        vmas.add(new Vma(
                va,
                va + bytes,
                backing,
                first,
                request.has(MmapFlag.WRITE),
                request.has(MmapFlag.SHARED),
                request.owner(),
                nextId()));
        return va;
    }

    private static boolean covered(MmapRequest request) {
        Backing backing = request.backing();
        return backing == null
                || request.has(MmapFlag.SHARED)
                        && request.offset() >= 0
                        && request.offset() % backing.unitBytes() == 0
                        && request.offset() + request.bytes() <= backing.pages() * PAGE;
    }

    private long choose(long bytes) {
        // Automatic I/O virtual addresses follow the alignment of the process's: keep it as the kernel does for THP.
        long align = bytes >= Process.HUGE_BYTES ? Process.HUGE_BYTES : PAGE;
        long va = mmapNext.get() + align - 1 & -align;
        mmapNext.set(va + bytes);
        return va;
    }

    int munmap(long va, long bytes) {
        if (va % PAGE != 0 || bytes <= 0 || bytes % PAGE != 0 || va < 0 || va + bytes < va) {
            return Errno.EINVAL;
        }
        for (Vma vma : vmas.items()) {
            long from = Math.max(va, vma.start());
            long to = Math.min(va + bytes, vma.end());
            if (from < to) {
                cut(vma, from, to);
            }
        }
        return 0;
    }

    private void cut(Vma vma, long from, long to) {
        vmas.remove(vma);
        if (vma.start() < from) {
            vmas.add(vma.part(vma.start(), from, nextId()));
        }
        if (to < vma.end()) {
            vmas.add(vma.part(to, vma.end(), nextId()));
        }
        // Shared pages stay in their file, or until the last one who maps any of them has gone.
        if (!vma.shared()) {
            vma.backing().drop(vma.page(from), (int) ((to - from) / PAGE));
        }
        vma.backing().put();
        AreaOwner owner = vma.owner();
        if (owner != null) {
            closing.add(owner);
        }
    }

    /** Takes the next owner who must still hear that an area has gone, or {@code null}. */
    @Nullable
    AreaOwner takeClosed() {
        if (closing.isEmpty()) {
            return null;
        }
        AreaOwner first = closing.items().get(0);
        closing.remove(first);
        return first;
    }

    void unmapAll() {
        for (Vma vma : vmas.items()) {
            munmap(vma.start(), vma.end() - vma.start());
        }
    }

    /** Copies the areas into the address space of a child; ENOMEM if pages cannot be copied. */
    int forkInto(AddressSpace child) {
        child.mmapNext.set(mmapNext.get());
        for (Vma vma : vmas.items()) {
            Backing backing = vma.shared()
                    ? vma.backing()
                    : vma.backing().copy(vma.first(), (int) ((vma.end() - vma.start()) / PAGE));
            if (backing == null) {
                child.unmapAll();
                return Errno.ENOMEM;
            }
            if (vma.shared()) {
                child.vmas.add(vma.part(vma.start(), vma.end(), nextId()));
            } else {
                child.vmas.add(vma.on(backing, nextId()));
            }
        }
        return 0;
    }

    int protectReadOnly(long va) {
        Vma vma = find(va);
        if (vma == null || vma.start() != va) {
            return Errno.ENOMEM;
        }
        vmas.remove(vma);
        vmas.add(vma.readOnly(nextId()));
        return 0;
    }

    /** True if all of these pages are mapped, and may be written if that is wanted. */
    boolean accessible(long va, long pages, boolean write) {
        long left = pages;
        long at = va;
        while (left > 0) {
            Vma vma = find(at);
            if (vma == null || write && !vma.writable()) {
                return false;
            }
            left -= (vma.end() - at) / PAGE;
            at = vma.end();
        }
        return true;
    }

    private long nextId() {
        return kernel.world().nextInstance();
    }

    @Nullable
    Vma find(long va) {
        for (Vma vma : vmas.items()) {
            if (vma.contains(va)) {
                return vma;
            }
        }
        return null;
    }

    /**
     * Physical address of the page that holds an address; it comes now if it was never touched.
     *
     * @return the address; EFAULT if nothing is mapped there or it may not be written; ENOMEM
     */
    long fault(long va, boolean write) {
        Vma vma = find(va);
        if (vma == null || write && !vma.writable()) {
            return Errno.EFAULT;
        }
        return vma.backing().touch(vma.page(va));
    }
}
