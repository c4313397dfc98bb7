package org.iommusim.iommufd.eventq;

import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.file.PollMask;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;

/** The file of a queue: {@code iommufd_eventq_init}, and the operations that both kinds of queues share. */
public final class EventqFile extends KernelFile {
    private static final Footprint FILE = Footprint.of(EventQueue.FILE, KernelFile.REFERENCES, IommufdObject.LIFE);
    private static final Footprint CTX = Footprint.of(IommufdCtx.FILE);

    private static final Program<Self> INIT = Program.<Self>named("iommufd_eventq_init")
            .attempt(
                    "anon_inode_getfile",
                    HostCost.ALLOCATE,
                    Footprint.LOCAL,
                    f -> f.ctx.kernel().faults().errno("iommufd_eventq_init", "anon_inode_getfile"))
            .step("iommufd_ctx_get", CTX, f -> f.ctx.fileGet())
            .step("eventq->filep", FILE, f -> f.eventq.file().set(new EventqFile(f.eventq)))
            .step("users++", ObjectPrograms.USERS, f -> f.eventq.usersInc("iommufd_eventq_init"))
            .build();

    static final Program<Self> RELEASE = Program.<Self>named("iommufd_eventq_fops_release")
            .step("the file is gone", FILE, f -> f.eventq.file().set(null))
            // From here on IOMMU_DESTROY may free the queue: only the context may be touched.
            .step("users--", ObjectPrograms.USERS, f -> f.eventq.usersDec("iommufd_eventq_fops_release"))
            .step("iommufd_ctx_put", CTX, f -> f.flag.set(f.ctx.filePut() ? 1 : 0))
            .when(
                    "last user of the context",
                    f -> f.flag.get() != 0,
                    b -> b.invoke("iommufd_fops_release", f -> ObjectPrograms.release(f.ctx)))
            .build();

    /** At once: a deferred release would touch the queue after it was freed. */
    static final Program<Self> ABORT = Program.<Self>named("__fput_sync")
            .step("fput", FILE, Self::putLast)
            .invoke("iommufd_eventq_fops_release", f -> new Call<>(RELEASE, f))
            .build();

    private static final Program<Poll> POLL = Program.<Poll>named("iommufd_eventq_fops_poll")
            .lock("eventq->lock", f -> f.eventq.lock())
            .step("list_empty deliver", Footprint.of(EventQueue.DELIVER, IommufdObject.LIFE), Poll::look)
            .build();

    private final EventQueue eventq;

    private EventqFile(EventQueue eventq) {
        super(eventq.ctx().kernel(), eventq.fileName());
        this.eventq = eventq;
    }

    /** Makes the file of a new queue: it holds the queue and the context. Error: ENOMEM. */
    public static Call<?> init(EventQueue eventq) {
        return new Call<>(INIT, new Self(eventq));
    }

    /** {@code __fput_sync} of the file of a queue that is aborted. */
    static Call<?> abort(EventQueue eventq) {
        return new Call<>(ABORT, new Self(eventq));
    }

    /** Its queue. */
    public EventQueue eventq() {
        return eventq;
    }

    @Override
    public Call<?> read(Caller caller, long address, long length, LongCell result) {
        return eventq.read(caller, address, length, result);
    }

    @Override
    public Call<?> write(Caller caller, long address, long length, LongCell result) {
        Call<?> write = eventq.write(caller.process(), address, length, result);
        return write == null ? super.write(caller, address, length, result) : write;
    }

    @Override
    public Call<?> poll(LongCell result) {
        return new Call<>(POLL, new Poll(eventq, result));
    }

    @Override
    public Call<?> release() {
        return new Call<>(RELEASE, new Self(eventq));
    }

    /** Frame of the file's own programs. */
    static final class Self extends Frame {
        private final EventQueue eventq;
        /** Cached before the queue can go away. */
        private final IommufdCtx ctx;

        private final IntCell flag = count();

        Self(EventQueue eventq) {
            super(eventq.ctx().kernel().world());
            this.eventq = eventq;
            ctx = eventq.ctx();
        }

        /** The queue, which may be gone. */
        EventQueue eventq() {
            return eventq;
        }

        /** The context, which the file holds. */
        IommufdCtx ctx() {
            return ctx;
        }

        private void putLast() {
            if (!eventq.file().require().put()) {
                ctx.kernel().warn("iommufd_object_abort_and_destroy", "somebody holds the file of " + eventq);
            }
        }
    }

    private static final class Poll extends Frame {
        private final EventQueue eventq;
        private final LongCell result;

        Poll(EventQueue eventq, LongCell result) {
            super(eventq.ctx().kernel().world());
            this.eventq = eventq;
            this.result = result;
        }

        private void look() {
            eventq.touch("iommufd_eventq_fops_poll");
            int readable = eventq.readable() ? PollMask.IN | PollMask.RDNORM : 0;
            result.set(eventq.writable() ? readable | PollMask.OUT : readable);
        }
    }
}
