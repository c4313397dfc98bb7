package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.junit.jupiter.api.Test;

/** Recorded units: what their identification says, and the choices that are theirs. */
class RecordedUnitTest {
    private static final int ID = 0x28;
    private static final int OTHER = 0x30;
    private static final int DID = 7;
    private static final long DATA = 0x3000_0000L;

    private static SortedMap<String, Long> registers(String name, long value) {
        return new TreeMap<>(Map.of(name, value));
    }

    @Test
    void shouldTakeOneRegister() {
        assertThat(RecordedUnit.efr(registers("EFR", 0x29d3))).isEqualTo(new Efr(0x29d3, 0));
        assertThatThrownBy(() -> RecordedUnit.efr(new TreeMap<>()))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining("found no such register");
        assertThatThrownBy(() -> RecordedUnit.efr(registers("EFR2", 0)))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining("found an unknown register");
    }

    @Test
    void shouldHaveNoPageDirectoryCaches() {
        SortedMap<String, Long> defaults = new IommuConfig("iommu0", "", new TreeMap<>()).resolve(new AmdViProvider());
        SortedMap<String, Long> values = RecordedUnit.parameters(defaults);
        assertThat(values).hasSameSizeAs(defaults);
        assertThat(values.keySet().stream().filter(name -> name.matches("walk_v[12]_l[0-9]")))
                .hasSize(9)
                .allMatch(name -> values.get(name) == 0);
        assertThat(values.get("gcr3_cache")).isZero();
        assertThat(values.get("iotlb")).isEqualTo(1);
    }

    /** Addresses of HyperTransport are those of memory, and no register says so. */
    @Test
    void shouldKnowNoRangeOfHyperTransport() {
        for (long range = 0; range < 2; range++) {
            AmdViTestbed bed = AmdViTestbed.of("guest-tables", Map.of("ht_range", range, "ht_range_ignore", 0L))
                    .enable();
            long root = bed.page();
            bed.mapHost(root, 4, 0xfd_0000_0000L, DATA);
            bed.entry(ID, Dte.host(root, 4, DID));
            assertThat(bed.dmaRead(ID, 0xfd_0000_0000L).outcome().completed()).isEqualTo(range == 0);
            assertThat(bed.device.efr().htRangeIgnore()).isFalse();
        }
        SortedMap<String, Long> defaults = new IommuConfig("iommu0", "", new TreeMap<>()).resolve(new AmdViProvider());
        assertThat(RecordedUnit.parameters(defaults)).containsEntry("ht_range", 0L);
    }

    /** Two functions with one DomainID and different tables: software's mistake, and yet they do not meet. */
    @Test
    void shouldNotShareTranslationsOfADomain() {
        for (long byFunction = 0; byFunction < 2; byFunction++) {
            Map<String, Long> parameters = Map.of("iotlb_by_function", byFunction, "walk_v1_l2", 0L, "walk_v1_l3", 0L);
            AmdViTestbed bed = AmdViTestbed.of("guest-tables", parameters).enable();
            long[] roots = {bed.page(), bed.page()};
            bed.mapHost(roots[0], 3, 0x1000, DATA);
            bed.mapHost(roots[1], 3, 0x1000, DATA + 0x4000);
            bed.entry(ID, Dte.host(roots[0], 3, DID));
            bed.entry(OTHER, Dte.host(roots[1], 3, DID));
            assertThat(bed.dmaRead(ID, 0x1000).physicalAddress()).isEqualTo(DATA);
            assertThat(bed.dmaRead(OTHER, 0x1008).physicalAddress())
                    .isEqualTo(byFunction == 1 ? DATA + 0x4008 : DATA + 8);
            bed.mapHost(roots[0], 3, 0x1000, DATA + 0x8000);
            bed.command(Cmd.invalidateIommuPages0(DID, 0), Cmd.pages1(0x1000, 12));
            assertThat(bed.dmaRead(ID, 0x1000).physicalAddress())
                    .as("the domain counts")
                    .isEqualTo(DATA + 0x8000);
        }
    }

    /** A page of 32 KiB of whose eight entries one is missing: nobody knows, unless it is asked for by itself. */
    @Test
    void shouldKeepALargePageInPieces() {
        for (long pieces = 0; pieces < 2; pieces++) {
            AmdViTestbed bed = AmdViTestbed.of("guest-tables", Map.of("iotlb_pieces", pieces))
                    .enable();
            long root = bed.page();
            for (int slot = 0; slot < 7; slot++) {
                bed.mapHost(root, 3, 0x8000 + 0x1000L * slot, 1, V1Pte.sizedPage(DATA, 15, true, true));
            }
            bed.entry(ID, Dte.host(root, 3, DID));
            assertThat(bed.dmaRead(ID, 0x8000).physicalAddress()).isEqualTo(DATA);
            assertThat(bed.dmaRead(ID, 0xf000).outcome().completed()).isEqualTo(pieces == 0);
            assertThat(bed.dmaRead(ID, 0x8ff8).physicalAddress()).isEqualTo(DATA + 0xff8);
        }
    }
}
