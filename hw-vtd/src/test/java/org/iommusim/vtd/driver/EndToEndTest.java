package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pgtable.X86Format;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.Test;

/** The driver on the real device: what it sets up is translated, what it takes away is not. */
class EndToEndTest {
    private static final long IOVA = 0x10_0000;
    private static final int BOTH = 3;
    private static final int NONE = DmaRequest.NO_PASID;

    private static DriverTestbed probed(String preset) {
        DriverTestbed bed = DriverTestbed.real(preset);
        bed.ok(bed.driver.probe());
        return bed;
    }

    @Test
    void shouldTranslateAGuestsFirstStageOverTheParent() {
        DriverTestbed bed = probed("scalable");
        IommuMaster master = bed.master(0x18);
        DmarPaging parent = bed.parent();
        long ram = DriverTestbed.DATA;
        bed.ok(parent.mapPages(0, ram, 0x100_0000, BOTH));
        DriverTestbed.Guest memory = bed.new Guest(ram);
        IommuDomain nested = bed.nested(master, parent, firstStage(bed, memory, 0x20_0000));
        bed.ok(bed.driver.attachDev(master, nested));
        assertThat(bed.dma(master, NONE, IOVA + 8, true).physicalAddress()).isEqualTo(ram + 0x20_0008);
        IommuDomain second = bed.nested(master, parent, firstStage(bed, memory, 0x40_0000));
        bed.ok(bed.driver.setDevPasid(master, second, 7, null));
        assertThat(bed.dma(master, 7, IOVA + 8, true).physicalAddress()).isEqualTo(ram + 0x40_0008);
        assertThat(bed.dma(master, NONE, IOVA + 8, true).physicalAddress()).isEqualTo(ram + 0x20_0008);
        bed.ok(bed.driver.setDevPasid(master, bed.driver.blockedDomain(), 7, second));
        assertThat(bed.dma(master, 7, IOVA + 8, true).outcome()).isNotEqualTo(DmaOutcome.OK);
        bed.ok(bed.driver.attachDev(master, parent));
        assertThat(bed.dma(master, NONE, 0x1008, true).physicalAddress()).isEqualTo(ram + 0x1008);
        bed.ok(bed.driver.domainFree(nested));
        bed.ok(bed.driver.domainFree(second));
        bed.assertClean();
    }

    @Test
    void shouldRefuseWhatNestingIsNot() {
        DriverTestbed bed = probed("scalable");
        IommuMaster master = bed.master(0x18);
        RefCell<IommuDomain> result = bed.result();
        UserData data = new VtdS1(0, 0x1000, 48).toUserData();
        DmarPaging plain = bed.paging(0);
        assertThat(bed.run(bed.driver.domainAllocNested(master, plain, 0, data, result)))
                .isEqualTo(Errno.EINVAL);
        UserData foreign = UserData.ofWords(2, 0, 0, 0);
        assertThat(bed.run(bed.driver.domainAllocNested(master, bed.parent(), 0, foreign, result)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(bed.run(bed.driver.domainAllocNested(
                        master, bed.parent(), IommuDriver.ALLOC_NEST_PARENT, data, result)))
                .isEqualTo(Errno.EOPNOTSUPP);
        IommuDomain odd = bed.nested(master, bed.parent(), new VtdS1(0, 0x1000, 50));
        assertThat(bed.run(bed.driver.attachDev(master, odd))).isEqualTo(Errno.EINVAL);
        assertThat(master.domain()).isEqualTo(bed.driver.blockedDomain());
        bed.assertClean();
    }

    /** A guest's table that maps IOVA to a guest physical address. */
    private static VtdS1 firstStage(DriverTestbed bed, DriverTestbed.Guest memory, long target) {
        var tables = org.iommusim.hw.pgtable.TableMemory.guest(memory);
        long root = tables.allocate(1);
        bed.ok(X86Format.MAPPING.map(
                bed.sim.world(),
                new X86Format(1).table(tables, root),
                IOVA,
                target,
                0x1_0000,
                BOTH,
                1000,
                (from, bytes) -> {
                    throw new AssertionError();
                }));
        return new VtdS1(0, root, 48);
    }
}
