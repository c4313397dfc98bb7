package org.iommusim.sim.explore;

import org.iommusim.sim.random.RandomStream;

/** Every enabled lane is as likely as any other. Finds what many schedules show; bugs of few schedules seldom. */
final class WalkPicker implements SchedulePicker {
    private final RandomStream random;

    WalkPicker(RandomStream random) {
        this.random = random;
    }

    @Override
    public void begin(int longest) {
        // nothing is kept from one transition to the next
    }

    @Override
    public int pick(int[] enabled, int count, int depth) {
        return enabled[random.nextInt(count)];
    }

    @Override
    public void ran(int lane, Accesses touched) {
        // every step is a new draw
    }
}
