package org.iommusim.vtd.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultReasonTest {
    @Test
    void shouldNameEveryReason() throws IllegalAccessException {
        List<Integer> codes = new ArrayList<>();
        for (var f : FaultReason.class.getFields()) {
            codes.add(f.getInt(null));
        }
        codes.remove(Integer.valueOf(FaultReason.NONE));
        assertThat(codes).doesNotHaveDuplicates().hasSizeGreaterThan(60);
        assertThat(codes).allMatch(code -> !FaultReason.name(code).startsWith("reason"));
        assertThat(FaultReason.name(0x88)).isEqualTo("reason 0x88");
    }

    @Test
    void shouldNotQualifyWhatComesBeforeAnEntryWithFpd() {
        assertThat(List.of(
                        FaultReason.ROOT_ACCESS,
                        FaultReason.ROOT_NOT_PRESENT,
                        FaultReason.ROOT_RESERVED,
                        FaultReason.CONTEXT_ACCESS,
                        FaultReason.CONTEXT_RESERVED,
                        FaultReason.SM_TTM,
                        FaultReason.SM_ROOT_ACCESS,
                        FaultReason.SM_CONTEXT_RESERVED,
                        FaultReason.PASID_DIR_ACCESS,
                        FaultReason.PASID_ACCESS,
                        FaultReason.IR_INDEX,
                        FaultReason.IR_COMPATIBILITY))
                .noneMatch(FaultReason::isQualified);
        assertThat(List.of(
                        FaultReason.CONTEXT_NOT_PRESENT,
                        FaultReason.NO_WRITE,
                        FaultReason.SM_CONTEXT_NOT_PRESENT,
                        FaultReason.PASID_NOT_PRESENT,
                        FaultReason.FS_NOT_PRESENT,
                        FaultReason.IR_NOT_PRESENT,
                        FaultReason.IR_SOURCE))
                .allMatch(FaultReason::isQualified);
    }

    @Test
    void shouldTellInterruptsFromDma() {
        assertThat(FaultReason.isInterrupt(0x1f)).isFalse();
        assertThat(FaultReason.isInterrupt(0x20)).isTrue();
        assertThat(FaultReason.isInterrupt(0x29)).isTrue();
        assertThat(FaultReason.isInterrupt(0x30)).isFalse();
    }
}
