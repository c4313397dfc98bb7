package org.iommusim.iommufd.object;

/** What checkers hear of objects, in the step in which it happens; they watch and never change a result. */
public interface ObjectWatcher {
    /** An object was published at its id: user space can find it. */
    default void published(IommufdObject object) {}

    /** An object was taken out of the object array: nobody can find it any more. */
    default void unlinked(IommufdObject object, Removal how) {}

    /** A removal by id answers EBUSY. */
    default void busy(IommufdObject object) {}

    /** A removal that must not fail fails. */
    default void failed(IommufdObject object, int errno) {}

    /** A caller of an ioctl on this context sleeps for a page of its own memory. */
    default void sleepsForUserPage(IommufdCtx ctx) {}
}
