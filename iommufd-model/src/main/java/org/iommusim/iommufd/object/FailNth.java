package org.iommusim.iommufd.object;

import org.iommusim.hw.driver.Errno;

/**
 * Makes the n-th step that can fail for outside reasons fail, and no other: the kernel's {@code /proc/self/fail-nth}. Each
 * fails as it would by itself: an allocation with ENOMEM, a look-up with ENOENT, a copy with EFAULT.
 */
public final class FailNth implements FaultInjection {
    private final long n;
    private long asked;
    private String firedAt = "";

    /** Fails the {@code n}th such step from now on, counted from 1. */
    public FailNth(long n) {
        if (n < 1) {
            throw new IllegalArgumentException("steps are counted from 1, not " + n);
        }
        this.n = n;
    }

    @Override
    public int errno(String program, String step) {
        return errno(program, step, Errno.ENOMEM);
    }

    @Override
    public int errno(String program, String step, int natural) {
        asked++;
        if (asked != n) {
            return 0;
        }
        firedAt = program + ": " + step;
        return natural;
    }

    @Override
    public String firedAt() {
        return firedAt;
    }
}
