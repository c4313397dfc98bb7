package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.Atc;
import org.junit.jupiter.api.Test;

/** A function with a translation cache behind the driver: it is invalidated in time, and may be pulled out at any time. */
public abstract class FunctionCacheContract extends DriverContract {
    protected FunctionCacheContract(DriverVendor vendor) {
        super(vendor);
    }

    private static Atc atc(IommuMaster master) {
        Atc atc = master.function().atc();
        assertThat(atc).isNotNull();
        return atc;
    }

    private DmaRequest translated(IommuMaster master, long iova) {
        DmaRequest request = new DmaRequest();
        request.begin(0, ID, NONE, iova, 8, true, bed.sim.now());
        master.function().issue(request, AddressMode.ATS, r -> {});
        bed.sim.scheduler().run();
        return request;
    }

    @Test
    void shouldInvalidateTheFunctionsCache() {
        IommuMaster master = withAtc();
        PagingDomain domain = mapped(RAM);
        attach(master, domain);
        assertThat(atc(master).enabled()).isTrue();
        assertThat(translated(master, IOVA).physicalAddress()).isEqualTo(RAM);
        assertThat(translated(master, IOVA + PAGE).physicalAddress()).isEqualTo(RAM + PAGE);
        assertThat(atc(master).size()).isEqualTo(2);
        unmap(domain, IOVA, PAGE);
        assertThat(atc(master).size()).isEqualTo(1);
        assertThat(translated(master, IOVA).outcome().completed()).isFalse();
        assertThat(translated(master, IOVA + PAGE).physicalAddress()).isEqualTo(RAM + PAGE);
    }

    @Test
    void shouldLeaveNothingInTheFunctionsCache() {
        IommuMaster master = withAtc();
        attach(master, mapped(RAM));
        assertThat(translated(master, IOVA).physicalAddress()).isEqualTo(RAM);
        attach(master, mapped(ELSEWHERE));
        assertThat(translated(master, IOVA).physicalAddress()).isEqualTo(ELSEWHERE);
        detach(master);
        assertThat(atc(master).size()).isZero();
        assertThat(translated(master, IOVA).outcome().completed()).isFalse();
    }

    /** The function is pulled out: nobody answers, and everything comes to its end all the same. */
    @Test
    void shouldGoOnWhenAFunctionIsTakenOut() {
        IommuMaster master = withAtc();
        PagingDomain domain = mapped(RAM);
        int ids = vendor.idsInUse(bed);
        attach(master, domain);
        assertThat(translated(master, IOVA).physicalAddress()).isEqualTo(RAM);
        master.function().setPresent(false);
        unmap(domain, IOVA, PAGE);
        detach(master);
        bed.ok(driver.releaseDevice(master));
        unmap(domain, IOVA + PAGE, BYTES - PAGE);
        bed.ok(driver.domainFree(domain));
        assertThat(vendor.idsInUse(bed)).isLessThanOrEqualTo(ids);

        IommuMaster next = bed.master(OTHER_ID);
        attach(next, mapped(ELSEWHERE));
        reaches(next, IOVA, ELSEWHERE);
    }
}
