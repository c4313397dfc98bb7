package org.iommusim.smmuv3;

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
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stale-use check of what devices keep: only an ATC_INV that is complete ends it. */
class StaleAtcTest {
    private static final int SID = 6;
    private static final long IOVA = 0x5000;
    private static final long OLD = 0x2000_0000;
    private static final long NEW = 0x3000_0000;

    private final AtsBed ats = AtsBed.plain();
    private PciFunction function = plug(false);

    /** A function; a lying one completes invalidations and drops nothing. */
    private PciFunction plug(boolean lying) {
        if (lying) {
            ats.bed.device.connect(new Liar()); // is found before the honest part of the function
        }
        RootPort port = new RootPort(
                ats.bed.sim, "rp" + lying, ats.bed.device, ats.bed.memory, ats.bed.port, new LinkTiming(1_000, 0, 0));
        int sid = lying ? SID : SID + 1;
        PciFunction made = new PciFunction(ats.bed.sim.world(), "nic" + sid, sid, port);
        made.addAtc(ats.bed.sim, AtsSettings.DEFAULT).setEnabled(true);
        made.setPresent(true);
        made.setBusMaster(true);
        ats.bed.ste(sid, AtsBed.eats(Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID), Ste.EATS_TRANS));
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
            ats.bed.device.invalidated(SID, 1 << tag, 1);
        }

        @Override
        public void respond(int group, int pasid, PageResponse response) {}
    }

    private void map(long to) {
        ats.first.map(IOVA, to, Vmsav8Tables.S1_PAGE);
    }

    private long reads() {
        DmaRequest request = new DmaRequest();
        request.begin(1, function.requesterId(), DmaRequest.NO_PASID, IOVA, 64, false, ats.bed.sim.now());
        function.issue(request, AddressMode.ATS, r -> {});
        ats.run();
        return request.physicalAddress();
    }

    private void tlbi() {
        command(Cmd.TLBI_NSNH_ALL, 0);
        sync();
    }

    private void atcInv(long address) {
        command(Cmd.atcInv0(function.requesterId(), -1, false), Cmd.atcInv1(address, 0));
    }

    private void sync() {
        command(Cmd.sync0(Cmd.CS_NONE), 0);
    }

    private void command(long word0, long word1) {
        ats.bed.put(word0, word1);
        ats.bed.ring();
        ats.run();
    }

    private List<Violation> violations() {
        return ats.bed.sim.violations().violations();
    }

    @Test
    void shouldLeaveADeviceItsTranslationUntilItIsToldToDropIt() {
        map(OLD);
        assertThat(reads()).isEqualTo(OLD);
        map(NEW);
        tlbi(); // the SMMU's own caches; the device's is another matter
        assertThat(reads()).isEqualTo(OLD);
        atcInv(IOVA);
        sync();
        assertThat(reads()).isEqualTo(NEW);
        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldNotBlameADeviceForAskingBeforeTheTlbsAreClean() {
        map(OLD);
        reads();
        map(NEW);
        atcInv(IOVA); // in the wrong order: the device asks again, and gets the old translation from a TLB
        sync();
        assertThat(reads()).isEqualTo(OLD);
        tlbi();
        assertThat(reads()).isEqualTo(OLD);
        assertThat(violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {IOVA, 0x9000})
    void shouldBlameADeviceThatKeepsWhatItSaidItDropped(long address) {
        function = plug(true);
        map(OLD);
        reads();
        map(NEW);
        tlbi();
        atcInv(address);
        assertThat(reads()).as("not complete yet").isEqualTo(OLD);
        assertThat(violations()).isEmpty();
        sync();
        assertThat(reads()).isEqualTo(OLD);
        if (address != IOVA) {
            assertThat(violations()).as("another page").isEmpty();
            return;
        }
        assertThat(violations()).hasSize(1);
        assertThat(violations().get(0).checker()).isEqualTo("stale-translation");
        assertThat(violations().get(0).message())
                .contains("uses an entry of nic6.atc, made from the stage-1 entry")
                .contains("when ATC_INV")
                .contains("complete by CMD_SYNC");
    }
}
