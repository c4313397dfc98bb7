package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** GCMD and GSTS, and what commands take over. */
class GlobalCommandsTest {
    private final ControlBed bed = ControlBed.plain();

    private boolean status(int bit) {
        return (bed.read(Reg.GSTS) & bit) != 0;
    }

    @Test
    @Rule("VTD-REG-01")
    void shouldReadCommandsAsZeroAndActLater() {
        bed.command(Reg.SRTP);
        bed.write(Reg.GCMD, Reg.TE);
        assertThat(bed.read(Reg.GCMD)).isZero();
        assertThat(status(Reg.TE)).isFalse();
        bed.run();
        assertThat(status(Reg.TE)).isTrue();
        assertThat(bed.read(Reg.GCMD)).isZero();
    }

    @Test
    @Rule("VTD-REG-02")
    void shouldActOnTheDifferenceToWhatIsInEffect() {
        bed.command(Reg.SRTP);
        bed.command(Reg.TE);
        bed.write64(Reg.IQA, ControlBed.QUEUE);
        bed.command(Reg.QIE);
        assertThat(bed.read(Reg.GSTS)).isEqualTo(Reg.TE | Reg.SRTP | Reg.QIE);
        bed.write(Reg.GCMD, Reg.QIE);
        bed.run();
        assertThat(bed.read(Reg.GSTS)).isEqualTo(Reg.SRTP | Reg.QIE);
        bed.write(Reg.GCMD, 0);
        bed.run();
        assertThat(bed.read(Reg.GSTS)).isEqualTo(Reg.SRTP);
    }

    @Test
    @Rule("VTD-REG-03")
    void shouldTakeOverTheRootTableOnlyByCommand() {
        bed.write64(Reg.RTADDR, 0x12_3456_7000L | Reg.TTM_SCALABLE << Reg.RTADDR_TTM_SHIFT | 0x3ff);
        assertThat(bed.unit.registers().rootTable()).isZero();
        bed.command(Reg.SRTP);
        bed.write64(Reg.RTADDR, 0x9000);
        bed.run();
        assertThat(bed.unit.registers().rootTable()).isEqualTo(0x12_3456_7000L);
        assertThat(bed.unit.registers().tableMode()).isEqualTo(Reg.TTM_SCALABLE);
        bed.write(Reg.GCMD, Reg.SRTP);
        assertThat(status(Reg.SRTP)).isFalse();
        bed.run();
        assertThat(status(Reg.SRTP)).isTrue();
        assertThat(bed.unit.registers().rootTable()).isEqualTo(0x9000);
        assertThat(bed.unit.registers().tableMode()).isEqualTo(Reg.TTM_LEGACY);
    }

    @Test
    @Rule("VTD-REG-04")
    void shouldInvalidateWithTheRootTableIfItSaysSo() {
        bed.command(Reg.SRTP);
        assertThat(bed.notes).containsExactly("CONTEXT_GLOBAL", "PASID_CACHE_GLOBAL", "IOTLB_GLOBAL");
        ControlBed without = new ControlBed(Map.of("esrtps", 0L, "esirtps", 0L));
        without.command(Reg.SRTP);
        without.command(Reg.SIRTP);
        assertThat(without.notes).isEmpty();
        bed.notes.clear();
        bed.command(Reg.SIRTP);
        assertThat(bed.notes).containsExactly("interrupt entries 0/16");
    }

    @Test
    @Rule("VTD-REG-05")
    void shouldRefuseToEnableWithoutATable() {
        bed.command(Reg.TE);
        bed.command(Reg.IRE);
        assertThat(bed.read(Reg.GSTS)).isZero();
        bed.command(Reg.SIRTP);
        bed.command(Reg.TE);
        bed.command(Reg.IRE);
        assertThat(bed.unit.registers().interruptRemapping()).isTrue();
        assertThat(bed.unit.registers().translationEnabled()).isFalse();
    }

    @Test
    @Rule("VTD-REG-06")
    void shouldShowAWriteBufferFlushAsLongAsItTakes() {
        bed.write(Reg.GCMD, Reg.WBF);
        assertThat(status(Reg.WBF)).isTrue();
        bed.run();
        assertThat(status(Reg.WBF)).isFalse();
        ControlBed without = new ControlBed(Map.of("rwbf", 0L));
        without.write(Reg.GCMD, Reg.WBF);
        assertThat(without.read(Reg.GSTS)).isZero();
    }

