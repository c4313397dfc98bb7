package org.iommusim.sim.program;

/**
 * A program together with the frame that it runs on: what an operation dispatch returns.
 *
 * @param program what to run
 * @param frame its parameters, locals and results
 * @param <F> type of the frame
 */
public record Call<F>(Program<F> program, F frame) {}
