package org.iommusim.vtd.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.spec.BitField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
    private static List<BitField> fields(Class<?> holder) throws IllegalAccessException {
        List<BitField> fields = new ArrayList<>();
        for (var f : holder.getFields()) {
            if (Modifier.isStatic(f.getModifiers()) && f.getType() == BitField.class) {
                fields.add((BitField) f.get(null));
            }
        }
        return fields;
    }

    @ParameterizedTest
    @ValueSource(
            classes = {Cap.class, ContextEntry.class, ScalableContextEntry.class, PasidDirEntry.class, PasidEntry.class
            })
    void shouldNotOverlapWithinAStructure(Class<?> holder) throws IllegalAccessException {
        long[] seen = new long[PasidEntry.WORDS];
        for (BitField field : fields(holder)) {
            assertThat(seen[field.word()] & field.mask()).as(field.toString()).isZero();
            seen[field.word()] |= field.mask();
        }
        assertThat(seen[0]).isNotZero();
    }

    @Test
    void shouldKnowEveryBitOfAnEntryOrCallItReserved() throws IllegalAccessException {
        assertComplete(ContextEntry.class, ContextEntry.RESERVED0, ContextEntry.RESERVED1);
        assertComplete(ScalableContextEntry.class, ScalableContextEntry.RESERVED0, ScalableContextEntry.RESERVED1);
        assertComplete(PasidDirEntry.class, PasidDirEntry.RESERVED);
        assertComplete(PasidEntry.class, PasidEntry.RESERVED0, PasidEntry.RESERVED1, PasidEntry.RESERVED2);
    }

    private static void assertComplete(Class<?> holder, long... reserved) throws IllegalAccessException {
        long[] known = new long[reserved.length];
        for (BitField field : fields(holder)) {
            known[field.word()] |= field.mask();
        }
        for (int word = 0; word < reserved.length; word++) {
            assertThat(known[word] & reserved[word]).isZero();
            assertThat(known[word] | reserved[word])
                    .as(holder + " word " + word)
                    .isEqualTo(-1L);
        }
    }

    @Test
    void shouldFindEntries() {
        assertThat(RootEntry.address(0x1000, 0x4228)).isEqualTo(0x1420);
        assertThat(RootEntry.scalableWord(0x4228)).isZero();
        assertThat(RootEntry.scalableWord(0x42a8)).isEqualTo(1);
        assertThat(RootEntry.present(0x1234_5fff)).isEqualTo(0x1234_5001);
        assertThat(ContextEntry.address(0x1000, 0x4228)).isEqualTo(0x1280);
        assertThat(ScalableContextEntry.address(0x1000, 0x42a8)).isEqualTo(0x1500);
        assertThat(ScalableContextEntry.pasids(ScalableContextEntry.PDTS.with(0, 7)))
                .isEqualTo(1 << 20);
        assertThat(PasidDirEntry.address(0x1000, 0x1234)).isEqualTo(0x1000 + 0x48 * 8);
        assertThat(PasidEntry.address(0x1000, 0x1234)).isEqualTo(0x1000 + 0x34 * 64);
    }

    @Test
    void shouldLayOutContextEntries() {
        long[] words = ContextEntry.present(ContextEntry.TT_ALL, 0x12_3456_7000L, 4, 0xabcd);
        assertThat(words).containsExactly(0x12_3456_7005L, 0xab_cd02L);
        assertThat(ContextEntry.text(words)).isEqualTo("context TT=1 AW=2 DID=43981 SSPTPTR=0x1234567000");
        assertThat(ContextEntry.text(new long[] {2, 0})).isEqualTo("context not present FPD");
        words = ScalableContextEntry.present(0x9000, 3, 0x12345);
        assertThat(words).containsExactly(0x9601, 0x12345, 0, 0);
        words[0] |= 0x1c;
        assertThat(ScalableContextEntry.text(words))
                .isEqualTo("context DTE PASIDE PRE PDTS=3 PASIDDIRPTR=0x9000 RID_PASID=74565");
        assertThat(ScalableContextEntry.text(new long[4])).isEqualTo("context not present");
    }

    @Test
    void shouldLayOutPasidEntries() {
        long[] second = PasidEntry.secondStage(0x6000, 5, 0x77);
        assertThat(Arrays.copyOf(second, 3)).containsExactly(0x608d, 0x77, 0);
        assertThat(PasidEntry.text(second)).isEqualTo("PASID entry second-stage DID=119 SSPTPTR=0x6000 AW=3");
        long[] first = PasidEntry.firstStage(0x5000, 5, 1);
        assertThat(Arrays.copyOf(first, 3)).containsExactly(0x41, 1, 0x5004);
        PasidEntry.SRE.put(first, 1);
        PasidEntry.WPE.put(first, 1);
        PasidEntry.FPD.put(first, 1);
        assertThat(PasidEntry.text(first)).isEqualTo("PASID entry FPD first-stage DID=1 FSPTPTR=0x5000 FSPM=1 SRE WPE");
        PasidEntry.SSADE.put(second, 1);
        long[] nested = PasidEntry.nested(second, 0x5000, 4, 2);
        assertThat(Arrays.copyOf(nested, 3)).containsExactly(0x62cd, 2, 0x5000);
        assertThat(PasidEntry.text(nested))
                .isEqualTo("PASID entry nested DID=2 FSPTPTR=0x5000 FSPM=0 SSPTPTR=0x6000 AW=3 SSADE");
        assertThat(PasidEntry.nested(second, 0x5000, 5, 2)[2]).isEqualTo(0x5004);
        assertThat(PasidEntry.text(PasidEntry.passThrough(3))).isEqualTo("PASID entry pass-through DID=3");
        assertThat(PasidEntry.text(new long[] {2, 0, 0, 0, 0, 0, 0, 0})).isEqualTo("PASID entry not present FPD");
        assertThat(PasidDirEntry.text(PasidDirEntry.present(0x7000))).isEqualTo("PASID directory SMPTBLPTR=0x7000");
        assertThat(PasidDirEntry.text(2)).isEqualTo("PASID directory not present FPD");
        assertThat(RootEntry.text(0)).isEqualTo("root not present");
        assertThat(RootEntry.text(0x5001)).isEqualTo("root CTP=0x5000");
    }

    @Test
    void shouldLayOutSecondStageEntries() {
        assertThat(SsPte.table(0x1234_5678)).isEqualTo(0x1234_5003);
        assertThat(SsPte.page(0x1234_5678, true, false)).isEqualTo(0x1234_5001);
        assertThat(SsPte.page(0x1234_5678, false, true)).isEqualTo(0x1234_5002);
        assertThat(SsPte.superPage(0x1220_0000, true, true)).isEqualTo(0x1220_0083);
    }

    @Test
    void shouldLayOutAFaultRecord() {
        long w1 = Frcd.word1(FaultReason.SM_NO_WRITE, 0x28, 0x12345, Frcd.TYPE_WRITE, true, true, Frcd.AT_TRANSLATED);
        assertThat(w1).isEqualTo(0x2123_4585_e000_0028L);
        assertThat(Frcd.text(Frcd.word0(0x1234_5678), w1))
                .isEqualTo("0x85 no write permission sid=0x28 pasid=74565 addr=0x12345000 write execute privileged");
        w1 = Frcd.word1(FaultReason.NO_READ, 0x28, -1, Frcd.TYPE_READ, true, true, 0);
        assertThat(w1).isEqualTo(0x4000_0006_0000_0028L);
        assertThat(Frcd.text(0x5000, w1)).isEqualTo("0x6 no read permission sid=0x28 addr=0x5000 read");
        assertThat(Frcd.type(Frcd.word1(2, 0, -1, Frcd.TYPE_PAGE_REQUEST, false, false, 0)))
                .isEqualTo(Frcd.TYPE_PAGE_REQUEST);
        assertThat(Frcd.text(0, Frcd.word1(2, 0, -1, Frcd.TYPE_PAGE_REQUEST, false, false, 0)))
                .endsWith("page-request");
        assertThat(Frcd.text(0, Frcd.word1(2, 0, -1, Frcd.TYPE_ATOMIC, false, false, 0)))
                .endsWith("atomic");
        assertThat(Frcd.text(Frcd.interrupt0(0x123), Frcd.word1(0x22, 0x30, -1, 0, false, false, 0)))
                .isEqualTo("0x22 interrupt entry not present sid=0x30 index=291");
    }

    @Test
    void shouldLayOutAPageRequest() {
        PageRequest with = new PageRequest(0x4228, 0x12345, 0x7000, 9, true, true, false, true, true);
        assertThat(PageReq.word0(with)).isEqualTo(0x31_2345_4228_0101L);
        assertThat(PageReq.word1(with)).isEqualTo(0x7000 | 9 << 3 | 5);
        assertThat(PageReq.text(PageReq.word0(with), PageReq.word1(with)))
                .isEqualTo("rid=0x4228 pasid=74565 addr=0x7000 group=9 read last");
        PageRequest without = new PageRequest(0x4228, -1, 0x7000, 9, false, false, true, true, true);
        assertThat(PageReq.word0(without)).isEqualTo(0x4228_0001L);
        assertThat(PageReq.word1(without)).isEqualTo(0x7000 | 9 << 3 | 2);
        assertThat(PageReq.text(PageReq.word0(without), PageReq.word1(without)))
                .isEqualTo("rid=0x4228 addr=0x7000 group=9 write");
        assertThat(PageReq.isStopMarker(4)).isTrue();
        assertThat(PageReq.isStopMarker(5)).isFalse();
        assertThat(PageReq.isStopMarker(6)).isFalse();
        assertThat(PageReq.isStopMarker(0)).isFalse();
    }

    @Test
    void shouldTakePasidZeroForAPasid() {
        assertThat(Frcd.PP.isSet(Frcd.word1(2, 0, 0, 0, false, false, 0))).isTrue();
        PageRequest request = new PageRequest(1, 0, 0x7000, 0, true, true, false, false, false);
        assertThat(PageReq.PP.isSet(PageReq.word0(request))).isTrue();
    }

    @Test
    void shouldLayOutAnInterruptEntryAndItsMessage() {
        long[] words = Irte.remapped(0x31, 0x0200, 1);
        assertThat(words).containsExactly(0x0200_0031_0021L, 0);
        assertThat(Irte.text(words)).isEqualTo("IRTE vector=0x31 DST=0x200 SVT=0 SQ=0 SID=0x0");
        words[0] |= 0x8002;
        assertThat(Irte.text(words)).startsWith("IRTE FPD posted vector");
        assertThat(Irte.text(new long[] {2, 0})).isEqualTo("IRTE not present FPD");
        long message = Irte.messageAddress(0x8123, true);
        assertThat(message).isEqualTo(0xfee0_247cL);
        assertThat(Irte.handle(message)).isEqualTo(0x8123);
        assertThat(Irte.index(message, 0x1_0005)).isEqualTo(0x8128);
        assertThat(Irte.index(Irte.messageAddress(7, false), 5)).isEqualTo(7);
        assertThat(Irte.isMessage(message)).isTrue();
        assertThat(Irte.isMessage(Irte.MESSAGE_FIRST)).isTrue();
        assertThat(Irte.isMessage(Irte.MESSAGE_LAST)).isTrue();
        assertThat(Irte.isMessage(0xfedf_ffffL)).isFalse();
        assertThat(Irte.isMessage(0xfef0_0000L)).isFalse();
        assertThat(List.of(0, 1, 2, 3)).map(Irte::ignoredFunctionBits).containsExactly(0, 4, 6, 7);
    }

    @Test
    void shouldKnowSizesOfQueuesAndTables() {
        assertThat(Reg.iqBytes(0x5000_0803L)).isEqualTo(0x8000);
        assertThat(Reg.iqShift(0x800)).isEqualTo(5);
        assertThat(Reg.iqShift(7)).isEqualTo(4);
        assertThat(Reg.pqBytes(0x5000_0004L)).isEqualTo(0x1_0000);
        assertThat(Reg.irtEntries(0x5000_080fL)).isEqualTo(0x1_0000);
        assertThat(Reg.irtEntries(0x5000_0803L)).isEqualTo(16);
        assertThat(Reg.ttm(0x5000_0400L)).isEqualTo(Reg.TTM_SCALABLE);
    }
}
