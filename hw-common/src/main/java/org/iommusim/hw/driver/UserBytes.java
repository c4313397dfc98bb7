package org.iommusim.hw.driver;

/**
 * A few bytes that lie at an address of nobody's memory: what the simulation itself passes where user space passes a
 * pointer. Immutable; user space's part of it is read only.
 */
final class UserBytes implements UserMemory {
    /** Where they lie; not at 0, which means that there are none. */
    static final long BASE = 0x1000;

    private final byte[] bytes;

    UserBytes(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    @Override
    public int copyFromUser(long address, byte[] to, int at, int length) {
        if (length == 0) {
            return 0;
        }
        long offset = address - BASE;
        if (offset < 0 || offset > bytes.length - length) {
            return Errno.EFAULT;
        }
        System.arraycopy(bytes, (int) offset, to, at, length);
        return 0;
    }

    @Override
    public int copyToUser(long address, byte[] from, int at, int length) {
        return length == 0 ? 0 : Errno.EFAULT;
    }
}
