package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.MaintenanceBook.Stream;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes of tables, random TLBIs of every kind (also of other VMs, spaces and addresses), and traffic of streams of
 * every kind, all at once. Whenever an access is carried out, the {@link MaintenanceBook} must allow where it ends.
 */
class RandomMaintenanceTest {
    private static final int PAGES = 6;
    private static final int IN_FLIGHT = 12;
    private static final int ROUNDS = 120;
    private static final long CDS = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    private static final long IPAS = 0x4000_0000;
    private static final long DATA = 0x2000_0000;

    private static final List<Stream> STREAMS = List.of(
            new Stream(8, 1, 1, true, false),
            new Stream(16, 1, 2, true, false),
            new Stream(24, 2, 0, false, true),
            new Stream(32, 3, 1, true, true),
            new Stream(40, 3, 2, true, true));

    private static final class Run implements DmaCompletion, EventHandler {
        final Smmuv3Testbed bed;
        final Gen gen;
        final MaintenanceBook book = new MaintenanceBook();
        final Vmsav8Tables[] firsts = new Vmsav8Tables[STREAMS.size()];
        final Map<Integer, Vmsav8Tables> seconds = new TreeMap<>();
        final long[][] ipas = new long[STREAMS.size()][PAGES];
        final DmaRequest[] requests = new DmaRequest[IN_FLIGHT];
        /** CMD_SYNCs in the queue: index in the queue behind it, and how many commands it stands behind. */
        final ArrayDeque<long[]> syncs = new ArrayDeque<>();

        long nextPage;
        long issued;
        boolean stopped;

        Run(String preset, long seed) {
            gen = new Gen(seed);
            Map<String, Long> shape =
                    new TreeMap<>(Map.of("tbus", gen.between(1, 3), "walk_slots", gen.between(1, 16)));
            shape.put("range_invalidation", 1L);
            shape.put("link_down_cycles", gen.oneIn(2) ? 8 : gen.between(8, 200));
            bed = Smmuv3Testbed.of(preset, shape).enable();
            for (int i = 0; i < STREAMS.size(); i++) {
                make(i, STREAMS.get(i));
            }
            for (int i = 0; i < requests.length; i++) {
                requests[i] = new DmaRequest();
            }
        }

        private void make(int i, Stream s) {
            Vmsav8Tables second = s.second()
                    ? seconds.computeIfAbsent(
                            s.vmid(), vmid -> new Vmsav8Tables(bed.memory, TABLES + 0x10_0000L * vmid, 0))
                    : null;
            long base = 0x10_0000L * i;
            if (s.first() && s.second()) {
                // The CD and the tables of stage 1 lie in pages that stay.
                for (long ipa = base; ipa < base + 0x2_0000; ipa += 0x1000) {
                    second.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
                }
                firsts[i] = new Vmsav8Tables(bed.memory, base + 0x1000, GUEST);
                bed.words(GUEST + base, Smmuv3Testbed.cd(firsts[i].root(), s.asid()));
                bed.ste(s.sid(), Smmuv3Testbed.nestedSte(base, second.root(), s.vmid()));
            } else if (s.first()) {
                firsts[i] = new Vmsav8Tables(bed.memory, TABLES + 0x80_0000 + base, 0);
                bed.words(CDS + 0x1000L * i, Smmuv3Testbed.cd(firsts[i].root(), s.asid()));
                bed.ste(s.sid(), Smmuv3Testbed.stage1Ste(CDS + 0x1000L * i, s.vmid()));
            } else {
                bed.ste(s.sid(), Smmuv3Testbed.stage2Ste(second.root(), s.vmid()));
            }
            for (int page = 0; page < PAGES; page++) {
                move(i, page);
            }
        }

        /** Gives a page of a stream a place where nothing has been before. */
        private void move(int i, int page) {
            Stream s = STREAMS.get(i);
            long iova = (long) page << 12;
            long pa = DATA + (nextPage++ << 12);
            boolean byStage1 = s.first() && (!s.second() || ipas[i][page] == 0 || gen.oneIn(2));
            if (s.second()) {
                if (!s.first()) {
                    ipas[i][page] = iova;
                } else if (byStage1) {
                    ipas[i][page] = IPAS + (nextPage << 12);
                }
                seconds.get(s.vmid()).map(ipas[i][page], pa, Vmsav8Tables.S2_PAGE);
            }
            book.moved(s, iova, ipas[i][page], pa, byStage1);
            if (byStage1) {
                firsts[i].map(iova, s.second() ? ipas[i][page] : pa, Vmsav8Tables.S1_PAGE | Vmsav8.NG);
            }
        }

        private void command(long w0, long w1) {
            bed.put(w0, w1);
            book.issued(w0, w1);
        }

