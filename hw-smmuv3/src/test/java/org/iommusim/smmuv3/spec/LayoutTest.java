package org.iommusim.smmuv3.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommusim.hw.spec.BitField;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static List<BitField> fields(Class<?> holder) throws IllegalAccessException {
        List<BitField> fields = new ArrayList<>();
        for (var f : holder.getFields()) {
            if (Modifier.isStatic(f.getModifiers())
                    && f.getType() == BitField.class
                    && !f.getName().startsWith("L1_")) {
                fields.add((BitField) f.get(null));
            }
        }
        return fields;
    }

    private static void assertDisjoint(List<BitField> fields) {
        long[] seen = new long[8];
        for (BitField field : fields) {
            assertThat(seen[field.word()] & field.mask()).as(field.toString()).isZero();
            seen[field.word()] |= field.mask();
        }
        assertThat(fields).isNotEmpty();
    }

    @Test
    void shouldNotOverlapWithinAStructure() throws IllegalAccessException {
        assertDisjoint(fields(Ste.class));
        assertDisjoint(fields(Cd.class));
    }

    @Test
    void shouldPutAndGetEveryField() throws IllegalAccessException {
        for (BitField field : fields(Ste.class)) {
            long[] words = new long[Ste.WORDS];
            Arrays.fill(words, 0x5555_5555_5555_5555L);
            field.put(words, -1L);
            assertThat(field.in(words)).isEqualTo(-1L >>> 64 - field.width());
            field.put(words, 0);
            assertThat(words[field.word()]).isEqualTo(0x5555_5555_5555_5555L & ~field.mask());
        }
    }

    @Test
    void shouldLayOutAStreamTableEntry() {
        long[] ste = Ste.valid(Ste.NESTED);
        Ste.S1CONTEXTPTR.putInPlace(ste, 0x12_3456_7000L);
        Ste.S1CDMAX.put(ste, 4);
        Ste.EATS.put(ste, Ste.EATS_TRANS);
        Ste.S2VMID.put(ste, 0xabcd);
        Ste.S2T0SZ.put(ste, 24);
        Ste.S2TTB.putInPlace(ste, 0x9_8765_4000L);
        assertThat(ste[0]).isEqualTo(0x2000_0012_3456_700fL);
        assertThat(ste[1]).isEqualTo(0x1000_0000L);
        assertThat(ste[2]).isEqualTo(0x18_0000_abcdL);
        assertThat(ste[3]).isEqualTo(0x9_8765_4000L);
        assertThat(Ste.text(ste))
                .isEqualTo("STE nested S1ContextPtr=0x1234567000 S1CDMax=4 EATS=1 S2VMID=43981 S2TTB=0x987654000");
        assertThat(Ste.l1Descriptor(0x40000, 8)).isEqualTo(0x40009);
        assertThat(Ste.bypass()[1]).isEqualTo(1L << 44);
    }

    @Test
    void shouldBuildCommands() {
        assertThat(Cmd.cfgiSte0(0x10)).isEqualTo(0x10_0000_0003L);
        assertThat(Cmd.cfgiCd0(0x10, 5)).isEqualTo(0x10_0000_5005L);
        assertThat(Cmd.tlbi0(Cmd.TLBI_NH_VA, 7, 9)).isEqualTo(0x0009_0007_0000_0012L);
        assertThat(Cmd.tlbi1(0x12345678, true)).isEqualTo(0x12345001L);
        assertThat(Cmd.atcInv0(0x10, 5, false)).isEqualTo(0x10_0000_5840L);
        assertThat(Cmd.atcInv0(0x10, -1, false)).isEqualTo(0x10_0000_0040L);
        assertThat(Cmd.resume0(2, true, false)).isEqualTo(0x2_0000_1044L);
        assertThat(Cmd.priResp1(3, Cmd.PRI_SUCC)).isEqualTo(0x2003L);
        assertThat(Cmd.sync0(Cmd.CS_SEV)).isEqualTo(0x2046L);
        long msi = Cmd.syncMsi0(0x1234);
        assertThat(Cmd.SYNC_CS.get(msi)).isEqualTo(Cmd.CS_IRQ);
        assertThat(Cmd.SYNC_MSIDATA.get(msi)).isEqualTo(0x1234);
        assertThat(Cmd.syncMsi1(0x4000_0010L)).isEqualTo(0x4000_0010L);
        long range0 = Cmd.tlbiRange0(Cmd.TLBI_S2_IPA, 1, 0, 2, 4);
        long range1 = Cmd.tlbiRange1(0x1000, false, 0, 2);
        assertThat(Cmd.rangeBytes(range0, range1, false)).isEqualTo(3L << 4 << 14);
        assertThat(Cmd.text(range0, range1)).isEqualTo("TLBI_S2_IPA vmid=1 addr=0x1000 bytes=0xc0000");
        assertThat(Cmd.text(Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(31))).isEqualTo("CFGI_ALL");
        assertThat(Cmd.text(0x99, 0)).isEqualTo("opcode 0x99");
    }

    @Test
    void shouldEncodeAndReadEvents() {
        long w0 = Event.word0(Event.F_TRANSLATION, 0x10, -1);
        long w1 = Event.word1(false, false, false, false, Event.CLASS_IN);
        assertThat(w0).isEqualTo(0x10_0000_0010L);
        assertThat(w1).isEqualTo(0x200_0000_0000L);
        assertThat(Event.text(w0, w1, 0x4000, 0)).isEqualTo("F_TRANSLATION sid=0x10 iova=0x4000 write class=IN s2=0");

        long nested = Event.word1(true, false, true, true, Event.CLASS_TT);
        assertThat(nested).isEqualTo(0x18a_0000_0000L);
        assertThat(Event.text(Event.word0(Event.F_PERMISSION, 1, 2), Event.stalled(nested, 7), 0x5000, 0x6008))
                .isEqualTo("F_PERMISSION sid=0x1 ssid=2 iova=0x5000 read privileged class=TT s2=1 ipa=0x6000"
                        + " stall stag=7");
        assertThat(Event.text(Event.word0(Event.C_BAD_STE, 3, -1), 0, 0, 0)).isEqualTo("C_BAD_STE sid=0x3");
        assertThat(Event.text(Event.word0(Event.F_CD_FETCH, 3, -1), 0, 0, 0x7008))
                .isEqualTo("F_CD_FETCH sid=0x3 fetch=0x7008");
    }

    @Test
    void shouldReadIdentificationRegisters() {
        // As an emulator with everything but ATS, PRI and table updates shows them.
        IdRegs ids = new IdRegs(0xd44101b, 0x2730010, 0, 0x1414, 0, 0x74, 0, 1);
        assertThat(ids.s1p() && ids.s2p() && ids.aarch64() && ids.coherent() && ids.asid16() && ids.vmid16())
                .isTrue();
        assertThat(ids.ats() || ids.pri() || ids.hyp() || ids.msi() || ids.aarch32())
                .isFalse();
        assertThat(ids.stallModel()).isEqualTo(1);
        assertThat(ids.termModel() && ids.st2level()).isTrue();
        assertThat(ids.ttendian()).isEqualTo(2);
        assertThat(ids.sidSize()).isEqualTo(16);
        assertThat(ids.ssidSize()).isZero();
        assertThat(ids.cmdqs()).isEqualTo(19);
        assertThat(ids.eventqs()).isEqualTo(19);
        assertThat(ids.had() && ids.ril() && ids.xnx()).isTrue();
        assertThat(ids.bbml()).isEqualTo(2);
        assertThat(ids.oasBits()).isEqualTo(44);
        assertThat(ids.gran4k() && ids.gran16k() && ids.gran64k()).isTrue();
    }
}
