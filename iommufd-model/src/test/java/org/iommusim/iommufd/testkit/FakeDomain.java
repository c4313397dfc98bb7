package org.iommusim.iommufd.testkit;

import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.program.Call;

/** A domain that keeps its maps, 4 KiB pages, in a Java map; what was unmapped stays translated until the next sync. */
final class FakeDomain implements PagingDomain {
    private final FakeDriver driver;
    private final Type type;
    private final String name;
    private final boolean nestParent;
    private final long id;
    final TreeMap<Long, Long> pages = new TreeMap<>();
    final TreeMap<Long, Long> stale = new TreeMap<>();

    FakeDomain(FakeDriver driver, Type type, String name, boolean nestParent) {
        this.driver = driver;
        this.type = type;
        this.name = name;
        this.nestParent = nestParent;
        id = driver.world().nextInstance();
    }

    @Override
    public Type type() {
        return type;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long pageSizes() {
        return 0x201000;
    }

    @Override
    public long apertureStart() {
        return 0;
    }

    @Override
    public long apertureEnd() {
        return (1L << 39) - 1;
    }

    @Override
    public boolean nestParent() {
        return nestParent;
    }

    @Override
    public Call<?> mapPages(long iova, long physicalAddress, long bytes, int protection) {
        return driver.operation("map_pages", () -> {
            for (long at = 0; at < bytes; at += 4096) {
                if (pages.containsKey(iova + at)) {
                    return Errno.EEXIST;
                }
            }
            for (long at = 0; at < bytes; at += 4096) {
                pages.put(iova + at, physicalAddress + at);
            }
            return 0;
        });
    }

    @Override
    public Call<?> unmapPages(long iova, long bytes) {
        return driver.operation("unmap_pages", () -> {
            for (long at = 0; at < bytes; at += 4096) {
                Long physical = pages.remove(iova + at);
                if (physical != null) {
                    stale.put(iova + at, physical);
                }
            }
            return 0;
        });
    }

    @Override
    public Call<?> iotlbSync() {
        return driver.operation("iotlb_sync", () -> {
            stale.clear();
            return 0;
        });
    }

    @Override
    public long iovaToPhys(long iova) {
        Long page = pages.get(iova & -4096L);
        if (page == null) {
            page = stale.get(iova & -4096L);
        }
        return page == null ? -1 : page + (iova & 4095);
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return name;
    }
}
