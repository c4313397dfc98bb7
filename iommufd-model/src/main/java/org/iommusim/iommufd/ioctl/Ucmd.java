package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.jspecify.annotations.Nullable;

/**
 * A command that the dispatch has copied in ({@code struct iommufd_ucmd}): who called, on which context, the structure as it
 * came, and where the answer goes. Immutable. The simulation's own callers make one without user memory: nothing is copied
 * back then, and results are read from the handler's frame.
 */
public final class Ucmd {
    private final IommufdCtx ctx;
    private final UserMemory memory;
    private final @Nullable Process process;
    private final @Nullable FileTable files;
    private final StructImage input;
    private final long address;
    private final long userSize;

    private Ucmd(
            IommufdCtx ctx,
            UserMemory memory,
            @Nullable Process process,
            @Nullable FileTable files,
            StructImage input,
            long address,
            long userSize) {
        this.ctx = ctx;
        this.memory = memory;
        this.process = process;
        this.files = files;
        this.input = input;
        this.address = address;
        this.userSize = userSize;
    }

    /**
     * A command of user space.
     *
     * @param input the structure of this kernel, filled with zeroes where user space's is shorter
     * @param address of user space's structure
     * @param userSize bytes of user space's structure
     */
    static Ucmd fromUser(IommufdCtx ctx, Caller caller, StructImage input, long address, long userSize) {
        return new Ucmd(ctx, caller.process(), caller.process(), caller.files(), input, address, userSize);
    }

    /** A command without user memory. */
    static Ucmd of(IommufdCtx ctx, StructWriter input) {
        return new Ucmd(ctx, UserData.NONE.memory(), null, null, input.image(), 0, 0);
    }

    /** A command of a process without its structure in memory. */
    static Ucmd of(IommufdCtx ctx, Process process, StructWriter input) {
        return new Ucmd(ctx, process, process, null, input.image(), 0, 0);
    }

    /** A command whose pointers point into {@code memory}. */
    static Ucmd of(IommufdCtx ctx, UserMemory memory, StructWriter input) {
        return new Ucmd(ctx, memory, null, null, input.image(), 0, 0);
    }

    /** Starts the structure of an ioctl with its size filled in. */
    static StructWriter structure(IommufdIoctl ioctl) {
        return ioctl.layout().writer().set("size", ioctl.layout().size());
    }

    /** The context. */
    public IommufdCtx ctx() {
        return ctx;
    }

    /** The memory that the structure's pointers point into. */
    public UserMemory memory() {
        return memory;
    }

    /** Whose memory and limits count ({@code current->mm}). */
    public Process process() {
        if (process == null) {
            throw new IllegalStateException("this command came from no process");
        }
        return process;
    }

    /** The caller's descriptors. */
    public FileTable files() {
        if (files == null) {
            throw new IllegalStateException("this command came from no process with files");
        }
        return files;
    }

    /** The caller's descriptors; {@code null} for the simulation's own callers, which use files that are at hand. */
    public @Nullable FileTable filesIfAny() {
        return files;
    }

    /** The structure as it came. */
    public StructImage input() {
        return input;
    }

    /** The same command, its structure read as one member of a union. */
    public Ucmd as(StructLayout member) {
        return new Ucmd(ctx, memory, process, files, input.as(member), address, userSize);
    }

    /** A field of 32 bits or fewer. */
    public int u32(String field) {
        return input.u32(field);
    }

    /** An id or a count, zero extended. */
    public long id(String field) {
        return input.unsigned(field);
    }

    /** A field of 64 bits. */
    public long u64(String field) {
        return input.u64(field);
    }

    /** {@code struct iommu_user_data} of the fields {@code data_uptr} and {@code data_len}. */
    public UserData userData(int type) {
        return new UserData(type, memory, u64("data_uptr"), u32("data_len"));
    }

    /** {@code struct iommu_user_data_array} of the fields {@code data_type}, {@code data_uptr} and {@code entry_*}. */
    public UserDataArray userDataArray() {
        return new UserDataArray(u32("data_type"), memory, u64("data_uptr"), u32("entry_len"), u32("entry_num"));
    }

    /**
     * {@code iommufd_ucmd_respond}: writes as much of the structure back as user space has of it.
     *
     * @return 0, or EFAULT
     */
    int respond(StructWriter answer) {
        byte[] bytes = answer.image().bytes();
        return memory.copyToUser(address, bytes, 0, (int) Math.min(userSize, bytes.length));
    }
}
