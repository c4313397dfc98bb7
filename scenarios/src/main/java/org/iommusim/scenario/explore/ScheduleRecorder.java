package org.iommusim.scenario.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.scenario.explore.ScheduleLine.Kind;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.LockWatcher;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.trace.TraceSink;

/** Listens to a machine whose schedule is run again: what each transition does, and who holds which lock. */
final class ScheduleRecorder implements TraceSink, RunListener, LockWatcher {
    private static final Pattern REFERENCE = Pattern.compile("\\$([A-Za-z0-9_.]+)");

    private final Map<String, List<String>> held = new TreeMap<>();
    private final Map<String, String> waits = new TreeMap<>();
    private final Map<String, String> calls = new TreeMap<>();
    private final Map<String, String> givenBack = new TreeMap<>();
    private final List<ScheduleLine> lines = new ArrayList<>();

    /** What has happened since the last call, on this lane. */
    List<ScheduleLine> take(String lane) {
        String lock = givenBack.getOrDefault(lane, "");
        // The one event of a task that is no step: it touches the lock once more, after the next owner may have freed
        // it.
        List<ScheduleLine> taken = lines.isEmpty() && !lock.isEmpty()
                ? List.of(new ScheduleLine(Kind.STEP, "unlock", "last touch of " + lock))
                : List.copyOf(lines);
        lines.clear();
        if (!taken.isEmpty() && !taken.get(taken.size() - 1).text().equals("unlock " + lock)) {
            givenBack.remove(lane);
        }
        return taken;
    }

    /** Locks that a lane holds, the oldest first. */
    List<String> locks(String lane) {
        return held.getOrDefault(lane, List.of());
    }

    /** The lock that a lane waits for; empty if none. */
    String waits(String lane) {
        return waits.getOrDefault(lane, "");
    }

    /** The step of its script that a lane is at or did last, e.g. {@code IOMMU_DESTROY(vdev)}; empty if it has none. */
    String call(String lane) {
        return calls.getOrDefault(lane, "");
    }

    // ---- steps ----

    @Override
    public void step(String lane, long timePs, String program, String step) {
        lines.add(new ScheduleLine(Kind.STEP, program, step));
    }

    @Override
    public void begin(String lane, long timePs, String name) {
        lines.add(new ScheduleLine(Kind.HARDWARE, "", name));
    }

    @Override
    public void instant(String lane, long timePs, String category, String text) {
        lines.add(new ScheduleLine(Kind.HARDWARE, "", category + ": " + text));
    }

    @Override
    public boolean detailed() {
        return true;
    }

    // ---- scripts and objects ----

    @Override
    public void stepStarted(long timePs, String actor, int index, Verb verb, String text) {
        List<String> names = new ArrayList<>();
        Matcher matcher = REFERENCE.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        calls.put(actor, names.isEmpty() ? verb.name() : verb.name() + "(" + String.join(", ", names) + ")");
        lines.add(new ScheduleLine(Kind.CALL, verb.name(), text));
    }

    @Override
    public void stepEnded(
            long timePs,
            String actor,
            int index,
            ScriptStep step,
            int errno,
            SortedMap<String, Long> outputs,
            boolean asExpected) {
        lines.add(new ScheduleLine(Kind.RETURN, step.verb().name(), Errno.name(errno)));
    }

    @Override
    public void objectChanged(long timePs, String context, String type, int id, String change, String detail) {
        lines.add(new ScheduleLine(Kind.CHANGE, "", type + " " + id + " " + change));
    }

    @Override
    public void deviceChanged(long timePs, String device, String change) {
        lines.add(new ScheduleLine(Kind.CHANGE, "", device + " " + change));
    }

    @Override
    public void eventReported(long timePs, String iommu, String text) {
        lines.add(new ScheduleLine(Kind.HARDWARE, "", iommu + " " + text));
    }

    // ---- locks ----

    @Override
    public void blocked(Task task, Lock lock, Lock.Mode mode) {
        waits.put(task.name(), lock.name());
    }

    @Override
    public void taken(Task task, Lock lock, Lock.Mode mode) {
        waits.remove(task.name());
        held.computeIfAbsent(task.name(), key -> new ArrayList<>()).add(lock.name());
    }

    @Override
    public void released(Task task, Lock lock, Lock.Mode mode) {
        List<String> locks = held.getOrDefault(task.name(), new ArrayList<>());
        locks.remove(lock.name());
        givenBack.put(task.name(), lock.name());
    }
}
