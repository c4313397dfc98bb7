package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.format.SteDecoder;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's tables against a plain map from page to page. */
class PageTableTest {
    private static final long PAGE = 0x1000;
    private static final long BLOCK = 0x20_0000;

    private static DriverTestbed probed(IdRegs ids) {
        DriverTestbed bed = DriverTestbed.fake(ids);
        bed.ok(bed.driver.probe());
        return bed;
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 36, 40, 42, 44, 48})
    void shouldMakeStage2EntriesThatHardwareAcceptsForEveryAddressSize(int bits) {
        IdRegs all = FakeSmmu.ALL;
        IdRegs ids = new IdRegs(all.idr0(), all.idr1(), 0, all.idr3(), 0, IdRegs.addressCode(bits) | 7 << 4, 0, 0);
        DriverTestbed bed = probed(ids);
        Smmuv3PagingDomain domain = bed.parent();
        StreamConfig config = new StreamConfig();

        assertThat(SteDecoder.decode(SteTargets.stage2(domain, false), ids, config))
                .isEqualTo(Event.NONE);
        StageParameters p = config.stage2;
        assertThat(config.kind).isEqualTo(Ste.S2);
        assertThat(p.inputBits).isEqualTo(bits);
        assertThat(p.startLevel).isEqualTo(LpaeFormat.startLevel(domain.table()));
        assertThat(p.root).isEqualTo(domain.table().root());
        assertThat(domain.apertureEnd()).isEqualTo((1L << bits) - 1);
    }

    @Test
    void shouldUseTheLargestLeavesThatFit() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        Smmuv3PagingDomain domain = bed.paging(0);
        long before = bed.pages.usedPages();
        bed.ok(domain.mapPages(0x4000_0000L, 0x4000_0000L, 0x4000_0000L, 3));
        assertThat(bed.pages.usedPages() - before).isEqualTo(1); // the level-1 table only
        bed.ok(domain.mapPages(0x8000_0000L, 0x20_0000L, 2 * BLOCK + PAGE, 3));
        assertThat(bed.pages.usedPages() - before).isEqualTo(3);
        assertThat(domain.iovaToPhys(0x8040_0123L)).isEqualTo(0x60_0123L);
        bed.assertClean();
    }

    @Test
    void shouldLeaveNothingMappedAfterAnError() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        Smmuv3PagingDomain domain = bed.parent();
        bed.ok(domain.mapPages(BLOCK + 3 * PAGE, 0, PAGE, 3));
        bed.fake().commands.clear();

        assertThat(bed.run(domain.mapPages(0, 0x1000, BLOCK + 8 * PAGE, 3))).isEqualTo(Errno.EEXIST);

        for (long iova = 0; iova < BLOCK + 8 * PAGE; iova += PAGE) {
            assertThat(domain.iovaToPhys(iova)).isEqualTo(iova == BLOCK + 3 * PAGE ? 0 : -1);
        }
        assertThat(bed.fake().commands).contains("TLBI_NH_ALL vmid=1");
        bed.assertClean();
    }

    @Test
    void shouldRefuseRangesOutsideOfTheAperture() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        Smmuv3PagingDomain domain = bed.parent();
        assertThat(bed.run(domain.mapPages(1L << 44, 0, PAGE, 3))).isEqualTo(Errno.ERANGE);
        assertThat(bed.run(domain.mapPages(0, 1L << 44, PAGE, 3))).isEqualTo(Errno.ERANGE);
        assertThat(bed.run(domain.mapPages(1, 0, PAGE, 3))).isEqualTo(Errno.ERANGE);
        bed.ok(domain.mapPages(0, 0, BLOCK, 3));
        assertThat(bed.run(domain.unmapPages(PAGE, PAGE))).isEqualTo(Errno.EINVAL); // inside of a block
    }

    @Test
    void shouldFailWithoutMemoryAndGiveBackTheRest() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        Smmuv3PagingDomain domain = bed.paging(0);
        List<Long> hoard = new ArrayList<>();
        for (long page = bed.pages.allocate(PageOwner.KERNEL); page >= 0; page = bed.pages.allocate(PageOwner.KERNEL)) {
            hoard.add(page);
        }
        bed.pages.free(hoard.get(0), 1);
        bed.pages.free(hoard.get(1), 1);

        assertThat(bed.run(domain.mapPages(0, 0, PAGE, 3))).isEqualTo(Errno.ENOMEM);
        assertThat(domain.iovaToPhys(0)).isEqualTo(-1);
        // A domain needs a start table and a CD, and only one page is left.
        bed.pages.free(hoard.get(2), 1);
        RefCell<IommuDomain> result = bed.result();
        long used = bed.pages.usedPages();
        assertThat(bed.run(bed.driver.domainAllocPagingFlags(null, 0, UserData.NONE, result)))
                .isEqualTo(Errno.ENOMEM);
        assertThat(bed.pages.usedPages()).isEqualTo(used);
        assertThat(result.get()).isNull();
        assertThat(bed.smmu().asids.inUse(2)).isFalse();
        bed.assertClean();
    }

    @Test
    void shouldAgreeWithAMapOverRandomOperations() {
        for (long seed = 1; seed <= 30; seed++) {
            Gen gen = new Gen(seed);
            DriverTestbed bed = probed(gen.oneIn(2) ? FakeSmmu.ALL : FakeSmmu.PLAIN);
            long before = bed.pages.usedPages();
            Smmuv3PagingDomain domain = gen.oneIn(2) ? bed.paging(0) : bed.parent();
            Map<Long, Long> model = new TreeMap<>();
            List<long[]> mapped = new ArrayList<>();
            for (int op = 0; op < 60; op++) {
                if (!mapped.isEmpty() && gen.oneIn(3)) {
                    long[] range = mapped.remove(gen.below(mapped.size()));
                    bed.ok(domain.unmapPages(range[0], range[1]));
                    for (long at = range[0]; at < range[0] + range[1]; at += PAGE) {
                        model.remove(at);
                    }
                    if (gen.oneIn(2)) {
                        bed.ok(domain.iotlbSync());
                    }
                    continue;
                }
                long unit = gen.oneIn(2) ? PAGE : BLOCK;
                long bytes = unit * (1 + gen.below(unit == PAGE ? 700 : 3));
                long iova = gen.below(64) * BLOCK + (unit == PAGE ? gen.below(512) * PAGE : 0);
                long physical = gen.below(64) * BLOCK + (gen.oneIn(4) ? PAGE : iova % BLOCK);
                boolean free = true;
                for (long at = iova; at < iova + bytes; at += PAGE) {
                    free &= !model.containsKey(at);
                }
                int answer = bed.run(domain.mapPages(iova, physical, bytes, 3));
                assertThat(Errno.name(answer)).as("seed " + seed).isEqualTo(free ? "OK" : "EEXIST");
                if (free) {
                    mapped.add(new long[] {iova, bytes});
                    for (long at = 0; at < bytes; at += PAGE) {
                        model.put(iova + at, physical + at);
                    }
                }
            }
            for (long at = 0; at < 70 * BLOCK; at += PAGE) {
                assertThat(domain.iovaToPhys(at))
                        .as("seed " + seed + " iova " + at)
                        .isEqualTo(model.getOrDefault(at, -1L));
            }
            bed.ok(bed.driver.domainFree(domain));
            assertThat(bed.pages.usedPages()).isEqualTo(before);
            bed.assertClean();
        }
    }

    @Test
    void shouldLetSeveralTasksMapAtOnce() {
        for (long seed = 1; seed <= 20; seed++) {
            Gen gen = new Gen(seed);
            DriverTestbed bed = probed(FakeSmmu.ALL);
            long before = bed.pages.usedPages();
            Smmuv3PagingDomain domain = bed.paging(0);
            List<List<Integer>> answers = new ArrayList<>();
            for (int task = 0; task < 6; task++) {
                answers.add(bed.start(domain.mapPages(task * 40 * PAGE, task * BLOCK, 40 * PAGE, 3)));
                bed.sim.scheduler().runUntil(bed.sim.now() + gen.below(400_000));
            }
            bed.sim.scheduler().run();

            assertThat(answers).allMatch(a -> a.equals(List.of(0)));
            for (int page = 0; page < 240; page++) {
                assertThat(domain.iovaToPhys(page * PAGE)).isEqualTo(page / 40 * BLOCK + page % 40 * PAGE);
            }
            // A slower task's spare tables went back.
            assertThat(bed.pages.usedPages() - before).isEqualTo(2 + 3);
            bed.assertClean();
        }
    }

    @Test
    void shouldFreeTablesOnlyAfterTheyAreInvalidated() {
        DriverTestbed bed = probed(FakeSmmu.PLAIN);
        Smmuv3PagingDomain domain = bed.parent();
        bed.ok(domain.mapPages(0, PAGE, BLOCK, 3));
        long used = bed.pages.usedPages();
        bed.ok(domain.unmapPages(0, BLOCK));
        assertThat(bed.pages.usedPages()).isEqualTo(used);
        bed.fake().commands.clear();
        bed.steps.clear();

        bed.ok(domain.iotlbSync());

        assertThat(bed.pages.usedPages()).isEqualTo(used - 1);
        assertThat(bed.fake().commands.get(0)).isEqualTo("TLBI_S2_IPA vmid=1 addr=0x0"); // not leaf only
        assertThat(bed.steps)
                .containsSubsequence(
                        "arm_smmu_cmdq_issue_cmdlist: wait for CMD_SYNC",
                        "arm_smmu_iotlb_sync: TLBI_NH_ALL of the VMID",
                        "arm_smmu_cmdq_issue_cmdlist: wait for CMD_SYNC",
                        "arm_smmu_iotlb_sync: free table");
        bed.assertClean();
    }

    @Test
    void shouldCoverWhatAnotherSyncTookAndHasNotFinished() {
        DriverTestbed bed = probed(FakeSmmu.PLAIN);
        Smmuv3PagingDomain domain = bed.paging(0);
        bed.ok(domain.mapPages(0, 0, 4 * PAGE, 3));
        bed.ok(domain.unmapPages(0, PAGE));
        bed.fake().alive = false;
        List<Integer> first = bed.start(domain.iotlbSync());
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        List<Integer> second = bed.start(domain.iotlbSync());
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        assertThat(first).isEmpty();
        assertThat(second).isEmpty();
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();

        assertThat(second).containsExactly(0);
        assertThat(bed.fake().commands)
                .endsWith("TLBI_NH_VA vmid=0 asid=1 addr=0x0 leaf", "SYNC", "TLBI_NH_ASID vmid=0 asid=1", "SYNC");
    }

    @Test
    void shouldGiveTheLowestFreeIds() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        Smmuv3PagingDomain one = bed.paging(0);
        Smmuv3PagingDomain two = bed.paging(0);
        assertThat(one.tag()).isEqualTo(1);
        assertThat(two.tag()).isEqualTo(2);
        assertThat(bed.parent().tag()).isEqualTo(1);
        bed.ok(bed.driver.domainFree(one));
        assertThat(bed.paging(0).tag()).isEqualTo(1);
        assertThat(bed.paging(0).tag()).isEqualTo(3);
        RefCell<IommuDomain> result = bed.result();
        assertThat(bed.run(bed.driver.domainAllocPagingFlags(null, 2, UserData.NONE, result)))
                .isEqualTo(Errno.EOPNOTSUPP);
    }
}
