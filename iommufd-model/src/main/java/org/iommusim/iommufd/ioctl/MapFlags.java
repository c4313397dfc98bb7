package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.IoptMapSource;
import org.iommusim.sim.world.LongCell;

/** The flags that IOMMU_IOAS_MAP, IOMMU_IOAS_MAP_FILE and IOMMU_IOAS_COPY share. */
final class MapFlags {
    /** {@code IOMMU_IOAS_MAP_FIXED_IOVA}. */
    static final int FIXED_IOVA = 1;
    /** {@code IOMMU_IOAS_MAP_WRITEABLE}. */
    static final int WRITEABLE = 2;
    /** {@code IOMMU_IOAS_MAP_READABLE}. */
    static final int READABLE = 4;

    private MapFlags() {}

    /** True if a command has no other flags. */
    static boolean known(Ucmd ucmd) {
        return (ucmd.u32("flags") & ~(FIXED_IOVA | WRITEABLE | READABLE)) == 0;
    }

    /** True if user space says where. */
    static boolean fixed(Ucmd ucmd) {
        return (ucmd.u32("flags") & FIXED_IOVA) != 0;
    }

    /** {@code conv_iommu_prot}: bits of {@link PagingDomain}. */
    static int protection(Ucmd ucmd) {
        int flags = ucmd.u32("flags");
        return ((flags & READABLE) != 0 ? PagingDomain.PROT_READ : 0)
                | ((flags & WRITEABLE) != 0 ? PagingDomain.PROT_WRITE : 0);
    }

    /** The flags of a map with this protection. */
    static int of(int protection, boolean fixed) {
        return ((protection & PagingDomain.PROT_READ) != 0 ? READABLE : 0)
                | ((protection & PagingDomain.PROT_WRITE) != 0 ? WRITEABLE : 0)
                | (fixed ? FIXED_IOVA : 0);
    }

    /** What a command wants to be mapped, and who pays: nobody's limit counts if the caller has CAP_IPC_LOCK. */
    static IoptMapSource.Request request(Ucmd ucmd, long length, LongCell iova) {
        Process process = ucmd.process();
        return new IoptMapSource.Request(
                length, protection(ucmd), fixed(ucmd), iova, process.payer(), account(ucmd.ctx(), process));
    }

    /** {@code account_mode} of a new map. */
    static AccountMode account(IommufdCtx ctx, Process process) {
        if (process.capable()) {
            return AccountMode.NONE;
        }
        return ctx.accountByMm() ? AccountMode.MM : AccountMode.USER;
    }
}
