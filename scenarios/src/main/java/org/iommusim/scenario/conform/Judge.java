package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.LongUnaryOperator;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.jspecify.annotations.Nullable;

/** Compares what the model did in one step with what was expected. Keeps nothing between steps. */
final class Judge {
    private final VectorTarget target;
    private final FaultRecordFormat format;
    private final int step;
    private final String verb;
    private final List<Mismatch> mismatches = new ArrayList<>();

    private Judge(VectorTarget target, int step, String verb) {
        this.target = target;
        format = target.records();
        this.step = step;
        this.verb = verb;
    }

    /** Differences of an access from what was recorded; {@code memory} reads a word at an address. */
    static List<Mismatch> access(
            VectorTarget target,
            int step,
            String verb,
            AccessExpectation expect,
            Observation seen,
            LongUnaryOperator memory) {
        Judge judge = new Judge(target, step, verb);
        judge.access(expect, seen);
        judge.memory(expect.memory(), memory);
        judge.unchanged(expect.memory(), seen);
        return judge.mismatches;
    }

    /** Differences of an access whose recorded fault record is known to be wrong: outcome and what is defined of it count. */
    static List<Mismatch> outcome(
            VectorTarget target, int step, String verb, AccessExpectation expect, Observation seen) {
        Judge judge = new Judge(target, step, verb);
        judge.outcome(expect.ok(), seen);
        judge.addresses(expect, seen);
        judge.record(expect.record(), seen);
        return judge.mismatches;
    }

    /** Differences of the first fault record that a command made from what was recorded; nothing if none was. */
    static List<Mismatch> record(
            VectorTarget target, int step, String verb, long @Nullable [] expected, List<long[]> records) {
        Judge judge = new Judge(target, step, verb);
        if (expected != null && records.isEmpty()) {
            judge.differ("event", judge.text(expected), "none", "");
        } else if (expected != null) {
            judge.compare(expected, records.get(0), judge.format.definedBits(expected));
        }
        return judge.mismatches;
    }

    /** Differences of an access from what the check model says; its words that are unsure are left to the caller. */
    static List<Mismatch> claim(
            VectorTarget target,
            int step,
            String verb,
            ArchClaim claim,
            Observation seen,
            VectorBench bench,
            LongUnaryOperator memory) {
        Judge judge = new Judge(target, step, verb);
        judge.claim(claim, seen, bench);
        judge.memory(claim.memory(), memory);
        judge.unchanged(claim.memory(), seen);
        return judge.mismatches;
    }

    /** Differences of the device's state from what was recorded. */
    static List<Mismatch> states(
            VectorTarget target, int step, String verb, Map<String, Long> expected, VectorBench bench) {
        Judge judge = new Judge(target, step, verb);
        expected.forEach((name, value) -> judge.bits(name, value, bench.state(name)));
        return judge.mismatches;
    }

    /** Differences of words of memory from what was recorded; {@code memory} reads a word at an address. */
    static List<Mismatch> memory(
            VectorTarget target, int step, String verb, List<MemoryWord> expected, LongUnaryOperator memory) {
        Judge judge = new Judge(target, step, verb);
        judge.memory(expected, memory);
        return judge.mismatches;
    }

    /** The difference of one value, if there is one. */
    static List<Mismatch> value(VectorTarget target, int step, String verb, long expected, long actual) {
        Judge judge = new Judge(target, step, verb);
        judge.bits("value", expected, actual);
        return judge.mismatches;
    }

    private void access(AccessExpectation expect, Observation seen) {
        outcome(expect.ok(), seen);
        addresses(expect, seen);
        record(expect.record(), seen);
        if (seen.ok() && Boolean.TRUE.equals(expect.ok())) {
            flag("bypass", expect.bypass(), seen.bypass() || expect.bypass() && seen.noMemory());
            flag("no memory", expect.noMemory(), seen.noMemory());
        }
        Boolean busError = expect.busError();
        if (busError != null) {
            flag("bus error at the device", busError, seen.busError());
        }
        expect.states().forEach((name, value) -> bits(name, value, state(seen.after(), name)));
        for (String name : expect.allStates() ? target.statesGivenIfChanged() : List.<String>of()) {
            if (!expect.states().containsKey(name)) {
                bits(name + " (unchanged)", state(seen.before(), name), state(seen.after(), name));
            }
        }
    }

    private void memory(List<MemoryWord> expected, LongUnaryOperator memory) {
        for (MemoryWord word : expected) {
            bits("memory at " + hex(word.address()), word.value(), memory.applyAsLong(word.address()));
        }
    }

    /** Whoever says what the IOMMU changes says all of it. Who says nothing has not looked. */
    private void unchanged(List<MemoryWord> expected, Observation seen) {
        if (expected.isEmpty()) {
            return;
        }
        for (MemoryWord word : seen.changed()) {
            if (expected.stream().noneMatch(other -> other.address() == word.address())) {
                differ("memory (unchanged) at " + hex(word.address()), "unchanged", hex(word.value()), "");
            }
        }
    }

