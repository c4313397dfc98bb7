package org.iommusim.sim.explore;

import java.util.List;

/**
 * A search that was stopped half-way.
 *
 * @param position which levels are done
 * @param preemptions the level that was being searched
 * @param totals what it has counted so far
 * @param tasks what is still to be searched
 * @param visited what has been visited
 */
record SavedSearch(
        LevelPosition position, int preemptions, LevelTotals totals, List<SearchTask> tasks, VisitedTable visited) {}
