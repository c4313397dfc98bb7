package org.iommusim.sim.program;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The programs of one simulation that are run otherwise than they are written. A program is changed when it is started
 * for the first time and remembered; no other simulation sees the change.
 */
public final class PatchedPrograms {
    private final List<ProgramPatch> patches;
    /** By the program as it is written; programs are equal only if they are the same. */
    private final Map<Program<?>, Program<?>> resolved = new LinkedHashMap<>();

    private PatchedPrograms(List<ProgramPatch> patches) {
        this.patches = List.copyOf(patches);
    }

    /** The table of a new simulation; {@code null} if nothing is changed. */
    public static @Nullable PatchedPrograms of(List<ProgramPatch> patches) {
        return patches.isEmpty() ? null : new PatchedPrograms(patches);
    }

    /**
     * Finds out that a patch is written for a program or a step that does not exist.
     *
     * @param programs all that may be started; several may have the same name, one for each kernel, and a patch need not
     *     be for all of those
     * @throws IllegalArgumentException with one line that says which patch, and what does not exist
     */
    public static void check(List<ProgramPatch> patches, List<Program<?>> programs) {
        for (ProgramPatch patch : patches) {
            IllegalArgumentException refused = new IllegalArgumentException(
                    "patch '" + patch.name() + "': there is no program called '" + patch.program() + "'");
            for (Program<?> program : programs) {
                if (refused != null && patch.isFor(program)) {
                    refused = refusal(patch, program);
                }
            }
            if (refused != null) {
                throw refused;
            }
        }
    }

    private static @Nullable IllegalArgumentException refusal(ProgramPatch patch, Program<?> program) {
        try {
            patch.apply(program);
            return null;
        } catch (IllegalArgumentException e) {
            return e;
        }
    }

    /** The call as this simulation runs it. */
    <F> Call<F> resolve(Call<F> call) {
        return new Call<>(resolve(call.program()), call.frame());
    }

    @SuppressWarnings("unchecked") // a patched program has the frame type of the program that it is found under
    private <F> Program<F> resolve(Program<F> written) {
        Program<?> known = resolved.get(written);
        if (known != null) {
            return (Program<F>) known;
        }
        Program<F> changed = written;
        for (ProgramPatch patch : patches) {
            if (patch.program().equals(written.name())) {
                changed = patch.apply(written, changed);
            }
        }
        resolved.put(written, changed);
        return changed;
    }
}
