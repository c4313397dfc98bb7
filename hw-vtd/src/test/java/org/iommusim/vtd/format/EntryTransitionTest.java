package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From every entry to every other, by the orders of stores that drivers use or used: what hardware can make of what it reads
 * on the way. It is torn if it is neither the old entry, nor the new one, nor a refusal.
 */
class EntryTransitionTest {
    private static final String REFUSED = "refused";

    // ---- orders of stores

    /** Clear P, invalidate, clear the rest; then all but the first word, the first word last. */
    private static EntryStores handshake(long[] from, long[] to) {
        EntryStores stores =
                new EntryStores(from).store(0, from[0] & ~1L).invalidate().copy(new long[from.length]);
        for (int word = 1; word < to.length; word++) {
            stores.store(word, to[word]);
        }
        return stores.store(0, to[0]);
    }

    /** One structure copied over the other. */
    private static EntryStores inPlace(long[] from, long[] to) {
        return new EntryStores(from).copy(to);
    }

    /** All zero first, without clearing P and invalidating before; then the new one. */
    private static EntryStores zeroed(long[] from, long[] to) {
        EntryStores stores = new EntryStores(from).copy(new long[from.length]).invalidate();
        for (int word = 1; word < to.length; word++) {
            stores.store(word, to[word]);
        }
        return stores.store(0, to[0]);
    }

    // ---- entries

    private static Map<String, long[]> pasidEntries() {
        Map<String, long[]> entries = new LinkedHashMap<>();
        entries.put("absent", new long[PasidEntry.WORDS]);
        entries.put("pass", PasidEntry.passThrough(1));
        entries.put("first a", PasidEntry.firstStage(0x10_0000, 4, 1));
        entries.put("first b", PasidEntry.firstStage(0x20_0000, 4, 1));
        entries.put("second a", PasidEntry.secondStage(0x30_0000, 4, 2));
        entries.put("second b", PasidEntry.secondStage(0x40_0000, 4, 3));
        entries.put("nested a", PasidEntry.nested(PasidEntry.secondStage(0x30_0000, 4, 2), 0x50_0000, 4, 4));
        entries.put("nested b", PasidEntry.nested(PasidEntry.secondStage(0x40_0000, 4, 3), 0x60_0000, 4, 5));
        return entries;
    }

    private static Map<String, long[]> scalableContexts() {
        Map<String, long[]> entries = new LinkedHashMap<>();
        entries.put("absent", new long[ScalableContextEntry.WORDS]);
        entries.put("a", ScalableContextEntry.present(0x10_0000, 0, 0));
        entries.put("b", ScalableContextEntry.present(0x20_0000, 0, 0));
        entries.put("c", ScalableContextEntry.present(0x30_0000, 0, 5));
        return entries;
    }

