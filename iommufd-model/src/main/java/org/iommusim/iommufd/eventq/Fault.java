package org.iommusim.iommufd.eventq;

import java.util.List;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * A queue of I/O page faults that user space answers ({@code struct iommufd_fault}, eventq.c). A group waits in {@code
 * deliver} until it is read, then in {@code response} under its cookie until user space answers; if the attachment that it
 * came through ends before, the kernel answers INVALID for it.
 */
public final class Fault extends EventQueue {
    /** The variable of all xarrays of groups that wait for an answer. */
    public static final Variable RESPONSE = Variable.named("iommufd.fault.response");

    private final Lock mutex;
    private final CellList<IopfGroup> deliver;
    private final CellList<IopfGroup> response;

    /** Memory for a queue without a file. */
    public Fault(IommufdCtx ctx) {
        super(ctx, ObjectType.FAULT);
        var world = ctx.kernel().world();
        mutex = new Lock(world, "fault->mutex", Lock.Kind.MUTEX);
        deliver = new CellList<>(world, DELIVER);
        response = new CellList<>(world, RESPONSE);
    }

    /** {@code fault->mutex}: one read, write or automatic answer at a time. */
    Lock mutex() {
        return mutex;
    }

    /** {@code fault->deliver}: groups that nobody has read; under the queue's spinlock. */
    CellList<IopfGroup> deliver() {
        return deliver;
    }

    /** True if a group waits here for its reader or for an answer. */
    public boolean holds(IopfGroup group) {
        return deliver.contains(group) || response.contains(group);
    }

    @Override
    public boolean readable() {
        return !deliver.isEmpty();
    }

    // ---- fault->response: each method is one section under its xa_lock ----------------------------------------------

    /** {@code xa_alloc}: stores a group under the lowest free cookie, from 1. */
    void allocateCookie(IopfGroup group) {
        int cookie = 1;
        List<IopfGroup> waiting = response.items();
        while (cookie <= waiting.size() && waiting.get(cookie - 1).cookie() == cookie) {
            cookie++;
        }
        group.cookie(cookie);
        response.add(cookie - 1, group);
    }

    /** {@code xa_erase}: the group of this cookie, which is free again; {@code null} if there is none. */
    @Nullable
    IopfGroup eraseCookie(int cookie) {
        for (IopfGroup group : response.items()) {
            if (group.cookie() == cookie) {
                response.remove(group);
                return group;
            }
        }
        return null;
    }

    /** {@code xa_for_each}: the group with the lowest cookie above this one, or {@code null}. */
    @Nullable
    IopfGroup after(int cookie) {
        for (IopfGroup group : response.items()) {
            if (group.cookie() > cookie) {
                return group;
            }
        }
        return null;
    }

    // ---- file_operations --------------------------------------------------------------------------------------------

    @Override
    boolean writable() {
        return true;
    }

    @Override
    String fileName() {
        return "[iommufd-pgfault]";
    }

    @Override
    Call<?> read(Caller caller, long address, long length, LongCell result) {
        return FaultRead.call(this, caller, address, length, result);
    }

    @Override
    Call<?> write(UserMemory memory, long address, long length, LongCell result) {
        return FaultWrite.call(this, memory, address, length, result);
    }

    // ---- object operations ------------------------------------------------------------------------------------------

    @Override
    public Call<?> destroy() {
        return FaultAnswers.destroy(this);
    }

    @Override
    protected List<Lock> locks() {
        return List.of(lock(), mutex);
    }

    @Override
    public String detail() {
        return "";
    }
}
