package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.iommusim.smmuv3.format.SteDecoder;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** From every configuration to every other: what hardware would see after each single store. */
class SteWriterTest {
    private static final int SID = 9;

    /** What hardware makes of an entry: a text of all that it uses, or {@code abort}. */
    private static String seen(long[] ste) {
        StreamConfig config = new StreamConfig();
        if (SteDecoder.decode(ste, FakeSmmu.ALL, config) != Event.NONE || config.kind < Ste.BYPASS) {
            return "abort";
        }
        // Merging of events may change at any time.
        return Ste.configName(config.kind) + " cd=" + config.s1ContextPtr + " cdmax=" + config.s1CdMax + " fmt="
                + config.s1Fmt + " dss=" + config.s1Dss + " eats=" + config.eats + " vmid=" + config.vmid + " s2="
                + config.stage2.root + "/" + config.stage2.inputBits + "/" + config.stage2.startLevel + "/"
                + config.stage2.flags
                + (config.kind == Ste.S1 || config.kind == Ste.NESTED ? "" : " shcfg=" + config.shcfg);
    }

    private static long[] stage1(long cd, int cdMax) {
        long[] ste = Ste.valid(Ste.S1);
        Ste.S1CONTEXTPTR.putInPlace(ste, cd);
        Ste.S1CDMAX.put(ste, cdMax);
        Ste.S1DSS.put(ste, cdMax == 0 ? 0 : Ste.S1DSS_SSID0);
        Ste.S1CIR.put(ste, 1);
        return ste;
    }

    private static long[] stage2(long root, int vmid) {
        long[] ste = Ste.valid(Ste.S2);
        Ste.SHCFG.put(ste, Ste.SHCFG_INCOMING);
        Ste.S2VMID.put(ste, vmid);
        Ste.S2T0SZ.put(ste, 24);
        Ste.S2SL0.put(ste, 1);
        Ste.S2TG.put(ste, Cd.TG0_4K);
        Ste.S2PS.put(ste, 4);
        Ste.S2AA64.put(ste, 1);
        Ste.S2R.put(ste, 1);
        Ste.S2TTB.putInPlace(ste, root);
        return ste;
    }

    private static long[] nested(long cd, long root, int vmid) {
        long[] ste = stage2(root, vmid);
        Ste.CONFIG.put(ste, Ste.NESTED);
        Ste.S1CONTEXTPTR.putInPlace(ste, cd);
        Ste.MEV.put(ste, 1);
        return ste;
    }

    private record Named(String name, long[] words) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Named> configurations() {
        return List.of(
                new Named("abort", Ste.abort()),
                new Named("V=0", new long[Ste.WORDS]),
                new Named("bypass", Ste.bypass()),
                new Named("s1 a", stage1(0x10_0000, 0)),
                new Named("s1 b", stage1(0x20_0000, 0)),
                new Named("s1 substreams", stage1(0x20_0000, 4)),
                new Named("s2 a", stage2(0x30_0000, 1)),
                new Named("s2 b", stage2(0x40_0000, 2)),
                new Named("nested a", nested(0x5000, 0x30_0000, 1)),
                new Named("nested b", nested(0x6000, 0x30_0000, 1)),
                new Named("nested c", nested(0x6000, 0x40_0000, 2)));
    }

