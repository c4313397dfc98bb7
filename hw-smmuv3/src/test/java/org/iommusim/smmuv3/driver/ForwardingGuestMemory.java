package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.GuestMemory;

/** A guest's memory that asks another one; tests change what they are about. */
class ForwardingGuestMemory implements GuestMemory {
    private final GuestMemory to;

    ForwardingGuestMemory(GuestMemory to) {
        this.to = to;
    }

    @Override
    public long read64(long guestPhysical) {
        return to.read64(guestPhysical);
    }

    @Override
    public void write64(long guestPhysical, long value) {
        to.write64(guestPhysical, value);
    }

    @Override
    public long allocatePage() {
        return to.allocatePage();
    }

    @Override
    public long allocatePages(int count, int alignPages) {
        return to.allocatePages(count, alignPages);
    }

    @Override
    public void freePages(long guestPhysical, int count) {
        to.freePages(guestPhysical, count);
    }
}
