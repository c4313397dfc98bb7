package org.iommusim.sim.testkit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.iommusim.sim.explore.SymmetricSubject;

/**
 * Visits every state of a symmetric subject without joining what symmetry makes alike, sorts the states by their canonical
 * fingerprints, and compares what follows those that have the same: how many go on, to which canonical states, and which end
 * how.
 */
public final class Orbits {
    private final SymmetricSubject subject;
    /** Canonical fingerprint of each state. */
    private final Map<String, String> states = new TreeMap<>();
    /** States with each canonical fingerprint. */
    private final Map<String, Set<String>> orbits = new TreeMap<>();
    /** What follows them. */
    private final Map<String, String> successors = new TreeMap<>();

    private final List<String> differences = new ArrayList<>();
    private final Set<String> violations = new TreeSet<>();

    private Orbits(SymmetricSubject subject) {
        this.subject = subject;
    }

    /** Visits all states from the present one on. */
    public static Orbits of(SymmetricSubject subject) {
        Orbits orbits = new Orbits(subject);
        orbits.visit();
        return orbits;
    }

    /** How many states there are. */
    public int states() {
        return states.size();
    }

    /** The sizes of the sets of states that swaps turn into each other. */
    public List<Integer> sizes() {
        return orbits.values().stream().map(Collection::size).toList();
    }

    /** Where one state has two canonical fingerprints, or states that have the same go on differently; empty if none do. */
    public List<String> differences() {
        return differences;
    }

    /** Names of the checkers that object to any schedule. */
    public Set<String> violations() {
        return violations;
    }

    private String canonical() {
        return Long.toHexString(subject.canonicalHigh(-1)) + " " + Long.toHexString(subject.canonicalLow(-1));
    }

    private void visit() {
        String here = Long.toHexString(subject.fingerprintHigh()) + " " + Long.toHexString(subject.fingerprintLow());
        String canonical = canonical();
        String known = states.putIfAbsent(here, canonical);
        if (known != null) {
            expect(known, canonical, "canonical fingerprint");
            return;
        }
        orbits.computeIfAbsent(canonical, key -> new TreeSet<>()).add(here);
        int[] lanes = new int[subject.lanes() + 64];
        int count = subject.enabled(lanes);
        int mark = subject.mark();
        List<String> next = new ArrayList<>();
        if (count == 0) {
            next.add(verdict(subject.end()));
            subject.undoTo(mark);
        }
        for (int i = 0; i < count; i++) {
            boolean right = subject.step(lanes[i]);
            next.add(right ? canonical() : verdict(false));
            if (right) {
                visit();
            }
            subject.undoTo(mark);
        }
        String follows = next.stream().sorted().collect(Collectors.joining(", "));
        expect(successors.computeIfAbsent(canonical, key -> follows), follows, "what follows " + canonical);
    }

    private void expect(String expected, String found, String what) {
        if (!expected.equals(found)) {
            differences.add(what + ": " + expected + " and " + found);
        }
    }

    private String verdict(boolean right) {
        String found = subject.violations().stream()
                .map(violation -> violation.checker())
                .distinct()
                .collect(Collectors.joining(" "));
        if (!right) {
            violations.add(found);
        }
        return right ? "end" : "violates " + found;
    }
}
