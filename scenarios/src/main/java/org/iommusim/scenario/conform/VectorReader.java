package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.dma.DmaRequest;
import org.jspecify.annotations.Nullable;

/** Reads the line of a hardware case. Whatever it does not know is an error: a vector that is half understood proves nothing. */
final class VectorReader {
    private static final List<String> CASE = List.of(
            "id",
            "iommu",
            "source",
            "why",
            "note",
            "config",
            "idregs",
            "regs",
            "mem",
            "steps",
            "qemu_quirk",
            "qemu_event_quirk",
            "cache-dependent");
    private static final List<String> VERBS = List.of("dma", "msi", "mem", "cmd", "reg", "rdreg", "rdmem");

    private final VectorTarget target;
    private final ExpectationReader expectations;

    VectorReader(VectorTarget target) {
        this.target = target;
        expectations = new ExpectationReader(target);
    }

    HardwareVector read(VectorNode line) {
        line.only(CASE);
        List<RegisterWrite> registers = new ArrayList<>();
        line.member("regs").elements().forEach(node -> registers.add(registerWrite(node)));
        List<VectorStep> steps = new ArrayList<>();
        line.member("steps").elements().forEach(node -> steps.add(step(node)));
        VectorNode quirk = line.optional("qemu_quirk");
        VectorNode eventQuirk = line.optional("qemu_event_quirk");
        return new HardwareVector(
                line.member("id").text(),
                line.member("iommu").text(),
                line.has("why") ? line.member("why").text() : "",
                identification(line.member("idregs")),
                memory(line.member("mem")),
                List.copyOf(registers),
                List.copyOf(steps),
                quirk == null ? null : quirk.text(),
                eventQuirk == null ? null : eventQuirk.text(),
                line.given("cache-dependent") && line.member("cache-dependent").flag());
    }

    private SortedMap<String, Long> identification(VectorNode node) {
        node.only(target.identification());
        SortedMap<String, Long> values = new TreeMap<>();
        for (String name : target.identification()) {
            values.put(name, node.member(name).bits());
        }
        return values;
    }

    private static RegisterWrite registerWrite(VectorNode node) {
        List<VectorNode> parts = node.elements(3, "offset, width, value");
        return new RegisterWrite(
                parts.get(0).bits(), width(parts.get(1)), parts.get(2).bits());
    }

    private static int width(VectorNode node) {
        int bytes = node.number(1, 8);
        if (bytes != 4 && bytes != 8) {
            throw node.wrong("found a width of " + bytes, "expected 4 or 8");
        }
        return bytes;
    }

    static List<MemoryWord> memory(VectorNode node) {
        List<MemoryWord> words = new ArrayList<>();
        for (VectorNode word : node.elements()) {
            List<VectorNode> parts = word.elements(2, "address, 64-bit word");
            words.add(new MemoryWord(address(parts.get(0)), parts.get(1).bits()));
        }
        return List.copyOf(words);
    }

    private static long address(VectorNode node) {
        long address = node.bits();
        if ((address & 7) != 0) {
            throw node.wrong("found the address " + node.text(), "expected a multiple of 8");
        }
        return address;
    }

    private VectorStep step(VectorNode node) {
        String verb = null;
        for (String name : node.names()) {
            if (VERBS.contains(name)) {
                if (verb != null) {
                    throw node.wrong("found both \"" + verb + "\" and \"" + name + "\"", "expected one step");
                }
                verb = name;
            }
        }
        if (verb == null) {
            throw node.wrong("found a step with " + node.names(), "expected one of " + VERBS);
        }
        VectorNode operands = node.member(verb);
        return switch (verb) {
            case "dma" -> dma(node, operands);
            case "mem" ->
                new VectorStep.Memory(memory(checked(node, verb, false).member(verb)));
            case "msi" -> msi(node, operands);
            case "cmd" -> command(node, operands);
            case "reg" -> new VectorStep.Write(registerWrite(operands), states(node, verb));
            case "rdreg" -> readRegister(node, operands);
            default -> new VectorStep.ReadMemory(address(operands), value(checked(node, verb, true)));
        };
    }

