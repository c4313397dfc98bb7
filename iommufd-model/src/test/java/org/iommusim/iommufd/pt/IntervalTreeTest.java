package org.iommusim.iommufd.pt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.junit.jupiter.api.Test;

/** The tree against a list, with ranges that overlap and addresses above 2^63; and taken back by the world. */
class IntervalTreeTest {
    private final World world = new World();
    private final IntervalTree<IoptRange> tree = new IntervalTree<>(world, Variable.named("tree"));
    private final List<IoptRange> list = new ArrayList<>();
    private final RandomStream random = new RandomStreams(3).split("ranges");

    private IoptRange range() {
        long first = random.nextInt(200) - 100L;
        long last = first < 0 ? Math.min(first + random.nextInt(9), -1) : first + random.nextInt(9);
        return IoptRange.allowed(world, first, last);
    }

    private void change() {
        if (random.nextInt(5) < 2 && !list.isEmpty()) {
            IoptRange gone = list.remove(random.nextInt(list.size()));
            assertThat(tree.remove(gone)).isTrue();
            assertThat(tree.remove(gone)).isFalse();
        } else {
            IoptRange made = range();
            list.add(made);
            tree.insert(made);
        }
    }

    private void compare() {
        IoptRange window = range();
        List<IoptRange> found = new ArrayList<>();
        for (IoptRange at = tree.first(window.first(), window.last());
                at != null;
                at = tree.next(at, window.first(), window.last())) {
            found.add(at);
        }
        List<IoptRange> expected = new ArrayList<>(list);
        expected.removeIf(r -> !r.overlaps(window.first(), window.last()));
        expected.sort((a, b) -> a.first() != b.first()
                ? Long.compareUnsigned(a.first(), b.first())
                : Long.compare(a.stableId(), b.stableId()));
        assertThat(found).isEqualTo(expected);
        assertThat(tree.size()).isEqualTo(list.size());
        assertThat(tree.isEmpty()).isEqualTo(list.isEmpty());
    }

    @Test
    void shouldFindWhatAListFinds() {
        for (int i = 0; i < 3000; i++) {
            change();
            compare();
        }
    }

    @Test
    void shouldGoBackWithTheWorld() {
        world.startJournaling();
        for (int i = 0; i < 40; i++) {
            change();
        }
        List<IoptRange> before = new ArrayList<>(list);
        long hash = world.hash();
        int mark = world.mark();
        for (int i = 0; i < 40; i++) {
            change();
        }
        assertThat(world.hash()).isNotEqualTo(hash);
        world.undoTo(mark);
        list.clear();
        list.addAll(before);
        compare();
        assertThat(world.hash()).isEqualTo(hash);
    }

    @Test
    void shouldSayTheSameOfTheSameRangesWhateverTheirHistory() {
        world.startJournaling();
        IoptRange first = range();
        IoptRange second = range();
        tree.insert(first);
        long hash = world.hash();
        tree.insert(second);
        tree.remove(second);
        assertThat(world.hash()).isEqualTo(hash);
    }

    @Test
    void shouldVisitTheHolesOfTwoTrees() {
        IntervalTree<IoptRange> other = new IntervalTree<>(world, Variable.named("other"));
        tree.insert(IoptRange.allowed(world, 10, 19));
        tree.insert(IoptRange.allowed(world, 15, 29));
        other.insert(IoptRange.allowed(world, 30, 34));
        other.insert(IoptRange.allowed(world, -5, -1));
        Spans spans = Spans.of(5, -1L, tree, other);
        List<Long> holes = new ArrayList<>();
        while (spans.nextHole()) {
            holes.add(spans.holeFirst());
            holes.add(spans.holeLast());
        }
        assertThat(holes).containsExactly(5L, 9L, 35L, -6L);
        assertThat(Spans.of(12, 33, tree, other).nextHole()).isFalse();
    }
}
