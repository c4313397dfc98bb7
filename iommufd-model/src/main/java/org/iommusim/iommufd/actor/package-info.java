/**
 * Who acts: VMM processes, guests and the host, each with a script of steps.
 *
 * <p>What a script can say is data: a {@link org.iommusim.iommufd.actor.Verb} names a step, its fields and the program that
 * it becomes. The scenario language, its schema and its manual are made from the verbs, so that they cannot disagree. An
 * {@link org.iommusim.iommufd.actor.Actor} runs its steps one behind the other on a task of its own; actors meet only
 * through the machine, and through labels that one sets and another waits for. A VMM's further threads are {@link
 * org.iommusim.iommufd.actor.ThreadActor}s, which share all that a process shares.
 *
 * <p>A VMM does what stands in its script, with one exception: {@link org.iommusim.iommufd.actor.FollowEntry} runs on a vCPU
 * whenever the guest's driver says that a configuration entry has changed, if the script asked for it. That is a program
 * like the kernel's, so that VMMs can have known bugs, too.
 *
 * <p>What happens is told to a {@link org.iommusim.iommufd.actor.RunListener}, in the order of simulated time.
 */
@NullMarked
package org.iommusim.iommufd.actor;

import org.jspecify.annotations.NullMarked;