    private static VectorNode checked(VectorNode step, String verb, boolean expects) {
        return step.only(expects ? List.of(verb, "expect", "why", "note") : List.of(verb, "why", "note"));
    }

    private static long value(VectorNode step) {
        return step.member("expect").only(List.of("value")).member("value").bits();
    }

    private VectorStep readRegister(VectorNode step, VectorNode operands) {
        List<VectorNode> parts = operands.elements(2, "offset, width");
        VectorNode expect = checked(step, "rdreg", true).member("expect");
        List<String> names = new ArrayList<>(target.states());
        names.add("value");
        return new VectorStep.Read(
                parts.get(0).bits(),
                width(parts.get(1)),
                expect.only(names).member("value").bits(),
                ExpectationReader.states(expect, target.states()));
    }

    private VectorStep command(VectorNode step, VectorNode operands) {
        long[] words = operands.words(target.commandWords());
        VectorNode expect = checked(step, "cmd", true).optional("expect");
        if (expect == null) {
            return new VectorStep.Command(words, Map.of(), List.of(), null);
        }
        List<String> names = new ArrayList<>(target.states());
        names.addAll(List.of("mem_changed", "event", "events", "name"));
        return new VectorStep.Command(
                words,
                ExpectationReader.states(expect.only(names), target.states()),
                ExpectationReader.changed(expect),
                expectations.record(expect));
    }

    private Map<String, Long> states(VectorNode step, String verb) {
        VectorNode expect = checked(step, verb, true).optional("expect");
        return expect == null ? Map.of() : ExpectationReader.states(expect.only(target.states()), target.states());
    }

    private VectorStep msi(VectorNode step, VectorNode operands) {
        access(step, "msi");
        operands.only(List.of("sid", "addr", "data", "dev"));
        VectorNode cold = step.optional("expect_cold");
        return new VectorStep.Msi(
                operands.member("sid").number(0, 0xffff),
                operands.member("addr").bits(),
                (int) operands.member("data").bits(),
                consumes(step),
                expectations.msi(step.member("expect")),
                cold == null ? null : expectations.msi(cold),
                claim(step));
    }

    private static void access(VectorNode step, String verb) {
        step.only(List.of(verb, "expect", "expect_cold", "arch", "why", "note", "consume"));
    }

    private static boolean consumes(VectorNode step) {
        return !step.given("consume") || step.member("consume").flag();
    }

    private @Nullable ArchClaim claim(VectorNode step) {
        VectorNode claim = step.optional("arch");
        return claim == null ? null : expectations.claim(claim);
    }

    private VectorStep dma(VectorNode step, VectorNode operands) {
        access(step, "dma");
        operands.only(List.of("sid", "pasid", "iova", "op", "len", "secure", "dev"));
        if (operands.given("secure") && operands.member("secure").flag()) {
            throw operands.member("secure").wrong("found true", "expected false: there is no Secure model");
        }
        String op = operands.member("op").text();
        if (!op.equals("read") && !op.equals("write")) {
            throw operands.member("op").wrong("found \"" + op + "\"", "expected \"read\" or \"write\"");
        }
        VectorNode pasid = operands.optional("pasid");
        VectorNode cold = step.optional("expect_cold");
        return new VectorStep.Dma(
                operands.member("sid").number(0, 0xffff),
                pasid == null ? DmaRequest.NO_PASID : pasid.number(0, 0xfffff),
                operands.member("iova").bits(),
                op.equals("write"),
                operands.member("len").number(1, 1 << 20),
                consumes(step),
                expectations.dma(step.member("expect")),
                cold == null ? null : expectations.dma(cold),
                claim(step));
    }
}
