package org.iommusim.iommufd.object;

import org.iommusim.hw.driver.Errno;

/** Makes steps fail that could fail in a kernel: memory that runs out, a look-up, a user page that is not there. */
public interface FaultInjection {
    /** Nothing fails. */
    FaultInjection NONE = (program, step) -> 0;

    /**
     * Asked when a step that allocates memory is about to run.
     *
     * @param program name of the program, e.g. {@code IOMMU_VDEVICE_ALLOC}
     * @param step id of the step
     * @return 0 to let it run, or the negative errno that it answers instead
     */
    int errno(String program, String step);

    /**
     * Asked when a step that can fail for other outside reasons is about to run.
     *
     * @param natural what it answers when it fails: {@link Errno#ENOENT} of a look-up, {@link Errno#EFAULT} of a copy
     */
    default int errno(String program, String step, int natural) {
        return errno(program, step);
    }

    /** Where something was made to fail so far; empty if nothing was. */
    default String firedAt() {
        return "";
    }
}
