package org.iommusim.smmuv3.driver;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct arm_smmu_master_domain}: a stream whose translations carry a domain's tag. Immutable; a domain's devices are
 * a list of them. During an attach a stream is in the lists of both domains, so that the invalidations of both reach it.
 *
 * @param master whose stream it is
 * @param nestedAtsFlush the domain is stage 2 below a guest's stage 1, and the device may ask for translations
 * @param next the rest of the list
 */
record MasterDomain(
        Smmuv3Master master,
        boolean nestedAtsFlush,
        @Nullable MasterDomain next) implements Identified {
    /** A list with one more. */
    static void add(RefCell<MasterDomain> list, Smmuv3Master master, boolean nestedAtsFlush) {
        list.set(new MasterDomain(master, nestedAtsFlush, list.get()));
    }

    /** A list without one such entry. */
    static void remove(RefCell<MasterDomain> list, Smmuv3Master master, boolean nestedAtsFlush) {
        list.set(without(list.get(), master, nestedAtsFlush));
    }

    private static @Nullable MasterDomain without(
            @Nullable MasterDomain list, Smmuv3Master master, boolean nestedAtsFlush) {
        if (list == null || list.master == master && list.nestedAtsFlush == nestedAtsFlush) {
            return list == null ? null : list.next;
        }
        return new MasterDomain(list.master, list.nestedAtsFlush, without(list.next, master, nestedAtsFlush));
    }

    /** How many there are. */
    static int count(@Nullable MasterDomain list) {
        int count = 0;
        for (MasterDomain d = list; d != null; d = d.next) {
            count++;
        }
        return count;
    }

    @Override
    public long stableId() {
        long rest = next == null ? 7 : next.stableId();
        return rest * 1_000_003 + master.stableId() * 2 + (nestedAtsFlush ? 1 : 0);
    }
}
