package org.iommusim.sim.check;

import java.util.List;

/**
 * One finding of a checker.
 *
 * @param timePs when it happened, ps
 * @param checker the checker's stable name, e.g. {@code freed-page}
 * @param message what happened, in one line: who did what to which object, and why that is wrong
 * @param scene where the busy tasks stood, the one whose step it was first; empty if no task was busy
 */
public record Violation(long timePs, String checker, String message, List<Position> scene) {
    /** Copies the list. */
    public Violation {
        scene = List.copyOf(scene);
    }

    /** A finding outside of any task. */
    public Violation(long timePs, String checker, String message) {
        this(timePs, checker, message, List.of());
    }

    /** The message and where everybody was. */
    public String sentence() {
        StringBuilder text = new StringBuilder(message);
        for (int i = 0; i < scene.size(); i++) {
            text.append(i == 0 ? "; " : i == 1 ? ", while " : ", and ").append(scene.get(i));
        }
        return text.toString();
    }
}
