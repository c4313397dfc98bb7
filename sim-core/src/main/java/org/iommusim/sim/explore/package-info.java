/**
 * Exploration: finds the interleaving that breaks something, or shows that within stated bounds there is none.
 *
 * <h2>Who knows what</h2>
 *
 * <p>A {@link org.iommusim.sim.explore.Subject} is the system: lanes that each have a next transition or none, and a state
 * that can be taken back. An {@link org.iommusim.sim.explore.Engine} knows nothing else. It gets a supplier of subjects that
 * are all alike, {@link org.iommusim.sim.explore.Bounds} and an {@link org.iommusim.sim.explore.ExploreProgress} that listens
 * and may stop it, and answers an {@link org.iommusim.sim.explore.Exploration}. {@link
 * org.iommusim.sim.explore.SimulationSubject} makes a subject of a simulation; parts of it that keep plain fields are copied
 * and put back by a {@link org.iommusim.sim.world.PlainState}.
 *
 * <h2>What a result claims</h2>
 *
 * <p>A preemption is to leave a lane that is still enabled. A counterexample is a list of lanes; of all within the bounds it
 * is the least by preemptions, then transitions, then lexicographic order of the lanes ({@link
 * org.iommusim.sim.explore.Counterexample#LEAST_FIRST}). No two schedules are equal in this order, so there is nothing left
 * to choose by the number of actors: between two schedules with as many preemptions and transitions, the lower lanes win.
 *
 * <p>{@code exhaustive} is claimed only for the combinations of engine, reduction and bound that {@link
 * org.iommusim.sim.explore.ProvenCombination} lists, each with the differential test that compares it with the plainest
 * search. {@link org.iommusim.sim.explore.Exploration} refuses to be made otherwise.
 *
 * <h2>The stateful engine</h2>
 *
 * <p>{@link org.iommusim.sim.explore.StatefulSearch} joins schedules that meet in one state. It needs a fingerprint that
 * covers everything that matters for what can still happen or be found, checkers included, and whose bits are well mixed. It
 * is the only engine for state spaces with cycles.
 *
 * <ul>
 *   <li>{@link org.iommusim.sim.explore.LevelPlan}: the order of levels. A try of everything first, then at most 0, 1, 2, ...
 *       preemptions, so that the first violation has the fewest.
 *   <li>{@link org.iommusim.sim.explore.LevelSearch} and its {@link org.iommusim.sim.explore.LevelWorker}s: one level, depth
 *       first, until everything has been visited or anything violates. Preemptions not counted, a state is expanded once.
 *       Counted, what can follow also depends on the lane that may go on for nothing and on the preemptions left: a state
 *       is kept once for each such lane, with the most preemptions left, and is expanded again if it is reached with more.
 *   <li>{@link org.iommusim.sim.explore.LeastSearch}: the least schedule of the first level that violates, by branch and
 *       bound in lexicographic order, on one thread.
 *   <li>{@link org.iommusim.sim.explore.ScheduleCount}: how many schedules the visited states of a safe subject stand for.
 *   <li>{@link org.iommusim.sim.explore.VisitedTable}: 128-bit fingerprints in open addressing. Eight bits choose the
 *       segment and need not be stored, so an entry of 16 bytes has room for the preemptions left.
 *   <li>{@link org.iommusim.sim.explore.Checkpoint}: the visited states and the open work in a file.
 * </ul>
 *
 * <p>Workers share the table and hand each other work as {@link org.iommusim.sim.explore.SearchTask}s: the lanes to a state
 * and those still to be run there. Whichever worker reaches a state first expands it; that it is expanded, and what leaves
 * it, does not depend on who it was. So totals of a level that was searched to its end are the same for any number of
 * workers. Those of a level that violates are not reported, because it ended early; the counts of a result with a
 * counterexample are those of the search for the least.
 *
 * <p>Symmetry ({@link org.iommusim.sim.explore.SymmetricSubject}) joins states that swaps of like lanes turn into each other,
 * the lane that may go on included. Of the schedules that swaps turn into each other the one that is first in lexicographic
 * order is kept, so the least counterexample is the same with and without. Of a subject that does not know what its lanes
 * own, {@link org.iommusim.sim.explore.MirroredSubject} makes one by driving an instance for each way to swap them.
 *
 * <h2>The stateless engines</h2>
 *
 * <p>They drive schedules over a subject through a {@link org.iommusim.sim.explore.Cursor} and keep no states. A {@link
 * org.iommusim.sim.explore.Team} of workers has one subject each.
 *
 * <ul>
 *   <li>{@link org.iommusim.sim.explore.NaiveSearch}: every schedule. The judge of the others.
 *   <li>{@link org.iommusim.sim.explore.SourceDpor}: one schedule of each Mazurkiewicz trace. {@link
 *       org.iommusim.sim.explore.AccessHistory} finds on which transitions a new one depends, {@link
 *       org.iommusim.sim.explore.HappensBefore} keeps their order as vector clocks, {@link
 *       org.iommusim.sim.explore.SleepSets} what needs not run because it did from an earlier node; {@link
 *       org.iommusim.sim.explore.DporWalk} says what is added to the textbook and why. Workers part at {@link
 *       org.iommusim.sim.explore.DporNode}s: which lanes are to be run at a node is known only once all below it has been
 *       searched, but what a part of the tree asks for follows from the way to it alone, and is answered in the order in
 *       which one worker would have met it. So the tree is the same for any number of workers.
 *   <li>{@link org.iommusim.sim.explore.RandomSchedules}: samples, by {@link org.iommusim.sim.explore.WalkPicker}, {@link
 *       org.iommusim.sim.explore.PctPicker} or {@link org.iommusim.sim.explore.PosPicker}; in {@link
 *       org.iommusim.sim.explore.RandomBatches} that do not depend on each other and are added up in order. {@link
 *       org.iommusim.sim.explore.TraceEstimate} guesses of how many traces.
 * </ul>
 *
 * <p>{@link org.iommusim.sim.explore.TraceHash} names a trace. It shares no decision with the reduction, so tests compare the
 * sets of traces of two searches by it: bugs of a reduction lose traces, and find every seeded bug all the same. The
 * differential tests run random programs with locks, wait queues, timers and a device against the naive search, as packed
 * states and as simulations, and kernels against the stateful one.
 *
 * <p>A transition here is atomic but may touch several variables, and which ones may depend on what it reads. That is more
 * than reductions usually allow for. Independence is judged by what the two transitions touched where they ran, which is
 * enough for sleep sets; for source sets see {@link org.iommusim.sim.explore.DporWalk}.
 */
@NullMarked
package org.iommusim.sim.explore;

import org.jspecify.annotations.NullMarked;
