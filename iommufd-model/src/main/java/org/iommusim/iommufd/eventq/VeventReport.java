package org.iommusim.iommufd.eventq;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_viommu_report_event} of driver.c: a driver's interrupt thread has an event for user space. */
public final class VeventReport extends Frame {
    private static final Program<VeventReport> REPORT = Program.<VeventReport>named("iommufd_viommu_report_event")
            .lockShared("veventqs_rwsem", f -> f.list.rwsem())
            .attempt(
                    "iommufd_viommu_find_veventq",
                    HostCost.ATOMIC,
                    Footprint.of(VeventqList.VEVENTQS),
                    VeventReport::find)
            .lock("eventq->lock", f -> f.veventq.require().lock())
            .step(
                    "iommufd_vevent_handler",
                    Footprint.of(EventQueue.DELIVER, Veventq.EVENTS, IommufdObject.LIFE),
                    VeventReport::store)
            .step(
                    "wake_up_interruptible",
                    Footprint.LOCAL,
                    f -> f.veventq.require().waitQueue().wakeInterruptible())
            .undoNow("eventq->lock")
            .undoNow("veventqs_rwsem")
            .finish("return", f -> f.error.get())
            .build();

    private final VeventqList list;
    private final int type;
    private final byte[] payload;
    private final RefCell<Veventq> veventq = ref();
    private final IntCell error = count();

    private VeventReport(IommufdObject viommu, VeventqList list, int type, byte[] payload) {
        super(viommu.ctx().kernel().world());
        this.list = list;
        this.type = type;
        this.payload = payload.clone();
    }

    /**
     * Reports an event. Errors: EOPNOTSUPP (no queue of this type), ENOMEM (the event is lost, as the reader will see).
     *
     * @param list the queues of the vIOMMU
     */
    public static Call<?> call(IommufdObject viommu, VeventqList list, int type, byte[] payload) {
        return new Call<>(REPORT, new VeventReport(viommu, list, type, payload));
    }

    private int find() {
        veventq.set(list.find(type));
        return veventq.get() == null ? Errno.EOPNOTSUPP : 0;
    }

    private void store() {
        Veventq queue = veventq.require();
        error.set(queue.ctx().kernel().faults().errno("iommufd_viommu_report_event", "iommufd_vevent_handler"));
        queue.report(payload, error.get() != 0);
    }
}
