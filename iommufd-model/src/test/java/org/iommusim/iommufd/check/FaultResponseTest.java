package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.eventq.FaultWatcher;
import org.iommusim.iommufd.eventq.IopfGroup;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.QueueFile;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultResponseTest {
    private final List<FaultResponse> checkers = new ArrayList<>();
    private final List<IopfGroup> groups = new ArrayList<>();
    private final CheckedMachine m = new CheckedMachine("linux-7.3", (kernel, contexts) -> {
        checkers.add(new FaultResponse(kernel, contexts));
        return checkers.get(0);
    });
    private final Fault fault = m.rig.faultQueueAlloc();
    private final QueueFile queue = new QueueFile(m.rig, fault);

    /** Keeps the groups that are formed. */
    private final class Spy implements Checker, FaultWatcher {
        @Override
        public CheckerInfo info() {
            return FaultResponse.INFO;
        }

        @Override
        public void formed(IopfGroup group) {
            groups.add(group);
        }

        @Override
        public void answered(IopfGroup group) {}
    }

    @BeforeEach
    void attach() {
        int hwpt = m.rig.hwptAlloc(m.dev, m.ioas, HwptPagingAlloc.FAULT_ID_VALID, fault.id());
        assertThat(m.rig.attach(m.file, hwpt)).isZero();
        m.rig.simulation.checkers().attach(new Spy());
    }

    private Call<?> request() {
        return m.rig.driver.pageRequest(0, new IommuFault(IommuFault.LAST_PAGE, 0, 1, IommuFault.READ, 0x1000));
    }

    /** The report has found its attachment; the detach looks for groups to answer before this one is queued. */
    @Test
    void shouldAllowAGroupThatADetachMissesAndAReaderGets() {
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
        m.finish(m.start(request()));
        assertThat(queue.read(40)).isEqualTo(40);
        m.finish(m.start(queue.writing(1, 0)));

        checkers.get(0).answered(groups.get(0));

        assertThat(m.finding()).endsWith("is answered a second time");
    }

    @Test
    void shouldReportAGroupThatNobodyCanAnswer() {
        m.finish(m.start(request()));
        assertThat(queue.read(40)).isEqualTo(40);
        m.finish(m.start(queue.writing(1, 0)));

        // As if it had not been answered, but dropped.
        checkers.get(0).formed(groups.get(0));

        assertThat(m.foundInTheEnd()).hasSize(1);
        assertThat(m.finding()).contains("lies where nobody can answer it");
    }

    @Test
    void shouldLeaveTheUseOfAnAnsweredGroupToUseAfterFree() {
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
