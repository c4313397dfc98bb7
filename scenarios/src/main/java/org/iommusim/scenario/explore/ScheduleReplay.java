package org.iommusim.scenario.explore;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.scenario.language.CounterexampleFile;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Accesses;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.trace.RunDigest;

/** Runs one schedule again, lane by lane, and keeps what it shows. */
public final class ScheduleReplay {
    /** A task's timer has a lane of its own, called so behind the task's name; it is shown with its task. */
    static final String TIMER = " timeout";

    private final ScheduleRecorder recorder = new ScheduleRecorder();
    private final Subject subject;
    private final List<String> choices;
    private final List<String> lanes;
    private final List<ScheduleRow> rows = new ArrayList<>();
    private final RunDigest digest = new RunDigest();
    private List<Violation> violations = List.of();

    private ScheduleReplay(ExploreSetup setup, List<String> choices) {
        this.choices = choices;
        subject = ExploredScenario.of(setup, recorder).subject();
        subject.recordAccesses(true);
        lanes = inOrder();
    }

    /**
     * Runs a schedule.
     *
     * @param choices the name of the lane of each transition
     */
    public static ReplayedSchedule run(ExploreSetup setup, List<String> choices) {
        ScheduleReplay replay = new ScheduleReplay(setup, choices);
        String problem = replay.runAll();
        return replay.result(problem);
    }

    /** Runs the schedule of a file. */
    public static ReplayedSchedule run(CounterexampleFile file) {
        return run(new ExploreSetup(file.scenario(), file.patches(), file.strict()), file.choices());
    }

    /** The lanes that take part, in the order of the machine. */
    private List<String> inOrder() {
        List<String> chosen =
                choices.stream().map(ScheduleReplay::shown).distinct().toList();
        List<String> names = new ArrayList<>();
        for (int lane = 0; lane < subject.lanes(); lane++) {
            if (chosen.contains(subject.laneName(lane))) {
                names.add(subject.laneName(lane));
            }
        }
        chosen.stream().filter(name -> !names.contains(name)).forEach(names::add);
        return names;
    }

    private static String shown(String lane) {
        return lane.endsWith(TIMER) ? lane.substring(0, lane.length() - TIMER.length()) : lane;
    }

    private String runAll() {
        recorder.take("");
        for (String choice : choices) {
            if (!violations.isEmpty()) {
                return "transition " + rows.size() + " violates something before the schedule ends";
            }
            int lane = enabled(choice);
            if (lane < 0) {
                return "transition " + (rows.size() + 1) + ": '" + choice + "' has nothing to do there";
            }
            boolean right = subject.step(lane);
            rows.add(row(shown(choice)));
            violations = right ? List.of() : subject.violations();
        }
        if (violations.isEmpty() && subject.enabled(new int[subject.lanes()]) == 0 && !subject.end()) {
            violations = subject.violations();
        }
        return "";
    }

    private int enabled(String name) {
        int[] lanesThere = new int[subject.lanes()];
        int count = subject.enabled(lanesThere);
        for (int i = 0; i < count; i++) {
            if (subject.laneName(lanesThere[i]).equals(name)) {
                return lanesThere[i];
            }
        }
        return -1;
    }

    private ScheduleRow row(String lane) {
        Accesses accesses = subject.accesses();
        List<Integer> woken = new ArrayList<>();
        for (int i = 0; i < accesses.wakes(); i++) {
            int index = lanes.indexOf(shown(subject.laneName(accesses.woken(i))));
            if (index >= 0 && index != lanes.indexOf(lane) && !woken.contains(index)) {
                woken.add(index);
            }
        }
        return new ScheduleRow(
                rows.size() + 1,
                lanes.indexOf(lane),
                recorder.take(lane),
                lanes.stream().map(recorder::locks).toList(),
                lanes.stream().map(recorder::waits).toList(),
                woken);
    }

    private ReplayedSchedule result(String problem) {
        List<String> calls = lanes.stream().map(recorder::call).toList();
        addToDigest(problem);
        return new ReplayedSchedule(lanes, calls, rows, violations, problem, digest.hex());
    }

    private void addToDigest(String problem) {
        digest.add(rows.size());
        for (ScheduleRow row : rows) {
            digest.add(lanes.get(row.lane()));
            digest.add(row.lines().size());
            for (ScheduleLine line : row.lines()) {
                digest.add(line.kind().name());
                digest.add(line.program());
                digest.add(line.text());
            }
            digest.add(row.locks().toString());
            digest.add(row.waits().toString());
            digest.add(row.woken().toString());
        }
        digest.add(violations.size());
        for (Violation violation : violations) {
            digest.add(violation.checker());
            digest.add(violation.message());
        }
        digest.add(problem);
    }
}
