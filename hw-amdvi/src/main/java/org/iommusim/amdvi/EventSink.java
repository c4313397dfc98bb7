package org.iommusim.amdvi;

/** Where records of events go: the event log. Whoever calls has applied what a device table entry says of silence. */
interface EventSink {
    /** Writes a record, if the log takes records: {@link org.iommusim.amdvi.spec.Event}. */
    void record(long w0, long w1);
}
