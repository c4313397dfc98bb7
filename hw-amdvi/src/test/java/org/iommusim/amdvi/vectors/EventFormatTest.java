package org.iommusim.amdvi.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Event;
import org.junit.jupiter.api.Test;

/** What is compared of event records. */
class EventFormatTest {
    private static final EventFormat FORMAT = EventFormat.INSTANCE;
    private static final long[] FAULT = {0x2070_0015_0000_4228L, 0x1_0000_1000L};

    @Test
    void shouldReadFields() {
        assertThat(FORMAT.words()).isEqualTo(Event.WORDS);
        assertThat(FORMAT.name(FAULT)).isEqualTo("IO_PAGE_FAULT");
        assertThat(FORMAT.text(FAULT)).isEqualTo("IO_PAGE_FAULT device=0x4228 domain=21 flags=0x70 addr=0x100001000");
        assertThat(FORMAT.fields(FAULT))
                .containsEntry("DeviceID", 0x4228L)
                .containsEntry("DomainID/PASID", 0x15L)
                .containsEntry("PASID", 0L)
                .containsEntry("flags", 0x70L)
                .containsEntry("address", 0x1_0000_1000L)
                .hasSize(5);
    }

    /** The recorded machine says no more than the code, and device and function. */
    @Test
    void shouldDefineLittleOfARecordedEvent() {
        assertThat(FORMAT.definedBits(FAULT)).containsExactly(0xf000_0000_0000_00ffL, 0);
    }

    /** The check model says everything, but of faults other than missing permission not whether it was a write. */
    @Test
    void shouldTakeTheCheckModelAtItsWord() {
        assertThat(new AmdViVectors().claimedBits(FAULT)).containsExactly(-1, -1);
        long[] absent = {0x2000_0015_0000_0028L, 0x1000};
        assertThat(new AmdViVectors().claimedBits(absent)).containsExactly(~Event.RW, -1);
    }
}
