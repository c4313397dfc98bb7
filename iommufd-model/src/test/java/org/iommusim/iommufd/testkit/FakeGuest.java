package org.iommusim.iommufd.testkit;

import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;

/** A guest driver with one table page: its stage 1 passes everything, but each change needs an invalidation. */
final class FakeGuest implements GuestIommu {
    private final FakeDriver driver;
    private final GuestMemory memory;
    private long table;

    FakeGuest(FakeDriver driver, GuestMemory memory) {
        this.driver = driver;
        this.memory = memory;
    }

    @Override
    public Call<?> attach(long virtualId) {
        return driver.operation("guest attach", () -> {
            table = memory.allocatePage();
            memory.write64(table, virtualId);
            return 0;
        });
    }

    @Override
    public Call<?> detach(long virtualId, RefCell<UserData> commands) {
        return invalidation("guest detach", virtualId, commands);
    }

    @Override
    public Call<?> freeTables(long virtualId) {
        return driver.operation("guest free tables", () -> {
            memory.freePages(table, 1);
            return 0;
        });
    }

    @Override
    public Call<?> map(long virtualId, long iova, long guestPhysical, long bytes, int protection) {
        return driver.operation("guest map", () -> {
            memory.write64(table + 8, iova);
            return 0;
        });
    }

    @Override
    public Call<?> unmap(long virtualId, long iova, long bytes, RefCell<UserData> commands) {
        return invalidation("guest unmap", virtualId, commands);
    }

    private Call<?> invalidation(String name, long virtualId, RefCell<UserData> commands) {
        return driver.operation(name, () -> {
            commands.set(UserData.ofWords(1, virtualId));
            return 0;
        });
    }

    @Override
    public UserData hwptData(long virtualId) {
        return UserData.ofWords(FakeDriver.NESTED_DATA, memory.read64(table), 0);
    }

    @Override
    public int viommuType() {
        return FakeDriver.VIOMMU_TYPE;
    }

    @Override
    public int invalidationEntryLength() {
        return 8;
    }
}
