package org.iommusim.iommufd.eventq;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_fault_iopf_handler}: what the core calls with a complete group whose HWPT has a fault queue. */
public final class IopfHandler extends Frame {
    static final Program<IopfHandler> HANDLER = Program.<IopfHandler>named("iommufd_fault_iopf_handler")
            // The handle and what hangs on it are held by nothing but the attachment itself.
            .step(
                    "handle->domain->iommufd_hwpt->fault",
                    IopfDomain.ACCESS.and(AttachHandle.HANDLE, IopfGroup.GROUP),
                    IopfHandler::find)
            // Before anybody can read it: user space's answer frees it, and so would a device that leaves its queue.
            .invoke("iopf_group_dequeue", f -> Iopf.dequeue(f.group))
            .lock("eventq->lock", f -> f.fault.require().lock())
            .step(
                    "list_add_tail to deliver",
                    Footprint.of(EventQueue.DELIVER),
                    f -> f.fault.require().deliver().add(f.group))
            .undoNow("eventq->lock")
            .step(
                    "wake_up_interruptible",
                    Footprint.LOCAL,
                    f -> f.fault.require().waitQueue().wakeInterruptible())
            .build();

    private final IopfGroup group;
    private final RefCell<Fault> fault = ref();

    private IopfHandler(IopfGroup group) {
        super(group.param().kernel().world());
        this.group = group;
    }

    /** Queues a group for user space; it owns the group from now on. Cannot fail. */
    public static Call<?> call(IopfGroup group) {
        return new Call<>(HANDLER, new IopfHandler(group));
    }

    /** The queue that was found. */
    Fault fault() {
        return fault.require();
    }

    private void find() {
        Fault found = group.handle().domain().fault();
        if (found == null) {
            throw new IllegalStateException("a handler without a queue");
        }
        found.touch("iommufd_fault_iopf_handler");
        fault.set(found);
    }
}
