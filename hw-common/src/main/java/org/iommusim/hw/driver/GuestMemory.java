package org.iommusim.hw.driver;

import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Variable;

/**
 * A guest's physical memory, as its CPUs see it. Addresses are guest physical addresses; an access outside of it is an
 * error of the scenario.
 */
public interface GuestMemory {
    /** What the methods touch, for the footprints of a guest driver's steps. */
    Footprint ACCESS = Footprint.of(
            Variable.named("guest.memslots"),
            Variable.named("guest.pages"),
            Variable.named("mm.vma"),
            Variable.named("memory.word"),
            Variable.named("memory.page"));

    /** Reads an aligned 64-bit word. */
    long read64(long guestPhysical);

    /** Writes an aligned 64-bit word. */
    void write64(long guestPhysical, long value);

    /** One zeroed guest page for a table or queue; its guest physical address. The lowest free one. */
    long allocatePage();

    /** A run of zeroed guest pages, aligned to {@code alignPages}. */
    long allocatePages(int count, int alignPages);

    /** Gives a run back. */
    void freePages(long guestPhysical, int count);
}
