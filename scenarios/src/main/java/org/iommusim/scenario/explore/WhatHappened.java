package org.iommusim.scenario.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommusim.scenario.explore.ScheduleLine.Kind;
import org.iommusim.sim.check.Violation;
import org.jspecify.annotations.Nullable;

/**
 * Says in one sentence what happened in a schedule that violates something: from the checker, the object that its message
 * names, and the last steps of the lanes that were in the midst of something.
 */
public final class WhatHappened {
    /** Who uses what after whom, as checks of freed memory say it. */
    private static final Pattern FREED =
            Pattern.compile("(touches|takes|releases|last touches) (.+?) after (?:kfree|it was freed)(?: by (\\S+))?");

    /** Whose wake-up passed over a sleeper, as the check of wake-ups says it. */
    private static final Pattern MISSED = Pattern.compile("the wake-up of (\\S+) ");

    private final ReplayedSchedule schedule;
    private final Violation violation;
    private final int last;

    private WhatHappened(ReplayedSchedule schedule) {
        this.schedule = schedule;
        violation = schedule.violations().get(0);
        last = schedule.rows().get(schedule.rows().size() - 1).lane();
    }

    /** The sentence, without a full stop; the check's message if nothing more is known. */
    public static String in(ReplayedSchedule schedule) {
        if (schedule.violations().isEmpty()) {
            return "nothing was violated";
        }
        return schedule.rows().isEmpty()
                ? schedule.violations().get(0).message()
                : new WhatHappened(schedule).sentence();
    }

    private String sentence() {
        Matcher freed = FREED.matcher(violation.message());
        if (freed.find()) {
            return freed(freed.group(1), freed.group(2), freed.group(3));
        }
        Matcher missed = MISSED.matcher(violation.message());
        if (violation.checker().equals("lost-wakeup") && missed.find()) {
            return actor(last) + " slept until its timer ended it, because the wake-up of " + actor(missed.group(1))
                    + " did not reach it";
        }
        String waits = waits();
        return waits.isEmpty() ? meanwhile() : waits;
    }

    /** Somebody frees what another one is not done with. */
    private String freed(String use, String what, @Nullable String byTask) {
        String culprit = byTask == null ? "somebody" : actor(byTask);
        int arrow = what.indexOf("->");
        if (arrow < 0) {
            return culprit + " freed " + what + " while " + actor(last) + " still used it";
        }
        String object = what.substring(0, arrow);
        return culprit + " freed the " + object + " while " + actor(last)
                + (use.equals("takes") ? " was about to take its " : " still held its ")
                + what.substring(arrow + 2);
    }

    /** Nobody goes on: who waits for whom. */
    private String waits() {
        List<String> waits = new ArrayList<>();
        ScheduleRow end = schedule.rows().get(schedule.rows().size() - 1);
        for (int lane = 0; lane < schedule.lanes().size(); lane++) {
            String lock = end.waits().get(lane);
            if (!lock.isEmpty()) {
                waits.add(actor(lane) + " waits for " + lock + holder(end, lock));
            }
        }
        return waits.isEmpty() || !violation.checker().equals("deadlock") ? "" : String.join(", and ", waits);
    }

    private String holder(ScheduleRow end, String lock) {
        for (int lane = 0; lane < schedule.lanes().size(); lane++) {
            if (end.locks().get(lane).contains(lock)) {
                return ", which " + actor(lane) + " holds";
            }
        }
        return "";
    }

    /** What went wrong, and where the others were who had begun something. */
    private String meanwhile() {
        List<String> others = new ArrayList<>();
        for (int lane = 0; lane < schedule.lanes().size(); lane++) {
            String step = lane == last ? "" : stoppedAt(lane);
            if (!step.isEmpty()) {
                others.add(actor(lane) + " had come to '" + step + "'");
            }
        }
        String what = "in " + actor(last) + ": " + violation.message();
        return others.isEmpty() ? what : what + ", while " + String.join(" and ", others);
    }

    /** The last step of a lane that is in the midst of a step of its script; empty if it is not. */
    private String stoppedAt(int lane) {
        String at = "";
        for (ScheduleRow row : schedule.rows()) {
            for (ScheduleLine line : row.lane() == lane ? row.lines() : List.<ScheduleLine>of()) {
                if (line.kind() == Kind.STEP) {
                    at = line.program() + ": " + line.text();
                } else if (line.kind() == Kind.RETURN) {
                    at = "";
                }
            }
        }
        return schedule.calls().get(lane).isEmpty() ? "" : at;
    }

    private String actor(String lane) {
        int index = schedule.lanes().indexOf(lane);
        return index < 0 ? lane : actor(index);
    }

    /** {@code IOMMU_DESTROY(vdev) of t2}, or only the lane's name. */
    private String actor(int lane) {
        String call = schedule.calls().get(lane);
        return call.isEmpty()
                ? schedule.lanes().get(lane)
                : call + " of " + schedule.lanes().get(lane);
    }
}
