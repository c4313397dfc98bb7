package org.iommusim.vtd.driver;

import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/** Stores words of an entry that hardware may be reading, 64 bits at a time, from the lowest word to the highest. */
final class EntryStores extends Frame {
    private static final Program<EntryStores> PROGRAM = Program.<EntryStores>named("write entry")
            .loop(
                    "words left",
                    f -> f.done.get() < f.count,
                    p -> p.step("WRITE_ONCE", HostCost.TABLE_STORE, Touches.WORDS, EntryStores::store))
            .build();

    private final IntelIommu iommu;
    private final long address;
    private final long[] words;
    private final int first;
    private final int count;
    private final IntCell done = count();

    private EntryStores(IntelIommu iommu, long address, long[] words, int first, int count) {
        super(iommu.world());
        this.iommu = iommu;
        this.address = address;
        this.words = words;
        this.first = first;
        this.count = count;
    }

    /**
     * The call.
     *
     * @param address of the entry
     * @param words all of the entry's words; not changed any more
     * @param first the first word that is stored
     * @param count how many are
     */
    static Call<?> call(IntelIommu iommu, long address, long[] words, int first, int count) {
        return new Call<>(PROGRAM, new EntryStores(iommu, address, words, first, count));
    }

    private void store() {
        int word = first + done.get();
        iommu.memory().write64(address + 8L * word, words[word]);
        stored(iommu, address, words.length);
        done.add(1);
    }

    /** Clears P, bit 0 of the first word, and leaves the rest. */
    static void clearPresent(IntelIommu iommu, long address, int words) {
        iommu.memory().write64(address, iommu.memory().read64(address) & ~1L);
        stored(iommu, address, words);
    }

    private static void stored(IntelIommu iommu, long address, int words) {
        if (iommu.checkers().anybodyHears(DescriptorWatcher.class)) {
            long[] now = read(iommu, address, words);
            iommu.checkers().tell(DescriptorWatcher.class, watcher -> watcher.stored(address, now));
        }
    }

    /** Reads an entry. */
    static long[] read(IntelIommu iommu, long address, int words) {
        long[] entry = new long[words];
        for (int i = 0; i < words; i++) {
            entry[i] = iommu.memory().read64(address + 8L * i);
        }
        return entry;
    }

    /** Tells checkers that an entry begins to change into another one. */
    static void announce(IntelIommu iommu, String name, SourceKind kind, long address, long[] target) {
        long[] from = read(iommu, address, target.length);
        EntryRewrite rewrite = new EntryRewrite(name, kind, from, target);
        iommu.checkers().tell(DescriptorWatcher.class, watcher -> watcher.rewrites(address, rewrite));
    }
}
