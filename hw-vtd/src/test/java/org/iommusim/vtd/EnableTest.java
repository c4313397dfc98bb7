package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Translation goes on and off at one moment: what was under way before is carried out as it began, and the status says so
 * when it is through.
 */
class EnableTest {
    private static final int SID = 0x28;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2800_0000L;
    private static final int SLOW = 20_000_000;

    private static VtdTestbed legacy(Map<String, Long> overrides) {
        VtdTestbed bed = VtdTestbed.of("legacy", overrides).legacy();
        long root = bed.page();
        bed.mapSecond(root, 3, 0x5000, OLD);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, 7));
        return bed;
    }

    private static boolean status(VtdTestbed bed) {
        return (bed.read(Reg.GSTS) & Reg.TE) != 0;
    }

    private static void runFor(VtdTestbed bed, long ps) {
        bed.sim.scheduler().runUntil(bed.sim.now() + ps);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Rule("VTD-REG-20")
    void shouldSayThatItIsOffWhenWhatItTranslatedIsCarriedOut(boolean write) {
        VtdTestbed bed = legacy(Map.of());
        bed.dataPs = SLOW;
        DmaRequest before = bed.issue(bed.request(SID, DmaRequest.NO_PASID, 0x5000, write));
        runFor(bed, SLOW / 4);
        bed.write(Reg.GCMD, Reg.QIE);
        runFor(bed, SLOW / 4);
        DmaRequest after = bed.issue(bed.request(SID, DmaRequest.NO_PASID, 0x5000, write));
        runFor(bed, SLOW / 4);
        assertThat(status(bed)).isTrue();
        assertThat(after.outcome()).isEqualTo(DmaOutcome.BYPASS);
        while (before.answeredAt() < 0) {
            assertThat(status(bed)).isTrue();
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        assertThat(status(bed)).isFalse();
        assertThat(before.outcome()).isEqualTo(DmaOutcome.OK);
        bed.run();
    }

    @Test
    @Rule("VTD-REG-20")
    void shouldSayThatItIsOnWhenWhatPassedIsCarriedOut() {
        VtdTestbed bed = legacy(Map.of());
        bed.write(Reg.GCMD, Reg.QIE);
        bed.run();
        bed.dataPs = SLOW;
        bed.issue(bed.request(SID, DmaRequest.NO_PASID, OLD, false));
        runFor(bed, SLOW / 4);
        bed.write(Reg.GCMD, Reg.QIE | Reg.TE);
        runFor(bed, SLOW / 4);
        assertThat(status(bed)).isFalse();
        DmaRequest after = bed.issue(bed.request(SID, DmaRequest.NO_PASID, 0x5000, false));
        runFor(bed, SLOW / 4);
        assertThat(after.outcome()).isEqualTo(DmaOutcome.OK);
        bed.run();
        assertThat(status(bed)).isTrue();
    }

    @Test
    void shouldNotWaitIfItCannotDrain() {
        VtdTestbed bed = legacy(Map.of("drain", 0L));
        bed.dataPs = SLOW;
        bed.issue(bed.request(SID, DmaRequest.NO_PASID, 0x5000, false));
        runFor(bed, SLOW / 4);
        bed.write(Reg.GCMD, Reg.QIE);
        runFor(bed, SLOW / 4);
        assertThat(status(bed)).isFalse();
        bed.run();
    }

    @Test
    void shouldRememberTranslationsInLegacyMode() {
        VtdTestbed bed = legacy(Map.of());
        bed.dmaRead(SID, 0x5000);
        bed.write(Reg.GCMD, Reg.QIE);
        bed.run();
        bed.command(Reg.TE);
        assertThat(bed.dmaRead(SID, 0x5000).misses()).isZero();
    }

    @Test
    @Rule("VTD-REG-21")
    void shouldForgetTranslationsIfTheUnitHasScalableMode() {
        VtdTestbed bed = VtdTestbed.of("scalable").scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        long root = bed.page();
        bed.mapSecond(root, 4, 0x5000, OLD);
        bed.pasid(0, PasidEntry.secondStage(root, 4, 7));
        bed.dmaRead(SID, 0x5000);
        bed.mapSecond(root, 4, 0x5000, NEW);
        bed.write(Reg.GCMD, Reg.QIE);
        bed.run();
        bed.command(Reg.TE);
        assertThat(bed.dmaRead(SID, 0x5000).physicalAddress()).isEqualTo(NEW);
    }

    /** Units of version 2 and later drain whatever they are asked. */
    @ParameterizedTest
    @CsvSource({"0x10, false", "0x20, true", "0x60, true"})
    @Rule("VTD-REG-22")
    void shouldAlwaysDrainInLaterVersions(String version, boolean drains) {
        VtdTestbed bed = legacy(Map.of("version", Long.decode(version)));
        bed.dataPs = SLOW;
        bed.issue(bed.request(SID, DmaRequest.NO_PASID, 0x5000, false));
        runFor(bed, SLOW / 4);
        bed.put(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, false, false), 0);
        int wait = bed.putWait();
        bed.ring();
        runFor(bed, SLOW / 4);
        assertThat(bed.waited()).isEqualTo(drains ? 0 : wait);
        bed.run();
        assertThat(bed.waited()).isEqualTo(wait);
    }

    /** Who has another root table and knows it may give the old tables away. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void shouldSayThatTheRootTableIsSetWhenNobodyUsesTheOldOne(long esrtps) {
        VtdTestbed bed = legacy(Map.of("esrtps", esrtps));
        bed.dataPs = SLOW;
        DmaRequest before = bed.issue(bed.request(SID, DmaRequest.NO_PASID, 0x5000, false));
        runFor(bed, SLOW / 4);
        bed.write(Reg.GCMD, Reg.QIE | Reg.TE | Reg.SRTP);
        runFor(bed, SLOW / 4);
        assertThat(before.answeredAt()).isNegative();
        assertThat((bed.read(Reg.GSTS) & Reg.SRTP) != 0).isEqualTo(esrtps == 0);
        bed.run();
        assertThat(bed.read(Reg.GSTS) & Reg.SRTP).isNotZero();
        assertThat(bed.sim.violations().isEmpty()).isTrue();
    }
}
