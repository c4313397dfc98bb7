package org.iommusim.iommufd.file;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * An open file ({@code struct file} with its {@code file_operations}). An operation that a kind of file does not have
 * answers what the kernel answers then. Operations are called with the file held; one that gives a number leaves it in
 * {@code result}.
 */
public abstract class KernelFile implements Identified {
    /** The variable of all reference counts of files. */
    public static final Variable REFERENCES = Variable.named("file.references");

    private final Kernel kernel;
    private final String name;
    private final long instance;
    private final IntCell references;

    /**
     * Opens a file that has one reference: its opener's.
     *
     * @param name for humans, e.g. {@code [iommufd-fault]}
     */
    protected KernelFile(Kernel kernel, String name) {
        this(
                kernel,
                name,
                new IntCell(kernel.world(), REFERENCES, kernel.world().nextInstance(), 1));
    }

    /** A file whose references somebody else counts too. */
    protected KernelFile(Kernel kernel, String name, IntCell references) {
        this.kernel = kernel;
        this.name = name;
        this.references = references;
        instance = kernel.world().nextInstance();
    }

    /** The kernel. */
    public final Kernel kernel() {
        return kernel;
    }

    // ---- references ------------------------------------------------------------------------------------------------

    /** How many hold it. */
    public final int references() {
        return references.get();
    }

    /** {@code get_file}. */
    public final void get() {
        if (references.add(1) <= 1) {
            kernel.warn("get_file", name + " is gone");
        }
    }

    /**
     * {@code fput}.
     *
     * @return true if it was the last one: {@link #release} follows as the system call returns
     */
    public final boolean put() {
        int left = references.add(-1);
        if (left < 0) {
            kernel.warn("fput", name + " is put too often");
        }
        return left == 0;
    }

    // ---- file_operations -------------------------------------------------------------------------------------------

    /**
     * {@code unlocked_ioctl}.
     *
     * @param argument a number or a pointer
     */
    public Call<?> ioctl(Caller caller, int number, long argument, LongCell result) {
        return Answer.of(kernel, Errno.ENOTTY);
    }

    /** {@code read} into user memory; {@code result} is the number of bytes. */
    public Call<?> read(Caller caller, long address, long length, LongCell result) {
        return Answer.of(kernel, Errno.EINVAL);
    }

    /** {@code write} from user memory; {@code result} is the number of bytes. */
    public Call<?> write(Caller caller, long address, long length, LongCell result) {
        return Answer.of(kernel, Errno.EINVAL);
    }

    /** {@code poll}; {@code result} is a mask of {@link PollMask}. A file without one is always ready. */
    public Call<?> poll(LongCell result) {
        return Answer.of(kernel, PollMask.DEFAULT, result);
    }

    /**
     * {@code mmap}; {@code result} is the address.
     *
     * @param request without a backing, which the file has; its offset is one of the file
     */
    public Call<?> mmap(Caller caller, MmapRequest request, LongCell result) {
        return Answer.of(kernel, Errno.ENODEV);
    }

    /** {@code release}: nobody holds the file any more; {@code null}: nothing to do. */
    public @Nullable Call<?> release() {
        return null;
    }

    @Override
    public final long stableId() {
        return instance;
    }

    @Override
    public final String toString() {
        return name;
    }
}
