package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.driver.DriverBed;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The host's driver on its device: what a DMA meets after each operation, whoever the vendor is. What is attached translates;
 * what is taken away, in whatever way, leaves no translation, no id and no page behind.
 */
public abstract class AttachContract extends DriverContract {
    private static final int PASID = 5;

    private boolean expectsViolation;

    protected AttachContract(DriverVendor vendor) {
        super(vendor);
    }

    @AfterEach
    @Override
    void nothingIsWrong() {
        if (!expectsViolation) {
            super.nothingIsWrong();
        }
    }

    // ---- attach, replace, detach

    @Test
    void shouldBeginWithADefaultDomain() {
        IommuMaster master = bed.master(ID);
        assertThat(master.domain()).isIn(driver.blockedDomain(), driver.identityDomain());
        DmaOutcome outcome = bed.dma(master, NONE, RAM, true).outcome();
        if (master.domain() == driver.identityDomain()) {
            assertThat(outcome).isEqualTo(DmaOutcome.BYPASS);
        } else {
            assertThat(outcome).isIn(DmaOutcome.FAULT, DmaOutcome.ABORT);
        }
    }

    @Test
    void shouldTranslateWhatIsAttached() {
        IommuMaster master = bed.master(ID);
        PagingDomain domain = mapped(RAM);
        attach(master, domain);
        assertThat(master.domain()).isSameAs(domain);
        reaches(master, IOVA + 0x1008, RAM + 0x1008);
        assertThat(domain.iovaToPhys(IOVA + 0x1008)).isEqualTo(RAM + 0x1008);
        assertThat(bed.events).isEmpty();
        isRefused(master, IOVA + BYTES);
        assertThat(bed.events).as("the driver tells of it").hasSize(1);
        bed.ok(domain.mapPages(IOVA + BYTES, ELSEWHERE, PAGE, BOTH));
        reaches(master, IOVA + BYTES, ELSEWHERE);
        detach(master);
        isRefused(master, IOVA);
        attach(master, driver.identityDomain());
        assertThat(bed.dma(master, NONE, RAM, true).outcome()).isEqualTo(DmaOutcome.BYPASS);
        detach(master);
        isRefused(master, RAM);
    }

    @Test
    void shouldReplace() {
        IommuMaster master = bed.master(ID);
        PagingDomain old = mapped(RAM);
        PagingDomain next = mapped(ELSEWHERE);
        attach(master, old);
        reaches(master, IOVA, RAM);
        attach(master, next);
        reaches(master, IOVA, ELSEWHERE);
        reaches(master, IOVA + PAGE, ELSEWHERE + PAGE);
        attach(master, old);
        reaches(master, IOVA, RAM);
    }

    @Test
    void shouldMakeNestingParentsIfItCanNest() {
        RefCell<IommuDomain> result = bed.result();
        IommuMaster nobody = null;
        int answer =
                bed.run(driver.domainAllocPagingFlags(nobody, IommuDriver.ALLOC_NEST_PARENT, UserData.NONE, result));
        assertThat(answer).isEqualTo(differs(Difference.NO_NESTING) ? Errno.EOPNOTSUPP : 0);
    }

    @Test
    void shouldKeepTheOldDomainIfTheNewOneIsRefused() {
        IommuMaster master = bed.master(ID);
        PagingDomain old = mapped(RAM);
        attach(master, old);
        DriverBed<?> elsewhere = vendor.bed();
        elsewhere.ok(elsewhere.driver.probe());
        RefCell<IommuDomain> result = elsewhere.result();
        IommuMaster nobody = null;
        elsewhere.ok(elsewhere.driver.domainAllocPagingFlags(nobody, 0, UserData.NONE, result));
        assertThat(bed.run(driver.attachDev(master, result.require()))).isEqualTo(Errno.EINVAL);
        assertThat(master.domain()).isSameAs(old);
        reaches(master, IOVA, RAM);
    }

    @Test
    void shouldHoldPermissions() {
        IommuMaster master = bed.master(ID);
        PagingDomain domain = paging(0);
        bed.ok(domain.mapPages(IOVA, RAM, PAGE, PagingDomain.PROT_READ));
        attach(master, domain);
        assertThat(bed.dma(master, NONE, IOVA, false).outcome()).isEqualTo(DmaOutcome.OK);
        isRefused(master, IOVA);
        assertThat(bed.run(domain.mapPages(IOVA, RAM, PAGE, BOTH))).isEqualTo(Errno.EEXIST);
    }

    @Test
    void shouldMapWithLargePagesWhereTheyFit() {
        IommuMaster master = bed.master(ID);
        PagingDomain domain = paging(0);
        attach(master, domain);
        bed.ok(domain.mapPages(0x3f_e000, RAM + 0x1f_e000, 0x40_2000, BOTH));
        reaches(master, 0x3f_f010, RAM + 0x1f_f010);
        reaches(master, 0x56_7890, RAM + 0x36_7890);
        unmap(domain, 0x40_0000, 0x20_0000);
        isRefused(master, 0x56_7890);
        reaches(master, 0x3f_f010, RAM + 0x1f_f010);
        reaches(master, 0x60_0000, RAM + 0x40_0000);
    }

    // ---- unmap

