package org.iommusim.scenario.conform.iommufd;

/**
 * What a recorded program does: system calls of the process that runs now, and its memory. Each call runs until it returns;
 * answers are those of the kernel, negative ones are errors.
 */
interface SystemCalls {
    /** Opens /dev/iommu; the descriptor. */
    long open();

    /** Makes a file in memory; the descriptor. */
    long memfd(long bytes);

    /** The descriptor that the next new file gets. */
    long nextDescriptor();

    long close(long fd);

    long dup(long fd);

    long ioctl(long fd, long number, long argument);

    long read(long fd, long va, long bytes);

    long write(long fd, long va, long bytes);

    /** The events that are ready now. */
    long poll(long fd);

    /** Maps a file, shared and for reading and writing unless told otherwise; the address. */
    long mmap(long fd, long offset, long bytes, boolean privately, boolean executable);

    long munmap(long va, long bytes);

    /** Changes the user; anybody but 0 has no capabilities. */
    long setuid(long uid);

    /** Limits locked memory. */
    long limitLockedMemory(long bytes);

    /** Goes on in a child, which has copies of all descriptors and of private memory. */
    long fork();

    /** Ends the child; its parent goes on. */
    long join();

    /** Writes memory as the process; false if some of it is not there. */
    boolean store(long va, byte[] bytes);

    /** Reads memory as the process; what is not there is zero. */
    byte[] load(long va, int bytes);
}