    private static Map<String, long[]> legacyContexts() {
        Map<String, long[]> entries = new LinkedHashMap<>();
        entries.put("absent", new long[ContextEntry.WORDS]);
        entries.put("pass", ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, 4, 1));
        entries.put("a", ContextEntry.present(ContextEntry.TT_UNTRANSLATED, 0x30_0000, 4, 2));
        entries.put("b", ContextEntry.present(ContextEntry.TT_UNTRANSLATED, 0x40_0000, 4, 3));
        entries.put("b'", ContextEntry.present(ContextEntry.TT_UNTRANSLATED, 0x40_0000, 3, 3));
        return entries;
    }

    private static String pasid(long[] words) {
        TranslationConfig c = new TranslationConfig();
        return PasidDecoder.decode(words, Units.full(), Units.HAW, c) != 0 ? REFUSED : text(c);
    }

    private static String legacy(long[] words) {
        TranslationConfig c = new TranslationConfig();
        return ContextDecoder.decode(words, Units.full(), Units.HAW, c) != 0 ? REFUSED : text(c);
    }

    private static String text(TranslationConfig c) {
        return c.kind + " did=" + c.did + " first=" + c.stage1.root + " second=" + c.stage2.root + "/"
                + c.stage2.startLevel;
    }

    private static String scalable(long[] words) {
        ScalableContext c = new ScalableContext();
        return ScalableContextDecoder.decode(words, Units.full(), Units.HAW, c) != 0
                ? REFUSED
                : c.directory + " rid_pasid=" + c.ridPasid;
    }

    // ---- the matrix

    /** How many torn views there are from each entry (row) to each other one (column). */
    private static List<String> matrix(
            Map<String, long[]> entries, Function<long[], String> name, BiFunction<long[], long[], EntryStores> order) {
        List<String> rows = new ArrayList<>();
        entries.forEach((from, old) -> {
            StringBuilder row = new StringBuilder(from).append(':');
            entries.values()
                    .forEach(young ->
                            row.append(' ').append(torn(old, young, name, order).size()));
            rows.add(row.toString());
        });
        return rows;
    }

    private static TreeSet<String> torn(
            long[] from, long[] to, Function<long[], String> name, BiFunction<long[], long[], EntryStores> order) {
        TreeSet<String> views = order.apply(from, to).views(name);
        views.remove(name.apply(from));
        views.remove(name.apply(to));
        views.remove(REFUSED);
        return views;
    }

    static Stream<Arguments> everyKind() {
        return Stream.of(
                Arguments.of("PASID entry", pasidEntries(), (Function<long[], String>) EntryTransitionTest::pasid),
                Arguments.of("scalable context", scalableContexts(), (Function<long[], String>)
                        EntryTransitionTest::scalable),
                Arguments.of(
                        "legacy context", legacyContexts(), (Function<long[], String>) EntryTransitionTest::legacy));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyKind")
    @Rule("VTD-PASID-16")
    void shouldNeverShowAMixByTheHandshake(String kind, Map<String, long[]> entries, Function<long[], String> name) {
        assertThat(matrix(entries, name, EntryTransitionTest::handshake))
                .as(kind)
                .allMatch(row -> row.matches(".*:( 0)+"));
    }

    /** E67: an entry that is in use is overwritten. */
    @Test
    @Rule("VTD-PASID-16")
    void shouldShowMixesOfPasidEntriesThatAreReplacedInPlace() {
        assertThat(matrix(pasidEntries(), EntryTransitionTest::pasid, EntryTransitionTest::inPlace))
                .containsExactly(
                        "absent: 0 1 3 3 1 1 3 3",
                        "pass: 0 0 1 1 1 1 3 3",
                        "first a: 1 1 0 0 2 2 4 4",
                        "first b: 1 1 0 0 2 2 4 4",
                        "second a: 0 1 3 3 0 1 3 3",
                        "second b: 0 1 3 3 1 0 3 3",
                        "nested a: 1 2 4 4 2 2 0 4",
                        "nested b: 1 2 4 4 2 2 4 0");
    }

    /** E66: the second atom is read when it is zero already. What lies in the first atom alone is never torn. */
    @Test
    void shouldShowMixesOfPasidEntriesThatAreZeroedWhilePresent() {
        assertThat(matrix(pasidEntries(), EntryTransitionTest::pasid, EntryTransitionTest::zeroed))
                .containsExactly(
                        "absent: 0 0 0 0 0 0 0 0",
                        "pass: 0 0 0 0 0 0 0 0",
                        "first a: 1 1 1 1 1 1 1 1",
                        "first b: 1 1 1 1 1 1 1 1",
                        "second a: 0 0 0 0 0 0 0 0",
                        "second b: 0 0 0 0 0 0 0 0",
                        "nested a: 1 1 1 1 1 1 1 1",
                        "nested b: 1 1 1 1 1 1 1 1");
    }

    /** E68 and before: context entries likewise; a legacy entry is one atom, which helps only against zeroing. */
    @Test
    void shouldShowMixesOfContextEntriesThatAreReplacedInPlace() {
        assertThat(matrix(scalableContexts(), EntryTransitionTest::scalable, EntryTransitionTest::inPlace))
                .containsExactly("absent: 0 0 0 1", "a: 0 0 0 1", "b: 0 0 0 1", "c: 0 1 1 0");
        assertThat(matrix(legacyContexts(), EntryTransitionTest::legacy, EntryTransitionTest::inPlace))
                .containsExactly(
                        "absent: 0 0 0 0 0", "pass: 0 0 1 1 1", "a: 0 1 0 1 1", "b: 0 1 1 0 0", "b': 0 1 1 0 0");
        assertThat(matrix(legacyContexts(), EntryTransitionTest::legacy, EntryTransitionTest::zeroed))
                .allMatch(row -> row.matches(".*:( 0)+"));
    }

    /** The worst of them: a process's tables over the memory of another virtual machine. */
    @Test
    void shouldShowNewTablesOverAnOldSecondStage() {
        Map<String, long[]> entries = pasidEntries();
        long[] from = entries.get("nested a");
        long[] to = entries.get("nested b");
        long[] mix = from.clone();
        mix[2] = to[2];
        assertThat(torn(from, to, EntryTransitionTest::pasid, EntryTransitionTest::inPlace))
                .contains(pasid(mix));
        assertThat(torn(from, to, EntryTransitionTest::pasid, EntryTransitionTest::handshake))
                .isEmpty();
    }
}
