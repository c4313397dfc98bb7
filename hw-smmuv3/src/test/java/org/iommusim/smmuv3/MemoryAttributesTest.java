package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.format.MemoryAttributes;
import org.iommusim.smmuv3.format.Vmsav8Stage2;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryAttributesTest {
    private static final int SID = 3;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-700").enable();

    /** MAIR byte, MemAttr, result. */
    @ParameterizedTest
    @CsvSource({
        "0xff, 0xf, 0xff",
        "0xff, 0x5, 0x44",
        "0xff, 0xa, 0xbb",
        "0xbb, 0xf, 0xbb",
        "0x44, 0xf, 0x44",
        "0xf4, 0xf, 0xf4",
        "0xff, 0x7, 0x4f",
        "0xff, 0x1, 0x04",
        "0x0c, 0xf, 0x0c",
        "0x0c, 0x1, 0x04",
        "0x00, 0x3, 0x00"
    })
    @Rule("SMMU-ATTR-01")
    @Rule("SMMU-ATTR-02")
    void shouldTakeTheWeakerType(String stage1, String stage2, String result) {
        assertThat(MemoryAttributes.combine(Integer.decode(stage1), Long.decode(stage2)) & 0xff)
                .isEqualTo(Integer.decode(result));
    }

    @ParameterizedTest
    @CsvSource({
        "0xff, 0x5, 0x44",
        "0x04, 0x5, 0x04",
        "0x44, 0x6, 0xff",
        "0x04, 0x6, 0xff",
        "0xbb, 0x7, 0xbb",
        "0x04, 0x7, 0x04",
        "0xff, 0x1, 0x04",
        "0x00, 0x1, 0x00"
    })
    @Rule("SMMU-ATTR-03")
    void shouldForceTypes(String stage1, String stage2, String result) {
        long forced = Long.decode(stage2) | Vmsav8Stage2.ATTRIBUTE_FWB;
        assertThat(MemoryAttributes.combine(Integer.decode(stage1), forced) & 0xff)
                .isEqualTo(Integer.decode(result));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0, 3, 3", "3, 0, 3", "3, 2, 2", "2, 3, 2", "3, 3, 3"})
    @Rule("SMMU-ATTR-04")
    void shouldTakeTheWiderShareability(int stage1, int stage2, int result) {
        assertThat(MemoryAttributes.combine(0xff | stage1 << 8, 0xf | stage2 << 8) >>> 8)
                .isEqualTo(result);
    }

    @Test
    @Rule("SMMU-ATTR-05")
    void shouldShareWhatIsNotCachedWithEverybody() {
        assertThat(MemoryAttributes.combine(0xff | 3 << 8, 0x5 | 3 << 8)).isEqualTo(0x44 | 2 << 8);
        assertThat(MemoryAttributes.alone(0x04)).isEqualTo(0x04 | 2 << 8);
    }

    private int attributes(long[] ste) {
        bed.ste(SID, ste);
        return bed.dmaRead(SID, 0x5000).memoryAttributes();
    }

    @Test
    @Rule("SMMU-ATTR-06")
    @Rule("SMMU-ATTR-02")
    void shouldTellTheRequest() {
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, Smmuv3Testbed.FREE, 0);
        tables.map(0x5000, 0x2000_0000, Vmsav8Tables.S2_PAGE & ~(0xfL << 2) & ~0x300L | 0xa << 2);
        long[] ste = Smmuv3Testbed.stage2Ste(tables.root(), 1);
        Ste.SHCFG.put(ste, Ste.SHCFG_INCOMING);

        assertThat(attributes(ste)).isEqualTo(0xbb | 3 << 8);
    }

    @ParameterizedTest
    @CsvSource({"0, 0x0ff", "1, 0x3ff", "2, 0x2ff", "3, 0x3ff"})
    @Rule("SMMU-ATTR-06")
    void shouldOverrideShareabilityIfThatExists(int shcfg, String result) {
        long[] ste = Ste.bypass();
        Ste.SHCFG.put(ste, shcfg);
        assertThat(attributes(ste)).isEqualTo(MemoryAttributes.INCOMING);

        Smmuv3Testbed overriding = Smmuv3Testbed.identified(
                        "mmu-600",
                        ids -> new IdRegs(
                                ids.idr0(),
                                ids.idr1() | 1 << 27,
                                ids.idr2(),
                                ids.idr3(),
                                ids.idr4(),
                                ids.idr5(),
                                ids.iidr(),
                                ids.aidr()))
                .enable();
        overriding.ste(SID, ste);
        assertThat(overriding.dmaRead(SID, 0x5000).memoryAttributes()).isEqualTo(Integer.decode(result));
    }

    @Test
    @Rule("SMMU-ATTR-07")
    void shouldIgnoreOverridesOfTypes() {
        long[] ste = Ste.bypass();
        ste[1] |= 1L << 36 | 0x5L << 32;
        assertThat(attributes(ste)).isEqualTo(MemoryAttributes.INCOMING);
    }
}
