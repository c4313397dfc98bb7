package org.iommusim.iommufd.pt;

import java.util.Arrays;

/** Pages of a source that are pinned, with what is behind each: page numbers first to last. Immutable. */
final class PinnedRun implements Ranged {
    private final long first;
    private final long[] frames;
    private final long id;

    PinnedRun(long first, long[] frames, long id) {
        this.first = first;
        this.frames = frames;
        this.id = id;
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long last() {
        return first + frames.length - 1;
    }

    /** Physical address of a page of the run. */
    long frame(long index) {
        return frames[(int) (index - first)];
    }

    /** Physical addresses of some of its pages. */
    long[] frames(long from, long to) {
        return Arrays.copyOfRange(frames, (int) (from - first), (int) (to - first) + 1);
    }

    @Override
    public long stableId() {
        return id;
    }
}
