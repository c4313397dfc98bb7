package org.iommusim.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** Fields of features that the identification registers do not offer are ignored, not illegal. */
class SteOptionalFieldsTest {
    private static final int ATTR_PERMS_OVR = 1 << 26;
    private static final int HYP = 1 << 9;

    private static IdRegs ids(int moreIdr0, int moreIdr1) {
        return new IdRegs(0xd44101b | moreIdr0, 0x2730010 | moreIdr1, 0, 0x1414, 0, 0x74, 0, 1);
    }

    @Test
    void shouldOverridePermissionsOnlyWhereThatExists() {
        long[] ste = Ste.bypass();
        Ste.PRIVCFG.put(ste, 3);
        Ste.INSTCFG.put(ste, 2);
        StreamConfig config = new StreamConfig();
        assertThat(SteDecoder.decode(ste, ids(0, ATTR_PERMS_OVR), config)).isEqualTo(Event.NONE);
        assertThat(config.privCfg).isEqualTo(3);
        assertThat(config.instCfg).isEqualTo(2);
        assertThat(SteDecoder.decode(ste, ids(0, 0), config)).isEqualTo(Event.NONE);
        assertThat(config.privCfg).isZero();
        assertThat(config.instCfg).isZero();
    }

    @Test
    void shouldIgnoreTheStreamWorldWithoutEl2() {
        long[] ste = Ste.valid(Ste.S1);
        Ste.STRW.put(ste, 1);
        StreamConfig config = new StreamConfig();
        assertThat(SteDecoder.decode(ste, ids(0, 0), config)).isEqualTo(Event.NONE);
        assertThat(config.strw).isEqualTo(Ste.STRW_NSEL1);
        assertThat(SteDecoder.decode(ste, ids(HYP, 0), config)).isEqualTo(Event.C_BAD_STE);
    }

    @Test
    void shouldIgnoreTableUpdatesOfStage2WithoutThem() {
        long[] ste = Ste.valid(Ste.S2);
        Ste.S2T0SZ.put(ste, 25);
        Ste.S2SL0.put(ste, 1);
        Ste.S2AA64.put(ste, 1);
        Ste.S2PS.put(ste, 4);
        Ste.S2HD.put(ste, 1);
        StreamConfig config = new StreamConfig();
        assertThat(SteDecoder.decode(ste, ids(0, 0), config)).isEqualTo(Event.NONE);
        assertThat(config.stage2.flags & (Vmsav8.HA | Vmsav8.HD)).isZero();
        // With hardware updates, dirty state without the access flag is nothing.
        assertThat(SteDecoder.decode(ste, ids(2 << 6, 0), config)).isEqualTo(Event.NONE);
        assertThat(config.stage2.flags & (Vmsav8.HA | Vmsav8.HD)).isZero();
    }
}
