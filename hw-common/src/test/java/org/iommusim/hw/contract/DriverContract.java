package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.DriverBed;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.AfterEach;

/** What the suites of the host's driver have in common: a machine whose driver has been started, and the questions. */
abstract class DriverContract {
    static final int NONE = DmaRequest.NO_PASID;
    static final int BOTH = PagingDomain.PROT_READ | PagingDomain.PROT_WRITE;
    static final int ID = 0x18;
    static final int OTHER_ID = 0x20;
    static final long IOVA = 0x10_0000;
    static final long BYTES = 0x1_0000;
    static final long PAGE = 0x1000;
    static final long RAM = DriverBed.DATA;
    static final long ELSEWHERE = DriverBed.DATA + 0x100_0000;

    final DriverVendor vendor;
    final DriverBed<?> bed;
    final IommuDriver driver;

    DriverContract(DriverVendor vendor) {
        this.vendor = vendor;
        bed = vendor.bed();
        driver = bed.driver;
        bed.ok(driver.probe());
    }

    /** Whatever a test does, nobody may be blamed, unless it has said what for. */
    @AfterEach
    void nothingIsWrong() {
        bed.assertClean();
    }

    final boolean differs(Difference difference) {
        return vendor.differences().containsKey(difference);
    }

    final PagingDomain paging(int flags) {
        RefCell<IommuDomain> result = bed.result();
        IommuMaster nobody = null;
        bed.ok(driver.domainAllocPagingFlags(nobody, flags, UserData.NONE, result));
        return (PagingDomain) result.require();
    }

    final PagingDomain mapped(long target) {
        return mapped(0, target);
    }

    final PagingDomain mapped(int flags, long target) {
        PagingDomain domain = paging(flags);
        bed.ok(domain.mapPages(IOVA, target, BYTES, BOTH));
        return domain;
    }

    final void attach(IommuMaster master, IommuDomain domain) {
        bed.ok(driver.attachDev(master, domain));
    }

    final void detach(IommuMaster master) {
        attach(master, driver.blockedDomain());
    }

    final void unmap(PagingDomain domain, long iova, long bytes) {
        bed.ok(domain.unmapPages(iova, bytes));
        bed.ok(domain.iotlbSync());
    }

    final void reaches(IommuMaster master, int pasid, long iova, long target) {
        DmaRequest request = bed.dma(master, pasid, iova, true);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(target);
    }

    final void reaches(IommuMaster master, long iova, long target) {
        reaches(master, NONE, iova, target);
    }

    final void isRefused(IommuMaster master, int pasid, long iova) {
        assertThat(bed.dma(master, pasid, iova, true).outcome()).isIn(DmaOutcome.FAULT, DmaOutcome.ABORT);
    }

    final void isRefused(IommuMaster master, long iova) {
        isRefused(master, NONE, iova);
    }

    /** A device whose function has a translation cache, and what else that takes. */
    final IommuMaster withAtc() {
        PciFunction function = bed.function(ID);
        function.addAtc(bed.sim, AtsSettings.DEFAULT);
        RefCell<IommuMaster> result = bed.result();
        bed.ok(driver.probeDevice(function, result));
        return result.require();
    }
}
