package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.ConfigurationTrap;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.TableMemory;
import org.jspecify.annotations.Nullable;

/** What all operations of a guest's driver share. */
final class GuestKernel {
    private final ArmSmmu smmu;
    private final TableMemory memory;
    private final IdPool asids;
    private @Nullable ConfigurationTrap trap;

    GuestKernel(ArmSmmu smmu, TableMemory memory) {
        this.smmu = smmu;
        this.memory = memory;
        asids = new IdPool(smmu.world(), Touches.IDS);
    }

    /** The SMMU whose features the virtual one has. */
    ArmSmmu smmu() {
        return smmu;
    }

    /** Where tables lie. */
    TableMemory memory() {
        return memory;
    }

    IdPool asids() {
        return asids;
    }

    /** Wires the guest to its VMM. */
    void trapTo(ConfigurationTrap newTrap) {
        trap = newTrap;
    }

    /** Who is told of a stream's changes, or {@code null}. */
    @Nullable
    ConfigurationTrap trap(long virtualId) {
        ConfigurationTrap to = trap;
        return to != null && to.armed(virtualId) ? to : null;
    }
}
