package org.iommusim.vtd.format;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What hardware can read of an entry while software rewrites it: software stores 64-bit words in an order, hardware reads
 * atoms of 128 bits from the first to the last, each at any time. An invalidation in between waits for whoever is reading.
 */
final class EntryStores {
    private static final int ATOM_WORDS = 2;

    /** One store of a word, or ({@code word} below 0) an invalidation that completes. */
    private record Store(int word, long value) {}

    private final long[] entry;
    private final List<Store> stores = new ArrayList<>();

    /** Starts with what is in memory. */
    EntryStores(long[] from) {
        entry = from.clone();
    }

    /** Software stores a word. */
    EntryStores store(int word, long value) {
        stores.add(new Store(word, value));
        return this;
    }

    /** Software stores all words, in ascending order. */
    EntryStores copy(long[] to) {
        for (int word = 0; word < to.length; word++) {
            store(word, to[word]);
        }
        return this;
    }

    /** Software invalidates what hardware has cached, and waits. */
    EntryStores invalidate() {
        return store(-1, 0);
    }

    /** What hardware can make of it: the names of all that it can read. */
    TreeSet<String> views(Function<long[], String> name) {
        TreeSet<String> views = new TreeSet<>();
        List<long[]> phase = new ArrayList<>(List.of(entry.clone()));
        long[] now = entry.clone();
        for (Store store : stores) {
            if (store.word() < 0) {
                mixes(phase, name, views);
                phase = new ArrayList<>();
            } else {
                now[store.word()] = store.value();
            }
            phase.add(now.clone());
        }
        mixes(phase, name, views);
        return views;
    }

    private static void mixes(List<long[]> states, Function<long[], String> name, TreeSet<String> views) {
        read(states, 0, 0, new long[states.get(0).length], name, views);
    }

    private static void read(
            List<long[]> states,
            int first,
            int atom,
            long[] seen,
            Function<long[], String> name,
            TreeSet<String> views) {
        if (atom == seen.length) {
            views.add(name.apply(seen));
            return;
        }
        for (int time = first; time < states.size(); time++) {
            System.arraycopy(states.get(time), atom, seen, atom, ATOM_WORDS);
            read(states, time, atom + ATOM_WORDS, seen, name, views);
        }
    }
}
