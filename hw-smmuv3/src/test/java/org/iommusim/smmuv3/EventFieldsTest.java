package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fields of records that depend on the access. */
class EventFieldsTest {
    private static final int SID = 3;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    private static final long DEFINED_BITS =
            Event.PNU.mask() | Event.IND.mask() | Event.RNW.mask() | Event.S2.mask() | Event.CLASS.mask();

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600").enable();
    private final Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);

    /** SubstreamID or -1, what the device says, PRIVCFG, INSTCFG; PnU and InD of the record. */
    @ParameterizedTest
    @CsvSource({
        "-1, true, true, false, 0, 0, 0, 0",
        "1, true, true, false, 0, 0, 1, 1",
        "1, true, false, true, 0, 0, 1, 0",
        "1, false, true, false, 1, 1, 0, 1",
        "1, true, true, false, 2, 2, 0, 0",
        "-1, false, false, false, 3, 3, 1, 1",
        "-1, false, false, true, 3, 3, 1, 0"
    })
    @Rule("SMMU-EVENT-01")
    @Rule("SMMU-EVENT-02")
    @Rule("SMMU-EVENT-03")
    @Rule("SMMU-EVENT-07")
    void shouldSayWhatTheAccessWas(
            int ssid, boolean privileged, boolean execute, boolean write, int privCfg, int instCfg, int pnu, int ind) {
        long[] cd = Smmuv3Testbed.cd(tables.root(), 5);
        bed.words(CD, cd);
        bed.words(CD + 64, cd);
        long[] ste = Smmuv3Testbed.stage1Ste(CD, 1);
        Ste.S1CDMAX.put(ste, 1);
        Ste.S1DSS.put(ste, Ste.S1DSS_SSID0);
        Ste.PRIVCFG.put(ste, privCfg);
        Ste.INSTCFG.put(ste, instCfg);
        bed.ste(SID, ste);
        long iova = 0x5678;
        DmaRequest request = bed.request(SID, ssid, iova, write);
        request.attributes(privileged, execute);

        bed.issue(request);
        bed.sim.scheduler().run();

        assertThat(bed.event(0, 0)).isEqualTo(Event.word0(Event.F_TRANSLATION, SID, ssid));
        assertThat(bed.event(0, 1)).isEqualTo(Event.word1(pnu == 1, ind == 1, !write, false, Event.CLASS_IN));
        assertThat(bed.event(0, 1) & ~DEFINED_BITS).isZero();
        assertThat(bed.event(0, 2)).isEqualTo(iova);
        assertThat(bed.event(0, 3)).isZero();
    }

    private void nested(long tableLeaf) {
        for (long ipa = 0; ipa < 0x2_0000; ipa += 0x1000) {
            tables.map(ipa, GUEST + ipa, ipa < 0x1_0000 ? Vmsav8Tables.S2_PAGE : tableLeaf);
        }
        Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        bed.words(GUEST, Smmuv3Testbed.cd(stage1.root(), 5));
        bed.ste(SID, Smmuv3Testbed.nestedSte(0, tables.root(), 9));
        stage1.map(0x5000, 0x4000_0000L, Vmsav8Tables.S1_PAGE);
    }

    @Test
    @Rule("SMMU-EVENT-02")
    @Rule("SMMU-EVENT-04")
    @Rule("SMMU-EVENT-05")
    void shouldSayThatTheSmmuItselfWasReading() {
        nested(Vmsav8Tables.S2_PAGE & ~Vmsav8.S2AP_READ);

        assertThat(bed.dmaWrite(SID, 0x5abc).faultCode()).isEqualTo(Event.F_PERMISSION);

        assertThat(bed.event(0, 1))
                .isEqualTo(Event.word1(false, false, false, true, Event.CLASS_TT) | Event.TTRNW.mask());
        assertThat(bed.event(0, 2)).isEqualTo(0x5abc);
        assertThat(bed.event(0, 3)).isEqualTo(0x1_0000);
    }

    @Test
    @Rule("SMMU-EVENT-06")
    void shouldSayNothingOfTheAccessIfTheConfigurationIsBad() {
        bed.dmaWrite(SID, 0x5678);
        assertThat(bed.event(0, 0)).isEqualTo(Event.word0(Event.C_BAD_STE, SID, -1));
        assertThat(bed.event(0, 1) | bed.event(0, 2) | bed.event(0, 3)).isZero();

        long nowhere = 0x8_0000_0000L;
        bed.ste(SID, Smmuv3Testbed.stage1Ste(nowhere, 1));
        bed.dmaWrite(SID, 0x5678);
        assertThat(bed.event(1, 0)).isEqualTo(Event.word0(Event.F_CD_FETCH, SID, -1));
        assertThat(bed.event(1, 1) | bed.event(1, 2)).isZero();
        assertThat(bed.event(1, 3)).isEqualTo(nowhere);
    }
}