        private void randomCommand() {
            Stream s = gen.pick(STREAMS);
            int i = STREAMS.indexOf(s);
            int page = gen.below(PAGES);
            int vmid = gen.oneIn(8) ? 7 : s.vmid();
            int asid = gen.oneIn(8) ? 9 : s.asid();
            int opcode = gen.pick(List.of(
                    Cmd.TLBI_NH_VA,
                    Cmd.TLBI_NH_VA,
                    Cmd.TLBI_NH_VAA,
                    Cmd.TLBI_NH_ASID,
                    Cmd.TLBI_NH_ALL,
                    Cmd.TLBI_S2_IPA,
                    Cmd.TLBI_S2_IPA,
                    Cmd.TLBI_S12_VMALL,
                    Cmd.TLBI_NSNH_ALL));
            if (opcode == Cmd.TLBI_NSNH_ALL && !gen.oneIn(8)) {
                return;
            }
            long address = opcode == Cmd.TLBI_S2_IPA ? ipas[i][page] : (long) page << 12;
            boolean byAddress = opcode == Cmd.TLBI_NH_VA || opcode == Cmd.TLBI_NH_VAA || opcode == Cmd.TLBI_S2_IPA;
            if (byAddress && gen.oneIn(2)) {
                int num = gen.below(3);
                command(
                        Cmd.tlbiRange0(opcode, vmid, opcode == Cmd.TLBI_NH_VA ? asid : 0, num, gen.below(2)),
                        Cmd.tlbiRange1(address, gen.oneIn(2), 3, 1));
            } else {
                boolean hasAsid = opcode == Cmd.TLBI_NH_VA || opcode == Cmd.TLBI_NH_ASID;
                command(
                        Cmd.tlbi0(opcode, opcode == Cmd.TLBI_NSNH_ALL ? 0 : vmid, hasAsid ? asid : 0),
                        byAddress ? Cmd.tlbi1(address, gen.oneIn(2)) : 0);
            }
        }

        private void sync() {
            bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
            bed.ring();
            syncs.add(new long[] {bed.read(Reg.CMDQ_PROD), book.commands()});
        }

        /** What CONS says now. */
        private void poll() {
            if (!syncs.isEmpty() && bed.consumed()) {
                book.completed(syncs.getLast()[1]);
                syncs.clear();
            }
        }

        private void issue(DmaRequest request) {
            if (stopped) {
                return;
            }
            long now = bed.sim.now();
            long iova = gen.below((long) PAGES) << 12 | gen.below(512L) * 8;
            request.begin(issued++, gen.pick(STREAMS).sid(), DmaRequest.NO_PASID, iova, 8, gen.oneIn(2), now);
            request.issued(now);
            request.enter(Station.FRONT_END, now);
            bed.device.accept(request, this);
        }

        @Override
        public void completed(DmaRequest request) {
            assertThat(request.outcome().completed())
                    .as("%s", request.outcome())
                    .isTrue();
            request.enter(Station.DATA, bed.sim.now());
            int slot = 0;
            while (requests[slot] != request) {
                slot++;
            }
            bed.port.access(request.physicalAddress(), 8, this, 0, slot);
        }

        @Override
        public void onEvent(int op, long slot) {
            DmaRequest request = requests[(int) slot];
            Stream stream = STREAMS.get(request.requesterId() / 8 - 1);
            long pa = request.physicalAddress() & -1L << 12;
            assertThat(book.allows(stream, request.iova() & -1L << 12, pa))
                    .as("%s, %x to %x at %d", stream, request.iova(), pa, bed.sim.now())
                    .isTrue();
            bed.device.carriedOut(request);
            request.answered(bed.sim.now());
            issue(request);
        }

        private void runFor(long ps) {
            long until = bed.sim.now() + ps;
            while (bed.sim.now() < until && bed.sim.scheduler().step()) {
                poll();
            }
        }

        void go() {
            for (DmaRequest request : requests) {
                issue(request);
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (int n = gen.below(3); n > 0; n--) {
                    move(gen.below(STREAMS.size()), gen.below(PAGES));
                }
                runFor(gen.below(200_000L));
                for (int n = gen.below(4); n > 0; n--) {
                    randomCommand();
                }
                sync();
                runFor(gen.below(gen.oneIn(3) ? 2_000_000L : 100_000L));
                while (!bed.consumed()) {
                    assertThat(bed.sim.scheduler().step()).isTrue();
                    poll();
                }
            }
            stopped = true;
            bed.sim.scheduler().run();
            assertThat(bed.read(Reg.GERROR)).isZero();
            assertThat(bed.sim.violations().violations()).isEmpty();
        }
    }

    @Rule("SMMU-CMD-07")
    @ParameterizedTest
    @ValueSource(strings = {"mmu-600", "mmu-700"})
    void shouldEndInNoPlaceThatMaintenanceHasEnded(String preset) {
        long stale = 0;
        for (long seed = 0; seed < 12; seed++) {
            Run run = new Run(preset, seed);
            run.go();
            assertThat(run.issued).as("requests of seed %d", seed).isGreaterThan(1000);
            stale += run.book.stale;
        }
        assertThat(stale)
                .as("a cache that forgets everything would be too easy")
                .isGreaterThan(1000);
    }
}
