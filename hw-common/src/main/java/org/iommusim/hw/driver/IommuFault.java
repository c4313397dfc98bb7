package org.iommusim.hw.driver;

/**
 * A page request of a device: the kernel's {@code struct iommu_fault_page_request}.
 *
 * @param flags bits {@link #PASID_VALID}, {@link #LAST_PAGE}
 * @param pasid the process address space, 0 without one
 * @param grpid which group of requests it is part of; the answer goes to the group
 * @param perm bits {@link #READ}, {@link #WRITE}, {@link #EXEC}, {@link #PRIV}: what the device wants
 * @param addr the address that it wants
 */
public record IommuFault(int flags, int pasid, int grpid, int perm, long addr) {
    /** Flag: {@code pasid} counts. */
    public static final int PASID_VALID = 1;
    /** Flag: the last one of its group; an answer is wanted. */
    public static final int LAST_PAGE = 1 << 1;

    /** Permission: read. */
    public static final int READ = 1;
    /** Permission: write. */
    public static final int WRITE = 1 << 1;
    /** Permission: execute. */
    public static final int EXEC = 1 << 2;
    /** Permission: privileged. */
    public static final int PRIV = 1 << 3;

    /** Answer: try again, the page is there. */
    public static final int RESP_SUCCESS = 0;
    /** Answer: this access is not to be. */
    public static final int RESP_INVALID = 1;
    /** Answer: no answers to this device at all. */
    public static final int RESP_FAILURE = 2;
}
