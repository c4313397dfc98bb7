package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.smmuv3.format.CdDecoder;
import org.iommusim.smmuv3.format.SteDecoder;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was decoded before must never show: against a configuration that is decoded from nothing each time. */
class DecodedConfigTest {
    /** S1, S2, AArch64, little-endian, no stalls; 44 bits, all granules, 8-bit substreams, Hyp. */
    private static final IdRegs IDS = new IdRegs(
            0x3 | 2 << 2 | 1 << 9 | 1 << 12 | 1 << 18 | 2 << 21 | 1 << 24 | 1 << 26, 16 | 8 << 6, 0, 0, 0, 0x74, 0, 1);

    private record Use(int ste, int cd, boolean e2h) {}

    private final List<long[]> stes = List.of(
            ste(Ste.S1, Ste.STRW_NSEL1),
            ste(Ste.S1, Ste.STRW_EL2),
            ste(Ste.NESTED, Ste.STRW_NSEL1),
            Ste.valid(Ste.BYPASS),
            new long[Ste.WORDS]);
    private final List<long[]> cds = List.of(cd(9, 1), cd(10, 0), new long[Cd.WORDS]);

    private static long[] ste(int config, int strw) {
        long[] ste = Ste.valid(config);
        Ste.STRW.put(ste, strw);
        Ste.S2VMID.put(ste, 7);
        Ste.S2T0SZ.put(ste, 24);
        Ste.S2SL0.put(ste, 1);
        Ste.S2PS.put(ste, 4);
        Ste.S2AA64.put(ste, 1);
        return ste;
    }

    private static long[] cd(int asid, int record) {
        long[] cd = new long[Cd.WORDS];
        Cd.V.put(cd, 1);
        Cd.AA64.put(cd, 1);
        Cd.A.put(cd, 1);
        Cd.R.put(cd, record);
        Cd.T0SZ.put(cd, 16);
        Cd.EPD1.put(cd, 1);
        Cd.IPS.put(cd, 5);
        Cd.ASID.put(cd, asid);
        return cd;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldDecodeAsIfForTheFirstTime(long seed) {
        Gen gen = new Gen(seed);
        DecodedConfig decoded = new DecodedConfig();
        for (int i = 0; i < 2_000; i++) {
            // One beyond the last descriptor stands for none.
            Use use = new Use(gen.below(stes.size()), gen.below(cds.size() + 1), gen.oneIn(3));
            StreamConfig fresh = new StreamConfig();
            int steCode = SteDecoder.decode(stes.get(use.ste), IDS, fresh);
            fresh.e2h = fresh.el2() && use.e2h;
            assertThat(decoded.ste(stes.get(use.ste).clone(), IDS, use.e2h)).isEqualTo(steCode);
            if (steCode == Event.NONE && fresh.hasStage1() && use.cd < cds.size()) {
                assertThat(decoded.cd(cds.get(use.cd).clone(), IDS))
                        .isEqualTo(CdDecoder.decode(cds.get(use.cd), IDS, fresh));
            } else {
                decoded.noCd();
            }
            assertThat(decoded.config).as("%s", use).usingRecursiveComparison().isEqualTo(fresh);
        }
    }
}
