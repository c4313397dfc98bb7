package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Scenario.ActorScript;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.RunResult.ObjectChange;
import org.iommusim.scenario.run.TimelineEntry.Change;
import org.iommusim.scenario.run.TimelineEntry.Event;
import org.iommusim.scenario.run.TimelineEntry.Step;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.StepWatcher;
import org.iommusim.sim.program.Task;
import org.jspecify.annotations.Nullable;

/** Listens to a run and keeps what the result needs; whoever else wants to listen is told after it. */
final class RunCollector implements RunListener, StepWatcher {
    private static final int EVENTS_KEPT = 2_000;

    private final RunListener also;
    private final ResultDigest digest = new ResultDigest();
    private final ObjectTable objects = new ObjectTable();
    private final List<Line> lines = new ArrayList<>();
    private final Map<String, Line> openSteps = new LinkedHashMap<>();
    private final Map<String, ActorScript> scripts = new LinkedHashMap<>();
    private final List<TrafficCollector> traffics = new ArrayList<>();
    private final Activity activity = new Activity();
    private String runningTask = "";
    private long events;
    /** Whose present step does nothing but wait. */
    private final Set<String> patient = new TreeSet<>();

    private long lastStepPs;
    private long stepsEnded;
    private long unexpected;

    /** An entry of the timeline that may still grow: changes come to it while its step runs. */
    private static final class Line {
        private TimelineEntry entry;
        private final List<Change> changes = new ArrayList<>();

        Line(TimelineEntry entry) {
            this.entry = entry;
        }

        TimelineEntry done() {
            return entry instanceof Step s
                    ? new Step(
                            s.timePs(),
                            s.lane(),
                            s.index(),
                            s.verb(),
                            s.text(),
                            s.endPs(),
                            s.errno(),
                            s.answers(),
                            s.asExpected(),
                            s.outputs(),
                            s.comment(),
                            changes)
                    : entry;
        }
    }

    RunCollector(Scenario scenario, RunListener also) {
        this.also = also;
        for (Topology.Traffic traffic : scenario.topology().traffic()) {
            traffics.add(new TrafficCollector(traffic.spec().name(), traffic.device()));
        }
        for (Topology.Replay replay : scenario.topology().replays()) {
            traffics.add(new TrafficCollector(replay.id(), replay.device(), replay.warmUp()));
        }
        scenario.actors().forEach(actor -> scripts.put(actor.id(), actor));
    }

    @Override
    public void begin(Task task, Program<?> program, String step, Footprint declared) {
        runningOn(task.name());
    }

    /** What changes from now on is done by this task. */
    void runningOn(String task) {
        runningTask = task;
    }

    @Override
    public void end() {
        runningTask = "";
    }

    @Override
    public void stepStarted(long timePs, String actor, int index, Verb verb, String text) {
        ActorScript script = scripts.get(actor);
        String comment = script == null ? "" : script.comments().get(index);
        List<Integer> answers =
                script == null ? List.of() : script.script().get(index).answers();
        Line line = new Line(new Step(
                timePs,
                actor,
                index,
                verb.name(),
                text,
                -1,
                0,
                answers,
                true,
                Collections.emptySortedMap(),
                comment,
                List.of()));
        openSteps.put(actor, line);
        if (verb.waits()) {
            patient.add(actor);
        } else {
            patient.remove(actor);
        }
        lines.add(line);
        also.stepStarted(timePs, actor, index, verb, text);
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
        lastStepPs = timePs;
        stepsEnded++;
        unexpected += asExpected ? 0 : 1;
        digest.step(timePs, actor, index, step.verb().name(), errno, outputs);
        Line line = openSteps.remove(actor);
        if (line != null && line.entry instanceof Step s) {
            line.entry = new Step(
                    s.timePs(),
                    actor,
                    index,
                    s.verb(),
                    s.text(),
                    timePs,
                    errno,
                    s.answers(),
                    asExpected,
                    outputs,
                    s.comment(),
                    List.of());
        }
        also.stepEnded(timePs, actor, index, step, errno, outputs, asExpected);
    }

    @Override
    public void objectChanged(long timePs, String context, String type, int id, String change, String detail) {
        ObjectChange object = new ObjectChange(timePs, context, type, id, change, detail);
        digest.object(object);
        objects.changed(object);
        changed(new Change(timePs, runningTask, context + " " + type + " " + id, change, detail));
        also.objectChanged(timePs, context, type, id, change, detail);
    }

    @Override
    public void deviceChanged(long timePs, String device, String change) {
        digest.device(timePs, device, change);
        changed(new Change(timePs, runningTask, device, change, ""));
        also.deviceChanged(timePs, device, change);
    }

    /** Something about a step that is under way, unless that step is there to wait. */
    void noted(long timePs, String actor, String text) {
        Line step = openSteps.get(actor);
        if (step != null && !patient.contains(actor)) {
            step.changes.add(new Change(timePs, actor, actor, text, ""));
        }
    }

    /** A change goes under the step of the task that makes it; without one it stands for itself. */
    private void changed(Change change) {
        Line step = openSteps.get(change.lane());
        if (step == null) {
            lines.add(new Line(change));
        } else {
            step.changes.add(change);
        }
    }

    @Override
    public void eventReported(long timePs, String iommu, String text) {
        digest.event(timePs, iommu, text);
        if (events++ < EVENTS_KEPT) {
            lines.add(new Line(new Event(timePs, iommu, text)));
        }
        also.eventReported(timePs, iommu, text);
    }

    /** A request of the n-th traffic is answered. */
    void answered(int traffic, DmaRequest request) {
        TrafficCollector collector = traffics.get(traffic);
        collector.add(request);
        activity.add(request.answeredAt());
        digest.dma(traffic, request);
        also.dmaAnswered(collector.id(), request);
    }

    List<TimelineEntry> timeline() {
        return lines.stream().map(Line::done).toList();
    }

    long eventsNotShown() {
        return Math.max(0, events - EVENTS_KEPT);
    }

    ObjectTable objects() {
        return objects;
    }

    List<TrafficCollector> traffics() {
        return traffics;
    }

    /** All traffics together, up to now. */
    TrafficCollector total() {
        return TrafficCollector.total(traffics, activity);
    }

    /** One traffic, or the total for an empty name. */
    @Nullable
    TrafficCollector traffic(String id) {
        return id.isEmpty()
                ? total()
                : traffics.stream().filter(t -> t.id().equals(id)).findFirst().orElse(null);
    }

    ResultDigest digest() {
        return digest;
    }

    /** When a step ended last. */
    long lastStepPs() {
        return lastStepPs;
    }

    /** How many steps have ended. */
    long stepsEnded() {
        return stepsEnded;
    }

    /** How many steps answered what their scripts do not expect. */
    long unexpected() {
        return unexpected;
    }
}
