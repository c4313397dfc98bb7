package org.iommusim.iommufd.pt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.file.DmaBuf;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Maps of a dma-buf: nothing is counted, nothing can be cut, and the exporter may take it back at any time. */
class DmabufTest {
    private final Rig rig = new Rig();
    private final Local local = new Local(rig);
    private final int ioas = rig.ioasAlloc();
    private final int device = rig.bind(rig.open(rig.plug("net0", 0x100)));

    private static final class Local extends Frame {
        final LongCell iova = num();
        final RefCell<DmaBuf> dmabuf = ref();
        final RefCell<PageSource> source = ref();

        Local(Rig rig) {
            super(rig.simulation.world());
        }
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private IoPagetable iopt() {
        if (rig.ctx.objects().load(ioas) instanceof Ioas found) {
            return found.iopt();
        }
        throw new AssertionError("no ioas");
    }

    private DmaBuf export() {
        assertThat(DmaBuf.export(rig.kernel, 0x4000, local.dmabuf)).isZero();
        return local.dmabuf.require();
    }

    private int map(DmaBuf dmabuf, long start, long length, long iova) {
        int error = dmabuf.pages(start & -4096, start + length, local.source);
        if (error != 0) {
            return error;
        }
        local.iova.set(iova);
        var request = new IoptMapSource.Request(length, 3, true, local.iova, rig.process.payer(), AccountMode.NONE);
        return rig.run(IoptMapSource.source(iopt(), local.source.require(), start & 4095, request));
    }

    private long translate(int domain, long iova) {
        return iopt().domains().get(domain).iovaToPhys(iova);
    }

    @Test
    void shouldMapWithoutCountingPages() {
        DmaBuf dmabuf = export();
        rig.hwptAlloc(device, ioas, false);
        assertThat(map(dmabuf, 0x2000, 0x3000, 0x10000)).isEqualTo(Errno.EINVAL);
        assertThat(map(dmabuf, 0x1000, 0x2000, 0x10000)).isZero();
        assertThat(translate(0, 0x11000)).isEqualTo(dmabuf.physical() + 0x2000);
        assertThat(rig.process.pinnedPages()).isZero();
        rig.unmap(ioas, 0, -1);
        assertThat(translate(0, 0x11000)).isEqualTo(-1);
        rig.run(dmabuf.release());
        assertThat(rig.memory.owner(dmabuf.physical())).isEqualTo(PageOwner.FREE);
    }

    @Test
    void shouldTakeItOutOfEveryDomainWhenItIsRevoked() {
        DmaBuf dmabuf = export();
        rig.hwptAlloc(device, ioas, false);
        int second = rig.hwptAlloc(device, ioas, false);
        assertThat(map(dmabuf, 0, 0x2000, 0x10000)).isZero();
        assertThat(map(dmabuf, 0x2000, 0x1000, 0x20000)).isZero();

        assertThat(rig.run(dmabuf.revoke(true))).isZero();
        for (int domain = 0; domain < 2; domain++) {
            assertThat(translate(domain, 0x10000)).isEqualTo(-1);
            assertThat(translate(domain, 0x20000)).isEqualTo(-1);
        }
        assertThat(map(dmabuf, 0, 0x1000, 0x30000)).isEqualTo(Errno.ENODEV);
        assertThat(rig.run(dmabuf.revoke(false))).isZero();
        assertThat(translate(0, 0x10000)).isEqualTo(-1);
        assertThat(map(dmabuf, 0, 0x1000, 0x30000)).isZero();
        assertThat(rig.destroy(second)).isZero();
        rig.hwptAlloc(device, ioas, false);
        assertThat(translate(1, 0x10000)).isEqualTo(-1);
        assertThat(translate(1, 0x30000)).isEqualTo(dmabuf.physical());
        long unmaps = rig.driver.count("unmap_pages");
        rig.unmap(ioas, 0, -1);
        assertThat(rig.driver.count("unmap_pages") - unmaps).isEqualTo(2);
    }

    @Test
    void shouldOutliveItsFile() {
        DmaBuf dmabuf = export();
        rig.hwptAlloc(device, ioas, false);
        map(dmabuf, 0, 0x1000, 0x10000);
        rig.run(dmabuf.release());
        assertThat(rig.memory.owner(dmabuf.physical())).isEqualTo(PageOwner.KERNEL);
        rig.unmap(ioas, 0, -1);
        assertThat(rig.memory.owner(dmabuf.physical())).isEqualTo(PageOwner.FREE);
    }

    @Test
    void shouldUntrackADomainThatCannotTakeIt() {
        DmaBuf dmabuf = export();
        rig.hwptAlloc(device, ioas, false);
        rig.driver.fail("map_pages", Errno.ENOMEM);
        assertThat(map(dmabuf, 0, 0x1000, 0x10000)).isEqualTo(Errno.ENOMEM);
        rig.driver.fail("map_pages", 0);
        long unmaps = rig.driver.count("unmap_pages");
        rig.run(dmabuf.revoke(true));
        assertThat(rig.driver.count("unmap_pages")).isEqualTo(unmaps);
    }

    @Test
    void shouldRefuseToCutIt() {
        DmaBuf dmabuf = export();
        map(dmabuf, 0, 0x4000, 0x10000);
        assertThat(rig.run(IoptCut.call(iopt(), List.of(0x10fffL)))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.run(IoptCut.call(iopt(), List.of(0x13fffL, 0x9999L)))).isZero();
    }
}
