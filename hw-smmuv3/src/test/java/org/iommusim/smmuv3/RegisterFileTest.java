package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
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
    @Rule("SMMU-REG-01")
    void shouldShowGbpaBeforeItIsInEffect() {
        bed.write(Reg.GBPA, Reg.GBPA_UPDATE | Reg.GBPA_ABORT);
        bed.write(Reg.GBPA, Reg.GBPA_UPDATE | Reg.GBPA_SHCFG_INCOMING);
        assertThat(bed.read(Reg.GBPA)).isEqualTo(Reg.GBPA_UPDATE | Reg.GBPA_ABORT);

        bed.sim.scheduler().run();

        assertThat(bed.read(Reg.GBPA)).isEqualTo(Reg.GBPA_ABORT);
    }

    @Test
    @Rule("SMMU-REG-01")
    void shouldIgnoreGbpaWithoutUpdate() {
        bed.write(Reg.GBPA, Reg.GBPA_ABORT);
        bed.sim.scheduler().run();
        assertThat(bed.read(Reg.GBPA)).isEqualTo(Reg.GBPA_SHCFG_INCOMING);
    }

    /** The interrupt is disabled while its MSI is on its way, and another event is recorded meanwhile. */
    @Test
    @Rule("SMMU-REG-02")
    void shouldAcknowledgeADisabledInterruptWhenItsMsiIsThrough() {
        long target = Smmuv3Testbed.FREE + 0x8000;
        bed.write64(Reg.EVENTQ_IRQ_CFG0, target);
        bed.write(Reg.EVENTQ_IRQ_CFG1, 0x1234);
        bed.enable();
        bed.issue(bed.request(0x50, DmaRequest.NO_PASID, 0x5000, false));
        while (bed.read(Reg.EVENTQ_PROD) == 0) {
            bed.sim.scheduler().step();
        }
        bed.write(Reg.IRQ_CTRL, 0);
        bed.write(Reg.EVENTQ_CONS, bed.read(Reg.EVENTQ_PROD));
        bed.issue(bed.request(0x51, DmaRequest.NO_PASID, 0x5000, false));
        while (bed.read(Reg.IRQ_CTRLACK) != 0) {
            assertThat(bed.read(Reg.EVENTQ_IRQ_CFG1)).isEqualTo(0x1234);
            bed.write(Reg.EVENTQ_IRQ_CFG1, 0x5678);
            bed.sim.scheduler().step();
        }
        assertThat(bed.memory.read64(target)).isEqualTo(0x1234);

        bed.memory.write64(target, 0);
        bed.sim.scheduler().run();

        assertThat(bed.read(Reg.EVENTQ_PROD)).isEqualTo(2);
        assertThat(bed.memory.read64(target)).isZero();
        assertThat(bed.interrupts).containsExactly("eventq");
    }

    @Test
    @Rule("SMMU-REG-03")
    void shouldAlignTheStreamTableToTheSizeThatSoftwareSays() {
        Smmuv3Testbed small = Smmuv3Testbed.of("mmu-600", Map.of("sid_bits", 8L));
        small.enable();
        small.write(Reg.CR0, 0);
        small.sim.scheduler().run();
        // 2^16 entries of 64 bytes: the base is a multiple of 4 MiB.
        small.write64(Reg.STRTAB_BASE, 0x7f_0000);
        small.write(Reg.STRTAB_BASE_CFG, 16);
        small.words(0x40_0000 + 0x50 * Ste.BYTES, Ste.bypass());
        small.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN);
        small.sim.scheduler().run();

        assertThat(small.dmaRead(0x50, 0x5000).outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(small.dmaRead(0x150, 0x5000).faultCode()).isEqualTo(Event.C_BAD_STREAMID);
    }

    @Test
    @Rule("SMMU-REG-04")
    void shouldProtectTheEventQueueFromSmmuv32On() {
        Smmuv3Testbed later = Smmuv3Testbed.of("mmu-700");
        for (Smmuv3Testbed any : List.of(bed, later)) {
            any.enable();
            any.write64(Reg.EVENTQ_BASE, 0x40_0000);
        }

        assertThat(bed.device.ids().minorVersion()).isEqualTo(1);
        assertThat(bed.device.mmioRead(Reg.EVENTQ_BASE, 8)).isEqualTo(0x40_0000);
        assertThat(later.device.ids().minorVersion()).isEqualTo(2);
        assertThat(later.device.mmioRead(Reg.EVENTQ_BASE, 8) & Reg.Q_BASE_ADDR).isEqualTo(Smmuv3Testbed.EVENTS);
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
