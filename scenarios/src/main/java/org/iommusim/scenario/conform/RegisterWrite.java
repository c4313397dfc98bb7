package org.iommusim.scenario.conform;

/**
 * A write to a register.
 *
 * @param offset inside the register block
 * @param bytes 4 or 8
 * @param value what is written
 */
record RegisterWrite(long offset, int bytes, long value) {}
