package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.DeviceBed;
import org.junit.jupiter.api.AfterEach;

/** What the suites have in common: a bed that is on, a few addresses, and the questions that every test asks. */
abstract class Contract {
    static final int NONE = DmaRequest.NO_PASID;
    static final int FUNCTION = 0x28;
    static final int OTHER = 0x30;
    static final long IOVA = 0x40_0000L;
    static final long OLD = 0x2000_0000L;
    static final long NEW = 0x2800_0000L;
    static final long PAGE = 0x1000L;
    static final long MICROSECOND = 1_000_000;

    final Vendor vendor;
    final VendorBed bed;
    final DeviceBed<?> machine;

    Contract(Vendor vendor) {
        this.vendor = vendor;
        bed = vendor.bed();
        machine = bed.machine();
    }

    /** Whatever a test does, nobody may be blamed, unless it has said what for. */
    @AfterEach
    void nothingIsWrong() {
        assertThat(machine.sim.violations().violations()).isEmpty();
    }

    final DmaRequest read(int function, int pasid, long iova) {
        return machine.dma(machine.request(function, pasid, iova, false));
    }

    final DmaRequest write(int function, int pasid, long iova) {
        return machine.dma(machine.request(function, pasid, iova, true));
    }

    final DmaRequest read(long iova) {
        return read(FUNCTION, NONE, iova);
    }

    /** A translation request that also wants to write, answered. */
    final DmaRequest ask(int function, int pasid, long iova) {
        DmaRequest request = machine.request(function, pasid, iova, true);
        request.resend(AddressType.TRANSLATION_REQUEST, iova);
        return machine.dma(request);
    }

    final void reads(int function, int pasid, long iova, long expected) {
        DmaRequest request = read(function, pasid, iova);
        assertThat(request.outcome()).as("%x", iova).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(expected);
    }

    final void reads(long iova, long expected) {
        reads(FUNCTION, NONE, iova, expected);
    }

    final void isRefused(DmaRequest request) {
        assertThat(request.outcome()).isIn(DmaOutcome.FAULT, DmaOutcome.ABORT);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    /** Has all invalidations so far completed. */
    final void complete() {
        bed.sync();
        machine.run();
        assertThat(bed.synced()).as("completion is told").isTrue();
    }

    /** A space that the function goes by, translation being on. */
    final Space attached(int tag) {
        Space space = bed.space(tag);
        bed.attach(FUNCTION, space);
        bed.enable();
        return space;
    }
}
