package org.iommusim.hw.driver;

/** Linux error numbers as the kernel returns them: negative. */
public final class Errno {
    /** Success. */
    public static final int OK = 0;

    public static final int EPERM = -1;
    public static final int ENOENT = -2;
    public static final int EINTR = -4;
    public static final int EIO = -5;
    public static final int ENXIO = -6;
    public static final int E2BIG = -7;
    public static final int EBADF = -9;
    public static final int EAGAIN = -11;
    public static final int ENOMEM = -12;
    public static final int EACCES = -13;
    public static final int EFAULT = -14;
    public static final int EBUSY = -16;
    public static final int EEXIST = -17;
    public static final int ENODEV = -19;
    public static final int EINVAL = -22;
    public static final int EMFILE = -24;
    public static final int ENOTTY = -25;
    public static final int ENOSPC = -28;
    public static final int ESPIPE = -29;
    public static final int ERANGE = -34;
    public static final int EDEADLOCK = -35;
    public static final int EBADE = -52;
    public static final int EOVERFLOW = -75;
    public static final int EBADFD = -77;
    public static final int EMSGSIZE = -90;
    public static final int EOPNOTSUPP = -95;
    public static final int EADDRINUSE = -98;
    public static final int ETIMEDOUT = -110;

    private static final int[] VALUES = {
        OK,
        EPERM,
        ENOENT,
        EINTR,
        EIO,
        ENXIO,
        E2BIG,
        EBADF,
        EAGAIN,
        ENOMEM,
        EACCES,
        EFAULT,
        EBUSY,
        EEXIST,
        ENODEV,
        EINVAL,
        EMFILE,
        ENOTTY,
        ENOSPC,
        ESPIPE,
        ERANGE,
        EDEADLOCK,
        EBADE,
        EOVERFLOW,
        EBADFD,
        EMSGSIZE,
        EOPNOTSUPP,
        EADDRINUSE,
        ETIMEDOUT
    };

    private static final String[] NAMES = {
        "OK",
        "EPERM",
        "ENOENT",
        "EINTR",
        "EIO",
        "ENXIO",
        "E2BIG",
        "EBADF",
        "EAGAIN",
        "ENOMEM",
        "EACCES",
        "EFAULT",
        "EBUSY",
        "EEXIST",
        "ENODEV",
        "EINVAL",
        "EMFILE",
        "ENOTTY",
        "ENOSPC",
        "ESPIPE",
        "ERANGE",
        "EDEADLOCK",
        "EBADE",
        "EOVERFLOW",
        "EBADFD",
        "EMSGSIZE",
        "EOPNOTSUPP",
        "EADDRINUSE",
        "ETIMEDOUT"
    };

    private Errno() {}

    /** Name of an error, e.g. {@code ENOENT} for -2; {@code OK} for 0. */
    public static String name(int errno) {
        for (int i = 0; i < VALUES.length; i++) {
            if (VALUES[i] == errno) {
                return NAMES[i];
            }
        }
        return "errno " + errno;
    }

    /** Value of a name as {@link #name} gives it, or 1 if there is no such error. */
    public static int value(String name) {
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return VALUES[i];
            }
        }
        return 1;
    }
}
