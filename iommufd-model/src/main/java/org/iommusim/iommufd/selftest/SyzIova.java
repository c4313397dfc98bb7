package org.iommusim.iommufd.selftest;

import org.iommusim.iommufd.access.IommufdAccess;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptArea;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code iommufd_test_syz_conv_iova}: a fuzzer cannot know addresses, so it names an area by its number (lower half) and an
 * offset in it (upper half). Without such an area the address is 0.
 */
final class SyzIova extends Frame {
    private static final Program<SyzIova> CONVERT = Program.<SyzIova>named("iommufd_test_syz_conv_iova")
            .lock("access->ioas_lock", f -> f.access.ioasLock())
            .step(
                    "access->ioas",
                    Footprint.of(IommufdAccess.IOAS),
                    f -> f.ioas.set(f.access.ioas().get()))
            .step("no such area", Footprint.LOCAL, f -> f.result.set(0))
            .when(
                    "attached",
                    f -> f.ioas.get() != null,
                    b -> b.lockShared("iova_rwsem", f -> f.iopt().iovaRwsem())
                            .step("nth area", HostCost.LOCAL, IoPagetable.LOOK, SyzIova::find)
                            .undoNow("iova_rwsem"))
            .build();

    private final IommufdAccess access;
    private final long encoded;
    private final LongCell result;
    private final RefCell<Ioas> ioas = ref();

    private SyzIova(IommufdAccess access, long encoded, LongCell result) {
        super(access.ctx().kernel().world());
        this.access = access;
        this.encoded = encoded;
        this.result = result;
    }

    /** Converts; cannot fail. */
    static Call<?> call(IommufdAccess access, long encoded, LongCell result) {
        return new Call<>(CONVERT, new SyzIova(access, encoded, result));
    }

    private IoPagetable iopt() {
        return ioas.require().iopt();
    }

    private void find() {
        long left = encoded & 0xffff_ffffL;
        for (IoptArea area = iopt().areas().first(0, -1L);
                area != null;
                area = iopt().areas().next(area, 0, -1L)) {
            if (left == 0) {
                result.set(area.first() + (encoded >>> 32));
                return;
            }
            left--;
        }
    }
}
