package org.iommusim.iommufd.eventq;

import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * What both kinds of queues to user space have in common ({@code struct iommufd_eventq}): the list of what is not read yet,
 * its spinlock, who waits for more, and the file. The file holds a users reference on the queue and one on the context.
 */
public abstract class EventQueue extends IommufdObject {
    /** The variable of all lists of what is not read yet. */
    public static final Variable DELIVER = Variable.named("iommufd.eventq.deliver");
    /** The variable of whether queues' files exist. */
    public static final Variable FILE = Variable.named("iommufd.eventq.file");

    private final Lock lock;
    private final WaitQueue waitQueue;
    private final RefCell<EventqFile> file;

    /** Memory for a queue without a file. */
    protected EventQueue(IommufdCtx ctx, ObjectType type) {
        super(ctx, type);
        var world = ctx.kernel().world();
        lock = new Lock(world, "eventq->lock", Lock.Kind.SPIN);
        waitQueue = WaitQueue.outside(world, type + " wait_queue");
        file = new RefCell<>(world, FILE, stableId());
    }

    /** {@code eventq->lock}: protects the list; taken in interrupt threads. */
    public final Lock lock() {
        return lock;
    }

    /** {@code eventq->wait_queue}: woken for every arrival; where poll sleeps. */
    public final WaitQueue waitQueue() {
        return waitQueue;
    }

    /** True if there is something to read; under {@link #lock}. */
    public abstract boolean readable();

    /** True if user space can also write to it. */
    boolean writable() {
        return false;
    }

    /** Name of its file. */
    abstract String fileName();

    /** {@code read} of its file. */
    abstract Call<?> read(Caller caller, long address, long length, LongCell result);

    /** {@code write} to its file; {@code null} if it has no such operation. */
    @Nullable
    Call<?> write(UserMemory memory, long address, long length, LongCell result) {
        return null;
    }

    /** {@code eventq->filep}: there from the file's making to its release. */
    public final RefCell<EventqFile> file() {
        return file;
    }

    @Override
    public final @Nullable Call<?> abortFile() {
        return file.get() == null ? null : EventqFile.abort(this);
    }

    @Override
    public void holds(ReferenceSink sink) {
        if (file.get() != null) {
            sink.users(this, 1, "its file is open");
            sink.file(ctx(), "the file of " + this + " is open");
        }
    }
}
