package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.api.Test;

class CmdqIssueTest {
    private static DriverTestbed probed(IdRegs ids) {
        DriverTestbed bed = DriverTestbed.fake(ids);
        bed.ok(bed.driver.probe());
        bed.fake().commands.clear();
        return bed;
    }

    private static CommandList tlbis(int from, int count) {
        CommandList list = new CommandList();
        for (int i = from; i < from + count; i++) {
            list.add(Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, i), 0);
        }
        return list;
    }

    @Test
    void shouldPutOneSyncBehindAList() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        bed.ok(bed.smmu().cmdq().issue(tlbis(1, 2), true));

        assertThat(bed.fake().commands)
                .containsExactly("TLBI_NH_ASID vmid=0 asid=1", "TLBI_NH_ASID vmid=0 asid=2", "SYNC");
        bed.assertClean();
    }

    @Test
    void shouldIssueLongListsInBlocksOf63() {
        DriverTestbed bed = probed(FakeSmmu.PLAIN);
        bed.ok(bed.smmu().cmdq().issue(tlbis(0, 200), true));

        assertThat(bed.fake().commands).hasSize(201).last().isEqualTo("SYNC");
        assertThat(bed.steps.stream().filter(s -> s.endsWith("write CMDQ_PROD")))
                .hasSize(3 + 4);
        bed.assertClean();
    }

    @Test
    void shouldWaitForRoomInASmallQueueAndGoRoundManyTimes() {
        IdRegs small = new IdRegs(FakeSmmu.PLAIN.idr0(), 8 | 7 << 16 | 2 << 21, 0, 0, 0, FakeSmmu.PLAIN.idr5(), 0, 0);
        DriverTestbed bed = probed(small);
        List<List<Integer>> answers = new ArrayList<>();
        bed.fake().alive = false;
        for (int task = 0; task < 5; task++) {
            answers.add(bed.start(bed.smmu().cmdq().issue(tlbis(100 * task, 7), true)));
        }
        bed.sim.scheduler().runUntil(bed.sim.now() + 100_000_000L);
        assertThat(answers).allMatch(List::isEmpty);
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();

        assertThat(answers).allMatch(a -> a.equals(List.of(0)));
        for (int task = 0; task < 5; task++) {
            int first = 100 * task;
            List<String> ours = bed.fake().commands.stream()
                    .filter(c -> c.startsWith("TLBI")
                            && Integer.parseInt(c.substring(c.indexOf("asid=") + 5)) / 100 == first / 100)
                    .toList();
            assertThat(ours).hasSize(7).isSorted();
        }
        bed.assertClean();
    }

    @Test
    void shouldReportATimeout() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        bed.fake().alive = false;
        long before = bed.sim.now();

        assertThat(bed.run(bed.smmu().cmdq().issue(tlbis(1, 1), true))).isEqualTo(Errno.ETIMEDOUT);

        assertThat(bed.sim.now() - before).isGreaterThanOrEqualTo(ArmSmmu.POLL_TIMEOUT_PS);
        assertThat(bed.messages).containsExactly("CMD_SYNC timeout");
    }

    @Test
    void shouldReplaceAnIllegalCommandBySyncAndGoOn() {
        DriverTestbed bed = probed(FakeSmmu.ALL);
        bed.fake().illegal = opcode -> opcode == Cmd.ATC_INV;
        CommandList list = tlbis(1, 1).add(Cmd.atcInv0(5, -1, false), Cmd.atcInv1(0, 52));
        list.add(Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, 2), 0);

        bed.ok(bed.smmu().cmdq().issue(list, true));

        assertThat(bed.fake().commands)
                .containsExactly("TLBI_NH_ASID vmid=0 asid=1", "SYNC", "TLBI_NH_ASID vmid=0 asid=2", "SYNC");
        assertThat(bed.messages)
                .containsExactly("CMDQ error 0x1 (illegal command) at ATC_INV sid=0x5 addr=0x0 size=52");
        assertThat(bed.fake().register(Reg.GERRORN)).isEqualTo(bed.fake().register(Reg.GERROR));
        bed.assertClean();
    }

    @Test
    void shouldNeverMixBatchesOfSeveralTasks() {
        for (long seed = 1; seed <= 20; seed++) {
            Gen gen = new Gen(seed);
            DriverTestbed bed = probed(gen.oneIn(2) ? FakeSmmu.ALL : FakeSmmu.PLAIN);
            List<List<Integer>> answers = new ArrayList<>();
            List<Integer> sizes = new ArrayList<>();
            for (int task = 0; task < 8; task++) {
                int size = 1 + gen.below(20);
                sizes.add(size);
                answers.add(bed.start(bed.smmu().cmdq().issue(tlbis(100 * task, size), true)));
                bed.sim.scheduler().runUntil(bed.sim.now() + gen.below(300_000));
            }
            bed.sim.scheduler().run();

            assertThat(answers).as("seed " + seed).allMatch(a -> a.equals(List.of(0)));
            String all = String.join(",", bed.fake().commands);
            for (int task = 0; task < 8; task++) {
                StringBuilder batch = new StringBuilder();
                for (int i = 0; i < sizes.get(task); i++) {
                    batch.append("TLBI_NH_ASID vmid=0 asid=")
                            .append(100 * task + i)
                            .append(',');
                }
                assertThat(all).contains(batch + "SYNC");
            }
            bed.assertClean();
        }
    }

    @Test
    void shouldCoverRangesWithFewCommandsIfHardwareCan() {
        CommandList list = new CommandList();
        list.addRange(FakeSmmu.ALL, Cmd.TLBI_NH_VA, 0, 3, 0x4000_0000L, 0x23000, 12, true);

        long covered = 0;
        for (int i = 0; i < list.count(); i++) {
            assertThat(Cmd.ADDRESS.inPlace(list.word1(i))).isEqualTo(0x4000_0000L + covered);
            covered += Cmd.rangeBytes(list.word0(i), list.word1(i), false);
        }
        assertThat(covered).isEqualTo(0x23000);
        assertThat(list.count()).isEqualTo(2);
        assertThat(Cmd.TTL.get(list.word1(0))).isEqualTo(3);
        assertThat(new CommandList()
                        .addRange(FakeSmmu.PLAIN, Cmd.TLBI_S2_IPA, 1, 0, 0, 0x40_0000, 21, true)
                        .count())
                .isEqualTo(2);
    }
}
