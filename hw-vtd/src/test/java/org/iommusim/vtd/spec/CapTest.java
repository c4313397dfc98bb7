package org.iommusim.vtd.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapTest {
    /** What QEMU's unit shows in legacy mode, and with first-stage translation. */
    private static final Cap LEGACY = new Cap(0x80d2_008c_222f_0606L, 0xf0_0f4aL);

    private static final Cap FIRST_STAGE = new Cap(0x81d2_008c_222f_0606L, 0x8800_00f0_0f4aL);

    @Test
    void shouldReadTheCapabilityRegister() {
        assertThat(LEGACY.domainIds()).isEqualTo(65536);
        assertThat(LEGACY.levels(2)).isFalse();
        assertThat(LEGACY.levels(3)).isTrue();
        assertThat(LEGACY.levels(4)).isTrue();
        assertThat(LEGACY.levels(5)).isFalse();
        assertThat(LEGACY.levels(6)).isFalse();
        assertThat(LEGACY.mgawBits()).isEqualTo(48);
        assertThat(LEGACY.faultRecordOffset()).isEqualTo(0x220);
        assertThat(LEGACY.faultRecords()).isEqualTo(1);
        assertThat(LEGACY.ss2m()).isTrue();
        assertThat(LEGACY.ss1g()).isTrue();
        assertThat(LEGACY.psi()).isTrue();
        assertThat(LEGACY.mamv()).isEqualTo(18);
        assertThat(LEGACY.dwd()).isTrue();
        assertThat(LEGACY.drd()).isTrue();
        assertThat(LEGACY.esrtps()).isTrue();
        assertThat(LEGACY.cm()).isFalse();
        assertThat(LEGACY.rwbf()).isFalse();
        assertThat(LEGACY.fs1gp()).isFalse();
        assertThat(FIRST_STAGE.fs1gp()).isTrue();
    }

    @Test
    void shouldReadTheExtendedCapabilityRegister() {
        assertThat(LEGACY.coherent()).isFalse();
        assertThat(LEGACY.qi()).isTrue();
        assertThat(LEGACY.dt()).isFalse();
        assertThat(LEGACY.ir()).isTrue();
        assertThat(LEGACY.eim()).isFalse();
        assertThat(LEGACY.pt()).isTrue();
        assertThat(LEGACY.sc()).isFalse();
        assertThat(LEGACY.iotlbOffset()).isEqualTo(0xf0);
        assertThat(LEGACY.mhmv()).isEqualTo(15);
        assertThat(LEGACY.smts()).isFalse();
        assertThat(FIRST_STAGE.smts()).isTrue();
        assertThat(FIRST_STAGE.fsts()).isTrue();
        assertThat(FIRST_STAGE.ssts()).isFalse();
        assertThat(FIRST_STAGE.rps()).isFalse();
    }

    @Test
    void shouldCountDomainIdsAndPasids() {
        assertThat(new Cap(0, 0).domainIds()).isEqualTo(16);
        assertThat(new Cap(2, 0).domainIds()).isEqualTo(256);
        assertThat(new Cap(7, 0).domainIds()).isEqualTo(65536);
        assertThat(new Cap(0, Cap.PSS.with(0, 19)).pasidBits()).isEqualTo(20);
    }

    /** Each ability is one bit, and no two are the same. */
    @Test
    void shouldReadEveryAbilityFromOneBit() throws ReflectiveOperationException {
        List<Integer> bits = new ArrayList<>();
        for (Method ability : Cap.class.getDeclaredMethods()) {
            boolean read = ability.getReturnType() == boolean.class
                    && ability.getParameterCount() == 0
                    && Modifier.isPublic(ability.getModifiers());
            for (int bit = 0; read && bit < 128; bit++) {
                long word = 1L << bit;
                boolean low = bit < 64;
                Cap only = new Cap(low ? word : 0, low ? 0 : word);
                Cap others = new Cap(low ? ~word : -1L, low ? -1L : ~word);
                boolean has = (boolean) ability.invoke(only);
                assertThat(ability.invoke(others)).as(ability.getName()).isEqualTo(!has);
                if (has) {
                    bits.add(bit);
                }
            }
        }
        assertThat(bits).doesNotHaveDuplicates().hasSizeGreaterThan(35);
    }
}
