package org.iommusim.iommufd.mm;

import java.util.function.Consumer;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A user process: its address space ({@code mm_struct}), who it is, and what it may lock. */
public final class Process implements Identified, UserMemory {
    /** The variable of all areas and of the pages behind them. */
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

    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final Kernel kernel;
    private final String name;
    private final long instance;
    private final AddressSpace space;
    private final LongCell pinnedVm;
    private final LongCell lockedVm;
    private final LongCell memlockLimit;
    private final RefCell<User> user;

    /** Makes a process of root, without memory and without a limit on locked memory. */
    public Process(Kernel kernel, String name) {
        this(kernel, name, UNLIMITED, new User(kernel, 0));
    }

    private Process(Kernel kernel, String name, long limit, User as) {
        this.kernel = kernel;
        this.name = name;
        instance = kernel.world().nextInstance();
        space = new AddressSpace(kernel, instance);
        pinnedVm = new LongCell(kernel.world(), PINNED_VM, instance, 0);
        lockedVm = new LongCell(kernel.world(), LOCKED_VM, instance, 0);
        memlockLimit = new LongCell(kernel.world(), LOCKED_VM, instance + (1L << 40), limit);
        user = new RefCell<>(kernel.world(), LOCKED_VM, instance + (2L << 40), as);
    }

    /** The process's name. */
    public String name() {
        return name;
    }

    // ---- who it is, and what it may lock
    // -----------------------------------------------------------------------------

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

    /** {@code capable}: whether it has CAP_SYS_RESOURCE, CAP_IPC_LOCK and all others. Only root has any. */
    public boolean capable() {
        return user().uid() == 0;
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

    // ---- areas -----------------------------------------------------------------------------------------------------

    /**
     * {@code fork}: a child of the same user with the same limit, which maps the same shared pages and copies of the private
     * ones.
     *
     * @param child gets the child
     * @return 0, or ENOMEM
     */
    public int fork(String childName, Consumer<Process> child) {
        Process made = new Process(kernel, childName, memlockLimit(), user());
        int error = space.forkInto(made.space);
        if (error == 0) {
            child.accept(made);
        }
        return error;
    }

    /**
     * {@code mmap}: anonymous memory that is backed at once.
     *
     * @param huge true: in physically contiguous, aligned runs of 2 MiB
     * @return its address, or a negative errno: EINVAL, ENOMEM
     */
    public long mmap(long bytes, boolean huge) {
        return mmap(MmapRequest.anonymous(bytes).with(MmapFlag.HUGE, huge).with(MmapFlag.POPULATE));
    }

    /** {@code mmap}: its address, or a negative errno: EINVAL, ENOMEM. */
    public long mmap(MmapRequest request) {
        return space.mmap(request);
    }

    /**
     * {@code munmap}: gives back every private page in the range that is not pinned; pinned ones follow with their last pin.
     *
     * @return 0, or EINVAL for a misaligned range
     */
    public int munmap(long va, long bytes) {
        return space.munmap(va, bytes);
    }

    /** Takes the next owner who must still hear that an area of it was unmapped, or {@code null}. */
    public @Nullable AreaOwner takeClosed() {
        return space.takeClosed();
    }

    /**
     * {@code mprotect(PROT_READ)} of a whole area: it may no longer be written.
     *
     * @return 0, or ENOMEM if no area begins at {@code va}
     */
    public int protectReadOnly(long va) {
        return space.protectReadOnly(va);
    }

    /** {@code exit_mm}: unmaps everything. */
    public void exit() {
        space.unmapAll();
    }

    /** Physical address behind a virtual one, whose page comes now if it was never touched; -1 if there is none. */
    public long translate(long va) {
        long frame = space.fault(va, false);
        return frame < 0 ? -1 : frame + va % PAGE;
    }

    /** The pages of a file or of anonymous memory behind an address, or {@code null} if nothing is mapped there. */
    public @Nullable Backing backing(long va) {
        Vma vma = space.find(va);
        return vma == null ? null : vma.backing();
    }

    // ---- pins ------------------------------------------------------------------------------------------------------

    /**
     * {@code pin_user_pages}: pins pages that follow each other.
     *
     * @param va page aligned
     * @param pages how many, at least 1
     * @param write true if they will be written
     * @return the physical addresses, or {@code null} if some page is not mapped or may not be written
     */
    public long @Nullable [] pinFrames(long va, long pages, boolean write) {
        if (!space.accessible(va, pages, write)) {
            return null;
        }
        long[] frames = new long[(int) pages];
        for (int i = 0; i < pages; i++) {
            frames[i] = space.fault(va + i * PAGE, write);
            if (frames[i] < 0) {
                return null;
            }
        }
        Pins.take(kernel, frames);
        return frames;
    }

    /**
     * {@code unpin_user_pages}: pages that are no longer mapped are given back with their last pin.
     *
     * @param va of the first page when it was pinned
     */
    public void unpinFrames(long va, long[] frames) {
        Pins.giveBack(kernel, frames);
    }

    // ---- copies ----------------------------------------------------------------------------------------------------

    @Override
    public int copyFromUser(long address, byte[] to, int at, int length) {
        for (int done = 0; done < length; ) {
            long va = address + done;
            int n = (int) Math.min(length - done, PAGE - (va & PAGE - 1));
            Vma vma = space.find(va);
            if (vma == null) {
                return Errno.EFAULT;
            }
            // Reading a page that was never touched finds zeroes and needs no page.
            PageBytes.read(kernel.memory(), vma.backing().frame(vma.page(va)), va & PAGE - 1, to, at + done, n);
            done += n;
        }
        return 0;
    }

    @Override
    public int copyToUser(long address, byte[] from, int at, int length) {
        for (int done = 0; done < length; ) {
            long va = address + done;
            int n = (int) Math.min(length - done, PAGE - (va & PAGE - 1));
            long frame = space.fault(va, true);
            if (frame < 0) {
                return Errno.EFAULT;
            }
            PageBytes.write(kernel.memory(), frame + (va & PAGE - 1), from, at + done, n);
            done += n;
        }
        return 0;
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
