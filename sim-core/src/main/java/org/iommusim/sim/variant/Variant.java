package org.iommusim.sim.variant;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.program.ProgramPatch;

/**
 * Software with one known bug.
 *
 * @param name stable name, by which scenarios ask for it, e.g. {@code put-before-unlink}
 * @param summary what is wrong, in one line
 * @param bug the bug's number in the corpus, e.g. {@code A7}
 * @param patches what is different in programs
 * @param knobs what is different elsewhere
 */
public record Variant(String name, String summary, String bug, List<ProgramPatch> patches, Knobs knobs) {
    /** Copies the list; refuses a variant that changes nothing. */
    public Variant {
        patches = List.copyOf(patches);
        if (patches.isEmpty() && knobs.changed().isEmpty()) {
            throw new IllegalArgumentException("variant '" + name + "' changes nothing");
        }
    }

    /** A variant by patches alone. */
    public static Variant of(String name, String bug, String summary, ProgramPatch... patches) {
        return new Variant(name, summary, bug, List.of(patches), Knobs.ORIGINAL);
    }

    /** A variant by one knob. */
    public static Variant of(String name, String bug, String summary, Knob knob, long value) {
        return new Variant(name, summary, bug, List.of(), Knobs.ORIGINAL.with(knob, value));
    }

    /** The patches of several variants, in their order. */
    public static List<ProgramPatch> patches(List<Variant> variants) {
        List<ProgramPatch> all = new ArrayList<>();
        variants.forEach(variant -> all.addAll(variant.patches()));
        return all;
    }

    /** The knobs of several variants; later ones win. */
    public static Knobs knobs(List<Variant> variants) {
        Knobs all = Knobs.ORIGINAL;
        for (Variant variant : variants) {
            all = all.with(variant.knobs());
        }
        return all;
    }
}
