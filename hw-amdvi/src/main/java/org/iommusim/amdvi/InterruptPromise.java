package org.iommusim.amdvi;

import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.Trail;

/**
 * What INVALIDATE_INTERRUPT_TABLE promises: once it is complete, no message of a function is made from entries that have changed
 * before it.
 *
 * @param deviceId which function
 */
record InterruptPromise(int deviceId) implements Promise {
    @Override
    public Effect on(Trail entry, int index) {
        boolean covered = entry.source(index).kind() == SourceKind.INTERRUPT
                && InterruptRemapping.entriesOf(deviceId)
                        .test((int) entry.source(index).first());
        return covered ? Effect.ENDED : Effect.NONE;
    }

    @Override
    public String text() {
        return "INVALIDATE_INTERRUPT_TABLE device=0x" + Integer.toHexString(deviceId);
    }
}
