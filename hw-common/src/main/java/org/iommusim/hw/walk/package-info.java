/**
 * Page-table walks: pure formats and one timed engine.
 *
 * <p>A {@link org.iommusim.hw.walk.TableFormat} is a stateless singleton. It works on a {@link
 * org.iommusim.hw.walk.WalkState} that the walk slot owns and answers what to do next: read a descriptor, update one
 * (accessed and dirty bits), take the leaf, or fault. It knows no time, no memory and no other stage. Whether permissions are
 * judged at every level or at the leaf is the format's business; so is whether entries above the leaf are updated, too.
 *
 * <p>The walk engine drives any stage-1 format over any stage-2 format: it issues every read through a timed memory port,
 * runs the address of a stage-1 descriptor through stage 2 first, consults and fills the walk caches and, if there is one,
 * the cache of stage-2 results, and books every tick of a request to exactly one station. There is no second,
 * functional-only path. If its owner asks for it, walks that need the same entry at the same time read it once; who joins a
 * read that is under way gets the word as it is when it arrives, so nobody sees a word that is older than the question.
 */
@NullMarked
package org.iommusim.hw.walk;

import org.jspecify.annotations.NullMarked;
