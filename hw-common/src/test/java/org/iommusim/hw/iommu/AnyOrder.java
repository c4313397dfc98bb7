package org.iommusim.hw.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.explore.SimulationSubject;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.world.PlainState;

/**
 * Takes the steps of a machine whose interleavings are explored, in a random order, until there is none left. On the way it
 * takes some of them back and does them again: what comes of them must be the same, and what is left of them nothing.
 */
public final class AnyOrder {
    private static final int MOST_BACK = 10;

    private final SimulationSubject subject;

    /**
     * Begins where the machine is. Whatever is made on the way, such as places at ports, cannot be taken back: it has to be
     * there by now.
     *
     * @param bed what holds the machine's objects
     * @param vendor a class of the package whose objects are hardware, besides those of hw-common
     */
    public AnyOrder(Simulation sim, Object bed, Class<?> vendor) {
        String prefix = vendor.getPackageName() + ".";
        subject = new SimulationSubject(
                sim,
                SimulationSubject.Judge.of(List::of, violation -> false),
                0,
                new PlainState(List.of(bed), type -> isHardware(type.getName(), prefix)));
    }

    private static boolean isHardware(String name, String vendor) {
        return name.startsWith(vendor)
                || name.startsWith("org.iommusim.hw.") && !name.startsWith("org.iommusim.hw.provider.")
                || name.startsWith("org.iommusim.sim.resource.")
                || name.startsWith(MemoryPort.class.getName());
    }

    /** Goes on to the end. */
    public void go(Gen gen) {
        for (int lane = lane(gen); lane >= 0; lane = lane(gen)) {
            if (gen.oneIn(4)) {
                thereAndBack(gen);
            }
            step(lane);
        }
    }

    private int lane(Gen gen) {
        int[] lanes = new int[subject.lanes()];
        int count = subject.enabled(lanes);
        return count == 0 ? -1 : lanes[gen.below(count)];
    }

    private String fingerprint() {
        return Long.toHexString(subject.fingerprintHigh()) + Long.toHexString(subject.fingerprintLow());
    }

    private void step(int lane) {
        assertThat(subject.step(lane)).as("%s", subject.violations()).isTrue();
    }

    private void thereAndBack(Gen gen) {
        int mark = subject.mark();
        String here = fingerprint();
        List<Integer> way = new ArrayList<>();
        for (int lane = lane(gen); lane >= 0 && way.size() < MOST_BACK; lane = lane(gen)) {
            way.add(lane);
            step(lane);
        }
        String there = fingerprint();
        subject.undoTo(mark);
        assertThat(fingerprint()).isEqualTo(here);
        way.forEach(this::step);
        assertThat(fingerprint()).isEqualTo(there);
        subject.undoTo(mark);
        assertThat(fingerprint()).isEqualTo(here);
    }
}
