package org.iommusim.iommufd.pt;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.ReservedRegion;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/** Reserved and allowed ranges of an address space (io_pagetable.c). */
public final class IoptReserve extends Frame {
    private static final Program<IoptReserve> ADD = Program.<IoptReserve>named("iopt_reserve_iova")
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .attempt("reserve each range", HostCost.ALLOCATE, IoPagetable.RESERVE, IoptReserve::reserveAll)
            .build();

    private static final Program<IoptReserve> REMOVE = Program.<IoptReserve>named("iopt_remove_reserved_iova")
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .step("remove the owner's ranges", IoPagetable.RESERVE, f -> f.iopt.removeReserved(f.owner))
            .build();

    private static final Program<IoptReserve> ALLOW = Program.<IoptReserve>named("iopt_set_allow_iova")
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .attempt("swap the trees", HostCost.ATOMIC, IoPagetable.RESERVE, f -> f.iopt.allow(f.ranges))
            .build();

    private final IoPagetable iopt;
    private final List<long[]> ranges;
    private final @Nullable Identified owner;

    private IoptReserve(IoPagetable iopt, List<long[]> ranges, @Nullable Identified owner) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.ranges = List.copyOf(ranges);
        this.owner = owner;
    }

    /**
     * Forbids ranges: all of them or, on an error, none of the owner's. Errors: EADDRINUSE (something is mapped or allowed
     * there).
     *
     * @param ranges first and last address of each
     * @param owner for whom; null: a test
     */
    public static Call<?> add(IoPagetable iopt, List<long[]> ranges, @Nullable Identified owner) {
        return new Call<>(ADD, new IoptReserve(iopt, ranges, owner));
    }

    /**
     * {@code iopt_table_enforce_dev_resv_regions}: forbids what a device cannot reach. Ranges that need not be mapped one to
     * one are left alone. Errors as {@link #add}.
     *
     * @param device for whom; {@link #remove} with it takes all of it back
     */
    public static Call<?> enforceDevice(IoPagetable iopt, List<ReservedRegion> regions, Identified device) {
        List<long[]> ranges = new ArrayList<>();
        for (ReservedRegion region : regions) {
            if (region.type() != ReservedRegion.Type.DIRECT_RELAXABLE) {
                ranges.add(new long[] {region.start(), region.last()});
            }
        }
        return add(iopt, ranges, device);
    }

    /** Gives back all ranges of an owner. */
    public static Call<?> remove(IoPagetable iopt, @Nullable Identified owner) {
        return new Call<>(REMOVE, new IoptReserve(iopt, List.of(), owner));
    }

    /** Replaces the allowed ranges. Errors: EADDRINUSE (one is reserved); then the old ones stay. */
    public static Call<?> allow(IoPagetable iopt, List<long[]> ranges) {
        return new Call<>(ALLOW, new IoptReserve(iopt, ranges, null));
    }

    private int reserveAll() {
        int injected = iopt.injected("iopt_reserve_iova", "reserve each range");
        if (injected != 0) {
            return injected;
        }
        for (long[] range : ranges) {
            int error = iopt.reserve(range[0], range[1], owner);
            if (error != 0) {
                if (owner != null) {
                    iopt.removeReserved(owner);
                }
                return error;
            }
        }
        return 0;
    }
}
