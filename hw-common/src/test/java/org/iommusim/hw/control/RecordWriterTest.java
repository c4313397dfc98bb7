package org.iommusim.hw.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records are written in order, each when the log takes it. */
class RecordWriterTest {
    private final ControlBed bed = new ControlBed();
    private final List<String> told = new ArrayList<>();
    private boolean usable = true;
    private boolean full;
    private long next = 0x1000;

    private RecordWriter writer(int words) {
        return new RecordWriter(new Log(words), bed.lane, bed.port, bed.memory, words);
    }

    private final class Log implements RecordWriter.Log {
        private final int words;

        Log(int words) {
            this.words = words;
        }

        @Override
        public boolean usable() {
            return usable;
        }

        @Override
        public boolean full() {
            return full;
        }

        @Override
        public long address() {
            return next;
        }

        @Override
        public void issued() {
            told.add("issued");
        }

        @Override
        public void written() {
            next += 8L * words;
            told.add("written");
        }

        @Override
        public void dropped(long w0, long w1) {
            told.add("dropped " + w0 + " " + w1);
        }

        @Override
        public void overflow(long w0, long w1) {
            told.add("overflow " + w0 + " " + w1);
        }

        @Override
        public void unwritable() {
            told.add("unwritable");
        }

        @Override
        public void settled() {
            told.add("settled");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void shouldWriteAsManyWordsAsARecordHas(int words) {
        bed.memory.write64(0x1000 + 8L * words, -1);
        writer(words).add(1, 2, 3, 4);
        bed.sim.scheduler().runUntil(1_500);
        assertThat(told).as("memory takes its time").containsExactly("issued");
        bed.run();
        for (int i = 0; i < words; i++) {
            assertThat(bed.memory.read64(0x1000 + 8L * i)).isEqualTo(i + 1);
        }
        assertThat(bed.memory.read64(0x1000 + 8L * words)).isEqualTo(-1);
        assertThat(told).containsExactly("issued", "written", "settled");
    }

    @Test
    void shouldKeepTheOrderOfAnyNumber() {
        RecordWriter writer = writer(2);
        for (int i = 0; i < 100; i++) {
            writer.add(i, -i, 0, 0);
        }
        bed.sim.scheduler().runUntil(100_000);
        int left = writer.waiting();
        assertThat(left).isBetween(1, 99);
        assertThat(writer.word(0, 0)).isEqualTo(100 - left);
        for (int i = 100; i < 300; i++) {
            writer.add(i, -i, 0, 0);
        }
        assertThat(writer.accepted()).isEqualTo(300);
        assertThat(writer.settled(100 - left)).isTrue();
        assertThat(writer.settled(101 - left)).isFalse();
        bed.run();
        for (int i = 0; i < 300; i++) {
            assertThat(bed.memory.read64(0x1000 + 16L * i)).isEqualTo(i);
            assertThat(bed.memory.read64(0x1008 + 16L * i)).isEqualTo(-i);
        }
        assertThat(writer.waiting()).isZero();
    }

    @Test
    void shouldDropWhatTheLogDoesNotTake() {
        RecordWriter writer = writer(2);
        usable = false;
        writer.add(1, 2, 0, 0);
        assertThat(writer.accepted()).isZero();
        usable = true;
        writer.add(3, 4, 0, 0);
        writer.add(5, 6, 0, 0);
        usable = false;
        bed.run();
        assertThat(told).containsExactly("dropped 1 2", "issued", "dropped 3 4", "settled", "dropped 5 6", "settled");
        assertThat(bed.memory.read64(0x1000)).isZero();
    }

    /** Wherever the record stands among those that wait, what follows it is not its own. */
    @Test
    void shouldTellNoSecondWordWhereRecordsHaveOne() {
        RecordWriter writer = writer(1);
        for (int i = 0; i < 63; i++) {
            writer.add(i, 0, 0, 0);
        }
        bed.run();
        told.clear();
        full = true;
        writer.add(7, 8, 0, 0);
        full = false;
        writer.add(9, 0, 0, 0);
        writer.add(11, 0, 0, 0);
        usable = false;
        bed.run();
        assertThat(told)
                .containsExactly(
                        "overflow 7 0", "settled", "issued", "dropped 9 0", "settled", "dropped 11 0", "settled");
    }

    @Test
    void shouldLoseWhatFindsNoRoom() {
        RecordWriter writer = writer(2);
        full = true;
        writer.add(1, 2, 0, 0);
        full = false;
        writer.add(3, 4, 0, 0);
        bed.run();
        assertThat(told).containsExactly("overflow 1 2", "settled", "issued", "written", "settled");
        assertThat(bed.memory.read64(0x1000)).isEqualTo(3);
    }

    @Test
    void shouldGoOnAfterOneThatCannotBeWritten() {
        RecordWriter writer = writer(2);
        bed.busFaults.abort(0x1000, 16, false, true, 0, 1);
        writer.add(1, 2, 0, 0);
        writer.add(3, 4, 0, 0);
        bed.run();
        assertThat(told).containsExactly("issued", "unwritable", "settled", "issued", "written", "settled");
        assertThat(bed.memory.read64(0x1000)).isEqualTo(3);
    }
}
