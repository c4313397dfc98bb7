package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.sim.check.Violation;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stale-use check of what devices keep: only a device-TLB invalidation that is complete ends it. */
class StaleDeviceTlbTest {
    private static final int SID = 0x30;
    private static final int PASID = 5;
    private static final int DID = 7;
    private static final long IOVA = 0x5000;
    private static final long OLD = 0x2000_0000;
    private static final long NEW = 0x3000_0000;

    private final VtdTestbed bed = VtdTestbed.of("scalable").scalable();
    private final long root = bed.page();
    private PciFunction function = plug(false);

    /** A function; a lying one completes invalidations and drops nothing. */
    private PciFunction plug(boolean lying) {
        if (lying) {
            bed.device.connect(new Liar()); // is found before the honest part of the function
        }
        int sid = lying ? SID : SID + 1;
        RootPort port =
                new RootPort(bed.sim, "rp" + lying, bed.device, bed.memory, bed.port, new LinkTiming(1_000, 0, 0));
        PciFunction made = new PciFunction(bed.sim.world(), "nic" + sid, sid, port);
        made.addAtc(bed.sim, AtsSettings.DEFAULT).setEnabled(true);
        made.setPresent(true);
        made.setBusMaster(true);
        bed.scalableContext(sid, VtdTestbed.function());
        bed.pasid(PASID, PasidEntry.firstStage(root, 4, DID));
        return made;
    }

    private final class Liar implements AtsEndpoint {
        @Override
        public int requesterId() {
            return SID;
        }

        @Override
        public int invalidateQueueDepth() {
            return 1;
        }

        @Override
        public void invalidate(int tag, int pasid, boolean global, long address, int shift) {
            bed.device.invalidated(SID, 1 << tag, 1);
        }

        @Override
        public void respond(int group, int pasid, PageResponse response) {}
    }

    private void map(long to) {
        bed.mapFirst(root, 4, IOVA, to);
    }

    private long reads() {
        DmaRequest request = new DmaRequest();
        request.begin(1, function.requesterId(), PASID, IOVA, 64, false, bed.sim.now());
        function.issue(request, AddressMode.ATS, r -> {});
        bed.run();
        return request.physicalAddress();
    }

    private void iotlb() {
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, PASID));
    }

    private long deviceTlb() {
        return Inv.pasidDeviceTlb0(function.requesterId(), PASID, function.requesterId(), 0);
    }

    private List<Violation> violations() {
        return bed.sim.violations().violations();
    }

    @Test
    void shouldLeaveADeviceItsTranslationUntilItIsToldToDropIt() {
        map(OLD);
        assertThat(reads()).isEqualTo(OLD);
        map(NEW);
        iotlb(); // the unit's own caches; the device's is another matter
        assertThat(reads()).isEqualTo(OLD);
        bed.invalidate(deviceTlb(), Inv.pasidDeviceTlb1(IOVA, 0));
        assertThat(reads()).isEqualTo(NEW);
        assertThat(violations()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0x5000, 0, true", "0x0, 3, true", "0x0, 52, true", "0x9000, 0, false", "0x6000, 1, false"})
    void shouldBlameADeviceThatKeepsWhatItSaidItDropped(String address, int order, boolean covered) {
        function = plug(true);
        map(OLD);
        reads();
        map(NEW);
        iotlb();
        bed.put(deviceTlb(), Inv.pasidDeviceTlb1(Long.decode(address), order));
        bed.ring();
        bed.run();
        assertThat(reads()).as("not complete yet").isEqualTo(OLD);
        assertThat(violations()).isEmpty();
        bed.putWait();
        bed.ring();
        bed.run();
        assertThat(reads()).isEqualTo(OLD);
        assertThat(violations()).hasSize(covered ? 1 : 0);
        if (covered) {
            assertThat(violations().get(0).message())
                    .contains("uses an entry of nic48.atc, made from the stage-1 entry")
                    .contains("when pasid-device-tlb sid=0x30")
                    .contains("complete by wait");
        }
    }
}
