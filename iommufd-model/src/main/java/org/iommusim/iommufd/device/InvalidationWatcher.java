package org.iommusim.iommufd.device;

/** What checkers hear of a user's arrays of invalidations; they watch and never change a result. */
public interface InvalidationWatcher {
    /** A driver has carried out the array's entries up to this one, and the hardware has said so. */
    void carriedOut(int entries);

    /** The kernel answers that so many entries were handled; the array is done with. */
    void answers(int entries);
}
