package org.iommusim.hw.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a unit's own message goes. */
class InterruptMessageTest {
    private final ControlBed bed = new ControlBed();
    private final List<String> told = new ArrayList<>();
    private final InterruptMessage message = new InterruptMessage(
            bed.sim.scheduler(), "iommu0", "fault", bed.port, bed.memory, () -> told.add("arrived"));

    InterruptMessageTest() {
        message.connect(told::add);
    }

    @ParameterizedTest
    @ValueSource(longs = {0xfee0_0000L, 0xfeef_fffcL, 0x12_fee0_1000L})
    void shouldBeAnInterruptInItsRange(long address) {
        message.send(address, 0x41);
        assertThat(message.underWay()).isTrue();
        assertThat(told).isEmpty();
        bed.run();
        assertThat(message.underWay()).isFalse();
        assertThat(told).containsExactly("fault", "arrived");
    }

    @Test
    void shouldBeWrittenToMemory() {
        bed.memory.write64(0x5000, -1);
        message.send(0x5000, 0x8000_0041);
        bed.run();
        assertThat(bed.memory.read64(0x5000)).isEqualTo(0xffff_ffff_8000_0041L);
        assertThat(told).containsExactly("fault", "arrived");
    }

    @ParameterizedTest
    @ValueSource(longs = {0xfedf_fffcL, 0xfef0_0000L})
    void shouldBeLostWhereThereIsNothing(long address) {
        message.send(address, 0x41);
        bed.run();
        assertThat(told).containsExactly("arrived");
        assertThat(message.underWay()).isFalse();
    }
}