    @Test
    @Rule("VTD-REG-07")
    void shouldTakeOverTheInterruptTable() {
        bed.write64(Reg.IRTA, 0x7_0005_6000L | Reg.IRTA_EIME | 7);
        bed.command(Reg.SIRTP);
        assertThat(bed.unit.registers().interruptTable()).isEqualTo(0x7_0005_6000L);
        assertThat(bed.unit.registers().interruptEntries()).isEqualTo(256);
        assertThat(bed.unit.registers().extendedInterruptMode()).isTrue();
        assertThat(bed.unit.registers().compatibilityFormat()).isFalse();
        bed.command(Reg.CFI);
        assertThat(bed.unit.registers().compatibilityFormat()).isTrue();
        bed.command(Reg.IRE);
        bed.write64(Reg.IRTA, 0x7000);
        assertThat(bed.read64(Reg.IRTA)).isEqualTo(0x7_0005_6000L | Reg.IRTA_EIME | 7);
        bed.write(Reg.GCMD, 0);
        bed.run();
        bed.write64(Reg.IRTA, 0x7000);
        bed.command(Reg.SIRTP);
        assertThat(bed.unit.registers().extendedInterruptMode()).isFalse();
        assertThat(bed.unit.registers().interruptEntries()).isEqualTo(2);
    }

    @Test
    @Rule("VTD-REG-08")
    void shouldResetTheHeadWhenTheQueueIsDisabled() {
        bed.enableQueue();
        bed.submit(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0);
        bed.run();
        assertThat(bed.read(Reg.IQH)).isEqualTo(16);
        bed.write64(Reg.IQA, 0x7000);
        assertThat(bed.read64(Reg.IQA)).isEqualTo(ControlBed.QUEUE);
        bed.write(Reg.GCMD, 0);
        bed.run();
        assertThat(bed.read(Reg.GSTS)).isZero();
        assertThat(bed.read(Reg.IQH)).isZero();
        bed.write64(Reg.IQA, 0x7000);
        assertThat(bed.read64(Reg.IQA)).isEqualTo(0x7000);
    }

    @Test
    @Rule("VTD-REG-08")
    void shouldDisableTheQueueWhenTheDescriptorUnderWayIsDone() {
        ControlBed slow = new ControlBed(Map.of("invalidate_cycles", 1000L)).enableQueue();
        slow.submit(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0);
        slow.put(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, 3, true, true), 0);
        slow.ring();
        slow.pass(ControlBed.US / 2);
        slow.write(Reg.GCMD, 0);
        slow.pass(ControlBed.US / 4);
        assertThat(slow.read(Reg.GSTS)).isEqualTo(Reg.QIE);
        slow.run();
        assertThat(slow.read(Reg.GSTS)).isZero();
        assertThat(slow.notes).containsExactly("IOTLB_GLOBAL");
    }

    @Test
    @Rule("VTD-REG-08")
    void shouldDisableTheQueueBehindAStatusThatIsOnItsWay() {
        bed.enableQueue();
        bed.submitWait(0);
        while (bed.read(Reg.IQH) == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.write(Reg.GCMD, 0);
        while ((bed.read(Reg.GSTS) & Reg.QIE) != 0) {
            assertThat(bed.done(0)).isFalse();
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("VTD-REG-08")
    void shouldFetchWhatIsThereWhenTheQueueIsEnabled() {
        bed.write64(Reg.IQA, ControlBed.QUEUE);
        bed.submitWait(0);
        bed.run();
        assertThat(bed.done(0)).isFalse();
        bed.command(Reg.QIE);
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("VTD-REG-09")
    void shouldIgnoreCommandsOfWhatIsAbsent() {
        ControlBed without = new ControlBed(Map.of("qi", 0L, "ir", 0L, "eim", 0L, "dt", 0L, "prs", 0L, "smts", 0L));
        without.command(Reg.QIE | Reg.IRE | Reg.SIRTP | Reg.CFI | Reg.EAFL | Reg.SFL);
        assertThat(without.read(Reg.GSTS)).isZero();
    }
}
