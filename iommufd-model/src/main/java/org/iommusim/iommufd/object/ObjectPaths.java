package org.iommusim.iommufd.object;

import java.util.List;
import org.iommusim.sim.program.Program;

/** The programs of the object core, for whoever reads them. */
public final class ObjectPaths {
    private ObjectPaths() {}

    /** {@code iommufd_object_abort_and_destroy}. */
    public static List<Program<?>> abort() {
        return List.of(ObjectPrograms.ABORT);
    }

    /** {@code iommufd_object_remove} and what it calls in the core. */
    public static List<Program<?>> remove() {
        return List.of(RemoveProgram.REMOVE, RemoveProgram.DEC_WAIT);
    }

    /** {@code iommufd_fops_release}. */
    public static List<Program<?>> release() {
        return List.of(ReleaseProgram.RELEASE);
    }

    /** Every primitive. */
    public static List<Program<?>> all() {
        return List.of(
                ObjectPrograms.PUT,
                ObjectPrograms.ABORT,
                RemoveProgram.REMOVE,
                RemoveProgram.DEC_WAIT,
                ReleaseProgram.RELEASE);
    }
}
