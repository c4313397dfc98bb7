package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random device table entries, all fields at once, and requests of all kinds, held against {@link EntryOracle}: outcome, answer,
 * and the whole event record. Every request is made twice: what is cached must say the same.
 */
class RandomEntryTest {
    private static final int ENTRIES = 1500;
    private static final int ID = 0x128;
    private static final int NONE = DmaRequest.NO_PASID;
    private static final long EXCLUDED = 0x14_0000L;
    private static final long INTERRUPT = 0xfee0_1000L;

    private static final List<Map<String, Long>> UNITS = List.of(
            Map.of("pasid_bits", 20L, "ht_range_ignore", 0L),
            Map.of("gt", 0L, "ht_range_ignore", 0L),
            Map.of("host_levels", 4L, "gcr3_levels", 1L, "gio", 0L),
            Map.of("host_levels", 5L, "gcr3_levels", 2L, "guest_levels", 4L, "iotlb_sup", 0L));

    private static final List<Long> ADDRESSES = List.of(
            EntryTables.PAGE,
            EntryTables.PAGE,
            EntryTables.PAGE,
            EXCLUDED,
            0x15_0000L,
            INTERRUPT,
            0xfd_1000_0000L,
            0xfd_f900_0000L,
            0xfd_f91f_fff8L,
            0xfd_f920_0000L,
            0xfd_fc00_0000L,
            0xfe_0000_0000L,
            1L << 53);

    /** Bits of an entry that are reserved, or one of a field that is not there without guest tables. */
    private static final List<Integer> RESERVED = List.of(2, 3, 4, 5, 6, 63, 180, 181, 182, 192, 206, 240, 245);

    private final TreeMap<String, Integer> seen = new TreeMap<>();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldDoWhatTheEntrySays(int unit) {
        Map<String, Long> parameters = UNITS.get(unit);
        AmdViTestbed bed = AmdViTestbed.of("guest-tables", parameters).enable();
        EntryTables tables = new EntryTables(bed);
        Gen gen = new Gen(unit);
        for (int i = 0; i < ENTRIES; i++) {
            boolean guests = !gen.oneIn(4);
            long control = Control.GT_EN.with(bed.read64(Reg.CONTROL), guests ? 1 : 0);
            bed.write64(Reg.CONTROL, control);
            boolean excludes = gen.oneIn(2);
            boolean everybody = gen.oneIn(4);
            bed.write64(Reg.EXCL_BASE, EXCLUDED | (excludes ? 1 : 0) | (everybody ? 2 : 0));
            bed.write64(Reg.EXCL_LIMIT, EXCLUDED);
            long[] words = entry(gen, tables);
            bed.entry(ID, words);
            bed.command(Cmd.invalidateIommuAll0());
            EntryOracle oracle = new EntryOracle(bed.device.efr(), !parameters.containsKey("iotlb_sup"), guests);
            DmaRequest request = request(gen, bed);
            boolean in = excludes && request.iova() >>> 12 == EXCLUDED >>> 12;
            boolean byGuest = oracle.byGuest(words, request.pasid() != NONE);
            String wanted = oracle.outcome(request, words, in, in && everybody, tables.mapped(words, request, byGuest));
            String context = "entry %d of unit %d: %s".formatted(i, unit, Dte.text(words));
            assertThat(outcome(bed, bed.dma(request))).as(context).isEqualTo(silenced(words, wanted, false));
            DmaRequest again = bed.request(ID, request.pasid(), request.iova(), request.write());
            again.attributes(request.privileged(), false);
            again.resend(request.addressType(), request.iova());
            assertThat(outcome(bed, bed.dma(again))).as(context + " again").isEqualTo(silenced(words, wanted, true));
            seen.merge(wanted.split(" ")[0], 1, Integer::sum);
        }
        assertThat(seen.keySet()).contains("OK", "BYPASS", "FAULT", "UNSUPPORTED_REQUEST", "COMPLETER_ABORT");
    }

    /** Page faults are silent with SA, and with SE after the first. */
    private static String silenced(long[] words, String wanted, boolean again) {
        boolean pageFault = wanted.startsWith("FAULT 2");
        boolean silent = Dte.SA.isSet(words[1]) || again && Dte.SE.isSet(words[1]);
        return pageFault && silent ? "FAULT 0 0" : wanted;
    }

    private static long[] entry(Gen gen, EntryTables tables) {
        long[] words = new long[Dte.WORDS];
        words[0] = gen.bits() & (Dte.HAD.mask() | Dte.PPR.mask() | Dte.GPRP.mask() | Dte.GIOV.mask() | Dte.GV.mask());
        words[1] = gen.bits() & ~(Dte.SA.mask() | Dte.GCR3_30_15.mask() | Dte.GCR3_51_31.mask());
        words[2] = gen.bits() & ~(Dte.RESERVED2 | Dte.GUEST_PAGING_MODE.mask());
        words[3] = gen.bits() & ~Dte.RESERVED3;
        Dte.V.put(words, gen.oneIn(12) ? 0 : 1);
        Dte.TV.put(words, gen.oneIn(12) ? 0 : 1);
        Dte.MODE.put(words, gen.oneIn(3) ? 0 : gen.oneIn(12) ? gen.below(8) : gen.below(6));
        Dte.GLX.put(words, gen.oneIn(12) ? gen.below(4) : gen.below(2));
        Dte.GUEST_PAGING_MODE.put(words, gen.oneIn(12) ? gen.below(4) : gen.below(2));
        Dte.IR.put(words, gen.oneIn(4) ? 0 : 1);
        Dte.IW.put(words, gen.oneIn(4) ? 0 : 1);
        Dte.SA.put(words, gen.oneIn(8) ? 1 : 0);
        tables.place(words);
        if (gen.oneIn(24)) {
            int bit = gen.pick(RESERVED);
            words[bit / Long.SIZE] |= 1L << bit;
        }
        return words;
    }

    private static DmaRequest request(Gen gen, AmdViTestbed bed) {
        int pasid = gen.oneIn(2) ? NONE : gen.pick(List.of(0, 5, 0x2_0005));
        AddressType type = gen.pick(List.of(
                AddressType.UNTRANSLATED,
                AddressType.UNTRANSLATED,
                AddressType.TRANSLATION_REQUEST,
                AddressType.TRANSLATED));
        long address = gen.pick(ADDRESSES);
        boolean message = address == INTERRUPT && pasid == NONE && type == AddressType.UNTRANSLATED;
        DmaRequest request = bed.request(ID, pasid, address, !message && gen.oneIn(2));
        boolean asks = type == AddressType.TRANSLATION_REQUEST;
        request.attributes(pasid != NONE && !asks && gen.oneIn(2), false);
        request.resend(type, address);
        return request;
    }

    private static String outcome(AmdViTestbed bed, DmaRequest request) {
        long[] event = bed.takeEvent();
        assertThat(bed.events()).isZero();
        String record = Long.toHexString(event[0]) + " " + Long.toHexString(event[1]);
        if (request.addressType() == AddressType.TRANSLATION_REQUEST) {
            boolean granted = request.completionStatus() == CompletionStatus.SUCCESS;
            return request.completionStatus() + " " + (granted ? Long.toHexString(request.translationEntry()) : record);
        }
        if (request.outcome().completed()) {
            return request.outcome() + " " + Long.toHexString(request.physicalAddress());
        }
        return request.outcome() == DmaOutcome.ABORT ? "ABORT" : request.outcome() + " " + record;
    }
}