    private static long state(Map<String, Long> states, String name) {
        return Objects.requireNonNull(states.get(name), name);
    }

    private void outcome(@Nullable Boolean expected, Observation seen) {
        if (seen.unanswered()) {
            differ("answer", "one", seen.text(target), "");
        } else if (expected != null && expected != seen.ok()) {
            differ("ok", Boolean.toString(expected), Boolean.toString(seen.ok()), "actually " + seen.text(target));
        }
    }

    private void addresses(AccessExpectation expect, Observation seen) {
        if (!seen.ok() || !Boolean.TRUE.equals(expect.ok())) {
            return;
        }
        if (!expect.message().equals(seen.message())) {
            differ("message", hex(expect.message()), hex(seen.message()), "");
        }
        if (expect.addresses().isEmpty()) {
            return; // no access to memory was recorded
        }
        if (expect.addresses().size() == 1) {
            bits("pa", expect.addresses().get(0), seen.addresses().get(0));
        } else if (!expect.addresses().equals(seen.addresses())) {
            differ("pas", hex(expect.addresses()), hex(seen.addresses()), "");
        }
    }

    /** Compares the first record; a failing DMA of one request makes one. */
    private void record(long @Nullable [] expected, Observation seen) {
        long[] actual = seen.record();
        if (expected == null || actual == null) {
            if (expected != null || actual != null) {
                differ("event", expected == null ? "none" : format.text(expected), text(actual), "");
            }
            return;
        }
        compare(expected, actual, format.definedBits(expected));
        int made = seen.records().size() - seen.left();
        if (seen.outcomes().size() == 1 && made > 1) {
            differ("number of events", "1", Integer.toString(made), "");
        }
    }

    private void compare(long[] expected, long[] actual, long[] defined) {
        if (!format.name(expected).equals(format.name(actual))) {
            differ("name", format.name(expected), format.name(actual), both(expected, actual));
            return;
        }
        boolean named = false;
        SortedMap<String, Long> was = format.fields(masked(expected, defined));
        SortedMap<String, Long> is = format.fields(masked(actual, defined));
        for (Map.Entry<String, Long> field : was.entrySet()) {
            long value = Objects.requireNonNullElse(is.get(field.getKey()), -1L);
            if (field.getValue() != value) {
                named = true;
                differ("event " + field.getKey(), hex(field.getValue()), hex(value), both(expected, actual));
            }
        }
        // Bits that no field of this record covers are reserved, and reserved bits are compared as well.
        for (int word = 0; word < expected.length && !named; word++) {
            bits("event word " + word, expected[word] & defined[word], actual[word] & defined[word]);
        }
    }

    private static long[] masked(long[] record, long[] bits) {
        long[] masked = new long[record.length];
        for (int i = 0; i < record.length; i++) {
            masked[i] = record[i] & bits[i];
        }
        return masked;
    }

    private void claim(ArchClaim claim, Observation seen, VectorBench bench) {
        outcome(claim.ok(), seen);
        Long address = claim.address();
        if (address != null && seen.ok()) {
            bits("pa", address, seen.addresses().get(0));
        }
        long[] actual = seen.record();
        String name = actual == null ? "none" : format.name(actual);
        String claimed = claim.name() == null ? "none" : claim.name();
        if (claim.named() && !claimed.equals(name)) {
            differ("name", claimed, name, "actually " + seen.text(target));
            return; // the details are those of another record
        }
        if (actual == null && claim.named()) {
            return; // as claimed, there is no record that could have details
        }
        long[] record = claim.record();
        if (record != null && actual == null) {
            differ("event", format.text(record), "none", "actually " + seen.text(target));
        } else if (record != null && actual != null) {
            compare(record, actual, target.claimedBits(record));
        }
        claim.fields().forEach((field, value) -> {
            if (actual == null) {
                differ(field, hex(value), "no record", "actually " + seen.text(target));
                return;
            }
            long defined = bench.claimBits(field, actual);
            bits(field, value & defined, bench.claim(field, actual) & defined);
        });
    }

    private void bits(String field, long expected, long actual) {
        if (expected != actual) {
            differ(field, hex(expected), hex(actual), "");
        }
    }

    private void flag(String field, boolean expected, boolean actual) {
        if (expected != actual) {
            differ(field, Boolean.toString(expected), Boolean.toString(actual), "");
        }
    }

    private void differ(String field, String expected, String actual, String detail) {
        mismatches.add(new Mismatch(step, verb, field, expected, actual, detail));
    }

    private String text(long @Nullable [] record) {
        return record == null ? "none" : format.text(record);
    }

    private String both(long[] expected, long[] actual) {
        return "expected " + format.text(expected) + "; actual " + format.text(actual);
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    static String hex(List<Long> values) {
        return values.stream().map(Judge::hex).toList().toString();
    }
}
