package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.object.ReferenceSink;
import org.jspecify.annotations.Nullable;

/** Whether an address space agrees with itself: while no call is in progress. */
final class IoptAudit {
    private final Ioas ioas;
    private final IoPagetable iopt;
    private final ReferenceSink sink;

    private IoptAudit(Ioas ioas, ReferenceSink sink) {
        this.ioas = ioas;
        iopt = ioas.iopt();
        this.sink = sink;
    }

    /** Tells how much of each count of shared pages is this address space's, and what is wrong with its areas. */
    static void of(Ioas ioas, ReferenceSink sink) {
        IoptAudit audit = new IoptAudit(ioas, sink);
        IoptArea before = null;
        for (IoptArea area = audit.next(null); area != null; area = audit.next(area)) {
            audit.area(area, before);
            before = area;
        }
        if (ioas.iopt().domains().size() != ioas.hwptList().items().size()) {
            audit.wrong("has " + ioas.iopt().domains().size() + " domains but "
                    + ioas.hwptList().items().size() + " HWPTs");
        }
    }

    private @Nullable IoptArea next(@Nullable IoptArea after) {
        return after == null ? iopt.areas().first(0, -1L) : iopt.areas().next(after, 0, -1L);
    }

    private void area(IoptArea area, @Nullable IoptArea before) {
        IoptPages pages = area.pages();
        if (pages == null) {
            wrong("has an area without pages: " + area);
            return;
        }
        if (before != null && before.overlaps(area.first(), area.last())) {
            wrong("has areas that overlap: " + before + " and " + area);
        }
        if (((area.first() | area.length() | area.pageOffset()) & iopt.iovaAlignment() - 1) != 0) {
            wrong("has a misaligned area: " + area);
        }
        if (iopt.reserved().first(area.first(), area.last()) != null) {
            wrong("maps what is reserved: " + area);
        }
        PagingDomain storage = area.storageDomain();
        if (storage == null ? !iopt.domains().isEmpty() : !iopt.domains().contains(storage)) {
            wrong("stores the pages of " + area + " in " + storage + " but has " + iopt.domains());
        }
        sink.share(pages, "references", pages.references(), 1);
        sink.share(pages, "users of accesses", pages.accessUsers(), area.numAccesses());
        sink.share(pages, "areas in domains", pages.domains().size(), storage == null ? 0 : 1);
        String pins = pages.audit();
        if (!pins.isEmpty()) {
            wrong(area + ": " + pins);
        }
    }

    private void wrong(String what) {
        sink.finding(ioas + " " + what);
    }
}
