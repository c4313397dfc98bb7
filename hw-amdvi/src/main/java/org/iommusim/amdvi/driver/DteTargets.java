package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Dte;

/** The entries that the driver makes, but for what they say of interrupts ({@code set_dte_entry}, {@code set_dte_nested}). */
final class DteTargets {
    /** Levels of the guest tables that the kernel makes. */
    private static final int GUEST_LEVELS = 4;

    private DteTargets() {}

    /** {@code amd_iommu_make_clear_dte}: everything is aborted. An entry is always valid: without V everything would pass. */
    static long[] clear() {
        return new long[] {Dte.V.mask(), 0, 0, 0};
    }

    /** Everything passes. */
    static long[] identity(DevData dev) {
        return withAts(dev, Dte.passThrough(AmdIommu.IDENTITY_DOMAIN));
    }

    /** A domain with tables of the kernel. */
    static long[] paging(DevData dev, AmdPaging domain) {
        return domain.v2() ? gcr3(dev) : host(dev, domain, domain.domainId());
    }

    /** {@code amd_iommu_set_dte_v1}. */
    private static long[] host(DevData dev, AmdPaging domain, int domainId) {
        return withAts(dev, Dte.host(domain.table().root(), domain.levels(), domainId));
    }

    /** {@code set_dte_gcr3_table}: guest tables only, for requests with and without a PASID. */
    private static long[] gcr3(DevData dev) {
        long[] words = withAts(dev, Dte.passThrough(dev.gcr3DomainId.get()));
        Dte.putGuest(words, dev.gcr3Table.get(), Gcr3Tables.levels(dev.iommu()), GUEST_LEVELS);
        Dte.GIOV.put(words, 1);
        Dte.PPR.put(words, dev.ppr.get());
        Dte.GPRP.put(words, dev.ppr.get());
        return words;
    }

    /** {@code set_dte_nested}: the parent's host tables, and what the guest says of its own. */
    static long[] nested(DevData dev, AmdNested domain) {
        long[] words = host(dev, domain.viommu().parent(), domain.hostDomainId());
        domain.guest().addTo(words);
        return words;
    }

    private static long[] withAts(DevData dev, long[] words) {
        Dte.I.put(words, dev.atsEnabled() ? 1 : 0);
        return words;
    }
}
