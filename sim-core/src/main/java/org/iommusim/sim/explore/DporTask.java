package org.iommusim.sim.explore;

import java.util.List;

/**
 * A part of the tree as the worker that takes it must know it: for each depth above it which lane leads on, which were run
 * before that one, and which others are known to be run as well.
 *
 * @param child what is to be run
 * @param elders by depth, the numbers of the lanes that were run before
 * @param lanes by depth, the number of the lane that leads on
 * @param known by depth, the set of lanes that are run there
 */
record DporTask(DporChild child, int[][] elders, int[] lanes, long[] known) {

    /** Looks up from a child to the root; only the {@link DporSearch} may. */
    static DporTask of(DporChild child) {
        DporNode node = child.node;
        int depths = node == null ? 0 : node.depth() + 1;
        DporTask task = new DporTask(child, new int[depths][], new int[depths], new long[depths]);
        DporChild at = child;
        while (at.node != null) {
            task.add(at.node, at);
            at = at.node.parent();
        }
        return task;
    }

    private void add(DporNode node, DporChild child) {
        List<DporChild> siblings = node.children();
        int depth = node.depth();
        elders[depth] = siblings.stream()
                .limit(child.index)
                .mapToInt(elder -> elder.lane)
                .toArray();
        lanes[depth] = child.lane;
        for (DporChild sibling : siblings) {
            known[depth] |= 1L << sibling.lane;
        }
    }
}
