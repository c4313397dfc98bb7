package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.UserData;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

class InitDmarsTest {
    private static List<String> writes(DriverTestbed bed) {
        return bed.steps.stream()
                .filter(s -> s.startsWith("init_dmars: write"))
                .map(s -> s.substring("init_dmars: write ".length()))
                .toList();
    }

    @Test
    void shouldBringAScalableUnitUpInTheKernelsOrder() {
        DriverTestbed bed = DriverTestbed.fake(FakeVtd.SCALABLE);
        bed.ok(bed.driver.probe());
        assertThat(writes(bed))
                .containsSubsequence(
                        "IQT=0",
                        "IQA",
                        "GCMD.QIE",
                        "RTADDR",
                        "GCMD.SRTP",
                        "PQH=0",
                        "PQT=0",
                        "PQA",
                        "PECTL (unmask)",
                        "FECTL (unmask)",
                        "GCMD.TE");
        assertThat(bed.fake().commands).isEmpty(); // SRTP itself invalidates
        assertThat(bed.fake().register(Reg.GSTS) & (Reg.TE | Reg.QIE)).isEqualTo(Reg.TE | Reg.QIE);
        assertThat(Reg.ttm(bed.fake().register64(Reg.RTADDR))).isEqualTo(Reg.TTM_SCALABLE);
        assertThat(bed.fake().register64(Reg.IQA) & (Reg.IQA_DW | Reg.IQA_QS)).isEqualTo(Reg.IQA_DW | 1);
        bed.assertClean();
    }

    @Test
    void shouldInvalidateEverythingWhereSettingTheRootDoesNot() {
        DriverTestbed bed = DriverTestbed.fake(FakeVtd.LEGACY);
        bed.ok(bed.driver.probe());
        assertThat(bed.fake().commands).containsExactly("context global", "iotlb global drain-reads drain-writes");
        assertThat(Reg.ttm(bed.fake().register64(Reg.RTADDR))).isEqualTo(Reg.TTM_LEGACY);
        assertThat(bed.fake().register64(Reg.IQA) & (Reg.IQA_DW | Reg.IQA_QS)).isZero();
        assertThat(writes(bed)).doesNotContain("PQA");
        bed.assertClean();
    }

    @Test
    void shouldSwitchOffWhatFirmwareLeftOn() {
        DriverTestbed bed = DriverTestbed.fake(FakeVtd.LEGACY);
        bed.fake().register(Reg.GSTS, Reg.TE | Reg.QIE);
        bed.ok(bed.driver.probe());
        assertThat(writes(bed)).containsSubsequence("GCMD.QIE=0", "GCMD.QIE", "GCMD.TE=0", "RTADDR", "GCMD.TE");
        bed.assertClean();
    }

    @Test
    void shouldRefuseAUnitWithoutQueuedInvalidation() {
        DriverTestbed bed = DriverTestbed.fake(new Cap(FakeVtd.LEGACY.cap(), FakeVtd.LEGACY.ecap() & ~Cap.QI.mask()));
        assertThat(bed.run(bed.driver.probe())).isEqualTo(Errno.ENODEV);
        assertThat(bed.messages).containsExactly("no queued invalidation");
    }

    @Test
    void shouldTellTheCapabilityRegisters() {
        DriverTestbed bed = DriverTestbed.fake(FakeVtd.SCALABLE);
        bed.ok(bed.driver.probe());
        HwInfo info = bed.driver.hwInfo(bed.master(1));
        assertThat(info.type()).isEqualTo(1);
        assertThat(info.data()).isEqualTo(UserData.bytes(0, FakeVtd.SCALABLE.cap(), FakeVtd.SCALABLE.ecap()));
        assertThat(info.maxPasidLog2()).isEqualTo(20);
    }
}
