/**
 * Software as data: kernel paths, VMM threads and guest drivers as programs of named atomic steps.
 *
 * <p>A {@link org.iommusim.sim.program.Program} is an immutable list of instructions over a frame type. Its builder
 * reads like the kernel source that it models: {@code check}, {@code step}, {@code take} (an acquisition with its undo),
 * {@code lock}, {@code await}, {@code invoke} (call or operation dispatch), {@code branch}, {@code loop}. Each
 * instruction has an id that is stable across runs and unique within its program.
 *
 * <p>A {@link org.iommusim.sim.program.Task} runs a program on a lane: each instruction is one event, takes the time
 * that the {@link org.iommusim.sim.program.HostCosts} ask for and then happens atomically. Whatever other lanes do
 * happens between instructions, never inside one.
 *
 * <p>Failure: a step that answers an error (a negative errno) starts the unwind: every undo that the activation has
 * collected runs as a step of its own, newest first. A program whose kernel original unwinds in another order wraps its
 * body in {@code guarded} and spells out the ladder. On success only the undos marked {@code always} run.
 *
 * <p>Because programs are data they can be changed from outside: a {@link org.iommusim.sim.program.ProgramPatch} leaves out
 * a lock, moves a step, replaces a body. A simulation applies its patches where a task starts the program ({@link
 * org.iommusim.sim.program.PatchedPrograms}); without patches that costs one comparison with {@code null}.
 *
 * <p>Mutable state of a frame lives in cells ({@link org.iommusim.sim.program.Frame}), and so do program counters, undo
 * lists, lock words and sleepers, so that an exploration can take a task back.
 *
 * <p>{@link org.iommusim.sim.program.Checkers} hears of steps, locks, sleeps and ends, and passes each kind of news to those
 * who want it: checkers, which remember what they must in cells, and listeners.
 */
@NullMarked
package org.iommusim.sim.program;

import org.jspecify.annotations.NullMarked;
