package org.iommusim.hw.pgtable;

import java.util.function.BiFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** The programs that map and unmap ranges, under one vendor's names. Immutable; a vendor has one of them for each library. */
public final class Mapping {
    private final Program<MapPages> map;
    private final Program<UnmapPages> unmap;

    /** Makes the programs. */
    public Mapping(Names names) {
        map = MapPages.program(names);
        unmap = UnmapPages.program(names);
    }

    /** The program of {@link #map}; for listings and patches. */
    public Program<?> mapProgram() {
        return map;
    }

    /** The program of {@link #unmap}. */
    public Program<?> unmapProgram() {
        return unmap;
    }

    /**
     * Maps a range with the largest leaves that fit. On an error nothing of it stays mapped. Errors: ERANGE (not aligned to
     * pages, outside of the table or of what it can point to), EEXIST, ENOMEM.
     *
     * @param protection bits of {@link org.iommusim.hw.driver.PagingDomain}
     * @param storePs price of one store, ps
     * @param undo unmaps (iova, bytes) and invalidates, for the error path
     */
    public Call<?> map(
            World world,
            PageTable table,
            long iova,
            long address,
            long bytes,
            int protection,
            long storePs,
            BiFunction<Long, Long, Call<?>> undo) {
        return new Call<>(map, new MapPages(world, table, iova, address, bytes, protection, storePs, undo));
    }

    /**
     * Unmaps a range. What is not mapped is skipped. Errors: EINVAL (not aligned to pages, outside of the table, a leaf that
     * sticks out of the range).
     *
     * @param storePs price of one store, ps
     * @param gather gets what must be invalidated; {@code null}: nothing, and tables stay
     */
    public Call<?> unmap(World world, PageTable table, long iova, long bytes, long storePs, @Nullable Gather gather) {
        return new Call<>(unmap, new UnmapPages(world, table, iova, bytes, storePs, gather));
    }

    /**
     * What the vendor's kernel code calls the programs and the steps in which they differ.
     *
     * @param map the program that maps
     * @param allocate allocating a table
     * @param install putting a table into its place, by a compare and swap
     * @param leaves writing the leaves of one table
     * @param unmap the program that unmaps
     */
    public record Names(String map, String allocate, String install, String leaves, String unmap) {}
}
