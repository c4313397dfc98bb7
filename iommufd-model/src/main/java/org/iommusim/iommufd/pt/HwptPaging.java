package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/** A HWPT whose domain holds the maps of an IOAS ({@code struct iommufd_hwpt_paging}, hw_pagetable.c). */
public final class HwptPaging extends HwPagetable {
    /** The variable of all {@code auto_domain} and {@code enforce_cache_coherency} marks. */
    public static final Variable AUTO = Variable.named("iommufd.hwpt.auto_domain");

    private static final Footprint LIST = Footprint.of(Ioas.HWPT_LIST);

    /** The ioas->mutex is held by the caller: it protects the list from allocation to publication. */
    private static final Program<Self> ABORT = Program.<Self>named("iommufd_hwpt_paging_abort")
            .branch(
                    "on hwpt_list",
                    LIST,
                    f -> f.hwpt.listed(),
                    b -> b.step(
                                    "list_del_init hwpt_item",
                                    LIST,
                                    f -> f.hwpt.ioas.hwptList().remove(f.hwpt))
                            .invoke(
                                    "iopt_table_remove_domain",
                                    f -> IoptDomain.remove(f.hwpt.ioas.iopt(), f.hwpt.paging())))
            .invoke("__iommufd_hwpt_destroy", f -> f.hwpt.destroyCommon())
            .step("ioas users--", ObjectPrograms.USERS, f -> f.hwpt.ioas.usersDec("iommufd_hwpt_paging_abort"))
            .build();

    private static final Program<Self> DESTROY = Program.<Self>named("iommufd_hwpt_paging_destroy")
            .branch(
                    "on hwpt_list",
                    LIST,
                    f -> f.hwpt.listed(),
                    b -> b.lock("ioas->mutex", f -> f.hwpt.ioas.mutex())
                            .step(
                                    "list_del hwpt_item",
                                    LIST,
                                    f -> f.hwpt.ioas.hwptList().remove(f.hwpt))
                            .undoNow("ioas->mutex")
                            .invoke(
                                    "iopt_table_remove_domain",
                                    f -> IoptDomain.remove(f.hwpt.ioas.iopt(), f.hwpt.paging())))
            .invoke("__iommufd_hwpt_destroy", f -> f.hwpt.destroyCommon())
            .step("ioas users--", ObjectPrograms.USERS, f -> f.hwpt.ioas.usersDec("iommufd_hwpt_paging_destroy"))
            .build();

    private static final Program<Self> PUT = Program.<Self>named("iommufd_hw_pagetable_put")
            .branch(
                    "auto_domain",
                    Footprint.of(AUTO),
                    f -> f.hwpt.autoDomain(),
                    b -> b.invokeIgnoringError("put and try destroy", f -> ObjectPrograms.putAndTryDestroy(f.hwpt))
                            .succeed("done"))
            .step("users--", ObjectPrograms.USERS, f -> f.hwpt.usersDec("iommufd_hw_pagetable_put"))
            .build();

    private final Ioas ioas;
    private final boolean nestParent;
    private final IntCell autoDomain;
    private final IntCell enforceCacheCoherency;

    HwptPaging(IommufdCtx ctx, Ioas ioas, IommuDriver driver, boolean nestParent, boolean pasidCompat) {
        super(ctx, ObjectType.HWPT_PAGING, driver, pasidCompat);
        this.ioas = ioas;
        this.nestParent = nestParent;
        autoDomain = new IntCell(ctx.kernel().world(), AUTO, stableId(), 0);
        enforceCacheCoherency = new IntCell(ctx.kernel().world(), AUTO, stableId() + (1L << 40), 0);
    }

    /** The address space whose maps it holds. */
    public Ioas ioas() {
        return ioas;
    }

    @Override
    public HwptPaging findPaging() {
        return this;
    }

    /** True if vIOMMUs can be made on it. */
    public boolean nestParent() {
        return nestParent;
    }

    /** True if the kernel made it for an attach to an IOAS, and takes it away with the last device. */
    public boolean autoDomain() {
        return autoDomain.get() != 0;
    }

    /** Marks it as automatic; under {@code ioas->mutex}, before it is published. */
    public void setAutoDomain() {
        autoDomain.set(1);
    }

    /** {@code enforce_cache_coherency}: all DMA through it snoops, whatever it asks for. */
    public boolean enforceCacheCoherency() {
        return enforceCacheCoherency.get() != 0;
    }

    /** {@code iommufd_hwpt_paging_enforce_cc}: before it is published. */
    void enforceCacheCoherency(boolean enforced) {
        enforceCacheCoherency.set(enforced ? 1 : 0);
    }

    /** Its domain. */
    public PagingDomain paging() {
        if (domain().require() instanceof PagingDomain paging) {
            return paging;
        }
        throw new IllegalStateException("the driver gave " + this + " a domain that cannot map");
    }

    private boolean listed() {
        return ioas.hwptList().contains(this);
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    public Call<?> abort() {
        return new Call<>(ABORT, new Self(this));
    }

    @Override
    public Call<?> hwPagetablePut() {
        return new Call<>(PUT, new Self(this));
    }

    @Override
    public String detail() {
        return "ioas " + ioas.id() + (nestParent ? ", nest parent" : "");
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(ioas, 1, this + " is on it");
        holdsFault(sink);
    }

    private static final class Self extends Frame {
        private final HwptPaging hwpt;

        Self(HwptPaging hwpt) {
            super(hwpt.ctx().kernel().world());
            this.hwpt = hwpt;
        }
    }
}
