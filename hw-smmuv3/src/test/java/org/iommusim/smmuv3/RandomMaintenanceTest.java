package org.iommusim.smmuv3;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.contract.RandomMaintenance;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.SmmuBook.Place;
import org.iommusim.smmuv3.SmmuBook.Stream;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random maintenance of an SMMU. */
class RandomMaintenanceTest {
    private static final long CDS = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    private static final long IPAS = 0x4000_0000;

    private static final List<Stream> STREAMS = List.of(
            new Stream(8, 1, 1, true, false),
            new Stream(16, 1, 2, true, false),
            new Stream(24, 2, 0, false, true),
            new Stream(32, 3, 1, true, true),
            new Stream(40, 3, 2, true, true));

    private static final class Run extends RandomMaintenance<Stream, Place> {
        private final Smmuv3Testbed bed;
        private final Vmsav8Tables[] firsts = new Vmsav8Tables[STREAMS.size()];
        private final Map<Integer, Vmsav8Tables> seconds = new TreeMap<>();
        private final long[][] ipas = new long[STREAMS.size()][PAGES];
        private long waits;
        private long waited;

        private Run(Gen gen, Smmuv3Testbed bed) {
            super(gen, bed, STREAMS, new SmmuBook());
            this.bed = bed;
            for (int i = 0; i < STREAMS.size(); i++) {
                make(i, STREAMS.get(i));
            }
            start();
        }

        static Run of(String preset, long seed) {
            Gen gen = new Gen(seed);
            return new Run(gen, Smmuv3Testbed.of(preset, shape(gen)).enable());
        }

        private static Map<String, Long> shape(Gen gen) {
            Map<String, Long> shape =
                    new TreeMap<>(Map.of("tbus", gen.between(1, 3), "walk_slots", gen.between(1, 16)));
            shape.put("range_invalidation", 1L);
            shape.put("link_down_cycles", gen.oneIn(2) ? 8 : gen.between(8, 200));
            return shape;
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
        }

        @Override
        protected int requesterId(Stream stream) {
            return stream.sid();
        }

        @Override
        protected int pasid(Stream stream) {
            return DmaRequest.NO_PASID;
        }

        @Override
        protected Place move(int i, int page, long iova, long pa) {
            Stream s = STREAMS.get(i);
            boolean byStage1 = s.first() && (!s.second() || ipas[i][page] == 0 || gen.oneIn(2));
            if (s.second()) {
                if (!s.first()) {
                    ipas[i][page] = iova;
                } else if (byStage1) {
                    ipas[i][page] = IPAS + pa - DATA;
                }
                seconds.get(s.vmid()).map(ipas[i][page], pa, Vmsav8Tables.S2_PAGE);
            }
            if (byStage1) {
                firsts[i].map(iova, s.second() ? ipas[i][page] : pa, Vmsav8Tables.S1_PAGE | Vmsav8.NG);
            }
            return new Place(s, iova, ipas[i][page], pa, byStage1);
        }

        @Override
        protected void randomCommand() {
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
                told(
                        Cmd.tlbiRange0(opcode, vmid, opcode == Cmd.TLBI_NH_VA ? asid : 0, num, gen.below(2)),
                        Cmd.tlbiRange1(address, gen.oneIn(2), 3, 1));
            } else {
                boolean hasAsid = opcode == Cmd.TLBI_NH_VA || opcode == Cmd.TLBI_NH_ASID;
                told(
                        Cmd.tlbi0(opcode, opcode == Cmd.TLBI_NSNH_ALL ? 0 : vmid, hasAsid ? asid : 0),
                        byAddress ? Cmd.tlbi1(address, gen.oneIn(2)) : 0);
            }
        }

        @Override
        protected void put(long w0, long w1) {
            bed.put(w0, w1);
        }

        @Override
        protected long putWait() {
            bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
            bed.ring();
            return ++waits;
        }

        /** What CONS says: all, or not all. */
        @Override
        protected long waited() {
            if (bed.consumed()) {
                waited = waits;
            }
            return waited;
        }

        @Override
        protected boolean hasErrors() {
            return bed.read(Reg.GERROR) != 0;
        }
    }

    @Rule("SMMU-CMD-07")
    @ParameterizedTest
    @ValueSource(strings = {"mmu-600", "mmu-700"})
    void shouldEndInNoPlaceThatMaintenanceHasEnded(String preset) {
        RandomMaintenance.allGetThrough(seed -> Run.of(preset, seed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"forgetsFlights", "syncDoesNotWait", "missesNested"})
    void shouldFindMistakes(String mistake) {
        RandomMaintenance.oneEndsInAWrongPlace(seed -> {
            Run run = Run.of("mmu-600", seed);
            Faults faults = run.bed.device.faults();
            switch (mistake) {
                case "forgetsFlights" -> faults.forgetsFlights = true;
                case "syncDoesNotWait" -> faults.syncDoesNotWait = true;
                default -> faults.missesNested = true;
            }
            return run;
        });
    }
}
