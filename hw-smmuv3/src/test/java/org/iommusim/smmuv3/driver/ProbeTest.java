package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
    @Test
    void shouldBringTheHardwareUpInTheKernelsOrder() {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());

        List<String> writes = bed.steps.stream()
                .filter(s -> s.startsWith("arm_smmu_device_probe: write"))
                .map(s -> s.substring("arm_smmu_device_probe: write ".length()))
                .toList();
        assertThat(writes)
                .containsSubsequence(
                        "CR0 (disable)",
                        "CR1",
                        "CR2",
                        "STRTAB_BASE",
                        "STRTAB_BASE_CFG",
                        "CMDQ_BASE",
                        "CMDQ_PROD",
                        "CMDQ_CONS",
                        "CR0.CMDQEN",
                        "EVENTQ_BASE",
                        "EVENTQ_PROD",
                        "EVENTQ_CONS",
                        "CR0.EVENTQEN",
                        "IRQ_CTRL",
                        "CR0.SMMUEN");
        assertThat(bed.fake().commands).containsExactly("CFGI_ALL", "SYNC", "TLBI_NSNH_ALL", "SYNC");
        assertThat(bed.fake().register(Reg.CR0)).isEqualTo(Reg.CR0_SMMUEN | Reg.CR0_EVENTQEN | Reg.CR0_CMDQEN);
        for (int sid = 0; sid < 256; sid++) {
            assertThat(bed.memory.read64(bed.smmu().ste(sid))).isEqualTo(Ste.abort()[0]);
        }
        bed.assertClean();
    }

    @Test
    void shouldAbortWhatAnEarlierOwnerLeftEnabled() {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.fake().register(Reg.CR0, Reg.CR0_SMMUEN);
        bed.fake().register(Reg.CR0ACK, Reg.CR0_SMMUEN);
        bed.ok(bed.driver.probe());

        assertThat(bed.fake().register(Reg.GBPA)).isEqualTo(Reg.GBPA_ABORT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldRefuseHardwareThatItCannotDrive(int which) {
        IdRegs all = FakeSmmu.ALL;
        IdRegs ids = switch (which) {
            case 0 -> new IdRegs(all.idr0() & ~3, all.idr1(), 0, 0, 0, all.idr5(), 0, 0);
            case 1 -> new IdRegs(all.idr0() & ~8, all.idr1(), 0, 0, 0, all.idr5(), 0, 0);
            case 2 -> new IdRegs(all.idr0(), all.idr1(), 0, 0, 0, all.idr5() & ~0x10, 0, 0);
            default -> new IdRegs(all.idr0(), all.idr1() | 1 << 29, 0, 0, 0, all.idr5(), 0, 0);
        };
        DriverTestbed bed = DriverTestbed.fake(ids);

        assertThat(bed.run(bed.driver.probe())).isEqualTo(Errno.ENODEV);
        assertThat(bed.messages).hasSize(1);
    }

    @Test
    void shouldGiveUpIfEnablesAreNotAcknowledged() {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.fake().acknowledges = false;

        assertThat(bed.run(bed.driver.probe())).isEqualTo(Errno.ETIMEDOUT);
    }

    @Test
    void shouldRefuseAStreamIdOutOfRange() {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());
        RefCell<IommuMaster> result = bed.result();

        assertThat(bed.run(bed.driver.probeDevice(bed.function(0x100), result))).isEqualTo(Errno.EINVAL);
        assertThat(result.get()).isNull();
    }

    @Test
    void shouldTellTheIdentificationRegisters() {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());
        HwInfo info = bed.driver.hwInfo(bed.master(1));

        assertThat(info.type()).isEqualTo(2);
        assertThat(info.data()).hasSize(40);
        assertThat(java.nio.ByteBuffer.wrap(info.data())
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getInt(8))
                .isEqualTo(FakeSmmu.ALL.idr0());
    }

    @Test
    void shouldTakeDomainsWithAFaultHandlerForDevicesThatCannotStall() {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());

        assertThat(bed.driver.enableIopf(bed.master(1))).isZero();
    }
}
