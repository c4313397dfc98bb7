package org.iommusim.scenario.conform;

/**
 * A 64-bit word of memory.
 *
 * @param address multiple of 8
 * @param value little-endian
 */
record MemoryWord(long address, long value) {}
