package org.iommusim.iommufd.pt;

import java.util.List;
import org.iommusim.sim.world.Identified;

/** Slices of pages that get addresses one behind the other. */
record PagesList(List<PagesSlice> slices) implements Identified {
    PagesList {
        slices = List.copyOf(slices);
    }

    /** Bytes of all slices. */
    long length() {
        long sum = 0;
        for (PagesSlice slice : slices) {
            sum += slice.length();
        }
        return sum;
    }

    @Override
    public long stableId() {
        return slices.get(0).stableId();
    }
}
