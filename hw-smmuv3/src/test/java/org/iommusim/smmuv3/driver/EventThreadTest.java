package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.sim.program.Call;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.api.Test;

class EventThreadTest {
    private static DriverTestbed probed(Map<String, Long> parameters) {
        DriverTestbed bed = DriverTestbed.real(parameters);
        bed.ok(bed.driver.probe());
        return bed;
    }

    private static void burst(DriverTestbed bed, IommuMaster master, int count) {
        for (int i = 0; i < count; i++) {
            DmaRequest request = new DmaRequest();
            request.begin(i, master.function().requesterId(), DmaRequest.NO_PASID, i * 0x1000L, 8, true, bed.sim.now());
            master.function().issue(request, r -> {});
        }
        bed.sim.scheduler().run();
    }

    @Test
    void shouldTakeEveryRecordOfABurst() {
        DriverTestbed bed = probed(Map.of("sid_bits", 8L));
        IommuMaster master = bed.master(5);
        bed.ok(bed.driver.attachDev(master, bed.paging(0)));
        burst(bed, master, 40);

        assertThat(bed.events).hasSize(40).allMatch(e -> e.startsWith("F_TRANSLATION sid=0x5"));
        assertThat(bed.driver.eventsTaken()).isEqualTo(40);
        assertThat(bed.driver.eventOverflows()).isZero();
        burst(bed, master, 3);
        assertThat(bed.events).hasSize(43);
        bed.assertClean();
    }

    @Test
    void shouldAcknowledgeLostRecordsAndGoOn() {
        DriverTestbed bed = probed(Map.of("sid_bits", 8L, "eventq_bits", 2L));
        IommuMaster master = bed.master(5);
        bed.ok(bed.driver.attachDev(master, bed.paging(0)));
        burst(bed, master, 60);

        int taken = bed.events.size();
        assertThat(taken).isBetween(4, 59);
        assertThat(bed.driver.eventOverflows()).isPositive();
        assertThat(bed.messages).contains("EVTQ overflow detected -- events lost");
        long prod = bed.device.mmioRead(Reg.EVENTQ_PROD, 4);
        long cons = bed.device.mmioRead(Reg.EVENTQ_CONS, 4);
        assertThat((prod ^ cons) & Reg.Q_OVERFLOW & 0xffff_ffffL).isZero();

        burst(bed, master, 2);
        assertThat(bed.events).hasSize(taken + 2);
        bed.assertClean();
    }

    @Test
    void shouldRecoverFromAnIllegalCommandOnTheDevice() {
        DriverTestbed bed = probed(Map.of("sid_bits", 8L));
        CommandList list = CommandList.of(Cmd.tlbi0(Cmd.TLBI_NSNH_ALL, 0, 0), 0)
                .add(Cmd.atcInv0(5, -1, false), Cmd.atcInv1(0, 52))
                .add(Cmd.tlbi0(Cmd.TLBI_NSNH_ALL, 0, 0), 0);
        bed.ok(bed.smmu().cmdq().issue(list, true));

        assertThat(bed.messages)
                .containsExactly("CMDQ error 0x1 (illegal command) at ATC_INV sid=0x5 addr=0x0 size=52");
        bed.ok(bed.smmu().cmdq().issue(Cmd.tlbi0(Cmd.TLBI_NSNH_ALL, 0, 0), 0));
        bed.assertClean();
    }

    @Test
    void shouldLetManyTasksUseTheDeviceAtOnce() {
        DriverTestbed bed = probed(Map.of("sid_bits", 8L, "cmdq_bits", 3L));
        IommuMaster one = bed.master(5);
        IommuMaster two = bed.master(6);
        Smmuv3PagingDomain a = bed.paging(0);
        Smmuv3PagingDomain b = bed.parent();
        List<Call<?>> calls = List.of(
                bed.driver.attachDev(one, a),
                bed.driver.attachDev(two, b),
                a.mapPages(0x10_0000, DriverTestbed.DATA, 0x40_0000, 3),
                b.mapPages(0x10_0000, DriverTestbed.DATA, 0x40_0000, 3),
                a.iotlbSync(),
                bed.driver.attachDev(one, b),
                bed.driver.attachDev(two, a));
        List<List<Integer>> answers = new ArrayList<>();
        calls.forEach(c -> answers.add(bed.start(c)));
        bed.sim.scheduler().run();

        assertThat(answers).allMatch(l -> l.equals(List.of(0)));
        assertThat(bed.dma(one, 0x12_3456 & ~7, true).physicalAddress())
                .isEqualTo(DriverTestbed.DATA + (0x2_3456 & ~7));
        assertThat(bed.dma(two, 0x12_3456 & ~7, true).physicalAddress())
                .isEqualTo(DriverTestbed.DATA + (0x2_3456 & ~7));
        assertThat(a.users() + b.users()).isEqualTo(2);
        assertThat(bed.events).isEmpty();
        bed.assertClean();
    }

    @Test
    void shouldTakeBackEverythingThatAProgramDid() {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());
        IommuMaster master = bed.master(5);
        Smmuv3PagingDomain domain = bed.parent();
        bed.sim.world().startJournaling();
        int mark = bed.sim.world().mark();
        long hash = bed.sim.world().hash();
        long[] before = stream(bed);

        bed.ok(domain.mapPages(0, DriverTestbed.DATA, 0x20_5000, 3));
        bed.ok(bed.driver.attachDev(master, domain));
        assertThat(bed.sim.world().hash()).isNotEqualTo(hash);
        assertThat(stream(bed)).isNotEqualTo(before);
        bed.sim.world().undoTo(mark);

        assertThat(bed.sim.world().hash()).isEqualTo(hash);
        assertThat(stream(bed)).isEqualTo(before);
        assertThat(master.domain()).isSameAs(bed.driver.blockedDomain());
        assertThat(domain.iovaToPhys(0)).isEqualTo(-1);
    }

    private static long[] stream(DriverTestbed bed) {
        long[] words = new long[Event.WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = bed.memory.read64(bed.smmu().ste(5) + 8L * i);
        }
        return words;
    }
}
