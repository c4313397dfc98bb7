package org.iommusim.iommufd.eventq;

import org.iommusim.iommufd.object.CellList;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** The event queues of a vIOMMU ({@code viommu->veventqs}), one per type, and the semaphore that protects the list. */
public final class VeventqList {
    /** The variable of all lists. */
    public static final Variable VEVENTQS = Variable.named("iommufd.viommu.veventqs");

    private final Lock rwsem;
    private final CellList<Veventq> list;

    /** An empty list. */
    public VeventqList(World world) {
        rwsem = new Lock(world, "veventqs_rwsem", Lock.Kind.RW_SEMAPHORE);
        list = new CellList<>(world, VEVENTQS);
    }

    /** {@code viommu->veventqs_rwsem}. */
    public Lock rwsem() {
        return rwsem;
    }

    /** {@code iommufd_viommu_find_veventq}; under {@link #rwsem}. */
    public @Nullable Veventq find(int type) {
        for (Veventq veventq : list.items()) {
            if (veventq.eventType() == type) {
                return veventq;
            }
        }
        return null;
    }

    /** {@code list_add_tail}; under {@link #rwsem} as a writer. */
    public void add(Veventq veventq) {
        list.add(veventq);
    }

    /** {@code list_del}; under {@link #rwsem} as a writer. */
    void remove(Veventq veventq) {
        list.remove(veventq);
    }
}
