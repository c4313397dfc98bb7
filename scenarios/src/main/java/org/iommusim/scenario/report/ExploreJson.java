package org.iommusim.scenario.report;

import org.iommusim.scenario.explore.ExploreResult;
import org.iommusim.scenario.explore.ExploreResult.Ended;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.ScheduleRow;
import org.iommusim.scenario.explore.WhatHappened;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Counterexample;
import org.iommusim.sim.explore.Exploration;

/** What an exploration or a replay shows, as a JSON document. */
public final class ExploreJson {
    private final JsonOutput json = new JsonOutput();

    private ExploreJson() {}

    /** The document of an exploration. */
    public static String of(ExploreResult result) {
        ExploreJson writer = new ExploreJson();
        writer.json.object(() -> writer.exploration(result));
        return writer.json.text();
    }

    /** The document of a replay. */
    public static String of(ReplayedSchedule schedule) {
        ExploreJson writer = new ExploreJson();
        writer.json.object(() -> {
            writer.json.put("reproduced", schedule.violates());
            writer.json.put("problem", schedule.problem().isEmpty() ? null : schedule.problem());
            writer.schedule(schedule);
        });
        return writer.json.text();
    }

    private void exploration(ExploreResult result) {
        Exploration e = result.exploration();
        json.put("scenario", result.setup().scenario().name());
        json.put("kernel", result.setup().scenario().kernel());
        json.array("patches", () -> result.setup().patches().forEach(json::add));
        json.put("verdict", e.violated() ? "violation" : e.exhaustive() ? "safe" : "nothing-found");
        json.put("exhaustive", e.exhaustive());
        json.put("reason", result.ended() == Ended.AS_COUNTED ? e.reason() : "ended by its time");
        json.put("engine", e.engine()).put("reduction", e.reduction());
        if (!result.symmetry().isEmpty()) {
            json.put("symmetry", result.symmetry());
        }
        if (result.ended() == Ended.AS_COUNTED) {
            json.put("schedules", e.schedules()).put("states", e.states()).put("transitions", e.transitions());
            json.put("depth", e.maxDepth());
        } else {
            json.put("ended", "time");
        }
        if (e.completedPreemptions() == Bounds.UNLIMITED) {
            json.put("completed_preemptions", "unlimited");
        } else {
            json.put("completed_preemptions", e.completedPreemptions());
        }
        json.array("accepted", () -> result.accepted().forEach(json::add));
        json.object(
                "bounds",
                () -> BoundsText.of(result.setup(), e.bounds())
                        .forEach((name, value) -> json.put(name.replace(' ', '_'), value)));
        Counterexample least = e.counterexample();
        ReplayedSchedule replayed = result.replayed();
        if (least != null && replayed != null) {
            json.object("counterexample", () -> {
                json.put("preemptions", least.preemptions());
                json.put("transitions", least.lanes().size());
                schedule(replayed);
            });
        }
    }

    private void schedule(ReplayedSchedule schedule) {
        json.put("what_happened", schedule.violates() ? WhatHappened.in(schedule) : null);
        json.array("violations", () -> schedule.violations().forEach(v -> json.object(() -> violation(v))));
        json.array("lanes", () -> schedule.lanes().forEach(json::add));
        json.array("rows", () -> schedule.rows().forEach(row -> json.object(() -> row(schedule, row))));
        json.put("digest", schedule.digest());
    }

    private void violation(Violation violation) {
        json.put("checker", violation.checker()).put("message", violation.message());
    }

    private void row(ReplayedSchedule schedule, ScheduleRow row) {
        json.put("number", row.number()).put("lane", schedule.lanes().get(row.lane()));
        json.array("steps", () -> row.lines().forEach(line -> json.add(ScheduleTable.text(line))));
        json.array("holds", () -> row.locks().get(row.lane()).forEach(json::add));
        String lock = row.waits().get(row.lane());
        json.put("waits_for", lock.isEmpty() ? null : lock);
    }
}
