package org.iommusim.iommufd.mm;

import java.util.function.Consumer;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A user process's address space ({@code mm_struct}). */
public final class Process implements Identified {
    /** The variable of all areas. */
    public static final Variable VMA = Variable.named("mm.vma");
    /** The variable of what processes have pinned ({@code mm->pinned_vm}). */
    public static final Variable PINNED_VM = Variable.named("mm.pinned_vm");
    /** The variable of what processes have locked, of their limits and of who they are ({@code mm->locked_vm}). */
    public static final Variable LOCKED_VM = Variable.named("mm.locked_vm");

    /** What any method here touches. */
    public static final Footprint MM =
            Footprint.of(VMA, PINNED_VM, LOCKED_VM, PhysicalMemory.PAGE, PhysicalMemory.WORD, PageAllocator.ALLOCATOR);

    /** Bytes of a huge page. */
    public static final long HUGE_BYTES = 2L << 20;
    /** No limit on locked memory. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final long MMAP_BASE = 0x10_0000_0000L;
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final Kernel kernel;
    private final String name;
    private final long instance;
    private final CellList<Vma> vmas;
    private final LongCell mmapNext;
    private final LongCell pinnedVm;
    private final LongCell lockedVm;
    private final LongCell memlockLimit;
    private final RefCell<User> user;

    /** Makes a process without memory and without a limit on locked memory. */
    public Process(Kernel kernel, String name) {
        this.kernel = kernel;
        this.name = name;
        instance = kernel.world().nextInstance();
        vmas = new CellList<>(kernel.world(), VMA);
        mmapNext = new LongCell(kernel.world(), VMA, instance, MMAP_BASE);
        pinnedVm = new LongCell(kernel.world(), PINNED_VM, instance, 0);
        lockedVm = new LongCell(kernel.world(), LOCKED_VM, instance, 0);
        memlockLimit = new LongCell(kernel.world(), LOCKED_VM, instance + (1L << 40), UNLIMITED);
        user = new RefCell<>(kernel.world(), LOCKED_VM, instance + (2L << 40), new User(kernel, 0));
    }

    /** The process's name. */
    public String name() {
        return name;
    }

    /** {@code RLIMIT_MEMLOCK} in bytes. */
    public void memlockLimit(long bytes) {
        memlockLimit.set(bytes);
    }

    /** {@code RLIMIT_MEMLOCK} in bytes. */
    public long memlockLimit() {
        return memlockLimit.get();
    }

    /** {@code setuid}: another user pays from now on for what is pinned. */
    public void user(User newUser) {
        user.set(newUser);
    }

    /** {@code current_user()}. */
    public User user() {
        return user.require();
    }

    /** Who pays for what the process maps now. */
    public PinPayer payer() {
        return new PinPayer(this, user());
    }

    /** Pages pinned for devices ({@code pinned_vm}). */
    public long pinnedPages() {
        return pinnedVm.get();
    }

    void addPinned(long pages) {
        pinnedVm.add(pages);
    }

    /** Pages locked ({@code locked_vm}). */
    public long lockedPages() {
        return lockedVm.get();
    }

    void addLocked(long pages) {
        lockedVm.add(pages);
    }

    /**
     * {@code mmap}: anonymous memory that is backed at once.
     *
     * @param huge true: in physically contiguous, aligned runs of 2 MiB
     * @return its address, or a negative errno: EINVAL, ENOMEM
     */
    public long mmap(long bytes, boolean huge) {
        long unit = huge ? HUGE_BYTES : PAGE;
        if (bytes <= 0 || bytes % unit != 0 || bytes > 1L << 40) {
            return Errno.EINVAL;
        }
        long[] frames = new long[(int) (bytes / PAGE)];
        int perUnit = (int) (unit / PAGE);
        for (int i = 0; i < frames.length; i += perUnit) {
            long run = kernel.pages().allocate(PageOwner.PROCESS, perUnit, perUnit);
            if (run == PageAllocator.NONE) {
                for (int back = 0; back < i; back += perUnit) {
                    kernel.pages().free(frames[back], perUnit);
                }
                return Errno.ENOMEM;
            }
            for (int page = 0; page < perUnit; page++) {
                frames[i + page] = run + page * PAGE;
            }
        }
        // Automatic I/O virtual addresses follow the alignment of the process's: keep it as the kernel does for THP.
        long align = bytes >= HUGE_BYTES ? HUGE_BYTES : PAGE;
        long va = mmapNext.get() + align - 1 & -align;
        mmapNext.set(va + bytes);
        vmas.add(new Vma(va, frames, true, kernel.world().nextInstance()));
        return va;
    }

