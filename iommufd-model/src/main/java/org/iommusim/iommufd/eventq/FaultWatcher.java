package org.iommusim.iommufd.eventq;

/** What checkers hear of groups of page requests; they watch and never change a result. */
public interface FaultWatcher {
    /** The last request of a group has arrived: the device waits for an answer. */
    void formed(IopfGroup group);

    /** A group is answered. */
    void answered(IopfGroup group);
}
