package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;

/** A translation that masters can be attached to: the kernel's {@code struct iommu_domain}. */
public interface IommuDomain extends Identified {
    /** Kinds of domains. */
    enum Type {
        /** Everything is aborted. */
        BLOCKED,
        /** Everything passes. */
        IDENTITY,
        /** The kernel's own tables. */
        PAGING,
        /** User space's stage-1 tables over a paging domain. */
        NESTED
    }

    /** The domain's kind. */
    Type type();

    /**
     * {@code cache_invalidate_user}: carries out an array of invalidations of a nested domain. Errors: EOPNOTSUPP, EINVAL,
     * EFAULT, E2BIG.
     *
     * @param done gets the number of entries handled, also on an error
     */
    default Call<?> cacheInvalidateUser(UserDataArray array, IntCell done) {
        return Unsupported.call(done.world());
    }

    /** Name for humans, e.g. {@code smmu0 s2 vmid 1}. */
    String name();
}
