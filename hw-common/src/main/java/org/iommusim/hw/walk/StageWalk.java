package org.iommusim.hw.walk;

import org.iommusim.hw.dma.Station;
import org.jspecify.annotations.Nullable;

/** The engine's side of one stage of one walk. */
final class StageWalk {
    private static final int MOST_LEVELS = 8;

    final int stage;
    final Station readStation;
    final WalkState state = new WalkState();
    /** Level numbers by height above the last level, up to the start level. */
    final int[] levels = new int[MOST_LEVELS];
    /** The format that these are of. */
    private @Nullable TableFormat laidOutFor;
    /** Height of the start level. */
    int top;
    /** Height that is looked up in the walk cache. */
    int search;
    /** Height of the entry that is read. */
    int reading;
    /** The stage's leaf came out of the walk cache. */
    boolean leafWasCached;
    /** log2 of the page that a leaf out of the walk cache is a part of. */
    int ownShift;
    /** The walk went on from a cached pointer, so the table's address in the stage's own space is not known. */
    boolean resumed;
    /** Physical address of the entry that is read. */
    long physical;
    /** The entry's table may be written (accessed and dirty flags). */
    boolean tableWritable;
    /** The word that was read last. */
    long word;

    StageWalk(int stage, Station readStation) {
        this.stage = stage;
        this.readStation = readStation;
    }

    TableFormat format() {
        TableFormat format = state.parameters.format;
        if (format == null) {
            throw new IllegalStateException("stage " + stage + " does not translate");
        }
        return format;
    }

    /** Works out the levels below the start level, which the format has just set. */
    void layLevels() {
        TableFormat format = format();
        // Nearly every walk has the format and start level of the one before it.
        if (format != laidOutFor || levels[top] != state.level) {
            layOut(format);
        }
        search = 0;
        reading = top;
        leafWasCached = false;
    }

    private void layOut(TableFormat format) {
        laidOutFor = format;
        int last = format.lastLevel();
        top = 0;
        for (int level = state.level; level != last; level = format.nextLevel(level)) {
            top++;
        }
        int level = state.level;
        for (int height = top; height >= 0; height--) {
            levels[height] = level;
            level = height == 0 ? level : format.nextLevel(level);
        }
    }

    /** Physical address of the entry that is to be updated. */
    long updateTarget() {
        return physical + (state.updateAddress - state.readAddress);
    }

    /** Stage 2 allows the update: the entry is at this physical address. */
    void mayUpdateAt(long target) {
        physical = target - (state.updateAddress - state.readAddress);
        tableWritable = true;
    }

    /**
     * The format has gone down to the table of its level, past levels that an entry leaves out. So the pointer to it is kept
     * among those to tables of that level, for as much as such a table covers.
     */
    void reachLevel() {
        do {
            reading--;
        } while (levels[reading] != state.level);
    }

    int coverShift(int height) {
        return format().levelShift(state.parameters, levels[height]);
    }
}
