/**
 * Campaigns of protocol mutation: which small changes of a kernel's programs does some exploration notice?
 *
 * <p>A {@link org.iommusim.scenario.mutate.MutationCampaign} asks a {@link org.iommusim.scenario.mutate.MutantJudge} for
 * each mutant. The judge explores; the campaign knows nothing of explorations. Judges run on several threads, results
 * come in the order of the mutants, so that nothing depends on the number of threads. Every verdict goes to a {@link
 * org.iommusim.scenario.mutate.MutationJournal} at once; a campaign that was interrupted goes on after the last one.
 */
@NullMarked
package org.iommusim.scenario.mutate;

import org.jspecify.annotations.NullMarked;
