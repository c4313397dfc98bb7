package org.iommusim.iommufd.ioctl;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The dispatch table of /dev/iommu ({@code iommufd_ioctl_ops}). Each group of ioctls lists its own; the selftest adds one
 * with {@link #with}. Immutable.
 */
public final class IoctlTable {
    /** The table of a kernel without the selftest. */
    public static final IoctlTable LINUX = linux();

    private static final int NR_MASK = 0xff;
    /** {@code IOMMUFD_CMD_BASE}. */
    private static final int BASE = 0x80;

    private final List<IoctlHandler> handlers;

    private IoctlTable(List<IoctlHandler> handlers) {
        this.handlers = List.copyOf(handlers);
    }

    private static IoctlTable linux() {
        List<IoctlHandler> all = new ArrayList<>();
        all.addAll(IoasIoctls.all());
        all.addAll(HwptIoctls.all());
        all.addAll(ViommuIoctls.all());
        return new IoctlTable(all);
    }

    /** This table and one more ioctl. */
    public IoctlTable with(IoctlHandler more) {
        List<IoctlHandler> all = new ArrayList<>(handlers);
        all.add(more);
        return new IoctlTable(all);
    }

    /** All of it. */
    public List<IoctlHandler> handlers() {
        return handlers;
    }

    /** The handler of a whole command number, or {@code null}. */
    public @Nullable IoctlHandler find(int number) {
        for (IoctlHandler handler : handlers) {
            if (handler.number() == number) {
                return handler;
            }
        }
        return null;
    }

    /** True if the table has a slot for this command, perhaps an empty one; all others are asked of the VFIO handler. */
    boolean covers(int number) {
        int nr = number & NR_MASK;
        return nr >= BASE && handlers.stream().anyMatch(handler -> nr <= (handler.number() & NR_MASK));
    }
}
