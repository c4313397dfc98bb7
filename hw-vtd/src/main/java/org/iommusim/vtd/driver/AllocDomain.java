package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.pgtable.X86Format;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code intel_iommu_domain_alloc_paging_flags} and {@code intel_iommu_domain_alloc_nested}. A paging domain is a first stage
 * where the unit has one and nothing asks for a second: a nesting parent must be a second stage.
 */
final class AllocDomain extends Frame {
    static final Program<AllocDomain> PAGING = Program.<AllocDomain>named("intel_iommu_domain_alloc_paging_flags")
            .check("no user data", f -> f.data.length() == 0, Errno.EOPNOTSUPP)
            .check("flags", Footprint.of(Touches.UNIT), AllocDomain::pagingFlagsSupported, Errno.EOPNOTSUPP)
            .attempt("pt_iommu_init", HostCost.ALLOCATE, Touches.PAGES, AllocDomain::allocateRoot)
            .step("done", HostCost.LOCAL, Footprint.of(Touches.UNIT), f -> f.result.set(f.paging()))
            .build();
    static final Program<AllocDomain> NESTED = Program.<AllocDomain>named("intel_iommu_domain_alloc_nested")
            .check(
                    "nested_supported, flags",
                    Footprint.of(Touches.UNIT),
                    AllocDomain::nestingSupported,
                    Errno.EOPNOTSUPP)
            .check("data type", f -> f.data.type() == VtdS1.TYPE, Errno.EOPNOTSUPP)
            .check("a nesting parent of this unit", AllocDomain::parentFits, Errno.EINVAL)
            .attempt("iommu_copy_struct_from_user", HostCost.USER_COPY, UserMemory.ACCESS, AllocDomain::copy)
            .step("kzalloc, list_add", HostCost.ALLOCATE, Footprint.of(Touches.DOMAIN), AllocDomain::makeNested)
            .build();

    private final IntelIommu iommu;
    private final int flags;
    private final UserData data;
    private final @Nullable PagingDomain parent;
    private final @Nullable VtdViommu viommu;
    private final RefCell<IommuDomain> result;
    private final LongCell root = num();
    private final LongArrayCell words;

    private AllocDomain(
            IntelIommu iommu,
            int flags,
            UserData data,
            @Nullable PagingDomain parent,
            @Nullable VtdViommu viommu,
            RefCell<IommuDomain> result) {
        super(iommu.world());
        this.iommu = iommu;
        this.flags = flags;
        this.data = data;
        this.parent = parent;
        this.viommu = viommu;
        this.result = result;
        words = new LongArrayCell(world(), FRAME, world().nextInstance(), VtdS1.BYTES / 8);
    }

    static Call<?> paging(IntelIommu iommu, int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(PAGING, new AllocDomain(iommu, flags, data, null, null, result));
    }

    /** A nested domain on a parent, or on a vIOMMU over it. */
    static Call<?> nested(
            IntelIommu iommu,
            PagingDomain parent,
            @Nullable VtdViommu viommu,
            int flags,
            UserData data,
            RefCell<IommuDomain> result) {
        return new Call<>(NESTED, new AllocDomain(iommu, flags, data, parent, viommu, result));
    }

    private boolean nestParent() {
        return (flags & IommuDriver.ALLOC_NEST_PARENT) != 0;
    }

    private boolean pagingFlagsSupported() {
        int known = IommuDriver.ALLOC_NEST_PARENT | IommuDriver.ALLOC_PASID;
        boolean pasid = (flags & IommuDriver.ALLOC_PASID) == 0 || iommu.pasids();
        return (flags & ~known) == 0 && pasid && (!nestParent() || iommu.nesting());
    }

    private boolean firstStage() {
        return iommu.scalable() && iommu.cap().fsts() && !nestParent();
    }

    private int allocateRoot() {
        long address = iommu.tables().allocate(firstStage() ? 1 : rootPages());
        root.set(address);
        return address == TableMemory.NONE ? Errno.ENOMEM : 0;
    }

    private int rootPages() {
        return PageTable.rootPages(SsFormat.inputBits(iommu.cap()), SsFormat.levels(iommu.cap()) - 1);
    }

    private DmarPaging paging() {
        PageTable table = firstStage()
                ? new X86Format(iommu.cap().fs1gp() ? 2 : 1).table(iommu.tables(), root.get())
                : SsFormat.of(iommu.cap()).table(iommu.tables(), root.get(), iommu.cap());
        return new DmarPaging(iommu, table, nestParent());
    }

    private boolean nestingSupported() {
        return iommu.nesting() && (flags & ~IommuDriver.ALLOC_PASID) == 0;
    }

    private boolean parentFits() {
        return parent instanceof DmarPaging ours && ours.iommu() == iommu && ours.nestParent();
    }

    private int copy() {
        byte[] bytes = new byte[VtdS1.BYTES];
        int error = data.copyStruct(bytes, VtdS1.TYPE, VtdS1.BYTES);
        for (int i = 0; i < bytes.length / 8 && error == 0; i++) {
            words.set(i, UserData.word(bytes, 8 * i));
        }
        return error;
    }

    private void makeNested() {
        DmarPaging over = (DmarPaging) parent;
        if (over == null) {
            throw new IllegalStateException("a nested domain without a parent");
        }
        VtdS1 config = VtdS1.of(UserData.bytes(words.get(0), words.get(1), words.get(2)));
        DmarNested made = new DmarNested(over, viommu, config);
        if (viommu != null) {
            viommu.add(made);
        }
        result.set(made);
    }
}
