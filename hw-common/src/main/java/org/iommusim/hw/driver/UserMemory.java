package org.iommusim.hw.driver;

import java.util.Arrays;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Variable;

/** The memory of the user process that made a system call, as the kernel reaches it. Each method is part of one step. */
public interface UserMemory {
    /** What the methods touch. A copy may bring a page in, so even a read may write. */
    Footprint ACCESS = Footprint.of(
            Variable.named("mm.vma"),
            Variable.named("memory.page"),
            Variable.named("memory.word"),
            Variable.named("memory.allocator"));

    /**
     * {@code copy_from_user}. On an error the bytes before the one that cannot be read are there, the rest of {@code to} is
     * left alone.
     *
     * @param address in user space; anything that user space may pass
     * @param at first index in {@code to}
     * @param length bytes, at least 0
     * @return 0, or EFAULT
     */
    int copyFromUser(long address, byte[] to, int at, int length);

    /**
     * {@code copy_to_user}. On an error the bytes before the one that cannot be written are written.
     *
     * @param address in user space; anything that user space may pass
     * @param at first index in {@code from}
     * @param length bytes, at least 0
     * @return 0, or EFAULT
     */
    int copyToUser(long address, byte[] from, int at, int length);

    /** {@code copy_from_user} of all of {@code to}. */
    default int copyFromUser(long address, byte[] to) {
        return copyFromUser(address, to, 0, to.length);
    }

    /** {@code copy_to_user} of all of {@code from}. */
    default int copyToUser(long address, byte[] from) {
        return copyToUser(address, from, 0, from.length);
    }

    /**
     * {@code clear_user}: writes zeroes, up to the first byte that cannot be written.
     *
     * @return 0, or EFAULT
     */
    default int clearUser(long address, long length) {
        byte[] zeroes = new byte[4096];
        for (long done = 0; done < length; done += zeroes.length) {
            if (copyToUser(address + done, zeroes, 0, (int) Math.min(length - done, zeroes.length)) != 0) {
                return Errno.EFAULT;
            }
        }
        return 0;
    }

    /**
     * {@code check_zeroed_user}: whether a range holds only zeroes.
     *
     * @param length bytes; however many user space claims
     * @return 0; E2BIG at the first byte that is not zero; EFAULT at the first that cannot be read, whichever comes first
     */
    default int checkZeroed(long address, long length) {
        byte[] chunk = new byte[256];
        for (long done = 0; done < length; ) {
            long at = address + done;
            // Chunks end where pages may, so that a fault is found where it is.
            int n = (int) Math.min(length - done, chunk.length - (at & chunk.length - 1));
            if (copyFromUser(at, chunk, 0, n) != 0) {
                return Errno.EFAULT;
            }
            for (int i = 0; i < n; i++) {
                if (chunk[i] != 0) {
                    return Errno.E2BIG;
                }
            }
            done += n;
        }
        return 0;
    }

    /**
     * {@code copy_struct_from_user}: fills a structure of which user space may know an older or a newer version. What user
     * space does not have is zero; what it has more must be zero.
     *
     * @param to the structure of this kernel
     * @param userSize size of user space's structure, bytes
     * @return 0, E2BIG, EFAULT
     */
    default int copyStructFromUser(long address, byte[] to, long userSize) {
        if (userSize > to.length) {
            int error = checkZeroed(address + to.length, userSize - to.length);
            if (error != 0) {
                return error;
            }
        }
        int known = (int) Math.min(userSize, to.length);
        Arrays.fill(to, known, to.length, (byte) 0);
        return copyFromUser(address, to, 0, known);
    }
}
