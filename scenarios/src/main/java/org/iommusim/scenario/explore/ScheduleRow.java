package org.iommusim.scenario.explore;

import java.util.List;

/**
 * One transition of a schedule, and how the lanes stand after it.
 *
 * @param number counted from 1
 * @param lane index among the lanes of the schedule
 * @param lines what it did, in order; empty if it shows nothing
 * @param locks for each lane of the schedule, the locks that it holds, the oldest first
 * @param waits for each lane of the schedule, the lock that it waits for, or empty
 * @param woken lanes of the schedule that were given something to do
 */
public record ScheduleRow(
        int number,
        int lane,
        List<ScheduleLine> lines,
        List<List<String>> locks,
        List<String> waits,
        List<Integer> woken) {
    /** Copies the lists. */
    public ScheduleRow {
        lines = List.copyOf(lines);
        locks = locks.stream().map(List::copyOf).toList();
        waits = List.copyOf(waits);
        woken = List.copyOf(woken);
    }
}
