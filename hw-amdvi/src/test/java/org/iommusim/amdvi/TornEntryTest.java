package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.Rewrite;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a request meets while software changes its device table entry: stores fall between any two events of the request. The
 * unit reads 256 bits at once, software stores 128 of them, or, in drivers of old, 64.
 */
class TornEntryTest {
    private static final int ID = 0x28;
    private static final int PASID = 5;
    private static final long IOVA = 0x5000;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2800_0000L;

    /** Words that are stored at once, by the driver: both lower or both upper ones. */
    private static final int[][] UPPER_FIRST = {{2, 3}, {0, 1}};

    private static final int[][] LOWER_FIRST = {{0, 1}, {2, 3}};
    private static final int[][] LOWER = {{0, 1}};
    private static final int[][] PIECES = {{0}, {1}, {2}, {3}};

    /** Notes what the unit reads. */
    private static final class Reads implements Checker, DescriptorWatcher {
        final List<long[]> words = new ArrayList<>();

        @Override
        public CheckerInfo info() {
            return new CheckerInfo("reads", "notes what hardware reads");
        }

        @Override
        public void rewrites(long address, Rewrite rewrite) {}

        @Override
        public void reads(String reader, long address, long[] read) {
            words.add(read.clone());
        }
    }

    /** A machine with two guests' tables. */
    private static final class Machine {
        final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();
        final Reads reads = new Reads();
        final long[] host;
        final long[] guest;
        final long[] other;
        final long[] deep;

        Machine() {
            bed.sim.checkers().attach(reads);
            long hostRoot = bed.page();
            bed.mapHost(hostRoot, 4, IOVA, OLD);
            host = Dte.host(hostRoot, 4, 1);
            guest = guest(4, OLD, 2);
            // Both halves of the address of its GCR3 table are others.
            other = guest(4, NEW, 3);
            deep = guest(5, NEW, 4);
        }

        private long[] guest(int levels, long target, int did) {
            long root = bed.page();
            bed.mapGuest(root, levels, IOVA, target);
            long gcr3 = 0x3000_0000L + 0x10_1000L * did;
            bed.gcr3(gcr3, PASID, root);
            long[] words = Dte.passThrough(did);
            Dte.putGuest(words, gcr3, 1, levels);
            return words;
        }

        /** Issues a request, has so many events happen before each store, and says what became of it. */
        String request(long[] from, long[] to, int[][] stores, int[] before) {
            long address = bed.entry(ID, from);
            DmaRequest request = bed.issue(bed.request(ID, PASID, IOVA, false));
            for (int i = 0; i < stores.length; i++) {
                for (int events = 0; events < before[i]; events++) {
                    bed.sim.scheduler().step();
                }
                for (int word : stores[i]) {
                    bed.memory.write64(address + 8L * word, to[word]);
                }
            }
            bed.run();
            return outcome(request);
        }

        private String outcome(DmaRequest request) {
            if (request.outcome() == DmaOutcome.OK) {
                return request.physicalAddress() == OLD ? "old" : "new";
            }
            return Event.name(request.faultCode());
        }
    }

    /** What a request meets for every way in which so many stores can fall between its first events. */
    private static Set<String> outcomes(Change change, int[][] stores, Set<String> read) {
        Set<String> outcomes = new TreeSet<>();
        int[] before = new int[stores.length];
        do {
            Machine machine = new Machine();
            long[] from = change.from(machine);
            long[] to = change.to(machine);
            outcomes.add(machine.request(from, to, stores, before));
            for (long[] words : machine.reads.words) {
                read.add(Arrays.equals(words, from) ? "old" : Arrays.equals(words, to) ? "new" : "mixed");
            }
        } while (next(before));
        return outcomes;
    }

