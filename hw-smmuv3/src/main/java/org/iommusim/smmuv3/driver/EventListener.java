package org.iommusim.smmuv3.driver;

/** Hears what the driver would print. It watches and never changes a result. */
public interface EventListener {
    /** Hears nothing. */
    EventListener NONE = new EventListener() {
        @Override
        public void event(String smmu, long w0, long w1, long w2, long w3, String text) {}

        @Override
        public void message(String smmu, String text) {}
    };

    /**
     * The event handler took a record out of the queue.
     *
     * @param smmu name of the SMMU
     * @param text the record in one line
     */
    void event(String smmu, long w0, long w1, long w2, long w3, String text);

    /** The driver has something to say: an error of the command queue, lost events, a timeout. */
    void message(String smmu, String text);
}
