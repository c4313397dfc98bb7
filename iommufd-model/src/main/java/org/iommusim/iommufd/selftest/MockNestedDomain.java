package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A nested domain of the mock ({@code struct mock_iommu_domain_nested}): four pretended IOTLB entries. */
final class MockNestedDomain implements IommuDomain {
    /** The variable of all pretended IOTLB entries. */
    static final Variable IOTLB = Variable.named("mock.nested.iotlb");
    /** {@code MOCK_NESTED_DOMAIN_IOTLB_NUM}. */
    static final int IOTLB_NUM = 4;
    /** Bytes of {@code struct iommu_hwpt_invalidate_selftest}; every member must be there. */
    static final int INVALIDATE_BYTES = 8;

    private static final Program<Invalidate> INVALIDATE = Program.<Invalidate>named("mock_domain_cache_invalidate_user")
            .step("entry_num = 0", Footprint.LOCAL, f -> f.done.set(0))
            .check("type", f -> f.array.type() == MockData.INVALIDATE, Errno.EINVAL)
            .loop(
                    "each entry",
                    f -> f.done.get() < f.array.entryNum(),
                    b -> b.attempt("copy entry", HostCost.USER_COPY, MockData.USER, Invalidate::copy)
                            .check("flags", f -> (f.flags.get() & ~MockData.INVALIDATE_ALL) == 0, Errno.EOPNOTSUPP)
                            // Also with the flag for all of them.
                            .check(
                                    "iotlb_id",
                                    f -> Integer.compareUnsigned(f.iotlbId.get(), IOTLB_NUM) < 0,
                                    Errno.EINVAL)
                            .step("invalidate", HostCost.LOCAL, Footprint.of(IOTLB), Invalidate::invalidate))
            .build();

    private final World world;
    private final MockPagingDomain parent;
    private final @Nullable MockViommu viommu;
    private final long instance;
    private final IntArrayCell iotlb;

    /** A domain with all entries set to {@code value}; {@code viommu} is what it was made on, if it was. */
    MockNestedDomain(World world, MockPagingDomain parent, @Nullable MockViommu viommu, int value) {
        this.world = world;
        this.parent = parent;
        this.viommu = viommu;
        instance = world.nextInstance();
        iotlb = new IntArrayCell(world, IOTLB, instance, IOTLB_NUM);
        for (int i = 0; i < IOTLB_NUM; i++) {
            iotlb.set(i, value);
        }
    }

    @Override
    public Type type() {
        return Type.NESTED;
    }

    @Override
    public String name() {
        return "mock nested " + instance;
    }

    /** The nesting parent. */
    MockPagingDomain parent() {
        return parent;
    }

    /** The vIOMMU that it was made on; {@code null} if it was made on a HWPT. */
    @Nullable
    MockViommu viommu() {
        return viommu;
    }

    /** A pretended IOTLB entry. */
    int iotlb(int index) {
        return iotlb.get(index);
    }

    @Override
    public Call<?> cacheInvalidateUser(UserDataArray array, IntCell done) {
        return new Call<>(INVALIDATE, new Invalidate(this, array, done));
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return name();
    }

    private static final class Invalidate extends Frame {
        final MockNestedDomain domain;
        final UserDataArray array;
        final IntCell done;
        final IntCell flags = count();
        final IntCell iotlbId = count();

        Invalidate(MockNestedDomain domain, UserDataArray array, IntCell done) {
            super(domain.world);
            this.domain = domain;
            this.array = array;
            this.done = done;
        }

        int copy() {
            byte[] entry = new byte[INVALIDATE_BYTES];
            int error = array.copyEntry(entry, MockData.INVALIDATE, done.get(), INVALIDATE_BYTES);
            flags.set(MockData.u32(entry, 0));
            iotlbId.set(MockData.u32(entry, 4));
            return error;
        }

        void invalidate() {
            boolean all = (flags.get() & MockData.INVALIDATE_ALL) != 0;
            for (int i = 0; i < IOTLB_NUM; i++) {
                if (all || i == iotlbId.get()) {
                    domain.iotlb.set(i, 0);
                }
            }
            done.add(1);
        }
    }
}
