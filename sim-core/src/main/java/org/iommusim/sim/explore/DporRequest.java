package org.iommusim.sim.explore;

/**
 * Lanes that have to be run at a node, because of a race below it.
 *
 * @param depth of the node
 * @param lanes to be run
 * @param unless nothing needs to be run if any of these is already; 0 if it needs in any case
 */
record DporRequest(int depth, long lanes, long unless) {}
