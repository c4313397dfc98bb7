package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.jspecify.annotations.Nullable;

/** What changes the alignment of an address space besides domains: large pages, and in-kernel users (io_pagetable.c). */
public final class IoptSettings extends Frame {
    private static final Footprint ALIGN = IoPagetable.ALIGN.and(IoptArea.AREA);

    private static final Program<IoptSettings> LARGE_PAGES = Program.<IoptSettings>named("iopt_large_pages")
            .lock("domains_rwsem", f -> f.iopt.domainsRwsem())
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .attempt("disable_large_pages", HostCost.ATOMIC, ALIGN, IoptSettings::setLargePages)
            .build();

    private static final Program<IoptSettings> ADD_ACCESS = Program.<IoptSettings>named("iopt_add_access")
            .lock("domains_rwsem", f -> f.iopt.domainsRwsem())
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .attempt("xa_alloc, iopt_calculate_iova_alignment", HostCost.ATOMIC, ALIGN, IoptSettings::add)
            .build();

    private static final Program<IoptSettings> REMOVE_ACCESS = Program.<IoptSettings>named("iopt_remove_access")
            .lock("domains_rwsem", f -> f.iopt.domainsRwsem())
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .step("xa_erase, iopt_calculate_iova_alignment", ALIGN, IoptSettings::remove)
            .build();

    private final IoPagetable iopt;
    private final boolean enable;
    private final @Nullable IoptAccess access;
    private final @Nullable IntCell number;

    private IoptSettings(IoPagetable iopt, boolean enable, @Nullable IoptAccess access, @Nullable IntCell number) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.enable = enable;
        this.access = access;
        this.number = number;
    }

    /**
     * {@code iopt_enable_large_pages}, {@code iopt_disable_large_pages}. Errors when disabling: EINVAL (a domain and a map
     * exist), EADDRINUSE (a map is not a multiple of 4096).
     */
    public static Call<?> largePages(IoPagetable iopt, boolean enable) {
        return new Call<>(LARGE_PAGES, new IoptSettings(iopt, enable, null, null));
    }

    /**
     * Adds an in-kernel user. Errors: ENOMEM, EADDRINUSE (a map does not have its alignment).
     *
     * @param number gets its number in the list
     */
    public static Call<?> addAccess(IoPagetable iopt, IoptAccess access, IntCell number) {
        return new Call<>(ADD_ACCESS, new IoptSettings(iopt, false, access, number));
    }

    /** Removes an in-kernel user, which has no pins any more. */
    public static Call<?> removeAccess(IoPagetable iopt, IoptAccess access, IntCell number) {
        return new Call<>(REMOVE_ACCESS, new IoptSettings(iopt, false, access, number));
    }

    private int setLargePages() {
        if (!enable) {
            if (iopt.largePagesDisabled()) {
                return 0;
            }
            // A domain may have large leaves already.
            if (!iopt.domains().isEmpty() && !iopt.areas().isEmpty()) {
                return Errno.EINVAL;
            }
        }
        boolean before = iopt.largePagesDisabled();
        iopt.disableLargePages(!enable);
        int error = iopt.calculateAlignment();
        if (error != 0) {
            iopt.disableLargePages(before);
        }
        return error;
    }

    private int add() {
        int injected = iopt.injected("iopt_add_access", "xa_alloc, iopt_calculate_iova_alignment");
        if (injected != 0) {
            return injected;
        }
        int at = iopt.addAccess(access());
        int error = iopt.calculateAlignment();
        if (error != 0) {
            iopt.eraseAccess(at);
            return error;
        }
        number().set(at);
        return 0;
    }

    private void remove() {
        if (iopt.eraseAccess(number().get()) != access() || iopt.calculateAlignment() != 0) {
            iopt.kernel().warn("iopt_remove_access", "the access is not in the list, or the alignment grew");
        }
    }

    private IoptAccess access() {
        if (access == null) {
            throw new IllegalStateException("no access is added or removed here");
        }
        return access;
    }

    private IntCell number() {
        if (number == null) {
            throw new IllegalStateException("no access is added or removed here");
        }
        return number;
    }
}
