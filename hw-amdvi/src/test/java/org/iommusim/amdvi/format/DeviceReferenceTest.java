package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.iommusim.amdvi.AmdViTestbed;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.walk.ReferenceOutcome;
import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.NaiveX86Walker;
import org.iommusim.hw.x86.RandomX86Tables;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.hw.x86.X86Table;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests through a whole unit, with its caches, against the naive walkers: random device table entries, host tables, and guest
 * tables under them; where a request ends, which event it makes, and what it leaves in the tables.
 */
class DeviceReferenceTest {
    private static final int TABLES = 120;
    private static final int ACCESSES = 30;
    private static final int ID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long GCR3 = 0x3f00_0000L;
    private static final long HOST_TABLES = 0x1800_0000L;
    /** Where the guest's tables lie in its own space, and how far from there in memory. */
    private static final long GUEST_TABLES = 0x1000_0000L;

    private static final long DISTANCE = 0x2000_0000L;
    private static final int AREA_SHIFT = 23;

    private final AmdViTestbed bed =
            AmdViTestbed.of("guest-tables", Map.of("iotlb_entries", 16L)).enable();
    private final StageParameters host = new StageParameters();
    private final StageParameters guest = new StageParameters();
    private final int[] outcomes = new int[WalkFault.values().length];
    private int refusedByEntry;
    private int hits;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAgreeWithTheNaiveWalkers(boolean nested) {
        for (int table = 0; table < TABLES; table++) {
            Gen gen = new Gen(table * 1000L + (nested ? 1 : 0));
            if (nested) {
                nestedTables(gen);
            } else {
                hostTables(gen);
            }
        }
        int accesses = TABLES * ACCESSES;
        assertThat(outcomes[WalkFault.NONE.ordinal()]).isGreaterThan(accesses / 20);
        assertThat(outcomes[WalkFault.PERMISSION.ordinal()]).isGreaterThan(accesses / 50);
        assertThat(outcomes[WalkFault.TRANSLATION.ordinal()]).isGreaterThan(accesses / 20);
        assertThat(outcomes[WalkFault.RESERVED_BIT.ordinal()]).isPositive();
        assertThat(outcomes[WalkFault.INPUT_RANGE.ordinal()]).isPositive();
        assertThat(refusedByEntry).isPositive();
        assertThat(hits).as("requests that no table was read for").isGreaterThan(accesses / 50);
    }

