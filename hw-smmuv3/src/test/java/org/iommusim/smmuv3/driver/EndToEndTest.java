package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver on the real device: what a DMA meets after each operation. */
class EndToEndTest {
    private static final int BOTH = 3;
    private static final long PAGE = 0x1000;

    private final DriverTestbed bed = DriverTestbed.real(Map.of("sid_bits", 8L));

    @BeforeEach
    void probe() {
        bed.ok(bed.driver.probe());
    }

    @AfterEach
    void shouldHaveNoViolations() {
        bed.assertClean();
        assertThat(bed.messages).isEmpty();
    }

    private void assertOk(DmaRequest request, long physical) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(physical);
    }

    @Test
    void shouldAbortSilentlyAfterProbing() {
        IommuMaster master = bed.master(5);

        assertThat(master.domain()).isSameAs(bed.driver.blockedDomain());
        assertThat(bed.dma(master, 0x1000, true).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.events).isEmpty();
    }

    @Test
    void shouldTranslateByStage2UntilUnmapped() {
        IommuMaster master = bed.master(5);
        Smmuv3PagingDomain domain = bed.parent();
        bed.ok(domain.mapPages(0x10000, DriverTestbed.DATA, 4 * PAGE, BOTH));
        bed.ok(bed.driver.attachDev(master, domain));

        assertOk(bed.dma(master, 0x12008, true), DriverTestbed.DATA + 0x2008);
        assertThat(domain.iovaToPhys(0x12008)).isEqualTo(DriverTestbed.DATA + 0x2008);

        bed.ok(domain.unmapPages(0x10000, 4 * PAGE));
        bed.ok(domain.iotlbSync());

        assertThat(bed.dma(master, 0x12008, true).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.events).containsExactly("F_TRANSLATION sid=0x5 iova=0x12008 write class=IN s2=1 ipa=0x12000");
        assertThat(domain.iovaToPhys(0x12008)).isEqualTo(-1);
    }

    @Test
    void shouldTranslateByStage1WithBlocks() {
        IommuMaster master = bed.master(5);
        Smmuv3PagingDomain domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(master, domain));
        bed.ok(domain.mapPages(0x3fe000, DriverTestbed.DATA + 0x1fe000, 0x402000, BOTH));

        assertOk(bed.dma(master, 0x3ff010, true), DriverTestbed.DATA + 0x1ff010);
        assertOk(bed.dma(master, 0x567890, true), DriverTestbed.DATA + 0x367890);
        assertThat(domain.mapPages(0x400000, 0, PAGE, BOTH)).isNotNull();
        assertThat(bed.run(domain.mapPages(0x400000, 0, PAGE, BOTH))).isEqualTo(Errno.EEXIST);

        bed.ok(domain.mapPages(0x900000, DriverTestbed.DATA, PAGE, 1));
        assertThat(bed.dma(master, 0x900000, true).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.events).containsExactly("F_PERMISSION sid=0x5 iova=0x900000 write class=IN s2=0");
    }

    @Test
    void shouldTranslateThroughBothStagesOfAGuest() {
        IommuMaster master = bed.master(5);
        Smmuv3PagingDomain parent = bed.parent();
        bed.ok(parent.mapPages(0, DriverTestbed.DATA, 0x80_0000, BOTH));
        DriverTestbed.Core core = bed.new Core();
        VirtualIommu viommu = bed.viommu(parent, core);
        GuestIommu guest = bed.driver.newGuest(bed.new Guest(DriverTestbed.DATA), "vm0");
        bed.ok(guest.attach(0x33));
        bed.ok(guest.map(0x33, 0x7000_0000, 0x20_0000, 2 * PAGE, BOTH));
        IommuDomain nested = bed.nested(viommu, guest.hwptData(0x33));

        assertThat(bed.run(bed.driver.attachDev(master, nested))).isEqualTo(Errno.ENOENT);
        bed.ok(viommu.vdeviceInit(master, 0x33));
        core.devices.put(0x33L, master);
        bed.ok(bed.driver.attachDev(master, nested));

        assertOk(bed.dma(master, 0x7000_1008, true), DriverTestbed.DATA + 0x20_1008);

        RefCell<UserData> commands = bed.result();
        bed.ok(guest.unmap(0x33, 0x7000_0000, 2 * PAGE, commands));
        assertOk(bed.dma(master, 0x7000_1008, true), DriverTestbed.DATA + 0x20_1008);
        var done = bed.number();
        bed.ok(viommu.cacheInvalidate(commands.require().array(guest.invalidationEntryLength()), done));
        assertThat(done.get()).isEqualTo(2);
        assertThat(bed.dma(master, 0x7000_1008, true).outcome()).isEqualTo(DmaOutcome.FAULT);

        assertThat(bed.events).containsExactly("F_TRANSLATION sid=0x5 iova=0x70001008 write class=IN s2=0");
        assertThat(core.events).hasSize(1);
        assertThat(Event.SID.get(core.events.get(0)[0])).isEqualTo(0x33);

        // A stage-2 fault is the host's own: it is not handed to the guest.
        bed.ok(guest.map(0x33, 0x7000_0000, 0x4000_0000, PAGE, BOTH));
        assertThat(bed.dma(master, 0x7000_0000, true).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.events.get(1))
                .isEqualTo("F_TRANSLATION sid=0x5 iova=0x70000000 write class=IN s2=1 ipa=0x40000000");
        assertThat(core.events).hasSize(1);
    }
}
