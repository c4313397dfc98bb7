package org.iommusim.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainStateTest {
    private final Unit unit = new Unit();
    private final PlainState plain = new PlainState(List.of(unit), type -> type.getEnclosingClass() == getClass());

    private static final class Slot implements Pooled {
        boolean busy;
        long value;
        final long[] words = new long[1];

        @Override
        public boolean inUse() {
            return busy;
        }
    }

    private record Word(long address, @Timing long readAt) {}

    private static final class Unit {
        final Slot slot = new Slot();
        final List<Word> words = new ArrayList<>();
        long count;

        @Timing
        long startedAt;

        @Timing
        final List<Slot> free = new ArrayList<>();
    }

    @Test
    void shouldTellStatesApartByWhatIsInUse() {
        unit.slot.busy = true;
        long before = plain.save().high();
        unit.slot.words[0] = 7;
        assertThat(plain.save().high()).isNotEqualTo(before);
        unit.slot.words[0] = 0;
        assertThat(plain.save().high()).isEqualTo(before);
    }

    @Test
    void shouldNotTellStatesApartByWhatIsLeftOver() {
        long before = plain.save().high();
        unit.slot.value = 5;
        unit.slot.words[0] = 7;
        unit.startedAt = 9;
        unit.free.add(unit.slot);
        assertThat(plain.save().high()).isEqualTo(before);
        unit.slot.busy = true;
        assertThat(plain.save().high()).isNotEqualTo(before);
    }

    /** Objects that are made on the way may differ in nothing but what never changes. */
    @Test
    void shouldTellStatesApartByValuesThatNeverChange() {
        unit.words.add(new Word(0x1000, 1));
        PlainState.Saved first = plain.save();
        unit.words.set(0, new Word(0x2000, 1));
        assertThat(plain.save().high()).isNotEqualTo(first.high());
        assertThat(plain.save().low()).isNotEqualTo(first.low());
        unit.words.set(0, new Word(0x1000, 2));
        assertThat(plain.save().high()).isEqualTo(first.high());
    }

    /** What tells no states apart may still be needed. */
    @Test
    void shouldPutBackEverything() {
        unit.slot.value = 1;
        unit.slot.words[0] = 2;
        unit.count = 3;
        unit.startedAt = 4;
        unit.free.add(unit.slot);
        PlainState.Saved saved = plain.save();
        unit.slot.busy = true;
        unit.slot.value = 0;
        unit.slot.words[0] = 0;
        unit.count = 0;
        unit.startedAt = 0;
        unit.free.clear();
        plain.restore(saved);
        assertThat(unit.slot.busy).isFalse();
        assertThat(unit.slot.value).isEqualTo(1);
        assertThat(unit.slot.words[0]).isEqualTo(2);
        assertThat(unit.count).isEqualTo(3);
        assertThat(unit.startedAt).isEqualTo(4);
        assertThat(unit.free).containsExactly(unit.slot);
    }
}
