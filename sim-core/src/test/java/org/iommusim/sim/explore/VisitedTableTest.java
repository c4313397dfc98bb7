package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VisitedTableTest {
    private static final int OFFERS = 20_000;

    private record Key(long high, long low) {}

    /** Keys that differ in few bits, so that many of them want the same slot. */
    private static Key key(Gen gen) {
        return new Key(sparse(gen), sparse(gen));
    }

    private static long sparse(Gen gen) {
        return gen.pick(List.of(0L, 1L, -1L, 1L << 8, 1L << 55, 1L << 56, 1L << 63))
                ^ (1L << gen.below(64))
                ^ (1L << gen.below(64));
    }

    private static Map<Key, Integer> fill(VisitedTable table, Gen gen) {
        Map<Key, Integer> model = new HashMap<>();
        for (int i = 0; i < OFFERS; i++) {
            Key key = key(gen);
            int value = gen.below(VisitedSegment.VALUE_MAX + 1);
            int expected = model.getOrDefault(key, VisitedSegment.NEW);
            assertThat(table.offer(key.high, key.low, value)).isEqualTo(expected);
            model.merge(key, value, Math::max);
        }
        return model;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellAll128BitsApartAndKeepTheLargestValue(boolean shared) {
        VisitedTable table = new VisitedTable(1L << 30, shared);
        Map<Key, Integer> model = fill(table, new Gen(1));
        assertThat(table.size()).isEqualTo(model.size());
        model.forEach(
                (key, value) -> assertThat(table.offer(key.high, key.low, 0)).isEqualTo(value));
    }

    @Test
    void shouldComeBackFromAFile() throws IOException {
        VisitedTable table = new VisitedTable(1L << 30, false);
        Map<Key, Integer> model = fill(table, new Gen(2));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.save(new DataOutputStream(bytes));
        VisitedTable again = new VisitedTable(1L << 30, false);
        assertThat(again.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))))
                .isTrue();
        assertThat(again.size()).isEqualTo(model.size());
        model.forEach(
                (key, value) -> assertThat(again.offer(key.high, key.low, 0)).isEqualTo(value));
    }

    @Test
    void shouldTakeNoMoreMemoryThanItMay() {
        VisitedTable table = new VisitedTable(1 << 20, false);
        Gen gen = new Gen(3);
        int added = 0;
        int answer = VisitedSegment.NEW;
        while (answer == VisitedSegment.NEW) {
            answer = table.offer(gen.bits(), gen.bits(), 0);
            added += answer == VisitedSegment.NEW ? 1 : 0;
        }
        assertThat(answer).isEqualTo(VisitedSegment.FULL);
        assertThat(table.size()).isEqualTo(added);
        // 1 MiB holds 65,536 entries of 16 bytes; no segment is fuller than five eighths.
        assertThat(added).isBetween(65_536 / 5, 65_536 * 5 / 8);
    }

    @Test
    void shouldLeaveHalfOfTheHeapToOthers() {
        assertThat(MemoryBudget.within(1 << 20, 1 << 30)).isEqualTo(1 << 20);
        assertThat(MemoryBudget.within(1 << 30, 1 << 20)).isEqualTo(1 << 19);
    }

    @Test
    void shouldKeepANumberForEachState() {
        StateNumbers numbers = new StateNumbers(1L << 30);
        Map<Key, Integer> model = new HashMap<>();
        Gen gen = new Gen(4);
        for (int i = 0; i < OFFERS; i++) {
            Key key = key(gen);
            assertThat(numbers.get(key.high, key.low)).isEqualTo(model.getOrDefault(key, StateNumbers.NONE));
            int number = gen.below(1000);
            assertThat(numbers.put(key.high, key.low, number)).isTrue();
            model.put(key, number);
        }
        assertThat(numbers.size()).isEqualTo(model.size());
    }

    @Test
    void shouldSayThatThereIsNoMemoryForMoreNumbers() {
        StateNumbers numbers = new StateNumbers(1 << 16);
        Gen gen = new Gen(5);
        int added = 0;
        while (numbers.put(gen.bits(), gen.bits(), 1)) {
            added++;
        }
        assertThat(added).isEqualTo(numbers.size()).isBetween(1 << 9, 1 << 12);
    }
}
