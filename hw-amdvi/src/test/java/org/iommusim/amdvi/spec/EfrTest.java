package org.iommusim.amdvi.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Predicate;
import java.util.stream.Stream;
import org.iommusim.hw.spec.BitField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EfrTest {
    static Stream<Arguments> abilities() {
        return Stream.of(
                ability(0, Efr::prefetch),
                ability(1, Efr::ppr),
                ability(2, Efr::xt),
                ability(3, Efr::nx),
                ability(4, Efr::gt),
                ability(5, Efr::gappi),
                ability(6, Efr::ia),
                ability(7, Efr::ga),
                ability(9, Efr::pc),
                ability(21, Efr::gam),
                ability(31, Efr::sats),
                ability(37, Efr::us),
                ability(41, Efr::pprAutoRsp),
                ability(44, Efr::blkStopMrk),
                ability(46, Efr::msiCapMmio),
                ability(48, Efr::gio),
                ability(49, Efr::ha),
                ability(50, Efr::eph),
                ability(52, Efr::hd),
                ability(53, Efr::guestDirtyDis),
                ability(61, Efr::guestAccessedDis),
                ability(54, Efr::invIotlbType),
                ability(55, Efr::viommu),
                ability(64 + 3, Efr::gcr3Trp),
                ability(64 + 4, Efr::gappiDis),
                ability(64 + 11, Efr::htRangeIgnore));
    }

    private static Arguments ability(int bit, Predicate<Efr> has) {
        return Arguments.of(bit, has);
    }

    @ParameterizedTest
    @MethodSource("abilities")
    void shouldReadAnAbilityFromItsBit(int bit, Predicate<Efr> has) {
        long mask = 1L << bit % 64;
        assertThat(has.test(bit < 64 ? new Efr(mask, 0) : new Efr(0, mask))).isTrue();
        assertThat(has.test(bit < 64 ? new Efr(~mask, -1) : new Efr(-1, ~mask))).isFalse();
    }

    @Test
    void shouldReadNumbers() {
        Efr least = new Efr(0, 0);
        assertThat(least.hostLevels()).isEqualTo(4);
        assertThat(least.guestLevels()).isEqualTo(4);
        assertThat(least.gcr3Levels()).isEqualTo(1);
        assertThat(least.pasidBits()).isEqualTo(1);
        assertThat(least.deviceTableSegments()).isEqualTo(1);
        assertThat(least.interruptsPerFunction()).isEqualTo(512);
        Efr qemu = new Efr(0x29d3, 0);
        assertThat(qemu.hostLevels()).isEqualTo(6);
        assertThat(qemu.guestLevels()).isEqualTo(6);
        Efr more = new Efr(
                with(Efr.HATS, 3) | with(Efr.GLX_SUP, 2) | with(Efr.PAS_MAX, 15) | with(Efr.DEV_TBL_SEG_SUP, 3),
                1 << 8);
        assertThat(more.hostLevels()).isZero();
        assertThat(more.gcr3Levels()).isEqualTo(3);
        assertThat(more.pasidBits()).isEqualTo(16);
        assertThat(more.deviceTableSegments()).isEqualTo(8);
        assertThat(more.interruptsPerFunction()).isEqualTo(2048);
        assertThat(new Efr(0, 2 << 8).interruptsPerFunction()).isEqualTo(512);
    }

    private static long with(BitField field, long value) {
        return field.with(0, value);
    }
}
