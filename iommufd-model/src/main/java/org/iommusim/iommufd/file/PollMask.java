package org.iommusim.iommufd.file;

/** Bits that {@code poll} reports. */
public final class PollMask {
    /** {@code EPOLLIN}: a read will find something. */
    public static final int IN = 0x1;
    /** {@code EPOLLOUT}: a write will not block. */
    public static final int OUT = 0x4;
    /** {@code EPOLLRDNORM}. */
    public static final int RDNORM = 0x40;
    /** {@code EPOLLWRNORM}. */
    public static final int WRNORM = 0x100;
    /** What a file without a poll operation reports. */
    public static final int DEFAULT = IN | OUT | RDNORM | WRNORM;

    private PollMask() {}
}
