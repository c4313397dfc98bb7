package org.iommusim.iommufd.eventq;

import org.iommusim.iommufd.object.CellList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** The answers that the kernel gives in user space's place: an attachment ends, or the queue itself. */
public final class FaultAnswers extends Frame {
    private static final Footprint DELIVER = Footprint.of(EventQueue.DELIVER, IopfGroup.GROUP);
    private static final Footprint RESPONSE = Footprint.of(Fault.RESPONSE, IopfGroup.GROUP);

    /**
     * Runs after the switch to the other domain: no fault can come by the old handle any more, unless the fault path took it
     * from the group before and has not queued its group yet. Drivers that do not drain lose that one.
     */
    private static final Program<FaultAnswers> AUTO_RESPONSE = Program.<FaultAnswers>named(
                    "iommufd_auto_response_faults")
            .lock("fault->mutex", f -> f.fault.mutex())
            .lock("eventq->lock", f -> f.fault.lock())
            .step("list_move those of the handle", DELIVER, FaultAnswers::moveUndelivered)
            .undoNow("eventq->lock")
            .loop(
                    "each undelivered",
                    f -> !f.freeList.isEmpty(),
                    b -> b.step("list_del", HostCost.FREE, Footprint.LOCAL, FaultAnswers::firstOfFreeList)
                            .invoke("answer and free undelivered", f -> Iopf.giveUp(f.group.require())))
            .step("begin of response", RESPONSE, FaultAnswers::nextOfHandle)
            .loop(
                    "each delivered",
                    f -> f.group.get() != null,
                    b -> b.step("xa_erase cookie", RESPONSE, FaultAnswers::erase)
                            .invoke("answer and free delivered", f -> Iopf.giveUp(f.group.require()))
                            .step("next of response", RESPONSE, FaultAnswers::nextOfHandle))
            .build();

    /** Nobody else can reach the queue: no HWPT is left that reports to it, and no file. */
    private static final Program<FaultAnswers> DESTROY = Program.<FaultAnswers>named("iommufd_fault_destroy")
            .step("begin of deliver", DELIVER, FaultAnswers::takeUndelivered)
            .loop(
                    "each undelivered",
                    f -> f.group.get() != null,
                    b -> b.invoke("answer and free undelivered", f -> Iopf.giveUp(f.group.require()))
                            .step("next of deliver", DELIVER, FaultAnswers::takeUndelivered))
            .step("begin of response", RESPONSE, f -> f.group.set(f.fault.after(0)))
            .loop(
                    "each delivered",
                    f -> f.group.get() != null,
                    b -> b.step("xa_erase cookie", RESPONSE, FaultAnswers::erase)
                            .invoke("answer and free delivered", f -> Iopf.giveUp(f.group.require()))
                            .step("next of response", RESPONSE, f -> f.group.set(f.fault.after(f.cookie.get()))))
            .build();

    private final Fault fault;
    private final @Nullable AttachHandle handle;
    private final CellList<IopfGroup> freeList;
    private final RefCell<IopfGroup> group = ref();
    private final IntCell cookie = count();

    private FaultAnswers(Fault fault, @Nullable AttachHandle handle) {
        super(fault.ctx().kernel().world());
        this.fault = fault;
        this.handle = handle;
        freeList = new CellList<>(world(), FRAME);
    }

    /** {@code iommufd_auto_response_faults}: answers INVALID to all groups that came through an attachment. */
    public static Call<?> autoResponse(Fault fault, AttachHandle handle) {
        return new Call<>(AUTO_RESPONSE, new FaultAnswers(fault, handle));
    }

    /** {@code iommufd_fault_destroy}. */
    static Call<?> destroy(Fault fault) {
        return new Call<>(DESTROY, new FaultAnswers(fault, null));
    }

    private void moveUndelivered() {
        for (IopfGroup waiting : fault.deliver().items()) {
            if (waiting.handle() == handle) {
                fault.deliver().remove(waiting);
                freeList.add(0, waiting);
            }
        }
    }

    private void firstOfFreeList() {
        IopfGroup first = freeList.items().get(0);
        freeList.remove(first);
        group.set(first);
    }

    private void nextOfHandle() {
        IopfGroup next = fault.after(cookie.get());
        while (next != null && next.handle() != handle) {
            next = fault.after(next.cookie());
        }
        group.set(next);
    }

    private void erase() {
        cookie.set(group.require().cookie());
        fault.eraseCookie(cookie.get());
    }

    private void takeUndelivered() {
        if (!fault.readable()) {
            group.set(null);
            return;
        }
        group.set(fault.deliver().items().get(0));
        fault.deliver().remove(group.require());
    }
}
