package org.iommusim.iommufd.object;

/** Hears of the kernel's objects and devices; it never changes a result. */
public interface KernelListener {
    /** A listener that ignores everything. */
    KernelListener NONE = new KernelListener() {
        @Override
        public boolean listens() {
            return false;
        }
    };

    /** False if nothing needs to be put into words. */
    default boolean listens() {
        return true;
    }

    /**
     * An object changed.
     *
     * @param change {@code reserved}, {@code created}, {@code destroyed}, {@code aborted}, {@code tombstone}
     * @param detail what it hangs on, in words
     */
    default void objectChanged(String context, ObjectType type, int id, String change, String detail) {}

    /** A device was plugged, removed, bound, unbound, attached or detached. */
    default void deviceChanged(String device, String change) {}
}
