package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Ste;

/** A device with the preset gem5-default and one stream, {@link #SID}, with tables for one transaction at a time. */
final class Gem5Bed {
    static final int SID = 3;
    static final int VMID = 9;
    static final int ASID = 5;
    /** The memory's round trip, cycles. */
    static final int M = 30;
    /** A read of a table entry: one cycle at the port, the memory, one cycle of logic. */
    static final int READ = M + 2;
    /** What a miss costs besides its walk, with both TLBs. */
    static final int MISS = 24;
    /** Where outputs begin. */
    static final long DATA = 0x2000_0000L;

    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000L;

    final Smmuv3Testbed bed;
    /** Tables of the only stage, or of stage 2. */
    final Vmsav8Tables tables;

    Gem5Bed(Map<String, Long> parameters) {
        bed = Smmuv3Testbed.of("gem5-default", parameters).enable();
        tables = new Vmsav8Tables(bed.memory, TABLES, 0);
    }

    static Gem5Bed with(String parameter, long value) {
        return new Gem5Bed(Map.of(parameter, value));
    }

    /** With gem5's defects; other parameters in pairs of name and value. */
    static Gem5Bed withQuirks(Object... pairs) {
        Map<String, Long> parameters = new TreeMap<>(Map.of("gem5_quirks", 1L));
        for (int i = 0; i < pairs.length; i += 2) {
            parameters.put((String) pairs[i], ((Number) pairs[i + 1]).longValue());
        }
        return new Gem5Bed(parameters);
    }

    /** The stream has stage 1 alone; so many pages from address 0 are mapped one behind the other. */
    Gem5Bed stage1(int pages) {
        stream(SID);
        for (int i = 0; i < pages; i++) {
            tables.map(0x1000L * i, DATA + 0x1000L * i, Vmsav8Tables.S1_PAGE);
        }
        return this;
    }

    /** Gives one more stream the same tables. */
    void stream(int sid) {
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), ASID));
        bed.ste(sid, Smmuv3Testbed.stage1Ste(CD, VMID));
    }

    /** The stream has two CDs, and S1DSS that forbids to go without a SubstreamID. */
    void substreams() {
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), ASID));
        bed.words(CD + Cd.BYTES, Smmuv3Testbed.cd(tables.root(), ASID + 1));
        long[] ste = Smmuv3Testbed.stage1Ste(CD, VMID);
        Ste.S1CDMAX.put(ste, 1);
        bed.ste(SID, ste);
    }

    /** The stream is nested; returns stage 1's tables, which lie in the first 256 KiB of the IPAs. */
    Vmsav8Tables nested() {
        for (long ipa = 0; ipa < 0x4_0000; ipa += 0x1000) {
            tables.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
        }
        Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        bed.words(GUEST, Smmuv3Testbed.cd(stage1.root(), ASID));
        bed.ste(SID, Smmuv3Testbed.nestedSte(0, tables.root(), VMID));
        return stage1;
    }

    /** Reads, and says how many cycles the translation took. */
    long cost(long iova) {
        return cost(SID, iova);
    }

    /** The same for another stream. */
    long cost(int sid, long iova) {
        return cycles(bed.dmaRead(sid, iova));
    }

    /** From the end of the last beat at the door to the end of the last one at the port to memory. */
    static long cycles(DmaRequest request) {
        long spent = request.translatedAt() - request.attemptedAt() - request.ticks(Station.FRONT_END);
        assertThat(spent % 1000).isZero();
        return spent / 1000;
    }

    /** Where a read ends. */
    long output(long iova) {
        return bed.dmaRead(SID, iova).physicalAddress();
    }
}