    @Test
    void shouldForgetWhatIsUnmappedAtTheSync() {
        IommuMaster master = bed.master(ID);
        IommuMaster other = bed.master(OTHER_ID);
        PagingDomain domain = mapped(RAM);
        attach(master, domain);
        attach(other, domain);
        reaches(master, IOVA, RAM);
        reaches(other, IOVA + PAGE, RAM + PAGE);
        unmap(domain, IOVA, 2 * PAGE);
        isRefused(master, IOVA);
        isRefused(other, IOVA + PAGE);
        reaches(other, IOVA + 2 * PAGE, RAM + 2 * PAGE);
        bed.ok(domain.mapPages(IOVA, ELSEWHERE, PAGE, BOTH));
        reaches(master, IOVA, ELSEWHERE);
    }

    @Test
    void shouldLetAPageGoOnlyAfterTheSync() {
        long page = reachedPage(true);
        assertThat(bed.sim.violations().violations()).isEmpty();
        assertThat(bed.memory.owner(page)).isEqualTo(PageOwner.FREE);
    }

    /** What the sync is good for: without it, a device writes to a page that belongs to somebody else by now. */
    @Test
    void shouldBeCaughtIfTheSyncIsLeftOut() {
        expectsViolation = true;
        reachedPage(false);
        assertThat(bed.sim.violations().violations())
                .extracting(violation -> violation.checker())
                .containsOnly("freed-page");
    }

    private long reachedPage(boolean sync) {
        IommuMaster master = bed.master(ID);
        PagingDomain domain = paging(0);
        long page = bed.pages.allocate(PageOwner.KERNEL);
        bed.ok(domain.mapPages(IOVA, page, PAGE, BOTH));
        attach(master, domain);
        reaches(master, IOVA, page);
        bed.ok(domain.unmapPages(IOVA, PAGE));
        if (sync) {
            bed.ok(domain.iotlbSync());
        }
        bed.pages.free(page, 1);
        DmaOutcome outcome = bed.dma(master, NONE, IOVA, true).outcome();
        assertThat(outcome == DmaOutcome.OK).isEqualTo(!sync);
        return page;
    }

    // ---- nothing is left

    @Test
    void shouldGiveEverythingBack() {
        useAndLeave(); // what is made once stays
        long pages = bed.pages.usedPages();
        int ids = vendor.idsInUse(bed);
        for (int round = 0; round < 3; round++) {
            useAndLeave();
            assertThat(bed.pages.usedPages()).isEqualTo(pages);
            assertThat(vendor.idsInUse(bed)).isEqualTo(ids);
        }
    }

    private void useAndLeave() {
        IommuMaster master = bed.master(ID);
        PagingDomain plain = mapped(RAM);
        PagingDomain parent = paging(differs(Difference.NO_NESTING) ? 0 : IommuDriver.ALLOC_NEST_PARENT);
        bed.ok(parent.mapPages(IOVA, ELSEWHERE, BYTES, BOTH));
        attach(master, plain);
        reaches(master, IOVA, RAM);
        attach(master, parent);
        reaches(master, IOVA, ELSEWHERE);
        assertThat(vendor.idsInUse(bed)).isPositive();
        detach(master);
        for (PagingDomain domain : new PagingDomain[] {plain, parent}) {
            unmap(domain, IOVA, BYTES);
            bed.ok(driver.domainFree(domain));
        }
        bed.ok(driver.releaseDevice(master));
        assertThat(master.released()).isTrue();
    }

    /** An id that is given out again belongs to another domain: nothing of the first may be left under it. */
    @Test
    void shouldFindNothingOfADomainThatHadTheSameId() {
        IommuMaster master = bed.master(ID);
        PagingDomain first = mapped(RAM);
        attach(master, first);
        reaches(master, IOVA, RAM);
        detach(master);
        unmap(first, IOVA, BYTES);
        bed.ok(driver.domainFree(first));
        int ids = vendor.idsInUse(bed);
        PagingDomain second = paging(0);
        attach(master, second);
        assertThat(vendor.idsInUse(bed)).isEqualTo(ids + 1);
        isRefused(master, IOVA);
        bed.ok(second.mapPages(IOVA, ELSEWHERE, PAGE, BOTH));
        reaches(master, IOVA, ELSEWHERE);
    }

    // ---- PASIDs

    @Test
    void shouldAttachPasidsByThemselves() {
        IommuMaster master = withAtc();
        int flags = differs(Difference.NO_PASIDS) ? 0 : IommuDriver.ALLOC_PASID;
        PagingDomain plain = mapped(flags, RAM);
        PagingDomain process = mapped(flags, ELSEWHERE);
        attach(master, plain);
        if (differs(Difference.NO_PASIDS)) {
            assertThat(bed.run(driver.setDevPasid(master, process, PASID, null)))
                    .isEqualTo(Errno.EOPNOTSUPP);
            reaches(master, IOVA, RAM);
            return;
        }
        bed.ok(driver.setDevPasid(master, process, PASID, null));
        reaches(master, PASID, IOVA, ELSEWHERE);
        reaches(master, IOVA, RAM);
        isRefused(master, PASID + 1, IOVA);
        unmap(process, IOVA, PAGE);
        isRefused(master, PASID, IOVA);
        reaches(master, PASID, IOVA + PAGE, ELSEWHERE + PAGE);
        bed.ok(driver.setDevPasid(master, driver.blockedDomain(), PASID, process));
        isRefused(master, PASID, IOVA + PAGE);
        reaches(master, IOVA, RAM);
        unmap(process, IOVA + PAGE, BYTES - PAGE);
        bed.ok(driver.domainFree(process));
    }
}