    /**
     * {@code munmap}: gives back every page in the range that is not pinned; pinned ones follow with their last pin.
     *
     * @return 0, or EINVAL for a misaligned range
     */
    public int munmap(long va, long bytes) {
        if (va % PAGE != 0 || bytes <= 0 || bytes % PAGE != 0 || va < 0 || va + bytes < va) {
            return Errno.EINVAL;
        }
        long end = va + bytes;
        for (Vma vma : vmas.items()) {
            long from = Math.max(va, vma.start());
            long to = Math.min(end, vma.end());
            if (from >= to) {
                continue;
            }
            vmas.remove(vma);
            if (vma.start() < from) {
                vmas.add(vma.part(vma.start(), from, kernel.world().nextInstance()));
            }
            if (to < vma.end()) {
                vmas.add(vma.part(to, vma.end(), kernel.world().nextInstance()));
            }
            for (long at = from; at < to; at += PAGE) {
                giveBack(vma.frame(at));
            }
        }
        return 0;
    }

    /**
     * {@code mprotect(PROT_READ)} of whole areas: what lies between the addresses may no longer be written.
     *
     * @return 0, or ENOMEM if no area begins at {@code va}
     */
    public int protectReadOnly(long va) {
        Vma vma = find(va);
        if (vma == null || vma.start() != va) {
            return Errno.ENOMEM;
        }
        vmas.remove(vma);
        vmas.add(vma.readOnly(kernel.world().nextInstance()));
        return 0;
    }

    /** {@code exit_mm}: unmaps everything. */
    public void exit() {
        for (Vma vma : vmas.items()) {
            munmap(vma.start(), vma.end() - vma.start());
        }
    }

    /** Physical address behind a virtual one; -1 if nothing is mapped there. */
    public long translate(long va) {
        Vma vma = find(va);
        return vma == null ? -1 : vma.frame(va) + va % PAGE;
    }

    /**
     * {@code pin_user_pages} with its accounting.
     *
     * @param va page aligned
     * @param pages how many, at least 1
     * @param pinned gets the pages
     * @return 0; EFAULT if some page is not mapped; ENOMEM if more would be locked than the process may
     */
    public int pin(long va, int pages, Consumer<PinnedPages> pinned) {
        long[] frames = new long[pages];
        for (int i = 0; i < pages; i++) {
            frames[i] = translate(va + i * PAGE);
            if (frames[i] < 0) {
                return Errno.EFAULT;
            }
        }
        long limit = memlockLimit.get();
        if (limit != UNLIMITED && pinnedVm.get() + pages > limit / PAGE) {
            return Errno.ENOMEM;
        }
        pinnedVm.add(pages);
        for (long frame : frames) {
            kernel.memory().pin(frame, 1);
        }
        pinned.accept(new PinnedPages(this, va, frames, kernel.world().nextInstance()));
        return 0;
    }

    /** {@code unpin_user_pages}: pages that are no longer mapped are given back with their last pin. */
    public void unpin(PinnedPages pages) {
        pinnedVm.add(-pages.count());
        for (int i = 0; i < pages.count(); i++) {
            long frame = pages.frame(i);
            kernel.memory().pin(frame, -1);
            // Anonymous memory is mapped at one address only, so that is the only place to look.
            if (translate(pages.va() + i * PAGE) != frame) {
                giveBack(frame);
            }
        }
    }

    /**
     * {@code pin_user_pages} without its accounting: pins pages that follow each other.
     *
     * @param va page aligned
     * @param pages how many, at least 1
     * @param write true if they will be written
     * @return the physical addresses, or {@code null} if some page is not mapped or may not be written
     */
    public long @Nullable [] pinFrames(long va, long pages, boolean write) {
        if (!accessible(va, pages, write)) {
            return null;
        }
        long[] frames = new long[(int) pages];
        int i = 0;
        while (i < pages) {
            Vma vma = find(va + i * PAGE);
            for (; vma != null && i < pages && vma.contains(va + i * PAGE); i++) {
                frames[i] = vma.frame(va + i * PAGE);
                kernel.memory().pin(frames[i], 1);
            }
        }
        return frames;
    }

    private boolean accessible(long va, long pages, boolean write) {
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

    private @Nullable Vma find(long va) {
        for (Vma vma : vmas.items()) {
            if (vma.contains(va)) {
                return vma;
            }
        }
        return null;
    }

    /**
     * {@code unpin_user_pages} without its accounting: pages that are no longer mapped are given back with their last pin.
     *
     * @param va of the first page when it was pinned
     */
    public void unpinFrames(long va, long[] frames) {
        for (int i = 0; i < frames.length; i++) {
            kernel.memory().pin(frames[i], -1);
            if (translate(va + i * PAGE) != frames[i]) {
                giveBack(frames[i]);
            }
        }
    }

    private void giveBack(long frame) {
        if (kernel.memory().pins(frame) == 0) {
            kernel.pages().free(frame, 1);
        }
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return name;
    }
}
