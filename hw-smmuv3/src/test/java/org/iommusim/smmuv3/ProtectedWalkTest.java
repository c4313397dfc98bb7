package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** STE.S2PTW: what stage 2 maps as Device memory holds no tables and no contexts. */
class ProtectedWalkTest {
    private static final int SID = 3;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    /** MemAttr 0b0001: Device-nGnRE. */
    private static final long DEVICE_PAGE = Vmsav8Tables.S2_PAGE & ~(0xfL << 2) | 1 << 2;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600", Map.of()).enable();
    private final Vmsav8Tables stage2 = new Vmsav8Tables(bed.memory, TABLES, 0);

    private void stream(boolean protectedWalk, long contextLeaf, long tableLeaf, long dataLeaf) {
        for (long ipa = 0; ipa < 0x2_0000; ipa += 0x1000) {
            stage2.map(ipa, GUEST + ipa, ipa < 0x1_0000 ? contextLeaf : tableLeaf);
        }
        stage2.map(0x4000_0000L, 0x2000_0000, dataLeaf);
        Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        bed.words(GUEST, Smmuv3Testbed.cd(stage1.root(), 5));
        long[] ste = Smmuv3Testbed.nestedSte(0, stage2.root(), 9);
        Ste.S2PTW.put(ste, protectedWalk ? 1 : 0);
        bed.ste(SID, ste);
        stage1.map(0x5000, 0x4000_0000L, Vmsav8Tables.S1_PAGE);
    }

    /** Which of context, tables and data are Device memory; the CLASS of the fault, or -1. */
    @ParameterizedTest
    @CsvSource({
        "true, true, false, false, 0",
        "true, false, true, false, 1",
        "true, false, false, true, -1",
        "false, true, true, true, -1",
        "true, false, false, false, -1"
    })
    void shouldKeepTablesAndContextsOutOfDeviceMemory(
            boolean protectedWalk, boolean context, boolean tables, boolean data, int faultClass) {
        stream(protectedWalk, leaf(context), leaf(tables), leaf(data));

        for (int round = 0; round < 2; round++) {
            int code = bed.dmaRead(SID, 0x5000).faultCode();
            assertThat(code).isEqualTo(faultClass < 0 ? 0 : Event.F_PERMISSION);
            if (faultClass >= 0) {
                assertThat(Event.S2.get(bed.event(round, 1))).isEqualTo(1);
                assertThat(Event.CLASS.get(bed.event(round, 1))).isEqualTo(faultClass);
            }
        }
    }

    private static long leaf(boolean device) {
        return device ? DEVICE_PAGE : Vmsav8Tables.S2_PAGE;
    }
}
