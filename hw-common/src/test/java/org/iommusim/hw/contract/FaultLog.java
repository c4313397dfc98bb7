package org.iommusim.hw.contract;

import java.util.List;

/** Where the hardware records faults, and what software does there. */
public interface FaultLog {
    /** How many records there is room for. */
    int room();

    /** Takes all records, the oldest first, and gives their places back. */
    List<FaultSeen> take();

    /** True if the hardware says that faults were lost. */
    boolean lost();

    /** What software does so that faults are recorded again after some were lost and all records are taken. */
    void recover();
}
