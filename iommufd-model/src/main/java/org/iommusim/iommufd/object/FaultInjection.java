package org.iommusim.iommufd.object;

/** Makes steps fail that could fail in a kernel: memory that runs out, a user page that is not there. */
public interface FaultInjection {
    /** Nothing fails. */
    FaultInjection NONE = (program, step) -> 0;

    /**
     * Asked when a step that can fail for outside reasons is about to run.
     *
     * @param program name of the program, e.g. {@code IOMMU_VDEVICE_ALLOC}
     * @param step id of the step
     * @return 0 to let it run, or the negative errno that it answers instead
     */
    int errno(String program, String step);
}
