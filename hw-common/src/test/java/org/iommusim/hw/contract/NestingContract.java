package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.DriverBed;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.Test;

/** A guest's tables over the host's: what the guest's kernel, the VMM and the host's driver do for each other. */
public abstract class NestingContract extends DriverContract {
    private static final long VIRTUAL_ID = 0x33;
    private static final long RAM_BYTES = 0x80_0000;

    protected NestingContract(DriverVendor vendor) {
        super(vendor);
    }

    /** A guest with a device, its driver, and what its kernel and the VMM do with them. */
    private final class Nesting {
        final IommuMaster master = bed.master(ID);
        final PagingDomain parent = paging(IommuDriver.ALLOC_NEST_PARENT);
        final VirtualIommu viommu;
        final GuestIommu guest;
        final IommuDomain nested;

        Nesting() {
            bed.ok(parent.mapPages(0, RAM, RAM_BYTES, BOTH));
            DriverBed<?>.Core core = bed.new Core();
            viommu = bed.viommu(parent, core);
            bed.ok(viommu.vdeviceInit(master, VIRTUAL_ID));
            core.devices.put(VIRTUAL_ID, master);
            GuestIommu made = driver.newGuest(bed.new Guest(RAM), "vm0");
            assertThat(made).isNotNull();
            guest = made;
            bed.ok(guest.attach(VIRTUAL_ID));
            bed.ok(guest.map(VIRTUAL_ID, IOVA, 0x20_0000, 2 * PAGE, BOTH));
            nested = bed.nested(viommu, guest.hwptData(VIRTUAL_ID));
            NestingContract.this.attach(master, nested);
        }

        /** The VMM hands on what the guest has sent. */
        void carryOut(RefCell<UserData> commands) {
            var array = commands.require().array(guest.invalidationEntryLength());
            var done = bed.number();
            bed.ok(
                    driver.hasDomainAllocNested()
                            ? nested.cacheInvalidateUser(array, done)
                            : viommu.cacheInvalidate(array, done));
        }
    }

    @Test
    void shouldTranslateByBothStages() {
        Nesting n = new Nesting();
        reaches(n.master, IOVA + PAGE + 8, RAM + 0x20_1008);
        isRefused(n.master, IOVA + 2 * PAGE);
        bed.ok(n.guest.map(VIRTUAL_ID, IOVA + 0x10_0000, RAM_BYTES + PAGE, PAGE, BOTH));
        isRefused(n.master, IOVA + 0x10_0000);
    }

    @Test
    void shouldForgetWhatAGuestUnmaps() {
        Nesting n = new Nesting();
        reaches(n.master, IOVA, RAM + 0x20_0000);
        RefCell<UserData> commands = bed.result();
        bed.ok(n.guest.unmap(VIRTUAL_ID, IOVA, PAGE, commands));
        n.carryOut(commands);
        isRefused(n.master, IOVA);
        reaches(n.master, IOVA + PAGE, RAM + 0x20_1000);
    }

    @Test
    void shouldForgetCombinedTranslationsWhenTheParentIsUnmapped() {
        Nesting n = new Nesting();
        reaches(n.master, IOVA, RAM + 0x20_0000);
        unmap(n.parent, 0x20_0000, 0x20_0000);
        isRefused(n.master, IOVA);
        bed.ok(n.parent.mapPages(0x20_0000, ELSEWHERE, 0x20_0000, BOTH));
        reaches(n.master, IOVA, ELSEWHERE);
    }

    @Test
    void shouldLeaveANestedDomain() {
        Nesting n = new Nesting();
        reaches(n.master, IOVA, RAM + 0x20_0000);
        attach(n.master, n.parent);
        reaches(n.master, 0x20_0000, RAM + 0x20_0000);
        isRefused(n.master, RAM_BYTES + IOVA);
        detach(n.master);
        isRefused(n.master, IOVA);
        isRefused(n.master, 0x20_0000);
        bed.ok(driver.domainFree(n.nested));
        bed.ok(n.viommu.vdeviceDestroy(n.master, VIRTUAL_ID));
        bed.ok(n.viommu.destroy());
        unmap(n.parent, 0, RAM_BYTES);
        bed.ok(driver.domainFree(n.parent));
    }
}
