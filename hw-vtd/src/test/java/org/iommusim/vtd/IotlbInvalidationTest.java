package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IOTLB descriptors and registers drop the second-stage translations that they name, and what they do not name stays. */
class IotlbInvalidationTest extends MovedTables {
    @Test
    void shouldKeepTranslationsUntilTold() {
        legacy();
        moveAll();
        assertThat(moved()).isZero();
    }

    @Test
    void shouldDropThePagesThatAreNamed() {
        legacy();
        moveAll();
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x3000, 0, true));
        assertThat(moved()).isEqualTo(0b1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4000, 1, false));
        assertThat(moved()).isEqualTo(0b11_1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID + 1), Inv.pages1(0, 3, false));
        assertThat(moved()).isEqualTo(0b11_1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_DOMAIN, DID + 1));
        assertThat(moved()).isEqualTo(0b11_1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0, 3, true));
        assertThat(moved()).isEqualTo(0xff);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_IOTLB_DOMAIN, Inv.G_IOTLB_GLOBAL})
    void shouldDropWholeDomains(int granularity) {
        legacy();
        moveAll();
        bed.invalidate(iotlb(granularity, granularity == Inv.G_IOTLB_GLOBAL ? 0 : DID));
        assertThat(moved()).isEqualTo(0xff);
    }

    private void moveLargePage() {
        legacy();
        bed.mapSecond(root, 3, 0x4000_0000L, OLD, 1, RW);
        reads(0x4000_0000L, OLD);
        bed.mapSecond(root, 3, 0x4000_0000L, NEW, 1, RW);
        reads(0x4000_0000L, OLD);
    }

    /** Software has to say how large the page is. */
    @Test
    void shouldDropALargePageIfAllOfItIsNamed() {
        moveLargePage();
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4000_0000L, 8, true));
        reads(0x4000_0000L, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4000_0000L, 9, true));
        reads(0x4000_0000L, NEW);
    }

    @Test
    void shouldDropALargePageByAnyOfItsAddressesIfTheUnitDoesThat() {
        bed = VtdTestbed.of("legacy", Map.of("partial_invalidation", 1L));
        moveLargePage();
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4010_0000L, 0, true));
        reads(0x4000_0000L, NEW);
    }

    @Test
    void shouldKeepPointersWithTheHint() {
        legacy();
        reads(0x5000, OLD + 0x5000);
        // Another table of the lowest level: the pointer to the old one is remembered.
        long other = bed.page();
        long pointer = bed.memory.read64(root);
        bed.memory.write64(other + 5 * 8, NEW | RW);
        bed.memory.write64(pointer & SsPte.ADDRESS, SsPte.table(other));
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x5000, 0, true));
        reads(0x5000, OLD + 0x5000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x5000, 0, false));
        reads(0x5000, NEW);
    }

    /** Another table of the lowest level takes the place of the one that is remembered. */
    private void changePointer() {
        legacy();
        reads(0x5000, OLD + 0x5000);
        long other = bed.page();
        bed.memory.write64(other + 6 * 8, NEW | RW);
        bed.memory.write64(bed.memory.read64(root) & SsPte.ADDRESS, SsPte.table(other));
    }

    @Test
    void shouldKeepPointersOfOtherDomains() {
        changePointer();
        bed.invalidate(iotlb(Inv.G_IOTLB_DOMAIN, DID + 1));
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID + 1), Inv.pages1(0x6000, 0, false));
        reads(0x6000, OLD + 0x6000);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_IOTLB_GLOBAL, Inv.G_IOTLB_DOMAIN})
    void shouldDropPointersWithTheirDomain(int granularity) {
        legacy();
        reads(0x5000, OLD + 0x5000);
        long other = bed.page();
        long pointer = bed.memory.read64(root);
        bed.memory.write64(other + 6 * 8, NEW | RW);
        bed.memory.write64(pointer & SsPte.ADDRESS, SsPte.table(other));
        reads(0x6000, OLD + 0x6000);
        bed.invalidate(iotlb(granularity, DID));
        reads(0x6000, NEW);
    }

    @Test
    void shouldInvalidateByRegister() {
        legacy();
        moveAll();
        bed.write(Reg.GCMD, Reg.TE); // while the queue is on, these do nothing
        bed.run();
        long iotlb = bed.device.cap().iotlbOffset();
        bed.write64((int) iotlb, 0x3000);
        bed.write64((int) iotlb + 8, 1L << 63 | 3L << 60 | (long) DID << 32 | 3L << 48);
        bed.run();
        assertThat(moved()).isEqualTo(0b1000);
        bed.write64((int) iotlb + 8, 1L << 63 | 1L << 60);
        bed.run();
        assertThat(moved()).isEqualTo(0xff);
        assertThat(bed.read64((int) iotlb + 8) >>> 57 & 3).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void shouldForgetEverythingWithANewRootIfTheUnitDoesThat(long esrtps) {
        bed = VtdTestbed.of("legacy", Map.of("esrtps", esrtps));
        legacy();
        moveAll();
        bed.root(Reg.TTM_LEGACY);
        assertThat(moved()).isEqualTo(esrtps == 1 ? 0xff : 0);
    }
}
