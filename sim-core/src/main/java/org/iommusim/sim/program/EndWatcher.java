package org.iommusim.sim.program;

/** Asked when nothing can happen any more; it watches and never changes a result. */
public interface EndWatcher {
    /** The run, or the explored schedule, is over: no lane has anything to do. */
    void atEnd();
}
