package org.iommusim.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorldTest {
    private static final Variable A = Variable.named("test.a");
    private static final Variable B = Variable.named("test.b");
    private static final Variable TIME = Variable.unhashed("test.time");

    private final World world = new World();

    /** Every kind of cell, and everything that can be seen of them. */
    private final class Model {
        final IntCell number = new IntCell(world, A, 1, 5);
        final LongCell wide = new LongCell(world, A, 2, -1);
        final RefCell<String> text = new RefCell<>(world, A, 3, "first");
        final IntArrayCell ints = new IntArrayCell(world, B, 1, 8);
        final LongArrayCell longs = new LongArrayCell(world, B, 2, 8);
        final RefArrayCell<String> texts = new RefArrayCell<>(world, B, 3, 8);
        final LongCell clock = new LongCell(world, TIME, 1, 0);

        List<Object> everything() {
            List<Object> all = new ArrayList<>();
            all.add(number.get());
            all.add(wide.get());
            all.add(String.valueOf(text.get()));
            all.add(clock.get());
            for (int i = 0; i < 8; i++) {
                all.add(ints.get(i));
                all.add(longs.get(i));
                all.add(String.valueOf(texts.get(i)));
            }
            return all;
        }

        void randomWrite(RandomStream random) {
            int index = random.nextInt(8);
            switch (random.nextInt(7)) {
                case 0 -> number.set(random.nextInt(3));
                case 1 -> wide.add(random.nextLong(5) - 2);
                case 2 -> text.set(random.nextInt(3) == 0 ? null : "t" + random.nextInt(4));
                case 3 -> ints.set(index, random.nextInt(3));
                case 4 -> longs.set(index, random.nextLong());
                case 5 -> texts.set(index, random.nextInt(3) == 0 ? null : "u" + random.nextInt(4));
                default -> clock.add(1 + random.nextLong(1000));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldUndoTenThousandRandomStepsToEveryMark(long seed) {
        Model model = new Model();
        world.startJournaling();
        RandomStream random = new RandomStreams(seed).split("undo");
        List<Integer> marks = new ArrayList<>();
        List<List<Object>> states = new ArrayList<>();
        List<Long> hashes = new ArrayList<>();
        for (int step = 0; step < 10_000; step++) {
            if (step % 100 == 0) {
                marks.add(world.mark());
                states.add(model.everything());
                hashes.add(world.hash());
            }
            model.randomWrite(random);
        }
        for (int i = marks.size() - 1; i >= 0; i--) {
            world.undoTo(marks.get(i));
            assertThat(model.everything()).isEqualTo(states.get(i));
            assertThat(world.hash()).isEqualTo(hashes.get(i));
        }
    }

    @Test
    void shouldHashTheSameStateTheSameWhateverTheWay() {
        Model model = new Model();
        world.startJournaling();
        model.number.set(7);
        model.ints.set(2, 9);
        long direct = world.hash();
        world.undoTo(0);
        model.ints.set(2, 1);
        model.ints.set(2, 9);
        model.number.set(0);
        model.number.set(7);
        assertThat(world.hash()).isEqualTo(direct);
    }

    @Test
    void shouldHashDifferentPlacesDifferently() {
        Model model = new Model();
        world.startJournaling();
        model.ints.set(2, 9);
        long second = world.hash();
        world.undoTo(0);
        model.ints.set(3, 9);
        assertThat(world.hash()).isNotEqualTo(second).isNotZero();
    }

    @Test
    void shouldKeepUnhashedVariablesOutOfTheHashButUndoThem() {
        Model model = new Model();
        world.startJournaling();
        model.clock.set(123);
        assertThat(world.hash()).isZero();
        world.undoTo(0);
        assertThat(model.clock.get()).isZero();
    }

    @Test
    void shouldTellTheRecorderWhichVariableIsReadAndWritten() {
        Model model = new Model();
        List<String> seen = new ArrayList<>();
        world.record(new FootprintRecorder() {
            @Override
            public void read(Cell cell, long index) {
                seen.add("r " + cell + "[" + index + "]");
            }

            @Override
            public void written(Cell cell, long index) {
                seen.add("w " + cell + "[" + index + "]");
            }
        });
        model.number.add(1);
        model.ints.set(4, 1);
        world.record(null);
        model.number.get();
        assertThat(seen).containsExactly("r test.a#1[0]", "w test.a#1[0]", "w test.b#1[4]");
    }

    @Test
    void shouldWriteNoJournalWhileItIsOff() {
        Model model = new Model();
        model.number.set(3);
        assertThat(world.mark()).isZero();
        assertThat(world.hash()).isZero();
    }
}
