package org.iommusim.iommufd.mm;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;

/**
 * Who pays for the pinned pages of a map: {@code source_mm}, {@code source_task} and {@code source_user} of {@code struct
 * iopt_pages}. Immutable.
 *
 * @param process whose {@code pinned_vm} and {@code locked_vm} count, and whose RLIMIT_MEMLOCK applies
 * @param user whose {@code locked_vm} counts
 */
public record PinPayer(Process process, User user) {
    /** What pinning, unpinning and accounting touch. */
    public static final Footprint PIN = Process.MM.and(Process.LOCKED_VM, User.LOCKED_VM);

    /**
     * {@code do_update_pinned}: accounts for pages that were pinned (positive) or unpinned (negative).
     *
     * @return 0, or ENOMEM if more would be locked than the limit allows; then nothing changed
     */
    public int account(AccountMode mode, long pages) {
        if (mode != AccountMode.NONE) {
            boolean ofUser = mode == AccountMode.USER;
            long locked = ofUser ? user.lockedPages() : process.lockedPages();
            if (pages > 0 && locked + pages > process.memlockLimit() / PhysicalMemory.PAGE_BYTES) {
                return Errno.ENOMEM;
            }
            if (ofUser) {
                user.addLocked(pages);
            } else {
                process.addLocked(pages);
            }
        }
        process.addPinned(pages);
        return 0;
    }
}
