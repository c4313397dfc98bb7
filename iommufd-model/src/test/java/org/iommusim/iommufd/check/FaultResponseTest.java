package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.QueueFile;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultResponseTest {
    private final CheckedMachine m = new CheckedMachine("linux-7.3", FaultResponse::new);
    private final Fault fault = m.rig.faultQueueAlloc();
    private final QueueFile queue = new QueueFile(m.rig, fault);

    @BeforeEach
    void attach() {
        int hwpt = m.rig.hwptAlloc(m.dev, m.ioas, HwptPagingAlloc.FAULT_ID_VALID, fault.id());
        assertThat(m.rig.attach(m.file, hwpt)).isZero();
    }

    private Call<?> request() {
        return m.rig.driver.pageRequest(0, new IommuFault(IommuFault.LAST_PAGE, 0, 1, IommuFault.READ, 0x1000));
    }

    /** The report has found its attachment; the detach looks for groups to answer before this one is queued. */
    @Test
    void shouldReportAGroupThatADetachMisses() {
        Task report = m.start(request());
        m.hand.until(report, "iommufd_fault_iopf_handler: eventq->lock");
        m.finish(m.start(Vfio.detach(m.file)));
        m.finish(report);
        assertThat(m.foundInTheEnd()).isEmpty();

        // It lies in the queue, where its reader could answer; the queue's end answers it.
        assertThat(queue.read(40)).isEqualTo(40);
        assertThat(m.foundInTheEnd()).isEmpty();
    }

    @Test
    void shouldReportAGroupThatIsAnsweredTwice() {
        Task report = m.start(request());
        m.hand.until(report, "iommufd_fault_iopf_handler: iopf_group_dequeue");
        m.finish(m.start(Vfio.detach(m.file)));

        m.finish(report);

        assertThat(m.rig.violations()).anyMatch(v -> v.startsWith("use-after-free: "));
    }

    @Test
    void shouldAllowOneAnswer() {
        m.finish(m.start(request()));
        assertThat(queue.read(40)).isEqualTo(40);
        assertThat(m.foundInTheEnd()).isEmpty();
        assertThat(m.finish(m.start(queue.writing(1, 0)))).isEqualTo("OK");
        assertThat(m.foundInTheEnd()).isEmpty();
    }
}
