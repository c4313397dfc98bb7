package org.iommusim.hw.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.check.Trail;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.time.ClockEdges;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages get their entry out of memory or out of the cache, one after the other where there is no room for more. */
class InterruptEntriesTest {
    private static final long TABLE = 0x1000;
    private static final int NUMBER = 5;
    private static final long ENTRY = TABLE + 8 * NUMBER;

    // A lookup takes 3 ns; a read 1 ns to leave and 1 ns in memory.
    private static final long LOOKUP = 3000;
    private static final long READ = 2000;

    private final Simulation sim = Simulation.seeded(1).checks(true).build();
    private final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 30);
    private final BusFaults busFaults = new BusFaults(sim.world());
    private final CheckedUse checkedUse = new CheckedUse("iommu0", sim, memory);
    private final ClockDomain clock = new ClockDomain(1000);
    private final List<PlainTransaction> messages = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private InterruptEntries entries = make("irt", true, 1, 2);
    private boolean worthKeeping = true;

    @BeforeEach
    void shouldHaveMemory() {
        memory.addRam(0, 1 << 20, PageOwner.UNTRACKED);
    }

    private InterruptEntries make(String name, boolean cached, int ports, int fetches) {
        MemoryPort memoryPort = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(1000));
        RequestPort port = new RequestPort(sim.scheduler(), "port", clock, 64, WakeRule.HAND_OVER, memoryPort);
        port.faults(busFaults);
        CacheShape cache = new CacheShape(4, 4, 2, Replacement.LRU);
        InterruptEntries.Shape shape = new InterruptEntries.Shape(cached, cache, ports, 3, fetches, WakeRule.HAND_OVER);
        ClockEdges edges = new ClockEdges(clock);
        return new InterruptEntries(sim, name, shape, 2, edges, new Unit(), port, memory, checkedUse);
    }

    /** What is told: id of the message, time, both words of its entry. */
    private final class Unit implements InterruptEntries.Client {
        @Override
        public Transaction transaction(int id) {
            return messages.get(id);
        }

        @Override
        public boolean keeps(long[] entry) {
            return worthKeeping;
        }

        @Override
        public void found(Transaction message, long[] entry) {
            told.add(
                    message.id + " " + sim.now() + " " + Long.toHexString(entry[0]) + " " + Long.toHexString(entry[1]));
        }

        @Override
        public void unreadable(Transaction message) {
            told.add(message.id + " " + sim.now() + " unreadable");
        }
    }

    private PlainTransaction find(int number, long address, int bytes, boolean cacheable) {
        PlainTransaction message = PlainTransaction.reading(sim, messages.size(), 1, 0xfee0_0000L);
        StaleUseChecker checker = checkedUse.checker();
        message.trail = checker == null ? null : checker.newTrail();
        checkedUse.begin(message);
        messages.add(message);
        entries.find(message, number, address, bytes, cacheable);
        return message;
    }

    private PlainTransaction find(int number) {
        return find(number, TABLE + 8L * number, 8, true);
    }

    private void run() {
        sim.scheduler().run();
    }

    @Test
    void shouldKeepWhatWasReadUnderItsNumber() {
        memory.write64(ENTRY, 0x11);
        find(NUMBER);
        run();
        memory.write64(ENTRY, 0x22);
        find(NUMBER);
        run();
        find(NUMBER + 1, ENTRY, 8, true);
        run();
        assertThat(told)
                .containsExactly(
                        "0 " + (LOOKUP + READ) + " 11 0",
                        "1 " + (2 * LOOKUP + READ) + " 11 0",
                        "2 " + (3 * LOOKUP + 2 * READ) + " 22 0");
    }

    @Test
    void shouldReadAsManyBytesAsAnEntryHasAndNothingElse() {
        entries = make("other", false, 1, 2);
        memory.write64(ENTRY, 0x1111_2222_3333_4444L);
        memory.write64(ENTRY + 8, 0x5555);
        find(NUMBER, ENTRY, 16, true);
        run();
        find(NUMBER, ENTRY, 8, true);
        run();
        find(NUMBER, ENTRY, 4, true);
        run();
        find(NUMBER, ENTRY + 4, 4, true);
        run();
        assertThat(told)
                .containsExactly(
                        "0 2000 1111222233334444 5555",
                        "1 4000 1111222233334444 0",
                        "2 6000 33334444 0",
                        "3 8000 11112222 0");
    }

    @Test
    void shouldKeepAllWordsOfAnEntry() {
        memory.write64(ENTRY, 1);
        memory.write64(ENTRY + 8, 2);
        find(NUMBER, ENTRY, 16, true);
        run();
        memory.write64(ENTRY + 8, 3);
        find(NUMBER, ENTRY, 16, true);
        run();
        assertThat(told).element(1).asString().endsWith(" 1 2");
    }

    @Test
    void shouldNeitherLookNorKeepWhereTheCacheMayNotBeUsed() {
        memory.write64(ENTRY, 1);
        find(NUMBER, ENTRY, 8, false);
        run();
        memory.write64(ENTRY, 2);
        find(NUMBER);
        run();
        memory.write64(ENTRY, 3);
        find(NUMBER, ENTRY, 8, false);
        run();
        assertThat(told).containsExactly("0 2000 1 0", "1 7000 2 0", "2 9000 3 0");
    }

    @Test
    void shouldNotKeepWhatIsNotWorthItOrWasInvalidatedMeanwhile() {
        worthKeeping = false;
        memory.write64(ENTRY, 1);
        find(NUMBER);
        run();
        worthKeeping = true;
        find(NUMBER).stale = true;
        run();
        memory.write64(ENTRY, 2);
        find(NUMBER);
        run();
        assertThat(told).element(2).asString().endsWith(" 2 0");
    }

    @Test
    void shouldDropTheNumbersThatAreNamed() {
        memory.write64(ENTRY, 1);
        find(NUMBER);
        find(NUMBER + 1);
        run();
        memory.write64(ENTRY, 2);
        memory.write64(ENTRY + 8, 2);
        entries.invalidate(number -> number == NUMBER);
        told.clear();
        find(NUMBER);
        find(NUMBER + 1);
        run();
        assertThat(told).containsExactlyInAnyOrder("2 13000 2 0", "3 14000 0 0");
    }

    /** The one message that waits for the port is served when the other has been looked up. */
    @Test
    void shouldLookUpOneAfterTheOtherAtOnePort() {
        find(1);
        find(2);
        run();
        assertThat(told).containsExactly("0 5000 0 0", "1 8000 0 0");
        assertThat(messages.get(1).request().ticks(Station.CONFIG_CACHE)).isEqualTo(2 * LOOKUP);
    }

    @Test
    void shouldReadAsManyEntriesAtATimeAsItHasFetches() {
        entries = make("other", true, 0, 1);
        find(1);
        find(2);
        busFaults.abortReads(TABLE + 8, 8);
        run();
        assertThat(told).containsExactly("0 5000 unreadable", "1 7000 0 0");
        messages.get(1).request().answered(sim.now());
        assertThat(messages.get(1).request().ticks(Station.CONFIG_FETCH)).isEqualTo(2 * READ);
    }

    @Test
    void shouldNotKeepWhatCannotBeRead() {
        busFaults.abort(ENTRY, 8, true, false, 0, 1);
        memory.write64(ENTRY, 1);
        find(NUMBER);
        run();
        find(NUMBER);
        run();
        assertThat(told).containsExactly("0 5000 unreadable", "1 10000 1 0");
    }

    /** Who waits for a port uses nothing yet: it will find what is there by then. */
    @Test
    void shouldSayWhoUsesAnEntry() {
        entries = make("other", true, 1, 1);
        PlainTransaction first = find(NUMBER);
        PlainTransaction second = find(NUMBER);
        assertThat(entries.uses(first, number -> true)).isFalse();
        sim.scheduler().runUntil(LOOKUP);
        assertThat(entries.uses(first, number -> number == NUMBER)).isTrue();
        assertThat(entries.uses(first, number -> number != NUMBER)).isFalse();
        assertThat(entries.uses(second, number -> true)).isFalse();
        run();
        assertThat(entries.uses(second, number -> number == NUMBER)).as("a hit").isTrue();
        entries.end(second);
        assertThat(entries.uses(second, number -> true)).isFalse();
        PlainTransaction other = PlainTransaction.reading(sim, messages.size(), 1, 0);
        assertThat(entries.uses(other, number -> true)).as("no message").isFalse();
    }

    @Test
    void shouldTellTheCheckerWhichWordsAnEntryWasMadeFrom() {
        memory.write64(ENTRY, 0x1111_2222_3333_4444L);
        PlainTransaction half = find(NUMBER, ENTRY + 4, 4, false);
        PlainTransaction whole = find(NUMBER, ENTRY, 16, false);
        run();
        assertThat(sources(half)).containsExactly(Long.toHexString(ENTRY) + " 1111222233334444 5");
        assertThat(sources(whole))
                .containsExactly(Long.toHexString(ENTRY) + " 1111222233334444 5", Long.toHexString(ENTRY + 8) + " 0 5");
    }

    private static List<String> sources(PlainTransaction message) {
        Trail trail = message.trail;
        assertThat(trail).isNotNull();
        List<String> sources = new ArrayList<>();
        for (int i = 0; i < trail.size(); i++) {
            sources.add(Long.toHexString(trail.source(i).address()) + " "
                    + Long.toHexString(trail.source(i).value()) + " "
                    + trail.source(i).first());
        }
        return sources;
    }

    @Test
    void shouldTellTheCheckerOfAnEntryThatIsUsedAgain() {
        find(NUMBER);
        run();
        memory.write64(ENTRY, 1);
        StaleUseChecker checker = checkedUse.checker();
        assertThat(checker).isNotNull();
        checker.issued(new Promise() {
            @Override
            public Effect on(Trail entry, int index) {
                return Effect.ENDED;
            }

            @Override
            public String text() {
                return "invalidation";
            }
        });
        checker.completed("wait");
        find(NUMBER);
        run();
        assertThat(sim.violations().violations())
                .singleElement()
                .satisfies(found -> assertThat(found.message())
                        .contains("uses an entry of irt, made from the interrupt entry at 0x1028"));
    }

    @Test
    void shouldNotKnowOtherEvents() {
        find(NUMBER);
        assertThatThrownBy(() -> entries.onEvent(4, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
