package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.api.Test;

class RegisterFileTest {
    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600");

    @Test
    void shouldTellWhatItCanDoAndNothingElse() {
        IdRegs ids = bed.device.ids();
        assertThat(ids.s1p() && ids.s2p() && ids.msi() && ids.sev() && ids.coherent())
                .isTrue();
        assertThat(ids.ats() || ids.pri() || ids.hyp() || ids.btm() || ids.ril())
                .isFalse();
        assertThat(ids.stallModel()).isEqualTo(1);
        assertThat(ids.httu()).isZero();
        assertThat(bed.read(Reg.IDR0)).isEqualTo(ids.idr0());
        assertThat(bed.device.mmioRead(Reg.IDR0, 8)).isEqualTo(ids.idr0() & 0xffff_ffffL | (long) ids.idr1() << 32);
        assertThat(bed.read(Reg.IIDR) & 0xfff).isEqualTo(0x43b);
    }

    @Test
    void shouldAcknowledgeEnablesLater() {
        bed.write(Reg.CR0, Reg.CR0_CMDQEN);
        assertThat(bed.read(Reg.CR0)).isEqualTo(Reg.CR0_CMDQEN);
        assertThat(bed.read(Reg.CR0ACK)).isZero();

        bed.sim.scheduler().run();

        assertThat(bed.read(Reg.CR0ACK)).isEqualTo(Reg.CR0_CMDQEN);
    }

    @Test
    void shouldIgnoreEnablesOfWhatIsAbsent() {
        bed.write(Reg.CR0, -1);
        bed.sim.scheduler().run();
        assertThat(bed.read(Reg.CR0ACK)).isEqualTo(Reg.CR0_SMMUEN | Reg.CR0_EVENTQEN | Reg.CR0_CMDQEN);
        bed.write(Reg.PRIQ_PROD, 5);
        assertThat(bed.read(Reg.PRIQ_PROD)).isZero();
    }

    @Test
    void shouldProtectWhatIsInUse() {
        bed.enable();
        bed.write64(Reg.STRTAB_BASE, 0x40_0000);
        bed.write(Reg.STRTAB_BASE_CFG, 3);
        bed.write64(Reg.CMDQ_BASE, 0x40_0000);
        bed.write(Reg.CMDQ_CONS, 7);
        bed.write(Reg.EVENTQ_PROD, 7);
        bed.write(Reg.EVENTQ_IRQ_CFG1, 7);

        assertThat(bed.device.mmioRead(Reg.STRTAB_BASE, 8)).isEqualTo(Smmuv3Testbed.STREAM_TABLE);
        assertThat(bed.read(Reg.STRTAB_BASE_CFG)).isEqualTo(Smmuv3Testbed.LOG2_STREAMS);
        assertThat(bed.device.mmioRead(Reg.CMDQ_BASE, 8) & Reg.Q_BASE_ADDR).isEqualTo(Smmuv3Testbed.COMMANDS);
        assertThat(bed.read(Reg.CMDQ_CONS)).isZero();
        assertThat(bed.read(Reg.EVENTQ_PROD)).isZero();
        assertThat(bed.read(Reg.EVENTQ_IRQ_CFG1)).isZero();
    }

    @Test
    void shouldShowQueueIndicesOnBothPages() {
        bed.write(Reg.EVENTQ_CONS, 3);
        assertThat(bed.read(Reg.EVENTQ_CONS & 0xffff)).isEqualTo(3);
        assertThat(bed.read(Reg.PAGE1 + Reg.IDR1)).isEqualTo(bed.device.ids().idr1());
    }

    @Test
    void shouldIgnoreGbpaWithoutUpdate() {
        bed.write(Reg.GBPA, Reg.GBPA_ABORT);
        bed.sim.scheduler().run();
        assertThat(bed.read(Reg.GBPA)).isEqualTo(Reg.GBPA_SHCFG_INCOMING);
    }

    @Test
    void shouldReadZeroWhereThereIsNothing() {
        assertThat(bed.device.mmioRead(Reg.IDR0, 2)).isZero();
        assertThat(bed.device.mmioRead(Reg.IDR0 + 2, 4)).isZero();
        assertThat(bed.device.mmioRead(0x4000, 4)).isZero();
        assertThat(bed.device.mmioRead(Reg.BYTES, 4)).isZero();
        bed.device.mmioWrite(Reg.BYTES, 4, 1);
        bed.device.mmioWrite(Reg.IDR0, 4, 1);
        assertThat(bed.read(Reg.IDR0)).isEqualTo(bed.device.ids().idr0());
    }
}
