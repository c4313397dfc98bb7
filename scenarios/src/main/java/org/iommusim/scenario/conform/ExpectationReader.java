package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.hw.conform.VectorTarget;
import org.jspecify.annotations.Nullable;

/** Reads what a vector expects of a DMA or an interrupt message. */
final class ExpectationReader {
    /** What every expectation may have; {@code fault} is the record once more, decoded for people. */
    private static final List<String> COMMON = List.of("ok", "event", "events", "name", "note", "fault", "mem_changed");

    private static final List<String> DMA = List.of("pa", "pas", "bypass", "mem", "itd_result");
    private static final List<String> MSI = List.of("msi");
    /** What the recorded test device reads as when its access got a bus error, and when all was well. */
    private static final long DEVICE_SAW_BUS_ERROR = 0xdead0002L;

    private static final long DEVICE_SAW_OK = 0;

    private final VectorTarget target;
    private final int recordWords;

    ExpectationReader(VectorTarget target) {
        this.target = target;
        recordWords = target.records().words();
    }

    /** The expected states that an object gives, in the target's order. */
    static Map<String, Long> states(VectorNode node, List<String> names) {
        SortedMap<String, Long> states = new TreeMap<>();
        for (String name : names) {
            if (node.has(name)) {
                states.put(name, node.member(name).bits());
            }
        }
        return states;
    }

    AccessExpectation dma(VectorNode node) {
        return access(node, DMA);
    }

    AccessExpectation msi(VectorNode node) {
        return access(node, MSI);
    }

    private AccessExpectation access(VectorNode node, List<String> own) {
        List<String> names = new ArrayList<>(COMMON);
        names.addAll(own);
        names.addAll(target.states());
        node.only(names);
        node.member("ok");
        Boolean ok = node.given("ok") ? node.member("ok").flag() : null;
        List<Long> addresses = addresses(node);
        List<Long> message = message(node);
        if (Boolean.TRUE.equals(ok) && addresses.isEmpty() && message.isEmpty()) {
            throw node.wrong("found no \"" + own.get(0) + "\"", "expected one where \"ok\" is true");
        }
        return new AccessExpectation(
                ok,
                addresses,
                message,
                node.given("bypass") && node.member("bypass").flag(),
                noMemory(node),
                record(node),
                node.given("name") ? node.member("name").text() : null,
                states(node, target.states()),
                own == DMA,
                busError(node),
                changed(node));
    }

    /** Words of memory that the IOMMU itself changed. */
    static List<MemoryWord> changed(VectorNode node) {
        return node.given("mem_changed") ? VectorReader.memory(node.member("mem_changed")) : List.of();
    }

    private static List<Long> message(VectorNode node) {
        return node.given("msi")
                ? node.member("msi").elements(2, "address, data").stream()
                        .map(VectorNode::bits)
                        .toList()
                : List.of();
    }

    private static List<Long> addresses(VectorNode node) {
        List<Long> addresses = new ArrayList<>();
        if (node.given("pas")) {
            node.member("pas").elements().forEach(address -> addresses.add(address.bits()));
        } else if (node.given("pa")) {
            addresses.add(node.member("pa").bits());
        }
        return List.copyOf(addresses);
    }

    private static boolean noMemory(VectorNode node) {
        if (!node.given("mem")) {
            return false;
        }
        String mem = node.member("mem").text();
        if (!mem.equals("none")) {
            throw node.member("mem").wrong("found \"" + mem + "\"", "expected \"none\"");
        }
        return true;
    }

    /** The first fault record that is expected. */
    long @Nullable [] record(VectorNode node) {
        if (node.given("events")) {
            List<VectorNode> records = node.member("events").elements();
            // The recorded machine splits a failed access and records each piece; only the first is ours to make.
            return records.isEmpty() ? null : records.get(0).words(recordWords);
        }
        return node.given("event") ? node.member("event").words(recordWords) : null;
    }

    private static @Nullable Boolean busError(VectorNode node) {
        if (!node.given("itd_result")) {
            return null;
        }
        long result = node.member("itd_result").bits();
        if (result != DEVICE_SAW_BUS_ERROR && result != DEVICE_SAW_OK) {
            throw node.member("itd_result")
                    .wrong("found 0x" + Long.toHexString(result), "expected 0x0 (ok) or 0xdead0002 (bus error)");
        }
        return result == DEVICE_SAW_BUS_ERROR;
    }

    /** What the check model says. A name that ends in a question mark is unsure, be it a field's or a fault's. */
    ArchClaim claim(VectorNode node) {
        SortedMap<String, Long> fields = new TreeMap<>();
        SortedSet<String> unsure = new TreeSet<>();
        Boolean ok = null;
        Long address = null;
        boolean named = false;
        String name = null;
        long[] record = null;
        List<MemoryWord> memory = List.of();
        for (String word : node.names()) {
            String plain = word.endsWith("?") ? word.substring(0, word.length() - 1) : word;
            if (!plain.equals(word)) {
                unsure.add(plain);
            }
            VectorNode value = node.member(word);
            switch (plain) {
                case "ok" -> ok = value.flag();
                case "pa" -> address = value.bits();
                case "name" -> {
                    named = true;
                    name = node.given(word) ? value.text() : null;
                    if (name != null && name.endsWith("?")) {
                        name = name.substring(0, name.length() - 1);
                        unsure.add(plain);
                    }
                }
                case "event" -> {
                    record = node.given(word) ? value.words(recordWords) : null;
                    named |= record == null; // a fault without a record
                }
                case "mem_changed" -> memory = VectorReader.memory(value);
                case "why", "note" -> value.text();
                default -> {
                    if (!target.claims().contains(plain)) {
                        throw value.wrong(
                                "found the unknown field \"" + word + "\"",
                                "expected ok, pa, name, event, mem_changed, why or one of " + target.claims());
                    }
                    if (node.given(word)) {
                        fields.put(plain, value.bits());
                    } else {
                        named = true; // a fault without a record
                    }
                }
            }
        }
        return new ArchClaim(ok, address, named, name, record, fields, memory, unsure);
    }
}
