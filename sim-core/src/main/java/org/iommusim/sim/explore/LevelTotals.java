package org.iommusim.sim.explore;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What a search of one level has counted. */
final class LevelTotals {
    /** Different states, or in a bounded search different pairs of a state and the lane that may go on in it. */
    long states;

    /** Transitions between them. */
    long transitions;

    /** Different states in which nothing is enabled. */
    long ends;

    /** Transitions that were run, repeated ones as well. */
    long steps;

    /** True if a schedule was cut because it is too long. */
    boolean cut;

    void add(LevelTotals other) {
        states += other.states;
        transitions += other.transitions;
        ends += other.ends;
        steps += other.steps;
        cut |= other.cut;
    }

    void save(DataOutputStream out) throws IOException {
        out.writeLong(states);
        out.writeLong(transitions);
        out.writeLong(ends);
        out.writeLong(steps);
        out.writeBoolean(cut);
    }

    static LevelTotals load(DataInputStream in) throws IOException {
        LevelTotals totals = new LevelTotals();
        totals.states = in.readLong();
        totals.transitions = in.readLong();
        totals.ends = in.readLong();
        totals.steps = in.readLong();
        totals.cut = in.readBoolean();
        return totals;
    }
}
