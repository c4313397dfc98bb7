package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.Atc;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ATS as the driver uses it: when a device may ask for translations, and when what it has kept is invalidated. */
class AtsTest {
    private static final long IOVA = 0x10_0000;
    private static final int BOTH = 3;

    private final DriverTestbed bed = DriverTestbed.real(Map.of("sid_bits", 8L, "ats", 1L));
    private final PciFunction function;
    private final Atc atc;
    private final IommuMaster master;

    AtsTest() {
        bed.ok(bed.driver.probe());
        function = bed.function(5);
        atc = function.addAtc(bed.sim, AtsSettings.DEFAULT);
        RefCell<IommuMaster> result = bed.result();
        bed.ok(bed.driver.probeDevice(function, result));
        master = result.require();
    }

    private Smmuv3PagingDomain mapped(long target) {
        Smmuv3PagingDomain domain = bed.paging(0);
        bed.ok(domain.mapPages(IOVA, DriverTestbed.DATA + target, 0x10000, BOTH));
        return domain;
    }

    private void attach(IommuDomain domain) {
        bed.ok(bed.driver.attachDev(master, domain));
    }

    private DmaRequest access(long iova) {
        DmaRequest request = new DmaRequest();
        request.begin(0, 5, DmaRequest.NO_PASID, iova, 8, true, bed.sim.now());
        function.issue(request, AddressMode.ATS, r -> {});
        bed.sim.scheduler().run();
        return request;
    }

    private int eats() {
        return Ste.EATS.getInt(bed.memory.read64(bed.smmu().ste(5) + 8));
    }

    @Test
    void shouldLetADeviceAskOnlyWhileADomainTranslates() {
        assertThat(atc.enabled()).isFalse();
        attach(mapped(0));
        assertThat(atc.enabled()).isTrue();
        assertThat(eats()).isEqualTo(Ste.EATS_TRANS);
        assertThat(access(IOVA).physicalAddress()).isEqualTo(DriverTestbed.DATA);
        assertThat(atc.size()).isEqualTo(1);

        attach(bed.driver.identityDomain());
        assertThat(atc.enabled()).isFalse();
        assertThat(atc.size()).isZero();
        assertThat(eats()).isEqualTo(Ste.EATS_ABORT);
        assertThat(access(IOVA).outcome()).isEqualTo(DmaOutcome.BUS_ERROR);
        bed.assertClean();
    }

    @Test
    void shouldNotEnableWhatOneSideCannotDo() {
        IommuMaster other = bed.master(7);
        bed.ok(bed.driver.attachDev(other, mapped(0)));
        assertThat(Ste.EATS.getInt(bed.memory.read64(bed.smmu().ste(7) + 8))).isEqualTo(Ste.EATS_ABORT);
    }

    @Test
    void shouldInvalidateTheDeviceBehindTheTlbs() {
        Smmuv3PagingDomain domain = mapped(0);
        attach(domain);
        access(IOVA);
        access(IOVA + 0x1000);
        bed.steps.clear();
        bed.ok(domain.unmapPages(IOVA, 0x1000));
        assertThat(atc.size()).as("until the sync").isEqualTo(2);
        bed.ok(domain.iotlbSync());
        assertThat(atc.size()).isEqualTo(1);
        assertThat(access(IOVA).outcome()).isEqualTo(DmaOutcome.FAULT);
        List<String> commands = bed.steps.stream()
                .filter(step -> step.contains("ATC_INV") || step.contains("TLBI"))
                .toList();
        assertThat(bed.steps.indexOf("arm_smmu_atc_inv_domain: devices_lock: a command for each master"))
                .as("in %s", commands)
                .isGreaterThan(bed.steps.indexOf("arm_smmu_cmdq_issue_cmdlist: wait for CMD_SYNC"));
        bed.assertClean();
    }

    @Test
    void shouldGoOnWhenADeviceWasTakenOut() {
        Smmuv3PagingDomain domain = mapped(0);
        attach(domain);
        access(IOVA);
        function.setPresent(false);
        bed.ok(domain.unmapPages(IOVA, 0x1000));
        bed.ok(domain.iotlbSync());
        bed.ok(bed.driver.releaseDevice(master));
        assertThat(bed.messages).anyMatch(text -> text.contains("ATC invalidate timeout"));
        assertThat(domain.users()).isZero();
        assertThat(domain.atsMasters().get()).isZero();

        function.setPresent(true);
        assertThat(atc.enabled()).as("as after a reset").isFalse();
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "false, 0"})
    void shouldEnableItForAGuestThatDoes(boolean asks, int masters) {
        Smmuv3PagingDomain parent = bed.parent();
        DriverTestbed.Core core = bed.new Core();
        VirtualIommu viommu = bed.viommu(parent, core);
        core.devices.put(9L, master);
        long word0 = 1 | Ste.S1 << 1 | 0x5000;
        IommuDomain nested =
                bed.nested(viommu, UserData.ofWords(2, word0, asks ? (long) Ste.EATS_TRANS << Ste.EATS.lo() : 0));
        attach(nested);
        assertThat(atc.enabled()).isEqualTo(asks);
        assertThat(eats()).isEqualTo(asks ? Ste.EATS_TRANS : Ste.EATS_ABORT);
        assertThat(parent.atsMasters().get()).isEqualTo(masters);
        // Once more, as a guest's change of its entry makes it: lists and counts stay right.
        attach(bed.nested(viommu, UserData.ofWords(2, word0, 0)));
        assertThat(parent.users()).isEqualTo(1);
        assertThat(parent.atsMasters().get()).isZero();
        assertThat(atc.enabled()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0x1000, 0x1000, 0", "0x0, 0x2000, 1", "0x7000, 0x2000, 4", "0x40000000, 0x40000000, 18"})
    void shouldSpanARangeByOnePowerOfTwo(String start, String bytes, int log2) {
        assertThat(AtcInvalidate.spanLog2(Long.decode(start), Long.decode(bytes)))
                .isEqualTo(log2);
    }
}
