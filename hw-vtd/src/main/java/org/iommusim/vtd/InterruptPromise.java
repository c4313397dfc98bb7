package org.iommusim.vtd;

import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.Trail;

/**
 * What an invalidation of the interrupt entry cache promises: once it is complete, no message is made from entries of that
 * range that have changed before it.
 *
 * @param entries which ones
 */
record InterruptPromise(InterruptRemapping.Entries entries) implements Promise {
    @Override
    public Effect on(Trail entry, int index) {
        boolean covered = entry.source(index).kind() == SourceKind.INTERRUPT
                && entries.contains((int) entry.source(index).first());
        return covered ? Effect.ENDED : Effect.NONE;
    }

    @Override
    public String text() {
        return entries.equals(InterruptRemapping.Entries.ALL)
                ? "interrupt entry cache, all"
                : "interrupt entry cache, index " + entries.index() + " mask " + entries.mask();
    }
}