    /** The next way: up to eight events before the first store, and up to two before each other. */
    private static boolean next(int[] before) {
        for (int i = 0; i < before.length; i++) {
            int most = i == 0 ? 8 : before.length > 2 ? 1 : 2;
            if (before[i] < most) {
                before[i]++;
                return true;
            }
            before[i] = 0;
        }
        return false;
    }

    /** A change of an entry. */
    private enum Change {
        NOTHING_TO_GUEST,
        GUEST_TO_NOTHING,
        GUEST_TO_GUEST,
        DEEP_TO_NOTHING,
        NOTHING_TO_DEEP;

        long[] from(Machine m) {
            return switch (this) {
                case NOTHING_TO_GUEST, NOTHING_TO_DEEP -> blocked();
                case GUEST_TO_NOTHING, GUEST_TO_GUEST -> m.guest;
                case DEEP_TO_NOTHING -> m.deep;
            };
        }

        long[] to(Machine m) {
            return switch (this) {
                case NOTHING_TO_GUEST, GUEST_TO_GUEST -> m.other;
                case NOTHING_TO_DEEP -> m.deep;
                case GUEST_TO_NOTHING, DEEP_TO_NOTHING -> blocked();
            };
        }

        /** Blocked, as the kernel does it: V and TV, and no permission. */
        private static long[] blocked() {
            return new long[] {Dte.V.mask() | Dte.TV.mask(), 0, 0, 0};
        }

        /** The driver's order of 128-bit stores. */
        int[][] driversOrder() {
            return switch (this) {
                case NOTHING_TO_GUEST, NOTHING_TO_DEEP -> UPPER_FIRST;
                case GUEST_TO_NOTHING, DEEP_TO_NOTHING -> LOWER_FIRST;
                case GUEST_TO_GUEST -> LOWER;
            };
        }
    }

    static List<Change> changes() {
        return List.of(Change.values());
    }

    /** A request meets the old entry or the new one, wherever the stores fall. */
    @ParameterizedTest
    @MethodSource("changes")
    @Rule("AMDVI-PASID-15")
    void shouldMeetNoMixInTheDriversOrder(Change change) {
        Set<String> read = new TreeSet<>();
        Set<String> outcomes = outcomes(change, change.driversOrder(), read);
        Set<String> expected = new TreeSet<>();
        Machine machine = new Machine();
        expected.add(machine.request(change.from(machine), change.from(machine), LOWER, new int[] {0}));
        machine = new Machine();
        expected.add(machine.request(change.to(machine), change.to(machine), LOWER, new int[] {0}));
        assertThat(outcomes).isEqualTo(expected);
        assertThat(read).contains("old", "new");
    }

    @Test
    @Rule("AMDVI-PASID-15")
    void shouldMeetAnotherDepthInTheWrongOrder() {
        Set<String> read = new TreeSet<>();
        // Guest tables of 5 levels, walked as if they had 4.
        assertThat(outcomes(Change.NOTHING_TO_DEEP, LOWER_FIRST, read))
                .containsExactlyInAnyOrder("INVALID_DEVICE_REQUEST", "IO_PAGE_FAULT", "new");
        assertThat(read).contains("mixed");
    }

    /** Half of the address of a GCR3 table is in word 0, and half in word 1. */
    @Test
    @Rule("AMDVI-PASID-15")
    void shouldMeetHalfAnAddressWithStoresOf64Bits() {
        Set<String> read = new TreeSet<>();
        assertThat(outcomes(Change.GUEST_TO_GUEST, PIECES, read)).contains("old", "new", "IO_PAGE_FAULT");
        assertThat(read).contains("old", "new", "mixed");
    }

    /** Permissions come with word 0, and the tables' other half is still that of nobody. */
    @Test
    void shouldMeetNobodysTablesWithStoresOf64Bits() {
        Set<String> read = new TreeSet<>();
        assertThat(outcomes(Change.NOTHING_TO_GUEST, PIECES, read)).contains("IO_PAGE_FAULT", "new");
        assertThat(read).contains("mixed");
    }
}
