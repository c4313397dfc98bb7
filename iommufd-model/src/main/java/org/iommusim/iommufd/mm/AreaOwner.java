package org.iommusim.iommufd.mm;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.Identified;

/**
 * Who hears when areas come and go: what a file's mmap hung on them ({@code vm_operations_struct}), and the file itself,
 * which each area holds.
 */
public interface AreaOwner extends Identified {
    /** {@code vm_ops->open}, {@code get_file}: one more area, by a fork or because an unmap left two pieces of one. */
    void open();

    /** {@code vm_ops->close}, {@code fput}: one area fewer; runs as the system call that unmapped it returns. */
    Call<?> close();
}