    private void hostTables(Gen gen) {
        RandomV1.geometry(gen, host, 1);
        long[] inputs = new long[6];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = RandomV1.input(gen, host);
        }
        RandomV1 tables = new RandomV1(bed.memory, host, HOST_TABLES);
        for (long input : inputs) {
            tables.map(gen, input, gen.bits() >>> 64 - 38);
        }
        begin(gen, entry());
        ReferenceWalker naive = new NaiveV1(bed.memory, host);
        for (int i = 0; i < ACCESSES; i++) {
            access(gen, naive, DmaRequest.NO_PASID, RandomV1.address(gen, inputs));
        }
        erase(HOST_TABLES, tables.end());
    }

    private void nestedTables(Gen gen) {
        RandomV1.geometry(gen, host, 3);
        long[] outputs = new long[6];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = gen.bits() >>> 64 - 38;
        }
        RandomV1 below = new RandomV1(bed.memory, host, HOST_TABLES);
        for (long at = GUEST_TABLES; at < GUEST_TABLES + (1L << AREA_SHIFT); at += 1L << 21) {
            long bits = 3L << 61 ^ (gen.oneIn(8) ? 1L << gen.pick(List.of(61, 62)) : 0);
            below.map2M(gen, at, at + DISTANCE, bits);
        }
        for (long output : outputs) {
            below.map(gen, output, gen.bits() >>> 64 - 38);
        }
        RandomX86Tables.geometry(gen, guest);
        guest.outputBits = 52;
        guest.flags = X86Table.WP | X86Table.NXE | X86Table.GIGABYTE_PAGES | leftAlone(gen);
        LongModeTables above = new LongModeTables(bed.memory, guest, X86Pte.table(0), GUEST_TABLES, DISTANCE);
        long[] inputs = new long[outputs.length];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = RandomX86Tables.input(gen, guest) & -1L << 30 | outputs[i] & (1L << 30) - 1;
        }
        RandomX86Tables.map(gen, above, bed.memory, inputs, outputs);
        bed.gcr3(GCR3, PASID, guest.root);
        long[] words = entry();
        Dte.putGuest(words, GCR3, 1, guest.startLevel);
        begin(gen, words);
        NaiveV1 below1 = new NaiveV1(bed.memory, host);
        ReferenceWalker naive = new NaiveX86Walker(bed.memory, guest, below1, below1.words());
        for (int i = 0; i < ACCESSES; i++) {
            access(gen, naive, PASID, RandomX86Tables.address(gen, inputs));
        }
        erase(GUEST_TABLES + DISTANCE, above.end() + DISTANCE);
        erase(HOST_TABLES, below.end());
    }

    /** Which flags of guest tables the unit is told to leave alone. */
    private int leftAlone(Gen gen) {
        boolean accessed = gen.oneIn(3);
        boolean dirty = gen.oneIn(3);
        long control = bed.read64(Reg.CONTROL);
        control = Control.GA_UPDATE_DIS.with(control, accessed ? 1 : 0);
        bed.write64(Reg.CONTROL, Control.GD_UPDATE_DIS.with(control, dirty ? 1 : 0));
        return (accessed ? X86Table.LEAVES_ACCESSED : 0) | (dirty ? X86Table.LEAVES_DIRTY : 0);
    }

    private long[] entry() {
        long[] words = Dte.host(host.root, host.startLevel, DID);
        boolean dirty = (host.flags & V1Table.DIRTY) != 0;
        Dte.HAD.put(words, dirty ? Dte.HAD_DIRTY : (host.flags & V1Table.ACCESSED) != 0 ? Dte.HAD_ACCESSED : 0);
        return words;
    }

    /** New tables: nothing of the old ones is left. */
    private void begin(Gen gen, long[] words) {
        Dte.IR.put(words, gen.oneIn(8) ? 0 : 1);
        Dte.IW.put(words, gen.oneIn(8) ? 0 : 1);
        bed.entry(ID, words);
        bed.command(Cmd.invalidateIommuAll0());
    }

    private void erase(long from, long to) {
        for (long page = from; page < to; page += PhysicalMemory.PAGE_BYTES) {
            bed.memory.zeroPage(page);
        }
    }

    private void access(Gen gen, ReferenceWalker naive, int pasid, long address) {
        boolean guests = pasid != DmaRequest.NO_PASID;
        boolean execute = guests && gen.oneIn(4);
        boolean write = !execute && gen.oneIn(2);
        boolean privileged = guests && gen.oneIn(3);
        DmaRequest request = bed.request(ID, pasid, address, write);
        request.attributes(privileged, execute);
        bed.dma(request);
        long dte = bed.memory.read64(Dte.address(AmdViTestbed.DEVICE_TABLE, ID));
        ReferenceOutcome wanted = naive.access(address, write, execute, privileged);
        if (!(write ? Dte.IW : Dte.IR).isSet(dte)) {
            refusedByEntry++;
            refusedByEntry(request, wanted);
            naive.forget();
            return;
        }
        boolean outside = naive.words().keySet().stream().anyMatch(at -> at >= AmdViTestbed.END);
        if (!outside) {
            agree(request, wanted);
            naive.words()
                    .forEach((at, word) ->
                            assertThat(bed.memory.read64(at)).as("%x", at).isEqualTo(word));
        } else {
            assertThat(request.faultCode()).isEqualTo(Event.PAGE_TAB_HARDWARE_ERROR);
            bed.takeEvent();
        }
        naive.forget();
    }

    /** Only that there is a page counts; guest tables are checked at every level, so that it cannot be told from outside. */
    private void refusedByEntry(DmaRequest request, ReferenceOutcome wanted) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        long word = bed.takeEvent()[0];
        boolean page = wanted.fault() == WalkFault.NONE || wanted.fault() == WalkFault.PERMISSION;
        if (request.pasid() == DmaRequest.NO_PASID && page) {
            assertThat(Event.code(word)).isEqualTo(Event.IO_PAGE_FAULT);
            assertThat(word & (Event.PR | Event.PE)).isEqualTo(Event.PR | Event.PE);
        }
    }

    private void agree(DmaRequest request, ReferenceOutcome wanted) {
        outcomes[wanted.fault().ordinal()]++;
        switch (wanted.fault()) {
            case NONE -> {
                assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
                assertThat(request.physicalAddress()).isEqualTo(wanted.output());
                assertThat(bed.events()).isZero();
                hits += request.misses() == 0 ? 1 : 0;
            }
            case PERMISSION -> refused(request, Event.PR | Event.PE);
            case RESERVED_BIT -> refused(request, Event.PR | (guest(request, wanted) ? Event.RZ : 0));
            case EXTERNAL_ABORT -> {
                assertThat(request.faultCode()).isEqualTo(Event.PAGE_TAB_HARDWARE_ERROR);
                bed.takeEvent();
            }
            default -> refused(request, 0);
        }
    }

    private static boolean guest(DmaRequest request, ReferenceOutcome wanted) {
        return request.pasid() != DmaRequest.NO_PASID && wanted.stage() == 1;
    }

    private void refused(DmaRequest request, long flags) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        long word = bed.takeEvent()[0];
        assertThat(bed.events()).isZero();
        assertThat(Event.name(Event.code(word))).isEqualTo("IO_PAGE_FAULT");
        assertThat(word & (Event.PR | Event.PE | Event.RZ)).isEqualTo(flags);
    }
}
