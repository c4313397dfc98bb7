package org.iommusim.hw.contract;

import java.util.List;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;

/** Where the hardware records page requests, and what software does there. */
public interface PageRequests {
    /** How many records there is room for. */
    int room();

    /** Takes all records, the oldest first, and gives their places back. */
    List<PageRequest> take();

    /** Puts the answer to a group into the command queue. */
    void respond(int function, int pasid, int group, PageResponse response);

    /** True if the hardware says that it could not record a request. */
    boolean overflowed();

    /** What software does so that requests are recorded again after that, all records being taken. */
    void recover();
}
