package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** Invalidation by register: what CCMD, IVA and IOTLB name goes, and what they do not name stays. */
class InvalidateRegistersTest {
    private static final int SID = 0x128;
    private static final int SIBLING = 0x12a;
    private static final int DID = 7;
    private static final int OTHER_DID = 8;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2800_0000L;
    private static final int PAGES = 4;

    private final VtdTestbed bed = withoutQueue();
    private final long root = bed.page();
    private final long otherRoot = bed.page();
    private final int iva = bed.device.cap().iotlbOffset() + Reg.IVA;
    private final int iotlb = bed.device.cap().iotlbOffset() + Reg.IOTLB;

    InvalidateRegistersTest() {
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
        bed.context(SIBLING, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, otherRoot, 3, OTHER_DID));
        for (int page = 0; page < PAGES; page++) {
            bed.mapSecond(root, 3, 0x1000L * page, OLD + 0x1000L * page);
            bed.mapSecond(otherRoot, 3, 0x1000L * page, OLD + 0x1000L * page);
            bed.dmaRead(SID, 0x1000L * page);
            bed.dmaRead(SIBLING, 0x1000L * page);
            bed.mapSecond(root, 3, 0x1000L * page, NEW + 0x1000L * page);
            bed.mapSecond(otherRoot, 3, 0x1000L * page, NEW + 0x1000L * page);
        }
    }

    private static VtdTestbed withoutQueue() {
        VtdTestbed made = VtdTestbed.of("legacy", Map.of("esrtps", 0L));
        made.root(Reg.TTM_LEGACY);
        made.command(Reg.TE);
        return made;
    }

    /** A bit for each page of a function that leads to its new place. */
    private int moved(int sid) {
        int moved = 0;
        for (int page = 0; page < PAGES; page++) {
            moved |= bed.dmaRead(sid, 0x1000L * page).physicalAddress() >= NEW ? 1 << page : 0;
        }
        return moved;
    }

    private void tables(int granularity, int did, long address) {
        bed.write64(iva, address);
        bed.write64(
                iotlb,
                Reg.IOTLB_IVT
                        | (long) granularity << Reg.IOTLB_IIRG_SHIFT
                        | (long) did << Reg.IOTLB_DID_SHIFT
                        | Reg.IOTLB_DR
                        | Reg.IOTLB_DW);
        bed.run();
        assertThat(bed.read64(iotlb)).isPositive();
    }

    private void contexts(int granularity, int did, int sid, int functionMask) {
        bed.write64(
                Reg.CCMD,
                Reg.CCMD_ICC
                        | (long) granularity << Reg.CCMD_CIRG_SHIFT
                        | (long) functionMask << Reg.CCMD_FM_SHIFT
                        | (long) sid << Reg.CCMD_SID_SHIFT
                        | did);
        bed.run();
        assertThat(bed.read64(Reg.CCMD)).isPositive();
    }

    @Test
    @Rule("VTD-REG-15")
    void shouldDropPagesOfADomain() {
        tables(Reg.GRANULARITY_SELECTIVE, DID, 0x1000);
        assertThat(moved(SID)).isEqualTo(0b0010);
        tables(Reg.GRANULARITY_SELECTIVE, DID, 0x2000 | 1);
        assertThat(moved(SID)).isEqualTo(0b1110);
        assertThat(moved(SIBLING)).isZero();
        assertThat(bed.sim.violations().isEmpty()).isTrue();
    }

    @Test
    @Rule("VTD-REG-15")
    void shouldDropADomainOrEverything() {
        tables(Reg.GRANULARITY_DOMAIN, OTHER_DID, 0);
        assertThat(moved(SID)).isZero();
        assertThat(moved(SIBLING)).isEqualTo(0b1111);
        tables(Reg.GRANULARITY_GLOBAL, 0, 0);
        assertThat(moved(SID)).isEqualTo(0b1111);
    }

    @Test
    @Rule("VTD-REG-15")
    void shouldDoNothingIfTheMaskIsTooWide() {
        VtdTestbed narrow = VtdTestbed.of("legacy", Map.of("mamv", 2L));
        int at = narrow.device.cap().iotlbOffset();
        for (int mask = 2; mask <= 3; mask++) {
            narrow.write64(at + Reg.IVA, mask);
            narrow.write64(at + Reg.IOTLB, Reg.IOTLB_IVT | 3L << Reg.IOTLB_IIRG_SHIFT);
            narrow.run();
            assertThat(narrow.read64(at + Reg.IOTLB) >>> Reg.IOTLB_IAIG_SHIFT & 3)
                    .isEqualTo(mask == 2 ? Reg.GRANULARITY_SELECTIVE : 0);
        }
    }

    @Test
    @Rule("VTD-REG-15")
    void shouldDropTheDomainIfItKnowsNoPages() {
        VtdTestbed coarse = VtdTestbed.of("legacy", Map.of("psi", 0L));
        int at = coarse.device.cap().iotlbOffset();
        coarse.write64(at + Reg.IOTLB, Reg.IOTLB_IVT | 3L << Reg.IOTLB_IIRG_SHIFT);
        coarse.run();
        assertThat(coarse.read64(at + Reg.IOTLB) >>> Reg.IOTLB_IAIG_SHIFT & 3).isEqualTo(Reg.GRANULARITY_DOMAIN);
    }

    @Test
    @Rule("VTD-REG-14")
    void shouldDropContextsOfAFunctionADomainOrAll() {
        long third = bed.page();
        bed.mapSecond(third, 3, 0, NEW + 0x10_0000);
        for (int round = 0; round < 3; round++) {
            bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, third, 3, 0x20 + round));
            tables(Reg.GRANULARITY_GLOBAL, 0, 0);
            assertThat(bed.dmaRead(SID, 0).physicalAddress())
                    .as("the old context")
                    .isEqualTo(NEW);
            contexts(Reg.GRANULARITY_SELECTIVE, DID, SIBLING, round == 0 ? 1 : 0);
            contexts(Reg.GRANULARITY_DOMAIN, OTHER_DID, 0, 0);
            tables(Reg.GRANULARITY_GLOBAL, 0, 0);
            assertThat(bed.dmaRead(SID, 0).physicalAddress())
                    .as("none of these")
                    .isEqualTo(NEW);
            switch (round) {
                case 0 -> contexts(Reg.GRANULARITY_SELECTIVE, DID, SIBLING, 2);
                case 1 -> contexts(Reg.GRANULARITY_DOMAIN, DID, 0, 0);
                default -> contexts(Reg.GRANULARITY_GLOBAL, 0, 0, 0);
            }
            tables(Reg.GRANULARITY_GLOBAL, 0, 0);
            assertThat(bed.dmaRead(SID, 0).physicalAddress()).isEqualTo(NEW + 0x10_0000);
            bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
            contexts(Reg.GRANULARITY_GLOBAL, 0, 0, 0);
            bed.dmaRead(SID, 0);
        }
    }

    @Test
    @Rule("VTD-REG-16")
    void shouldDrainOnlyWhatItIsAskedToDrain() {
        bed.dataPs = 1_000_000;
        for (boolean write : new boolean[] {false, true}) {
            for (boolean drains : new boolean[] {false, true}) {
                DmaRequest under = bed.request(SID, DmaRequest.NO_PASID, 0, write);
                bed.issue(under);
                bed.sim.scheduler().runUntil(bed.sim.now() + 500_000);
                bed.write64(
                        iotlb,
                        Reg.IOTLB_IVT | 1L << Reg.IOTLB_IIRG_SHIFT | (drains == write ? Reg.IOTLB_DW : Reg.IOTLB_DR));
                while (bed.read64(iotlb) < 0) {
                    assertThat(bed.sim.scheduler().step()).isTrue();
                }
                assertThat(under.answeredAt() >= 0).isEqualTo(drains);
                bed.run();
            }
        }
    }
}