    static Stream<Arguments> everyChange() {
        return configurations().stream()
                .flatMap(from -> configurations().stream().map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("everyChange")
    void shouldNeverShowAMix(Named from, Named to) {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());
        ArmSmmu smmu = bed.smmu();
        long entry = smmu.ste(SID);
        for (int i = 0; i < Ste.WORDS; i++) {
            bed.memory.write64(entry + 8L * i, from.words()[i]);
        }
        List<String> views = new ArrayList<>();
        SteRewrite rewrite = new SteRewrite(SID, from.words(), to.words());
        bed.afterEachStep(() -> {
            long[] now = new long[Ste.WORDS];
            for (int i = 0; i < Ste.WORDS; i++) {
                now[i] = bed.memory.read64(entry + 8L * i);
            }
            views.add(seen(now));
            assertThat(rewrite.mixes(now)).isFalse();
        });
        bed.steps.clear();

        bed.ok(SteWriter.call(smmu, SID, to.words()));

        assertThat(views).isNotEmpty();
        assertThat(views)
                .allMatch(v -> v.equals(seen(from.words())) || v.equals(seen(to.words())) || v.equals("abort"));
        // Once the new one is there it stays, and an abort in between happens at most once.
        List<String> phases = new ArrayList<>();
        views.forEach(v -> {
            if (phases.isEmpty() || !phases.get(phases.size() - 1).equals(v)) {
                phases.add(v);
            }
        });
        assertThat(phases).hasSizeLessThanOrEqualTo(3);
        for (int i = 0; i < Ste.WORDS; i++) {
            assertThat(bed.memory.read64(entry + 8L * i)).as("word " + i).isEqualTo(to.words()[i]);
        }
        // The last store is followed by an invalidation.
        int lastStore = lastIndex(bed.steps, "entry_set: write", "entry_set: clear");
        int lastSync = lastIndex(bed.steps, "entry_set: CFGI_STE leaf, CMD_SYNC");
        assertThat(lastSync).isGreaterThanOrEqualTo(lastStore);
    }

    /** A driver that stores word by word shows hardware what is neither. */
    @Test
    void shouldTellAMixFromTheOldAndTheNew() {
        long[] from = stage1(0x10_0000, 0);
        long[] to = nested(0x20_0000, 0x30_0000, 7);
        SteRewrite rewrite = new SteRewrite(SID, from, to);
        long[] half = from.clone();
        half[0] = to[0];
        assertThat(rewrite.mixes(half)).isTrue();
        assertThat(rewrite.mixes(from)).isFalse();
        assertThat(rewrite.mixes(to)).isFalse();
        half[0] &= ~Ste.V.mask();
        assertThat(rewrite.mixes(half)).isFalse();
    }

    private static int lastIndex(List<String> steps, String... prefixes) {
        int last = -1;
        for (int i = 0; i < steps.size(); i++) {
            for (String prefix : prefixes) {
                if (steps.get(i).startsWith(prefix)) {
                    last = i;
                }
            }
        }
        return last;
    }

    /** Hardware may read the words of an entry at different times, as long as no CMD_SYNC lies between them. */
    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("everyChange")
    void shouldNotShowAMixToATornFetchEither(Named from, Named to) {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());
        long entry = bed.smmu().ste(SID);
        for (int i = 0; i < Ste.WORDS; i++) {
            bed.memory.write64(entry + 8L * i, from.words()[i]);
        }
        // For each stretch between two syncs: the entry before it and after it.
        List<long[]> stretches = new ArrayList<>();
        stretches.add(from.words());
        bed.afterEachStep(() -> {
            if (bed.steps.get(bed.steps.size() - 1).endsWith("write CMDQ_PROD")) {
                long[] now = new long[Ste.WORDS];
                for (int i = 0; i < Ste.WORDS; i++) {
                    now[i] = bed.memory.read64(entry + 8L * i);
                }
                stretches.add(now);
            }
        });

        bed.ok(SteWriter.call(bed.smmu(), SID, to.words()));

        for (int s = 1; s < stretches.size(); s++) {
            for (int mix = 0; mix < 1 << Ste.WORDS; mix++) {
                long[] torn = new long[Ste.WORDS];
                for (int i = 0; i < Ste.WORDS; i++) {
                    torn[i] = stretches.get((mix >> i & 1) == 0 ? s - 1 : s)[i];
                }
                assertThat(seen(torn)).isIn(seen(from.words()), seen(to.words()), "abort");
            }
        }
    }

    private static List<String> stepsOf(long[] from, long[] to) {
        DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
        bed.ok(bed.driver.probe());
        for (int i = 0; i < Ste.WORDS; i++) {
            bed.memory.write64(bed.smmu().ste(SID) + 8L * i, from[i]);
        }
        bed.steps.clear();
        bed.ok(SteWriter.call(bed.smmu(), SID, to));
        return bed.steps.stream()
                .filter(s -> s.startsWith("entry_set: ") && !s.endsWith("compare qwords"))
                .map(s -> s.substring("entry_set: ".length()))
                .toList();
    }

    @Test
    void shouldGoFromAbortToStage2Hitlessly() {
        assertThat(stepsOf(Ste.abort(), stage2(0x30_0000, 1)))
                .containsExactly(
                        "write unused qword",
                        "write unused qword",
                        "write unused qword",
                        "CFGI_STE leaf, CMD_SYNC",
                        "write critical qword",
                        "CFGI_STE leaf, CMD_SYNC");
    }

    @Test
    void shouldGoFromStage2ToAbortHitlessly() {
        assertThat(stepsOf(stage2(0x30_0000, 1), Ste.abort()))
                .containsExactly(
                        "write critical qword",
                        "CFGI_STE leaf, CMD_SYNC",
                        "clear unused qword",
                        "clear unused qword",
                        "clear unused qword",
                        "CFGI_STE leaf, CMD_SYNC");
    }

    @Test
    void shouldBreakBetweenTwoStage2Domains() {
        assertThat(stepsOf(stage2(0x30_0000, 1), stage2(0x40_0000, 2)))
                .containsExactly(
                        "write STE.V=0",
                        "CFGI_STE leaf, CMD_SYNC",
                        "write qword 1 to 7",
                        "write qword 1 to 7",
                        "CFGI_STE leaf, CMD_SYNC",
                        "write qword 0",
                        "CFGI_STE leaf, CMD_SYNC");
    }

    @Test
    void shouldSwitchAGuestsContextPointerHitlessly() {
        assertThat(stepsOf(nested(0x5000, 0x30_0000, 1), nested(0x6000, 0x30_0000, 1)))
                .containsExactly("write critical qword", "CFGI_STE leaf, CMD_SYNC");
    }

    @Test
    void shouldDoNothingWithoutADifference() {
        assertThat(stepsOf(Ste.bypass(), Ste.bypass())).isEmpty();
    }
}
