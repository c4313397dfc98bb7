package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.kernel.NothingToDo;
import org.iommusim.hw.pcie.AddressMode;
import org.junit.jupiter.api.Test;

/** Page requests from the function to the kernel's fault queue and back: the function goes on when somebody has answered. */
public abstract class PageFaultContract extends DriverContract {
    private static final int PASID = 5;

    private final List<IommuFault> faults = new ArrayList<>();
    /** Requests that have their answer. */
    private final List<DmaRequest> done = new ArrayList<>();

    private final IommuMaster master = withAtc();

    protected PageFaultContract(DriverVendor vendor) {
        super(vendor);
        driver.connect(master, (device, fault) -> {
            assertThat(device).isSameAs(master);
            faults.add(fault);
            return NothingToDo.call(bed.sim.world());
        });
    }

    /** Attaches an empty domain with somebody who handles its faults to a PASID. */
    private PagingDomain process() {
        PagingDomain plain = paging(IommuDriver.ALLOC_PASID);
        PagingDomain process = paging(IommuDriver.ALLOC_PASID);
        assertThat(Errno.name(driver.enableIopf(master))).isEqualTo("OK");
        attach(master, plain);
        bed.ok(driver.setDevPasid(master, process, PASID, null));
        return process;
    }

    /** A DMA that asks for pages that are not there; it has no end yet. */
    private DmaRequest asks(int pasid, long iova) {
        DmaRequest request = new DmaRequest();
        request.begin(iova, ID, pasid, iova, 8, true, bed.sim.now());
        master.function().issue(request, AddressMode.ATS_PRI, done::add);
        bed.sim.scheduler().run();
        return request;
    }

    /** True, and checked, if this driver leaves page requests alone: a function that makes some gets no page. */
    private boolean leavesThemAlone() {
        if (!differs(Difference.NO_PASIDS)) {
            return false;
        }
        attach(master, paging(0));
        DmaRequest request = asks(NONE, IOVA);
        assertThat(done).containsExactly(request);
        assertThat(request.outcome().completed()).isFalse();
        assertThat(faults).isEmpty();
        return true;
    }

    @Test
    void shouldGoOnWhenThePageIsThere() {
        if (leavesThemAlone()) {
            return;
        }
        PagingDomain process = process();
        DmaRequest request = asks(PASID, IOVA);
        assertThat(done).isEmpty();
        assertThat(faults).hasSize(1);
        IommuFault fault = faults.get(0);
        assertThat(fault.addr()).isEqualTo(IOVA);
        assertThat(fault.pasid()).isEqualTo(PASID);
        assertThat(fault.flags()).isEqualTo(IommuFault.PASID_VALID | IommuFault.LAST_PAGE);
        assertThat(fault.perm() & IommuFault.WRITE).isNotZero();
        bed.ok(process.mapPages(IOVA, RAM, PAGE, BOTH));
        bed.ok(driver.pageResponse(master, fault, IommuFault.RESP_SUCCESS));
        assertThat(done).containsExactly(request);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(RAM);
        assertThat(faults).hasSize(1);
    }

    @Test
    void shouldGiveUpWhenThePageMayNotBe() {
        if (leavesThemAlone()) {
            return;
        }
        process();
        DmaRequest request = asks(PASID, IOVA);
        assertThat(faults).hasSize(1);
        assertThat(done).isEmpty();
        bed.ok(driver.pageResponse(master, faults.get(0), IommuFault.RESP_INVALID));
        assertThat(done).containsExactly(request);
        assertThat(request.outcome().completed()).isFalse();
        assertThat(faults).hasSize(1);
    }

    @Test
    void shouldAnswerEachGroupByItself() {
        if (leavesThemAlone()) {
            return;
        }
        PagingDomain process = process();
        DmaRequest first = asks(PASID, IOVA);
        DmaRequest second = asks(PASID, IOVA + PAGE);
        assertThat(faults).extracting(IommuFault::addr).containsExactly(IOVA, IOVA + PAGE);
        bed.ok(process.mapPages(IOVA, RAM, 2 * PAGE, BOTH));
        bed.ok(driver.pageResponse(master, faults.get(1), IommuFault.RESP_SUCCESS));
        assertThat(done).containsExactly(second);
        bed.ok(driver.pageResponse(master, faults.get(0), IommuFault.RESP_SUCCESS));
        assertThat(done).containsExactly(second, first);
        assertThat(done).extracting(DmaRequest::outcome).containsOnly(DmaOutcome.OK);
    }

    /** The function is gone when the answer comes: nobody waits for it, and nothing goes wrong. */
    @Test
    void shouldAnswerAFunctionThatIsGone() {
        if (leavesThemAlone()) {
            return;
        }
        PagingDomain process = process();
        asks(PASID, IOVA);
        master.function().setPresent(false);
        bed.ok(driver.pageResponse(master, faults.get(0), IommuFault.RESP_INVALID));
        bed.ok(driver.setDevPasid(master, driver.blockedDomain(), PASID, process));
        driver.disableIopf(master);
        detach(master);
        bed.ok(driver.releaseDevice(master));
    }
}
