package org.iommusim.iommufd.pt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.ReservedRegion;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.LongCell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each of the driver's map calls fails in turn: afterwards nothing of the operation is left, and it succeeds when asked again. */
class IoptUnwindTest {
    private static final long PAGE = 4096;

    private final Rig rig = new Rig();
    private final long va = rig.process.mmap(64 * PAGE, false);
    private final int device = rig.bind(rig.open(rig.plug("net0", 0x100)));
    private final int source = rig.ioasAlloc();
    private final int target = rig.ioasAlloc();
    private final Local local = new Local(rig);
    private int calls;
    private int failing;

    private static final class Local extends Frame {
        final LongCell iova = num();

        Local(Rig rig) {
            super(rig.simulation.world());
        }
    }

    @BeforeEach
    void countMapCalls() {
        rig.driver.onOperation(name -> {
            if (name.equals("map_pages")) {
                calls++;
                rig.driver.fail("map_pages", calls == failing ? Errno.ENOMEM : 0);
            }
        });
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private IoPagetable iopt(int ioas) {
        if (rig.ctx.objects().load(ioas) instanceof Ioas found) {
            return found.iopt();
        }
        throw new AssertionError("no ioas");
    }

    /** What the domains of an address space translate, page by page of the window that these tests use. */
    private List<TreeMap<Long, Long>> translations(int ioas) {
        List<TreeMap<Long, Long>> all = new ArrayList<>();
        for (PagingDomain domain : iopt(ioas).domains()) {
            TreeMap<Long, Long> pages = new TreeMap<>();
            for (long at = 0; at < 0x100 * PAGE; at += PAGE) {
                if (domain.iovaToPhys(at) >= 0) {
                    pages.put(at, domain.iovaToPhys(at));
                }
            }
            all.add(pages);
        }
        return all;
    }

    /** Fails the n-th map call for every n until the operation gets through; every failure must leave all as it was. */
    private void sweep(int ioas, IntSupplier operation) {
        List<TreeMap<Long, Long>> before = translations(ioas);
        long pinned = rig.process.pinnedPages();
        long locked = rig.process.user().lockedPages();
        int areas = iopt(ioas).areas().size();
        int reserved = iopt(ioas).reserved().size();
        int answer = 1;
        for (int n = 1; answer != 0; n++) {
            calls = 0;
            failing = n;
            answer = operation.getAsInt();
            if (answer != 0) {
                assertThat(answer).isEqualTo(Errno.ENOMEM);
                assertThat(calls).isEqualTo(n);
                assertThat(translations(ioas)).isEqualTo(before);
                assertThat(rig.process.pinnedPages()).isEqualTo(pinned);
                assertThat(rig.process.user().lockedPages()).isEqualTo(locked);
                assertThat(iopt(ioas).areas().size()).isEqualTo(areas);
                assertThat(iopt(ioas).reserved().size()).isEqualTo(reserved);
                assertThat(rig.audit()).isEmpty();
            }
        }
        assertThat(failing).isGreaterThan(3);
        failing = 0;
    }

    private void threeMaps() {
        for (int i = 0; i < 3; i++) {
            assertThat(rig.map(source, va + i * 8 * PAGE, 3 * PAGE, (0x10 + 3 * i) * PAGE))
                    .isZero();
        }
    }

    @Test
    void shouldUnwindAMapInSeveralDomainsAndRuns() {
        assertThat(rig.run(IoptSettings.largePages(iopt(target), false))).isZero();
        rig.hwptAlloc(device, target, false);
        rig.hwptAlloc(device, target, false);
        sweep(target, () -> {
            local.iova.set(0x20 * PAGE);
            return rig.run(IoptMapSource.user(
                    iopt(target),
                    rig.process,
                    va,
                    new IoptMapSource.Request(3 * PAGE, 3, true, local.iova, rig.process.payer(), AccountMode.USER)));
        });
        assertThat(rig.process.pinnedPages()).isEqualTo(3);
    }

    @Test
    void shouldUnwindACopyOfSeveralSlices() {
        threeMaps();
        rig.hwptAlloc(device, target, false);
        rig.hwptAlloc(device, target, false);
        sweep(target, () -> {
            local.iova.set(0x40 * PAGE);
            IoptCopy.Pages pages = new IoptCopy.Pages(local);
            assertThat(rig.run(pages.get(iopt(source), 0x11 * PAGE, 7 * PAGE))).isZero();
            return rig.run(pages.map(iopt(target), 3, true, local.iova));
        });
        assertThat(rig.process.pinnedPages()).isEqualTo(7);
        assertThat(iopt(target).areas().size()).isEqualTo(3);
    }

    @Test
    void shouldUnwindADomainThatCannotTakeAllMaps() {
        threeMaps();
        rig.map(source, va + 40 * PAGE, PAGE, 0x30 * PAGE);
        sweep(source, () -> Math.min(rig.hwptAlloc(device, source, false), 0));
        assertThat(rig.process.pinnedPages()).isEqualTo(10);
    }

    @Test
    void shouldKeepPinsOfOthersWhenAFillFails() {
        threeMaps();
        rig.hwptAlloc(device, source, false);
        assertThat(rig.process.pinnedPages()).isEqualTo(9);
        rig.hwptAlloc(device, target, false);
        failing = calls + 1;
        IoptCopy.Pages pages = new IoptCopy.Pages(local);
        local.iova.set(0x40 * PAGE);
        rig.run(pages.get(iopt(source), 0x10 * PAGE, 2 * PAGE));
        assertThat(rig.run(pages.map(iopt(target), 3, true, local.iova))).isEqualTo(Errno.ENOMEM);
        assertThat(rig.process.pinnedPages()).isEqualTo(9);
        assertThat(rig.memory.pins(rig.process.translate(va))).isEqualTo(1);
    }

    @Test
    void shouldReserveForADeviceAllOrNothing() {
        rig.map(source, va, PAGE, 0x50 * PAGE);
        List<ReservedRegion> regions = List.of(
                new ReservedRegion(0xfee0_0000L, 0x10_0000, ReservedRegion.Type.MSI),
                new ReservedRegion(0x50 * PAGE, PAGE, ReservedRegion.Type.DIRECT_RELAXABLE));
        IoPagetable iopt = iopt(source);
        assertThat(rig.run(IoptReserve.enforceDevice(iopt, regions, rig.process)))
                .isZero();
        assertThat(iopt.usable()).hasSize(2);
        List<ReservedRegion> taken = List.of(
                new ReservedRegion(0, PAGE, ReservedRegion.Type.RESERVED),
                new ReservedRegion(0x50 * PAGE, PAGE, ReservedRegion.Type.RESERVED));
        assertThat(rig.run(IoptReserve.enforceDevice(iopt, taken, rig.ctx))).isEqualTo(Errno.EADDRINUSE);
        assertThat(iopt.usable()).hasSize(2);
        assertThat(rig.run(IoptReserve.remove(iopt, rig.process))).isZero();
        assertThat(iopt.usable()).hasSize(1);
    }

    @Test
    void shouldHoldNothingWhenTheSlicesOfACopyCannotBeCollected() {
        threeMaps();
        rig.inject("iopt_get_pages", "kref_get of each area's pages", Errno.ENOMEM);
        assertThat(rig.run(new IoptCopy.Pages(local).get(iopt(source), 0x10 * PAGE, PAGE)))
                .isEqualTo(Errno.ENOMEM);
        rig.inject("iopt_get_pages", "kref_get of each area's pages", 0);
        IoptCopy.Pages pages = new IoptCopy.Pages(local);
        assertThat(rig.run(pages.get(iopt(source), 0x10 * PAGE, 9 * PAGE))).isZero();
        assertThat(rig.audit()).isNotEmpty();
        assertThat(rig.run(pages.free(iopt(source)))).isZero();
    }

    @Test
    void shouldCutNothingWithoutMemory() {
        threeMaps();
        rig.inject("iopt_cut_iova", "iopt_area_split", Errno.ENOMEM);
        assertThat(rig.run(IoptCut.call(iopt(source), List.of(0x11 * PAGE - 1))))
                .isEqualTo(Errno.ENOMEM);
        assertThat(iopt(source).areas().size()).isEqualTo(3);
        rig.inject("iopt_cut_iova", "iopt_area_split", 0);
        assertThat(rig.run(IoptCut.call(iopt(source), List.of(0x11 * PAGE - 1))))
                .isZero();
        assertThat(iopt(source).areas().size()).isEqualTo(4);
    }
}
